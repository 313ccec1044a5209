using System.Text;
using FabLab.Gateway.Links;

namespace FabLab.Gateway.Tests.Drivers;

internal sealed record Sent(string Topic, byte[] Payload, MqttQos Qos, bool Retain)
{
    public string Text => Encoding.UTF8.GetString(Payload);
}

/// <summary>A link without a broker, for input that no broker would carry: delivers on the calling thread, keeps what is published.</summary>
internal sealed class FakeMqttLink(TimeProvider? time = null) : IMqttLink
{
    private readonly Lock _gate = new();
    private readonly TopicTree<List<IMqttSink>> _tree = new();
    private readonly Dictionary<string, List<IMqttSink>> _sinks = new(StringComparer.Ordinal);
    private readonly List<Sent> _published = [];

    public bool Up { get; private set; } = true;

    /// <summary>Exceptions that came out of readers; a driver has none.</summary>
    public int SinkFaults { get; private set; }

    public IReadOnlyList<Sent> Published
    {
        get { lock (_gate) return [.. _published]; }
    }

    public LinkStatus Status => new(Up ? LinkPhase.Up : LinkPhase.Waiting, LinkFault.None, null, 0);

    public void Start()
    {
    }

    public void SetUp(bool up)
    {
        Up = up;
        List<IMqttSink> all;
        lock (_gate)
            all = [.. _sinks.Values.SelectMany(s => s).Distinct()];
        foreach (var sink in all)
            sink.OnLinkChanged(up);
    }

    public IMqttSubscription Subscribe(string filter, MqttQos qos, IMqttSink sink)
    {
        Assert.True(TopicFilter.IsFilter(filter), filter);
        lock (_gate)
        {
            if (!_sinks.TryGetValue(filter, out var list))
            {
                _sinks.Add(filter, list = []);
                _tree.Add(filter, list);
            }
            list.Add(sink);
        }
        return new Subscription(this, filter, sink);
    }

    public LinkSend Publish(string topic, ReadOnlySpan<byte> payload, MqttQos qos, bool retain = false, TimeSpan? expiry = null)
    {
        if (!TopicFilter.IsTopic(topic))
            return LinkSend.Invalid;
        if (!Up)
            return LinkSend.Down;
        lock (_gate)
            _published.Add(new Sent(topic, payload.ToArray(), qos, retain));
        return LinkSend.Sent;
    }

    public void Deliver(string topic, string payload, bool retained = false) => Deliver(topic, Encoding.UTF8.GetBytes(payload), retained);

    public void Deliver(string topic, byte[] payload, bool retained = false)
    {
        var found = new List<List<IMqttSink>>();
        lock (_gate)
            _tree.Find(topic, found);
        foreach (var sink in found.SelectMany(f => f).ToList())
        {
            try
            {
                sink.OnMessage(new MqttDelivery { Topic = topic, Payload = payload, Retained = retained, ReceivedTimestamp = (time ?? TimeProvider.System).GetTimestamp() });
            }
            catch (Exception fault)
            {
                SinkFaults++;
                throw new Xunit.Sdk.XunitException($"A driver threw on {topic}: {fault}");
            }
        }
    }

    public Task WaitUntilReadyAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Subscription(FakeMqttLink link, string filter, IMqttSink sink) : IMqttSubscription
    {
        public string Filter => filter;

        public SubscriptionState State => SubscriptionState.Granted;

        public void Dispose()
        {
            lock (link._gate)
                link._sinks[filter].Remove(sink);
        }
    }
}
