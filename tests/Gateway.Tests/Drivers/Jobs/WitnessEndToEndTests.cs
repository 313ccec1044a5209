using System.Net.Sockets;
using System.Text;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Bambu;
using FabLab.Gateway.Drivers.Grbl;
using FabLab.Gateway.Drivers.Hpgl;
using FabLab.Gateway.Drivers.Jobs;
using FabLab.Gateway.Drivers.OctoPrint;
using FabLab.Gateway.Drivers.PrusaLink;
using FabLab.Gateway.Links;
using FabLab.Gateway.Supervision;
using FabLab.Gateway.Tests.Flow;
using FabLab.Testing;
using FabLab.VirtualLab.Devices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace FabLab.Gateway.Tests.Drivers.Jobs;

/// <summary>
/// The whole gateway with six machines that tell of their jobs, each in its own way, beside the box that switches them: OctoPrint over
/// REST and by its plugin, PrusaLink, Bambu, GRBL over the network, and a cutter on a terminal. They share one gateway and one broker.
/// </summary>
public sealed class WitnessEndToEndTests : IAsyncDisposable
{
    /// <summary>A square of 10 mm, again and again.</summary>
    private static readonly byte[] Vinyl = Encoding.ASCII.GetBytes("IN;SP1;" + string.Concat(Enumerable.Repeat("PU0,0;PD400,0,400,400,0,400,0,0;", 10)) + "PU;");

    private static readonly string[] Kinds = ["octoprint", "octoprint-mqtt", "prusalink", "bambu", "grbl", "hpgl"];

    private readonly GatewayUnderTest _gateway = new();
    private readonly List<Kept> _drivers = [];
    private readonly TcpClient _program = new();
    private bool _isMillOn = true;
    private MosquittoFixture _broker = null!;
    private IMqttLink _link = null!;
    private VirtualOctoPrint _rest = null!;
    private VirtualOctoPrintPlugin _plugin = null!;
    private VirtualPrusaLink _prusa = null!;
    private VirtualBambu _bambu = null!;
    private VirtualGrbl _mill = null!;
    private VirtualCutter _cutter = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _program.Dispose();
        await _gateway.DisposeAsync();
        await _cutter.DisposeAsync();
        await _mill.DisposeAsync();
        await _bambu.DisposeAsync();
        await _prusa.DisposeAsync();
        await _plugin.DisposeAsync();
        await _rest.DisposeAsync();
        await _link.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task A_tap_a_job_and_rest_give_each_machine_one_row_with_the_time_of_its_job_and_what_goes_away_in_the_middle_is_lost()
    {
        await StartAsync();
        for (var machine = 0; machine < Kinds.Length; machine++)
            _gateway.Printer.Tap(SampleLab.M01.Badge, machine);
        await UntilAsync(() => Kinds.Index().All(kind => _gateway.Printer.Closed(kind.Index)));

        _rest.Begin("support étagère.gcode");
        _plugin.Begin("support étagère.gcode");
        _prusa.Begin("support étagère.gcode");
        _bambu.Report("""{"print":{"gcode_state":"RUNNING","task_id":"99120001","subtask_name":"support étagère.gcode","mc_percent":1}}""");
        _mill.State = "Run";
        _cutter.Fill(64);
        await _program.ConnectAsync(((HpglDevice)Opened("hpgl")).Spooler, Cancel);
        await _program.GetStream().WriteAsync(Vinyl, Cancel);
        var from = _gateway.Time.Now;
        await UntilAsync(() => Kinds.All(kind => Of(kind).Any()));
        await UntilAsync(() => _cutter.IsFull);
        for (var second = 0; second < 90; second++)
        {
            if (second % 30 == 0)
            {
                _rest.Go(second);
                _plugin.Go("support étagère.gcode", second);
                _prusa.Go(second);
            }
            await PassAsync();
        }
        Assert.All(Kinds.Index(), kind => Assert.True(_gateway.Printer.Closed(kind.Index) && _gateway.Machine(Code(kind.Item)).State == "running", kind.Item));
        _rest.End(done: true);
        _plugin.End();
        _prusa.End("FINISHED");
        _bambu.Report("""{"print":{"gcode_state":"FINISH","mc_percent":100}}""");
        _mill.State = "Idle";
        _cutter.GoOn();
        _program.Client.Shutdown(SocketShutdown.Send);
        await UntilAsync(() => Kinds.All(kind => Of(kind).Any(job => job.IsOver)));
        var worked = (_gateway.Time.Now - from).TotalMilliseconds;

        await UntilAsync(() => Kinds.Index().All(kind => !_gateway.Printer.Closed(kind.Index)), steps: 200);
        await UntilAsync(() => Events<MachineEvent.StretchClosed>().Count == Kinds.Length);
        Assert.All(Events<MachineEvent.SessionEnded>(), ended => Assert.Equal(EndReason.Idle, ended.Why));
        var rows = LedgerProjection.Of(_gateway.Booking.Events).Entries().Where(entry => entry.Session is not null).ToList();
        Assert.Equal(Kinds.Length, rows.Count);
        foreach (var kind in Kinds)
        {
            var row = Assert.Single(rows, row => row.Machine == Id(kind));
            Assert.Equal((SampleLab.M01.Id, true), (row.Person, row.Settled));
            Assert.InRange(row.WorkingMs, 85_000, worked);
            var job = Of(kind).Last();
            Assert.Equal((JobState.Done, kind is "hpgl" or "grbl" ? null : "support étagère.gcode"), (job.State, job.Name));
            Assert.All(Events<MachineEvent.JobRecorded>().Where(e => e.Job.Device == Device(kind)), e => Assert.Equal(row.Session, e.Session));
        }
        Assert.Equal((1000, 400), (Of("octoprint").Last().Millimetres, Math.Round(Of("hpgl").Last().Millimetres!.Value)));
        Assert.Equal(Vinyl, _cutter.Taken);
        Assert.DoesNotContain(_gateway.Log.Lines, line => line.Contains("étagère", StringComparison.Ordinal));

        await GoAwayAsync();
    }

    /// <summary>Somebody works without a tap, and in the middle of it everything goes: the broker, the printers, the port.</summary>
    private async Task GoAwayAsync()
    {
        var closings = _gateway.Printer.Moves.Count;
        _rest.Begin("b.gcode");
        _plugin.Begin("b.gcode");
        _prusa.Begin("b.gcode");
        _bambu.Report("""{"print":{"gcode_state":"RUNNING","task_id":"99120002","subtask_name":"b.gcode","mc_percent":1}}""");
        _mill.State = "Run";
        using var program = new TcpClient();
        await program.ConnectAsync(((HpglDevice)Opened("hpgl")).Spooler, Cancel);
        await program.GetStream().WriteAsync(Vinyl.AsMemory(0, 32), Cancel);
        await UntilAsync(() => Kinds.All(kind => !Of(kind).Last().IsOver));
        var seen = _gateway.Time.Now;

        await _broker.KillAsync();
        await _rest.PowerAsync(on: false);
        await _prusa.PowerAsync(on: false);
        await _mill.PowerAsync(on: false);
        _isMillOn = false;
        _cutter.Unplug();
        await UntilAsync(() => Kinds.All(kind => !_gateway.Status.Devices.Single(device => device.Device == Device(kind)).Online));
        await UntilAsync(() => Kinds.All(kind => Of(kind).Last().IsOver), steps: 400);

        foreach (var kind in Kinds)
        {
            var lost = Events<MachineEvent.JobRecorded>().Last(e => e.Job.Device == Device(kind));
            Assert.Equal((JobState.Lost, null), (lost.Job.State, lost.Session));
            // It ended when it was last seen, whenever that came out.
            Assert.InRange((lost.Job.EndedAt!.Value - seen).TotalSeconds, -10, 40);
            Assert.False(_gateway.Alarms.IsOn(AlarmCodes.DeviceSilent, Device(kind).Value));
        }
        // Nobody had tapped, and a job starts no machine.
        Assert.Equal(closings, _gateway.Printer.Moves.Count);
    }

    private static string Code(string kind) => kind.ToUpperInvariant();

    private static DeviceId Device(string kind) => new($"{kind}-1");

    private static MachineId Id(string kind) => new(SampleLab.Id(200 + Array.IndexOf(Kinds, kind)));

    private IEnumerable<MachineJob> Of(string kind) => Events<MachineEvent.JobRecorded>().Select(e => e.Job).Where(job => job.Device == Device(kind));

    private List<T> Events<T>()
        where T : MachineEvent => [.. _gateway.Booking.Events.OfType<T>()];

    private IDevice Opened(string kind) => _drivers.Single(driver => driver.Kind == kind).Opened!;

    private async Task StartAsync()
    {
        var time = _gateway.Time;
        _broker = await MosquittoFixture.StartAsync(Cancel);
        _link = Link("gateway");
        _rest = new VirtualOctoPrint(time, "key");
        _plugin = new VirtualOctoPrintPlugin(_broker.Port, "octoPrint", time, TimeProvider.System, NullLogger.Instance);
        _prusa = new VirtualPrusaLink(time, "password");
        _bambu = new VirtualBambu(Link("printer"), _broker.Port, TimeProvider.System.GetUtcNow()) { Everything = """{"print":{"gcode_state":"IDLE","mc_percent":0,"task_id":"0","command":"push_status"}}""" };
        _mill = new VirtualGrbl();
        _cutter = new VirtualCutter(_gateway.Folder.File("tty"));
        _cutter.Plug();
        _drivers.AddRange(
        [
            new(new OctoPrintDriver(time, NullLogger<OctoPrintDriver>.Instance)), new(new OctoPrintMqttDriver(_link, time, NullLogger<OctoPrintMqttDriver>.Instance)),
            new(new PrusaLinkDriver(time, NullLogger<PrusaLinkDriver>.Instance)), new(new BambuDriver(time, NullLogger<BambuDriver>.Instance)),
            new(new GrblDriver(time, NullLogger<GrblDriver>.Instance)), new(new HpglDriver(time, NullLogger<HpglDriver>.Instance, _gateway.Folder.Path)),
        ]);
        _gateway.More = services => _drivers.ForEach(driver => services.AddSingleton<IDeviceDriver>(driver));
        _gateway.Listed =
        [
            .. _gateway.Listed,
            Settings("octoprint") with { Link = DeviceLinkKind.Network, Address = _rest.Address, Secret = "key" },
            Settings("octoprint-mqtt") with { Topic = "octoPrint" },
            Settings("prusalink") with { Link = DeviceLinkKind.Network, Address = _prusa.Address, Secret = "password" },
            Settings("bambu") with { Link = DeviceLinkKind.Network, Address = _bambu.Address, Secret = "12345678", Topic = VirtualBambu.Serial, Certificate = _bambu.Pin },
            Settings("grbl") with { Link = DeviceLinkKind.Network, Address = _mill.Address },
            Settings("hpgl") with { Link = DeviceLinkKind.Serial, Path = _gateway.Folder.File("tty"), Address = $"127.0.0.1:{MosquittoFixture.FreePort()}" },
        ];
        for (var machine = 0; machine < Kinds.Length; machine++)
        {
            _gateway.Booking.Put(SampleLab.Printer with
            {
                Id = Id(Kinds[machine]), Code = Code(Kinds[machine]), IdleStop = Duration.FromMinutes(1),
                Devices = [new(DeviceRole.Relay, SampleLab.PrinterBox, machine), new(DeviceRole.Reader, SampleLab.PrinterBox, machine), new(DeviceRole.Witness, Device(Kinds[machine]))],
            });
        }
        _gateway.Booking.Put(SampleLab.Printer with { Devices = [] });
        await _gateway.StartWithoutDevicesAsync();
        await GatewayUnderTest.UntilAsync(() => _gateway.Status.Machines.Count == 2 + Kinds.Length && _gateway.Status.Devices.Count == 2 + Kinds.Length && _gateway.Status.Devices.All(d => d.Running));
        _gateway.Laser.Return();
        _gateway.Printer.Return();
        await UntilAsync(() => _gateway.Status.Devices.All(d => d.Online));

        IMqttLink Link(string name)
        {
            var link = MqttLinks.Create(new MqttLinkOptions { Port = _broker.Port, ClientId = name, KeepAlive = TimeSpan.FromHours(1) }, time, NullLogger.Instance);
            link.Start();
            return link;
        }
    }

    private static DeviceSettings Settings(string kind) => new() { Id = Device(kind).Value, Driver = kind, Channels = 0 };

    /// <summary>Waits, and lets a second pass now and then: what is under way on a wire needs none.</summary>
    private async Task UntilAsync(Func<bool> condition, int steps = 100)
    {
        for (var step = 0; !condition(); step++)
        {
            Assert.True(step < 5 * steps, $"It is not so. {string.Join(", ", Kinds.Select(kind => $"{kind}: {_gateway.Machine(Code(kind)).State} {Of(kind).LastOrDefault()?.State}"))}");
            if (step % 5 == 4)
                await PassAsync();
            else
                await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, Cancel);
        }
    }

    private async Task PassAsync()
    {
        var mill = _drivers.Find(driver => driver.Kind == "grbl")?.Opened as GrblDevice;
        var answered = mill?.Reported;
        _gateway.Time.Advance(Duration.FromSeconds(1));
        // While a machine is asked no time passes.
        await GatewayUnderTest.UntilAsync(() => !_isMillOn || mill is null || mill.Reported > answered);
        await GatewayUnderTest.UntilAsync(() => _drivers.All(driver => driver.Opened is not PollingWitness asking || asking.AsksAt > _gateway.Time.GetTimestamp()));
        await _gateway.SettleAsync();
    }

    /// <summary>The driver, and what it has opened.</summary>
    private sealed class Kept(IDeviceDriver driver) : IDeviceDriver
    {
        public IDevice? Opened { get; private set; }

        public string Kind => driver.Kind;

        public DriverAbilities Abilities => driver.Abilities;

        public IReadOnlyList<string> Validate(DeviceSettings settings) => driver.Validate(settings);

        public async ValueTask<IDevice> OpenAsync(DeviceSettings settings, CancellationToken cancellationToken) => Opened = await driver.OpenAsync(settings, cancellationToken);
    }
}
