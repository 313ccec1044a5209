using FabLab.Booking.Data;
using FabLab.Booking.Features.Details;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Ledger;
using FabLab.Booking.Features.Programmes;
using FabLab.Booking.Features.Programmes.Pages;
using FabLab.Booking.Features.Sites;
using FabLab.Core;
using FabLab.Core.Sessions;
using FabLab.Core.Visits;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Reports;

/// <summary>Adds up what was done in a time: one state of the database, nothing counted twice, nothing hidden yet.</summary>
public sealed class ReportQueries(BookingDbContext db)
{
    /// <summary>A séance and the visit that belongs to it may lie on two sides of a midnight.</summary>
    private static readonly Duration Margin = Duration.FromDays(1);

    private readonly record struct VisitRow(VisitId Id, PersonId? Person, string? Reason, AgeBand? Band, bool First, Instant At, Instant? Left, GroupSessionId? Session, VisitWay Way, int Site);

    private sealed record SessionRow(
        GroupSessionId Id, ProgrammeId? Programme, string Title, GroupSessionKind Kind, Instant Start, Instant End, Instant? OpenedAt, Instant? ClosedAt, int Site);

    private sealed record ListedRow(
        GroupSessionId Session, PersonId? Person, AttendanceWay Way, Instant? Came, Instant? Left, AgeBand? Band, Gender Gender, Occupation Occupation, PriorityArea Area);

    /// <summary>What people say of themselves, and the birth dates of minors.</summary>
    private sealed record Known(Dictionary<PersonId, LocalDate> Births, Dictionary<PersonId, PersonDetails> Details, DateTimeZone Zone)
    {
        public AgeBand BandOf(PersonId person, Instant at) => Births.TryGetValue(person, out var birth) ? AgeBands.Of(birth, at.InZone(Zone).Date) : AgeBand.NotSaid;
    }

    /// <summary>Reads a report.</summary>
    /// <param name="scope">Which time, and whether only a programme or a strand.</param>
    /// <param name="zone">The zone of the lab, for ages.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The passages are in no order that means anything, and the same each time.</returns>
    public async Task<Report> ReadAsync(ReportScope scope, DateTimeZone zone, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(zone);
        await using var snapshot = await db.BeginSnapshotAsync(cancellationToken);
        var known = await KnownAsync(zone, cancellationToken);
        var (sessions, heads) = await HeadsAsync(scope, known, cancellationToken);
        var visits = await VisitsAsync(scope, sessions, cancellationToken);
        var passages = Passages(heads, visits, scope, sessions, known);
        var bySession = heads.ToLookup(h => h.Session);
        // Each coming is told apart first and put to its site then: of all sites they are those of the whole.
        if (scope.Site is { } at)
            passages.RemoveAll(p => p.Site != at);
        var lines = sessions.Values.Where(s => s.Start >= scope.From && s.Start < scope.Until && (scope.Site is not { } site || s.Site == site)).OrderBy(s => s.Start).ThenBy(s => s.Id.Value).Select(s => Line(s, bySession[s.Id])).ToList();
        return new Report(scope, passages, lines, await ProgrammesAsync(scope, lines, cancellationToken), await MachinesAsync(scope, heads, sessions, cancellationToken))
        {
            Heads = heads,
            Made = scope.Narrowed ? null : await MadeAsync(scope, cancellationToken),
            Sites = scope.Narrowed || scope.Site is not null ? [] : await SitesAsync(scope, zone, passages, lines, cancellationToken),
        };
    }

    private async Task<IReadOnlyList<SiteFigures>> SitesAsync(
        ReportScope scope, DateTimeZone zone, IReadOnlyList<Passage> passages, IReadOnlyList<HeldSession> lines, CancellationToken cancellationToken)
    {
        var numbers = await db.LabSites.OrderBy(s => s.Number).Select(s => s.Number).ToListAsync(cancellationToken);
        if (numbers.Count < 2)
            return [];
        var (came, held) = (passages.CountBy(p => p.Site).ToDictionary(), lines.ToLookup(l => l.Site));
        var standing = await db.Machines.Select(m => new { m.Id, m.Site }).ToDictionaryAsync(m => m.Id.Value, m => m.Site, cancellationToken);
        var used = (await LedgerSums.ByAsync(db, new LedgerScope(scope.From, scope.Until), LedgerGroup.Machine, cancellationToken)).ToLookup(t => standing.GetValueOrDefault(t.Key ?? default, LabSite.First));
        var (first, last) = (scope.From.InZone(zone).Date, (scope.Until - Duration.FromMilliseconds(1)).InZone(zone).Date);
        var given = await db.VolunteerHours.Where(h => !h.TakenOut && h.Day >= first && h.Day <= last).GroupBy(h => h.Site)
            .Select(g => new { g.Key, Minutes = g.Sum(h => (long)h.Minutes) }).ToDictionaryAsync(g => g.Key, g => g.Minutes, cancellationToken);
        return
        [
            .. numbers.Append(LabSite.Away).Select(site => new SiteFigures(
                site, came.GetValueOrDefault(site), held[site].Count(), held[site].Aggregate(Duration.Zero, (sum, s) => sum + s.Hours),
                used[site].Sum(t => t.Uses), used[site].Sum(t => t.PoweredMs), given.GetValueOrDefault(site))),
        ];
    }

    /// <summary>Jobs that began in the time of the report and ended as they should.</summary>
    private async Task<JobsMade> MadeAsync(ReportScope scope, CancellationToken cancellationToken)
    {
        var done = db.MachineJobs.Where(j => j.State == JobState.Done && j.StartedAt >= scope.From && j.StartedAt < scope.Until);
        if (scope.Site is { } site)
            done = done.Where(j => db.Machines.Any(m => m.Id == j.MachineId && m.Site == site));
        return new JobsMade(
            await done.CountAsync(cancellationToken), await done.SumAsync(j => j.Milligrams ?? 0, cancellationToken),
            await done.Where(j => j.Milligrams == null).SumAsync(j => j.Millimetres ?? 0, cancellationToken));
    }

    /// <summary>The rows of machine time behind a report, oldest first.</summary>
    /// <param name="scope">Which time, and whether only a programme or a strand.</param>
    /// <param name="kind">Only this kind of project, as in <see cref="KindOfUse"/>.</param>
    /// <param name="zone">The zone of the lab.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<IReadOnlyList<UseRow>> UsesAsync(ReportScope scope, string? kind, DateTimeZone zone, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scope);
        await using var snapshot = await db.BeginSnapshotAsync(cancellationToken);
        var kinds = await KindsAsync(cancellationToken);
        var rows = scope.Narrowed ? NarrowedUses(scope) : LedgerSums.Rows(db, new LedgerScope(scope.From, scope.Until, Site: scope.Site));
        var uses = (await rows.OrderBy(r => r.Start).ThenBy(r => r.Id)
            .Select(r => new { r.Id, r.Start, r.MachineId, r.PersonId, r.ProjectId, r.PoweredMs, r.WorkingMs, Use = r.SessionId == null ? 0 : r.Kind == LedgerKind.Reversal ? -1 : 1 }).ToListAsync(cancellationToken))
            .Select(r => new UseRow(r.Id, r.Start, r.MachineId, r.PersonId, r.ProjectId, KindOf(kinds, r.ProjectId?.Value), r.Use, r.PoweredMs, r.WorkingMs)).Where(r => r.Kind == kind);
        if (scope.Narrowed)
        {
            var (sessions, heads) = await HeadsAsync(scope, await KnownAsync(zone, cancellationToken), cancellationToken);
            var there = There(scope, heads, sessions);
            uses = uses.Where(r => r.Person is { } person && there[person].Any(s => Within(s, r.Start)));
        }
        return [.. uses];
    }

    /// <summary>The séances of a scope that were held or are being held.</summary>
    internal IQueryable<GroupSession> Held(ReportScope scope, Instant first, Instant last)
    {
        var held = db.GroupSessions.Where(s => s.Start >= first && s.Start < last
            && (s.State == GroupSessionState.Open || s.State == GroupSessionState.Done || s.State == GroupSessionState.Locked));
        if (scope.Programme is { } programme)
            held = held.Where(s => s.ProgrammeId == programme);
        if (scope.Strand is { } strand)
            held = held.Where(s => db.SessionStrands.Any(p => p.SessionId == s.Id && p.StrandId == strand));
        if (scope.Place is { } place)
            held = held.Where(s => s.PlaceKind == PlaceKind.Elsewhere && s.Place == place);
        if (scope.Site is { } site)
            held = site == LabSite.Away ? held.Where(s => s.PlaceKind != PlaceKind.Lab) : held.Where(s => s.PlaceKind == PlaceKind.Lab && s.Site == site);
        return held;
    }

    /// <summary>How long a séance was: to when it was ended, and as planned where that cannot be.</summary>
    internal static Duration Length(Instant start, Instant end, Instant? closed) => (closed > start ? closed.Value : end) - start;

    private async Task<Known> KnownAsync(DateTimeZone zone, CancellationToken cancellationToken) => new(
        await db.People.Where(p => p.BirthDate != null).Select(p => new { p.Id, Birth = p.BirthDate!.Value }).ToDictionaryAsync(p => p.Id, p => p.Birth, cancellationToken),
        await db.PersonDetails.ToDictionaryAsync(d => d.PersonId, cancellationToken), zone);

    private async Task<(Dictionary<GroupSessionId, SessionRow> Sessions, List<SheetHead> Heads)> HeadsAsync(ReportScope scope, Known known, CancellationToken cancellationToken)
    {
        var held = Held(scope with { Site = null }, scope.From - Margin, scope.Until + Margin);
        var sessions = await held.Select(s => new SessionRow(s.Id, s.ProgrammeId, s.Title, s.Kind, s.Start, s.End, s.OpenedAt, s.ClosedAt, s.PlaceKind == PlaceKind.Lab ? s.Site : LabSite.Away)).ToDictionaryAsync(s => s.Id, cancellationToken);
        // In the order of the séances, which an index gives: of two that say the same of somebody the earlier one has the coming.
        var listed = await (
            from s in held
            join a in db.Attendees on s.Id equals a.SessionId
            where a.Status == AttendanceStatus.Present
            orderby s.Start, s.Id, a.Number
            select new ListedRow(a.SessionId, a.PersonId, a.Way, a.ArrivedAt, a.LeftAt, a.Band, a.Gender, a.Occupation, a.PriorityArea)).ToListAsync(cancellationToken);
        var counted = await (
            from s in held
            join c in db.AttendanceCounts on s.Id equals c.SessionId
            orderby s.Start, s.Id, c.Band, c.Gender, c.Occupation, c.Known
            select c).ToListAsync(cancellationToken);
        var heads = new List<SheetHead>(listed.Count + counted.Count);
        foreach (var line in listed)
            heads.Add(HeadOf(line, sessions[line.Session], known));
        foreach (var count in counted)
        {
            var session = sessions[count.SessionId];
            var (through, length) = (session.ClosedAt ?? session.End, Length(session.Start, session.End, session.ClosedAt));
            heads.AddRange(Enumerable.Repeat(
                new SheetHead(count.SessionId, null, AttendanceWay.NotSaid, session.Start, through, length, count.Band, count.Gender, count.Occupation, PriorityArea.NotSaid, Counted: true), count.Number));
        }
        return (sessions, heads);
    }

    private static SheetHead HeadOf(ListedRow line, SessionRow session, Known known)
    {
        var (from, said) = (line.Came ?? session.Start, line.Person is { } one ? known.Details.GetValueOrDefault(one) : null);
        return new SheetHead(
            line.Session, line.Person, line.Way, from, line.Left ?? session.ClosedAt ?? session.End, Attended.Of(line.Came, line.Left, session.Start, session.End, session.ClosedAt),
            line.Band is { } band && band != AgeBand.NotSaid ? band : line.Person is { } person ? known.BandOf(person, from) : AgeBand.NotSaid,
            line.Gender == Gender.NotSaid && said is not null ? said.Gender : line.Gender, line.Occupation == Occupation.NotSaid && said is not null ? said.Occupation : line.Occupation,
            line.Area == PriorityArea.NotSaid && said is not null ? said.PriorityArea : line.Area);
    }

    /// <summary>Visits that may belong to the report, oldest first. Of a programme or a strand only those of its séances and of people of its sheets.</summary>
    private async Task<List<VisitRow>> VisitsAsync(ReportScope scope, Dictionary<GroupSessionId, SessionRow> sessions, CancellationToken cancellationToken)
    {
        if (scope.Narrowed && sessions.Count == 0)
            return [];
        var (first, last) = (scope.From - Margin, scope.Until + Margin);
        return await db.Visits.Where(v => !v.TakenOut && v.ArrivedAt >= first && v.ArrivedAt < last).OrderBy(v => v.ArrivedAt).ThenBy(v => v.Id)
            .Select(v => new VisitRow(v.Id, v.PersonId, v.Reason, v.AgeBand, v.First, v.ArrivedAt, v.LeftAt, v.GroupSessionId == null ? null : new GroupSessionId(v.GroupSessionId.Value), v.Way, v.Site))
            .ToListAsync(cancellationToken);
    }

    /// <summary>
    /// Who is on a sheet and has a visit at that time came once. Without a name, as many of the sheet are the visits that name the séance.
    /// </summary>
    /// <param name="heads">Everybody present in the séances.</param>
    /// <param name="visits">Visits, oldest first.</param>
    /// <param name="scope">Which time, and whether only what belongs to these séances.</param>
    /// <param name="sessions">The séances.</param>
    /// <param name="known">What is known of people.</param>
    private static List<Passage> Passages(List<SheetHead> heads, List<VisitRow> visits, ReportScope scope, Dictionary<GroupSessionId, SessionRow> sessions, Known known)
    {
        // Places in the list of visits, oldest first.
        var named = new Dictionary<PersonId, List<int>>();
        var nameless = new Dictionary<GroupSessionId, Queue<int>>();
        var byDoor = new Dictionary<Instant, List<int>>();
        // Of somebody who was erased the sheet keeps no pseudonym and the visit does; the door, or the tick, gave both the same hour.
        var lost = heads.Exists(h => h is { Person: null, Way: AttendanceWay.Door });
        for (var place = 0; place < visits.Count; place++)
        {
            var visit = visits[place];
            if (visit.Person is { } person)
            {
                Of(named, person).Add(place);
                if (lost || visit.Way == VisitWay.Session)
                    Of(byDoor, visit.At).Add(place);
            }
            else if (visit.Session is { } session)
            {
                Of(nameless, session).Enqueue(place);
            }
        }
        var used = new bool[visits.Count];
        var passages = new List<Passage>(heads.Count + visits.Count);
        foreach (var head in heads)
        {
            if (head.Person is not null)
                Named(head);
        }
        foreach (var head in heads)
        {
            if (head.Person is null)
                Add(head, Lost(head) ?? (nameless.TryGetValue(head.Session, out var queue) && queue.TryDequeue(out var next) ? next : null));
        }
        for (var place = 0; place < visits.Count; place++)
        {
            var visit = visits[place];
            if (used[place] || !Takes(visit.At, visit.Session))
                continue;
            var said = visit.Person is { } person ? known.Details.GetValueOrDefault(person) : null;
            passages.Add(new Passage
            {
                At = visit.At, Visit = visit.Id, Session = visit.Session, Person = visit.Person, Reason = visit.Reason, First = visit.First, Site = visit.Site,
                Band = visit.Band is { } band && band != AgeBand.NotSaid ? band : visit.Person is { } who ? known.BandOf(who, visit.At) : AgeBand.NotSaid,
                Gender = said?.Gender ?? Gender.NotSaid, Occupation = said?.Occupation ?? Occupation.NotSaid, Area = said?.PriorityArea ?? PriorityArea.NotSaid,
            });
        }
        return passages;

        void Named(SheetHead head)
        {
            var (free, taken) = (-1, false);
            foreach (var place in named.TryGetValue(head.Person!.Value, out var theirs) ? theirs : [])
            {
                var visit = visits[place];
                if (visit.Session != head.Session && (visit.At > head.Through || visit.Left < head.From))
                    continue;
                // One that another line has not taken, if there is one.
                taken = used[place];
                if (!taken)
                {
                    free = place;
                    break;
                }
            }
            if (free >= 0 || !taken)
                Add(head, free >= 0 ? free : null);
        }

        int? Lost(SheetHead head)
        {
            if (head.Way is AttendanceWay.Door or AttendanceWay.Ticked && byDoor.TryGetValue(head.From, out var then))
            {
                foreach (var place in then)
                {
                    if (!used[place] && (head.Way == AttendanceWay.Door || (visits[place].Way == VisitWay.Session && visits[place].Session == head.Session)))
                        return place;
                }
            }
            return null;
        }

        void Add(SheetHead head, int? place)
        {
            VisitRow? visit = place is { } known ? visits[known] : null;
            if (place is { } taken)
                used[taken] = true;
            var at = visit?.At ?? head.From;
            if (!Takes(at, head.Session))
                return;
            passages.Add(new Passage
            {
                At = at, Visit = visit?.Id, Session = head.Session, Person = head.Person ?? visit?.Person, Band = head.Band != AgeBand.NotSaid ? head.Band : visit?.Band ?? AgeBand.NotSaid,
                Gender = head.Gender, Occupation = head.Occupation, Area = head.Area, Reason = visit?.Reason, First = visit?.First ?? false, Site = sessions[head.Session].Site,
            });
        }

        // Of a programme or a strand a passage belongs to the time of its séance.
        bool Takes(Instant at, GroupSessionId? session)
        {
            if (!scope.Narrowed)
                return at >= scope.From && at < scope.Until;
            return session is { } id && sessions.TryGetValue(id, out var held) && held.Start >= scope.From && held.Start < scope.Until;
        }

        static TList Of<TKey, TList>(Dictionary<TKey, TList> lists, TKey key)
            where TKey : notnull
            where TList : new()
        {
            if (!lists.TryGetValue(key, out var list))
                lists[key] = list = new TList();
            return list;
        }
    }

    private static HeldSession Line(SessionRow session, IEnumerable<SheetHead> there)
    {
        var (people, others, hours, counted) = (new List<PersonId>(), 0, Duration.Zero, Duration.Zero);
        foreach (var head in there)
        {
            if (head.Person is { } person)
                people.Add(person);
            else
                others++;
            if (head.Counted)
                counted += head.Stay;
            else
                hours += head.Stay;
        }
        return new HeldSession(session.Id, session.Programme, session.Title, session.Kind, session.Start, Length(session.Start, session.End, session.ClosedAt), people, others, hours, counted) { Site = session.Site };
    }

    private async Task<IReadOnlyList<ProgrammeFigures>> ProgrammesAsync(ReportScope scope, IReadOnlyList<HeldSession> sessions, CancellationToken cancellationToken)
    {
        var done = sessions.Where(s => s.Programme is not null).ToLookup(s => s.Programme!.Value);
        var programmes = await db.Programmes.OrderBy(p => p.NameFr).ToListAsync(cancellationToken);
        return
        [
            .. programmes.Where(p => done.Contains(p.Id) || p.Id == scope.Programme).Select(p => new ProgrammeFigures(
                p, done[p.Id].Count(), done[p.Id].SelectMany(s => s.People).Distinct().Count() + done[p.Id].Sum(s => s.Others),
                done[p.Id].Aggregate(Duration.Zero, (sum, s) => sum + s.Hours))),
        ];
    }

    private async Task<IReadOnlyList<KindOfUse>> MachinesAsync(ReportScope scope, List<SheetHead> heads, Dictionary<GroupSessionId, SessionRow> sessions, CancellationToken cancellationToken)
    {
        var kinds = await KindsAsync(cancellationToken);
        IEnumerable<LedgerTotal> totals;
        if (!scope.Narrowed)
        {
            totals = await LedgerSums.ByAsync(db, new LedgerScope(scope.From, scope.Until, Site: scope.Site), LedgerGroup.Project, cancellationToken);
        }
        else
        {
            var there = There(scope, heads, sessions);
            var rows = await NarrowedUses(scope)
                .Select(r => new { Person = r.PersonId!.Value, r.ProjectId, r.Start, r.PoweredMs, r.WorkingMs, Use = r.SessionId == null ? 0 : r.Kind == LedgerKind.Reversal ? -1 : 1 }).ToListAsync(cancellationToken);
            totals = rows.Where(r => there[r.Person].Any(s => Within(s, r.Start)))
                .Select(r => new LedgerTotal(r.ProjectId?.Value, r.Use, r.PoweredMs, r.WorkingMs, 0, 0, 0, 0));
        }
        return
        [
            .. totals.GroupBy(t => KindOf(kinds, t.Key))
                .Select(g => new KindOfUse(g.Key, g.Sum(t => t.Uses), g.Sum(t => t.PoweredMs), g.Sum(t => t.WorkingMs)))
                .Where(k => k.Uses != 0 || k.PoweredMs != 0 || k.WorkingMs != 0).OrderByDescending(k => k.PoweredMs).ThenBy(k => k.Kind, StringComparer.Ordinal),
        ];
    }

    private Task<Dictionary<Guid, string>> KindsAsync(CancellationToken cancellationToken) =>
        db.Projects.Select(p => new { p.Id, p.Type }).ToDictionaryAsync(p => p.Id.Value, p => p.Type, cancellationToken);

    private static string? KindOf(Dictionary<Guid, string> kinds, Guid? project) => project is { } known ? kinds.GetValueOrDefault(known) ?? "" : null;

    private IQueryable<MachineTimeEntry> NarrowedUses(ReportScope scope) => LedgerSums.Rows(db, new LedgerScope(scope.From - Margin, scope.Until + Margin)).Where(r => r.PersonId != null);

    /// <summary>As on the page of a séance: what those who were there used from its opening to its end.</summary>
    private static ILookup<PersonId, SessionRow> There(ReportScope scope, List<SheetHead> heads, Dictionary<GroupSessionId, SessionRow> sessions) =>
        heads.Where(h => h.Person is not null).Select(h => (Person: h.Person!.Value, Session: sessions[h.Session])).Where(h => h.Session.Start >= scope.From && h.Session.Start < scope.Until)
            .ToLookup(h => h.Person, h => h.Session);

    private static bool Within(SessionRow session, Instant at) =>
        at >= (session.OpenedAt < session.Start ? session.OpenedAt.Value : session.Start) && !(at >= (session.ClosedAt is { } closed ? Instant.Max(closed, session.End) : session.ClosedAt));
}

/// <summary>Ages as activity reports count them.</summary>
internal static class AgeBands
{
    /// <summary>The band of somebody on a day.</summary>
    public static AgeBand Of(LocalDate birth, LocalDate day) => Years(birth, day) switch
    {
        < 12 => AgeBand.Under12,
        < 18 => AgeBand.From12To17,
        < 25 => AgeBand.From18To24,
        < 40 => AgeBand.From25To39,
        < 60 => AgeBand.From40To59,
        < 70 => AgeBand.From60To69,
        _ => AgeBand.From70,
    };

    /// <summary>Counted by hand, ten times as fast as a period: a year's report asks it for each passage of a minor. Who was born on a 29 February is a year older on 28 February, as a period says too.</summary>
    private static int Years(LocalDate birth, LocalDate day) => day.Year - birth.Year - (birth.PlusYears(day.Year - birth.Year) > day ? 1 : 0);
}
