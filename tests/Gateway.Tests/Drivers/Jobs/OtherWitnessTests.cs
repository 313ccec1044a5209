using System.Text;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Bambu;
using FabLab.Gateway.Drivers.Grbl;
using FabLab.Gateway.Drivers.OctoPrint;
using FabLab.Gateway.Links;
using FabLab.Gateway.Links.Tcp;
using FabLab.Gateway.Tests.Flow;
using FabLab.Gateway.Tests.Links;
using FabLab.Testing;
using FabLab.VirtualLab.Devices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace FabLab.Gateway.Tests.Drivers.Jobs;

/// <summary>Witnesses that are not asked over HTTP: those that publish, and GRBL.</summary>
public sealed class OtherWitnessTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly LogLines _log = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task OctoPrints_plugin_publishes_and_what_lies_in_the_brokers_memory_is_old()
    {
        await using var link = new FakeMqttLink();
        var driver = new OctoPrintMqttDriver(link, _time, NullLogger<OctoPrintMqttDriver>.Instance);
        var settings = new DeviceSettings { Id = "printer-1", Driver = "octoprint-mqtt", Topic = "octoPrint", MqttPassword = "x", Channels = 0 };
        Assert.Empty(driver.Validate(settings));
        Assert.NotEmpty(driver.Validate(settings with { Topic = "a/+" }));
        Assert.Empty(driver.Access(settings)!.Subscribe);
        await using var device = await driver.OpenAsync(settings, Cancel);
        link.SetUp(true);

        Says("progress/printing", """{"_timestamp":1517190629,"progress":23,"location":"local","path":"old.gco"}""", retained: true);
        Says("mqtt", "connected", retained: true);
        var at = _time.GetUtcNow().ToUnixTimeSeconds();
        Says("event/PrintStarted", $$"""{"_event":"PrintStarted","_timestamp":{{at}},"name":"test.gco","path":"test.gco","origin":"local"}""");
        Says("progress/printing", """{"_timestamp":1517190629,"progress":23,"location":"local","path":"test.gco"}""");
        Says("event/PrintPaused", """{"_event":"PrintPaused"}""");
        Says("event/PrintResumed", """{"_event":"PrintResumed"}""");
        Says("event/PrintFailed", """{"_event":"PrintFailed","reason":"cancelled"}""");
        Says("event/PrintCancelled", """{"_event":"PrintCancelled"}""");
        _time.Advance(Duration.FromSeconds(5));
        Says("event/PrintStarted", """{"_event":"PrintStarted","_timestamp":12,"name":"b.gco"}""");
        Says("event/PrintDone", """{"_event":"PrintDone","time":5.5}""");
        Says("mqtt", "disconnected");

        var said = device.Take();
        Assert.Equal(
            [$"t{at} Running", $"t{at} Running", $"t{at} Paused", $"t{at} Running", $"t{at} Cancelled", "-", $"t{at + 5} Running", $"t{at + 5} Done", "-"], Jobs(said));
        Assert.Equal([true, false], said.OfType<DeviceReport.LinkReport>().Select(report => report.Online).SkipWhile(online => !online));
        Assert.All(said.OfType<DeviceReport.JobReport>().Where(report => report.Job is not null).Take(3), report => Assert.Equal("test.gco", report.Job!.Name));
        Assert.Empty(link.Published);

        void Says(string topic, string payload, bool retained = false) => link.Deliver($"octoPrint/{topic}", payload, retained);
    }

    [Fact]
    public async Task A_Bambu_printer_is_understood_from_whole_reports_and_from_changes_behind_its_own_certificate()
    {
        await using var broker = await MosquittoFixture.StartAsync(Cancel);
        var own = MqttLinks.Create(new MqttLinkOptions { Port = broker.Port, ClientId = "printer", KeepAlive = TimeSpan.FromHours(1) }, _time, NullLogger.Instance);
        own.Start();
        await own.WaitUntilReadyAsync(Cancel);
        await using var printer = new VirtualBambu(own, broker.Port, TimeProvider.System.GetUtcNow())
        {
            Everything = """{"print":{"gcode_state":"IDLE","mc_percent":0,"task_id":"0","subtask_name":"","command":"push_status"}}""",
        };
        await own.WaitUntilReadyAsync(Cancel);
        await using var device = await OpenAsync(printer.Address, printer.Pin);

        await device.NextAsync<DeviceReport.JobReport>(report => report.Job is null);
        Assert.Equal(1, printer.Asked);
        printer.Report("""{"print":{"gcode_state":"PREPARE","task_id":"99120001","subtask_name":"benchy","mc_percent":0}}""");
        var begun = await device.NextAsync<DeviceReport.JobReport>(report => report.Job is not null);
        printer.Report("""{"info":{"command":"get_version"}}""");
        printer.Report("""{"print":{"mc_percent":37}}""");
        var part = await device.NextAsync<DeviceReport.JobReport>(report => report.Job?.Progress == 37);
        printer.Report("""{"print":{"gcode_state":"PAUSE"}}""");
        await device.NextAsync<DeviceReport.JobReport>(report => report.Job?.State == JobState.Paused);
        printer.Report("""{"print":{"gcode_state":"RUNNING"}}""");
        printer.Report("no json");
        printer.Report("""{"print":{"gcode_state":"FINISH","mc_percent":100}}""");
        var over = await device.NextAsync<DeviceReport.JobReport>(report => report.Job is { IsOver: true });
        await device.NextAsync<DeviceReport.JobReport>(report => report.Job is null);

        Assert.Equal(("99120001", "benchy", JobState.Running), (begun.Job!.Id, begun.Job.Name, begun.Job.State));
        Assert.Equal("benchy", part.Job!.Name);
        Assert.Equal(("99120001", JobState.Done), (over.Job!.Id, over.Job.State));
    }

    [Fact]
    public async Task A_Bambu_printer_that_shows_another_certificate_is_not_spoken_to()
    {
        await using var broker = await MosquittoFixture.StartAsync(Cancel);
        var own = MqttLinks.Create(new MqttLinkOptions { Port = broker.Port, ClientId = "printer", KeepAlive = TimeSpan.FromHours(1) }, _time, NullLogger.Instance);
        own.Start();
        await own.WaitUntilReadyAsync(Cancel);
        await using var printer = new VirtualBambu(own, broker.Port, TimeProvider.System.GetUtcNow());
        await using var device = await OpenAsync(printer.Address, new string('0', 64));

        await GatewayUnderTest.UntilAsync(() => _log.Lines.Any(line => line.Contains("another certificate", StringComparison.Ordinal)));

        Assert.Equal(0, printer.Asked);
        Assert.DoesNotContain(device.Take(), report => report is DeviceReport.LinkReport { Online: true });
    }

    [Fact]
    public async Task Grbl_works_from_rest_to_rest_and_is_sent_nothing_but_the_question()
    {
        await using var mill = new VirtualGrbl();
        await using var device = await OpenGrblAsync(mill);
        await AskedAsync(device, 1);
        var from = _time.Now;
        mill.State = "Run";
        await AskedAsync(device, 30);
        mill.State = "Hold:0";
        await AskedAsync(device, 5);
        mill.State = "Run";
        await AskedAsync(device, 5);
        // Between two lines of the program it rests for a moment.
        mill.State = "Idle";
        await AskedAsync(device, 1);
        mill.State = "Run";
        await AskedAsync(device, 5);
        mill.State = "Idle";
        var rest = _time.Now;
        await AskedAsync(device, 6);
        mill.State = "Jog";
        await AskedAsync(device, 3);
        mill.State = "Run";
        await AskedAsync(device, 3);
        mill.Push("ALARM:1\r\n");
        await AskedAsync(device, 2);

        var over = device.Take().OfType<DeviceReport.JobReport>().Where(report => report.Job is { IsOver: true }).Select(report => report.Job!).ToList();
        Assert.Equal([JobState.Done, JobState.Failed], over.Select(job => job.State));
        Assert.InRange((over[0].StartedAt - from).TotalSeconds, 0, 1.1);
        Assert.InRange((over[0].EndedAt!.Value - rest).TotalSeconds, 0, 1.1);
        Assert.Null(over[0].Name);
        Assert.Equal("?", string.Concat(mill.Received.Distinct()));
    }

    [Fact]
    public async Task Grbl_that_falls_silent_is_away_and_is_found_again()
    {
        await using var mill = new VirtualGrbl();
        await using var device = await OpenGrblAsync(mill);
        await AskedAsync(device, 2);

        await mill.PowerAsync(on: false);
        await device.NextAsync<DeviceReport.LinkReport>(report => !report.Online);
        await mill.PowerAsync(on: true);
        await device.SoonAsync<DeviceReport.LinkReport>(_time, report => report.Online);

        Assert.InRange(_log.Lines.Count(line => line.StartsWith("Warning", StringComparison.Ordinal)), 1, 3);
    }

    [Fact]
    public void Every_cut_of_what_Grbl_says_means_the_same_and_rubbish_is_counted()
    {
        const string Stream = "\r\nGrbl 1.1h ['$' for help]\r\n<Idle|MPos:0.000,0.000,0.000|FS:0.0,0>\r\nok\r\n<Hold:1|WPos:1.000,2.000,3.000|Bf:15,128|Ln:7|Ov:100,100,100>\r\n[MSG:Pgm End]\r\nALARM:2\r\n";
        var bytes = Encoding.ASCII.GetBytes(Stream);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var parser = new GrblParser();
            var told = new List<(GrblLine, string)>();
            parser.Take(bytes.AsSpan(0, cut), (line, state) => told.Add((line, state)));
            parser.Take(bytes.AsSpan(cut), (line, state) => told.Add((line, state)));

            Assert.Equal(
                [(GrblLine.Reset, ""), (GrblLine.Status, "Idle"), (GrblLine.Other, ""), (GrblLine.Status, "Hold"), (GrblLine.ProgramEnd, ""), (GrblLine.Alarm, "")], told);
            Assert.Equal(0, parser.Bad);
        }
        foreach (var rubbish in new[] { "<Run\r\n", "<>\r\n", "<Fly|MPos:0>\r\n", "<Run|" + new string('9', 1 << 20) + ">\r\n", "<\u0002\u00ff|\r\n" })
        {
            var parser = new GrblParser();
            var told = new List<GrblLine>();
            parser.Take(Encoding.Latin1.GetBytes(rubbish + "<Run|MPos:0.000>\r\n"), (line, _) => told.Add(line));

            Assert.Equal(1, parser.Bad);
            Assert.Equal([GrblLine.Status], told);
        }
    }

    [Fact]
    public void Reports_of_a_Bambu_printer_are_read_whatever_they_hold()
    {
        var whole = Encoding.UTF8.GetBytes("""{"print":{"gcode_state":"RUNNING","task_id":12,"subtask_name":"a","mc_percent":"23","gcode_start_time":"1700000000"}}""");
        for (var cut = 0; cut < whole.Length; cut++)
            Assert.Null(new BambuReport().With(whole.AsSpan(0, cut)));
        var read = new BambuReport().With(whole)!;
        Assert.Equal(("RUNNING", "12", "a", 23, JobState.Running), (read.State, read.Task, read.Name, read.Progress, read.InHand));
        foreach (var odd in new[]
        {
            """{"print":{"gcode_state":7,"task_id":[],"mc_percent":NaN}}""", """{"print":[]}""", "[]", "", new string('{', 100_000),
            """{"print":{"gcode_state":{},"task_id":{"a":1},"subtask_name":3,"mc_percent":1e400,"gcode_start_time":-5}}""",
        })
        {
            Assert.Null((new BambuReport().With(Encoding.UTF8.GetBytes(odd)) ?? new BambuReport()).InHand);
        }
    }

    private static IEnumerable<string> Jobs(IReadOnlyList<DeviceReport> said) =>
        said.OfType<DeviceReport.JobReport>().Select(report => report.Job is { } job ? $"{job.Id} {job.State}" : "-");

    private async Task<IDevice> OpenAsync(string address, string pin)
    {
        var logs = LoggerFactory.Create(builder => builder.AddProvider(_log).SetMinimumLevel(LogLevel.Debug));
        var driver = new BambuDriver(_time, logs.CreateLogger<BambuDriver>());
        var settings = new DeviceSettings
        {
            Id = "bambu-1", Driver = "bambu", Link = DeviceLinkKind.Network, Address = address, Secret = "12345678", Topic = VirtualBambu.Serial, Certificate = pin, Channels = 0,
        };
        Assert.Empty(driver.Validate(settings));
        Assert.Equal(3, driver.Validate(settings with { Secret = null, Certificate = "1", Topic = "x" }).Count);
        return await driver.OpenAsync(settings, Cancel);
    }

    private async Task<GrblDevice> OpenGrblAsync(VirtualGrbl mill)
    {
        var logs = LoggerFactory.Create(builder => builder.AddProvider(_log).SetMinimumLevel(LogLevel.Debug));
        var driver = new GrblDriver(_time, logs.CreateLogger<GrblDriver>());
        var settings = new DeviceSettings { Id = "mill-1", Driver = "grbl", Link = DeviceLinkKind.Network, Address = mill.Address, Channels = 0 };
        Assert.Single(driver.Validate(settings with { Address = "no host:x" }));
        var device = (GrblDevice)await driver.OpenAsync(settings, Cancel);
        await GatewayUnderTest.UntilAsync(() => device.Reported >= 1);
        return device;
    }

    /// <summary>So many seconds, each with its question and its answer.</summary>
    private async Task AskedAsync(GrblDevice device, int seconds)
    {
        for (var second = 0; second < seconds; second++)
        {
            var before = device.Reported;
            _time.Advance(Duration.FromSeconds(1));
            await GatewayUnderTest.UntilAsync(() => device.Reported > before);
        }
    }
}
