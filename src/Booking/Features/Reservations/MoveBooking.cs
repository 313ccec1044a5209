using FabLab.Core;

namespace FabLab.Booking.Features.Reservations;

/// <summary>Moves, extends or shortens a booking; changes its note and project.</summary>
internal sealed class MoveBooking
{
    public Task<Outcome<Reserved>> HandleAsync(BookingId id, BookingChange change, StaffActor by, CancellationToken cancellationToken) => throw new NotSupportedException();
}
