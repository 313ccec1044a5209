using System.Globalization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People.Pages;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Ui.Text;
using Microsoft.EntityFrameworkCore;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Booking.Features.Trainings.Pages;

/// <summary>Reads what the pages about trainings show, each viewer what is theirs.</summary>
public sealed class TrainingQueries(BookingDbContext db, PeopleQueries people)
{
    private const int PastShown = 8;
    private const int NextShown = 3;
    private const int FoundShown = 12;

    public static readonly LocalTimePattern ClockTime = LocalTimePattern.CreateWithInvariantCulture("HH':'mm");

    public async Task<CatalogueSheet> CatalogueAsync(Viewer viewer, Instant now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(viewer);
        var trainings = await db.Trainings.ToListAsync(cancellationToken);
        var names = trainings.ToDictionary(t => t.Id, t => new Words(t.NameFr, t.NameEn));
        var sessions = await db.TrainingSessions.Where(s => s.End > now).OrderBy(s => s.Start).ToListAsync(cancellationToken);
        var lines = await LinesAsync(viewer, sessions, names, cancellationToken);
        var cards = await CardsAsync(trainings, names, lines, NextShown, cancellationToken);
        return new CatalogueSheet(
            [.. cards.Where(c => !c.Training.Retired)],
            [.. lines.Where(l => l.Own != OwnSeat.None || (viewer.Actor is { } me && l.Session.Trainer == me.Id))],
            viewer.Has(Right.KeepTrainings) ? [.. cards.Where(c => c.Training.Retired)] : []);
    }

    public async Task<TrainingSheet?> TrainingAsync(Viewer viewer, TrainingId id, Instant now, DateTimeZone zone, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(viewer);
        ArgumentNullException.ThrowIfNull(zone);
        var trainings = await db.Trainings.ToListAsync(cancellationToken);
        if (trainings.Find(t => t.Id == id) is not { } training || (training.Retired && !viewer.Has(Right.KeepTrainings)))
            return null;
        var names = trainings.ToDictionary(t => t.Id, t => new Words(t.NameFr, t.NameEn));
        var next = await LinesAsync(viewer, await db.TrainingSessions.Where(s => s.TrainingId == id && s.End > now).OrderBy(s => s.Start).ToListAsync(cancellationToken), names, cancellationToken);
        var past = await LinesAsync(
            viewer, await db.TrainingSessions.Where(s => s.TrainingId == id && s.End <= now).OrderByDescending(s => s.Start).Take(PastShown).ToListAsync(cancellationToken), names, cancellationToken);
        var teaches = viewer.May(Right.Teach, id);
        var trainers = await TrainersAsync(cancellationToken);
        var day = now.InZone(zone).Date.PlusDays(7);
        return new TrainingSheet(
            (await CardsAsync([training], names, next, int.MaxValue, cancellationToken))[0], ShowsTrainers(viewer) ? await NameAsync(training.Trainer, cancellationToken) : null,
            [.. past.Where(l => l.Leads || l.Own != OwnSeat.None)], teaches,
            new SessionForm(
                LocalDatePattern.Iso.Format(day), "18:00", (training.Minutes ?? 120).ToString(CultureInfo.InvariantCulture), (training.Places ?? 6).ToString(CultureInfo.InvariantCulture), "",
                training.Trainer ?? trainers.Where(t => t.Id == viewer.Actor?.Id).Select(t => (PersonId?)t.Id).FirstOrDefault(), 0),
            trainers);
    }

    /// <summary>Null when there is no such session.</summary>
    public async Task<SessionSheet?> SessionAsync(Viewer viewer, TrainingSessionId id, Instant now, DateTimeZone zone, string? search, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(viewer);
        ArgumentNullException.ThrowIfNull(zone);
        if (await db.TrainingSessions.SingleOrDefaultAsync(s => s.Id == id, cancellationToken) is not { } session)
            return null;
        var trainings = await db.Trainings.ToListAsync(cancellationToken);
        var names = trainings.ToDictionary(t => t.Id, t => new Words(t.NameFr, t.NameEn));
        var training = trainings.Single(t => t.Id == session.TrainingId);
        var line = (await LinesAsync(viewer, [session], names, cancellationToken))[0];
        var seats = Seats.Of(session.Places, await db.Enrolments.Where(e => e.SessionId == id).ToListAsync(cancellationToken));
        List<PersonId> ids = [.. seats.Select(s => s.Enrolment.PersonId)];
        var persons = await db.People.Where(p => ids.Contains(p.Id))
            .Select(p => new PersonLine(p.Id, p.DisplayName, p.ShortCode, p.Active, p.MemberThrough)).ToDictionaryAsync(p => p.Id, cancellationToken);
        var suspended = line.Leads
            ? (await HabilitationQueries.OfPeopleAsync(db, ids, cancellationToken))
                .Where(s => s is { Suspended: true, Level: > HabilitationLevel.None } && s.Training == training.Id).Select(s => s.Person).ToHashSet()
            : [];
        var seesAll = line.Leads || viewer.HasAll(Right.Enrol);
        var me = viewer.Actor?.Id;
        var known = me is { } asked && viewer.Has(Right.Enrol) && await db.People.AnyAsync(p => p.Id == asked && p.Active, cancellationToken);
        var local = session.Start.InZone(zone).LocalDateTime;
        var begun = session.Start <= now;
        var by = await NamesAsync(seats.Select(s => s.Enrolment.GivenBy), cancellationToken);
        return new SessionSheet
        {
            Line = line,
            Card = (await CardsAsync([training], names, [], 0, cancellationToken))[0],
            People =
            [
                .. seats.Where(s => persons.ContainsKey(s.Enrolment.PersonId) && (seesAll || viewer.May(Right.Enrol, s.Enrolment.PersonId)))
                    .Select(s => new SessionPerson(
                        s, persons[s.Enrolment.PersonId], suspended.Contains(s.Enrolment.PersonId),
                        s.Enrolment.Batch is null && (line.Leads || (!begun && viewer.May(Right.Enrol, s.Enrolment.PersonId))))),
            ],
            SeesAll = seesAll,
            MayEnrol = known,
            MayAdd = session.CancelledAt is null && viewer.Has(Right.FindPeople) && (line.Leads || (!begun && viewer.Has(Right.Enrol))),
            Teaches = viewer.May(Right.Teach, training.Id),
            HasCome = session.Start.InZone(zone).Date <= now.InZone(zone).Date,
            Begun = begun,
            Missing = known ? [.. (await db.MissingAsync(training.Id, me!.Value, now, cancellationToken)).Select(t => names[t.Id])] : [],
            Clash = known && !begun && line.Own == OwnSeat.None
                ? (await Clashes.OfPeopleAsync(db, id, new Interval(session.Start, session.End), [me!.Value], cancellationToken)).GetValueOrDefault(me.Value)
                : null,
            Given = line.Leads
                ?
                [
                    .. seats.Where(s => s.Enrolment.Batch is not null).GroupBy(s => s.Enrolment.Batch!.Value).OrderBy(g => g.Key).Select(g => new GivenBatch(
                        g.Key, g.Count(), g.First().Enrolment.GivenLevel, by.GetValueOrDefault(g.First().Enrolment.GivenBy ?? default), g.First().Enrolment.GivenAt!.Value)),
                ]
                : [],
            Form = new SessionForm(
                LocalDatePattern.Iso.Format(local.Date), ClockTime.Format(local.TimeOfDay), ((int)(session.End - session.Start).TotalMinutes).ToString(CultureInfo.InvariantCulture),
                session.Places.ToString(CultureInfo.InvariantCulture), session.Place, session.Trainer, session.Version),
            Trainers = line.Leads ? await TrainersAsync(cancellationToken) : [],
            Search = search,
            Found = string.IsNullOrWhiteSpace(search) ? [] : await FoundAsync(viewer, session, search, ids, names, now, cancellationToken),
        };
    }

    /// <summary>Who has an account that leads trainings, by name.</summary>
    public async Task<IReadOnlyList<(PersonId Id, string Name)>> TrainersAsync(CancellationToken cancellationToken)
    {
        var accounts = await db.StaffAccounts.Where(a => a.Active).Select(a => new { a.Id, a.Role }).ToListAsync(cancellationToken);
        List<PersonId?> ids = [.. accounts.Where(a => Rights.Of(a.Role, Right.Teach) != Reach.None).Select(a => (PersonId?)a.Id)];
        return [.. (await NamesAsync(ids, cancellationToken)).Select(p => (p.Key, p.Value)).OrderBy(p => p.Value, StringComparer.CurrentCulture)];
    }

    private async Task<IReadOnlyList<FoundPerson>> FoundAsync(
        Viewer viewer, TrainingSession session, string search, List<PersonId> listed, Dictionary<TrainingId, Words> names, Instant now, CancellationToken cancellationToken)
    {
        var found = new List<FoundPerson>();
        var matching = (await people.FindAsync(viewer, search, cancellationToken)).Where(p => p.Active).Take(FoundShown).ToList();
        var clashes = session.Start > now
            ? await Clashes.OfPeopleAsync(db, session.Id, new Interval(session.Start, session.End), [.. matching.Select(p => p.Id)], cancellationToken)
            : new Dictionary<PersonId, Words>();
        foreach (var person in matching)
        {
            var missing = await db.MissingAsync(session.TrainingId, person.Id, now, cancellationToken);
            found.Add(new FoundPerson(person, [.. missing.Select(t => names[t.Id])], listed.Contains(person.Id)) { Clash = clashes.GetValueOrDefault(person.Id) });
        }
        return found;
    }

    private async Task<List<TrainingCard>> CardsAsync(
        IReadOnlyList<Training> trainings, Dictionary<TrainingId, Words> names, IReadOnlyList<SessionLine> lines, int next, CancellationToken cancellationToken)
    {
        var needs = (await db.TrainingPrerequisites.ToListAsync(cancellationToken)).ToLookup(p => p.TrainingId, p => p.Needs);
        var machines = await db.Machines.Where(m => !m.Retired && m.Kind == ResourceKind.Machine).ToListAsync(cancellationToken);
        var asked = machines.OrderBy(m => m.Code, StringComparer.Ordinal)
            .SelectMany(m => m.Rule.TrainingsAsked().Distinct().Select(t => (Training: t, m.Code, Name: m.Rule.Name()))).ToLookup(a => a.Training, a => (a.Code, a.Name));
        return
        [
            .. trainings.OrderBy(t => t.NameFr, StringComparer.Create(CultureInfo.GetCultureInfo("fr-FR"), ignoreCase: true)).Select(t => new TrainingCard(
                t, [.. needs[t.Id].Select(n => (n, names[n])).OrderBy(n => n.Item2.Fr, StringComparer.CurrentCulture)], [.. asked[t.Id]],
                [.. lines.Where(l => l.Session.TrainingId == t.Id).Take(next)])),
        ];
    }

    private async Task<List<SessionLine>> LinesAsync(
        Viewer viewer, List<TrainingSession> sessions, Dictionary<TrainingId, Words> names, CancellationToken cancellationToken)
    {
        List<TrainingSessionId> ids = [.. sessions.Select(s => s.Id)];
        var enrolments = (await db.Enrolments.Where(e => ids.Contains(e.SessionId)).ToListAsync(cancellationToken)).ToLookup(e => e.SessionId);
        var trainers = ShowsTrainers(viewer) ? await NamesAsync(sessions.Select(s => s.Trainer), cancellationToken) : [];
        return
        [
            .. sessions.Select(session =>
            {
                var seats = Seats.Of(session.Places, enrolments[session.Id]);
                var own = viewer.Actor is { } me ? seats.Of(me.Id) : null;
                return new SessionLine(
                    session, names[session.TrainingId], session.Trainer is { } trainer ? trainers.GetValueOrDefault(trainer) : null,
                    seats.Count(s => s.HasPlace), seats.Count(s => !s.HasPlace),
                    own switch { null => OwnSeat.None, { HasPlace: false } => OwnSeat.Waits, { MovedUp: true } => OwnSeat.MovedUp, _ => OwnSeat.Place },
                    own?.Waiting ?? 0, Leads(viewer, session));
            }),
        ];
    }

    private static bool Leads(Viewer viewer, TrainingSession session) =>
        viewer.Has(Right.Teach) && (session.Trainer == viewer.Actor!.Id || viewer.May(Right.Teach, session.TrainingId));

    /// <summary>Who may take part learns with whom. Who reads figures, or sees only their own people, does not.</summary>
    private static bool ShowsTrainers(Viewer viewer) => viewer.Has(Right.Enrol);

    private async Task<string?> NameAsync(PersonId? person, CancellationToken cancellationToken) =>
        person is { } id ? (await NamesAsync([id], cancellationToken)).GetValueOrDefault(id) : null;

    private async Task<Dictionary<PersonId, string>> NamesAsync(IEnumerable<PersonId?> wanted, CancellationToken cancellationToken)
    {
        List<PersonId> ids = [.. wanted.OfType<PersonId>().Distinct()];
        return ids.Count == 0
            ? []
            : await db.People.Where(p => ids.Contains(p.Id)).Select(p => new { p.Id, Name = p.DisplayName ?? p.ShortCode }).ToDictionaryAsync(p => p.Id, p => p.Name, cancellationToken);
    }
}
