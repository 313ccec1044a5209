using FabLab.Booking.Data;
using FabLab.Booking.Features.GroupSessions.Pages;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Sites;
using FabLab.Booking.Features.Visits;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Ui.Text;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.GroupSessions;

/// <summary>Who is on the list of a séance of today, or leads it, reads at the door which one it is, when it begins and where.</summary>
internal sealed class SessionLines : IDoorLines
{
    /// <summary>A screen for somebody who stands has room for no more.</summary>
    private const int Most = 2;

    public async Task<IReadOnlyList<Words>> ForAsync(BookingDbContext db, PersonId person, Instant now, CancellationToken cancellationToken)
    {
        var zone = await db.ZoneAsync(cancellationToken);
        var tomorrow = now.InZone(zone).Date.PlusDays(1).AtStartOfDayInZone(zone).ToInstant();
        var sessions = await db.GroupSessions
            .Where(s => s.State == GroupSessionState.Open || (s.State == GroupSessionState.Planned && s.End > now && s.Start < tomorrow))
            .Where(s => db.Attendees.Any(a => a.SessionId == s.Id && a.PersonId == person) || db.SessionMentors.Any(m => m.SessionId == s.Id && m.PersonId == person))
            .OrderBy(s => s.Start).ThenBy(s => s.Id).Take(Most)
            .Select(s => new { s.Title, s.Start, s.Place, s.PlaceKind, s.Site }).ToListAsync(cancellationToken);
        // Somebody may stand at the other door.
        var sites = await db.SiteChoicesAsync(cancellationToken);
        return
        [
            .. sessions.SelectMany(s => new[]
            {
                GroupSessionText.DoorSession.Words(s.Title),
                Where(s.Place, s.PlaceKind, s.Site) is { Length: > 0 } place ? GroupSessionText.DoorPlace.Words(place) : null,
                new Words(At(s.Start, Language.French), At(s.Start, Language.English)),
            }).OfType<Words>(),
        ];

        string? Where(string place, PlaceKind kind, int site) => place.Length > 0 || kind != PlaceKind.Lab ? place : sites.FirstOrDefault(s => s.Number == site).Name;

        string At(Instant start, Language language)
        {
            var text = new PageText(language, zone, now);
            return text[start <= now ? GroupSessionText.DoorStarted : GroupSessionText.DoorStarts, text.Time(start)];
        }
    }
}
