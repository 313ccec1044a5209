using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.Ledger;

public enum LedgerKind
{
    /// <summary>Time as the gateway recorded it.</summary>
    Recorded = 1,

    /// <summary>Takes another row back: the same figures with the other sign.</summary>
    Reversal = 2,

    /// <summary>Stands for a row that was taken back.</summary>
    Replacement = 3,
}

/// <summary>
/// One row of the ledger of machine time. Never changed, never deleted: a correction is a reversal and, when something
/// remains, a replacement. Every total is the plain sum of the rows; all figures are whole numbers, so sums are exact.
/// </summary>
public sealed class MachineTimeEntry
{
    public required Guid Id { get; init; }

    public required LedgerKind Kind { get; init; }

    /// <summary>Key of Core's ledger: "s:" and the session, "u:" or "x:" for time of nobody. One recorded row has it; corrections repeat it.</summary>
    public required string EntryKey { get; init; }

    public required MachineId MachineId { get; init; }

    /// <summary>Null for time of nobody.</summary>
    public SessionId? SessionId { get; init; }

    /// <summary>Who used the machine; null when it ran for nobody known.</summary>
    public PersonId? PersonId { get; init; }

    public BadgeId? BadgeId { get; init; }

    /// <summary>Who stood beside.</summary>
    public PersonId? AccompaniedBy { get; init; }

    public ProjectId? ProjectId { get; init; }

    public BookingId? BookingId { get; init; }

    public required Instant Start { get; init; }

    public required Instant End { get; init; }

    /// <summary>Milliseconds the machine's relay was closed, cool-down not counted.</summary>
    public long PoweredMs { get; init; }

    /// <summary>Milliseconds of work.</summary>
    public long WorkingMs { get; init; }

    /// <summary>Milliseconds of cool-down by the machine's relay; not billed.</summary>
    public long CoolDownMs { get; init; }

    /// <summary>Milliseconds the exhaust's relay was closed.</summary>
    public long ExhaustMs { get; init; }

    /// <summary>Milliseconds of which nobody can say whether the machine was on. Not part of the others.</summary>
    public long UnknownMs { get; init; }

    /// <summary>Energy in thousandths of a watt-hour.</summary>
    public long EnergyMwh { get; init; }

    /// <summary>Granted by the device's own list while it was alone.</summary>
    public bool Offline { get; init; }

    /// <summary>Stable code of why it ended; null for time of nobody.</summary>
    public string? EndReason { get; init; }

    /// <summary>What is odd about it, see <see cref="LedgerFlags"/>, blank between. Empty when nothing.</summary>
    public string Flags { get; init; } = "";

    /// <summary>The row this one takes back or stands for.</summary>
    public Guid? Corrects { get; init; }

    /// <summary>For a correction: who made it; null when a late record did.</summary>
    public PersonId? Author { get; init; }

    /// <summary>For a correction: why.</summary>
    public string? Reason { get; init; }

    public required Instant RecordedAt { get; init; }

    public required string Gateway { get; init; }

    public required long Epoch { get; init; }
}

/// <summary>What can be odd about time that is stored all the same.</summary>
public static class LedgerFlags
{
    public const string UnknownMachine = "unknown_machine";
    public const string UnknownPerson = "unknown_person";
    public const string UnknownProject = "unknown_project";

    /// <summary>The person was not active or the badge not valid when the record came in; it is stored, since it happened.</summary>
    public const string NoLongerAllowed = "no_longer_allowed";

    /// <summary>Its start lies before 2020 or in the future: a clock was wrong.</summary>
    public const string ClockWrong = "clock_wrong";

    /// <summary>Records before it are missing.</summary>
    public const string Gap = "gap";

    public static string Join(IEnumerable<string> flags) => string.Join(' ', flags.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
}
