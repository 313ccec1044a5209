using System.Globalization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Ledger;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Minors;
using FabLab.Booking.Features.People.Pages;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Sites;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Ui.Text;
using Microsoft.EntityFrameworkCore;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Booking.Features.GroupSessions.Pages;

/// <summary>Reads what the pages about séances show, each viewer what is theirs.</summary>
public sealed class GroupSessionQueries(BookingDbContext db, PeopleQueries people)
{
    private const int PastShown = 30;
    private const int FoundShown = 12;

    /// <summary>The séances the viewer may see: all, or their own.</summary>
    public IQueryable<GroupSession> Seen(Viewer viewer)
    {
        ArgumentNullException.ThrowIfNull(viewer);
        return viewer.HasAll(Right.PrepareSessions) ? db.GroupSessions
            : viewer.Actor is { } me && viewer.Has(Right.PrepareSessions) ? GroupSessionAccess.Own(db, me.Id)
            : db.GroupSessions.Where(s => false);
    }

    public async Task<GroupSessionList> ListAsync(Viewer viewer, Instant now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(viewer);
        var next = await Seen(viewer).Where(s => s.State == GroupSessionState.Open || (s.End > now && s.State != GroupSessionState.Done && s.State != GroupSessionState.Locked))
            .OrderBy(s => s.Start).Take(100).ToListAsync(cancellationToken);
        var past = await Seen(viewer).Where(s => s.State != GroupSessionState.Open && (s.End <= now || s.State == GroupSessionState.Done || s.State == GroupSessionState.Locked))
            .OrderByDescending(s => s.Start).Take(PastShown).ToListAsync(cancellationToken);
        var lines = await LinesAsync([.. next, .. past], cancellationToken);
        var (coming, then) = (lines.Take(next.Count).ToList(), lines.Skip(next.Count).ToList());
        return new GroupSessionList(
            [.. coming.Where(l => l.Session.State == GroupSessionState.Open)], [.. coming.Where(l => l.Session.State != GroupSessionState.Open)], then, viewer.Has(Right.LeadSessions));
    }

    /// <summary>Null when there is none that the viewer may see.</summary>
    public async Task<GroupSessionSheet?> SheetAsync(Viewer viewer, GroupSessionId id, Instant now, DateTimeZone zone, string? search, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(viewer);
        if (viewer.Actor is not { } me || await Seen(viewer).SingleOrDefaultAsync(s => s.Id == id, cancellationToken) is not { } session)
            return null;
        var leads = await db.MayAsync(me, Right.LeadSessions, session, cancellationToken);
        var attendees = await db.Attendees.Where(a => a.SessionId == id).OrderBy(a => a.Number).ToListAsync(cancellationToken);
        var mentors = await db.SessionMentors.Where(m => m.SessionId == id).ToListAsync(cancellationToken);
        var names = await NamesAsync(
            [.. attendees.Select(a => a.PersonId).OfType<PersonId>(), .. mentors.Select(m => m.PersonId), .. session.Lead is { } lead ? new[] { lead } : []], cancellationToken);
        var signatures = await db.SessionSignatures.Where(s => s.SessionId == id).ToListAsync(cancellationToken);
        var grantable = viewer.Has(Right.Grant)
            ? (await db.Trainings.Where(t => !t.Retired).OrderBy(t => t.NameFr).ToListAsync(cancellationToken)).Where(t => viewer.May(Right.Grant, t.Id)).ToList()
            : [];
        List<StepIdAndName> step = session.StepId is { } stepId
            ? [.. (await db.PathwaySteps.Where(s => s.Id == stepId).ToListAsync(cancellationToken)).Select(s => new StepIdAndName(s.PathwayId, Named(s.NameFr, s.NameEn)))]
            : [];
        var programme = session.ProgrammeId is { } programmeId ? await db.Programmes.SingleOrDefaultAsync(p => p.Id == programmeId, cancellationToken) : null;
        return new GroupSessionSheet
        {
            Session = session,
            Site = session.PlaceKind == PlaceKind.Lab && (await db.NamedSitesAsync(cancellationToken)) is { Count: > 1 } sites ? sites.FirstOrDefault(s => s.Number == session.Site)?.Name : null,
            Programme = programme is null ? null : Named(programme.NameFr, programme.NameEn),
            Step = step.Count > 0 ? step[0].Name : null,
            Project = session.ProjectId is { } project ? await db.Projects.Where(p => p.Id == project).Select(p => p.Name).SingleOrDefaultAsync(cancellationToken) : null,
            Partners = await db.SessionPartners.Where(p => p.SessionId == id).Join(db.Partners, p => p.PartnerId, p => p.Id, (_, p) => p.Name).OrderBy(n => n).ToListAsync(cancellationToken),
            Strands = leads ? await db.SessionStrands.Where(s => s.SessionId == id).Join(db.FunderStrands, s => s.StrandId, s => s.Id, (_, s) => s.Name).OrderBy(n => n).ToListAsync(cancellationToken) : [],
            Lead = session.Lead is { } who ? names.GetValueOrDefault(who) : null,
            Group = session.GroupId is { } group ? await db.PersonGroups.Where(g => g.Id == group).Select(g => g.Name).SingleOrDefaultAsync(cancellationToken) : null,
            Mentors = [.. mentors.Select(m => new MentorLine(m, names.GetValueOrDefault(m.PersonId) ?? "?")).OrderBy(m => m.Name, StringComparer.CurrentCulture)],
            Machines = await MachinesAsync(id, cancellationToken),
            People = await PeopleAsync(viewer, session, leads, attendees, names, signatures, now, zone, cancellationToken),
            Counts = await db.AttendanceCounts.Where(c => c.SessionId == id).OrderBy(c => c.Band).ThenBy(c => c.Gender).ThenBy(c => c.Occupation).ThenBy(c => c.Known).ToListAsync(cancellationToken),
            Skills = leads ? await SkillsAsync(session, cancellationToken) : [],
            MentorSignatures = [.. signatures.Where(s => s.AttendeeId is null)],
            Halves = SheetProof.Halves(session, zone),
            Supervising = await Supervision.OfAsync(db, session, cancellationToken),
            Leads = leads,
            Repeats = await KeepList.Repeats(db, session).CountAsync(cancellationToken),
            MayAccept = viewer.Has(Right.KeepProgrammes) && session.State == GroupSessionState.Proposed,
            MayFind = viewer.Has(Right.FindPeople),
            Grants = [.. grantable.Select(t => (t.Id, new Words(t.NameFr, t.NameEn)))],
            Search = search,
            Found = string.IsNullOrWhiteSpace(search) || !viewer.Has(Right.FindPeople)
                ? []
                : [.. (await people.FindAsync(viewer, search, cancellationToken)).Where(p => p.Active).Take(FoundShown)],
            Changeable = GroupSessionAccess.Closed(session, now) is null,
            Ticks = leads && (session.OpenedAt is not null || session.Start <= now),
            MayOpen = session.State == GroupSessionState.Planned && session.End > now && session.Start <= now + HoldSession.Early,
        };
    }

    public async Task<GroupSessionChoices> ChoicesAsync(Viewer viewer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(viewer);
        var me = viewer.Actor!.Id;
        var all = viewer.HasAll(Right.PrepareSessions);
        var leads = viewer.Has(Right.LeadSessions);
        var programmes = await db.Programmes.Where(p => !p.Closed).OrderBy(p => p.NameFr).ToListAsync(cancellationToken);
        var pathways = await db.Pathways.Where(p => !p.Closed).OrderBy(p => p.Position).ToListAsync(cancellationToken);
        var steps = (await db.PathwaySteps.Where(s => !s.Closed).OrderBy(s => s.Position).ToListAsync(cancellationToken)).ToLookup(s => s.PathwayId);
        var choices = new List<(Programmes.ProgrammeId, Programmes.StepId?, Words)>();
        foreach (var programme in programmes)
        {
            var name = Named(programme.NameFr, programme.NameEn);
            choices.Add((programme.Id, null, name));
            choices.AddRange(pathways.Where(p => p.ProgrammeId == programme.Id).SelectMany(p => steps[p.Id]).Select(s =>
                (programme.Id, (Programmes.StepId?)s.Id, new Words($"{name.Fr} › {s.NameFr}", $"{name.En} › {Named(s.NameFr, s.NameEn).En}"))));
        }
        var groups = await db.PersonGroups.Where(g => !g.Closed && (all || db.GroupPlaces.Any(p => p.GroupId == g.Id && p.PersonId == me && p.Part == GroupPart.LooksAfter)))
            .OrderBy(g => g.Name).Select(g => new { g.Id, g.Name }).ToListAsync(cancellationToken);
        var accounts = leads ? (await db.StaffAccounts.Where(a => a.Active).Select(a => new { a.Id, a.Role }).ToListAsync(cancellationToken)).Where(a => Rights.Of(a.Role, Right.LeadSessions) != Reach.None || a.Role == Role.Partner).Select(a => a.Id).ToList() : [];
        var partners = await db.Partners.Where(p => !p.Retired && (leads || db.PartnerPeople.Any(b => b.PartnerId == p.Id && b.PersonId == me)))
            .OrderBy(p => p.Name).Select(p => new { p.Id, p.Name }).ToListAsync(cancellationToken);
        var machines = leads ? await db.Machines.Where(m => !m.Retired).OrderBy(m => m.Code).Select(m => new { m.Id, m.Code, m.NameFr, m.NameEn }).ToListAsync(cancellationToken) : [];
        var projects = leads ? await db.Projects.Where(p => !p.Closed).OrderBy(p => p.Name).Select(p => new { p.Id, p.Name }).ToListAsync(cancellationToken) : [];
        return new GroupSessionChoices(
            choices, [.. groups.Select(g => (g.Id, g.Name))], [.. (await NamesAsync(accounts, cancellationToken)).Select(p => (p.Key, p.Value)).OrderBy(p => p.Value, StringComparer.CurrentCulture)],
            [.. partners.Select(p => (p.Id, p.Name))], [.. machines.Select(m => (m.Id, m.Code, new Words(m.NameFr, m.NameEn)))], [.. projects.Select(p => (p.Id, p.Name))])
        {
            Sites = await db.SiteChoicesAsync(cancellationToken),
        };
    }

    /// <summary>A séance as the form shows it.</summary>
    public async Task<GroupSessionForm> FormAsync(GroupSession session, DateTimeZone zone, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        var id = session.Id;
        var start = session.Start.InZone(zone).LocalDateTime;
        var machines = await db.SessionMachines.Where(m => m.SessionId == id).ToListAsync(cancellationToken);
        var minutes = (int)(session.End - session.Start).TotalMinutes;
        return new GroupSessionForm
        {
            Title = session.Title,
            Day = LocalDatePattern.Iso.Format(start.Date),
            Hour = Trainings.Pages.TrainingQueries.ClockTime.Format(start.TimeOfDay),
            Minutes = minutes.ToString(CultureInfo.InvariantCulture),
            Expected = session.Expected?.ToString(CultureInfo.InvariantCulture) ?? "",
            PerMentor = session.PerMentor?.ToString(CultureInfo.InvariantCulture) ?? "",
            Rest = new GroupSessionToBe(session.Title, session.Start, minutes)
            {
                Kind = session.Kind, Programme = session.ProgrammeId, Step = session.StepId, PlaceKind = session.PlaceKind, Site = session.Site, Place = session.Place, Commune = session.Commune,
                PostCode = session.PostCode, Insee = session.Insee, Lead = session.Lead, Group = session.GroupId, Project = session.ProjectId,
                Level = session.Level, Materials = session.Materials, Themes = session.Themes, Version = session.Version,
                Partners = await db.SessionPartners.Where(p => p.SessionId == id).Select(p => p.PartnerId).ToListAsync(cancellationToken),
                Strands = await db.SessionStrands.Where(s => s.SessionId == id).Select(s => s.StrandId).ToListAsync(cancellationToken),
                Mentors = [.. (await db.SessionMentors.Where(m => m.SessionId == id).ToListAsync(cancellationToken)).Select(m => new MentorToBe(m.PersonId, m.Employer))],
                Machines = [.. machines.Select(m => m.MachineId)],
                KeepMachines = machines.Count == 0 || machines.Exists(m => m.BookingId is not null),
            },
        };
    }

    internal static Words Named(string french, string english) => new(french, english.Length > 0 ? english : french);

    internal async Task<Dictionary<PersonId, string>> NamesAsync(IReadOnlyCollection<PersonId> wanted, CancellationToken cancellationToken)
    {
        List<PersonId> ids = [.. wanted.Distinct()];
        return ids.Count == 0
            ? []
            : await db.People.Where(p => ids.Contains(p.Id)).Select(p => new { p.Id, Name = p.DisplayName ?? p.ShortCode }).ToDictionaryAsync(p => p.Id, p => p.Name, cancellationToken);
    }

    private async Task<List<GroupSessionLine>> LinesAsync(List<GroupSession> sessions, CancellationToken cancellationToken)
    {
        List<GroupSessionId> ids = [.. sessions.Select(s => s.Id)];
        var programmes = await db.Programmes.ToDictionaryAsync(p => p.Id, p => Named(p.NameFr, p.NameEn), cancellationToken);
        var partners = (await db.SessionPartners.Where(p => ids.Contains(p.SessionId)).Join(db.Partners, p => p.PartnerId, p => p.Id, (p, b) => new { p.SessionId, b.Name }).ToListAsync(cancellationToken)).ToLookup(p => p.SessionId, p => p.Name);
        var listed = (await db.Attendees.Where(a => ids.Contains(a.SessionId)).GroupBy(a => a.SessionId)
            .Select(g => new { g.Key, All = g.Count(), Present = g.Sum(a => a.Status == AttendanceStatus.Present ? 1 : 0) }).ToListAsync(cancellationToken)).ToDictionary(g => g.Key);
        var counted = (await db.AttendanceCounts.Where(c => ids.Contains(c.SessionId)).GroupBy(c => c.SessionId).Select(g => new { g.Key, Sum = g.Sum(c => c.Number) }).ToListAsync(cancellationToken)).ToDictionary(g => g.Key, g => g.Sum);
        return
        [
            .. sessions.Select(s => new GroupSessionLine(
                s, s.ProgrammeId is { } programme ? programmes.GetValueOrDefault(programme) : null, [.. partners[s.Id].Order(StringComparer.CurrentCulture)],
                listed.GetValueOrDefault(s.Id)?.All ?? 0, listed.GetValueOrDefault(s.Id)?.Present ?? 0, counted.GetValueOrDefault(s.Id))),
        ];
    }

    private async Task<IReadOnlyList<MachineLine>> MachinesAsync(GroupSessionId id, CancellationToken cancellationToken) =>
        [.. (await db.SessionMachines.Where(m => m.SessionId == id).Join(db.Machines, m => m.MachineId, m => m.Id, (row, m) => new { m.Id, m.Code, m.NameFr, m.NameEn, Kept = row.BookingId != null })
            .OrderBy(m => m.Code).ToListAsync(cancellationToken)).Select(m => new MachineLine(m.Id, m.Code, new Words(m.NameFr, m.NameEn), m.Kept))];

    private async Task<IReadOnlyList<AttendeeLine>> PeopleAsync(
        Viewer viewer, GroupSession session, bool leads, List<Attendee> attendees, Dictionary<PersonId, string> names, List<SessionSignature> signatures,
        Instant now, DateTimeZone zone, CancellationToken cancellationToken)
    {
        List<PersonId> ids = [.. attendees.Select(a => a.PersonId).OfType<PersonId>()];
        var adults = (await db.People.Where(p => ids.Contains(p.Id) && p.IsAdult).Select(p => p.Id).ToListAsync(cancellationToken)).ToHashSet();
        // What is kept of minors is for who has to let them go: nobody else, and not once the sheet is final.
        var needed = leads && session.State is GroupSessionState.Open or GroupSessionState.Done;
        var alone = needed ? (await db.MinorSheets.Where(s => ids.Contains(s.PersonId) && s.MayLeaveAlone == true).Select(s => s.PersonId).ToListAsync(cancellationToken)).ToHashSet() : [];
        var fetchers = (needed ? await db.MinorContacts.Where(c => ids.Contains(c.PersonId) && c.MayFetch).ToListAsync(cancellationToken) : []).ToLookup(c => c.PersonId);
        var day = session.Start.InZone(zone).Date;
        var photos = leads
            ? (await db.MinorConsents.Where(c => ids.Contains(c.PersonId) && c.Kind == ConsentKind.Photo).ToListAsync(cancellationToken)).Where(c => c.HoldsOn(day)).Select(c => c.PersonId).ToHashSet()
            : [];
        var skills = (leads ? await db.SessionSkills.Where(s => s.SessionId == session.Id).ToListAsync(cancellationToken) : []).ToLookup(s => s.PersonId);
        var times = leads ? await MachineTimeAsync(session, ids, now, cancellationToken) : [];
        return
        [
            .. attendees.Select(a =>
            {
                var person = a.PersonId;
                var minor = person is { } one ? !adults.Contains(one) : a.Band is null or Core.Visits.AgeBand.NotSaid or <= Core.Visits.AgeBand.From12To17;
                return new AttendeeLine(a, NameOf(a))
                {
                    Minor = minor,
                    MayLeaveAlone = person is not { } known || adults.Contains(known) || alone.Contains(known),
                    Fetchers = person is { } fetched ? [.. fetchers[fetched].OrderBy(c => c.Name, StringComparer.CurrentCulture).Select(c => (c.Id, c.Name))] : [],
                    FetchedBy = person is { } left && a.LeftWith is { } with ? fetchers[left].FirstOrDefault(c => c.Id == with)?.Name : null,
                    NoPhoto = leads && minor && (person is null || !photos.Contains(person.Value)),
                    Skills = person is { } skilled ? skills[skilled].ToDictionary(s => s.SkillId, s => s.Mark) : new Dictionary<Programmes.SkillId, SkillMark>(),
                    Proofs = [.. signatures.Where(s => s.AttendeeId == a.Id)],
                    Machines = person is { } maker && times.TryGetValue(maker, out var uses) ? uses : [],
                };
            }).OrderBy(line => line.Row is { PersonId: null, FirstName.Length: 0 }).ThenBy(line => line.Row is { PersonId: null, FirstName.Length: 0 } ? "" : line.Name, StringComparer.CurrentCulture).ThenBy(line => line.Row.Number),
        ];

        string NameOf(Attendee a) => a switch
        {
            { FirstName.Length: > 0 } => a.FirstName,
            { PersonId: { } person } when leads || viewer.MaySee(person) => names.GetValueOrDefault(person) ?? "?",
            _ => $"{(viewer.Actor is null ? "" : "n° ")}{a.Number.ToString(CultureInfo.InvariantCulture)}",
        };
    }

    /// <summary>From the ledger: what machines were on for people of the list while it was held.</summary>
    private async Task<Dictionary<PersonId, IReadOnlyList<(string Code, Duration On)>>> MachineTimeAsync(GroupSession session, List<PersonId> ids, Instant now, CancellationToken cancellationToken)
    {
        if (session.OpenedAt is not { } from || ids.Count == 0)
            return [];
        var until = session.ClosedAt is { } closed ? Instant.Max(closed, session.End) : now;
        var start = Instant.Min(from, session.Start);
        var rows = await LedgerSums.Rows(db, new LedgerScope(start, until)).Where(r => r.PersonId != null && ids.Contains(r.PersonId.Value))
            .GroupBy(r => new { r.PersonId, r.MachineId }).Select(g => new { g.Key.PersonId, g.Key.MachineId, On = g.Sum(r => r.PoweredMs) }).ToListAsync(cancellationToken);
        var codes = await db.Machines.Select(m => new { m.Id, m.Code }).ToDictionaryAsync(m => m.Id, m => m.Code, cancellationToken);
        return rows.Where(r => r.On > 0).GroupBy(r => r.PersonId!.Value).ToDictionary(
            g => g.Key,
            g => (IReadOnlyList<(string, Duration)>)[.. g.Select(r => (codes.GetValueOrDefault(r.MachineId) ?? "?", Duration.FromMilliseconds(r.On))).OrderBy(r => r.Item1, StringComparer.Ordinal)]);
    }

    /// <summary>The skills of its step first; without a step those of its programme; without either all there are.</summary>
    private async Task<IReadOnlyList<SkillLine>> SkillsAsync(GroupSession session, CancellationToken cancellationToken)
    {
        var worked = (await db.SessionTopics.Where(t => t.SessionId == session.Id).Select(t => t.SkillId).ToListAsync(cancellationToken)).ToHashSet();
        var wanted = session switch
        {
            { StepId: { } step } => db.StepSkills.Where(s => s.StepId == step).Select(s => s.SkillId),
            { ProgrammeId: { } programme } => db.StepSkills.Where(s => db.PathwaySteps.Any(p => p.Id == s.StepId && db.Pathways.Any(w => w.Id == p.PathwayId && w.ProgrammeId == programme))).Select(s => s.SkillId),
            _ => db.Skills.Where(s => !s.Retired).Select(s => s.Id),
        };
        var ids = (await wanted.ToListAsync(cancellationToken)).ToHashSet();
        if (ids.Count == 0)
            ids = [.. await db.Skills.Where(s => !s.Retired).Select(s => s.Id).ToListAsync(cancellationToken)];
        ids.UnionWith(worked);
        return [.. (await db.Skills.OrderBy(s => s.Kind).ThenBy(s => s.NameFr).ToListAsync(cancellationToken)).Where(s => ids.Contains(s.Id))
            .Select(s => new SkillLine(s.Id, Named(s.NameFr, s.NameEn), s.Kind, worked.Contains(s.Id)))];
    }

    private sealed record StepIdAndName(Programmes.PathwayId Pathway, Words Name);
}
