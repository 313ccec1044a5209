using FabLab.Booking.Data;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.Trainings;
using FabLab.Core;
using FabLab.Core.Scheduling;
using FabLab.Ui.Text;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Calendar;

/// <summary>Reads what calendars show.</summary>
internal sealed class CalendarQueries(BookingDbContext db, BookingSettingsCache cache, TimeProvider time)
{
    /// <summary>How long what is past, or was cancelled, stays in a calendar.</summary>
    public static readonly Duration Past = Duration.FromDays(30);

    private static readonly Duration SessionsAhead = Duration.FromDays(366);
    private static readonly Duration OpeningsAhead = Duration.FromDays(60);

    private Instant Now => Instant.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>The bookings of whose secret it is, and the training sessions they have a place in; null when it is nobody's.</summary>
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
                .. await OwnSessionsAsync(person.Id, from, place, text, cancellationToken),
            ],
            zone, Now);
    }

    /// <summary>Sessions in which somebody has a place. Who waits for one has nothing to keep free yet.</summary>
    private async Task<IEnumerable<IcsEvent>> OwnSessionsAsync(PersonId person, Instant since, string place, PageText text, CancellationToken cancellationToken)
    {
        var sessions = await (
            from session in db.TrainingSessions
            join training in db.Trainings on session.TrainingId equals training.Id
            where session.End > since && db.Enrolments.Any(own => own.SessionId == session.Id && own.PersonId == person)
            orderby session.Start, session.Id
            select new { session, training.NameFr, training.NameEn }).ToListAsync(cancellationToken);
        var ids = sessions.Select(row => row.session.Id).ToList();
        var enrolled = (await db.Enrolments.Where(one => ids.Contains(one.SessionId)).ToListAsync(cancellationToken)).ToLookup(one => one.SessionId);
        return sessions.Where(row => Seats.Of(row.session.Places, enrolled[row.session.Id]).Of(person) is { HasPlace: true })
            .Select(row => Session(row.session, new Words(row.NameFr, row.NameEn), place, text));
    }

    private static IcsEvent Session(TrainingSession session, Words training, string place, PageText text) => new(
        $"session-{session.Id}@fablab", session.Version, session.Start, session.End, text.Pick(training.Fr, training.En),
        session.Place.Length > 0 ? $"{place}, {session.Place}" : place, Cancelled: session.CancelledAt is not null);

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
            .. sessions.Select(row => Session(row.session, new Words(row.NameFr, row.NameEn), place, text)),
            .. await OpeningsAsync(place, text, cancellationToken),
        ];
        return IcsWriter.Write(text[CalendarText.AgendaName, place], events, zone, Now);
    }

    private async Task<IEnumerable<IcsEvent>> OpeningsAsync(string place, PageText text, CancellationToken cancellationToken)
    {
        // The hours by which people book, also those of a place that has set none: whole days then, each with its own event.
        var version = await db.SiteTimetables.Select(row => row.Version).SingleOrDefaultAsync(cancellationToken);
        var schedule = (await cache.GetAsync(db, cancellationToken)).Schedule;
        var open = schedule.Expand(new Interval(LocalClock.StartOf(LocalClock.DateOf(Now, schedule.Zone), schedule.Zone), Now + OpeningsAhead));
        return ByDay(open.Where(period => period.End > Now), schedule.Zone).Where(period => period.Kind is OpeningKind.OpenLab or OpeningKind.Booked).Select(period => new IcsEvent(
            $"open-{period.Start.ToUnixTimeSeconds()}@fablab", version, period.Start, period.End,
            text[period.Kind == OpeningKind.OpenLab ? CalendarText.OpenLab : CalendarText.Booked], place, Busy: false));
    }

    /// <summary>What is open for more than a day comes as a day after the other, so that it keeps its name as the days pass.</summary>
    private static IEnumerable<OpeningPeriod> ByDay(IEnumerable<OpeningPeriod> periods, DateTimeZone zone)
    {
        foreach (var period in periods)
        {
            if (period.End - period.Start <= Duration.FromHours(25))
            {
                yield return period;
                continue;
            }
            for (var start = period.Start; start < period.End;)
            {
                var end = Instant.Min(LocalClock.StartOf(LocalClock.DateOf(start, zone).PlusDays(1), zone), period.End);
                yield return period with { Start = start, End = end };
                start = end;
            }
        }
    }

    private async Task<(string Place, DateTimeZone Zone)> PlaceAsync(CancellationToken cancellationToken)
    {
        var site = await db.Sites.SingleOrDefaultAsync(cancellationToken);
        return (site?.Rule.Name is { Length: > 0 } name ? name : "FabLab", await db.ZoneAsync(cancellationToken));
    }
}
