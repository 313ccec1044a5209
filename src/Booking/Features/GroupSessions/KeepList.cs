using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using FabLab.Core.Visits;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.GroupSessions;

/// <summary>Who is to be on the list besides those who are.</summary>
public sealed record ListAddition
{
    /// <summary>People of the lab.</summary>
    public IReadOnlyList<PersonId> People { get; init => field = value ?? []; } = [];

    /// <summary>First names only, for people who are nobody of the lab.</summary>
    public IReadOnlyList<string> FirstNames { get; init => field = value ?? []; } = [];

    /// <summary>So many people without any name: each gets a number.</summary>
    public int Numbers { get; init; }
}

/// <summary>What became of it.</summary>
/// <param name="Added">How many lines came on the list.</param>
/// <param name="Already">Who was on it or was named twice; they are there once.</param>
public sealed record ListAdded(int Added, IReadOnlyList<string> Already);

/// <summary>A list that was copied to séances planned together with its own.</summary>
/// <param name="Sessions">To how many.</param>
/// <param name="Added">How many lines came on their lists, all together.</param>
/// <param name="At">When, to the millisecond: what the copy can be taken back by.</param>
public sealed record ListCopied(int Sessions, int Added, Instant At);

/// <summary>What is known of somebody of the list, as activity reports count; all of it optional.</summary>
public sealed record AttendeeDetails(
    AttendeeId Attendee, AgeBand? Band, Gender Gender, Occupation Occupation, bool? Known, string? CameWith, PriorityArea PriorityArea = PriorityArea.NotSaid);

/// <summary>Which line goes.</summary>
public sealed record ListRemoval(AttendeeId Attendee);

/// <summary>The list of a séance: named people, first names only, or numbers. Nobody is on it twice.</summary>
internal sealed class KeepList(BookingWriter writer)
{
    public const int MostLines = 500;

    public static void Map(RouteGroupBuilder preparing, RouteGroupBuilder leading)
    {
        preparing.MapPost("/group-sessions/{id:guid}/list", async (Guid id, ListAddition request, HttpContext http, KeepList handler, CancellationToken cancellationToken) =>
                (await handler.AddAsync(new GroupSessionId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("AddToGroupSessionList").WithTags("group sessions").WithSummary("Puts people, first names or numbers on the list.")
            .Produces<ListAdded>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        preparing.MapPost("/group-sessions/{id:guid}/list/copy", async (Guid id, HttpContext http, KeepList handler, CancellationToken cancellationToken) =>
                (await handler.CopyAsync(new GroupSessionId(id), http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("CopyGroupSessionList").WithTags("group sessions").WithSummary("Copies the list to the sessions to come that were planned together with this one.")
            .Produces<ListCopied>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        preparing.MapPost("/group-sessions/{id:guid}/list/remove", async (Guid id, ListRemoval request, HttpContext http, KeepList handler, CancellationToken cancellationToken) =>
                (await handler.RemoveAsync(new GroupSessionId(id), request.Attendee, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("RemoveFromGroupSessionList").WithTags("group sessions").WithSummary("Takes a line off the list, while nobody was noted as present.")
            .Produces<ListAdded>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        leading.MapPost("/group-sessions/{id:guid}/list/details", async (Guid id, AttendeeDetails request, HttpContext http, KeepList handler, CancellationToken cancellationToken) =>
                (await handler.DescribeAsync(new GroupSessionId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("DescribeGroupSessionAttendee").WithTags("group sessions").WithSummary("Says what activity reports count of somebody of the list.")
            .Produces<ListAdded>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    public Task<Outcome<ListAdded>> AddAsync(GroupSessionId id, ListAddition request, StaffActor by, CancellationToken cancellationToken) =>
        writer.LedAsync<ListAdded>(id, Right.PrepareSessions, by, async (write, session, cancel) =>
        {
            List<PersonId> people = [.. request.People ?? []];
            List<string> names = [.. (request.FirstNames ?? []).Select(name => Text.Clean(name, int.MaxValue)).Where(name => name.Length > 0)];
            if (names.Exists(name => name.Length > Attendee.MaxName))
                return Refusal.BadValue("firstNames", $"A first name has at most {Attendee.MaxName} characters.");
            if (request.Numbers is < 0 or > MostLines)
                return Refusal.BadValue("numbers", $"0 to {MostLines}.");
            if (people.Count + names.Count + request.Numbers == 0)
                return Refusal.BadValue("people", "Say who.");
            var there = await write.Db.Attendees.CountAsync(a => a.SessionId == id, cancel);
            if (there + people.Count + names.Count + request.Numbers > MostLines)
                return Refusal.Conflict("list_full", $"A list has at most {MostLines} lines. Count the others without a name.", "numbers");
            foreach (var person in people.Distinct())
            {
                if (!await write.Db.People.AnyAsync(p => p.Id == person && p.Active, cancel))
                    return Refusal.NotFound("person");
                // Who may not see somebody does not put them on a list either.
                if (!await write.Db.MayAsync(by, Right.FindPeople, person, cancel))
                    return Refusal.NotAllowed;
            }
            var already = await AddPeopleAsync(write, session, people, cancel);
            var twice = new List<string>(already);
            var known = await FirstNamesAsync(write, id, cancel);
            var number = await LastAsync(write, id, cancel);
            foreach (var name in names)
            {
                if (known.Add(name))
                    write.Db.Attendees.Add(new Attendee { Id = AttendeeId.New(write.Now), SessionId = id, Number = ++number, FirstName = name, AddedAt = write.Now });
                else
                    twice.Add(name);
            }
            for (var more = 0; more < request.Numbers; more++)
                write.Db.Attendees.Add(new Attendee { Id = AttendeeId.New(write.Now), SessionId = id, Number = ++number, AddedAt = write.Now });
            await write.Db.SaveChangesAsync(cancel);
            var added = await write.Db.Attendees.CountAsync(a => a.SessionId == id, cancel) - there;
            write.Audit(by.Id, GroupSessionAccess.Act(session, "list"), id.Value, $"+{added}");
            return new ListAdded(added, [.. twice.Distinct(StringComparer.CurrentCultureIgnoreCase)]);
        }, cancellationToken);

    public Task<Outcome<ListAdded>> RemoveAsync(GroupSessionId id, AttendeeId line, StaffActor by, CancellationToken cancellationToken) =>
        writer.LedAsync<ListAdded>(id, Right.PrepareSessions, by, async (write, session, cancel) =>
        {
            if (await write.Db.Attendees.SingleOrDefaultAsync(a => a.SessionId == id && a.Id == line, cancel) is not { } attendee)
                return new ListAdded(0, []);
            if (attendee.Status == AttendanceStatus.Present || await write.Db.SessionSignatures.AnyAsync(s => s.AttendeeId == line, cancel))
                return Refusal.Conflict("attendee_present", "This person was noted as present. Take that back first.");
            write.Db.Attendees.Remove(attendee);
            write.Audit(by.Id, GroupSessionAccess.Act(session, "list"), id.Value, "-1");
            return new ListAdded(-1, []);
        }, cancellationToken);

    public Task<Outcome<ListAdded>> DescribeAsync(GroupSessionId id, AttendeeDetails request, StaffActor by, CancellationToken cancellationToken) =>
        writer.LedAsync<ListAdded>(id, Right.LeadSessions, by, async (write, session, cancel) =>
        {
            if (await write.Db.Attendees.SingleOrDefaultAsync(a => a.SessionId == id && a.Id == request.Attendee, cancel) is not { } attendee)
                return Refusal.NotFound("attendee");
            if ((request.Band is { } band && !Enum.IsDefined(band)) || !Enum.IsDefined(request.Gender) || !Enum.IsDefined(request.Occupation) || !Enum.IsDefined(request.PriorityArea))
                return Refusal.BadValue("band", "One of these words is not known.");
            attendee.Band = request.Band;
            attendee.Gender = request.Gender;
            attendee.Occupation = request.Occupation;
            attendee.PriorityArea = request.PriorityArea;
            attendee.Known = request.Known;
            attendee.CameWith = Text.Clean(request.CameWith, Attendee.MaxWith);
            write.Audit(by.Id, GroupSessionAccess.Act(session, "described"), id.Value, attendee.PersonId?.ToString() ?? "");
            return new ListAdded(0, []);
        }, cancellationToken);

    /// <summary>Puts people on the list who are not on it; says how those are called who were.</summary>
    internal static async Task<IReadOnlyList<string>> AddPeopleAsync(BookingWrite write, GroupSession session, IReadOnlyList<PersonId> people, CancellationToken cancel)
    {
        var listed = (await write.Db.Attendees.Where(a => a.SessionId == session.Id && a.PersonId != null).Select(a => a.PersonId!.Value).ToListAsync(cancel)).ToHashSet();
        var number = await LastAsync(write, session.Id, cancel);
        var twice = new List<PersonId>();
        foreach (var person in people)
        {
            if (listed.Add(person))
                write.Db.Attendees.Add(new Attendee { Id = AttendeeId.New(write.Now), SessionId = session.Id, Number = ++number, PersonId = person, AddedAt = write.Now });
            else
                twice.Add(person);
        }
        await write.Db.SaveChangesAsync(cancel);
        return await write.Db.People.Where(p => twice.Contains(p.Id)).Select(p => p.DisplayName ?? p.ShortCode).ToListAsync(cancel);
    }

    /// <summary>Puts the list on every séance to come that was planned together with this one; who is on theirs already stays there once.</summary>
    public Task<Outcome<ListCopied>> CopyAsync(GroupSessionId id, StaffActor by, CancellationToken cancellationToken) =>
        writer.LedAsync<ListCopied>(id, Right.PrepareSessions, by, async (write, session, cancel) =>
        {
            var repeats = await Repeats(write.Db, session).ToListAsync(cancel);
            if (repeats.Count == 0)
                return Refusal.Conflict("no_repeats", "No session that was planned together with this one is still to come.");
            var lines = await write.Db.Attendees.AsNoTracking().Where(a => a.SessionId == id).OrderBy(a => a.Number).ToListAsync(cancel);
            var added = 0;
            foreach (var repeat in repeats)
            {
                var there = await write.Db.Attendees.CountAsync(a => a.SessionId == repeat.Id, cancel);
                await AddPeopleAsync(write, repeat, [.. lines.Select(line => line.PersonId).OfType<PersonId>()], cancel);
                var known = await FirstNamesAsync(write, repeat.Id, cancel);
                var numbers = await write.Db.Attendees.CountAsync(a => a.SessionId == repeat.Id && a.PersonId == null && a.FirstName == "", cancel);
                var number = await LastAsync(write, repeat.Id, cancel);
                foreach (var line in lines.Where(line => line.PersonId is null))
                {
                    // So many without a name as here, not so many more.
                    if (line.FirstName.Length > 0 ? !known.Add(line.FirstName) : --numbers >= 0)
                        continue;
                    write.Db.Attendees.Add(new Attendee
                    {
                        Id = AttendeeId.New(write.Now), SessionId = repeat.Id, Number = ++number, FirstName = line.FirstName, Band = line.Band, Gender = line.Gender,
                        Occupation = line.Occupation, PriorityArea = line.PriorityArea, Known = line.Known, CameWith = line.CameWith, AddedAt = write.Now,
                    });
                }
                await write.Db.SaveChangesAsync(cancel);
                var now = await write.Db.Attendees.CountAsync(a => a.SessionId == repeat.Id, cancel);
                if (now > MostLines)
                    return Refusal.Conflict("list_full", $"A list has at most {MostLines} lines. Count the others without a name.", "numbers");
                if (now > there)
                    write.Audit(by.Id, GroupSessionAccess.Act(repeat, "list"), repeat.Id.Value, $"+{now - there}");
                added += now - there;
            }
            return new ListCopied(repeats.Count, added, write.Now);
        }, cancellationToken);

    /// <summary>Takes back what <see cref="CopyAsync"/> put on other lists at that instant, as far as nobody of it has come.</summary>
    public Task<Outcome<ListCopied>> UndoCopyAsync(GroupSessionId id, Instant at, StaffActor by, CancellationToken cancellationToken) =>
        writer.LedAsync<ListCopied>(id, Right.PrepareSessions, by, async (write, session, cancel) =>
        {
            var repeats = await Repeats(write.Db, session).ToListAsync(cancel);
            var taken = 0;
            foreach (var repeat in repeats)
            {
                var lines = await write.Db.Attendees.Where(a => a.SessionId == repeat.Id && a.AddedAt == at && a.Status == AttendanceStatus.Expected).ToListAsync(cancel);
                write.Db.Attendees.RemoveRange(lines);
                if (lines.Count > 0)
                    write.Audit(by.Id, GroupSessionAccess.Act(repeat, "list"), repeat.Id.Value, $"-{lines.Count}");
                taken += lines.Count;
            }
            return new ListCopied(repeats.Count, -taken, write.Now);
        }, cancellationToken);

    /// <summary>
    /// The séances to come that were planned together with this one. Each is its own since then, with its own title and hour; what they
    /// still share is that one person made them in one write.
    /// </summary>
    internal static IQueryable<GroupSession> Repeats(BookingDbContext db, GroupSession session) =>
        db.GroupSessions.Where(other => other.CreatedAt == session.CreatedAt && other.MadeBy == session.MadeBy && other.Start > session.Start
            && (other.State == GroupSessionState.Planned || other.State == GroupSessionState.Proposed));

    private static async Task<HashSet<string>> FirstNamesAsync(BookingWrite write, GroupSessionId id, CancellationToken cancel) =>
        (await write.Db.Attendees.Where(a => a.SessionId == id && a.FirstName != "").Select(a => a.FirstName).ToListAsync(cancel)).ToHashSet(StringComparer.CurrentCultureIgnoreCase);

    private static async Task<int> LastAsync(BookingWrite write, GroupSessionId id, CancellationToken cancel) =>
        await write.Db.Attendees.Where(a => a.SessionId == id).MaxAsync(a => (int?)a.Number, cancel) ?? 0;
}
