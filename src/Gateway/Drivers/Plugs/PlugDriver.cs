using System.Collections.Concurrent;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.Plugs;

/// <summary>What every device on the broker is made with.</summary>
internal sealed record PlugParts(IMqttLink Link, TimeProvider Time, ILogger Logger, Action<PlugDevice> Closed);

/// <summary>What the drivers of bought plugs and boards on the broker do the same way.</summary>
public abstract class PlugDriver : IDeviceDriver, IAsyncDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly IMqttLink _link;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, PlugDevice> _devices = new(StringComparer.Ordinal);
    private readonly ITimer _timer;

    private protected PlugDriver(IMqttLink link, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(time);
        _link = link;
        _time = time;
        _logger = logger;
        _timer = time.CreateTimer(static me => ((PlugDriver)me!).Tick(), this, Second, Second);
    }

    public abstract string Kind { get; }

    public abstract DriverAbilities Abilities { get; }

    public IReadOnlyList<string> Validate(DeviceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var faults = new List<string>();
        if (DeviceRegistry.Check(settings) is { } fault)
            faults.Add(fault);
        if (settings.Link != DeviceLinkKind.Mqtt)
            faults.Add($"{settings.Id}: link is mqtt.");
        if (faults.Count == 0)
            faults.AddRange(Faults(settings).Select(f => $"{settings.Id}: {f}"));
        return faults;
    }

    public DeviceAccess? Access(DeviceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return Validate(settings).Count > 0 || string.IsNullOrEmpty(settings.MqttPassword) ? null : Rights(settings, settings.MqttPassword);
    }

    public ValueTask<IDevice> OpenAsync(DeviceSettings settings, CancellationToken cancellationToken)
    {
        if (Validate(settings) is { Count: > 0 } faults)
            throw new ArgumentException(string.Join(" ", faults), nameof(settings));
        var device = Create(settings, new PlugParts(_link, _time, _logger, d => _devices.TryRemove(new(d.Id.Value, d))));
        _devices[settings.Id] = device;
        device.Listen();
        return ValueTask.FromResult<IDevice>(device);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _timer.DisposeAsync().ConfigureAwait(false);
        foreach (var device in _devices.Values)
            await device.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>What is wrong with the settings beyond what every device must have, without the name of the device.</summary>
    private protected abstract IEnumerable<string> Faults(DeviceSettings settings);

    private protected abstract DeviceAccess Rights(DeviceSettings settings, string password);

    private protected abstract PlugDevice Create(DeviceSettings settings, PlugParts parts);

    /// <summary>A name that can stand in a topic: no wildcard, no blank, no slash at its ends.</summary>
    private protected static bool IsName(string name) =>
        TopicFilter.IsTopic(name) && !name.Any(char.IsWhiteSpace) && name[0] is not ('/' or '$') && name[^1] != '/';

    private void Tick()
    {
        foreach (var device in _devices.Values)
            device.Tick();
    }
}
