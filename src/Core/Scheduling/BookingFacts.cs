using FabLab.Core.Access;
using NodaTime;

namespace FabLab.Core.Scheduling;

/// <summary>Who asks for a booking.</summary>
public enum BookingActor
{
    /// <summary>The person it is for.</summary>
    Self,

    /// <summary>Staff, for somebody, for a group, or for the lab itself.</summary>
    Staff,
}

/// <summary>The booking a change starts from.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Start">Its start.</param>
/// <param name="End">Its end.</param>
/// <param name="Yours">Whether it belongs to the person who asks.</param>
/// <param name="Over">Whether it has been cancelled, released or used up.</param>
/// <param name="Elsewhere">Whether it is kept on another machine than the one asked for now.</param>
public sealed record BookingBefore(BookingId Id, Instant Start, Instant End, bool Yours, bool Over = false, bool Elsewhere = false);

/// <summary>What is asked for.</summary>
/// <param name="Start">Its start, included.</param>
/// <param name="End">Its end, excluded.</param>
public sealed record BookingWish(Instant Start, Instant End)
{
    /// <summary>How many places of the machine's capacity.</summary>
    public int Places { get; init; } = 1;

    /// <summary>Who asks.</summary>
    public BookingActor Actor { get; init; }

    /// <summary>The key of the group it is for; null = for a person.</summary>
    public string? Group { get; init; }

    /// <summary>The booking that this one takes the place of; null = a new one.</summary>
    public BookingBefore? Before { get; init; }

    /// <summary>The rules staff set aside for once. Ignored for others, and for reasons that cannot be waived.</summary>
    public ValueList<BookingReason> Waive { get; init; } = [];
}

/// <summary>The machine asked for.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Class">The key of its class ("imprimante-3d"), or null.</param>
public sealed record BookedMachine(MachineId Id, string? Class = null);

/// <summary>The person the booking is for.</summary>
/// <param name="Id">Who.</param>
/// <param name="Plan">The key of their plan, or null.</param>
/// <param name="WalkUpOnlyUntil">From <see cref="NoShowRules.Standing"/>: until when they cannot book.</param>
public sealed record BookingPerson(PersonId Id, string? Plan = null, Instant? WalkUpOnlyUntil = null);

/// <summary>Why a machine is taken.</summary>
public enum BusyKind
{
    /// <summary>By a booking.</summary>
    Booking,

    /// <summary>By a booking of the room it stands in, or of another machine that excludes it.</summary>
    Room,

    /// <summary>By staff: maintenance, a held offer, a machine that is out of service.</summary>
    Block,
}

/// <summary>Time at which a machine is taken, wholly or in part.</summary>
/// <param name="Start">Its start, included.</param>
/// <param name="End">Its end, excluded.</param>
/// <param name="Kind">By what. Only bookings need set-up time and take single places.</param>
/// <param name="Places">The places a booking takes.</param>
/// <param name="Booking">The booking.</param>
/// <param name="Floats">Whether the booking is for any machine of a pool and nobody has tapped yet, so that it may still move to another one.</param>
public sealed record BusyTime(
    Instant Start, Instant End, BusyKind Kind = BusyKind.Booking, int Places = 1, BookingId? Booking = null, bool Floats = false);

/// <summary>What became of a booking.</summary>
public enum OwnBookingState
{
    /// <summary>It is to come or runs.</summary>
    Active,

    /// <summary>It was used.</summary>
    Used,

    /// <summary>Nobody came. Counts in quotas.</summary>
    NoShow,

    /// <summary>It was cancelled too late. Counts in quotas.</summary>
    CancelledLate,
}

/// <summary>Another booking of the same person. Those cancelled in time are not listed.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Machine">Its machine.</param>
/// <param name="Class">The key of the machine's class, or null.</param>
/// <param name="Start">Its start.</param>
/// <param name="End">Its end.</param>
/// <param name="MadeAt">When it was made.</param>
/// <param name="State">What became of it.</param>
public sealed record OwnBooking(
    BookingId Id, MachineId Machine, string? Class, Instant Start, Instant End, Instant MadeAt, OwnBookingState State = OwnBookingState.Active);

/// <summary>Everything a booking is decided from. What is stored with the decision, so that it can be derived again.</summary>
public sealed record BookingFacts
{
    /// <summary>The present instant, by the caller's clock.</summary>
    public required Instant Now { get; init; }

    /// <summary>The IANA zone of the site; one that does not exist counts as UTC.</summary>
    public required string Zone { get; init; }

    /// <summary>What is asked for.</summary>
    public required BookingWish Wish { get; init; }

    /// <summary>The machine; null when there is none of that id.</summary>
    public BookedMachine? Machine { get; init; }

    /// <summary>How it is booked.</summary>
    public BookingTerms Terms { get; init; } = new();

    /// <summary>The open periods of the machine around the wish, from <see cref="SiteSchedule"/>. The further they reach, the better the next free time that a refusal names.</summary>
    public ValueList<OpeningPeriod> Hours { get; init; } = [];

    /// <summary>When the machine is taken, around the wish.</summary>
    public ValueList<BusyTime> Busy { get; init; } = [];

    /// <summary>The person; null when the lab books for itself.</summary>
    public BookingPerson? Person { get; init; }

    /// <summary>What <see cref="AccessRules"/> says with <see cref="AccessPurpose.Preview"/> at the booking's <i>start</i>: habilitation, membership, age. Null = not asked, as when the lab books for itself.</summary>
    public AccessDecision? Access { get; init; }

    /// <summary>The person's other bookings, in the quota periods that the wish touches and to come.</summary>
    public ValueList<OwnBooking> Own { get; init; } = [];

    /// <summary>All quotas of the site; those that do not concern this person or machine are passed over.</summary>
    public ValueList<BookingQuota> Quotas { get; init; } = [];
}
