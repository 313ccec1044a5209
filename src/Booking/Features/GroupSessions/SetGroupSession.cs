using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Hours;
using FabLab.Booking.Features.Programmes;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Sites;
using FabLab.Core;
using FabLab.Core.Scheduling;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.GroupSessions;

/// <summary>A mentor of a séance and for whom they work.</summary>
public sealed record MentorToBe(PersonId Person, string? Employer = null);

/// <summary>A séance as it is to be. A change names the version it saw; version 0 for a new one.</summary>
/// <param name="Title">1 to 100 characters.</param>
/// <param name="Start">Included.</param>
/// <param name="Minutes">How long, 15 minutes to 24 hours.</param>
public sealed record GroupSessionToBe(string? Title, Instant Start, int Minutes)
{
    public GroupSessionKind Kind { get; init; }

    public ProgrammeId? Programme { get; init; }

    public StepId? Step { get; init; }

    public PlaceKind PlaceKind { get; init; }

    /// <summary>The number of the site where it is held, at the lab; null = as it stands, of a new one the first.</summary>
    public int? Site { get; init; }

    public string? Place { get; init; }

    public string? Commune { get; init; }

    public string? PostCode { get; init; }

    public string? Insee { get; init; }

    public PersonId? Lead { get; init; }

    /// <summary>Its members come on the list; machines are kept for it.</summary>
    public Guid? Group { get; init; }

    public ProjectId? Project { get; init; }

    /// <summary>How many are expected, where they are not named.</summary>
    public int? Expected { get; init; }

    /// <summary>How many young people one mentor may have at machines at once; null = as the place says.</summary>
    public int? PerMentor { get; init; }

    public SessionLevel Level { get; init; }

    public SessionMaterials Materials { get; init; }

    public SessionThemes Themes { get; init; }

    public IReadOnlyList<PartnerId> Partners { get; init => field = value ?? []; } = [];

    /// <summary>Null: those of the programme.</summary>
    public IReadOnlyList<StrandId>? Strands { get; init; }

    public IReadOnlyList<MentorToBe> Mentors { get; init => field = value ?? []; } = [];

    /// <summary>Machines, rooms and kits it is held at.</summary>
    public IReadOnlyList<MachineId> Machines { get; init => field = value ?? []; } = [];

    /// <summary>Whether they are kept for it; else they are used when they are free.</summary>
    public bool KeepMachines { get; init; } = true;

    /// <summary>Of a new one: the same each week at the same hour, up to this day included. Null: once. A change is of one séance.</summary>
    public LocalDate? RepeatUntil { get; init; }

    /// <summary>Of a new one that is repeated: not on public holidays nor while school is out. The first day is as it was named.</summary>
    public bool WithoutHolidays { get; init; }

    public long Version { get; init; }
}

/// <summary>A séance that was made or changed; of several that were made, the first.</summary>
public sealed record GroupSessionSet(GroupSessionId Id, GroupSessionState State, long Version)
{
    /// <summary>How many were made, from 1.</summary>
    public int Made { get; init; } = 1;
}

/// <summary>Why it does not take place.</summary>
public sealed record GroupSessionCancel(string? Why, long Version);

/// <summary>Makes, proposes, accepts, changes and cancels séances, with the machines they keep.</summary>
internal sealed class SetGroupSession(BookingWriter writer, BookingDesk desk, SchoolHolidays school)
{
    /// <summary>
    /// Rules for somebody who books for themselves: a séance is as long as it is, and nobody's quota. Closed is closed, also for it,
    /// unless staff say otherwise.
    /// </summary>
    private static readonly ValueList<BookingReason> NotForGroups =
    [
        BookingReason.NotBookable, BookingReason.NoticeTooShort, BookingReason.TooFarAhead, BookingReason.TooShort, BookingReason.TooLong, BookingReason.OffStep,
        BookingReason.GroupTime, BookingReason.OpenLabTime, BookingReason.SetUpTime, BookingReason.TooManyUpcoming, BookingReason.QuotaUsed,
    ];

    private static readonly ValueList<BookingReason> Everything = [.. BookingReasons.All.Where(reason => reason.CanBeWaived())];

    public const int MostExpected = 2000;

    /// <summary>The most séances that are made at once: a year of weeks.</summary>
    public const int MostRepeated = 53;

    public const int MostPerMentor = 40;

    public static void Map(RouteGroupBuilder preparing, RouteGroupBuilder leading, RouteGroupBuilder keeping)
    {
        preparing.MapPost("/group-sessions", async (GroupSessionToBe request, HttpContext http, SetGroupSession handler, CancellationToken cancellationToken) =>
                (await handler.AddAsync(request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status201Created))
            .WithName("AddGroupSession").WithTags("group sessions").WithSummary("Plans a session of a group; from a partner, proposes it.")
            .Produces<GroupSessionSet>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        preparing.MapPut("/group-sessions/{id:guid}", async (Guid id, GroupSessionToBe request, HttpContext http, SetGroupSession handler, CancellationToken cancellationToken) =>
                (await handler.ChangeAsync(new GroupSessionId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("ChangeGroupSession").WithTags("group sessions").WithSummary("Changes a session; the machines it keeps go with it.")
            .Produces<GroupSessionSet>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        keeping.MapPost("/group-sessions/{id:guid}/accept", async (Guid id, HttpContext http, SetGroupSession handler, CancellationToken cancellationToken) =>
                (await handler.AcceptAsync(new GroupSessionId(id), http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("AcceptGroupSession").WithTags("group sessions").WithSummary("Says yes to a session that a partner proposed.")
            .Produces<GroupSessionSet>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        preparing.MapPost("/group-sessions/{id:guid}/cancel", async (Guid id, GroupSessionCancel request, HttpContext http, SetGroupSession handler, CancellationToken cancellationToken) =>
                (await handler.CancelAsync(new GroupSessionId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("CancelGroupSession").WithTags("group sessions").WithSummary("Cancels a session and frees what it keeps.")
            .Produces<GroupSessionSet>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        leading.MapPost("/group-sessions/{id:guid}/resume", async (Guid id, HttpContext http, SetGroupSession handler, CancellationToken cancellationToken) =>
                (await handler.ResumeAsync(new GroupSessionId(id), http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("ResumeGroupSession").WithTags("group sessions").WithSummary("Takes the cancelling of a session back; what it kept is to be kept again.")
            .Produces<GroupSessionSet>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    public Task<Outcome<GroupSessionSet>> AddAsync(GroupSessionToBe request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<GroupSessionSet>(
            async (write, cancel) =>
            {
                var db = write.Db;
                var reach = by.Reach(Right.LeadSessions);
                var proposes = reach == Reach.None;
                // Who is held to their own leads what they make; a partner proposes for their own organisation.
                if (reach == Reach.Own && request.Mentors.All(m => m.Person != by.Id))
                    request = request with { Mentors = [new MentorToBe(by.Id), .. request.Mentors] };
                if (proposes)
                {
                    var own = await db.PartnerPeople.Where(p => p.PersonId == by.Id && db.Partners.Any(b => b.Id == p.PartnerId && !b.Retired)).Select(p => p.PartnerId).ToListAsync(cancel);
                    if (own.Count == 0)
                        return Refusal.NotAllowed;
                    request = request with
                    {
                        Partners = request.Partners.Intersect(own).ToList() is { Count: > 0 } named ? named : [own[0]],
                        Lead = null, Mentors = [new MentorToBe(by.Id)], Machines = [], Strands = null, PerMentor = null,
                    };
                }
                if (await FaultAsync(write, by, request, null, cancel) is { } fault)
                    return fault;
                var schedule = (await LabHours.ReadAsync(db, school.Calendar, cancel)).Schedule;
                if (Starts(request, schedule) is not { Count: <= MostRepeated } starts)
                    return Refusal.BadValue("repeatUntil", $"From its day on, at most {MostRepeated} weeks.");
                // All of them or none: each is a séance of its own from now on.
                GroupSession? first = null;
                foreach (var start in starts)
                {
                    var session = new GroupSession
                    {
                        Id = GroupSessionId.New(write.Now),
                        Title = Text.Required(request.Title, GroupSession.MaxTitle)!,
                        Start = start,
                        End = start + Duration.FromMinutes(request.Minutes),
                        State = proposes ? GroupSessionState.Proposed : GroupSessionState.Planned,
                        MadeBy = by.Id,
                        CreatedAt = write.Now,
                        Version = 1,
                    };
                    first ??= session;
                    db.GroupSessions.Add(session);
                    await db.SaveChangesAsync(cancel);
                    if (await FillAsync(write, session, request, by, cancel) is { } refusal)
                        return starts.Count == 1 ? refusal : On(start, schedule.Zone, refusal);
                    write.Audit(by.Id, proposes ? "group_session.proposed" : "group_session.added", session.Id.Value, session.Title);
                }
                return new GroupSessionSet(first!.Id, first.State, first.Version) { Made = starts.Count };
            },
            cancellationToken);

    public Task<Outcome<GroupSessionSet>> ChangeAsync(GroupSessionId id, GroupSessionToBe request, StaffActor by, CancellationToken cancellationToken) =>
        writer.LedAsync<GroupSessionSet>(id, Right.PrepareSessions, by, async (write, session, cancel) =>
        {
            if (session.Version != request.Version)
                return Refusal.Stale;
            var leads = await write.Db.MayAsync(by, Right.LeadSessions, session, cancel);
            // Nobody who is held to their own locks themselves out.
            if (by.Reach(Right.LeadSessions) == Reach.Own && request.Mentors.All(m => m.Person != by.Id)
                && await write.Db.SessionMentors.SingleOrDefaultAsync(m => m.SessionId == id && m.PersonId == by.Id, cancel) is { } self)
                request = request with { Mentors = [new MentorToBe(by.Id, self.Employer), .. request.Mentors] };
            // A partner changes what it proposed while nobody has said yes; who, where and with what is the lab's.
            if (!leads)
            {
                if (session.State != GroupSessionState.Proposed)
                    return Refusal.NotAllowed;
                request = request with
                {
                    Lead = session.Lead, PerMentor = session.PerMentor, Machines = [], Strands = null,
                    Partners = await write.Db.SessionPartners.Where(p => p.SessionId == id).Select(p => p.PartnerId).ToListAsync(cancel),
                    Mentors = [.. (await write.Db.SessionMentors.Where(m => m.SessionId == id).ToListAsync(cancel)).Select(m => new MentorToBe(m.PersonId, m.Employer))],
                };
            }
            if (await FaultAsync(write, by, request, session, cancel) is { } fault)
                return fault;
            var moved = request.Start != session.Start || request.Start + Duration.FromMinutes(request.Minutes) != session.End;
            if (moved && session.OpenedAt is not null && session.State != GroupSessionState.Open)
                return Refusal.Conflict("group_session_held", "It was held: its day and hour stand.", "start");
            session.Title = Text.Required(request.Title, GroupSession.MaxTitle)!;
            session.Start = request.Start;
            session.End = request.Start + Duration.FromMinutes(request.Minutes);
            session.Version++;
            if (await FillAsync(write, session, request, by, cancel, moved) is { } refusal)
                return refusal;
            write.Audit(by.Id, GroupSessionAccess.Act(session, "changed"), id.Value, session.Title);
            return new GroupSessionSet(id, session.State, session.Version);
        }, cancellationToken);

    public Task<Outcome<GroupSessionSet>> AcceptAsync(GroupSessionId id, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<GroupSessionSet>(
            async (write, cancel) =>
            {
                if (await write.GroupSessionAsync(id, cancel) is not { } session)
                    return Refusal.NotFound("group_session");
                // Yes is said by who may for all: the mentor of the partner is one of its own.
                if (!by.Has(Right.KeepProgrammes))
                    return Refusal.NotAllowed;
                if (session.State == GroupSessionState.Planned)
                    return new GroupSessionSet(id, session.State, session.Version);
                if (session.State != GroupSessionState.Proposed)
                    return Refusal.Conflict("group_session_not_proposed", "It is not a proposal.");
                session.State = GroupSessionState.Planned;
                session.Version++;
                write.Audit(by.Id, "group_session.accepted", id.Value);
                return new GroupSessionSet(id, session.State, session.Version);
            },
            cancellationToken);

    public Task<Outcome<GroupSessionSet>> CancelAsync(GroupSessionId id, GroupSessionCancel request, StaffActor by, CancellationToken cancellationToken) =>
        writer.LedAsync<GroupSessionSet>(id, Right.PrepareSessions, by, async (write, session, cancel) =>
        {
            if (session.Version != request.Version)
                return Refusal.Stale;
            if (!await write.Db.MayAsync(by, Right.LeadSessions, session, cancel) && session.State != GroupSessionState.Proposed)
                return Refusal.NotAllowed;
            if (Text.Required(request.Why, GroupSession.MaxWhy) is not { } why)
                return Refusal.BadValue("why", $"Say why, in 1 to {GroupSession.MaxWhy} characters.");
            if (session.State is not (GroupSessionState.Planned or GroupSessionState.Proposed))
                return Refusal.Conflict("group_session_held", "It was held or is being held.");
            foreach (var machine in await write.Db.SessionMachines.Where(m => m.SessionId == id).ToListAsync(cancel))
                await FreeAsync(write, machine, by, cancel);
            session.State = GroupSessionState.Cancelled;
            session.CancelledWhy = why;
            session.Version++;
            write.Audit(by.Id, "group_session.cancelled", id.Value, why);
            return new GroupSessionSet(id, session.State, session.Version);
        }, cancellationToken);

    public Task<Outcome<GroupSessionSet>> ResumeAsync(GroupSessionId id, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<GroupSessionSet>(
            async (write, cancel) =>
            {
                if (await write.GroupSessionAsync(id, cancel) is not { } session)
                    return Refusal.NotFound("group_session");
                if (!await write.Db.MayAsync(by, Right.LeadSessions, session, cancel))
                    return Refusal.NotAllowed;
                if (session.State != GroupSessionState.Cancelled)
                    return Refusal.Conflict("group_session_not_cancelled", "The session is not cancelled.");
                session.State = GroupSessionState.Planned;
                session.CancelledWhy = "";
                session.Version++;
                write.Audit(by.Id, "group_session.resumed", id.Value);
                return new GroupSessionSet(id, session.State, session.Version);
            },
            cancellationToken);

    /// <summary>When it begins, each time: the same hour by the clock on the wall. Null when the last day lies before the first.</summary>
    private static List<Instant>? Starts(GroupSessionToBe request, SiteSchedule schedule)
    {
        var starts = new List<Instant> { request.Start };
        if (request.RepeatUntil is not { } last)
            return starts;
        var local = request.Start.InZone(schedule.Zone).LocalDateTime;
        if (last < local.Date)
            return null;
        for (var next = local.PlusWeeks(1); next.Date <= last && starts.Count <= MostRepeated; next = next.PlusWeeks(1))
        {
            if (!request.WithoutHolidays || schedule.Note(next.Date) is { PublicHoliday: null, School: not SchoolDay.Holiday })
                starts.Add(next.InZoneLeniently(schedule.Zone).ToInstant());
        }
        return starts;
    }

    /// <summary>Which of several could not be had.</summary>
    private static Refusal On(Instant start, DateTimeZone zone, Refusal refusal)
    {
        var day = start.InZone(zone).Date;
        return refusal with
        {
            Detail = $"{day:uuuu-MM-dd}: {refusal.Detail}",
            Sentence = new Words(
                $"{Say(day.Day == 1 ? "d'er' MMMM uuuu" : "d MMMM uuuu", "fr-FR")} : {refusal.Sentence?.Fr ?? refusal.Detail}",
                $"{Say("d MMMM uuuu", "en-GB")}: {refusal.Sentence?.En ?? refusal.Detail}"),
        };

        string Say(string pattern, string culture) => day.ToString(pattern, System.Globalization.CultureInfo.GetCultureInfo(culture));
    }

    private static async Task<Refusal?> FaultAsync(BookingWrite write, StaffActor by, GroupSessionToBe request, GroupSession? was, CancellationToken cancel)
    {
        var db = write.Db;
        if (Text.Required(request.Title, GroupSession.MaxTitle) is null)
            return Refusal.BadValue("title", $"A title of 1 to {GroupSession.MaxTitle} characters.");
        if (request.Start != was?.Start && (request.Start < write.Now - Duration.FromDays(366) || request.Start > write.Now + Duration.FromDays(731)))
            return Refusal.BadValue("start", "Within a year back and two years ahead.");
        if (was is not null && request.RepeatUntil is not null)
            return Refusal.BadValue("repeatUntil", "A change is of one session.");
        if (request.Minutes is < 15 or > 24 * 60)
            return Refusal.BadValue("minutes", "15 minutes to 24 hours.");
        if (!Enum.IsDefined(request.Kind) || !Enum.IsDefined(request.PlaceKind) || !Enum.IsDefined(request.Level))
            return Refusal.BadValue("kind", "One of these words is not known.");
        if (((int)request.Materials & ~15) != 0 || ((int)request.Themes & ~2047) != 0)
            return Refusal.BadValue("themes", "One of these words is not known.");
        if (request.Place?.Length > GroupSession.MaxPlace || request.Commune?.Length > GroupSession.MaxCommune || request.PostCode?.Length > GroupSession.MaxPostCode)
            return Refusal.BadValue("place", "This place is too long.");
        if (!string.IsNullOrWhiteSpace(request.Insee) && !(request.Insee.Trim() is { Length: GroupSession.MaxInsee } code && code.All(char.IsAsciiLetterOrDigit)))
            return Refusal.BadValue("insee", "The code of a commune has five signs.");
        if (request.Site is { } site && site != was?.Site && !await db.HasSiteAsync(site, cancel))
            return Refusal.NotFound("site");
        if (request.Expected is < 0 or > MostExpected)
            return Refusal.BadValue("expected", $"0 to {MostExpected}.");
        if (request.PerMentor is < 1 or > MostPerMentor)
            return Refusal.BadValue("perMentor", $"1 to {MostPerMentor}.");
        if (request.Mentors.Any(m => m is null) || request.Mentors.Count > 20 || request.Machines.Count > 40 || request.Partners.Count > 20 || request.Strands?.Count > 20)
            return Refusal.BadValue("mentors", "At most 20 mentors, 20 partners, 20 strands and 40 machines.");
        if (request.Programme is { } programme && programme != was?.ProgrammeId && !await db.Programmes.AnyAsync(p => p.Id == programme && !p.Closed, cancel))
            return Refusal.NotFound("programme");
        if (request.Step is { } step && !await db.PathwaySteps.AnyAsync(s => s.Id == step && db.Pathways.Any(p => p.Id == s.PathwayId && p.ProgrammeId == request.Programme), cancel))
            return Refusal.BadValue("step", "It is no step of this programme.");
        if (request.Project is { } project && project != was?.ProjectId && !await db.Projects.AnyAsync(p => p.Id == project && !p.Closed, cancel))
            return Refusal.NotFound("project");
        if (request.Group is { } group && group != was?.GroupId)
        {
            if (!await db.PersonGroups.AnyAsync(g => g.Id == group && !g.Closed, cancel))
                return Refusal.NotFound("group");
            if (by.Reach(Right.PrepareSessions) != Reach.All && !await db.GroupPlaces.AnyAsync(p => p.GroupId == group && p.PersonId == by.Id && p.Part == GroupPart.LooksAfter, cancel))
                return Refusal.NotAllowed;
        }
        List<PersonId> people = [.. request.Mentors.Select(m => m.Person).Concat(request.Lead is { } lead ? [lead] : []).Distinct()];
        if (await db.People.CountAsync(p => people.Contains(p.Id) && p.Active, cancel) != people.Count)
            return Refusal.NotFound("person");
        List<PartnerId> partners = [.. request.Partners.Distinct()];
        if (await db.Partners.CountAsync(p => partners.Contains(p.Id), cancel) != partners.Count)
            return Refusal.NotFound("partner");
        List<StrandId> strands = [.. (request.Strands ?? []).Distinct()];
        if (await db.FunderStrands.CountAsync(s => strands.Contains(s.Id), cancel) != strands.Count)
            return Refusal.NotFound("strand");
        List<MachineId> machines = [.. request.Machines.Distinct()];
        return await db.Machines.CountAsync(m => machines.Contains(m.Id) && !m.Retired, cancel) != machines.Count ? Refusal.NotFound("machine") : null;
    }

    private async Task<Refusal?> FillAsync(BookingWrite write, GroupSession session, GroupSessionToBe request, StaffActor by, CancellationToken cancel, bool moved = false)
    {
        var (db, id) = (write.Db, session.Id);
        session.Kind = request.Kind;
        session.ProgrammeId = request.Programme;
        session.StepId = request.Step;
        session.PlaceKind = request.PlaceKind;
        session.Site = request.Site ?? session.Site;
        session.Place = Text.Clean(request.Place, GroupSession.MaxPlace);
        session.Commune = Text.Clean(request.Commune, GroupSession.MaxCommune);
        session.PostCode = Text.Clean(request.PostCode, GroupSession.MaxPostCode);
        session.Insee = Text.Clean(request.Insee, GroupSession.MaxInsee).ToUpperInvariant();
        session.Lead = request.Lead;
        session.ProjectId = request.Project;
        session.Expected = request.Expected;
        session.PerMentor = request.PerMentor;
        (session.Level, session.Materials, session.Themes) = (request.Level, request.Materials, request.Themes);

        var newGroup = request.Group is not null && request.Group != session.GroupId;
        session.GroupId = request.Group;
        if (newGroup)
        {
            var members = await db.GroupPlaces.Where(p => p.GroupId == request.Group && p.Part == GroupPart.Member).Select(p => p.PersonId).ToListAsync(cancel);
            await KeepList.AddPeopleAsync(write, session, members, cancel);
        }

        var partners = await db.SessionPartners.Where(p => p.SessionId == id).ToListAsync(cancel);
        db.SessionPartners.RemoveRange(partners.Where(p => !request.Partners.Contains(p.PartnerId)));
        db.SessionPartners.AddRange(request.Partners.Distinct().Where(p => partners.TrueForAll(b => b.PartnerId != p)).Select(p => new SessionPartner { SessionId = id, PartnerId = p }));

        var wanted = request.Strands ?? (session.ProgrammeId is { } programme
            ? await db.ProgrammeStrands.Where(s => s.ProgrammeId == programme).Select(s => s.StrandId).ToListAsync(cancel)
            : []);
        var strands = await db.SessionStrands.Where(s => s.SessionId == id).ToListAsync(cancel);
        db.SessionStrands.RemoveRange(strands.Where(s => !wanted.Contains(s.StrandId)));
        db.SessionStrands.AddRange(wanted.Distinct().Where(s => strands.TrueForAll(b => b.StrandId != s)).Select(s => new SessionStrand { SessionId = id, StrandId = s }));

        var mentors = await db.SessionMentors.Where(m => m.SessionId == id).ToListAsync(cancel);
        // Who was there stays on the sheet.
        db.SessionMentors.RemoveRange(mentors.Where(m => m.ArrivedAt is null && request.Mentors.All(w => w.Person != m.PersonId)));
        foreach (var mentor in request.Mentors.DistinctBy(m => m.Person))
        {
            var row = mentors.Find(m => m.PersonId == mentor.Person);
            if (row is null)
                db.SessionMentors.Add(row = new SessionMentor { SessionId = id, PersonId = mentor.Person });
            row.Employer = Text.Clean(mentor.Employer, SessionMentor.MaxEmployer);
        }
        await db.SaveChangesAsync(cancel);
        return await MachinesAsync(write, session, request, by, moved, cancel);
    }

    /// <summary>Keeps and frees machines. One that cannot be had refuses the whole change, and says which and why.</summary>
    private async Task<Refusal?> MachinesAsync(BookingWrite write, GroupSession session, GroupSessionToBe request, StaffActor by, bool moved, CancellationToken cancel)
    {
        var db = write.Db;
        var rows = await db.SessionMachines.Where(m => m.SessionId == session.Id).ToListAsync(cancel);
        foreach (var row in rows)
        {
            var stays = request.Machines.Contains(row.MachineId);
            if (row.BookingId is not null && (!stays || moved || !request.KeepMachines))
                await FreeAsync(write, row, by, cancel);
            if (!stays)
                db.SessionMachines.Remove(row);
        }
        await db.SaveChangesAsync(cancel);
        foreach (var machine in request.Machines.Distinct())
        {
            var row = rows.Find(m => m.MachineId == machine);
            if (row is null)
                db.SessionMachines.Add(row = new SessionMachine { SessionId = session.Id, MachineId = machine });
            // What is past cannot be kept any more.
            if (request.KeepMachines && row.BookingId is null && session.End > write.Now && session.PlaceKind == PlaceKind.Lab)
            {
                var kept = await KeepAsync(write, session, machine, by, cancel);
                if (kept.Refusal is { } refusal)
                    return refusal with { Field = machine.ToString() };
                row.BookingId = kept.Value;
            }
        }
        await db.SaveChangesAsync(cancel);
        return null;
    }

    private async Task<Outcome<BookingId>> KeepAsync(BookingWrite write, GroupSession session, MachineId machine, StaffActor by, CancellationToken cancel)
    {
        // For the group that comes; without one staff keep it free of bookings, under the name of the séance.
        var block = session.GroupId is null;
        var asked = await BookingDesk.PartyAsync(write.Db, by, null, session.GroupId, block, null, session.Title, cancel);
        if (asked.Refusal is { } no)
        {
            return no.Code == Contracts.ProblemCodes.NotAllowed && block
                ? Refusal.Conflict("group_needed", "Machines are kept for a group: name one, or ask the front desk.")
                : no;
        }
        var party = asked.Value;
        await BookingDesk.OneAtATimeAsync(write, cancel);
        var settings = await desk.Reader.SettingsAsync(write.Db, cancel);
        var places = block && settings.Resources.TryGetValue(machine, out var resource) ? resource.Terms.Capacity : 1;
        // It may be opened while it runs; what has passed of it is not kept.
        var wish = new BookingWish(Instant.Max(session.Start, write.Now), session.End) { Places = places, Actor = BookingActor.Staff, Group = party.GroupKey, Waive = by.Reach(Right.Book) == Reach.All ? Everything : NotForGroups };
        switch (await desk.DecideAsync(write.Db, write.Now, [machine], wish, null, cancel))
        {
            case BookingDecision.Accepted accepted:
                var booking = await BookMachine.MakeAsync(write, settings, accepted, party, new BookMachine.Words(null, null, session.ProjectId, session.Title, block), by, cancel);
                await write.Db.SaveChangesAsync(cancel);
                return booking.Id;
            case BookingDecision.Refused refused:
                return BookingDesk.ToRefusal(refused);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static async Task FreeAsync(BookingWrite write, SessionMachine row, StaffActor by, CancellationToken cancel)
    {
        if (row.BookingId is { } id && await write.Db.Reservations.SingleOrDefaultAsync(r => r.Id == id && r.CancelledAt == null, cancel) is { } booking)
            await CancelBooking.ApplyAsync(write, booking, late: false, null, by, cancel);
        row.BookingId = null;
    }
}
