using FabLab.Core.Badges;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Plugs;
using FabLab.Gateway.Links;
using FabLab.Gateway.Tests.Flow;
using FabLab.Gateway.Tests.Links;
using FabLab.Testing;
using FabLab.VirtualLab.Devices;
using FabLab.VirtualLab.World;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace FabLab.Gateway.Tests.Drivers.Plugs;

/// <summary>
/// The whole gateway, its driver and a twin of the device on a real broker, all on one clock that moves when told: no second
/// passes before everything that was said in the one before has arrived.
/// </summary>
internal sealed class PlugFloor : IAsyncDisposable
{
    public static readonly Duration Lease = Duration.FromSeconds(9);

    private const int Rounds = 3;

    private readonly RecordingSink _up = new();
    private readonly RecordingSink _down = new();
    private readonly MosquittoFixture _broker;
    private readonly IMqttLink _link;
    private readonly IMqttLink _wire;
    private readonly DeviceSettings _settings;
    private readonly KeptDriver _driver;

    private PlugFloor(string kind, MosquittoFixture broker, GatewayUnderTest gateway, bool dangerous, string? proven)
    {
        (_broker, Gateway) = (broker, gateway);
        Began = gateway.Time.GetTimestamp();
        var topic = kind == "fab-o-matic" ? "machine/7" : null;
        _settings = new DeviceSettings { Id = SampleLab.LaserBox.Value, Driver = kind, Topic = topic, ProvenFirmware = proven ?? TestedWith(kind) };
        _link = MqttLinks.Create(new MqttLinkOptions { Port = broker.Port, ClientId = "gateway", KeepAlive = TimeSpan.FromHours(1) }, gateway.Time, gateway.Log.CreateLogger("link"));
        _link.Subscribe("mark/up", MqttQos.AtLeastOnce, _up);
        var wiring = new PlugWiring(_settings.Id, topic ?? _settings.Id, null, broker.Port, Machine, gateway.Time, Began, TimeProvider.System, NullLogger.Instance);
        (Twin, _wire) = Make(kind, wiring);
        _wire.Subscribe("mark/down", MqttQos.AtLeastOnce, _down);
        gateway.Listed = [_settings, new DeviceSettings { Id = SampleLab.PrinterBox.Value, Driver = "virtual" }];
        _driver = new KeptDriver(PlugDrivers.Create(kind, _link, gateway.Time, gateway.Log.Factory()));
        gateway.More = services => services.AddSingleton<IDeviceDriver>(_driver);
        // A twin that reads tags is its own reader; the others have ours beside them.
        var reader = ReadsTags ? SampleLab.LaserBox : SampleLab.PrinterBox;
        // One without a meter has ours beside it.
        var meter = Measures ? SampleLab.LaserBox : SampleLab.PrinterBox;
        // It reads cards of four bytes: the same digits are another kind of number.
        if (kind == "fab-o-matic")
            gateway.Booking.Put(new BadgeRule { Id = new(SampleLab.Id(77)), Person = SampleLab.M01.Id, Print = new BadgeHasher(1, SampleLab.BadgeKey).Print(BadgeNumber.Parse($"iso:{SampleLab.M01.Badge[^8..]}")!) });
        gateway.Booking.Put(SampleLab.Printer with { Devices = [] });
        gateway.Booking.Put(SampleLab.Laser with
        {
            Dangerous = dangerous,
            Lease = Lease,
            IdleStop = Duration.FromSeconds(40),
            Devices = [new(DeviceRole.Relay, SampleLab.LaserBox), new(DeviceRole.Meter, meter), new(DeviceRole.Reader, reader), new(DeviceRole.Display, SampleLab.PrinterBox)],
        });
    }

    public GatewayUnderTest Gateway { get; }

    public IVirtualDevice Twin { get; }

    public VirtualMachine Machine { get; } = new("LAS-1", "vinyl");

    /// <summary>There is no meter, neither in it nor beside it.</summary>
    public bool NobodyMeasures { get; set; }

    public bool IsClosed => Machine.Relay.IsClosed;

    public bool IsOnline => Gateway.Status.Devices.Single(d => d.Device == SampleLab.LaserBox).Online;

    public string State => Gateway.Machine("LAS-1").State;

    /// <summary>The device as its driver has opened it.</summary>
    public IDevice Device => _driver.Opened!;

    /// <summary>What those run that are asked what they are, so that their trial counts; the others have it in the test.</summary>
    private static string? TestedWith(string kind) => kind switch
    {
        "tasmota" => "14.2.0(virtual)",
        "shelly" => "1.1.0",
        "esphome" => "2026.9.0",
        _ => null,
    };

    private bool ReadsTags => Twin is VirtualEspHome or VirtualAnnounced or VirtualFabOMatic;

    private bool Measures => Twin is not VirtualFabOMatic;

    private long Began { get; }

    private long NowMs => (long)Gateway.Time.GetElapsedTime(Began).TotalMilliseconds;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Everything runs and knows each other.</summary>
    public static async Task<PlugFloor> StartAsync(string kind, bool dangerous = true, string? proven = null)
    {
        var broker = await MosquittoFixture.StartAsync(Cancelled);
        var floor = new PlugFloor(kind, broker, new GatewayUnderTest(), dangerous, proven);
        try
        {
            await StartAsync(floor);
            return floor;
        }
        catch
        {
            // Nothing of it may outlive the test, the broker least of all.
            await floor.DisposeAsync();
            throw;
        }
    }

    /// <summary>A trained person holds their badge there.</summary>
    public async Task TapAsync()
    {
        if (ReadsTags)
            Twin.Tap(0, SampleLab.M01.Badge);
        else
            Gateway.Printer.Tap(SampleLab.M01.Badge);
        await SettleAsync();
    }

    /// <summary>The piece is done, and nobody starts another.</summary>
    public void Rest() => Machine.Work(TimeSpan.Zero, NowMs);

    /// <summary>Lets second after second pass until it is so.</summary>
    public async Task UntilAsync(Func<bool> condition, int seconds = 120)
    {
        for (var passed = 0; !condition(); passed++)
        {
            Assert.True(passed < seconds, $"It is not so after {seconds} seconds. State {State}, relay closed {IsClosed}.");
            await PassAsync();
        }
    }

    public async Task PassAsync(int seconds = 1)
    {
        for (var passed = 0; passed < seconds; passed++)
        {
            Gateway.Time.Advance(TimeSpan.FromSeconds(1));
            Twin.Tick();
            if (!Measures && !NobodyMeasures)
                Gateway.Printer.Power(Machine.Read(NowMs).Watts);
            await SettleAsync();
        }
    }

    /// <summary>The broker dies; returns when both sides know.</summary>
    public async Task LoseBrokerAsync()
    {
        await _broker.KillAsync();
        await GatewayUnderTest.UntilAsync(() => !Twin.IsConnected && !IsOnline);
        await Gateway.SettleAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await _driver.DisposeAsync();
        await Twin.DisposeAsync();
        await _link.DisposeAsync();
        await _broker.DisposeAsync();
    }

    private static async Task StartAsync(PlugFloor floor)
    {
        floor._link.Start();
        floor.Twin.Start();
        await floor._link.WaitUntilReadyAsync(Cancelled);
        await floor._wire.WaitUntilReadyAsync(Cancelled);
        await floor.Gateway.StartWithoutDevicesAsync();
        await GatewayUnderTest.UntilAsync(() => floor.Gateway.Status.Machines.Count == 2 && floor.Gateway.Status.Devices.Count == 2 && floor.Gateway.Status.Devices.All(d => d.Running));
        floor.Gateway.Printer.Return();
        await floor.UntilAsync(() => floor.Gateway.Status.Devices.All(d => d.Online));
        // That it is there has reached the machine too.
        await floor.Gateway.Booking.WaitForEventAsync<MachineEvent.LinkCameBack>(Cancelled);
    }

    private static (IVirtualDevice Twin, IMqttLink Wire) Make(string kind, PlugWiring wiring)
    {
        if (kind == "tasmota")
        {
            var tasmota = new VirtualTasmota(wiring.Id, wiring.Topic, "", wiring.BrokerPort, wiring.Machine, wiring.Time, wiring.Began, wiring.Logger);
            return (tasmota, tasmota.Wire);
        }
        VirtualPlug plug = kind switch
        {
            "shelly" => new VirtualShelly(wiring),
            "shelly1" => new VirtualShellyGen1(wiring, Lease.TotalSeconds),
            "esphome" => new VirtualEspHome(wiring),
            "zigbee2mqtt" => new VirtualZigbee(wiring),
            "fab-o-matic" => new VirtualFabOMatic(wiring),
            _ => new VirtualAnnounced(wiring),
        };
        return (plug, plug.Wire);
    }

    private async Task SettleAsync()
    {
        for (var round = 0; round < Rounds; round++)
        {
            if (Twin.IsConnected && _wire.Publish("mark/up", "x"u8, MqttQos.AtLeastOnce) == LinkSend.Sent)
                await _up.NextAsync();
            await GatewayUnderTest.UntilAsync(() => Device.Reports.Count == 0);
            await Gateway.SettleAsync();
            if (Twin.IsConnected && _link.Publish("mark/down", "x"u8, MqttQos.AtLeastOnce) == LinkSend.Sent)
                await _down.NextAsync();
        }
    }

    /// <summary>The driver, and what it has opened.</summary>
    private sealed class KeptDriver(PlugDriver driver) : IDeviceDriver, IAsyncDisposable
    {
        public IDevice? Opened { get; private set; }

        public string Kind => driver.Kind;

        public DriverAbilities Abilities => driver.Abilities;

        public IReadOnlyList<string> Validate(DeviceSettings settings) => driver.Validate(settings);

        public async ValueTask<IDevice> OpenAsync(DeviceSettings settings, CancellationToken cancellationToken) =>
            Opened = await driver.OpenAsync(settings, cancellationToken);

        public ValueTask DisposeAsync() => driver.DisposeAsync();
    }
}
