using FabLab.Booking.Data;
using FabLab.Booking.Features.Reservations;
using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Scheduling;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Journal;

/// <summary>
/// Takes in that somebody has come for their booking: it is claimed from then on and is never released; a booking of a pool goes to the
/// machine tapped, with its slots, and those it changes places with go the other way. The same claim again changes nothing.
/// </summary>
internal static class ClaimIntake
{
    /// <summary>Takes one claim in.</summary>
    /// <returns>Why Booking cannot have it as the gateway had it, for staff; null when all is well. The time used is on the ledger in any case.</returns>
    public static async Task<string?> TakeInAsync(BookingWrite write, BookingClaim claim, CancellationToken cancellationToken)
    {
        var db = write.Db;
        if (await db.Reservations.SingleOrDefaultAsync(r => r.Id == claim.Booking, cancellationToken) is not { } booking)
            return "Somebody came for a booking that is not known here.";
        if (booking.CancelledAt is not null)
            return $"Somebody came for a booking that had been cancelled, from {booking.Start} to {booking.End}.";

        var first = booking.ClaimedAt is null;
        var earlier = first || claim.At < booking.ClaimedAt;
        string? why = null;
        if (earlier)
        {
            booking.ClaimedAt = claim.At;
            booking.ReleasedAt = null;
            booking.Version++;
        }
        if (booking.NoShowAt is not null)
            why = await StandAgainAsync(db, booking, cancellationToken);
        // Word of a claim may come before word of the one that brought the booking there: it says itself where it is.
        if (earlier && booking.MachineId != claim.Machine && (claim.From is not null || booking.PoolId is not null))
            why = await MoveAsync(write, booking, claim, cancellationToken) ?? why;
        if (first)
            write.Raise(new BookingEvent(BookingEventKind.Claimed, booking, booking.PersonId));
        await db.SaveChangesAsync(cancellationToken);
        return why;
    }

    /// <summary>It was given up here before word of the claim came: nobody failed to come, and it has its place again if that is still free.</summary>
    private static async Task<string?> StandAgainAsync(BookingDbContext db, Reservation booking, CancellationToken cancellationToken)
    {
        booking.NoShowAt = null;
        var slots = await db.BookingSlots.Where(s => s.BookingId == booking.Id).ToListAsync(cancellationToken);
        foreach (var slot in slots)
        {
            if (await IsTakenAsync(db, slot.MachineId, slot.Place, slot.Start, slot.End, [booking.Id], cancellationToken))
                return $"Somebody came for the booking from {booking.Start} to {booking.End}; before word of it came, the time was given to somebody else.";
        }
        foreach (var slot in slots)
            slot.Live = true;
        return null;
    }

    private static async Task<string?> MoveAsync(BookingWrite write, Reservation booking, BookingClaim claim, CancellationToken cancellationToken)
    {
        var db = write.Db;
        var (from, to) = (booking.MachineId, claim.Machine);
        var wanted = claim.Swapped.ToList();
        // Those that the gateway names, and those that stand here where it has moved others since: what floats there gives way.
        var swapped = await db.Reservations
            .Where(r => (wanted.Contains(r.Id) || (r.Start < booking.End && r.End > claim.At)) && r.Id != booking.Id && r.MachineId == to && r.PoolId != null
                && r.PoolId == booking.PoolId && r.ClaimedAt == null && r.CancelledAt == null && r.NoShowAt == null)
            .ToListAsync(cancellationToken);
        List<BookingId> moving = [booking.Id, .. swapped.Select(r => r.Id)];
        var slots = await db.BookingSlots.Where(s => moving.Contains(s.BookingId) && s.Live).ToListAsync(cancellationToken);
        var mine = slots.Where(s => s.BookingId == booking.Id && s.MachineId == from).ToList();
        var others = slots.Where(s => s.BookingId != booking.Id && s.MachineId == to).ToList();
        if (booking.PoolId is null || mine.Count == 0 || !await db.PoolMembers.AnyAsync(m => m.MachineId == to && m.PoolId == booking.PoolId, cancellationToken))
            return NotMoved(booking);

        var places = new List<BookingSlot>();
        foreach (var slot in mine)
        {
            // Only what is left of it has to fit: it may have been claimed late.
            var late = Instant.Min(Instant.Max(slot.Start, claim.At), slot.End - Duration.FromMilliseconds(1));
            var start = await IsTakenAsync(db, to, slot.Place, slot.Start, slot.End, moving, cancellationToken) ? late : slot.Start;
            if (await IsTakenAsync(db, to, slot.Place, start, slot.End, moving, cancellationToken))
                return NotMoved(booking);
            places.Add(new BookingSlot { BookingId = slot.BookingId, MachineId = to, Place = slot.Place, Start = start, End = slot.End });
        }
        foreach (var slot in others)
        {
            if (await IsTakenAsync(db, from, slot.Place, slot.Start, slot.End, moving, cancellationToken))
                return NotMoved(booking);
            places.Add(new BookingSlot { BookingId = slot.BookingId, MachineId = from, Place = slot.Place, Start = slot.Start, End = slot.End });
        }

        // First all of them leave their places, then each takes its new one: the database compares every step.
        db.BookingSlots.RemoveRange(mine);
        db.BookingSlots.RemoveRange(others);
        await db.SaveChangesAsync(cancellationToken);
        db.BookingSlots.AddRange(places);
        booking.MachineId = to;
        write.Raise(new BookingEvent(BookingEventKind.Moved, booking, booking.PersonId, MachineBefore: from));
        foreach (var other in swapped)
        {
            other.MachineId = from;
            other.Version++;
            write.Raise(new BookingEvent(BookingEventKind.Moved, other, MachineBefore: to));
        }
        await db.SaveChangesAsync(cancellationToken);
        return null;
    }

    private static string NotMoved(Reservation booking) =>
        $"The booking from {booking.Start} to {booking.End} was claimed at another machine of its pool, which is taken here by another booking.";

    private static Task<bool> IsTakenAsync(
        BookingDbContext db, MachineId machine, int place, Instant start, Instant end, List<BookingId> but, CancellationToken cancellationToken) =>
        db.BookingSlots.AnyAsync(
            s => s.MachineId == machine && s.Place == place && s.Live && s.Start < end && s.End > start && !but.Contains(s.BookingId), cancellationToken);
}
