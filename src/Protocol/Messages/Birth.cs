using System.Text.Json;

namespace FabLab.Protocol.Messages;

/// <summary>First message after each connect and answer to <see cref="Rebirth"/>: who the device is, what it has, what it holds now.</summary>
/// <param name="Boot">Boot number; equal to the upper half of the message's counter.</param>
/// <param name="Connection">Number of this connect in this boot (<c>bd</c>), from 1; the will repeats it.</param>
/// <param name="Up">Milliseconds since boot when written.</param>
/// <param name="Firmware">Firmware version, at most 12 characters.</param>
/// <param name="Hardware">Serial number burnt into the chip, at most 17 characters: tells two devices with one key apart.</param>
/// <param name="Journal">State of the journal.</param>
/// <param name="ListVersion">Version of the offline list held; 0 for none.</param>
/// <param name="ListAt">When the gateway last vouched for that list, seconds since 1970; 0 for unknown.</param>
/// <param name="ConfigVersion">Version of the configuration held; 0 for none.</param>
/// <param name="TagKeyId">Number of the tag key held; 0 for none.</param>
/// <param name="Relays">Role of each relay channel (<c>main</c>, <c>exhaust</c>, …); the index is the channel.</param>
/// <param name="Readers">Tag form each reader gives (<c>em</c>, <c>iso</c>, …); the index is the reader.</param>
/// <param name="Meters">Relay channel each meter measures.</param>
/// <param name="DisplayChars">Characters the display holds; 0 for none.</param>
/// <param name="Closed">The relays that are closed now.</param>
/// <param name="Faults">Faults that stand now, <c>channel:code</c>, at most 4.</param>
public sealed record Birth(
    uint Boot,
    uint Connection,
    long Up,
    string Firmware,
    string Hardware,
    JournalState Journal,
    uint ListVersion,
    uint ListAt,
    uint ConfigVersion,
    byte TagKeyId,
    IReadOnlyList<string> Relays,
    IReadOnlyList<string> Readers,
    IReadOnlyList<int> Meters,
    int DisplayChars,
    IReadOnlyList<ClosedRelay> Closed,
    IReadOnlyList<string> Faults) : UpMessage
{
    /// <summary>Minor version of the protocol the device speaks.</summary>
    public int Minor { get; init; } = Limits.Minor;

    /// <summary>Whether its firmware runs on trial and waits to be confirmed.</summary>
    public bool OnTrial { get; init; }

    /// <inheritdoc/>
    public override TopicKind Topic => TopicKind.State;

    internal override void WriteTo(Utf8JsonWriter json)
    {
        json.WriteString("m", "birth");
        json.WriteNumber("pv", Minor);
        json.WriteNumber("boot", Boot);
        json.WriteNumber("bd", Connection);
        json.WriteNumber("up", Up);
        json.WriteString("fw", Firmware);
        json.WriteString("hw", Hardware);
        json.WriteStartObject("jr");
        json.WriteNumber("first", Journal.First);
        json.WriteNumber("last", Journal.Last);
        json.WriteNumber("free", Journal.Free);
        json.WriteNumber("lost", Journal.Lost);
        json.WriteEndObject();
        json.WriteNumber("list", ListVersion);
        json.WriteNumber("la", ListAt);
        json.WriteNumber("cfg", ConfigVersion);
        json.WriteNumber("tk", TagKeyId);
        WriteTexts(json, "rl", Relays);
        WriteTexts(json, "rd", Readers);
        json.WriteStartArray("mt");
        foreach (var meter in Meters)
            json.WriteNumberValue(meter);
        json.WriteEndArray();
        json.WriteNumber("dp", DisplayChars);
        json.WriteStartArray("st");
        foreach (var relay in Closed)
        {
            json.WriteStartObject();
            json.WriteNumber("ch", relay.Channel);
            json.WriteString("sid", relay.Session);
            json.WriteNumber("left", relay.LeftMs);
            json.WriteString("by", relay.By);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteTexts(json, "ft", Faults);
        if (OnTrial)
            json.WriteNumber("tr", 1);
    }

    internal static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }
}

/// <summary>What the device's journal holds. Empty when <paramref name="First"/> is one above <paramref name="Last"/>.</summary>
/// <param name="First">Oldest record not yet acknowledged.</param>
/// <param name="Last">Newest record ever written; 0 before the first.</param>
/// <param name="Free">Free places, at most 65535.</param>
/// <param name="Lost">Records that found no room since enrolment.</param>
public sealed record JournalState(uint First, uint Last, int Free, uint Lost);

/// <summary>A relay that is closed.</summary>
/// <param name="Channel">Channel.</param>
/// <param name="Session">Session it is closed for.</param>
/// <param name="LeftMs">Milliseconds until the device opens it by itself if nothing comes, at most 172 800 000.</param>
/// <param name="By">Why it is closed: <c>lease</c>, <c>keep</c> (finishing after a lost lease) or <c>list</c> (granted by the device).</param>
public sealed record ClosedRelay(int Channel, string Session, long LeftMs, string By)
{
    /// <summary>Closed under a lease.</summary>
    public const string ByLease = "lease";

    /// <summary>Finishing after its lease ended.</summary>
    public const string ByKeep = "keep";

    /// <summary>Granted by the device from its list.</summary>
    public const string ByList = "list";
}

/// <summary>Last will, sealed before the connect and published by the broker when the connection dies. Counts only when its connect number is that of the last birth.</summary>
/// <param name="Connection">Number of the connect it belongs to (<c>bd</c>).</param>
public sealed record Will(uint Connection) : UpMessage
{
    /// <inheritdoc/>
    public override TopicKind Topic => TopicKind.State;

    internal override void WriteTo(Utf8JsonWriter json)
    {
        json.WriteString("m", "will");
        json.WriteNumber("bd", Connection);
    }
}
