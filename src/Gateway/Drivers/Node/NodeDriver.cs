using System.Collections.Concurrent;
using System.Text;
using FabLab.Core;
using FabLab.Gateway.Links;
using FabLab.Protocol;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Serial;
using Microsoft.Extensions.Logging;
using DeviceId = FabLab.Core.DeviceId;

namespace FabLab.Gateway.Drivers.Node;

/// <summary>
/// Our own devices, over the broker and over serial lines. One subscription serves all of the broker's; the gateway's own state
/// (<c>fl/1/gw/state</c>) is published here, and its last will is <see cref="Will"/>.
/// </summary>
public sealed partial class NodeDriver : IDeviceDriver, IMqttSink, IAsyncDisposable
{
    private const int MostEarly = 4096;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly IMqttLink? _link;
    private readonly INodeStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LogGate _logGate;
    private readonly string _lockFolder;
    private readonly uint _epoch;
    private readonly ConcurrentDictionary<string, NodeDevice> _devices = new(StringComparer.Ordinal);

    // Those of them that come over the broker: its messages and its absence concern nobody else.
    private readonly ConcurrentDictionary<string, NodeDevice> _onBroker = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, byte[]> _early = new(StringComparer.Ordinal);
    private readonly IMqttSubscription? _subscription;
    private readonly ITimer _timer;

    /// <param name="link">The broker; null where there are only serial lines.</param>
    /// <param name="store">Keeps counters over restarts.</param>
    /// <param name="time">Both clocks.</param>
    /// <param name="logger">Says who comes and goes and what is refused.</param>
    /// <param name="lockFolder">Where the lock files of serial ports are.</param>
    public NodeDriver(IMqttLink? link, INodeStore store, TimeProvider time, ILogger<NodeDriver> logger, string lockFolder = "/run/lock")
    {
        _link = link;
        _store = store;
        _time = time;
        _logger = logger;
        _logGate = new LogGate(time);
        _lockFolder = lockFolder;
        _epoch = Epoch(time);
        _subscription = link?.Subscribe(Topics.AllDevices, MqttQos.AtLeastOnce, this);
        _timer = time.CreateTimer(static me => ((NodeDriver)me!).Tick(), this, Second, Second);
    }

    public string Kind => "node";

    public DriverAbilities Abilities =>
        DriverAbilities.FailsSafeAlone | DriverAbilities.ConfirmsRelay | DriverAbilities.Measures | DriverAbilities.ReadsBadges
        | DriverAbilities.HasDisplay | DriverAbilities.Journals | DriverAbilities.Switches | DriverAbilities.DecidesOffline;

    /// <summary>What the broker says for a gateway that vanished. It goes into the link's options.</summary>
    public static MqttWill Will(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return new MqttWill(Topics.GatewayState, new GatewayState(false, time.GetUtcNow().ToUnixTimeMilliseconds(), Epoch(time)).ToJson(), MqttQos.AtLeastOnce, Retain: true);
    }

    public IReadOnlyList<string> Validate(DeviceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var faults = NodeSettings.Validate(settings);
        return settings.Link == DeviceLinkKind.Mqtt && _link is null ? [.. faults, $"{settings.Id}: there is no broker."] : faults;
    }

    public DeviceAccess? Access(DeviceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.Link != DeviceLinkKind.Mqtt || NodeSettings.Validate(settings).Count > 0)
            return null;
        return new DeviceAccess(settings.Id, NodeSettings.Keys(settings).MqttPassword, [], [], [Topics.Of(Protocol.DeviceId.Parse(settings.Id), TopicKind.State)]);
    }

    public ValueTask<IDevice> OpenAsync(DeviceSettings settings, CancellationToken cancellationToken)
    {
        if (Validate(settings) is { Count: > 0 } faults)
            throw new ArgumentException(string.Join(" ", faults), nameof(settings));
        return ValueTask.FromResult<IDevice>(settings.Link == DeviceLinkKind.Serial ? OpenSerial(settings) : OpenMqtt(settings));
    }

    public void OnMessage(in MqttDelivery message)
    {
        if (!Topics.TryParse(message.Topic, out var device, out var kind) || kind == TopicKind.Gateway)
        {
            Unknown(message.Topic);
            return;
        }
        _onBroker.TryGetValue(device.Value, out var known);
        // Broker, devices and gateway often start together, and a device with a new key is back sooner than the list is read: a birth
        // is kept for the device that is opened a moment later.
        var state = kind == TopicKind.State && message.Payload.Length <= Limits.MessageBytes;
        if (state && (_early.Count < MostEarly || _early.ContainsKey(device.Value)))
            _early[device.Value] = message.Payload.ToArray();
        if (known is not null)
            known.OnMessage(kind, message.Payload, message.Retained, message.ReceivedTimestamp);
        else if (!state || !message.Retained)
            Unknown(message.Topic);
    }

    public void OnLinkChanged(bool up)
    {
        if (up)
            SayState(on: true);
        foreach (var device in _onBroker.Values)
        {
            if (up)
                device.OnLinkUp();
            else
                device.OnLinkLost();
        }
    }

    /// <summary>Says goodbye: the devices know at once that nobody answers any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        _subscription?.Dispose();
        foreach (var device in _devices.Values)
            await device.DisposeAsync().ConfigureAwait(false);
        SayState(on: false);
    }

    // A number that is another one at each start.
    private static uint Epoch(TimeProvider time) => unchecked((uint)time.GetUtcNow().ToUnixTimeMilliseconds());

    private NodeDevice OpenMqtt(DeviceSettings settings)
    {
        var device = new NodeDevice(NodeSettings.Keys(settings), new Broker(_link!), _store, _time, _logger, Forget);
        if (!_devices.TryAdd(settings.Id, device))
            throw new InvalidOperationException($"{settings.Id} is already open.");
        _onBroker[settings.Id] = device;
        // A birth came when the link came up, perhaps before this device was opened: now it is asked whether it still holds.
        if (_early.TryGetValue(settings.Id, out var birth))
            device.OnMessage(TopicKind.State, birth, retained: true, _time.GetTimestamp());
        device.AskBirth();
        return device;
    }

    private NodeDevice OpenSerial(DeviceSettings settings)
    {
        var options = new SerialLinkOptions { Path = settings.Path!, Baud = settings.Baud ?? 115_200, LockFolder = _lockFolder };
        var line = new NodeSerialLine(settings.Id, _epoch, SerialLinks.Create(options, _time, _logger), _time, _logger);
        var device = new NodeDevice(NodeSettings.Keys(settings), line, _store, _time, _logger, d => { Forget(d); line.Close(); });
        if (!_devices.TryAdd(settings.Id, device))
            throw new InvalidOperationException($"{settings.Id} is already open.");
        line.Start(device);
        return device;
    }

    private void Forget(NodeDevice device)
    {
        var entry = new KeyValuePair<string, NodeDevice>(device.Id.Value, device);
        _onBroker.TryRemove(entry);
        _devices.TryRemove(entry);
    }

    private void Tick()
    {
        foreach (var device in _devices.Values)
            device.Tick();
    }

    private void SayState(bool on)
    {
        var state = new GatewayState(on, _time.GetUtcNow().ToUnixTimeMilliseconds(), _epoch);
        _ = _link?.Publish(Topics.GatewayState, state.ToJson(), MqttQos.AtLeastOnce, retain: true);
    }

    private void Unknown(string topic)
    {
        DriverMetrics.Refused.Add(1);
        if (_logGate.Pass("unknown", out var heldBack))
            Log.Unknown(_logger, topic.Length > 100 ? topic[..100] : topic, heldBack);
    }

    private sealed class Broker(IMqttLink link) : INodeTransport
    {
        public LinkSend Send(TopicKind kind, string topic, byte[] payload, TimeSpan? expiry) =>
            link.Publish(topic, payload, Topics.QosOf(kind) == 0 ? MqttQos.AtMostOnce : MqttQos.AtLeastOnce, Topics.RetainOf(kind), expiry);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 3420, Level = LogLevel.Warning, Message = "A message from a device that nobody enrolled, or that is not open yet, on {Topic}. ({HeldBack} like it not shown)")]
        public static partial void Unknown(ILogger logger, string topic, int heldBack);
    }
}
