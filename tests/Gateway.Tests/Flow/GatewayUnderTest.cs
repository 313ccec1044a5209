using System.Collections.Concurrent;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Journal;
using FabLab.Gateway.Policy;
using FabLab.Gateway.Supervision;
using FabLab.Gateway.Uploading;
using FabLab.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Gateway.Tests.Flow;

/// <summary>
/// The whole gateway as the host runs it, with real SQLite, a clock moved by hand, devices in memory and Booking in memory.
/// </summary>
internal sealed class GatewayUnderTest : IAsyncDisposable
{
    /// <summary>Asks a machine for something that changes nothing.</summary>
    private static readonly LockOutRelease NoLockOut = new(new(SampleLab.Id(998)), new(SampleLab.Id(999)), default);

    private readonly Dictionary<string, string?> _settings;
    private readonly TemporaryFolder _folder = new();
    private readonly LogLines _log = new();
    private IHost? _host;

    public GatewayUnderTest(params (string Key, string Value)[] settings)
    {
        Booking = new FakeBooking(Time);
        Laser = new VirtualDevice(SampleLab.LaserBox.Value, Time);
        Printer = new VirtualDevice(SampleLab.PrinterBox.Value, Time);
        File.WriteAllText(_folder.File("badge.key"), Convert.ToHexStringLower(SampleLab.BadgeKey));
        _settings = new()
        {
            ["Gateway:DataFolder"] = _folder.Path,
            ["Gateway:BookingAddress"] = "http://127.0.0.1:1/",
            ["Gateway:Language"] = "en",
        };
        foreach (var (key, value) in settings)
            _settings[key] = value;
        Booking.Put(SampleLab.Rules);
    }

    public ManualTime Time { get; } = new();

    /// <summary>The disk's clock stands still: however slow the disk of this computer is, it answers in time.</summary>
    public ManualTime Disk { get; } = new();

    public FakeBooking Booking { get; }

    public VirtualDevice Laser { get; private set; }

    public VirtualDevice Printer { get; private set; }

    /// <summary>While false the laser's box cannot be opened.</summary>
    public bool LaserOpens { get; set; } = true;

    /// <summary>The devices that the gateway is told to look after.</summary>
    public IReadOnlyList<DeviceSettings> Listed { get; set; } =
    [
        new DeviceSettings { Id = SampleLab.LaserBox.Value, Driver = "virtual", ProvenFirmware = VirtualDevice.Firmware },
        new DeviceSettings { Id = SampleLab.PrinterBox.Value, Driver = "virtual" },
    ];

    /// <summary>Devices that knock with a wrong key.</summary>
    public IReadOnlyList<string> TurnedAway { get; set; } = [];

    /// <summary>What else the host takes in: a driver over a real broker.</summary>
    public Action<IServiceCollection> More { get; set; } = _ => { };

    public TemporaryFolder Folder => _folder;

    public LogLines Log => _log;

    public GatewayStatus Status => Get<GatewayStatus>();

    public GatewayJournal Journal => Get<GatewayJournal>();

    public AlarmBoard Alarms => Get<AlarmBoard>();

    public GatewayMetrics Metrics => Get<GatewayMetrics>();

    public static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<GatewayUnderTest> StartedAsync(params (string Key, string Value)[] settings)
    {
        var gateway = new GatewayUnderTest(settings);
        await gateway.StartAsync();
        return gateway;
    }

    /// <summary>Starts it and waits until it decides by the rules of Booking, when Booking is there.</summary>
    public async Task StartAsync()
    {
        await StartWithoutDevicesAsync();
        await UntilAsync(() => Status.Machines.Count >= 2 && Status.Devices.Count == Listed.Count && Status.Devices.All(d => d.Running));
        Laser.Return();
        Printer.Return();
        await UntilAsync(() => Status.Devices.All(d => d.Online));
        await SettleAsync();
    }

    public async Task StartWithoutDevicesAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(_settings);
        builder.Logging.AddProvider(_log).SetMinimumLevel(LogLevel.Debug);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddSingleton<TimeProvider>(Time);
        builder.Services.AddSingleton(new DiskClock(Disk));
        builder.Services.AddSingleton<IJournalIntake>(Booking);
        builder.Services.AddSingleton<IPolicySource>(Booking);
        builder.Services.AddSingleton<IDeviceDesk>(Booking);
        builder.Services.AddSingleton<IDeviceDriver>(new VirtualDriver(this));
        builder.Services.AddSingleton<IDeviceSource>(new Devices(this));
        More(builder.Services);
        builder.Services.AddGateway(builder.Configuration);
        _host = builder.Build();
        await _host.StartAsync(Cancelled);
        if (!Booking.Down)
        {
            var policy = Get<PolicyReplica>();
            var came = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            policy.Changed += p => { if (p.Revision == Booking.Revision) came.TrySetResult(); };
            if (policy.Current.Revision != Booking.Revision)
                await came.Task.WaitAsync(Cancelled);
        }
    }

    /// <summary>The next time the laser's box is opened it is another one.</summary>
    public void ReplaceLaser() => Laser = Laser.Again();

    public async Task StopAsync()
    {
        if (_host is { } host)
        {
            _host = null;
            await host.StopAsync(CancellationToken.None);
            await ((IAsyncDisposable)host).DisposeAsync();
        }
    }

    /// <summary>New boxes in the place of the old ones, as after a restart of this process: they keep what the old ones knew.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        Laser = Laser.Again();
        Printer = Printer.Again();
        await StartAsync();
    }

    public T Get<T>()
        where T : notnull => _host!.Services.GetRequiredService<T>();

    /// <summary>Every device was heard out, and every machine has done what it had to do until now.</summary>
    public async Task SettleAsync()
    {
        do
        {
            while (!Laser.AllRead || !Printer.AllRead)
            {
                // Without it a device that nobody reads any more would keep a core busy for ever.
                Cancelled.ThrowIfCancellationRequested();
                await Task.Yield();
            }
            foreach (var machine in Status.Machines)
                await Status.AskAsync(machine.Id, new MachineSignal.LockOutReleased(NoLockOut), Cancelled);
        }
        while (!Laser.AllRead || !Printer.AllRead);
    }

    /// <summary>Lets time pass second by second, each machine keeping up.</summary>
    public async Task PassAsync(Duration time, Duration? step = null)
    {
        var by = step ?? Duration.FromSeconds(1);
        for (var passed = Duration.Zero; passed < time; passed += by)
        {
            Time.Advance(by);
            await SettleAsync();
        }
    }

    public MachineStatus Machine(string code) => Status.Machines.Single(m => m.Code == code);

    /// <summary>Waits for something that has no signal of its own.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, Cancelled);
    }

    /// <summary>Rules reach the gateway.</summary>
    public async Task PutAsync(params PolicyEntity[] rules)
    {
        Booking.Put(rules);
        await UntilAsync(() => Get<PolicyReplica>().Current.Revision == Booking.Revision);
        await SettleAsync();
    }

    /// <summary>Somebody taps; returns what the display then says.</summary>
    public async Task<DisplayMessage> TapAsync(VirtualDevice box, SampleLab.Person person)
    {
        var shown = box.Shown.Count;
        box.Tap(person.Badge);
        await box.WaitForAsync(d => d.Shown.Count > shown, Cancelled);
        await SettleAsync();
        return box.Shown[shown];
    }

    /// <summary>A trained person starts the laser; returns when its relay is closed and the start is at Booking.</summary>
    public async Task StartLaserAsync()
    {
        Laser.Tap(SampleLab.M01.Badge);
        await Laser.WaitForAsync(d => d.Closed(), Cancelled);
        await Booking.WaitForEventAsync<MachineEvent.StretchOpened>(Cancelled);
        await SettleAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }

    private sealed class Devices(GatewayUnderTest owner) : IDeviceSource
    {
        public ValueTask<IReadOnlyList<DeviceSettings>> ReadAsync(CancellationToken cancellationToken) => new(owner.Listed);

        public ValueTask WithdrawAsync(string id, CancellationToken cancellationToken)
        {
            owner.Listed = [.. owner.Listed.Where(d => d.Id != id)];
            return ValueTask.CompletedTask;
        }

        public ValueTask<EnrolmentResult> EnrolAsync(DeviceSettings settings, CancellationToken cancellationToken)
        {
            if (owner.Listed.Any(d => d.Id == settings.Id && d != settings))
                return new(EnrolmentResult.Already);
            owner.Listed = [.. owner.Listed.Where(d => d.Id != settings.Id), settings];
            return new(EnrolmentResult.Taken);
        }

        public ValueTask<bool> ProveAsync(string id, string? firmware, CancellationToken cancellationToken)
        {
            owner.Listed = [.. owner.Listed.Select(d => d.Id == id ? d with { ProvenFirmware = firmware } : d)];
            return new(true);
        }

        public bool WasTurnedAway(string id) => owner.TurnedAway.Contains(id);
    }

    private sealed class VirtualDriver(GatewayUnderTest owner) : IDeviceDriver
    {
        public string Kind => "virtual";

        public DriverAbilities Abilities => VirtualDevice.All;

        public IReadOnlyList<string> Validate(DeviceSettings settings) => [];

        public ValueTask<IDevice> OpenAsync(DeviceSettings settings, CancellationToken cancellationToken) =>
            settings.Id != SampleLab.LaserBox.Value ? new(owner.Printer)
            : owner.LaserOpens ? new(owner.Laser)
            : throw new IOException("no such box");
    }
}

/// <summary>What was logged, as text.</summary>
internal sealed class LogLines : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = [];

    public IReadOnlyCollection<string> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => new Logger(this);

    public void Dispose()
    {
        // The lines outlive the host: tests look at them afterwards.
    }

    private sealed class Logger(LogLines owner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            owner._lines.Enqueue($"{logLevel} {formatter(state, exception)} {exception}");
    }
}
