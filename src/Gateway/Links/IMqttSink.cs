namespace FabLab.Gateway.Links;

/// <summary>
/// Where a link delivers. Called on the link's own thread, one call at a time, in the order of arrival: copy what is
/// kept, hand it to a bounded channel, return. Anything that waits here holds every other device back.
/// An exception is caught by the link, counted and logged once a minute.
/// </summary>
public interface IMqttSink
{
    void OnMessage(in MqttDelivery message);

    /// <summary>The link came up (publishing works; retained messages follow) or went down.</summary>
    void OnLinkChanged(bool up);
}

/// <summary>One message as it came; the payload is only valid during the call.</summary>
public readonly ref struct MqttDelivery
{
    public required string Topic { get; init; }

    public required ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>Sent because it was retained, not because it has just been published.</summary>
    public bool Retained { get; init; }

    /// <summary><see cref="TimeProvider.GetTimestamp"/> when the bytes came out of the socket.</summary>
    public long ReceivedTimestamp { get; init; }
}
