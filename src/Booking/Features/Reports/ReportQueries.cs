using FabLab.Booking.Data;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Ledger;
using FabLab.Booking.Features.Programmes;
using FabLab.Booking.Features.Programmes.Pages;
using FabLab.Core;
using FabLab.Core.Visits;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Reports;

/// <summary>Adds up what was done in a time: one state of the database, nothing counted twice, nothing hidden yet.</summary>
public sealed class ReportQueries(BookingDbContext db)
{
    /// <summary>A séance and the visit that belongs to it may lie on two sides of a midnight.</summary>
    private static readonly Duration Margin = Duration.FromDays(1);

    private sealed record VisitRow(VisitId Id, PersonId? Person, string? Reason, AgeBand? Band, bool First, Instant At, Instant? Left, GroupSessionId? Session);

    private sealed record SessionRow(
        GroupSessionId Id, ProgrammeId? Programme, string Title, GroupSessionKind Kind, Instant Start, Instant End, Instant? OpenedAt, Instant? ClosedAt);

    private sealed record Head(SessionRow Session, PersonId? Person, AttendanceWay Way, Instant? Came, Instant? Left, AgeBand? Band, Gender Gender, Occupation Occupation, bool Counted = false)
    {
        public Instant From => Came ?? Session.Start;

        public Instant Through => Left ?? Session.ClosedAt ?? Session.End;
    }

    /// <summary>Reads a report.</summary>
    /// <param name="scope">Which time, and whether only a programme or a strand.</param>
    /// <param name="zone">The zone of the lab, for ages.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<Report> ReadAsync(ReportScope scope, DateTimeZone zone, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(zone);
        await using var snapshot = await db.BeginSnapshotAsync(cancellationToken);
        var (first, last) = (scope.From - Margin, scope.Until + Margin);
        var held = Held(scope, first, last);
        var sessions = await held.Select(s => new SessionRow(s.Id, s.ProgrammeId, s.Title, s.Kind, s.Start, s.End, s.OpenedAt, s.ClosedAt)).ToListAsync(cancellationToken);
        var heads = await HeadsAsync(held, sessions.ToDictionary(s => s.Id), cancellationToken);
        var visits = await db.Visits.Where(v => !v.TakenOut && v.ArrivedAt >= first && v.ArrivedAt < last).OrderBy(v => v.ArrivedAt).ThenBy(v => v.Id)
            .Select(v => new { v.Id, v.PersonId, v.Reason, v.AgeBand, v.First, v.ArrivedAt, v.LeftAt, v.GroupSessionId }).ToListAsync(cancellationToken);
        var births = await db.People.Where(p => p.BirthDate != null).Select(p => new { p.Id, Birth = p.BirthDate!.Value }).ToDictionaryAsync(p => p.Id, p => p.Birth, cancellationToken);
        var starts = sessions.ToDictionary(s => s.Id, s => s.Start);
        var passages = Passages(
                heads,
                [.. visits.Select(v => new VisitRow(v.Id, v.PersonId, v.Reason, v.AgeBand, v.First, v.ArrivedAt, v.LeftAt, v.GroupSessionId is { } id ? new GroupSessionId(id) : null))],
                scope.Narrowed ? [.. starts.Keys] : null)
            .Where(p => (scope.Narrowed ? starts[p.Session!.Value] : p.At) is var at && at >= scope.From && at < scope.Until)
            .Select(p => p.Band == AgeBand.NotSaid && p.Person is { } person && births.TryGetValue(person, out var birth) ? p with { Band = AgeBands.Of(birth, p.At.InZone(zone).Date) } : p)
            .OrderBy(p => p.At).ToList();
        var bySession = heads.ToLookup(h => h.Session.Id);
        var lines = sessions.Where(s => s.Start >= scope.From && s.Start < scope.Until).OrderBy(s => s.Start).ThenBy(s => s.Id.Value).Select(s => Line(s, bySession[s.Id])).ToList();
        return new Report(scope, passages, lines, await ProgrammesAsync(scope, lines, cancellationToken), await MachinesAsync(scope, heads, cancellationToken));
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
        return held;
    }

    /// <summary>How long a séance was: to when it was ended, and as planned where that cannot be.</summary>
    internal static Duration Length(Instant start, Instant end, Instant? closed) => (closed > start ? closed.Value : end) - start;

    private async Task<List<Head>> HeadsAsync(IQueryable<GroupSession> held, Dictionary<GroupSessionId, SessionRow> sessions, CancellationToken cancellationToken)
    {
        var listed = await db.Attendees.Where(a => a.Status == AttendanceStatus.Present).Join(held, a => a.SessionId, s => s.Id, (a, _) => a).OrderBy(a => a.SessionId).ThenBy(a => a.Number)
            .Select(a => new { a.SessionId, a.PersonId, a.Way, a.ArrivedAt, a.LeftAt, a.Band, a.Gender, a.Occupation }).ToListAsync(cancellationToken);
        var counted = await db.AttendanceCounts.Join(held, c => c.SessionId, s => s.Id, (c, _) => c).OrderBy(c => c.SessionId).ThenBy(c => c.Band).ThenBy(c => c.Gender).ThenBy(c => c.Occupation).ThenBy(c => c.Known)
            .ToListAsync(cancellationToken);
        return
        [
            .. listed.Select(a => new Head(sessions[a.SessionId], a.PersonId, a.Way, a.ArrivedAt, a.LeftAt, a.Band, a.Gender, a.Occupation)),
            .. counted.SelectMany(c => Enumerable.Repeat(new Head(sessions[c.SessionId], null, AttendanceWay.NotSaid, null, null, c.Band, c.Gender, c.Occupation, Counted: true), c.Number)),
        ];
    }

    /// <summary>
    /// Who is on a sheet and has a visit at that time came once. Without a name, as many of the sheet are the visits that name the séance.
    /// </summary>
    /// <param name="heads">Everybody present in the séances.</param>
    /// <param name="visits">Visits, oldest first.</param>
    /// <param name="only">Only what belongs to these séances; null = all.</param>
    private static List<Passage> Passages(IReadOnlyList<Head> heads, IReadOnlyList<VisitRow> visits, HashSet<GroupSessionId>? only)
    {
        var named = visits.Where(v => v.Person is not null).ToLookup(v => v.Person!.Value);
        var nameless = visits.Where(v => v.Person is null && v.Session is not null).GroupBy(v => v.Session!.Value).ToDictionary(g => g.Key, g => new Queue<VisitRow>(g));
        // Of somebody who was erased the sheet keeps no pseudonym and the visit does; the door gave both the same hour.
        var byDoor = visits.Where(v => v.Person is not null).ToLookup(v => v.At);
        var used = new HashSet<VisitId>();
        var passages = new List<Passage>(heads.Count + visits.Count);
        foreach (var head in heads.OrderBy(h => h.Person is null))
        {
            VisitRow? visit = null;
            if (head.Person is { } person)
            {
                // One that another line has not taken, if there is one.
                visit = named[person].Where(v => v.Session == head.Session.Id || (v.At <= head.Through && !(v.Left < head.From))).OrderBy(v => used.Contains(v.Id)).FirstOrDefault();
                if (visit is not null && used.Contains(visit.Id))
                    continue;
            }
            else if (head.Way == AttendanceWay.Door)
            {
                visit = byDoor[head.From].FirstOrDefault(v => !used.Contains(v.Id));
            }
            if (visit is null && head.Person is null && nameless.TryGetValue(head.Session.Id, out var queue))
                queue.TryDequeue(out visit);
            if (visit is not null)
                used.Add(visit.Id);
            passages.Add(new Passage
            {
                At = visit?.At ?? head.From, Visit = visit?.Id, Session = head.Session.Id, Person = head.Person ?? visit?.Person,
                Band = head.Band is { } band && band != AgeBand.NotSaid ? band : visit?.Band ?? AgeBand.NotSaid, Gender = head.Gender, Occupation = head.Occupation,
                Reason = visit?.Reason, First = visit?.First ?? false,
            });
        }
        passages.AddRange(visits.Where(v => !used.Contains(v.Id) && (only is null || (v.Session is { } session && only.Contains(session)))).Select(v => new Passage
        {
            At = v.At, Visit = v.Id, Session = v.Session, Person = v.Person, Band = v.Band ?? AgeBand.NotSaid, Reason = v.Reason, First = v.First,
        }));
        return passages;
    }

    private static HeldSession Line(SessionRow session, IEnumerable<Head> there)
    {
        var (people, others, hours, counted) = (new List<PersonId>(), 0, Duration.Zero, Duration.Zero);
        var length = Length(session.Start, session.End, session.ClosedAt);
        foreach (var head in there)
        {
            if (head.Person is { } person)
                people.Add(person);
            else
                others++;
            if (head.Counted)
                counted += length;
            else
                hours += Attended.Of(head.Came, head.Left, session.Start, session.End, session.ClosedAt);
        }
        return new HeldSession(session.Id, session.Programme, session.Title, session.Kind, session.Start, length, people, others, hours, counted);
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

    private async Task<IReadOnlyList<KindOfUse>> MachinesAsync(ReportScope scope, IReadOnlyList<Head> heads, CancellationToken cancellationToken)
    {
        var kinds = await db.Projects.Select(p => new { p.Id, p.Type }).ToDictionaryAsync(p => p.Id.Value, p => p.Type, cancellationToken);
        IEnumerable<LedgerTotal> totals;
        if (!scope.Narrowed)
        {
            totals = await LedgerSums.ByAsync(db, new LedgerScope(scope.From, scope.Until), LedgerGroup.Project, cancellationToken);
        }
        else
        {
            // As on the page of a séance: what those who were there used from its opening to its end.
            var there = heads.Where(h => h.Person is not null && h.Session.Start >= scope.From && h.Session.Start < scope.Until).ToLookup(h => h.Person!.Value, h => h.Session);
            var rows = await LedgerSums.Rows(db, new LedgerScope(scope.From - Margin, scope.Until + Margin)).Where(r => r.PersonId != null)
                .Select(r => new { Person = r.PersonId!.Value, r.ProjectId, r.Start, r.PoweredMs, r.WorkingMs, Use = r.SessionId == null ? 0 : r.Kind == LedgerKind.Reversal ? -1 : 1 }).ToListAsync(cancellationToken);
            totals = rows.Where(r => there[r.Person].Any(s => Within(s, r.Start)))
                .Select(r => new LedgerTotal(r.ProjectId?.Value, r.Use, r.PoweredMs, r.WorkingMs, 0, 0, 0, 0));
        }
        return
        [
            .. totals.GroupBy(t => t.Key is { } project ? kinds.GetValueOrDefault(project) ?? "" : null)
                .Select(g => new KindOfUse(g.Key, g.Sum(t => t.Uses), g.Sum(t => t.PoweredMs), g.Sum(t => t.WorkingMs)))
                .Where(k => k.Uses != 0 || k.PoweredMs != 0 || k.WorkingMs != 0).OrderByDescending(k => k.PoweredMs).ThenBy(k => k.Kind, StringComparer.Ordinal),
        ];

        static bool Within(SessionRow session, Instant at) =>
            at >= (session.OpenedAt < session.Start ? session.OpenedAt.Value : session.Start) && !(at >= (session.ClosedAt is { } closed ? Instant.Max(closed, session.End) : session.ClosedAt));
    }
}

/// <summary>Ages as activity reports count them.</summary>
internal static class AgeBands
{
    /// <summary>The band of somebody on a day.</summary>
    public static AgeBand Of(LocalDate birth, LocalDate day) => Period.Between(birth, day, PeriodUnits.Years).Years switch
    {
        < 12 => AgeBand.Under12,
        < 18 => AgeBand.From12To17,
        < 25 => AgeBand.From18To24,
        < 40 => AgeBand.From25To39,
        < 60 => AgeBand.From40To59,
        < 70 => AgeBand.From60To69,
        _ => AgeBand.From70,
    };
}
