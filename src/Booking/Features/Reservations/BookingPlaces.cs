using FabLab.Booking.Data;
using FabLab.Booking.Features.Machines;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Reservations;

/// <summary>
/// Turns a booking that Core has accepted into the slots that the database compares. Core counts how many places are taken at once;
/// which ones they are is settled here, and settled anew for all when there is room but no single place is free long enough.
/// </summary>
internal static class BookingPlaces
{
    /// <summary>Adds the slots of a booking. Those it had before must be gone.</summary>
    public static async Task TakeAsync(BookingDbContext db, BookingSettings settings, Reservation booking, CancellationToken cancellationToken)
    {
        var resource = settings.Resources[booking.MachineId];
        var capacity = resource.Terms.Capacity;
        var whole = booking.Places >= capacity;
        var inside = resource.Kind == ResourceKind.Room && whole ? settings.In(resource.Id).ToList() : [];
        var end = booking.Kind == ReservationKind.Block ? booking.End : booking.End + resource.Terms.SetUp;
        if (resource.Terms.SetUp > Duration.Zero || inside.Any(one => one.Terms.SetUp > Duration.Zero))
            end = await SettleSetUpAsync(db, booking, end, [resource.Id, .. inside.Select(one => one.Id)], cancellationToken);

        var places = whole ? [.. Enumerable.Range(0, capacity)] : await PlacesAsync(db, booking, capacity, end, cancellationToken);
        foreach (var place in places)
            Add(resource.Id, place);
        foreach (var one in inside)
        {
            for (var place = 0; place < one.Terms.Capacity; place++)
                Add(one.Id, place);
        }

        void Add(MachineId machine, int place) => db.Rows.Add(new BookingSlot
        {
            BookingId = booking.Id, MachineId = machine, Place = place, Start = booking.Start, End = end,
        });
    }

    /// <summary>Gives the slots of a booking away for good: it gets others, or none.</summary>
    public static Task DropAsync(BookingDbContext db, BookingId booking, CancellationToken cancellationToken) =>
        db.BookingSlots.Where(slot => slot.BookingId == booking).ExecuteDeleteAsync(cancellationToken);

    /// <summary>
    /// Time to clear up gives way where Core lets it: before a block, a room, or a booking for which staff have set it aside. The
    /// bookings themselves never do.
    /// </summary>
    private static async Task<Instant> SettleSetUpAsync(BookingDbContext db, Reservation booking, Instant end, List<MachineId> machines, CancellationToken cancellationToken)
    {
        await db.BookingSlots
            .Where(slot => machines.Contains(slot.MachineId) && slot.Live && slot.BookingId != booking.Id && slot.Start < booking.Start && slot.End > booking.Start
                && db.Reservations.Any(other => other.Id == slot.BookingId && other.End <= booking.Start))
            .ExecuteUpdateAsync(set => set.SetProperty(slot => slot.End, booking.Start), cancellationToken);
        var next = await db.BookingSlots.AsNoTracking()
            .Where(slot => machines.Contains(slot.MachineId) && slot.Live && slot.BookingId != booking.Id && slot.Start >= booking.End && slot.Start < end)
            .MinAsync(slot => (Instant?)slot.Start, cancellationToken);
        return next ?? end;
    }

    private static async Task<IReadOnlyList<int>> PlacesAsync(BookingDbContext db, Reservation booking, int capacity, Instant end, CancellationToken cancellationToken)
    {
        var there = await OverlappingAsync(db, booking, booking.Start, end, cancellationToken);
        var free = Enumerable.Range(0, capacity).Where(place => there.All(slot => slot.Place != place)).Take(booking.Places).ToList();
        if (free.Count == booking.Places)
            return free;

        // Everything that hangs together with it, from gap to gap.
        var (from, until) = (booking.Start, end);
        while (true)
        {
            var (first, last) = (Instant.Min(from, there.Min(slot => slot.Start)), Instant.Max(until, there.Max(slot => slot.End)));
            if (first == from && last == until)
                break;
            (from, until) = (first, last);
            there = await OverlappingAsync(db, booking, from, until, cancellationToken);
        }
        var waiting = there.GroupBy(slot => slot.BookingId)
            .Select(slots => (Id: slots.Key, slots.First().Start, End: slots.Max(slot => slot.End), Places: slots.Count()))
            .Append((booking.Id, booking.Start, End: end, booking.Places))
            .OrderBy(one => one.Start).ThenBy(one => one.Id.Value);
        var busyUntil = new Instant[capacity];
        Array.Fill(busyUntil, Instant.MinValue);
        var settled = new List<BookingSlot>();
        IReadOnlyList<int> own = [];
        foreach (var one in waiting)
        {
            var places = Enumerable.Range(0, capacity).Where(place => busyUntil[place] <= one.Start).Take(one.Places).ToList();
            // Core has counted that there is room; what is missing can only be time to clear up, and the database has the last word.
            if (places.Count < one.Places)
                throw new RefusedException(DatabaseRefusals.Overlaps);
            foreach (var place in places)
            {
                busyUntil[place] = one.End;
                if (one.Id != booking.Id)
                    settled.Add(new BookingSlot { BookingId = one.Id, MachineId = booking.MachineId, Place = place, Start = one.Start, End = one.End });
            }
            if (one.Id == booking.Id)
                own = places;
        }
        var moved = settled.Select(slot => slot.BookingId).Distinct().ToList();
        await db.BookingSlots.Where(slot => slot.MachineId == booking.MachineId && moved.Contains(slot.BookingId)).ExecuteDeleteAsync(cancellationToken);
        foreach (var slot in settled)
            db.Rows.Add(slot);
        return own;
    }

    private static Task<List<BookingSlot>> OverlappingAsync(BookingDbContext db, Reservation booking, Instant from, Instant until, CancellationToken cancellationToken)
    {
        var machine = booking.MachineId;
        return db.BookingSlots.AsNoTracking()
            .Where(slot => slot.MachineId == machine && slot.Live && slot.BookingId != booking.Id && slot.Start < until && slot.End > from)
            .ToListAsync(cancellationToken);
    }
}
