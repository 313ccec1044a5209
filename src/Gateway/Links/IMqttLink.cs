namespace FabLab.Gateway.Links;

/// <summary>
/// One connection to a broker: bytes in, bytes out, nothing about devices. It connects by itself, again and again,
/// and asks for its subscriptions again after each connection. Thread-safe.
/// </summary>
public interface IMqttLink : IAsyncDisposable
{
    LinkStatus Status { get; }

    /// <summary>Starts to connect. Returns at once; a broker that is away is not an error here.</summary>
    void Start();

    /// <summary>
    /// Listens to a filter from now on, across reconnects. The filters of one link must not overlap, except when they
    /// are equal: brokers differ on how often a message comes that two filters match.
    /// </summary>
    IMqttSubscription Subscribe(string filter, MqttQos qos, IMqttSink sink);

    /// <summary>
    /// Sends now or not at all: nothing waits for a later connection, because a command that comes late is worse than
    /// one that does not come. Never blocks on the network. <c>expiry</c> is for a broker that speaks MQTT 5 and ignored elsewhere.
    /// </summary>
    LinkSend Publish(string topic, ReadOnlySpan<byte> payload, MqttQos qos, bool retain = false, TimeSpan? expiry = null);

    /// <summary>Completes when the broker has accepted the connection and every subscription asked for so far.</summary>
    Task WaitUntilReadyAsync(CancellationToken cancellationToken);
}

/// <summary>A subscription that outlives connections. Disposing it ends it.</summary>
public interface IMqttSubscription : IDisposable
{
    string Filter { get; }

    /// <summary>What the broker said to it on the present connection.</summary>
    SubscriptionState State { get; }
}

public enum SubscriptionState
{
    /// <summary>Asked for, or waiting for a connection.</summary>
    Pending = 0,
    Granted,

    /// <summary>The broker refuses it: a matter of rights.</summary>
    Refused,
}

/// <summary>Quality of service. There is no 2: it covers one hop of one session, and our records have keys.</summary>
public enum MqttQos
{
    AtMostOnce = 0,
    AtLeastOnce = 1,
}

/// <summary>What became of something handed to a link.</summary>
public enum LinkSend
{
    Sent = 0,

    /// <summary>There is no connection.</summary>
    Down,

    /// <summary>More than the link or the broker takes.</summary>
    TooLarge,

    /// <summary>The topic cannot be published to.</summary>
    Invalid,
}
