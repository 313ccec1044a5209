using System.Text.Json;

namespace FabLab.Protocol.Messages;

/// <summary>A record of the device's journal. Its key, for ever, is (device, <see cref="Boot"/>, <see cref="Seq"/>).</summary>
/// <param name="Seq">Number in the journal, rising by one over all boots, from 1.</param>
/// <param name="Boot">Boot in which it happened; may be an earlier one than the message's counter says.</param>
/// <param name="Up">When it happened, milliseconds since that boot.</param>
/// <param name="Ts">The device's own wall clock, milliseconds since 1970, when it has one that was set. Only a hint.</param>
public abstract record JournalRecord(uint Seq, uint Boot, long Up, long? Ts) : UpMessage
{
    /// <inheritdoc/>
    public override TopicKind Topic => TopicKind.Event;

    /// <summary>Name of the kind on the wire (<c>k</c>).</summary>
    public abstract string Kind { get; }

    internal override void WriteTo(Utf8JsonWriter json)
    {
        json.WriteString("m", "ev");
        json.WriteNumber("seq", Seq);
        json.WriteNumber("boot", Boot);
        json.WriteNumber("up", Up);
        if (Ts is { } ts)
            json.WriteNumber("ts", ts);
        json.WriteString("k", Kind);
        WriteFields(json);
    }

    private protected abstract void WriteFields(Utf8JsonWriter json);

    private protected static void WriteOff(Utf8JsonWriter json, bool off)
    {
        if (off)
            json.WriteBoolean("off", true);
    }

    private protected static void WriteOptional(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
    }
}

/// <summary>A badge was held to a reader.</summary>
/// <param name="Seq">Journal number.</param>
/// <param name="Boot">Boot.</param>
/// <param name="Up">Uptime, ms.</param>
/// <param name="Ts">Device clock, ms, or null.</param>
/// <param name="Reader">Reader.</param>
/// <param name="Tag">Canonical tag text, see <see cref="Protocol.Tag"/>.</param>
/// <param name="Profile">Name of the reader's profile, at most 16 characters: which chip in which setting gave the tag.</param>
/// <param name="Off">The device decides by itself: the gateway only records.</param>
public sealed record BadgeRecord(uint Seq, uint Boot, long Up, long? Ts, int Reader, string Tag, string Profile, bool Off) : JournalRecord(Seq, Boot, Up, Ts)
{
    /// <inheritdoc/>
    public override string Kind => "badge";

    private protected override void WriteFields(Utf8JsonWriter json)
    {
        json.WriteNumber("rd", Reader);
        json.WriteString("tag", Tag);
        json.WriteString("pf", Profile);
        WriteOff(json, Off);
    }
}

/// <summary>The device said yes by itself, from its list.</summary>
/// <param name="Seq">Journal number.</param>
/// <param name="Boot">Boot.</param>
/// <param name="Up">Uptime, ms.</param>
/// <param name="Ts">Device clock, ms, or null.</param>
/// <param name="Reader">Reader.</param>
/// <param name="Channel">Relay channel.</param>
/// <param name="Tag">Canonical tag text.</param>
/// <param name="Session">Session the device made: <c>o</c>, boot number, hyphen, journal number.</param>
/// <param name="List">Version of the list it decided with.</param>
/// <param name="MaxSeconds">Longest duration granted, seconds.</param>
public sealed record GrantRecord(uint Seq, uint Boot, long Up, long? Ts, int Reader, int Channel, string Tag, string Session, uint List, int MaxSeconds) : JournalRecord(Seq, Boot, Up, Ts)
{
    /// <inheritdoc/>
    public override string Kind => "grant";

    private protected override void WriteFields(Utf8JsonWriter json)
    {
        json.WriteNumber("rd", Reader);
        json.WriteNumber("ch", Channel);
        json.WriteString("tag", Tag);
        json.WriteString("sid", Session);
        json.WriteNumber("list", List);
        json.WriteNumber("max", MaxSeconds);
        WriteOff(json, true);
    }
}

/// <summary>The device said no by itself.</summary>
/// <param name="Seq">Journal number.</param>
/// <param name="Boot">Boot.</param>
/// <param name="Up">Uptime, ms.</param>
/// <param name="Ts">Device clock, ms, or null.</param>
/// <param name="Reader">Reader.</param>
/// <param name="Channel">Relay channel.</param>
/// <param name="Tag">Canonical tag text.</param>
/// <param name="Why">Reason code, see <see cref="DenyWhy"/>.</param>
/// <param name="List">Version of the list held; 0 for none.</param>
public sealed record DenyRecord(uint Seq, uint Boot, long Up, long? Ts, int Reader, int Channel, string Tag, string Why, uint List) : JournalRecord(Seq, Boot, Up, Ts)
{
    /// <inheritdoc/>
    public override string Kind => "deny";

    private protected override void WriteFields(Utf8JsonWriter json)
    {
        json.WriteNumber("rd", Reader);
        json.WriteNumber("ch", Channel);
        json.WriteString("tag", Tag);
        json.WriteString("why", Why);
        json.WriteNumber("list", List);
        WriteOff(json, true);
    }
}

/// <summary>A relay closed. Written before it closes.</summary>
/// <param name="Seq">Journal number.</param>
/// <param name="Boot">Boot.</param>
/// <param name="Up">Uptime, ms: powered time counts from here.</param>
/// <param name="Ts">Device clock, ms, or null.</param>
/// <param name="Channel">Relay channel.</param>
/// <param name="Session">Session.</param>
/// <param name="MilliWattHours">Reading of the energy counter, mWh, when metered.</param>
/// <param name="List">Version of the list when the device decided; null under a lease.</param>
public sealed record OnRecord(uint Seq, uint Boot, long Up, long? Ts, int Channel, string Session, long? MilliWattHours, uint? List) : JournalRecord(Seq, Boot, Up, Ts)
{
    /// <inheritdoc/>
    public override string Kind => "on";

    /// <summary>Whether the device decided by itself.</summary>
    public bool Off => List is not null;

    private protected override void WriteFields(Utf8JsonWriter json)
    {
        json.WriteNumber("ch", Channel);
        json.WriteString("sid", Session);
        WriteOptional(json, "mwh", MilliWattHours);
        WriteOptional(json, "list", List);
        WriteOff(json, Off);
    }
}

/// <summary>A relay opened. Written after it opened.</summary>
/// <param name="Seq">Journal number.</param>
/// <param name="Boot">Boot.</param>
/// <param name="Up">Uptime, ms: powered time counts up to here.</param>
/// <param name="Ts">Device clock, ms, or null.</param>
/// <param name="Channel">Relay channel.</param>
/// <param name="Session">Session.</param>
/// <param name="Why">Why it opened, see <see cref="OffWhy"/>.</param>
/// <param name="Ms">Time it was closed, ms, by the device's own clock.</param>
/// <param name="MilliWattHours">Reading of the energy counter, mWh, when metered.</param>
/// <param name="Off">The device had decided by itself and no lease took over.</param>
public sealed record OffRecord(uint Seq, uint Boot, long Up, long? Ts, int Channel, string Session, string Why, long Ms, long? MilliWattHours, bool Off) : JournalRecord(Seq, Boot, Up, Ts)
{
    /// <inheritdoc/>
    public override string Kind => "off";

    private protected override void WriteFields(Utf8JsonWriter json)
    {
        json.WriteNumber("ch", Channel);
        json.WriteString("sid", Session);
        json.WriteString("why", Why);
        json.WriteNumber("ms", Ms);
        WriteOptional(json, "mwh", MilliWattHours);
        WriteOff(json, Off);
    }
}

/// <summary>The lease ended and the relay stays closed under the policy <c>finish</c>.</summary>
/// <param name="Seq">Journal number.</param>
/// <param name="Boot">Boot.</param>
/// <param name="Up">Uptime, ms.</param>
/// <param name="Ts">Device clock, ms, or null.</param>
/// <param name="Channel">Relay channel.</param>
/// <param name="Session">Session.</param>
/// <param name="Ms">Time closed so far, ms.</param>
/// <param name="MilliWattHours">Reading of the energy counter, mWh, when metered.</param>
public sealed record KeepRecord(uint Seq, uint Boot, long Up, long? Ts, int Channel, string Session, long Ms, long? MilliWattHours) : JournalRecord(Seq, Boot, Up, Ts)
{
    /// <inheritdoc/>
    public override string Kind => "keep";

    private protected override void WriteFields(Utf8JsonWriter json)
    {
        json.WriteNumber("ch", Channel);
        json.WriteString("sid", Session);
        json.WriteNumber("ms", Ms);
        WriteOptional(json, "mwh", MilliWattHours);
    }
}

/// <summary>A relay is still closed: written every so often, so that a power cut loses little. First to be left out when the journal fills.</summary>
/// <param name="Seq">Journal number.</param>
/// <param name="Boot">Boot.</param>
/// <param name="Up">Uptime, ms.</param>
/// <param name="Ts">Device clock, ms, or null.</param>
/// <param name="Channel">Relay channel.</param>
/// <param name="Session">Session.</param>
/// <param name="Ms">Time closed so far, ms.</param>
/// <param name="MilliWattHours">Reading of the energy counter, mWh, when metered.</param>
public sealed record UseRecord(uint Seq, uint Boot, long Up, long? Ts, int Channel, string Session, long Ms, long? MilliWattHours) : JournalRecord(Seq, Boot, Up, Ts)
{
    /// <inheritdoc/>
    public override string Kind => "use";

    private protected override void WriteFields(Utf8JsonWriter json)
    {
        json.WriteNumber("ch", Channel);
        json.WriteString("sid", Session);
        json.WriteNumber("ms", Ms);
        WriteOptional(json, "mwh", MilliWattHours);
    }
}

/// <summary>First record of each boot: what is known of the end of the one before. Time after <paramref name="LastUp"/> is unknown and stays so.</summary>
/// <param name="Seq">Journal number.</param>
/// <param name="Boot">Boot.</param>
/// <param name="Up">Uptime, ms.</param>
/// <param name="Ts">Device clock, ms, or null.</param>
/// <param name="Why">Why it started, see <see cref="BootWhy"/>.</param>
/// <param name="LastBoot">The boot before; 0 when there was none.</param>
/// <param name="LastUp">Last uptime saved in that boot, ms.</param>
/// <param name="On">Channels that were closed then: bit 0 is channel 0.</param>
public sealed record BootRecord(uint Seq, uint Boot, long Up, long? Ts, string Why, uint LastBoot, long LastUp, int On) : JournalRecord(Seq, Boot, Up, Ts)
{
    /// <inheritdoc/>
    public override string Kind => "boot";

    private protected override void WriteFields(Utf8JsonWriter json)
    {
        json.WriteString("why", Why);
        json.WriteNumber("lb", LastBoot);
        json.WriteNumber("lu", LastUp);
        json.WriteNumber("on", On);
    }
}

/// <summary>A fault began or ended.</summary>
/// <param name="Seq">Journal number.</param>
/// <param name="Boot">Boot.</param>
/// <param name="Up">Uptime, ms.</param>
/// <param name="Ts">Device clock, ms, or null.</param>
/// <param name="Channel">Relay channel it concerns.</param>
/// <param name="Code">Fault code, see <see cref="NodeFault"/>.</param>
/// <param name="Standing">True when it begins, false when it is over.</param>
public sealed record FaultRecord(uint Seq, uint Boot, long Up, long? Ts, int Channel, string Code, bool Standing) : JournalRecord(Seq, Boot, Up, Ts)
{
    /// <inheritdoc/>
    public override string Kind => "fault";

    private protected override void WriteFields(Utf8JsonWriter json)
    {
        json.WriteNumber("ch", Channel);
        json.WriteString("f", Code);
        json.WriteBoolean("on", Standing);
    }
}

/// <summary>Records found no room; written when there is room again. They never had a number, so numbers show no gap.</summary>
/// <param name="Seq">Journal number.</param>
/// <param name="Boot">Boot.</param>
/// <param name="Up">Uptime, ms.</param>
/// <param name="Ts">Device clock, ms, or null.</param>
/// <param name="Count">How many since the last such record.</param>
public sealed record LostRecord(uint Seq, uint Boot, long Up, long? Ts, uint Count) : JournalRecord(Seq, Boot, Up, Ts)
{
    /// <inheritdoc/>
    public override string Kind => "lost";

    private protected override void WriteFields(Utf8JsonWriter json) => json.WriteNumber("cnt", Count);
}
