using FabLab.Booking.Data;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Reservations;
using FabLab.Core;
using FabLab.Core.Scheduling;
using FabLab.Ui.Text;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Calendar;

/// <summary>Reads what calendars show.</summary>
public sealed class CalendarQueries(BookingDbContext db, TimeProvider time)
{
    /// <summary>How long what is past, or was cancelled, stays in a calendar.</summary>
    public static readonly Duration Past = Duration.FromDays(30);

    private static readonly Duration SessionsAhead = Duration.FromDays(366);
    private static readonly Duration OpeningsAhead = Duration.FromDays(60);

    private Instant Now => Instant.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>The bookings of whose secret it is; null when it is nobody's.</summary>
    public async Task<string?> OfSecretAsync(string? secret, CancellationToken cancellationToken)
    {
        if (CalendarSecret.Hash(secret) is not { } hash
            || await db.CalendarFeeds.SingleOrDefaultAsync(feed => feed.SecretHash == hash, cancellationToken) is not { } feed
            || await db.People.SingleOrDefaultAsync(person => person.Id == feed.PersonId && person.Active, cancellationToken) is not { } person)
        {
            return null;
        }
        var from = Now - Past;
        var bookings = await db.Reservations
            .Where(booking => booking.PersonId == person.Id && booking.Kind == ReservationKind.Booking && booking.End > from)
            .OrderBy(booking => booking.Start).ThenBy(booking => booking.Id).ToListAsync(cancellationToken);
        var ids = bookings.Select(booking => booking.MachineId).Distinct().ToList();
        var machines = await db.Machines.Where(machine => ids.Contains(machine.Id)).ToDictionaryAsync(machine => machine.Id, cancellationToken);
        var (place, zone) = await PlaceAsync(cancellationToken);
        var text = new PageText(person.Language, zone, Now);
        return IcsWriter.Write(
            text[CalendarText.PersonalName, place],
            [
                .. bookings.Select(booking => new IcsEvent(
                    $"booking-{booking.Id}@fablab", booking.Version, booking.Start, booking.End, text.Pick(machines[booking.MachineId].NameFr, machines[booking.MachineId].NameEn),
                    $"{place}, {machines[booking.MachineId].Code}", Cancelled: !booking.Stands)),
            ],
            zone, Now);
    }

    /// <summary>Openings and sessions of trainings, for everybody: no names.</summary>
    public async Task<string> AgendaAsync(PageText text, CancellationToken cancellationToken)
    {
        var (since, until) = (Now - Past, Now + SessionsAhead);
        var sessions = await (
            from session in db.TrainingSessions
            join training in db.Trainings on session.TrainingId equals training.Id
            where session.End > since && session.Start < until && !training.Retired
            orderby session.Start, session.Id
            select new { session, training.NameFr, training.NameEn }).ToListAsync(cancellationToken);
        var (place, zone) = await PlaceAsync(cancellationToken);
        List<IcsEvent> events =
        [
            .. sessions.Select(row => new IcsEvent(
                $"session-{row.session.Id}@fablab", row.session.Version, row.session.Start, row.session.End, text.Pick(row.NameFr, row.NameEn),
                row.session.Place.Length > 0 ? $"{place}, {row.session.Place}" : place, Cancelled: row.session.CancelledAt is not null)),
            .. await OpeningsAsync(place, text, cancellationToken),
        ];
        return IcsWriter.Write(text[CalendarText.AgendaName, place], events, zone, Now);
    }

    private async Task<IEnumerable<IcsEvent>> OpeningsAsync(string place, PageText text, CancellationToken cancellationToken)
    {
        if (await db.SiteTimetables.SingleOrDefaultAsync(cancellationToken) is not { } row)
            return [];
        var open = new SiteSchedule(row.Timetable, SchoolCalendar.Shipped).Expand(new Interval(Now, Now + OpeningsAhead));
        return open.Where(period => period.Kind is OpeningKind.OpenLab or OpeningKind.Booked).Select(period => new IcsEvent(
            $"open-{period.Start.ToUnixTimeSeconds()}@fablab", row.Version, period.Start, period.End,
            text[period.Kind == OpeningKind.OpenLab ? CalendarText.OpenLab : CalendarText.Booked], place, Busy: false));
    }

    private async Task<(string Place, DateTimeZone Zone)> PlaceAsync(CancellationToken cancellationToken)
    {
        var site = await db.Sites.SingleOrDefaultAsync(cancellationToken);
        return (site?.Rule.Name is { Length: > 0 } name ? name : "FabLab", await db.ZoneAsync(cancellationToken));
    }
}
