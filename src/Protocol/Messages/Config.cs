using System.Text.Json;

namespace FabLab.Protocol.Messages;

/// <summary>What a relay does when its lease ends and nobody said stop.</summary>
public enum LostLink
{
    /// <summary>Opens (<c>open</c>). The default.</summary>
    Open,

    /// <summary>Stays closed while the machine draws current, up to a hard limit (<c>finish</c>).</summary>
    Finish,
}

/// <summary>What a device does with a badge while the gateway is away.</summary>
public enum OfflineUse
{
    /// <summary>Refuses (<c>deny</c>). The default.</summary>
    Deny,

    /// <summary>Decides by its list (<c>list</c>).</summary>
    List,
}

/// <summary>Policy of one relay channel.</summary>
/// <param name="LostLink">What happens when the lease ends (<c>ll</c>).</param>
/// <param name="CapSeconds">With <see cref="LostLink.Finish"/>: longest time after the lease ended, 1 to 172 800 s. Else 0.</param>
/// <param name="IdleMilliWatts">Below this power the machine is taken as finished, mW; also the power above which an open relay counts as welded. 0 turns both off.</param>
/// <param name="IdleSeconds">How long the power must stay below before the relay opens, 0 to 3600 s.</param>
/// <param name="OfflineUse">What happens with badges while the gateway is away (<c>of</c>).</param>
/// <param name="ListAgeSeconds">Oldest list the device may decide with, 0 to 2 592 000 s.</param>
/// <param name="OfflineMaxSeconds">Longest use it may grant by itself, 0 to 43 200 s.</param>
public sealed record ChannelConfig(LostLink LostLink, int CapSeconds, long IdleMilliWatts, int IdleSeconds, OfflineUse OfflineUse, int ListAgeSeconds, int OfflineMaxSeconds)
{
    /// <summary>What holds before any configuration came: open when the lease ends, refuse while the gateway is away.</summary>
    public static ChannelConfig Strict { get; } = new(LostLink.Open, 0, 0, 0, OfflineUse.Deny, 0, 0);
}

/// <summary>Settings of a device, in full each time. Kept by the device over power cuts.</summary>
/// <param name="Version">Version, rising; 1 or more.</param>
/// <param name="SilenceSeconds">Silence after which the gateway counts as away, 30 to 600 s.</param>
/// <param name="HeartbeatSeconds">How often the uptime is saved while a relay is closed, 10 to 600 s: the time that a power cut makes unknown.</param>
/// <param name="UseSeconds">How often a <see cref="UseRecord"/> is written while a relay is closed, 60 to 3600 s; 0 for never.</param>
/// <param name="MeterSeconds">How often a meter reading is sent, 1 to 3600 s; 0 for never.</param>
/// <param name="Language">Language of the device's own sentences: <c>fr</c> or <c>en</c>.</param>
/// <param name="Channels">Policy of each relay channel; channels beyond its length have the strict one.</param>
/// <param name="ReaderChannels">Channel each reader starts; readers beyond its length start channel 0.</param>
public sealed record Config(
    uint Version,
    int SilenceSeconds,
    int HeartbeatSeconds,
    int UseSeconds,
    int MeterSeconds,
    string Language,
    IReadOnlyList<ChannelConfig> Channels,
    IReadOnlyList<int> ReaderChannels) : DownMessage
{
    internal static readonly string[] LostLinkNames = ["open", "finish"];
    internal static readonly string[] OfflineNames = ["deny", "list"];
    internal static readonly string[] Languages = ["fr", "en"];

    /// <summary>What holds before any configuration came.</summary>
    public static Config Default { get; } = new(0, Limits.SilenceMs / 1000, 60, 300, 10, "fr", [], []);

    /// <inheritdoc/>
    public override TopicKind Topic => TopicKind.Command;

    internal override void WriteTo(Utf8JsonWriter json)
    {
        json.WriteString("m", "config");
        json.WriteNumber("v", Version);
        json.WriteNumber("si", SilenceSeconds);
        json.WriteNumber("hb", HeartbeatSeconds);
        json.WriteNumber("us", UseSeconds);
        json.WriteNumber("me", MeterSeconds);
        json.WriteString("lang", Language);
        json.WriteStartArray("ch");
        foreach (var channel in Channels)
        {
            json.WriteStartObject();
            json.WriteString("ll", LostLinkNames[(int)channel.LostLink]);
            json.WriteNumber("cap", channel.CapSeconds);
            json.WriteNumber("mw", channel.IdleMilliWatts);
            json.WriteNumber("idle", channel.IdleSeconds);
            json.WriteString("of", OfflineNames[(int)channel.OfflineUse]);
            json.WriteNumber("age", channel.ListAgeSeconds);
            json.WriteNumber("omax", channel.OfflineMaxSeconds);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("rc");
        foreach (var channel in ReaderChannels)
            json.WriteNumberValue(channel);
        json.WriteEndArray();
    }
}
