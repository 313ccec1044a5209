using System.Collections.Concurrent;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.Tasmota;

/// <summary>Devices with Tasmota firmware: relays as leases, meters, badge readers.</summary>
public sealed class TasmotaDriver : IDeviceDriver, IAsyncDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly IMqttLink _link;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, TasmotaDevice> _devices = new(StringComparer.Ordinal);
    private readonly ITimer _timer;

    public TasmotaDriver(IMqttLink link, TimeProvider time, ILogger<TasmotaDriver> logger)
    {
        ArgumentNullException.ThrowIfNull(time);
        _link = link;
        _time = time;
        _logger = logger;
        _timer = time.CreateTimer(static me => ((TasmotaDriver)me!).Tick(), this, Second, Second);
    }

    public string Kind => "tasmota";

    public DriverAbilities Abilities =>
        DriverAbilities.FailsSafeAlone | DriverAbilities.ConfirmsRelay | DriverAbilities.Measures | DriverAbilities.ReadsBadges | DriverAbilities.Switches;

    public IReadOnlyList<string> Validate(DeviceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var faults = new List<string>();
        if (DeviceRegistry.Check(settings) is { } fault)
            faults.Add(fault);
        if (settings.Link != DeviceLinkKind.Mqtt)
            faults.Add($"{settings.Id}: link is mqtt.");
        if (TasmotaTopics.Parse(settings, out var wrong) is null)
            faults.Add($"{settings.Id}: {wrong}");
        return faults;
    }

    public DeviceAccess? Access(DeviceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (Validate(settings).Count > 0 || string.IsNullOrEmpty(settings.MqttPassword))
            return null;
        var topics = TasmotaTopics.Parse(settings, out _)!;
        return new DeviceAccess(settings.Id, settings.MqttPassword, [topics.StatFilter, topics.TeleFilter], [topics.CommandFilter], [topics.LastWill]);
    }

    public ValueTask<IDevice> OpenAsync(DeviceSettings settings, CancellationToken cancellationToken)
    {
        if (Validate(settings) is { Count: > 0 } faults)
            throw new ArgumentException(string.Join(" ", faults), nameof(settings));
        var device = new TasmotaDevice(settings, TasmotaTopics.Parse(settings, out _)!, _link, _time, _logger, d => _devices.TryRemove(d.Id.Value, out _));
        _devices[settings.Id] = device;
        return ValueTask.FromResult<IDevice>(device);
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        foreach (var device in _devices.Values)
            await device.DisposeAsync().ConfigureAwait(false);
    }

    private void Tick()
    {
        foreach (var device in _devices.Values)
            device.Tick();
    }
}
