using System.Text.RegularExpressions;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Programmes;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.GroupSessions;

/// <summary>What happened, in three answers, and what else is said at the end.</summary>
public sealed record SheetNotes(string? Did, string? Learned, string? Next, long Version)
{
    /// <summary>Something went wrong that somebody must know.</summary>
    public bool Incident { get; init; }

    public string? IncidentText { get; init; }

    /// <summary>It was looked at who may not be on a picture.</summary>
    public bool PhotosChecked { get; init; }

    /// <summary>The skills worked on; null leaves them as they are.</summary>
    public IReadOnlyList<SkillId>? Skills { get; init; }
}

/// <summary>What is known of a skill of somebody; null takes the mark away.</summary>
public sealed record SkillMarking(PersonId Person, SkillId Skill, SkillMark? Mark);

/// <summary>What stood there before.</summary>
public sealed record SkillMarked(PersonId Person, SkillId Skill, SkillMark? Mark, SkillMark? Before);

/// <summary>A signature for one half-day: of a line of the list, or without one of the mentor who is signed in.</summary>
public sealed record Signing(AttendeeId? Attendee, LocalDate Day, HalfDay Half, string? Drawing);

/// <summary>A signature that was taken.</summary>
public sealed record SignatureTaken(Guid Id);

/// <summary>Which signature is taken back.</summary>
public sealed record SigningUndo(Guid Id);

/// <summary>Why a final sheet is corrected.</summary>
public sealed record SheetCorrection(string? Why);

/// <summary>The sheet of a séance: what happened, skills, signatures; and its correction once it is final.</summary>
internal sealed partial class KeepSheet(BookingWriter writer)
{
    public static void Map(RouteGroupBuilder leading)
    {
        leading.MapPut("/group-sessions/{id:guid}/sheet", async (Guid id, SheetNotes request, HttpContext http, KeepSheet handler, CancellationToken cancellationToken) =>
                (await handler.NoteAsync(new GroupSessionId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("SetGroupSessionSheet").WithTags("group sessions").WithSummary("Says what was done, what was learned and what follows.")
            .Produces<GroupSessionSet>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        leading.MapPost("/group-sessions/{id:guid}/skills", async (Guid id, SkillMarking request, HttpContext http, KeepSheet handler, CancellationToken cancellationToken) =>
                (await handler.SkillAsync(new GroupSessionId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("MarkGroupSessionSkill").WithTags("group sessions").WithSummary("Says that somebody worked on a skill or has shown it.")
            .Produces<SkillMarked>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        leading.MapPost("/group-sessions/{id:guid}/signatures", async (Guid id, Signing request, HttpContext http, KeepSheet handler, CancellationToken cancellationToken) =>
                (await handler.SignAsync(new GroupSessionId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status201Created))
            .WithName("SignGroupSession").WithTags("group sessions").WithSummary("Takes a signature for a half-day.")
            .Produces<SignatureTaken>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        leading.MapPost("/group-sessions/{id:guid}/signatures/undo", async (Guid id, SigningUndo request, HttpContext http, KeepSheet handler, CancellationToken cancellationToken) =>
                (await handler.UnsignAsync(new GroupSessionId(id), request.Id, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("UndoGroupSessionSignature").WithTags("group sessions").WithSummary("Takes a signature away.")
            .Produces<SignatureTaken>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        leading.MapPost("/group-sessions/{id:guid}/correction", async (Guid id, SheetCorrection request, HttpContext http, KeepSheet handler, CancellationToken cancellationToken) =>
                (await handler.CorrectAsync(new GroupSessionId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("CorrectGroupSession").WithTags("group sessions").WithSummary("Opens a final sheet for half an hour; why, and every change, is traced.")
            .Produces<GroupSessionSet>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    public Task<Outcome<GroupSessionSet>> NoteAsync(GroupSessionId id, SheetNotes request, StaffActor by, CancellationToken cancellationToken) =>
        writer.LedAsync<GroupSessionSet>(id, Right.LeadSessions, by, async (write, session, cancel) =>
        {
            if (session.Version != request.Version)
                return Refusal.Stale;
            foreach (var (field, text) in new[] { ("did", request.Did), ("learned", request.Learned), ("next", request.Next), ("incidentText", request.IncidentText) })
            {
                if (text?.Length > GroupSession.MaxNote)
                    return Refusal.BadValue(field, $"At most {GroupSession.MaxNote} characters.");
            }
            if (request.Incident && string.IsNullOrWhiteSpace(request.IncidentText))
                return Refusal.BadValue("incidentText", "Say in a few words what went wrong.");
            session.Did = Text.Clean(request.Did, GroupSession.MaxNote);
            session.Learned = Text.Clean(request.Learned, GroupSession.MaxNote);
            session.Next = Text.Clean(request.Next, GroupSession.MaxNote);
            session.Incident = request.Incident;
            session.IncidentText = request.Incident ? Text.Clean(request.IncidentText, GroupSession.MaxNote) : "";
            session.PhotosChecked = request.PhotosChecked;
            if (request.Skills is { } wanted)
            {
                List<SkillId> skills = [.. wanted.Distinct()];
                if (await write.Db.Skills.CountAsync(s => skills.Contains(s.Id), cancel) != skills.Count)
                    return Refusal.NotFound("skill");
                var topics = await write.Db.SessionTopics.Where(t => t.SessionId == id).ToListAsync(cancel);
                write.Db.SessionTopics.RemoveRange(topics.Where(t => !skills.Contains(t.SkillId)));
                write.Db.SessionTopics.AddRange(skills.Where(s => topics.TrueForAll(t => t.SkillId != s)).Select(s => new SessionTopic { SessionId = id, SkillId = s }));
            }
            session.Version++;
            write.Audit(by.Id, GroupSessionAccess.Act(session, "noted"), id.Value);
            return new GroupSessionSet(id, session.State, session.Version);
        }, cancellationToken);

    public Task<Outcome<SkillMarked>> SkillAsync(GroupSessionId id, SkillMarking request, StaffActor by, CancellationToken cancellationToken) =>
        writer.LedAsync<SkillMarked>(id, Right.LeadSessions, by, async (write, session, cancel) =>
        {
            if (request.Mark is { } known && !Enum.IsDefined(known))
                return Refusal.BadValue("mark", "worked or validated.");
            if (!await write.Db.Attendees.AnyAsync(a => a.SessionId == id && a.PersonId == request.Person && a.Status == AttendanceStatus.Present, cancel))
                return Refusal.Conflict("attendee_not_here", "This person was not noted as present.", "person");
            if (!await write.Db.Skills.AnyAsync(s => s.Id == request.Skill, cancel))
                return Refusal.NotFound("skill");
            var row = await write.Db.SessionSkills.SingleOrDefaultAsync(s => s.SessionId == id && s.PersonId == request.Person && s.SkillId == request.Skill, cancel);
            var before = row?.Mark;
            if (before == request.Mark)
                return new SkillMarked(request.Person, request.Skill, request.Mark, before);
            if (request.Mark is not { } mark)
                write.Db.SessionSkills.Remove(row!);
            else if (row is null)
                write.Db.SessionSkills.Add(new SessionSkill { SessionId = id, PersonId = request.Person, SkillId = request.Skill, Mark = mark, By = by.Id, At = write.Now });
            else
                (row.Mark, row.By, row.At) = (mark, by.Id, write.Now);
            write.Audit(by.Id, GroupSessionAccess.Act(session, "skill"), id.Value, request.Person.ToString());
            return new SkillMarked(request.Person, request.Skill, request.Mark, before);
        }, cancellationToken);

    public Task<Outcome<SignatureTaken>> SignAsync(GroupSessionId id, Signing request, StaffActor by, CancellationToken cancellationToken) =>
        writer.LedAsync<SignatureTaken>(id, Right.LeadSessions, by, async (write, session, cancel) =>
        {
            if (request.Drawing is not { Length: > 0 and <= SessionSignature.MaxDrawing } drawing || !Strokes().IsMatch(drawing))
                return Refusal.BadValue("drawing", "Sign in the frame: strokes as M and L with whole numbers.");
            if (!SheetProof.Halves(session, await write.Db.ZoneAsync(cancel)).Contains(new SheetHalf(request.Day, request.Half)))
                return Refusal.BadValue("day", "It is no half-day of this session.");
            PersonId? person = by.Id;
            if (request.Attendee is { } line)
            {
                if (await write.Db.Attendees.SingleOrDefaultAsync(a => a.SessionId == id && a.Id == line, cancel) is not { } attendee)
                    return Refusal.NotFound("attendee");
                if (attendee.Status != AttendanceStatus.Present)
                    return Refusal.Conflict("attendee_not_here", "This person was not noted as present.");
                person = attendee.PersonId;
            }
            else if (!await write.Db.SessionMentors.AnyAsync(m => m.SessionId == id && m.PersonId == by.Id, cancel))
                return Refusal.Conflict("not_a_mentor", "Only a mentor of the session signs without a name.");
            // The later one counts: somebody signed again.
            write.Db.SessionSignatures.RemoveRange(await write.Db.SessionSignatures.Where(s =>
                s.SessionId == id && s.Day == request.Day && s.Half == request.Half && s.AttendeeId == request.Attendee && (request.Attendee != null || s.PersonId == person)).ToListAsync(cancel));
            var signature = new SessionSignature
            {
                Id = Guid.CreateVersion7(write.Now.ToDateTimeOffset()), SessionId = id, AttendeeId = request.Attendee, PersonId = person,
                Day = request.Day, Half = request.Half, Proof = ProofKind.Drawn, Drawing = drawing, At = write.Now,
            };
            write.Db.SessionSignatures.Add(signature);
            write.Audit(by.Id, GroupSessionAccess.Act(session, "signed"), id.Value, person?.ToString() ?? "");
            return new SignatureTaken(signature.Id);
        }, cancellationToken);

    public Task<Outcome<SignatureTaken>> UnsignAsync(GroupSessionId id, Guid signature, StaffActor by, CancellationToken cancellationToken) =>
        writer.LedAsync<SignatureTaken>(id, Right.LeadSessions, by, async (write, session, cancel) =>
        {
            if (await write.Db.SessionSignatures.SingleOrDefaultAsync(s => s.SessionId == id && s.Id == signature, cancel) is { } row)
            {
                write.Db.SessionSignatures.Remove(row);
                write.Audit(by.Id, GroupSessionAccess.Act(session, "unsigned"), id.Value, row.PersonId?.ToString() ?? "");
            }
            return new SignatureTaken(signature);
        }, cancellationToken);

    public Task<Outcome<GroupSessionSet>> CorrectAsync(GroupSessionId id, SheetCorrection request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<GroupSessionSet>(
            async (write, cancel) =>
            {
                if (await write.GroupSessionAsync(id, cancel) is not { } session)
                    return Refusal.NotFound("group_session");
                if (!await write.Db.MayAsync(by, Right.LeadSessions, session, cancel))
                    return Refusal.NotAllowed;
                if (Text.Required(request.Why, GroupSession.MaxWhy) is not { } why)
                    return Refusal.BadValue("why", $"Say why, in 1 to {GroupSession.MaxWhy} characters.");
                if (session.State != GroupSessionState.Locked)
                    return Refusal.Conflict("group_session_not_locked", "It can be changed as it is.");
                session.CorrectingUntil = write.Now + GroupSessionAccess.CorrectingFor;
                session.Version++;
                write.Audit(by.Id, "group_session.corrected", id.Value, why);
                return new GroupSessionSet(id, session.State, session.Version);
            },
            cancellationToken);

    /// <summary>Strokes of a signature within 600 by 200 points, and nothing else: it is drawn into pages as it is.</summary>
    [GeneratedRegex(@"\A(?:M(?:[0-5]?\d{1,2}|600) (?:1?\d{1,2}|200)(?:L(?:[0-5]?\d{1,2}|600) (?:1?\d{1,2}|200))*)+\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Strokes();
}
