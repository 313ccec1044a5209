using System.Text;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Jobs;
using FabLab.Gateway.Drivers.Moonraker;
using FabLab.Gateway.Drivers.OctoPrint;
using FabLab.Gateway.Drivers.PrusaLink;
using FabLab.Gateway.Tests.Flow;
using FabLab.Testing;
using FabLab.VirtualLab.Devices;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Gateway.Tests.Drivers.Jobs;

/// <summary>Witnesses that are asked over HTTP, against their twins, over real connections.</summary>
public sealed class WebWitnessTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly LogLines _log = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _log.Dispose();

    private Instant Now => Instant.FromDateTimeOffset(_time.GetUtcNow());

    [Fact]
    public async Task Klipper_tells_of_a_job_from_its_start_to_its_end_with_what_it_used()
    {
        await using var printer = new VirtualMoonraker(_time);
        await using var device = await OpenAsync("moonraker", printer);
        await device.NothingAsync(_time);

        printer.Begin("pieces/support étagère.gcode");
        var from = Now;
        var begun = await device.InHandAsync(_time);
        printer.Go(0.5);
        var half = await device.InHandAsync(_time, fits: job => job.Progress == 50);
        printer.Hold(true);
        await device.InHandAsync(_time, JobState.Paused);
        printer.Hold(false);
        await device.InHandAsync(_time);
        printer.End();
        var to = Now;
        var over = await device.OverAsync(_time);
        await device.NothingAsync(_time);

        Assert.Equal(("000001", "support étagère.gcode", from), (begun.Id, begun.Name, Millis(begun.StartedAt)));
        Assert.Equal(500, half.Millimetres);
        Assert.Equal(("000001", JobState.Done, from, to), (over.Id, over.State, Millis(over.StartedAt), Millis(over.EndedAt!.Value)));
        Assert.Equal((1000d, 3d), (over.Millimetres, over.Grams));
        Assert.All(printer.Asked, asked => Assert.StartsWith("GET ", asked, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Klippers_history_tells_of_what_was_printed_during_an_outage_with_its_true_times()
    {
        await using var printer = new VirtualMoonraker(_time);
        await using var device = await OpenAsync("moonraker", printer);
        await device.NothingAsync(_time);
        printer.Begin("a.gcode");
        await device.InHandAsync(_time);
        await printer.PowerAsync(on: false);
        await device.OnlineAsync(_time, online: false);

        _time.Advance(Duration.FromMinutes(10));
        printer.End("cancelled");
        var ended = Now;
        _time.Advance(Duration.FromMinutes(5));
        printer.Begin("b.gcode");
        var second = Now;
        _time.Advance(Duration.FromMinutes(5));
        printer.End();
        _time.Advance(Duration.FromMinutes(30));
        await printer.PowerAsync(on: true);

        var first = await device.OverAsync(_time);
        var next = await device.OverAsync(_time);
        await device.NothingAsync(_time);
        Assert.Equal(("000001", JobState.Cancelled, ended), (first.Id, first.State, Millis(first.EndedAt!.Value)));
        Assert.Equal(("000002", JobState.Done, second, second + Duration.FromMinutes(5)), (next.Id, next.State, Millis(next.StartedAt), Millis(next.EndedAt!.Value)));
        // An hour of silence: one line a minute at most.
        Assert.InRange(_log.Lines.Count(line => line.StartsWith("Warning", StringComparison.Ordinal)), 1, 60);
    }

    [Fact]
    public async Task A_printer_whose_clock_is_wrong_is_put_right_and_an_end_written_down_late_is_waited_for()
    {
        await using var printer = new VirtualMoonraker(_time) { ClockOff = TimeSpan.FromDays(-400), HistoryLate = 2 };
        await using var device = await OpenAsync("moonraker", printer);
        await device.NothingAsync(_time);
        printer.Begin("a.gcode");
        var from = Now;
        await device.InHandAsync(_time);
        printer.End();

        var over = await device.OverAsync(_time);

        Assert.InRange((over.StartedAt - from).TotalSeconds, -1.5, 1.5);
        Assert.Equal(JobState.Done, over.State);
    }

    [Fact]
    public async Task Klipper_that_is_not_ready_is_away_and_one_without_a_history_is_told_by_when_it_began()
    {
        await using var printer = new VirtualMoonraker(_time) { Klipper = false, History = false };
        await using var device = await OpenAsync("moonraker", printer);
        await device.OnlineAsync(_time, online: false);
        printer.Klipper = true;
        await device.NothingAsync(_time);
        printer.Begin("a.gcode");
        var from = Now;

        var begun = await device.InHandAsync(_time);

        Assert.Equal($"t{from.ToUnixTimeSeconds()}", begun.Id);
        Assert.Equal("a.gcode", begun.Name);
    }

    [Fact]
    public async Task OctoPrint_tells_of_a_job_and_how_much_of_the_plan_was_used()
    {
        await using var printer = new VirtualOctoPrint(_time, "key");
        await using var device = await OpenAsync("octoprint", printer, "key");
        await device.NothingAsync(_time);
        printer.Begin("whistle_v2.gcode");
        var begun = await device.InHandAsync(_time);
        printer.Go(40);
        printer.State = "Paused";
        await device.InHandAsync(_time, JobState.Paused);
        printer.End(done: false);
        var cancelled = await device.OverAsync(_time);
        printer.Begin("whistle_v2.gcode");
        var again = await device.InHandAsync(_time);
        printer.End(done: true);
        var done = await device.OverAsync(_time);
        await device.NothingAsync(_time);

        Assert.Equal("whistle_v2.gcode", begun.Name);
        Assert.Equal((begun.Id, JobState.Cancelled, 400d), (cancelled.Id, cancelled.State, cancelled.Millimetres));
        Assert.NotEqual(begun.Id, again.Id);
        Assert.Equal((again.Id, JobState.Done, 1000d), (done.Id, done.State, done.Millimetres));
    }

    [Fact]
    public async Task PrusaLink_lets_in_with_digest_and_tells_of_jobs_by_their_number()
    {
        await using var printer = new VirtualPrusaLink(_time, "geheim");
        await using var device = await OpenAsync("prusalink", printer, "geheim");
        await device.NothingAsync(_time);
        printer.Begin("benchy.bgcode");
        var begun = await device.InHandAsync(_time);
        printer.Go(70);
        printer.State = "ATTENTION";
        await device.InHandAsync(_time, JobState.Paused);
        printer.State = "PRINTING";
        await device.InHandAsync(_time);
        printer.End("FINISHED");
        var done = await device.OverAsync(_time);
        printer.Begin(null);
        var cable = await device.InHandAsync(_time);
        printer.End("STOPPED");
        var stopped = await device.OverAsync(_time);

        Assert.Equal(("420", "benchy.bgcode"), (begun.Id, begun.Name));
        Assert.Equal(("420", JobState.Done), (done.Id, done.State));
        Assert.Equal(("421", null), (cable.Id, cable.Name));
        Assert.Equal(("421", JobState.Cancelled), (stopped.Id, stopped.State));
    }

    [Theory]
    [InlineData("octoprint", "secret")]
    [InlineData("prusalink", "secret")]
    public async Task A_wrong_key_is_said_and_never_logged(string kind, string setting)
    {
        await using WebTwin printer = kind == "octoprint" ? new VirtualOctoPrint(_time, "right") : new VirtualPrusaLink(_time, "right");
        await using var device = await OpenAsync(kind, printer, "wr0ng-one");

        await device.OnlineAsync(_time, online: false);

        // It may be off before it was asked for the first time, and a moment before the log says why.
        await GatewayUnderTest.UntilAsync(() =>
        {
            if (device is not PollingWitness asking || asking.AsksAt > _time.GetTimestamp())
                _time.Advance(Duration.FromSeconds(1));
            return _log.Lines.Any(line => line.Contains(setting, StringComparison.Ordinal));
        });
        Assert.DoesNotContain(_log.Lines, line => line.Contains("wr0ng-one", StringComparison.Ordinal));
    }

    public static TheoryData<string, string> Nonsense()
    {
        var data = new TheoryData<string, string>();
        foreach (var kind in new[] { "moonraker", "octoprint", "prusalink" })
        {
            foreach (var name in Bodies.Keys)
                data.Add(kind, name);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Nonsense))]
    public async Task Nonsense_is_no_job_and_what_comes_after_it_is_heard(string kind, string name)
    {
        await using WebTwin printer = kind switch
        {
            "octoprint" => new VirtualOctoPrint(_time, "key"),
            "prusalink" => new VirtualPrusaLink(_time, "key"),
            _ => new VirtualMoonraker(_time),
        };
        if (name == "no-http")
            printer.Raw = Bodies[name];
        else
            printer.Body = Bodies[name];
        await using var device = await OpenAsync(kind, printer, "key");
        await device.OnlineAsync(_time, online: false);
        (printer.Raw, printer.Body) = (null, null);

        await device.NothingAsync(_time);

        Assert.DoesNotContain(_log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_cut_of_every_answer_is_read_or_refused()
    {
        foreach (var answer in Answers)
        {
            var whole = Encoding.UTF8.GetBytes(answer);
            for (var length = 0; length <= whole.Length; length++)
            {
                var cut = whole.AsSpan(0, length);
                object?[] read =
                [
                    MoonrakerJson.Status(cut), MoonrakerJson.History(cut, new("p"), Duration.Zero), OctoPrintJson.Status(cut), OctoPrintJson.Event(cut),
                    OctoPrintJson.Progress(cut), PrusaLinkJson.Status(cut),
                ];
                Assert.True(length == whole.Length || read.All(r => r is null), $"{length} bytes of {answer}");
            }
        }
    }

    [Fact]
    public void Settings_that_cannot_work_say_which()
    {
        foreach (var driver in Drivers())
        {
            var good = new DeviceSettings { Id = "printer-1", Driver = driver.Kind, Link = DeviceLinkKind.Network, Address = "10.0.0.7", Secret = "x", Channels = 0 };

            Assert.Empty(driver.Validate(good));
            Assert.Empty(driver.Validate(good with { Address = "https://printer.lab:7130" }));
            Assert.Contains("link", Assert.Single(driver.Validate(good with { Link = DeviceLinkKind.Mqtt })), StringComparison.Ordinal);
            Assert.Contains("address", Assert.Single(driver.Validate(good with { Address = null })), StringComparison.Ordinal);
            Assert.Contains("address", Assert.Single(driver.Validate(good with { Address = "ftp://10.0.0.7" })), StringComparison.Ordinal);
            Assert.Contains("certificate", Assert.Single(driver.Validate(good with { Certificate = "12" })), StringComparison.Ordinal);
        }
    }

    private static Dictionary<string, byte[]> Bodies { get; } = new()
    {
        ["no-http"] = [0x02, .. Encoding.ASCII.GetBytes("62E3086CED08"), 0x03],
        ["empty"] = [],
        ["null"] = "null"u8.ToArray(),
        ["a-list"] = "[1,2]"u8.ToArray(),
        ["no-json"] = "<html>502 Bad Gateway</html>"u8.ToArray(),
        ["not-utf8"] = [0x7B, 0x22, 0xFF, 0xFE, 0x22, 0x3A, 0x31, 0x7D],
        ["wrong-types"] = """{"result":{"status":{"print_stats":{"state":7},"virtual_sdcard":[]},"jobs":{"a":1}},"state":["Printing"],"job":"x","progress":7,"printer":"PRINTING"}"""u8.ToArray(),
        ["nan"] = """{"result":{"status":{"print_stats":{"state":NaN}}},"state":NaN,"printer":{"state":NaN}}"""u8.ToArray(),
        ["deep"] = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("{\"result\":", 5000)) + "1" + new string('}', 5000)),
        ["a-megabyte"] = Encoding.ASCII.GetBytes("{\"state\":\"" + new string('x', 1 << 20) + "\"}"),
    };

    private static IReadOnlyList<string> Answers { get; } =
    [
        """{"result":{"eventtime":1.5,"status":{"print_stats":{"filename":"a.gcode","total_duration":12.5,"filament_used":7.8,"state":"printing"},"virtual_sdcard":{"progress":0.23}}}}""",
        """{"result":{"count":1,"jobs":[{"job_id":"000001","filename":"test/history_test.gcode","status":"completed","start_time":1615764265.6,"end_time":1615764496.6,"filament_used":7.83,"metadata":{"filament_total":10,"filament_weight_total":3}}]}}""",
        """{"job":{"file":{"name":"whistle_v2.gcode","origin":"local","size":1468987,"date":1378847754},"estimatedPrintTime":8811,"filament":{"length":810,"volume":5.36}},"progress":{"completion":0.2298,"filepos":337942,"printTime":276,"printTimeLeft":912},"state":"Printing"}""",
        """{"_timestamp":1517190629,"progress":23,"location":"local","path":"test.gco"}""",
        """{"_event":"PrintStarted","_timestamp":1517190629,"name":"test.gco"}""",
        """{"job":{"id":420,"progress":7.0,"time_remaining":300,"time_printing":20},"printer":{"state":"PRINTING"}}""",
    ];

    private WebWitnessDriver[] Drivers()
    {
        var logs = LoggerFactory.Create(builder => builder.AddProvider(_log).SetMinimumLevel(LogLevel.Debug));
        return
        [
            new MoonrakerDriver(_time, logs.CreateLogger<MoonrakerDriver>()), new OctoPrintDriver(_time, logs.CreateLogger<OctoPrintDriver>()),
            new PrusaLinkDriver(_time, logs.CreateLogger<PrusaLinkDriver>()),
        ];
    }

    private async Task<IDevice> OpenAsync(string kind, WebTwin twin, string? secret = null) =>
        await Drivers().Single(driver => driver.Kind == kind).OpenAsync(
            new DeviceSettings { Id = "printer-1", Driver = kind, Link = DeviceLinkKind.Network, Address = twin.Address, Secret = secret, Channels = 0 }, Cancel);

    /// <summary>The devices say their times in milliseconds.</summary>
    private static Instant Millis(Instant at) => Instant.FromUnixTimeMilliseconds(at.ToUnixTimeMilliseconds());
}
