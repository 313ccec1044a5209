using System.Text;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Links;

/// <summary>
/// What every MQTT link does the same way: one supervisor, one connection at a time, the subscriptions that outlive connections.
/// How the bytes travel is the connection's own matter.
/// </summary>
public abstract partial class MqttLink : IMqttLink
{
    private static readonly TimeSpan PatienceAtClose = TimeSpan.FromSeconds(3);

    private readonly MqttLinkOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LogGate _gateForLogs;
    private readonly CancellationTokenSource _stopping = new();

    // Guards the subscriptions, the present connection and the waiters. The sinks are called outside it.
    private readonly Lock _gate = new();
    private readonly TopicTree<MqttSubscription> _tree = new();
    private readonly Dictionary<string, MqttSubscription> _subscriptions = new(StringComparer.Ordinal);
    private readonly List<MqttSubscription> _found = [];
    private TaskCompletionSource _ready = NewSignal();
    private volatile MqttConnection? _connection;
    private volatile LinkStatus _status = new(LinkPhase.Stopped, LinkFault.None, null, 0);
    private Task? _supervisor;
    private long _upSince;

    private protected MqttLink(MqttLinkOptions options, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _time = time;
        _logger = logger;
        _gateForLogs = new LogGate(time);
    }

    public LinkStatus Status => _status;

    public void Start()
    {
        Prepare();
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping.IsCancellationRequested, this);
            _supervisor ??= SuperviseAsync(_stopping.Token);
        }
    }

    public IMqttSubscription Subscribe(string filter, MqttQos qos, IMqttSink sink)
    {
        if (!TopicFilter.IsFilter(filter))
            throw new ArgumentException("Not an MQTT filter.", nameof(filter));
        ArgumentNullException.ThrowIfNull(sink);
        MqttSubscription subscription;
        bool up;
        lock (_gate)
        {
            if (!_subscriptions.TryGetValue(filter, out subscription!))
            {
                subscription = new MqttSubscription(filter, qos);
                _subscriptions.Add(filter, subscription);
                _tree.Add(filter, subscription);
            }
            subscription.Sinks = [.. subscription.Sinks, sink];
            up = _status.Phase == LinkPhase.Up;
            if (up)
            {
                subscription.State = SubscriptionState.Pending;
                Unready();
            }
        }
        // Also for a filter that is already there: the broker then sends the retained messages again, for the new sink.
        if (up)
        {
            Guard(sink, static s => s.OnLinkChanged(true));
            _connection?.Subscribe(subscription);
        }
        return new Registration(this, subscription, sink);
    }

    public LinkSend Publish(string topic, ReadOnlySpan<byte> payload, MqttQos qos, bool retain = false, TimeSpan? expiry = null)
    {
        if (!TopicFilter.IsTopic(topic))
            return LinkSend.Invalid;
        return _connection is { } connection ? connection.Publish(topic, payload, qos, retain, expiry) : LinkSend.Down;
    }

    public Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            return _ready.Task.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Task? supervisor;
        lock (_gate)
        {
            if (_stopping.IsCancellationRequested)
                return;
            supervisor = _supervisor;
            _stopping.Cancel();
        }
        _connection?.Stop();
        if (supervisor is not null)
        {
            try
            {
                // A thread that hangs in a TCP handshake is left to end by itself; it owns what it uses.
                await supervisor.WaitAsync(PatienceAtClose, _time).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                Log.LeftBehind(_logger, _options.ToString());
            }
        }
        lock (_gate)
            _ready.TrySetCanceled();
        _status = new LinkStatus(LinkPhase.Stopped, LinkFault.None, null, 0);
    }

    /// <summary>Before the first connection: what is missing on this computer is said at the start.</summary>
    private protected virtual void Prepare()
    {
    }

    /// <summary>A new connection, not yet begun.</summary>
    private protected abstract MqttConnection Connect(MqttLinkOptions options, TimeProvider time);

    /// <summary>
    /// The broker has said yes: asks for the subscriptions and tells the sinks afterwards. A sink may ask a device something when it
    /// hears that the link is up; the broker takes packets in their order, so the answer finds the subscription there.
    /// </summary>
    internal void Accepted(MqttConnection connection)
    {
        List<MqttSubscription> all;
        HashSet<IMqttSink> sinks;
        lock (_gate)
        {
            _status = new LinkStatus(LinkPhase.Up, LinkFault.None, null, 0);
            _upSince = _time.GetTimestamp();
            _connection = connection;
            all = [.. _subscriptions.Values];
            sinks = [.. all.SelectMany(s => s.Sinks)];
        }
        Log.Up(_logger, _options.ToString());
        foreach (var subscription in all)
            connection.Subscribe(subscription);
        Tell(sinks, up: true);
    }

    internal void Ready(MqttConnection connection)
    {
        lock (_gate)
        {
            if (ReferenceEquals(_connection, connection) && _subscriptions.Values.All(s => s.State != SubscriptionState.Pending))
                _ready.TrySetResult();
        }
    }

    internal void Answered(MqttSubscription subscription, bool granted)
    {
        subscription.State = granted ? SubscriptionState.Granted : SubscriptionState.Refused;
        if (!granted)
        {
            LinkMetrics.Refused.Add(1);
            Log.SubscriptionRefused(_logger, _options.ToString(), subscription.Filter);
        }
    }

    internal void Deliver(string topic, ReadOnlySpan<byte> payload, bool retained, long at)
    {
        LinkMetrics.Received.Add(1);
        _found.Clear();
        lock (_gate)
            _tree.Find(topic, _found);
        foreach (var subscription in _found)
        {
            foreach (var sink in subscription.Sinks)
            {
                try
                {
                    sink.OnMessage(new MqttDelivery { Topic = topic, Payload = payload, Retained = retained, ReceivedTimestamp = at });
                }
                catch (Exception fault)
                {
                    SinkFault(sink, fault);
                }
            }
        }
    }

    internal void Oversized(ReadOnlySpan<byte> topic, int length)
    {
        LinkMetrics.Oversized.Add(1);
        var name = Encoding.UTF8.GetString(topic);
        if (_gateForLogs.Pass("oversized " + name, out var heldBack))
            Log.Oversized(_logger, name, length, _options.MaxPayload, heldBack);
    }

    internal void PublishRefused(string reason)
    {
        LinkMetrics.Refused.Add(1);
        if (_gateForLogs.Pass("refused", out var heldBack))
            Log.PublishRefused(_logger, _options.ToString(), reason, heldBack);
    }

    private void Remove(MqttSubscription subscription, IMqttSink sink)
    {
        lock (_gate)
        {
            var at = Array.IndexOf(subscription.Sinks, sink);
            if (at < 0)
                return;
            subscription.Sinks = [.. subscription.Sinks[..at], .. subscription.Sinks[(at + 1)..]];
            if (subscription.Sinks.Length > 0)
                return;
            _subscriptions.Remove(subscription.Filter);
            _tree.Remove(subscription.Filter);
        }
        _connection?.Unsubscribe(subscription.Filter);
    }

    private async Task SuperviseAsync(CancellationToken stopping)
    {
        var backoff = new Backoff(_options.Backoff);
        while (!stopping.IsCancellationRequested)
        {
            _status = _status with { Phase = LinkPhase.Connecting };
            using var connection = Connect(_options, _time);
            await using (stopping.UnsafeRegister(static c => ((MqttConnection)c!).Stop(), connection))
                await connection.RunAsync().ConfigureAwait(false);
            var stood = _status.Phase == LinkPhase.Up;
            var (fault, detail) = connection.Outcome;
            HashSet<IMqttSink> sinks;
            lock (_gate)
            {
                _connection = null;
                foreach (var subscription in _subscriptions.Values)
                    subscription.State = SubscriptionState.Pending;
                sinks = [.. _subscriptions.Values.SelectMany(s => s.Sinks)];
                Unready();
            }
            if (stood)
                Tell(sinks, up: false);
            // One that fell at once is no success: two gateways of one name would throw each other out in a storm.
            if (stood && _time.GetElapsedTime(_upSince) > _options.Backoff.Longest)
                backoff.Reset();
            if (stopping.IsCancellationRequested)
                return;
            var wait = backoff.Next();
            _status = new LinkStatus(LinkPhase.Waiting, fault, detail, backoff.Attempts);
            LinkMetrics.Reconnects.Add(1);
            if (_gateForLogs.Pass("down " + fault, out var heldBack))
                Log.Down(_logger, _options.ToString(), fault, detail, heldBack);
            try
            {
                await Task.Delay(wait, _time, stopping).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Needs the gate.</summary>
    private void Unready()
    {
        if (_ready.Task.IsCompleted)
            _ready = NewSignal();
    }

    private void Tell(HashSet<IMqttSink> sinks, bool up)
    {
        foreach (var sink in sinks)
            Guard(sink, up ? static s => s.OnLinkChanged(true) : static s => s.OnLinkChanged(false));
    }

    private void Guard(IMqttSink sink, Action<IMqttSink> call)
    {
        try
        {
            call(sink);
        }
        catch (Exception fault)
        {
            SinkFault(sink, fault);
        }
    }

    private void SinkFault(IMqttSink sink, Exception fault)
    {
        LinkMetrics.SinkFaults.Add(1);
        if (_gateForLogs.Pass("sink " + sink.GetType().Name, out var heldBack))
            Log.SinkFault(_logger, fault, sink.GetType().Name, heldBack);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Registration(MqttLink link, MqttSubscription subscription, IMqttSink sink) : IMqttSubscription
    {
        private int _disposed;

        public string Filter => subscription.Filter;

        public SubscriptionState State => subscription.State;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
                link.Remove(subscription, sink);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 3000, Level = LogLevel.Information, Message = "MQTT {Link} is up.")]
        public static partial void Up(ILogger logger, string link);

        [LoggerMessage(EventId = 3001, Level = LogLevel.Warning, Message = "MQTT {Link} is down: {Fault}, {Detail}. Trying again. ({HeldBack} like it not shown)")]
        public static partial void Down(ILogger logger, string link, LinkFault fault, string? detail, int heldBack);

        [LoggerMessage(EventId = 3002, Level = LogLevel.Error, Message = "MQTT {Link}: the broker refuses the subscription {Filter}.")]
        public static partial void SubscriptionRefused(ILogger logger, string link, string filter);

        [LoggerMessage(EventId = 3003, Level = LogLevel.Warning, Message = "A message of {Length} bytes on {Topic} was dropped, the limit is {Limit}. ({HeldBack} like it not shown)")]
        public static partial void Oversized(ILogger logger, string topic, int length, int limit, int heldBack);

        [LoggerMessage(EventId = 3004, Level = LogLevel.Error, Message = "MQTT {Link}: the broker refuses a message: {Reason}. ({HeldBack} like it not shown)")]
        public static partial void PublishRefused(ILogger logger, string link, string reason, int heldBack);

        [LoggerMessage(EventId = 3005, Level = LogLevel.Error, Message = "The reader of a link, {Sink}, failed on a message. ({HeldBack} like it not shown)")]
        public static partial void SinkFault(ILogger logger, Exception fault, string sink, int heldBack);

        [LoggerMessage(EventId = 3006, Level = LogLevel.Warning, Message = "MQTT {Link}: the connection's thread did not end in time and is left to end by itself.")]
        public static partial void LeftBehind(ILogger logger, string link);
    }
}
