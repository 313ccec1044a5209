using FabLab.Core;
using FabLab.Core.Scheduling;
using NodaTime;

namespace FabLab.Booking.Features.Reservations;

/// <summary>A machine, or any machine of a pool, from <paramref name="Start"/> until before <paramref name="End"/>.</summary>
/// <param name="Machine">The machine; null with <see cref="Pool"/>.</param>
/// <param name="Person">For whom; null for oneself, unless <see cref="Group"/> or <see cref="Block"/> says otherwise.</param>
/// <param name="Start">Included.</param>
/// <param name="End">Excluded.</param>
public sealed record NewReservation(MachineId? Machine, PersonId? Person, Instant Start, Instant End)
{
    /// <summary>Any machine of this pool; which one is settled at the tap.</summary>
    public PoolId? Pool { get; init; }

    /// <summary>For a group instead of a person.</summary>
    public Guid? Group { get; init; }

    /// <summary>Staff keep it free of bookings: maintenance, an event. Needs <see cref="Why"/>.</summary>
    public bool Block { get; init; }

    /// <summary>How many places of the machine's capacity; null = one, or for a block all.</summary>
    public int? Places { get; init; }

    /// <summary>Which project its time is meant for.</summary>
    public ProjectId? Project { get; init; }

    /// <summary>At most <see cref="Reservation.MaxNote"/> characters; for oneself and staff.</summary>
    public string? Note { get; init; }

    /// <summary>Why staff block it or set a rule aside; at most <see cref="Reservation.MaxWhy"/> characters.</summary>
    public string? Why { get; init; }

    /// <summary>The codes of the rules that staff set aside for once, such as "too_long". Needs <see cref="Why"/>.</summary>
    public IReadOnlyList<string> Waive { get; init; } = [];
}

/// <summary>What to change of a booking; what is null stays as it is.</summary>
public sealed record BookingChange
{
    /// <summary>The new start, included.</summary>
    public Instant? Start { get; init; }

    /// <summary>The new end, excluded. Alone: to extend or to shorten, while it runs too.</summary>
    public Instant? End { get; init; }

    /// <summary>Another machine.</summary>
    public MachineId? Machine { get; init; }

    /// <summary>How many places.</summary>
    public int? Places { get; init; }

    /// <summary>The note; empty to take it away.</summary>
    public string? Note { get; init; }

    /// <summary>The project.</summary>
    public ProjectId? Project { get; init; }

    /// <summary>Takes the project away.</summary>
    public bool NoProject { get; init; }

    /// <summary>Why staff set a rule aside.</summary>
    public string? Why { get; init; }

    /// <summary>The codes of the rules that staff set aside for once. Needs <see cref="Why"/>.</summary>
    public IReadOnlyList<string> Waive { get; init; } = [];

    /// <summary>The version that was seen; null: whatever it is now.</summary>
    public long? Version { get; init; }
}

/// <summary>A booking that was made or changed.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Machine">Where: for a pool, the machine it is kept on now.</param>
/// <param name="Start">Included.</param>
/// <param name="End">Excluded.</param>
/// <param name="Version">To be named with the next change.</param>
/// <param name="NeedsCompanion">Whether the person must come with somebody beside them.</param>
/// <param name="ReleaseAt">From when anybody may use the machine if nobody came; null = never.</param>
public sealed record Reserved(BookingId Id, MachineId Machine, Instant Start, Instant End, long Version, bool NeedsCompanion = false, Instant? ReleaseAt = null);

/// <summary>A booking that was cancelled.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Late">Later than the rules ask: it still counts in quotas.</param>
/// <param name="Version">To be named with the next change.</param>
/// <param name="UndoUntil">Until when it can be taken back if nobody else has booked the time.</param>
public sealed record BookingCancelled(BookingId Id, bool Late, long Version, Instant UndoUntil);

/// <summary>A series to book or to look at first.</summary>
/// <param name="Rule">When it comes back, by the clock on the wall.</param>
/// <param name="Machine">The machine; null with <see cref="Pool"/>.</param>
public sealed record NewSeries(SeriesRule Rule, MachineId? Machine)
{
    /// <summary>Any machine of this pool; each time on the one that fits.</summary>
    public PoolId? Pool { get; init; }

    /// <summary>For whom; null for oneself, unless <see cref="Group"/> or <see cref="Block"/> says otherwise.</summary>
    public PersonId? Person { get; init; }

    /// <summary>For a group instead of a person.</summary>
    public Guid? Group { get; init; }

    /// <summary>Staff keep it free of bookings.</summary>
    public bool Block { get; init; }

    /// <summary>How many places; null = one, or for a block all.</summary>
    public int? Places { get; init; }

    /// <summary>The project.</summary>
    public ProjectId? Project { get; init; }

    /// <summary>The note of every one.</summary>
    public string? Note { get; init; }

    /// <summary>Why staff block it or set a rule aside.</summary>
    public string? Why { get; init; }

    /// <summary>The codes of the rules that staff set aside.</summary>
    public IReadOnlyList<string> Waive { get; init; } = [];

    /// <summary>Books the times that can be had and leaves out the others; else one that cannot be had refuses all.</summary>
    public bool AllButConflicts { get; init; }
}

/// <summary>One time of a series.</summary>
/// <param name="Start">Included.</param>
/// <param name="End">Excluded.</param>
/// <param name="Machine">The machine it would be, or was, booked on; null when it cannot be had.</param>
/// <param name="Booking">The booking; null for a preview and for what cannot be had.</param>
/// <param name="Code">Why it cannot be had; null when it can.</param>
/// <param name="Sentence">Why, in words.</param>
/// <param name="NextStep">What can be done.</param>
public sealed record SeriesTime(
    Instant Start, Instant End, MachineId? Machine, BookingId? Booking = null, string? Code = null, Words? Sentence = null, Words? NextStep = null);

/// <summary>What can be booked of a series, or was.</summary>
/// <param name="Series">The series; null for a preview.</param>
/// <param name="Times">Every time in order.</param>
public sealed record SeriesAnswer(SeriesId? Series, IReadOnlyList<SeriesTime> Times)
{
    /// <summary>How many can be had.</summary>
    public int Free => Times.Count(time => time.Code is null);
}

/// <summary>A wish to get time on a machine when it becomes free.</summary>
/// <param name="Start">From when it would suit, included.</param>
/// <param name="End">Until when it would suit, excluded.</param>
/// <param name="Length">How long it is needed.</param>
public sealed record NewWait(Instant Start, Instant End, Duration Length)
{
    /// <summary>The machine; null with <see cref="Pool"/>.</summary>
    public MachineId? Machine { get; init; }

    /// <summary>Any machine of this pool.</summary>
    public PoolId? Pool { get; init; }

    /// <summary>Who waits; null for oneself.</summary>
    public PersonId? Person { get; init; }
}

/// <summary>A place on the waiting list.</summary>
/// <param name="Id">Its id.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Offer">The booking held for it; null when none is.</param>
/// <param name="HeldUntil">Until when the offer is held.</param>
public sealed record Waiting(WaitId Id, WaitState State, Reserved? Offer = null, Instant? HeldUntil = null);
