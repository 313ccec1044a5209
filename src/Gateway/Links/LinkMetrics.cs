using System.Diagnostics.Metrics;

namespace FabLab.Gateway.Links;

/// <summary>Counters of the links, under the meter <c>FabLab.Gateway.Links</c>.</summary>
internal static class LinkMetrics
{
    private static readonly Meter Meter = new("FabLab.Gateway.Links");

    public static readonly Counter<long> Received = Meter.CreateCounter<long>("fablab_link_received", description: "Messages delivered by MQTT links.");
    public static readonly Counter<long> Sent = Meter.CreateCounter<long>("fablab_link_sent", description: "Messages handed to MQTT links that were up.");
    public static readonly Counter<long> Oversized = Meter.CreateCounter<long>("fablab_link_oversized", description: "Messages dropped because they were larger than allowed.");
    public static readonly Counter<long> Refused = Meter.CreateCounter<long>("fablab_link_refused", description: "Publishes or subscriptions the broker refused.");
    public static readonly Counter<long> SinkFaults = Meter.CreateCounter<long>("fablab_link_sink_faults", description: "Exceptions caught between a link and its reader.");
    public static readonly Counter<long> Reconnects = Meter.CreateCounter<long>("fablab_link_reconnects", description: "Connections that ended or did not come about.");
}
