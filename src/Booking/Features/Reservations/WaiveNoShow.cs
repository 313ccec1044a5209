using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Reservations;

/// <summary>Staff say that a booking nobody came to does not count.</summary>
internal sealed class WaiveNoShow(BookingWriter writer)
{
    /// <summary>Waives it: the pause that it brought ends with it.</summary>
    /// <param name="id">The booking.</param>
    /// <param name="why">Why; kept.</param>
    /// <param name="by">Who.</param>
    /// <param name="cancellationToken">Stops.</param>
    public Task<Outcome<Reserved>> HandleAsync(BookingId id, string? why, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<Reserved>(
            async (write, cancel) =>
            {
                if (by.Reach(Right.Book) != Reach.All)
                    return Refusal.NotAllowed;
                if (await write.Db.Reservations.SingleOrDefaultAsync(r => r.Id == id && r.Kind == ReservationKind.Booking, cancel) is not { } booking)
                    return Refusal.NotFound("booking");
                if (booking.NoShowAt is null)
                    return Refusal.Conflict("not_a_no_show", "This booking was not released for want of its owner.");
                if (Text.Required(why, Reservation.MaxWhy) is not { } said)
                    return Refusal.BadValue("why", $"Say why, in 1 to {Reservation.MaxWhy} characters.");
                if (booking.WaivedBy is null)
                {
                    (booking.WaivedBy, booking.Why) = (by.Id, said);
                    booking.Version++;
                    write.Audit(by.Id, "booking.no_show_waived", id.Value, said);
                }
                return new Reserved(id, booking.MachineId, booking.Start, booking.End, booking.Version);
            },
            cancellationToken);
}
