using FabLab.Core;

namespace FabLab.Booking.Features.Reservations;

/// <summary>Cancels a booking, and takes that back for a short while.</summary>
internal sealed class CancelBooking
{
    /// <summary>Cancels.</summary>
    /// <param name="id">The booking.</param>
    /// <param name="version">The version that was seen; null: whatever it is now.</param>
    /// <param name="why">Why, for whom it concerns; may be empty.</param>
    /// <param name="by">Who.</param>
    /// <param name="cancellationToken">Stops.</param>
    public Task<Outcome<BookingCancelled>> CancelAsync(BookingId id, long? version, string? why, StaffActor by, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Takes a cancellation back, when the time is still free.</summary>
    public Task<Outcome<Reserved>> RestoreAsync(BookingId id, StaffActor by, CancellationToken cancellationToken) => throw new NotSupportedException();
}
