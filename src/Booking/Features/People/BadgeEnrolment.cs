using FabLab.Core;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Booking.Features.People;

/// <summary>What became of the wait for a badge.</summary>
public enum BadgeEnrolmentState
{
    /// <summary>The next badge of nobody at that reader is the one; over by itself when its time is up.</summary>
    Waiting,

    /// <summary>A badge was tapped and given.</summary>
    Done,

    /// <summary>The badge tapped belongs to somebody else, see <see cref="BadgeEnrolment.OtherPerson"/>.</summary>
    Taken,

    /// <summary>The badge tapped is this person's already.</summary>
    AlreadyTheirs,

    /// <summary>That reader sees too little of the number to tell the badge from another one.</summary>
    Ambiguous,

    /// <summary>Staff gave up.</summary>
    Cancelled,
}

/// <summary>
/// Somebody is to be given the badge that is tapped next at one reader, within a minute. A reader waits for one person at a time.
/// Removed a day later.
/// </summary>
public sealed class BadgeEnrolment
{
    /// <summary>How long a reader waits.</summary>
    public static readonly Duration Window = Duration.FromSeconds(60);

    public required Guid Id { get; init; }

    public required PersonId PersonId { get; init; }

    public required DeviceId DeviceId { get; init; }

    /// <summary>Which reader of that device, from 0.</summary>
    public int Reader { get; init; }

    public BadgeAssurance Assurance { get; init; }

    public required PersonId StartedBy { get; init; }

    public required Instant StartedAt { get; init; }

    public required Instant EndsAt { get; set; }

    public BadgeEnrolmentState State { get; set; }

    public BadgeId? BadgeId { get; set; }

    /// <summary>Whose the badge is already.</summary>
    public PersonId? OtherPerson { get; set; }

    public long Version { get; set; }

    /// <summary>Whether a tap now would be taken.</summary>
    public bool WaitsAt(Instant now) => State == BadgeEnrolmentState.Waiting && now < EndsAt;
}
