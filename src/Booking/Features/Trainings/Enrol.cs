using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Trainings;

/// <summary>Somebody takes part: oneself when nobody is named.</summary>
/// <param name="Person">Who.</param>
/// <param name="Why">Of the trainer who does without a prerequisite.</param>
/// <param name="EvenSo">The warning that they have something else to do at that time was read.</param>
public sealed record EnrolmentRequest(PersonId? Person = null, string? Why = null, bool EvenSo = false);

/// <summary>What came of it.</summary>
/// <param name="Person">Who.</param>
/// <param name="Waiting">Place in the waiting list, from 1; 0 with a place.</param>
/// <param name="Already">Was enrolled before; nothing was changed.</param>
public sealed record EnrolmentMade(PersonId Person, int Waiting, bool Already);

/// <summary>What came of leaving.</summary>
/// <param name="Person">Who left.</param>
/// <param name="MovedUp">Who has got the place; nobody when nobody waited.</param>
/// <param name="Already">Was not enrolled; nothing was changed.</param>
public sealed record EnrolmentLeft(PersonId Person, PersonId? MovedUp, bool Already);

/// <summary>Takes and leaves places in a session, and notes who came unannounced.</summary>
internal sealed class Enrol(BookingWriter writer)
{
    public static void Map(RouteGroupBuilder enrolling, RouteGroupBuilder teaching)
    {
        enrolling.MapPost("/training-sessions/{id:guid}/enrolments", async (
                Guid id, EnrolmentRequest request, HttpContext http, Enrol handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new TrainingSessionId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("Enrol").WithTags("trainings").WithSummary("Takes a place in a session or in its waiting list.")
            .Produces<EnrolmentMade>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        enrolling.MapPost("/training-sessions/{id:guid}/leave", async (
                Guid id, EnrolmentRequest request, HttpContext http, Enrol handler, CancellationToken cancellationToken) =>
                (await handler.LeaveAsync(new TrainingSessionId(id), request.Person, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("LeaveTrainingSession").WithTags("trainings").WithSummary("Leaves a session. Who waits longest gets the place.")
            .Produces<EnrolmentLeft>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        teaching.MapPost("/training-sessions/{id:guid}/arrivals", async (
                Guid id, EnrolmentRequest request, HttpContext http, Enrol handler, CancellationToken cancellationToken) =>
                (await handler.ArriveAsync(new TrainingSessionId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("AddArrival").WithTags("trainings").WithSummary("Adds somebody who came unannounced, as present.")
            .Produces<EnrolmentMade>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    public Task<Outcome<EnrolmentMade>> HandleAsync(TrainingSessionId id, EnrolmentRequest request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<EnrolmentMade>(
            async (write, cancel) =>
            {
                if (await write.SessionAsync(id, cancel) is not { } session)
                    return Refusal.NotFound("training_session");
                var person = request.Person ?? by.Id;
                var leads = await write.Db.MayLeadAsync(by, session, cancel);
                if (!leads && !await write.Db.MayAsync(by, Right.Enrol, person, cancel))
                    return Refusal.NotAllowed;
                if (session.Start <= write.Now)
                    return Refusal.Conflict("session_begun", "The session has begun.");
                return await AddAsync(write, session, person, leads ? request.Why : null, leads, arrives: false, by, cancel, request.EvenSo);
            },
            cancellationToken);

    public Task<Outcome<EnrolmentMade>> ArriveAsync(TrainingSessionId id, EnrolmentRequest request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<EnrolmentMade>(
            async (write, cancel) =>
            {
                if (await write.SessionAsync(id, cancel) is not { } session)
                    return Refusal.NotFound("training_session");
                if (!await write.Db.MayLeadAsync(by, session, cancel))
                    return Refusal.NotAllowed;
                if (request.Person is not { } person)
                    return Refusal.BadValue("person", "Say who came.");
                if (!await write.Db.HasComeAsync(session, write.Now, cancel))
                    return Refusal.Conflict("session_not_yet", "The day of the session has not come.");
                return await AddAsync(write, session, person, request.Why, mayOverride: true, arrives: true, by, cancel);
            },
            cancellationToken);

    public Task<Outcome<EnrolmentLeft>> LeaveAsync(TrainingSessionId id, PersonId? named, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<EnrolmentLeft>(
            async (write, cancel) =>
            {
                if (await write.SessionAsync(id, cancel) is not { } session)
                    return Refusal.NotFound("training_session");
                var person = named ?? by.Id;
                var leads = await write.Db.MayLeadAsync(by, session, cancel);
                if (!leads && !await write.Db.MayAsync(by, Right.Enrol, person, cancel))
                    return Refusal.NotAllowed;
                if (!leads && session.Start <= write.Now)
                    return Refusal.Conflict("session_begun", "The session has begun.");
                var enrolments = await write.Db.Enrolments.Where(e => e.SessionId == id).ToListAsync(cancel);
                if (enrolments.SingleOrDefault(e => e.PersonId == person) is not { } leaving)
                    return new EnrolmentLeft(person, null, Already: true);
                if (leaving.Batch is not null)
                    return Refusal.Conflict("session_given", "This person was given the habilitation here: take that back first.");
                var waited = Seats.Of(session.Places, enrolments).Where(seat => !seat.HasPlace).Select(seat => seat.Enrolment.PersonId).ToHashSet();
                var movedUp = Seats.Of(session.Places, enrolments.Where(e => e != leaving)).FirstOrDefault(seat => seat.HasPlace && waited.Contains(seat.Enrolment.PersonId));
                write.Db.Enrolments.Remove(leaving);
                session.Version++;
                write.Audit(by.Id, "training_session.left", id.Value, person.ToString());
                if (movedUp is not null)
                    write.Audit(by.Id, "training_session.moved_up", id.Value, movedUp.Enrolment.PersonId.ToString());
                return new EnrolmentLeft(person, movedUp?.Enrolment.PersonId, Already: false);
            },
            cancellationToken);

    private static async Task<Outcome<EnrolmentMade>> AddAsync(
        BookingWrite write, TrainingSession session, PersonId person, string? words, bool mayOverride, bool arrives, StaffActor by, CancellationToken cancel,
        bool evenSo = false)
    {
        if (session.CancelledAt is not null)
            return Refusal.Conflict("session_cancelled", "The session is cancelled.");
        if (!await write.Db.People.AnyAsync(p => p.Id == person && p.Active, cancel))
            return Refusal.NotFound("person");
        var enrolments = await write.Db.Enrolments.Where(e => e.SessionId == session.Id).ToListAsync(cancel);
        if (enrolments.SingleOrDefault(e => e.PersonId == person) is { } already)
        {
            var changed = arrives && already.Attendance != Attendance.Present;
            if (changed)
                MarkAttendance.Mark(write, session, already, Attendance.Present, by);
            return new EnrolmentMade(person, Seats.Of(session.Places, enrolments).Of(person)!.Waiting, Already: !changed);
        }

        var missing = await write.Db.MissingAsync(session.TrainingId, person, write.Now, cancel);
        string? why = null;
        if (missing.Count > 0)
        {
            why = mayOverride ? Text.Required(words, TrainingSession.MaxWhy) : null;
            if (why is null)
                return Refusal.Conflict("prerequisite_missing", $"Needed first: {string.Join(", ", missing.Select(t => t.Code))}.", "why");
        }
        // Who has come is here, whatever else they had to do.
        if (!arrives && !evenSo && await Clashes.OfAsync(write.Db, session.Id, new Interval(session.Start, session.End), [person], "", cancel) is { } clash)
            return clash;
        var full = enrolments.Count(e => !e.Extra) >= session.Places;
        var enrolment = new Enrolment
        {
            SessionId = session.Id,
            PersonId = person,
            Number = enrolments.Select(e => e.Number).DefaultIfEmpty(0).Max() + 1,
            Waited = full && !arrives,
            Extra = full && arrives,
            EnrolledAt = write.Now,
            EnrolledBy = by.Id,
            Why = why,
        };
        write.Db.Enrolments.Add(enrolment);
        if (arrives)
            MarkAttendance.Mark(write, session, enrolment, Attendance.Present, by);
        else
            session.Version++;
        write.Audit(by.Id, "training_session.enrolled", session.Id.Value, why is null ? person.ToString() : $"{person}: {why}");
        return new EnrolmentMade(person, Seats.Of(session.Places, enrolments.Append(enrolment)).Of(person)!.Waiting, Already: false);
    }
}
