using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.Ledger;

public enum LedgerKind
{
    /// <summary>A use as the gateway recorded it.</summary>
    Use = 1,

    /// <summary>Takes another row back: the same figures with the other sign.</summary>
    Reversal = 2,

    /// <summary>Stands for a row that was taken back.</summary>
    Replacement = 3,
}

/// <summary>
/// One row of the ledger of machine time. Never changed, never deleted: a correction is a reversal and, when something
/// remains, a replacement. Every total is the plain sum of the rows.
/// </summary>
public sealed class MachineTimeEntry
{
    public required Guid Id { get; init; }

    public required LedgerKind Kind { get; init; }

    public required MachineId MachineId { get; init; }

    /// <summary>The use this is about.</summary>
    public required SessionId SessionId { get; init; }

    /// <summary>Part of the use: a use that changed its project or hands has several, from 0.</summary>
    public int Part { get; init; }

    /// <summary>Who used the machine; null when it ran for nobody known.</summary>
    public PersonId? PersonId { get; init; }

    /// <summary>Who stood beside.</summary>
    public PersonId? AccompaniedBy { get; init; }

    public ProjectId? ProjectId { get; init; }

    public required Instant Start { get; init; }

    public required Instant End { get; init; }

    /// <summary>Milliseconds the relay was closed.</summary>
    public required long PoweredMs { get; init; }

    /// <summary>Milliseconds of these in which the machine worked.</summary>
    public long WorkingMs { get; init; }

    /// <summary>Milliseconds of which nobody can say whether the machine was on.</summary>
    public long UnknownMs { get; init; }

    /// <summary>Milliseconds of cool-down after the use, not billed.</summary>
    public long CoolDownMs { get; init; }

    /// <summary>Watt-hours drawn; null without a meter.</summary>
    public double? WattHours { get; init; }

    /// <summary>Decided while Booking could not be reached.</summary>
    public bool Offline { get; init; }

    /// <summary>Stable code of why it ended.</summary>
    public required string EndReason { get; init; }

    /// <summary>What is odd about it: an unknown person, a clock that was wrong. Empty when nothing.</summary>
    public string Flags { get; init; } = "";

    /// <summary>The row this one takes back or stands for.</summary>
    public Guid? Corrects { get; init; }

    /// <summary>For a correction: who made it.</summary>
    public PersonId? Author { get; init; }

    /// <summary>For a correction: why.</summary>
    public string? Reason { get; init; }

    public required Instant RecordedAt { get; init; }

    public string? Gateway { get; init; }

    public long? Epoch { get; init; }

    public long? Seq { get; init; }
}
