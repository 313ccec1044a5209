using FabLab.Core.Access;
using NodaTime;

namespace FabLab.Core.Sessions;

/// <summary>A use that is under way.</summary>
public sealed record OpenSession
{
    /// <summary>The session.</summary>
    public required SessionId Id { get; init; }

    /// <summary>Who uses the machine.</summary>
    public required PersonId Person { get; init; }

    /// <summary>With which badge.</summary>
    public BadgeId? Badge { get; init; }

    /// <summary>Who accompanies; null when nobody had to.</summary>
    public PersonId? Companion { get; init; }

    /// <summary>With which badge.</summary>
    public BadgeId? CompanionBadge { get; init; }

    /// <summary>Whether the companion was checked in at the start.</summary>
    public bool CompanionWasPresent { get; init; }

    /// <summary>The séance by which the companion stands beside; null where a badge was tapped.</summary>
    public GroupSessionId? GroupSession { get; init; }

    /// <summary>What the time is counted for.</summary>
    public ProjectId? Project { get; init; }

    /// <summary>The booking it fulfils.</summary>
    public BookingId? Booking { get; init; }

    /// <summary>When it began.</summary>
    public required Instant StartedAt { get; init; }

    /// <summary>When it ends at the latest, excluded; null = without end.</summary>
    public Instant? Until { get; init; }

    /// <summary>Why then.</summary>
    public LimitReason? Limit { get; init; }

    /// <summary>
    /// The end of the booking that this use goes on past, because the machine draws current: it ends as soon as the machine rests,
    /// at <see cref="Until"/> at the latest. Null while it does not.
    /// </summary>
    public Instant? Overtime { get; init; }

    /// <summary>The shortest announcement made before <see cref="Until"/>; longer ones are not made any more. Null = none yet.</summary>
    public Duration? Announced { get; init; }

    /// <summary>Whether the device granted it by its own list.</summary>
    public bool Offline { get; init; }

    /// <summary>Whether the relay was reported closed under this session.</summary>
    public bool Confirmed { get; init; }
}
