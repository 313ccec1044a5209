using FabLab.Booking.Data;
using FabLab.Booking.Features.GroupSessions;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Visits;

/// <summary>People without a name whom the list of an open séance says are there and no visit does.</summary>
/// <param name="Title">Of the séance.</param>
/// <param name="Number">How many, from 1.</param>
public sealed record ListedHere(string Title, int Number);

/// <summary>Who is in without a name: each once, whether the door or a list counted them.</summary>
internal static class Headcount
{
    /// <summary>
    /// By séance, in the order of their titles: those on its list without being somebody of the lab, and those who are only counted, less
    /// those whom the door has counted for it.
    /// </summary>
    public static async Task<IReadOnlyList<ListedHere>> ListedAsync(BookingDbContext db, CancellationToken cancellationToken)
    {
        var sessions = await db.GroupSessions.Where(s => s.State == GroupSessionState.Open && s.PlaceKind == PlaceKind.Lab)
            .OrderBy(s => s.Title).ThenBy(s => s.Id).Select(s => new { s.Id, s.Title }).ToListAsync(cancellationToken);
        var listed = new List<ListedHere>();
        foreach (var session in sessions)
        {
            var (id, key) = (session.Id, (Guid?)session.Id.Value);
            var lines = await db.Attendees.CountAsync(a => a.SessionId == id && a.PersonId == null && a.Status == AttendanceStatus.Present && a.LeftAt == null, cancellationToken);
            var counted = await db.AttendanceCounts.Where(c => c.SessionId == id).SumAsync(c => c.Number, cancellationToken);
            var atTheDoor = await db.Visits.CountAsync(v => v.GroupSessionId == key && v.PersonId == null && v.LeftAt == null, cancellationToken);
            if (lines + counted - atTheDoor is > 0 and var more)
                listed.Add(new ListedHere(session.Title, more));
        }
        return listed;
    }
}
