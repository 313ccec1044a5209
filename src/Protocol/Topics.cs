using System.Diagnostics.CodeAnalysis;

namespace FabLab.Protocol;

/// <summary>Which way a message goes.</summary>
public enum Direction
{
    /// <summary>Device to gateway.</summary>
    Up,

    /// <summary>Gateway to device.</summary>
    Down,
}

/// <summary>The topics of the protocol. On a serial line the frame type says the same.</summary>
public enum TopicKind
{
    /// <summary><c>up/state</c>: birth and will, retained.</summary>
    State,

    /// <summary><c>up/ev</c>: journal records.</summary>
    Event,

    /// <summary><c>up/me</c>: meter readings, may be dropped.</summary>
    Meter,

    /// <summary><c>up/res</c>: answers and questions.</summary>
    Reply,

    /// <summary><c>dn/cmd</c>: leases, sentences, configuration, time. Never retained.</summary>
    Command,

    /// <summary><c>dn/ack</c>: acknowledgement of journal records.</summary>
    Ack,

    /// <summary><c>dn/list</c>: the offline list in chunks.</summary>
    List,

    /// <summary><c>fl/1/gw/state</c>: whether the gateway is there; retained, not sealed, common to all devices.</summary>
    Gateway,
}

/// <summary>Topic texts.</summary>
public static class Topics
{
    /// <summary>The gateway's own topic.</summary>
    public const string GatewayState = "fl/1/gw/state";

    /// <summary>What the gateway subscribes to.</summary>
    public const string AllDevices = "fl/1/+/up/#";

    private static readonly string[] Tails = ["up/state", "up/ev", "up/me", "up/res", "dn/cmd", "dn/ack", "dn/list"];

    /// <summary>What a device subscribes to, beside <see cref="GatewayState"/>.</summary>
    /// <param name="device">The device.</param>
    /// <returns>The filter.</returns>
    public static string ForDevice(DeviceId device) => $"fl/1/{device.Value}/dn/#";

    /// <summary>The topic of a message.</summary>
    /// <param name="device">The device; not used for <see cref="TopicKind.Gateway"/>.</param>
    /// <param name="kind">The kind.</param>
    /// <returns>The topic.</returns>
    public static string Of(DeviceId device, TopicKind kind) =>
        kind == TopicKind.Gateway ? GatewayState : $"fl/1/{device.Value}/{Tails[(int)kind]}";

    /// <summary>Which way messages of a topic go.</summary>
    /// <param name="kind">The kind.</param>
    /// <returns>The direction.</returns>
    public static Direction DirectionOf(TopicKind kind) => kind <= TopicKind.Reply ? Direction.Up : Direction.Down;

    /// <summary>Quality of service a topic is published with: 0 for meter readings, else 1.</summary>
    /// <param name="kind">The kind.</param>
    /// <returns>0 or 1.</returns>
    public static int QosOf(TopicKind kind) => kind == TopicKind.Meter ? 0 : 1;

    /// <summary>Whether a topic is published retained: state only, of a device or of the gateway.</summary>
    /// <param name="kind">The kind.</param>
    /// <returns>Whether to set the retain flag.</returns>
    public static bool RetainOf(TopicKind kind) => kind is TopicKind.State or TopicKind.Gateway;

    /// <summary>Takes a topic apart.</summary>
    /// <param name="topic">The topic text.</param>
    /// <param name="device">The device; default for the gateway's topic.</param>
    /// <param name="kind">The kind.</param>
    /// <returns>Whether it is one of the protocol's topics.</returns>
    public static bool TryParse([NotNullWhen(true)] string? topic, out DeviceId device, out TopicKind kind)
    {
        device = default;
        kind = TopicKind.Gateway;
        if (topic is null || topic.Length > 64)
            return false;
        if (topic == GatewayState)
            return true;
        if (!topic.StartsWith("fl/1/", StringComparison.Ordinal))
            return false;
        var slash = topic.IndexOf('/', 5);
        if (slash < 0 || !DeviceId.TryParse(topic[5..slash], out device))
            return false;
        var tail = Array.IndexOf(Tails, topic[(slash + 1)..]);
        kind = tail < 0 ? default : (TopicKind)tail;
        return tail >= 0;
    }
}
