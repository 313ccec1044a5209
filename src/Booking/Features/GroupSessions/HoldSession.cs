using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Floor;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.GroupSessions;

/// <summary>A mentor who comes or leaves while the séance is held.</summary>
public sealed record MentorPresence(PersonId Person, bool Here);

/// <summary>Opens a séance with one tap, ends it, and takes either back.</summary>
internal sealed class HoldSession(BookingWriter writer, FloorChanges floor)
{
    /// <summary>How long before its start a séance may be opened.</summary>
    public static readonly Duration Early = Duration.FromHours(3);

    public static void Map(RouteGroupBuilder leading)
    {
        leading.MapPost("/group-sessions/{id:guid}/open", async (Guid id, HttpContext http, HoldSession handler, CancellationToken cancellationToken) =>
                (await handler.OpenAsync(new GroupSessionId(id), http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("OpenGroupSession").WithTags("group sessions").WithSummary("Opens a session: from now on people come in and its mentors stand beside at its machines.")
            .Produces<GroupSessionSet>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        leading.MapPost("/group-sessions/{id:guid}/end", async (Guid id, HttpContext http, HoldSession handler, CancellationToken cancellationToken) =>
                (await handler.EndAsync(new GroupSessionId(id), http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("EndGroupSession").WithTags("group sessions").WithSummary("Ends a session; one that nobody opened is noted as held.")
            .Produces<GroupSessionSet>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        leading.MapPost("/group-sessions/{id:guid}/undo", async (Guid id, HttpContext http, HoldSession handler, CancellationToken cancellationToken) =>
                (await handler.UndoAsync(new GroupSessionId(id), http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("UndoGroupSession").WithTags("group sessions").WithSummary("Takes the opening back while nobody came, or the end while the day lasts.")
            .Produces<GroupSessionSet>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        leading.MapPost("/group-sessions/{id:guid}/mentors", async (Guid id, MentorPresence request, HttpContext http, HoldSession handler, CancellationToken cancellationToken) =>
                (await handler.MentorAsync(new GroupSessionId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("SetGroupSessionMentor").WithTags("group sessions").WithSummary("Says that a mentor is there or has left.")
            .Produces<GroupSessionSet>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    public Task<Outcome<GroupSessionSet>> OpenAsync(GroupSessionId id, StaffActor by, CancellationToken cancellationToken) =>
        writer.LedAsync<GroupSessionSet>(id, Right.LeadSessions, by, async (write, session, cancel) =>
        {
            if (session.State == GroupSessionState.Open)
                return Set(session);
            if (session.State != GroupSessionState.Planned)
                return Refusal.Conflict("group_session_not_planned", "Only a session that is planned can be opened.");
            if (session.Start > write.Now + Early)
                return Refusal.Conflict("group_session_not_yet", "It is too early: it can be opened three hours before it begins.");
            if (session.End <= write.Now)
                return Refusal.Conflict("group_session_past", "Its time is over: note it as held instead.");
            session.State = GroupSessionState.Open;
            session.OpenedAt = write.Now;
            session.OpenedBy = by.Id;
            session.Version++;
            // Who opens it and is one of its mentors is there.
            if (await write.Db.SessionMentors.SingleOrDefaultAsync(m => m.SessionId == id && m.PersonId == by.Id, cancel) is { } mentor)
            {
                (mentor.ArrivedAt, mentor.LeftAt) = (mentor.ArrivedAt ?? write.Now, null);
                await Presences.HereAsync(write, session, by.Id, cancel);
            }
            // Mentors and people who came in before it was opened.
            foreach (var here in await write.Db.Presence.Where(p => write.Db.SessionMentors.Any(m => m.SessionId == id && m.PersonId == p.PersonId && m.ArrivedAt == null)).ToListAsync(cancel))
                (await write.Db.SessionMentors.SingleAsync(m => m.SessionId == id && m.PersonId == here.PersonId, cancel)).ArrivedAt = write.Now;
            // It has begun: nothing of it is given up because nobody came.
            foreach (var booking in await write.Db.Reservations.Where(r => r.CancelledAt == null && write.Db.SessionMachines.Any(m => m.SessionId == id && m.BookingId == r.Id)).ToListAsync(cancel))
            {
                (booking.ClaimedAt, booking.ReleasedAt) = (booking.ClaimedAt ?? write.Now, null);
                booking.Version++;
            }
            write.Audit(by.Id, "group_session.opened", id.Value);
            return Set(session);
        }, cancellationToken);

    public Task<Outcome<GroupSessionSet>> EndAsync(GroupSessionId id, StaffActor by, CancellationToken cancellationToken) =>
        writer.LedAsync<GroupSessionSet>(id, Right.LeadSessions, by, async (write, session, cancel) =>
        {
            if (session.State is GroupSessionState.Done or GroupSessionState.Locked)
                return Set(session);
            if (session.State == GroupSessionState.Open)
                await EndAsync(write, session, write.Now, by.Id, cancel);
            else if (session.State == GroupSessionState.Planned && session.End <= write.Now)
            {
                // Nobody opened it, and it was held all the same.
                (session.State, session.OpenedAt, session.OpenedBy) = (GroupSessionState.Done, session.Start, by.Id);
                (session.ClosedAt, session.ClosedBy) = (write.Now, by.Id);
                foreach (var mentor in await write.Db.SessionMentors.Where(m => m.SessionId == id && m.ArrivedAt == null).ToListAsync(cancel))
                    (mentor.ArrivedAt, mentor.LeftAt) = (session.Start, session.End);
                session.Version++;
            }
            else
                return Refusal.Conflict("group_session_not_open", "It is not being held.");
            write.Audit(by.Id, "group_session.ended", id.Value);
            return Set(session);
        }, cancellationToken);

    public Task<Outcome<GroupSessionSet>> UndoAsync(GroupSessionId id, StaffActor by, CancellationToken cancellationToken) =>
        writer.LedAsync<GroupSessionSet>(id, Right.LeadSessions, by, async (write, session, cancel) =>
        {
            switch (session.State)
            {
                case GroupSessionState.Open when !await write.Db.Attendees.AnyAsync(a => a.SessionId == id && a.Status == AttendanceStatus.Present, cancel):
                    (session.State, session.OpenedAt, session.OpenedBy) = (GroupSessionState.Planned, null, null);
                    foreach (var mentor in await write.Db.SessionMentors.Where(m => m.SessionId == id).ToListAsync(cancel))
                        (mentor.ArrivedAt, mentor.LeftAt) = (null, null);
                    break;
                case GroupSessionState.Done when write.Now < session.End + GroupSessionClock.EndsItselfAfter:
                    var ended = session.ClosedAt;
                    (session.State, session.ClosedAt, session.ClosedBy) = (GroupSessionState.Open, null, null);
                    foreach (var mentor in await write.Db.SessionMentors.Where(m => m.SessionId == id && m.LeftAt == ended).ToListAsync(cancel))
                        mentor.LeftAt = null;
                    break;
                default:
                    return Refusal.Conflict("group_session_no_undo", "This can no longer be taken back.");
            }
            session.Version++;
            write.Audit(by.Id, "group_session.undone", id.Value);
            return Set(session);
        }, cancellationToken);

    public Task<Outcome<GroupSessionSet>> MentorAsync(GroupSessionId id, MentorPresence request, StaffActor by, CancellationToken cancellationToken) =>
        writer.LedAsync<GroupSessionSet>(id, Right.LeadSessions, by, async (write, session, cancel) =>
        {
            if (await write.Db.SessionMentors.SingleOrDefaultAsync(m => m.SessionId == id && m.PersonId == request.Person, cancel) is not { } mentor)
                return Refusal.NotFound("mentor");
            if (session.State != GroupSessionState.Open)
                return Refusal.Conflict("group_session_not_open", "It is not being held.");
            if (request.Here != mentor.Here)
            {
                if (request.Here)
                {
                    (mentor.ArrivedAt, mentor.LeftAt) = (mentor.ArrivedAt ?? write.Now, null);
                    await Presences.HereAsync(write, session, request.Person, cancel);
                }
                else
                    mentor.LeftAt = write.Now;
                write.Audit(by.Id, request.Here ? "group_session.mentor_came" : "group_session.mentor_left", id.Value, request.Person.ToString());
            }
            await write.Db.SaveChangesAsync(cancel);
            await Supervision.AlarmAsync(write, floor, session, cancel);
            return Set(session);
        }, cancellationToken);

    /// <summary>Ends an open séance: its mentors have left it, and machines learn of it with the commit.</summary>
    internal static async Task EndAsync(BookingWrite write, GroupSession session, Instant at, PersonId? by, CancellationToken cancel)
    {
        session.State = GroupSessionState.Done;
        session.ClosedAt = at;
        session.ClosedBy = by;
        session.Version++;
        foreach (var mentor in await write.Db.SessionMentors.Where(m => m.SessionId == session.Id && m.ArrivedAt != null && m.LeftAt == null).ToListAsync(cancel))
            mentor.LeftAt = Instant.Max(at, mentor.ArrivedAt!.Value);
    }

    private static GroupSessionSet Set(GroupSession session) => new(session.Id, session.State, session.Version);
}
