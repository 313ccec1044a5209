using FabLab.Gateway.Drivers.Node;
using FabLab.Gateway.Drivers.Plugs;
using FabLab.Gateway.Links;
using FabLab.Gateway.Supervision;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers;

/// <summary>
/// Starts the broker and the link before anything else of the gateway and stops them after it, and follows <c>devices.json</c>:
/// a device that is removed from it is thrown out of the broker within a second, and what it left there is wiped away.
/// </summary>
internal sealed partial class DeviceService(
    DeviceRegistry registry, DeviceConnections connections, IEnumerable<IDeviceDriver> drivers, NodeDriver nodes, IEnumerable<PlugDriver> plugs,
    AlarmBoard alarms, DeviceFarewell farewell, TimeProvider time, ILogger<DeviceService> logger) : IHostedLifecycleService, IDisposable
{
    private const string BrokerAlarm = "broker_down";
    private const string FileAlarm = "devices_file";
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, IDeviceDriver> _drivers = drivers.ToDictionary(d => d.Kind, StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Queue<string> _leftBehind = [];
    private readonly System.Threading.Channels.Channel<bool> _changed = System.Threading.Channels.Channel.CreateBounded<bool>(
        new System.Threading.Channels.BoundedChannelOptions(1) { FullMode = System.Threading.Channels.BoundedChannelFullMode.DropWrite });
    private IReadOnlyList<DeviceAccess> _access = [];
    private IReadOnlyList<DeviceSettings> _followed = [];
    private Task _watching = Task.CompletedTask;
    private long _downSince;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        registry.Refresh();
        _followed = registry.Current;
        _access = Access(_followed);
        _downSince = time.GetTimestamp();
        connections.Start(_access);
        _watching = WatchAsync(_stopping.Token);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _watching;
        foreach (var plug in plugs)
            await plug.DisposeAsync();
        await nodes.DisposeAsync();
        await connections.DisposeAsync();
    }

    public void Dispose() => _stopping.Dispose();

    private async Task WatchAsync(CancellationToken stopping)
    {
        // A device that this process withdraws does not wait for the next look.
        void OnChanged() => _changed.Writer.TryWrite(true);
        registry.Changed += OnChanged;
        try
        {
            while (true)
            {
                using var until = CancellationTokenSource.CreateLinkedTokenSource(stopping);
                await Task.WhenAny(Task.Delay(Look, time, until.Token), _changed.Reader.WaitToReadAsync(until.Token).AsTask());
                await until.CancelAsync();
                stopping.ThrowIfCancellationRequested();
                _changed.Reader.TryRead(out _);
                await LookAroundAsync();
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The gateway stops.
            return;
        }
        catch (Exception fault)
        {
            Log.Broke(logger, fault);
            alarms.Raise(AlarmCodes.LoopFailed, "devices", "The list of devices is no longer followed. See the log.");
        }
        finally
        {
            registry.Changed -= OnChanged;
        }
    }

    private async Task LookAroundAsync()
    {
        registry.Refresh();
        // Somebody in this process may have read it anew before us.
        if (!ReferenceEquals(registry.Current, _followed))
            await FollowAsync(registry.Current);
        if (registry.Fault is { } fault)
            alarms.Raise(FileAlarm, DeviceRegistry.FileName, $"{DeviceRegistry.FileName} cannot be read, the devices stay as they were: {fault}");
        else
            alarms.Clear(FileAlarm, DeviceRegistry.FileName);
        if (connections.Link.Status.Phase == LinkPhase.Up)
        {
            _downSince = time.GetTimestamp();
            alarms.Clear(BrokerAlarm, "broker");
            while (_leftBehind.TryPeek(out var topic) && connections.Link.Publish(topic, [], MqttQos.AtLeastOnce, retain: true) == LinkSend.Sent)
                _leftBehind.Dequeue();
        }
        else if (time.GetElapsedTime(_downSince) > Patience)
        {
            alarms.Raise(BrokerAlarm, "broker", $"Devices on the broker cannot be reached: {connections.Trouble}");
        }
    }

    private async Task FollowAsync(IReadOnlyList<DeviceSettings> devices)
    {
        var before = _access;
        var access = Access(devices);
        // While they may still be spoken to.
        await farewell.SayAsync([.. before.Select(b => b.UserName).Where(user => access.All(a => a.UserName != user))]);
        if (connections.Broker?.SetDevices(access) is { } fault)
        {
            alarms.Raise(AlarmCodes.StorageFailure, "broker", $"The broker's passwords and rights could not be written, the old ones stay in force: {fault}");
            return;
        }
        alarms.Clear(AlarmCodes.StorageFailure, "broker");
        (_access, _followed) = (access, devices);
        // The broker's memory outlives the rights of who wrote to it.
        foreach (var topic in before.Where(b => access.All(a => a.UserName != b.UserName)).SelectMany(b => b.Retained))
            _leftBehind.Enqueue(topic);
        Log.Changed(logger, devices.Count);
    }

    private List<DeviceAccess> Access(IReadOnlyList<DeviceSettings> devices)
    {
        var all = new List<DeviceAccess>();
        foreach (var settings in devices)
        {
            if (_drivers.TryGetValue(settings.Driver, out var driver) && driver.Access(settings) is { } access)
                all.Add(access);
        }
        return all;
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 3210, Level = LogLevel.Information, Message = "The list of devices has changed: {Count} devices. A new one is opened at the gateway's next start.")]
        public static partial void Changed(ILogger logger, int count);

        [LoggerMessage(EventId = 3211, Level = LogLevel.Error, Message = "The list of devices is no longer followed.")]
        public static partial void Broke(ILogger logger, Exception fault);
    }
}
