using System.Collections.Concurrent;
using FabLab.Gateway.Drivers;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Supervision;

/// <summary>
/// The loops of all devices. It looks at the list every few seconds: a device that is new gets a loop, one that is gone or was
/// changed is closed first, its relays open.
/// </summary>
internal sealed partial class DeviceSet(IDeviceSource source, Func<DeviceSettings, DeviceLoop> make, TimeProvider time, ILogger<DeviceSet> logger) : IDisposable
{
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, Entry> _running = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _following = new(1, 1);

    public IReadOnlyList<DeviceHealth> Health => [.. _running.Values.Select(r => r.Loop.Health).OrderBy(h => h.Device.Value, StringComparer.Ordinal)];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await FollowAsync(cancellationToken);
            await Task.Delay(LookEvery, time, cancellationToken);
        }
    }

    public void Dispose() => _following.Dispose();

    /// <summary>No more reports. The devices stay open for the last commands of their machines.</summary>
    public async Task StopAsync()
    {
        foreach (var running in _running.Values)
            await running.Stop.CancelAsync();
        await Task.WhenAll(_running.Values.Select(r => r.Task));
        foreach (var running in _running.Values)
            running.Stop.Dispose();
    }

    /// <summary>What is running of each device, for who tells Booking.</summary>
    public IReadOnlyList<(DeviceSettings Settings, DeviceHealth Health)> Running => [.. _running.Values.Select(r => (r.Settings, r.Loop.Health))];

    /// <summary>Closes devices that are no longer on the list, at once: their relays open.</summary>
    public Task CloseAsync(IReadOnlyCollection<string> devices, CancellationToken cancellationToken) =>
        _running.Keys.Any(devices.Contains) ? FollowAsync(cancellationToken) : Task.CompletedTask;

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        await _following.WaitAsync(cancellationToken);
        try
        {
            // Read inside: a list read before a device was withdrawn would open it again.
            await FollowAsync(await source.ReadAsync(cancellationToken), cancellationToken);
        }
        finally
        {
            _following.Release();
        }
    }

    private async Task FollowAsync(IReadOnlyList<DeviceSettings> wanted, CancellationToken cancellationToken)
    {
        var byId = wanted.ToDictionary(s => s.Id, StringComparer.Ordinal);
        foreach (var (id, running) in _running)
        {
            if (byId.TryGetValue(id, out var settings) && settings == running.Settings)
                continue;
            if (settings is not null && settings == running.Settings with { ProvenFirmware = settings.ProvenFirmware })
            {
                running.Loop.Prove(settings.ProvenFirmware);
                _running[id] = running with { Settings = settings };
                continue;
            }
            Log.Closing(logger, id);
            await running.Stop.CancelAsync();
            await running.Task;
            await running.Loop.RemoveAsync(forGood: !byId.ContainsKey(id), cancellationToken);
            _running.TryRemove(id, out _);
            running.Stop.Dispose();
        }
        foreach (var settings in wanted)
        {
            if (_running.ContainsKey(settings.Id))
                continue;
            var loop = make(settings);
            var stop = new CancellationTokenSource();
            _running[settings.Id] = new Entry(settings, loop, stop, loop.RunAsync(stop.Token));
        }
    }

    private sealed record Entry(DeviceSettings Settings, DeviceLoop Loop, CancellationTokenSource Stop, Task Task);

    private static partial class Log
    {
        [LoggerMessage(4851, LogLevel.Information, "{Device}: removed or changed; closing it")]
        public static partial void Closing(ILogger logger, string device);
    }
}
