using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.Reservations;

/// <summary>
/// One place of one machine taken by one booking, its set-up time included. This is what the database compares: of two live slots
/// on one place that overlap it refuses the later one (a trigger on SQLite, an exclusion constraint on PostgreSQL).
/// A room booked whole has a slot on every machine in it too.
/// </summary>
public sealed class BookingSlot
{
    public required BookingId BookingId { get; init; }

    public required MachineId MachineId { get; init; }

    /// <summary>Which of the machine's places, from 0.</summary>
    public required int Place { get; init; }

    public required Instant Start { get; set; }

    /// <summary>Excluded; the end of the booking and the time to clear up after it.</summary>
    public required Instant End { get; set; }

    /// <summary>False for a booking that no longer stands.</summary>
    public bool Live { get; set; } = true;
}
