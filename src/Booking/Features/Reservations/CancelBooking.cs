using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using FabLab.Core.Scheduling;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Reservations;

/// <summary>Cancels a booking, and takes that back for a short while.</summary>
internal sealed class CancelBooking(BookingWriter writer, BookingDesk desk)
{
    /// <summary>Cancels.</summary>
    /// <param name="id">The booking.</param>
    /// <param name="version">The version that was seen; null: whatever it is now.</param>
    /// <param name="why">Why, for whom it concerns; may be empty.</param>
    /// <param name="by">Who.</param>
    /// <param name="cancellationToken">Stops.</param>
    public Task<Outcome<BookingCancelled>> CancelAsync(BookingId id, long? version, string? why, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<BookingCancelled>(
            async (write, cancel) =>
            {
                await BookingDesk.OneAtATimeAsync(write, cancel);
                if (await write.Db.Reservations.SingleOrDefaultAsync(r => r.Id == id && r.Kind != ReservationKind.Offer, cancel) is not { } booking)
                    return Refusal.NotFound("booking");
                var may = await BookingDesk.MayKeepAsync(write.Db, by, booking, cancel);
                if (may && version is { } seen && seen != booking.Version)
                    return Refusal.Stale;
                var decision = CancellationRules.Decide(await FactsAsync(write, booking, by, may, cancel));
                if (decision.Refused is { } refused)
                    return BookingDesk.ToRefusal(refused);
                await ApplyAsync(write, booking, decision.Late, why, by, cancel);
                return new BookingCancelled(id, decision.Late, booking.Version, write.Now + CancellationRules.UndoWithin);
            },
            cancellationToken);

    /// <summary>Takes a cancellation back, when it was just now and the time is still free.</summary>
    /// <param name="id">The booking.</param>
    /// <param name="by">Who.</param>
    /// <param name="cancellationToken">Stops.</param>
    public Task<Outcome<Reserved>> RestoreAsync(BookingId id, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<Reserved>(
            async (write, cancel) =>
            {
                await BookingDesk.OneAtATimeAsync(write, cancel);
                if (await write.Db.Reservations.SingleOrDefaultAsync(r => r.Id == id && r.Kind != ReservationKind.Offer, cancel) is not { } booking)
                    return Refusal.NotFound("booking");
                var may = await BookingDesk.MayKeepAsync(write.Db, by, booking, cancel);
                if (may && booking.CancelledAt is null)
                    return Refusal.Conflict("not_cancelled", "It was not cancelled.");
                var wish = Wish(booking, by, may);
                var facts = await desk.Reader.OneAsync(write.Db, booking.MachineId, new FactsQuestion { Now = write.Now, Wish = wish, Person = booking.PersonId }, cancel);
                if (CancellationRules.Undo(facts, booking.CancelledAt ?? write.Now) is { } refused)
                    return BookingDesk.ToRefusal(refused);
                (booking.CancelledAt, booking.CancelledBy, booking.CancelledLate) = (null, null, false);
                booking.Version++;
                await BookingPlaces.DropAsync(write.Db, id, cancel);
                await BookingPlaces.TakeAsync(write.Db, await desk.Reader.SettingsAsync(write.Db, cancel), booking, cancel);
                write.Audit(by.Id, "booking.restored", id.Value);
                write.Raise(new BookingEvent(BookingEventKind.Made, booking, by.Id));
                return new Reserved(id, booking.MachineId, booking.Start, booking.End, booking.Version, false, booking.ReleasedAt);
            },
            cancellationToken);

    /// <summary>Writes that a booking is cancelled, frees its places and tells of it.</summary>
    internal static async Task ApplyAsync(BookingWrite write, Reservation booking, bool late, string? why, StaffActor by, CancellationToken cancel)
    {
        (booking.CancelledAt, booking.CancelledBy, booking.CancelledLate) = (write.Now, by.Id, late);
        if (Text.Required(why, Reservation.MaxWhy) is { } said)
            booking.Why = said;
        booking.Version++;
        await BookingDesk.FreeAsync(write.Db, booking.Id, cancel);
        write.Audit(by.Id, "booking.cancelled", booking.Id.Value);
        write.Raise(new BookingEvent(BookingEventKind.Cancelled, booking, by.Id));
    }

    internal async Task<BookingFacts> FactsAsync(BookingWrite write, Reservation booking, StaffActor by, bool may, CancellationToken cancel) =>
        MoveBooking.Facts(await desk.Reader.SettingsAsync(write.Db, cancel), booking, Wish(booking, by, may), write.Now);

    private static BookingWish Wish(Reservation booking, StaffActor by, bool may) => new(booking.Start, booking.End)
    {
        Places = booking.Places,
        Actor = BookingDesk.ActorFor(by, booking, 0),
        Group = booking.GroupId?.ToString("D"),
        Before = new BookingBefore(booking.Id, booking.Start, booking.End, may, !booking.Stands),
    };
}
