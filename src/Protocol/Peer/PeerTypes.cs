using FabLab.Protocol.Messages;

namespace FabLab.Protocol.Peer;

/// <summary>The gateway's two clocks at one moment.</summary>
/// <param name="MonoMs">Monotonic milliseconds since any point; never steps.</param>
/// <param name="UtcMs">Wall clock, milliseconds since 1970.</param>
public readonly record struct PeerTime(long MonoMs, long UtcMs)
{
    /// <summary>Both clocks of a provider.</summary>
    /// <param name="provider">The provider.</param>
    /// <returns>Now.</returns>
    public static PeerTime From(TimeProvider provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        return new((long)provider.GetElapsedTime(0).TotalMilliseconds, provider.GetUtcNow().ToUnixTimeMilliseconds());
    }
}

/// <summary>How a record's time was found.</summary>
public enum TimeQuality
{
    /// <summary>Not known. Records of the same boot are still exact among themselves.</summary>
    Unknown,

    /// <summary>The device's own wall clock, unchecked.</summary>
    Device,

    /// <summary>Uptime mapped by a time exchange in the same boot.</summary>
    Mapped,
}

/// <summary>When something happened at the device, by the gateway's wall clock.</summary>
/// <param name="UtcMs">Milliseconds since 1970; null when unknown.</param>
/// <param name="Quality">How it was found.</param>
public readonly record struct EventTime(long? UtcMs, TimeQuality Quality);

/// <summary>Wall clock at uptime 0 of one boot.</summary>
/// <param name="Boot">Boot number.</param>
/// <param name="ZeroUtcMs">Milliseconds since 1970 at uptime 0.</param>
public readonly record struct BootClock(uint Boot, long ZeroUtcMs);

/// <summary>What the gateway has to remember of a device over its own restarts. Plain data: store it as it is.</summary>
public sealed record PeerMemory
{
    /// <summary>Boot of the last message accepted; 0 before the first.</summary>
    public uint LastBoot { get; init; }

    /// <summary>Count of the last message accepted in that boot, at least at the time this was stored.</summary>
    public uint LastN { get; init; }

    /// <summary>Downward counts up to this one may have been used.</summary>
    public uint Reserved { get; init; }

    /// <summary>All journal records up to this one are safe here.</summary>
    public uint AckedSeq { get; init; }

    /// <summary>Serial number of the device's chip; null until its first birth.</summary>
    public string? Hardware { get; init; }

    /// <summary>Two devices use this identity; nothing is granted to either until somebody enrols one of them again.</summary>
    public bool Duplicate { get; init; }

    /// <summary>Clocks of the last boots, newest last, at most <see cref="ClocksKept"/>.</summary>
    public IReadOnlyList<BootClock> Clocks { get; init; } = [];

    /// <summary>Boots whose clocks are remembered.</summary>
    public const int ClocksKept = 16;
}

/// <summary>Things a person should hear of.</summary>
public enum PeerAlarm
{
    /// <summary>Two devices with different chips use one identity.</summary>
    DuplicateIdentity,

    /// <summary>Journal records between two numbers are neither with the gateway nor with the device.</summary>
    JournalGap,

    /// <summary>The device's journal starts anew: its memory was erased.</summary>
    JournalReset,

    /// <summary>A record was set aside because it cannot be read or stored.</summary>
    RecordSetAside,

    /// <summary>The device's wall clock is nonsense, for example 1970; its times are ignored.</summary>
    DeviceClock,

    /// <summary>Authentic messages with counters already used: a copy of the device, or its memory was set back.</summary>
    CounterBehind,
}

/// <summary>Why a device counts as away.</summary>
public enum AwayWhy
{
    /// <summary>The broker published its will.</summary>
    Will,

    /// <summary>Nothing was heard for 60 s.</summary>
    Silence,

    /// <summary>The line or the broker was lost.</summary>
    Link,

    /// <summary>Two devices use its identity.</summary>
    Duplicate,
}

/// <summary>How far an update of a device's firmware has come. What comes after <see cref="Restarting"/> is its end.</summary>
public enum UpdateStage
{
    /// <summary>Offered; no answer yet.</summary>
    Offered,

    /// <summary>The device pulls the file.</summary>
    Pulling,

    /// <summary>The device has the file, and restarts into it.</summary>
    Restarting,

    /// <summary>It runs and was confirmed.</summary>
    Applied,

    /// <summary>The device, or the gateway for it, refused it.</summary>
    Refused,

    /// <summary>The device went back to the firmware before.</summary>
    WentBack,

    /// <summary>Nothing more was heard.</summary>
    Silent,
}

/// <summary>Why an update was refused without the device.</summary>
public static class UpdateCode
{
    /// <summary>The device is away.</summary>
    public const string Away = "away";
}

/// <summary>What a <see cref="NodePeer"/> reports or wants done. Carry them out in order.</summary>
public abstract record PeerOutput
{
    private PeerOutput()
    {
    }

    /// <summary>Store the memory.</summary>
    /// <param name="Memory">What to store.</param>
    /// <param name="Urgent">True: it has to be durable before the outputs behind it are carried out; if that fails, drop them. False: with the next transaction.</param>
    public sealed record Persist(PeerMemory Memory, bool Urgent) : PeerOutput;

    /// <summary>Send a sealed message, never retained, QoS 1.</summary>
    /// <param name="Kind">Its topic.</param>
    /// <param name="Topic">The topic's text.</param>
    /// <param name="Payload">The bytes.</param>
    public sealed record Send(TopicKind Kind, string Topic, byte[] Payload) : PeerOutput;

    /// <summary>The device is there. Compare the versions of configuration and list, and the closed relays, with what should be.</summary>
    /// <param name="Birth">What it says of itself.</param>
    /// <param name="NewBoot">It started since it was last heard: whatever was running has ended.</param>
    public sealed record Online(Birth Birth, bool NewBoot) : PeerOutput;

    /// <summary>Clocks are matched and the device is proven fresh: leases can be given from now on.</summary>
    /// <param name="RoundTripMs">Round trip of the exchange, the error of the mapping.</param>
    public sealed record Ready(int RoundTripMs) : PeerOutput;

    /// <summary>The device is away. Leases it holds run out by themselves.</summary>
    /// <param name="Why">Why.</param>
    public sealed record Offline(AwayWhy Why) : PeerOutput;

    /// <summary>A journal record. Store it under (device, boot, seq), then call <see cref="NodePeer.Committed"/>; it may come again after a restart.</summary>
    /// <param name="Record">The record.</param>
    /// <param name="Time">When it happened.</param>
    /// <param name="Live">It happened within the last 10 s, in the boot that runs, with matched clocks, and the device leaves the decision to us. Anything else is recorded and starts nothing.</param>
    /// <param name="Raw">The JSON bytes as received.</param>
    public sealed record Recorded(JournalRecord Record, EventTime Time, bool Live, ReadOnlyMemory<byte> Raw) : PeerOutput;

    /// <summary>An authentic record that cannot be read or stored. Keep the bytes for a person, raise the alarm, then call <see cref="NodePeer.Committed"/>.</summary>
    /// <param name="Boot">Its boot.</param>
    /// <param name="Seq">Its number.</param>
    /// <param name="Fault">What is wrong with it.</param>
    /// <param name="Raw">The JSON bytes as received.</param>
    public sealed record SetAside(uint Boot, uint Seq, Fault Fault, ReadOnlyMemory<byte> Raw) : PeerOutput;

    /// <summary>A meter reading.</summary>
    /// <param name="Reading">The reading.</param>
    /// <param name="Time">When it was taken.</param>
    public sealed record Metered(MeterReading Reading, EventTime Time) : PeerOutput;

    /// <summary>An answer to a lease, a sentence or a configuration.</summary>
    /// <param name="Reply">The answer.</param>
    public sealed record Replied(Reply Reply) : PeerOutput;

    /// <summary>The device asks for its list in full or its configuration.</summary>
    /// <param name="What">What it asks for.</param>
    public sealed record Asked(AskFor What) : PeerOutput;

    /// <summary>The offline list arrived whole.</summary>
    /// <param name="Version">Its version.</param>
    public sealed record ListHeld(uint Version) : PeerOutput;

    /// <summary>The offline list was not taken. After <c>base</c>, <c>chunk</c> or <c>count</c> offer it in full.</summary>
    /// <param name="Version">Its version.</param>
    /// <param name="Code">A <see cref="ReplyCode"/>, or <c>timeout</c>.</param>
    public sealed record ListRefused(uint Version, string Code) : PeerOutput;

    /// <summary>How an update of the firmware stands.</summary>
    /// <param name="Stage">The stage.</param>
    /// <param name="Held">Bytes the device holds, while it pulls.</param>
    /// <param name="Code">With <see cref="UpdateStage.Refused"/>: a <see cref="ReplyCode"/> or <see cref="UpdateCode"/>.</param>
    public sealed record Updating(UpdateStage Stage, uint Held, string? Code) : PeerOutput;

    /// <summary>A message was refused. Count it.</summary>
    /// <param name="Kind">Its topic.</param>
    /// <param name="Fault">Why.</param>
    public sealed record Refused(TopicKind Kind, Fault Fault) : PeerOutput;

    /// <summary>A person should hear of this.</summary>
    /// <param name="Kind">What.</param>
    /// <param name="From">First journal number concerned, where it is about the journal.</param>
    /// <param name="To">Last journal number concerned.</param>
    public sealed record Alarm(PeerAlarm Kind, uint From = 0, uint To = 0) : PeerOutput;
}
