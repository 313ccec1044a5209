using FabLab.Core;

namespace FabLab.Booking.Features.Reservations;

/// <summary>Staff say that a booking nobody came to does not count.</summary>
internal sealed class WaiveNoShow
{
    /// <param name="id">The booking.</param>
    /// <param name="why">Why; kept.</param>
    /// <param name="by">Who.</param>
    /// <param name="cancellationToken">Stops.</param>
    public Task<Outcome<Reserved>> HandleAsync(BookingId id, string? why, StaffActor by, CancellationToken cancellationToken) => throw new NotSupportedException();
}
