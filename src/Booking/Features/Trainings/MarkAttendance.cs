using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Trainings;

/// <summary>Was somebody there, and what stood there when it was said: two trainers do not overwrite each other unseen.</summary>
public sealed record AttendanceMark(PersonId Person, Attendance Attendance, Attendance? Seen = null);

public sealed record AttendanceMarked(PersonId Person, Attendance Attendance, long Version);

/// <summary>Notes who was there.</summary>
internal sealed class MarkAttendance(BookingWriter writer)
{
    public static void Map(RouteGroupBuilder teaching) =>
        teaching.MapPost("/training-sessions/{id:guid}/attendance", async (
                Guid id, AttendanceMark request, HttpContext http, MarkAttendance handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new TrainingSessionId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("MarkAttendance").WithTags("trainings").WithSummary("Says who of the enrolled was there.")
            .Produces<AttendanceMarked>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    public Task<Outcome<AttendanceMarked>> HandleAsync(TrainingSessionId id, AttendanceMark request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<AttendanceMarked>(
            async (write, cancel) =>
            {
                if (await write.SessionAsync(id, cancel) is not { } session)
                    return Refusal.NotFound("training_session");
                if (!await write.Db.MayLeadAsync(by, session, cancel))
                    return Refusal.NotAllowed;
                if (!Enum.IsDefined(request.Attendance))
                    return Refusal.BadValue("attendance", "expected, present or absent.");
                if (await write.Db.Enrolments.SingleOrDefaultAsync(e => e.SessionId == id && e.PersonId == request.Person, cancel) is not { } enrolment)
                    return Refusal.NotFound("enrolment");
                // A second touch of the same button changes nothing.
                if (enrolment.Attendance == request.Attendance)
                    return new AttendanceMarked(request.Person, request.Attendance, session.Version);
                if (request.Seen is { } seen && seen != enrolment.Attendance)
                    return Refusal.Stale;
                if (session.CancelledAt is not null)
                    return Refusal.Conflict("session_cancelled", "The session is cancelled.");
                if (!await write.Db.HasComeAsync(session, write.Now, cancel))
                    return Refusal.Conflict("session_not_yet", "The day of the session has not come.");
                if (enrolment.Batch is not null)
                    return Refusal.Conflict("session_given", "This person was given the habilitation here: take that back first.");
                Mark(write, session, enrolment, request.Attendance, by);
                write.Audit(by.Id, $"training_session.{request.Attendance}".ToLowerInvariant(), id.Value, request.Person.ToString());
                return new AttendanceMarked(request.Person, request.Attendance, session.Version);
            },
            cancellationToken);

    internal static void Mark(BookingWrite write, TrainingSession session, Enrolment enrolment, Attendance attendance, StaffActor by)
    {
        enrolment.Attendance = attendance;
        enrolment.MarkedBy = by.Id;
        enrolment.MarkedAt = write.Now;
        session.Version++;
    }
}
