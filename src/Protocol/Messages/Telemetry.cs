using System.Text.Json;

namespace FabLab.Protocol.Messages;

/// <summary>A meter reading. Not journaled; may be dropped anywhere.</summary>
/// <param name="Index">Meter.</param>
/// <param name="Up">When it was read, ms since boot.</param>
/// <param name="MilliWatts">Active power, mW.</param>
/// <param name="MilliVolts">Voltage, mV.</param>
/// <param name="MilliAmperes">Current, mA.</param>
/// <param name="MilliWattHours">Energy counter, mWh.</param>
public sealed record MeterReading(int Index, long Up, long MilliWatts, long? MilliVolts = null, long? MilliAmperes = null, long? MilliWattHours = null) : UpMessage
{
    /// <inheritdoc/>
    public override TopicKind Topic => TopicKind.Meter;

    internal override void WriteTo(Utf8JsonWriter json)
    {
        json.WriteString("m", "me");
        json.WriteNumber("mt", Index);
        json.WriteNumber("up", Up);
        json.WriteNumber("mw", MilliWatts);
        if (MilliVolts is { } volts)
            json.WriteNumber("mv", volts);
        if (MilliAmperes is { } amperes)
            json.WriteNumber("ma", amperes);
        if (MilliWattHours is { } energy)
            json.WriteNumber("mwh", energy);
    }
}

/// <summary>Answer to a message from the gateway.</summary>
/// <param name="To">Name of the message answered (<c>re</c>).</param>
/// <param name="Code">What became of it, see <see cref="ReplyCode"/>.</param>
/// <param name="Up">When it was dealt with, ms since boot.</param>
public sealed record Reply(string To, string Code, long Up) : UpMessage
{
    /// <summary>Channel of the lease answered.</summary>
    public int? Channel { get; init; }

    /// <summary>Number of the lease answered; bytes held of a firmware; count of an unreadable message.</summary>
    public uint? N { get; init; }

    /// <summary>Version of the list or configuration answered; with <see cref="ReplyCode.Base"/> the one held.</summary>
    public uint? Version { get; init; }

    /// <summary>Index of the list chunk answered.</summary>
    public int? Chunk { get; init; }

    /// <summary>The time message's challenge, returned.</summary>
    public string? Challenge { get; init; }

    /// <inheritdoc/>
    public override TopicKind Topic => TopicKind.Reply;

    internal override void WriteTo(Utf8JsonWriter json)
    {
        json.WriteString("m", "res");
        json.WriteString("re", To);
        json.WriteString("code", Code);
        json.WriteNumber("up", Up);
        if (Channel is { } channel)
            json.WriteNumber("ch", channel);
        if (N is { } n)
            json.WriteNumber("n", n);
        if (Version is { } version)
            json.WriteNumber("v", version);
        if (Chunk is { } chunk)
            json.WriteNumber("i", chunk);
        if (Challenge is { } challenge)
            json.WriteString("c", challenge);
    }
}

/// <summary>What a device may ask for.</summary>
public enum AskFor
{
    /// <summary>The time (<c>time</c>).</summary>
    Time,

    /// <summary>The offline list in full (<c>list</c>).</summary>
    List,

    /// <summary>The configuration (<c>config</c>).</summary>
    Config,

    /// <summary>Counters above the one it names (<c>ctr</c>): the gateway's were too low.</summary>
    Counter,

    /// <summary>The piece of the firmware (<c>fw</c>) at the offset it names.</summary>
    Firmware,
}

/// <summary>A question from the device.</summary>
/// <param name="What">What it asks for (<c>q</c>).</param>
/// <param name="Up">When, ms since boot.</param>
/// <param name="N">With <see cref="AskFor.Counter"/>: the last count accepted; with <see cref="AskFor.Firmware"/>: the offset.</param>
public sealed record Ask(AskFor What, long Up, uint? N = null) : UpMessage
{
    internal static readonly string[] Names = ["time", "list", "config", "ctr", "fw"];

    /// <inheritdoc/>
    public override TopicKind Topic => TopicKind.Reply;

    internal override void WriteTo(Utf8JsonWriter json)
    {
        json.WriteString("m", "ask");
        json.WriteString("q", Names[(int)What]);
        json.WriteNumber("up", Up);
        if (N is { } n)
            json.WriteNumber("n", n);
    }
}
