using FabLab.Core;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Booking.Features.Reservations;

/// <summary>What a row keeps a machine for.</summary>
public enum ReservationKind
{
    /// <summary>Somebody, or a group, has booked it.</summary>
    Booking = 0,

    /// <summary>Staff keep it free of bookings: maintenance, an event.</summary>
    Block = 1,

    /// <summary>It is held for the first of the waiting list, until <see cref="Reservation.HeldUntil"/>.</summary>
    Offer = 2,
}

/// <summary>
/// A machine, room, desk or kit kept from <see cref="Start"/> until before <see cref="End"/>. That nothing overlaps is kept by its
/// <see cref="BookingSlot"/>s, which the database compares.
/// </summary>
public sealed class Reservation
{
    /// <summary>The longest note, in characters.</summary>
    public const int MaxNote = 500;

    /// <summary>The longest reason of a block, a cancellation or a waiver, in characters.</summary>
    public const int MaxWhy = 200;

    public required BookingId Id { get; init; }

    /// <summary>What it is. An offer that is taken becomes a booking.</summary>
    public ReservationKind Kind { get; set; }

    /// <summary>Where it is kept now; a booking of a pool may move until it is claimed.</summary>
    public required MachineId MachineId { get; set; }

    /// <summary>For whom; null when it is kept for a group, or for nobody by name (maintenance), or when who it was is forgotten.</summary>
    public PersonId? PersonId { get; set; }

    /// <summary>For which group; null for a person.</summary>
    public Guid? GroupId { get; set; }

    /// <summary>How many places of the machine's capacity; from 1.</summary>
    public int Places { get; set; } = 1;

    public required Instant Start { get; set; }

    public required Instant End { get; set; }

    /// <summary>The pool it was booked from; it floats there until <see cref="ClaimedAt"/>.</summary>
    public PoolId? PoolId { get; init; }

    /// <summary>The series it is one of.</summary>
    public SeriesId? SeriesId { get; init; }

    /// <summary>Which project its time is meant for.</summary>
    public ProjectId? ProjectId { get; set; }

    /// <summary>In the words of who booked. Only for the owner and for staff.</summary>
    public string Note { get; set; } = "";

    /// <summary>Why staff block it, or cancelled it, or set a rule aside. For everybody whom it concerns.</summary>
    public string Why { get; set; } = "";

    /// <summary>Who made it; null for a row from before this was noted.</summary>
    public PersonId? MadeBy { get; set; }

    public Instant CreatedAt { get; init; }

    /// <summary>When its owner first tapped at the machine.</summary>
    public Instant? ClaimedAt { get; set; }

    /// <summary>From when anybody may use the machine because nobody came; written ahead when the booking is made, emptied by the claim. Null: never released.</summary>
    public Instant? ReleasedAt { get; set; }

    /// <summary>When it was released, really: nobody had come by <see cref="ReleasedAt"/>. It counts as a no-show unless <see cref="WaivedBy"/>.</summary>
    public Instant? NoShowAt { get; set; }

    /// <summary>The member of staff who said that this no-show does not count.</summary>
    public PersonId? WaivedBy { get; set; }

    public Instant? CancelledAt { get; set; }

    public PersonId? CancelledBy { get; set; }

    /// <summary>Cancelled later than the rules ask: it still counts in quotas.</summary>
    public bool CancelledLate { get; set; }

    /// <summary>Of an offer: until when it waits for an answer.</summary>
    public Instant? HeldUntil { get; set; }

    /// <summary>The decision it was made by, with the facts it used, as JSON; from it the same answer follows again.</summary>
    public string? Decision { get; set; }

    public long Version { get; set; }

    /// <summary>Whether it keeps the machine now or later: not cancelled, and not given up because nobody came.</summary>
    public bool Stands => CancelledAt is null && NoShowAt is null;

    /// <summary>The booking as gateways know it.</summary>
    /// <param name="slots">Its live slots: the time to clear up after it, and the other machines of a room booked whole.</param>
    internal BookingRule ToRule(IReadOnlyCollection<BookingSlot> slots) => new()
    {
        Id = Id,
        Machine = MachineId,
        Also = [.. slots.Select(s => s.MachineId).Where(machine => machine != MachineId).Distinct().OrderBy(machine => machine.Value)],
        ClaimedAt = ClaimedAt,
        Pool = PoolId,
        SetUp = Duration.Max(Duration.Zero, slots.Select(s => s.End - End).DefaultIfEmpty(Duration.Zero).Max()),
        People = PersonId is { } person ? [person] : [],
        Group = GroupId?.ToString("D"),
        Start = Start,
        End = End,
        // What is held for the waiting list is free again when the answer does not come.
        ReleasedAt = Kind == ReservationKind.Offer ? ReleasedAt ?? HeldUntil : ReleasedAt,
    };
}
