using FabLab.Booking.Data;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Reservations;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Ledger;

/// <summary>
/// One sum of booked time. The key is the id grouped by, as in <see cref="LedgerTotal"/>. A booking counts from its start on, with its
/// whole length; one that was cancelled does not count, one that nobody came to is counted apart.
/// </summary>
/// <param name="Key">The id grouped by; null for nobody's, for no project, and for the sum of everything.</param>
/// <param name="Bookings">How many stood.</param>
/// <param name="BookedMs">Their time, in milliseconds.</param>
/// <param name="NoShows">How many nobody came to.</param>
/// <param name="NoShowMs">Their time, in milliseconds.</param>
public sealed record BookedTotal(Guid? Key, int Bookings, long BookedMs, int NoShows, long NoShowMs);

/// <summary>The one place where booked time is summed, beside <see cref="LedgerSums"/>: the sum of the bookings of machines, and nothing else.</summary>
public static class BookedSums
{
    /// <summary>The sum of everything in a scope; a booking belongs to a period by its start.</summary>
    /// <param name="db">The tables.</param>
    /// <param name="filter">Which bookings.</param>
    /// <param name="now">The present: what has not begun does not count.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<BookedTotal> OfAsync(BookingDbContext db, LedgerScope filter, Instant now, CancellationToken cancellationToken) =>
        Sum(null, await RowsAsync(db, filter, now, cancellationToken));

    /// <summary>The same, a sum a person, machine or project.</summary>
    /// <param name="db">The tables.</param>
    /// <param name="filter">Which bookings.</param>
    /// <param name="by">By what.</param>
    /// <param name="now">The present.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<IReadOnlyList<BookedTotal>> ByAsync(
        BookingDbContext db, LedgerScope filter, LedgerGroup by, Instant now, CancellationToken cancellationToken)
    {
        var rows = await RowsAsync(db, filter, now, cancellationToken);
        return
        [
            .. rows.GroupBy(row => by switch
            {
                LedgerGroup.Person => row.Person,
                LedgerGroup.Machine => row.Machine,
                LedgerGroup.Project => row.Project,
                _ => throw new System.Diagnostics.UnreachableException(),
            }).Select(group => Sum(group.Key, group)).OrderByDescending(sum => sum.BookedMs).ThenBy(sum => sum.Key),
        ];
    }

    private static BookedTotal Sum(Guid? key, IEnumerable<Booked> rows)
    {
        var total = new BookedTotal(key, 0, 0, 0, 0);
        foreach (var row in rows)
        {
            total = row.NoShow
                ? total with { NoShows = total.NoShows + 1, NoShowMs = total.NoShowMs + row.Ms }
                : total with { Bookings = total.Bookings + 1, BookedMs = total.BookedMs + row.Ms };
        }
        return total;
    }

    private static async Task<List<Booked>> RowsAsync(BookingDbContext db, LedgerScope filter, Instant now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(filter);
        var rows = db.Reservations.Where(r => r.Kind == ReservationKind.Booking && r.CancelledAt == null && r.Start <= now
            && db.Machines.Any(m => m.Id == r.MachineId && m.Kind == ResourceKind.Machine));
        if (filter.From is { } from)
            rows = rows.Where(r => r.Start >= from);
        if (filter.Until is { } until)
            rows = rows.Where(r => r.Start < until);
        if (filter.Person is { } person)
            rows = rows.Where(r => r.PersonId == person);
        if (filter.Machine is { } machine)
            rows = rows.Where(r => r.MachineId == machine);
        if (filter.Project is { } project)
            rows = rows.Where(r => r.ProjectId == project);
        // Neither database subtracts instants as the model knows them: the lengths are added here.
        var read = await rows.Select(r => new { r.PersonId, r.MachineId, r.ProjectId, r.Start, r.End, NoShow = r.NoShowAt != null }).ToListAsync(cancellationToken);
        return [.. read.Select(r => new Booked(r.PersonId?.Value, r.MachineId.Value, r.ProjectId?.Value, (long)(r.End - r.Start).TotalMilliseconds, r.NoShow))];
    }

    private sealed record Booked(Guid? Person, Guid? Machine, Guid? Project, long Ms, bool NoShow);
}
