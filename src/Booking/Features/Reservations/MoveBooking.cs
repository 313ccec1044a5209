using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using FabLab.Core.Scheduling;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Reservations;

/// <summary>Moves, extends or shortens a booking; changes its note and project.</summary>
internal sealed class MoveBooking(BookingWriter writer, BookingDesk desk)
{
    /// <summary>Changes a booking. A new time or machine is decided as a booking is, with this one given up for it.</summary>
    /// <param name="id">The booking.</param>
    /// <param name="change">What changes.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="cancellationToken">Stops.</param>
    public Task<Outcome<Reserved>> HandleAsync(BookingId id, BookingChange change, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<Reserved>(
            async (write, cancel) =>
            {
                await BookingDesk.OneAtATimeAsync(write, cancel);
                if (await write.Db.Reservations.SingleOrDefaultAsync(r => r.Id == id && r.Kind != ReservationKind.Offer, cancel) is not { } booking)
                    return Refusal.NotFound("booking");
                var may = await BookingDesk.MayKeepAsync(write.Db, by, booking, cancel);
                if (may && change.Version is { } seen && seen != booking.Version)
                    return Refusal.Stale;
                var reasons = BookingDesk.Reasons(change.Waive, by.Reach(Right.Book) == Reach.All);
                if (reasons.Refusal is { } no)
                    return no;
                var why = Text.Required(change.Why, Reservation.MaxWhy);
                if (reasons.Value.Count > 0 && why is null)
                    return Refusal.BadValue("why", $"Say why, in 1 to {Reservation.MaxWhy} characters.");
                if (change.Project is { } && await BookingDesk.ProjectAsync(write.Db, change.Project, booking.PersonId, cancel) is { } unknown)
                    return unknown;

                var settings = await desk.Reader.SettingsAsync(write.Db, cancel);
                var actor = BookingDesk.ActorFor(by, booking, reasons.Value.Count);
                var block = booking.Kind == ReservationKind.Block;
                var wish = new BookingWish(change.Start ?? booking.Start, change.End ?? booking.End)
                {
                    Places = change.Places ?? booking.Places,
                    Actor = actor,
                    Group = booking.GroupId?.ToString("D"),
                    Before = new BookingBefore(booking.Id, booking.Start, booking.End, may, !booking.Stands, change.Machine is { } other && other != booking.MachineId),
                    Waive = block ? [.. BookingReasons.All.Where(reason => reason.CanBeWaived())] : reasons.Value,
                };
                var moves = wish.Start != booking.Start || wish.End != booking.End || wish.Places != booking.Places || wish.Before.Elsewhere;
                if (!moves && CancellationRules.Decide(Facts(settings, booking, wish, write.Now)) is { Refused: { Reason: BookingReason.NotYours or BookingReason.BookingOver } over })
                    return BookingDesk.ToRefusal(over);
                var companion = false;
                if (moves)
                {
                    // A booking of a pool floats until it is claimed: any machine of the pool will do.
                    var floats = booking is { PoolId: not null, ClaimedAt: null } && booking.Start > write.Now && change.Machine is null;
                    var machines = floats && settings.Pools.TryGetValue(booking.PoolId!.Value, out var pool) ? pool.Machines : [change.Machine ?? booking.MachineId];
                    switch (await desk.DecideAsync(write.Db, write.Now, machines, wish, booking.PersonId, cancel))
                    {
                        case BookingDecision.Refused refused:
                            return BookingDesk.ToRefusal(refused);
                        case BookingDecision.Accepted accepted:
                            await MoveAsync(write, settings, booking, accepted, by, cancel);
                            companion = accepted.NeedsCompanion is not null;
                            break;
                    }
                }
                if (change.Note is { } note)
                    booking.Note = Text.Clean(note, Reservation.MaxNote);
                if (change.NoProject || change.Project is not null)
                    booking.ProjectId = change.NoProject ? null : change.Project;
                if (why is not null && (reasons.Value.Count > 0 || block))
                    booking.Why = why;
                booking.Version++;
                write.Audit(by.Id, moves ? "booking.moved" : "booking.noted", booking.Id.Value, reasons.Value.Count > 0 ? why! : "");
                return new Reserved(booking.Id, booking.MachineId, booking.Start, booking.End, booking.Version, companion, booking.ReleasedAt);
            },
            cancellationToken);

    private static async Task MoveAsync(
        BookingWrite write, BookingSettings settings, Reservation booking, BookingDecision.Accepted accepted, StaffActor by, CancellationToken cancel)
    {
        var (before, from) = (new Interval(booking.Start, booking.End), booking.MachineId);
        var begun = booking.Start <= write.Now;
        booking.MachineId = accepted.Facts.Machine!.Id;
        booking.Start = accepted.Facts.Wish.Start;
        booking.End = accepted.Facts.Wish.End;
        booking.Places = accepted.Facts.Wish.Places;
        if (booking.Kind == ReservationKind.Booking && booking.ClaimedAt is null)
            booking.ReleasedAt = begun ? (booking.ReleasedAt is { } release ? Instant.Min(release, booking.End) : null) : accepted.ReleaseAt;
        booking.Decision = BookingDesk.Write(accepted);
        await BookingPlaces.DropAsync(write.Db, booking.Id, cancel);
        await BookingPlaces.TakeAsync(write.Db, settings, booking, cancel);
        write.Raise(new BookingEvent(BookingEventKind.Moved, booking, by.Id, before, from == booking.MachineId ? null : from));
    }

    /// <summary>As much as a change of words, or a cancellation, asks.</summary>
    internal static BookingFacts Facts(BookingSettings settings, Reservation booking, BookingWish wish, Instant now)
    {
        var resource = settings.Resources.GetValueOrDefault(booking.MachineId);
        return new BookingFacts { Now = now, Zone = settings.Zone.Id, Wish = wish, Machine = resource?.ToBooked(), Terms = resource?.Terms ?? new BookingTerms() };
    }
}
