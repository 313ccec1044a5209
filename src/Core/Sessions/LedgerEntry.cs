using NodaTime;

namespace FabLab.Core.Sessions;

/// <summary>The time of one session, or of nobody, as the ledger keeps it.</summary>
public sealed record LedgerEntry
{
    /// <summary>Names the entry once and for all: "s:" and the session, or "u:", the machine and the stretch.</summary>
    public required string Key { get; init; }

    /// <summary>The machine.</summary>
    public required MachineId Machine { get; init; }

    /// <summary>The session; null for time of nobody.</summary>
    public SessionId? Session { get; init; }

    /// <summary>Who; null for time of nobody, and for a use by a badge that leads to nobody.</summary>
    public PersonId? Person { get; init; }

    /// <summary>With which badge.</summary>
    public BadgeId? Badge { get; init; }

    /// <summary>Who accompanied.</summary>
    public PersonId? Companion { get; init; }

    /// <summary>What the time is counted for.</summary>
    public ProjectId? Project { get; init; }

    /// <summary>The booking it fulfils.</summary>
    public BookingId? Booking { get; init; }

    /// <summary>When it began.</summary>
    public Instant StartedAt { get; init; }

    /// <summary>When it ended; null while it goes on.</summary>
    public Instant? EndedAt { get; init; }

    /// <summary>Why it ended; null while it goes on and for time of nobody.</summary>
    public EndReason? Why { get; init; }

    /// <summary>Milliseconds with the main relay closed, cool-down not counted.</summary>
    public long PoweredMs { get; init; }

    /// <summary>Milliseconds of work; never more than the relay was, or may have been, closed for use.</summary>
    public long WorkingMs { get; init; }

    /// <summary>Milliseconds of cool-down by the main relay.</summary>
    public long CoolDownMs { get; init; }

    /// <summary>Milliseconds with the exhaust relay closed, in use and in cool-down.</summary>
    public long ExhaustMs { get; init; }

    /// <summary>Milliseconds for which nobody can say whether the main relay was closed. Not part of the others.</summary>
    public long UnknownMs { get; init; }

    /// <summary>Energy in watt hours.</summary>
    public double Wh { get; init; }

    /// <summary>Whether the device granted it by its own list.</summary>
    public bool Offline { get; init; }

    /// <summary>Whether it has ended and no stretch of it waits for word from the device: it changes no more.</summary>
    public bool Settled { get; init; }
}
