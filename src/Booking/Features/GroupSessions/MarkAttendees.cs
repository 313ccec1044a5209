using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Floor;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Visits;
using FabLab.Core;
using FabLab.Core.Visits;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.GroupSessions;

/// <summary>Was somebody there, and what stood there when it was said: two mentors do not overwrite each other unseen.</summary>
public sealed record AttendeeMark(AttendeeId Attendee, AttendanceStatus Status, AttendanceStatus? Seen = null);

/// <summary>Somebody leaves, and how. Of a minor: alone if they may, with a grown-up of their sheet, or with the organisation that brought them.</summary>
public sealed record AttendeeLeaving(AttendeeId Attendee, LeavingWay How, Guid? With = null);

/// <summary>They have not left after all.</summary>
public sealed record AttendeeBack(AttendeeId Attendee);

/// <summary>A line of the list as it stands now.</summary>
public sealed record AttendeeMarked(AttendeeId Attendee, AttendanceStatus Status, Instant? ArrivedAt, Instant? LeftAt);

/// <summary>People of one kind who are only counted. Number 0 takes them away; the number stands for what was there before.</summary>
public sealed record CountOf(AgeBand Band, Gender Gender, Occupation Occupation, bool Known, int Number);

/// <summary>How many of that kind are counted now.</summary>
public sealed record Counted(int Number, int Before);

/// <summary>Notes who is there, who has left and how, and how many are only counted.</summary>
internal sealed class MarkAttendees(BookingWriter writer, VisitBook book, FloorChanges floor)
{
    public const int MostCounted = 5000;

    public static void Map(RouteGroupBuilder leading)
    {
        leading.MapPost("/group-sessions/{id:guid}/marks", async (Guid id, AttendeeMark request, HttpContext http, MarkAttendees handler, CancellationToken cancellationToken) =>
                (await handler.MarkAsync(new GroupSessionId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("MarkGroupSessionAttendee").WithTags("group sessions").WithSummary("Says that somebody of the list is there, is excused or is absent.")
            .Produces<AttendeeMarked>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        leading.MapPost("/group-sessions/{id:guid}/departures", async (Guid id, AttendeeLeaving request, HttpContext http, MarkAttendees handler, CancellationToken cancellationToken) =>
                (await handler.LeaveAsync(new GroupSessionId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("LeaveGroupSession").WithTags("group sessions").WithSummary("Says that somebody leaves, and with whom.")
            .Produces<AttendeeMarked>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        leading.MapPost("/group-sessions/{id:guid}/departures/undo", async (Guid id, AttendeeBack request, HttpContext http, MarkAttendees handler, CancellationToken cancellationToken) =>
                (await handler.BackAsync(new GroupSessionId(id), request.Attendee, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("ReturnToGroupSession").WithTags("group sessions").WithSummary("Takes a departure back.")
            .Produces<AttendeeMarked>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        leading.MapPut("/group-sessions/{id:guid}/counts", async (Guid id, CountOf request, HttpContext http, MarkAttendees handler, CancellationToken cancellationToken) =>
                (await handler.CountAsync(new GroupSessionId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("CountGroupSession").WithTags("group sessions").WithSummary("Counts people without a name, by age band, gender and status.")
            .Produces<Counted>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    public Task<Outcome<AttendeeMarked>> MarkAsync(GroupSessionId id, AttendeeMark request, StaffActor by, CancellationToken cancellationToken) =>
        writer.LedAsync<AttendeeMarked>(id, Right.LeadSessions, by, async (write, session, cancel) =>
        {
            if (!Enum.IsDefined(request.Status))
                return Refusal.BadValue("status", "expected, present, excused or absent.");
            if (await write.Db.Attendees.SingleOrDefaultAsync(a => a.SessionId == id && a.Id == request.Attendee, cancel) is not { } attendee)
                return Refusal.NotFound("attendee");
            // A second touch of the same button changes nothing.
            if (attendee.Status == request.Status)
                return Marked(attendee);
            if (request.Seen is { } seen && seen != attendee.Status)
                return Refusal.Stale;
            if (request.Status is AttendanceStatus.Present or AttendanceStatus.Absent && session.OpenedAt is null && session.Start > write.Now)
                return Refusal.Conflict("group_session_not_yet", "It has not begun. Open it first.");
            if (request.Status == AttendanceStatus.Present)
            {
                // Ticked afterwards: from its beginning to its end.
                var after = session.State is GroupSessionState.Done or GroupSessionState.Locked;
                attendee.ArrivedAt = after ? session.Start : write.Now;
                attendee.LeftAt = after ? Instant.Max(session.Start, Instant.Min(session.ClosedAt ?? session.End, session.End)) : null;
                attendee.Way = AttendanceWay.Ticked;
            }
            else
            {
                (attendee.ArrivedAt, attendee.LeftAt, attendee.Way) = (null, null, AttendanceWay.NotSaid);
                (attendee.LeftHow, attendee.LeftWith) = (LeavingWay.NotSaid, null);
                write.Db.SessionSignatures.RemoveRange(await write.Db.SessionSignatures.Where(s => s.AttendeeId == attendee.Id).ToListAsync(cancel));
            }
            attendee.Status = request.Status;
            (attendee.MarkedBy, attendee.MarkedAt) = (by.Id, write.Now);
            await write.Db.SaveChangesAsync(cancel);
            if (attendee.PersonId is { } person && request.Status == AttendanceStatus.Present)
                await Presences.TickedAsync(write, book, session, person, cancel);
            else if (attendee.PersonId is { } wrong)
                await Presences.UntickedAsync(write, book, session, wrong, cancel);
            write.Audit(by.Id, GroupSessionAccess.Act(session, request.Status.ToString().ToLowerInvariant()), id.Value, attendee.PersonId?.ToString() ?? $"{attendee.Number}");
            await write.Db.SaveChangesAsync(cancel);
            await Supervision.AlarmAsync(write, floor, session, cancel);
            return Marked(attendee);
        }, cancellationToken);

    public Task<Outcome<AttendeeMarked>> LeaveAsync(GroupSessionId id, AttendeeLeaving request, StaffActor by, CancellationToken cancellationToken) =>
        writer.LedAsync<AttendeeMarked>(id, Right.LeadSessions, by, async (write, session, cancel) =>
        {
            if (request.How is not (LeavingWay.Alone or LeavingWay.Fetched or LeavingWay.WithGroup))
                return Refusal.BadValue("how", "alone, fetched or with_group.");
            if (await write.Db.Attendees.SingleOrDefaultAsync(a => a.SessionId == id && a.Id == request.Attendee, cancel) is not { } attendee)
                return Refusal.NotFound("attendee");
            if (attendee.Status != AttendanceStatus.Present)
                return Refusal.Conflict("attendee_not_here", "This person was not noted as present.");
            if (attendee.LeftAt is not null && attendee.LeftHow == request.How && attendee.LeftWith == request.With)
                return Marked(attendee);
            if (await MayLeaveAsync(write, session, attendee, request, cancel) is { } refusal)
                return refusal;
            // After the end, from the list that is left: with the end.
            attendee.LeftAt ??= session.State == GroupSessionState.Open ? write.Now : Instant.Max(attendee.ArrivedAt ?? session.Start, session.ClosedAt ?? session.End);
            attendee.LeftHow = request.How;
            attendee.LeftWith = request.How == LeavingWay.Fetched ? request.With : null;
            if (attendee.PersonId is { } person && session.State == GroupSessionState.Open)
                await Presences.GoneAsync(write, book, person, cancel);
            write.Audit(by.Id, GroupSessionAccess.Act(session, "left"), id.Value, attendee.PersonId?.ToString() ?? $"{attendee.Number}");
            return Marked(attendee);
        }, cancellationToken);

    public Task<Outcome<AttendeeMarked>> BackAsync(GroupSessionId id, AttendeeId line, StaffActor by, CancellationToken cancellationToken) =>
        writer.LedAsync<AttendeeMarked>(id, Right.LeadSessions, by, async (write, session, cancel) =>
        {
            if (await write.Db.Attendees.SingleOrDefaultAsync(a => a.SessionId == id && a.Id == line, cancel) is not { } attendee)
                return Refusal.NotFound("attendee");
            if (attendee.LeftAt is not { } left)
                return Marked(attendee);
            (attendee.LeftAt, attendee.LeftHow, attendee.LeftWith) = (null, LeavingWay.NotSaid, null);
            if (attendee.PersonId is { } person)
                await Presences.BackAsync(write, book, session, person, left, cancel);
            write.Audit(by.Id, GroupSessionAccess.Act(session, "back"), id.Value, attendee.PersonId?.ToString() ?? $"{attendee.Number}");
            return Marked(attendee);
        }, cancellationToken);

    public Task<Outcome<Counted>> CountAsync(GroupSessionId id, CountOf request, StaffActor by, CancellationToken cancellationToken) =>
        writer.LedAsync<Counted>(id, Right.LeadSessions, by, async (write, session, cancel) =>
        {
            if (!Enum.IsDefined(request.Band) || !Enum.IsDefined(request.Gender) || !Enum.IsDefined(request.Occupation))
                return Refusal.BadValue("band", "One of these words is not known.");
            if (request.Number is < 0 or > MostCounted)
                return Refusal.BadValue("number", $"0 to {MostCounted}.");
            var row = await write.Db.AttendanceCounts.SingleOrDefaultAsync(
                c => c.SessionId == id && c.Band == request.Band && c.Gender == request.Gender && c.Occupation == request.Occupation && c.Known == request.Known, cancel);
            var before = row?.Number ?? 0;
            if (request.Number == 0 && row is not null)
                write.Db.AttendanceCounts.Remove(row);
            else if (row is not null)
                row.Number = request.Number;
            else if (request.Number > 0)
            {
                write.Db.AttendanceCounts.Add(new AttendanceCount
                {
                    SessionId = id, Band = request.Band, Gender = request.Gender, Occupation = request.Occupation, Known = request.Known, Number = request.Number,
                });
            }
            write.Audit(by.Id, GroupSessionAccess.Act(session, "counted"), id.Value, $"{before} → {request.Number}");
            return new Counted(request.Number, before);
        }, cancellationToken);

    /// <summary>A minor goes home alone only if that was agreed, and with nobody whom the guardians have not named.</summary>
    internal static async Task<Refusal?> MayLeaveAsync(BookingWrite write, GroupSession session, Attendee attendee, AttendeeLeaving request, CancellationToken cancel)
    {
        if (request.How == LeavingWay.WithGroup && !await write.Db.SessionPartners.AnyAsync(p => p.SessionId == session.Id, cancel))
            return Refusal.Conflict("no_partner", "Nobody brought this group: say with whom they leave.");
        if (attendee.PersonId is not { } person || await write.Db.People.AnyAsync(p => p.Id == person && p.IsAdult, cancel))
        {
            return request.How == LeavingWay.Fetched && request.With is not null ? Refusal.BadValue("with", "Nothing is kept of who fetches this person.") : null;
        }
        return request.How switch
        {
            LeavingWay.Alone when !await write.Db.MinorSheets.AnyAsync(s => s.PersonId == person && s.MayLeaveAlone == true, cancel) =>
                Refusal.Conflict("may_not_leave_alone", "Nobody has agreed that this minor goes home alone."),
            LeavingWay.Fetched when !await write.Db.MinorContacts.AnyAsync(c => c.Id == request.With && c.PersonId == person && c.MayFetch, cancel) =>
                Refusal.Conflict("may_not_fetch", "This grown-up is not one of those who may fetch the minor.", "with"),
            _ => null,
        };
    }

    private static AttendeeMarked Marked(Attendee attendee) => new(attendee.Id, attendee.Status, attendee.ArrivedAt, attendee.LeftAt);
}
