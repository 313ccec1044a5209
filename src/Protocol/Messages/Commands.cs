using System.Text.Json;

namespace FabLab.Protocol.Messages;

/// <summary>Permission to keep a relay closed for a while. Length 0 opens it.</summary>
/// <param name="Channel">Relay channel.</param>
/// <param name="Session">Session, 1 to 22 of A–Z, a–z, 0–9, hyphen and underscore.</param>
/// <param name="N">Number of the lease on this channel, strictly rising within a boot of the device.</param>
/// <param name="TtlMs">Length, ms: 0, or 500 to 43 200 000.</param>
/// <param name="At">Uptime of the device when this was sent, as the gateway reckons it, ms.</param>
/// <param name="Start">True: may close an open relay, or take a closed one over for another session. False: only prolongs.</param>
public sealed record Lease(int Channel, string Session, uint N, int TtlMs, long At, bool Start) : DownMessage
{
    /// <inheritdoc/>
    public override TopicKind Topic => TopicKind.Command;

    internal override void WriteTo(Utf8JsonWriter json)
    {
        json.WriteString("m", "lease");
        json.WriteNumber("ch", Channel);
        json.WriteString("sid", Session);
        json.WriteNumber("n", N);
        json.WriteNumber("ttl", TtlMs);
        json.WriteNumber("at", At);
        if (Start)
            json.WriteBoolean("s", true);
    }
}

/// <summary>What a sentence is, for devices that have only a lamp and a buzzer.</summary>
public enum ShowKind
{
    /// <summary>Yes (<c>yes</c>): green, one short tone.</summary>
    Yes,

    /// <summary>No (<c>no</c>): red, two low tones.</summary>
    No,

    /// <summary>Something more is expected (<c>wait</c>): yellow, no tone.</summary>
    Wait,

    /// <summary>A warning (<c>warn</c>), such as the end of the time: yellow, three short tones.</summary>
    Warn,

    /// <summary>News (<c>info</c>): no lamp, no tone.</summary>
    Info,
}

/// <summary>A sentence for the maker at a reader.</summary>
/// <param name="Reader">Reader.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The sentence, at most 320 bytes of UTF-8; may be empty for lamp and tone alone.</param>
/// <param name="Seconds">How long it stands, 1 to 600; 0 until the next one.</param>
public sealed record Show(int Reader, ShowKind Kind, string Text, int Seconds) : DownMessage
{
    internal static readonly string[] Names = ["yes", "no", "wait", "warn", "info"];

    /// <summary>Reason code of a refusal, as in the product's texts: 1 to 32 of a–z, 0–9, dot, hyphen and underscore.</summary>
    public string? Code { get; init; }

    /// <summary>Journal number of the badge record it answers.</summary>
    public uint? For { get; init; }

    /// <inheritdoc/>
    public override TopicKind Topic => TopicKind.Command;

    internal override void WriteTo(Utf8JsonWriter json)
    {
        json.WriteString("m", "show");
        json.WriteNumber("rd", Reader);
        json.WriteString("k", Names[(int)Kind]);
        json.WriteString("t", Text);
        json.WriteNumber("s", Seconds);
        if (Code is { } code)
            json.WriteString("code", code);
        if (For is { } record)
            json.WriteNumber("for", record);
    }
}

/// <summary>The time, a sign of life, a challenge and a word on the list, every 20 s. The device answers with the challenge and its uptime.</summary>
/// <param name="UtcMs">Wall clock, milliseconds since 1970.</param>
/// <param name="Challenge">8 to 22 characters of base64url, never used twice.</param>
/// <param name="List">Version of the offline list that is valid now; 0 when none is kept for this device.</param>
public sealed record TimeMessage(long UtcMs, string Challenge, uint List) : DownMessage
{
    /// <inheritdoc/>
    public override TopicKind Topic => TopicKind.Command;

    internal override void WriteTo(Utf8JsonWriter json)
    {
        json.WriteString("m", "time");
        json.WriteNumber("t", UtcMs);
        json.WriteString("c", Challenge);
        json.WriteNumber("list", List);
    }
}

/// <summary>Asks for a new birth, and for the journal from its oldest record.</summary>
public sealed record Rebirth : DownMessage
{
    /// <inheritdoc/>
    public override TopicKind Topic => TopicKind.Command;

    internal override void WriteTo(Utf8JsonWriter json) => json.WriteString("m", "rebirth");
}

/// <summary>All records up to this one are safe with the gateway: committed, or set aside with an alarm. The device may forget them.</summary>
/// <param name="Seq">Highest journal number.</param>
/// <param name="SetAside">Those of them that were set aside as unreadable, at most 16. For the device's own log.</param>
public sealed record Ack(uint Seq, IReadOnlyList<uint> SetAside) : DownMessage
{
    /// <inheritdoc/>
    public override TopicKind Topic => TopicKind.Ack;

    internal override void WriteTo(Utf8JsonWriter json)
    {
        json.WriteString("m", "ack");
        json.WriteNumber("seq", Seq);
        if (SetAside.Count == 0)
            return;
        json.WriteStartArray("bad");
        foreach (var seq in SetAside)
            json.WriteNumberValue(seq);
        json.WriteEndArray();
    }
}

/// <summary>A part of the offline list.</summary>
/// <param name="Version">Version of the list when all parts are in, above 0.</param>
/// <param name="Base">Version it is a difference to; 0 for a full list.</param>
/// <param name="Index">Index of this part, from 0.</param>
/// <param name="Of">Number of parts, 1 to 1000.</param>
/// <param name="TagKeyId">Number of the tag key the hashes were made with.</param>
/// <param name="At">When the gateway made it, seconds since 1970.</param>
/// <param name="Count">Entries the list has when all parts are in, 0 to 20 000.</param>
/// <param name="Entries">The entries of this part.</param>
public sealed record ListChunk(uint Version, uint Base, int Index, int Of, byte TagKeyId, uint At, int Count, IReadOnlyList<ListEntry> Entries) : DownMessage
{
    /// <inheritdoc/>
    public override TopicKind Topic => TopicKind.List;

    internal override void WriteTo(Utf8JsonWriter json)
    {
        json.WriteString("m", "list");
        json.WriteNumber("v", Version);
        json.WriteNumber("base", Base);
        json.WriteNumber("i", Index);
        json.WriteNumber("of", Of);
        json.WriteNumber("tk", TagKeyId);
        json.WriteNumber("at", At);
        json.WriteNumber("cnt", Count);
        json.WriteString("e", ListEntry.Pack(Entries));
    }
}

/// <summary>Whether the gateway is there. Not sealed, so it can only hurry what a cut cable would bring about anyway.</summary>
/// <param name="On">Whether it is there.</param>
/// <param name="UtcMs">When it said so, milliseconds since 1970; never used as a clock.</param>
/// <param name="Epoch">Number that changes at each start of the gateway; a new one asks every device for a birth.</param>
public sealed record GatewayState(bool On, long UtcMs, uint Epoch) : DownMessage
{
    /// <inheritdoc/>
    public override TopicKind Topic => TopicKind.Gateway;

    internal override void WriteTo(Utf8JsonWriter json)
    {
        json.WriteBoolean("on", On);
        json.WriteNumber("t", UtcMs);
        json.WriteNumber("epoch", Epoch);
    }
}
