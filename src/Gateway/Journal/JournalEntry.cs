using FabLab.Core;
using FabLab.Gateway.Drivers;
using NodaTime;

namespace FabLab.Gateway.Journal;

/// <summary>One line of the journal, before it has a number.</summary>
/// <param name="Machine">The machine it is about; null for what concerns the gateway as a whole.</param>
/// <param name="At">When it happened, UTC.</param>
/// <param name="Kind">What it is; the receiver chooses the reader of <paramref name="Json"/> by it.</param>
/// <param name="Json">The fact itself.</param>
/// <param name="Record">
/// The record of the device's own journal that it stems from. Such a record may arrive twice, late, or out of order; its name
/// never changes, so its lines are written once.
/// </param>
public sealed record JournalEntry(MachineId? Machine, Instant At, string Kind, string Json, JournalKey? Record = null);

/// <summary>One line of the journal as it was written. Numbers only go up; none is used twice, even after old lines were removed.</summary>
public sealed record JournalRow(long Sequence, MachineId? Machine, Instant At, string Kind, string Json);

/// <summary>
/// The state of one machine, written in the same transaction as the lines that led to it: after a crash there is no tail to
/// fold, the two cannot disagree.
/// </summary>
public sealed record MachineSnapshot(MachineId Machine, Instant At, string Json);

/// <summary>What is written together or not at all.</summary>
public sealed record JournalCommit
{
    public IReadOnlyList<JournalEntry> Entries { get; init; } = [];

    public MachineSnapshot? Snapshot { get; init; }

    /// <summary>Device records that were taken and gave no line of their own; they are remembered all the same.</summary>
    public IReadOnlyList<JournalKey> Records { get; init; } = [];
}

/// <summary>What became of a write. Never a bool: whoever asks must look at what happened.</summary>
public abstract record JournalResult
{
    private JournalResult() { }

    /// <summary>On disk, as far as the disk honours fsync. Both numbers are 0 when no line was written.</summary>
    public sealed record Written(long First, long Last) : JournalResult;

    /// <summary>All of it came from device records that had been taken before; nothing was written.</summary>
    public sealed record Duplicate : JournalResult;

    /// <summary>Nothing was written. The answer is no, and off.</summary>
    public sealed record Failed(StorageFault Fault) : JournalResult;
}

/// <summary>Why the gateway's file could not be written.</summary>
/// <param name="Kind">The sort of fault, for a metric and for the alarm's sentence.</param>
/// <param name="Message">SQLite's words; no content of a row.</param>
public sealed record StorageFault(StorageFaultKind Kind, string Message)
{
    /// <summary>The disk has not answered in <see cref="GatewayJournal.Patience"/>.</summary>
    public static StorageFault Silent { get; } = new(StorageFaultKind.Silent, "the disk does not answer");
}

public enum StorageFaultKind
{
    /// <summary>No space left, or the size set for the file is reached.</summary>
    Full,

    /// <summary>The disk answered with an error, or is read-only.</summary>
    Io,

    /// <summary>The file is damaged.</summary>
    Corrupt,

    /// <summary>The disk does not answer at all.</summary>
    Silent,

    /// <summary>The journal is closed; the gateway is stopping.</summary>
    Closed,

    /// <summary>Anything else SQLite refused.</summary>
    Other,
}
