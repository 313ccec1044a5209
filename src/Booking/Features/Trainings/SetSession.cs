using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Trainings;

/// <summary>When, where, for how many and by whom. A change names the version it saw.</summary>
/// <param name="Start">Included.</param>
/// <param name="Minutes">How long, 5 to 1,440.</param>
/// <param name="Places">For how many, 1 to 500.</param>
/// <param name="Place">Where, in words; the code or name of a room or machine is understood. Empty: at the lab.</param>
/// <param name="Trainer">Who leads it.</param>
/// <param name="Version">The version it saw; 0 for a new one.</param>
/// <param name="EvenSo">The warning that somebody or something would be in two places at once was read.</param>
public sealed record SessionDetails(
    Instant Start, int Minutes, int Places, string? Place = null, PersonId? Trainer = null, long Version = 0, bool EvenSo = false);

/// <summary>Why it does not take place.</summary>
public sealed record SessionCancel(string? Why, long Version);

/// <summary>It takes place after all.</summary>
public sealed record SessionResume(long Version);

public sealed record SessionSet(TrainingSessionId Id, long Version);

/// <summary>Makes, moves and cancels sessions.</summary>
internal sealed class SetSession(BookingWriter writer)
{
    public static void Map(RouteGroupBuilder teaching)
    {
        teaching.MapPost("/trainings/{id:guid}/sessions", async (
                Guid id, SessionDetails request, HttpContext http, SetSession handler, CancellationToken cancellationToken) =>
                (await handler.AddAsync(new TrainingId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status201Created))
            .WithName("AddTrainingSession").WithTags("trainings").WithSummary("Adds a session of a training.")
            .Produces<SessionSet>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status404NotFound);
        teaching.MapPut("/training-sessions/{id:guid}", async (
                Guid id, SessionDetails request, HttpContext http, SetSession handler, CancellationToken cancellationToken) =>
                (await handler.ChangeAsync(new TrainingSessionId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("ChangeTrainingSession").WithTags("trainings").WithSummary("Moves a session, or changes its places, its place or its trainer.")
            .Produces<SessionSet>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        teaching.MapPost("/training-sessions/{id:guid}/cancel", async (
                Guid id, SessionCancel request, HttpContext http, SetSession handler, CancellationToken cancellationToken) =>
                (await handler.CancelAsync(new TrainingSessionId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("CancelTrainingSession").WithTags("trainings").WithSummary("Cancels a session. Who is enrolled stays on its list.")
            .Produces<SessionSet>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        teaching.MapPost("/training-sessions/{id:guid}/resume", async (
                Guid id, SessionResume request, HttpContext http, SetSession handler, CancellationToken cancellationToken) =>
                (await handler.ResumeAsync(new TrainingSessionId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("ResumeTrainingSession").WithTags("trainings").WithSummary("Takes the cancelling of a session back.")
            .Produces<SessionSet>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    public Task<Outcome<SessionSet>> AddAsync(TrainingId training, SessionDetails request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<SessionSet>(
            async (write, cancel) =>
            {
                if (!await write.Db.Trainings.AnyAsync(t => t.Id == training && !t.Retired, cancel))
                    return Refusal.NotFound("training");
                if (!await write.Db.MayAsync(by, Right.Teach, training, cancel))
                    return Refusal.NotAllowed;
                if (await FaultAsync(write, request, null, cancel) is { } fault)
                    return fault;
                if (await ClashAsync(write, request, null, cancel) is { } clash)
                    return clash;
                var session = new TrainingSession
                {
                    Id = TrainingSessionId.New(write.Now),
                    TrainingId = training,
                    Start = request.Start,
                    End = request.Start + Duration.FromMinutes(request.Minutes),
                    Place = Text.Clean(request.Place, TrainingSession.MaxPlace),
                    Places = request.Places,
                    Trainer = request.Trainer,
                    CreatedAt = write.Now,
                };
                write.Db.TrainingSessions.Add(session);
                write.Audit(by.Id, "training_session.added", session.Id.Value);
                await write.TellNextAsync(training, cancel);
                return new SessionSet(session.Id, session.Version);
            },
            cancellationToken);

    public Task<Outcome<SessionSet>> ChangeAsync(TrainingSessionId id, SessionDetails request, StaffActor by, CancellationToken cancellationToken) =>
        LedAsync(id, request.Version, by, async (write, session, cancel) =>
        {
            if (await FaultAsync(write, request, session, cancel) is { } fault)
                return fault;
            // Who was given the session cannot give it on.
            if (request.Trainer != session.Trainer && !await write.Db.MayAsync(by, Right.Teach, session.TrainingId, cancel))
                return Refusal.NotAllowed;
            var end = request.Start + Duration.FromMinutes(request.Minutes);
            if (request.Start != session.Start && await write.Db.Enrolments.AnyAsync(e => e.SessionId == id && e.Batch != null, cancel))
                return Refusal.Conflict("session_given", "Habilitations were given for this session: its day stands in their ground.", "start");
            var seats = Seats.Of(session.Places, await write.Db.Enrolments.Where(e => e.SessionId == id).ToListAsync(cancel));
            if (request.Places < session.Places && request.Places < seats.Count(seat => seat.HasPlace && !seat.Enrolment.Extra))
                return Refusal.Conflict("places_taken", "More people than that have a place.", "places");
            if (await ClashAsync(write, request, session, cancel) is { } clash)
                return clash;
            session.Start = request.Start;
            session.End = end;
            session.Place = Text.Clean(request.Place, TrainingSession.MaxPlace);
            session.Places = request.Places;
            session.Trainer = request.Trainer;
            write.Audit(by.Id, "training_session.changed", id.Value);
            return null;
        }, cancellationToken);

    public Task<Outcome<SessionSet>> CancelAsync(TrainingSessionId id, SessionCancel request, StaffActor by, CancellationToken cancellationToken) =>
        LedAsync(id, request.Version, by, async (write, session, cancel) =>
        {
            if (Text.Required(request.Why, TrainingSession.MaxWhy) is not { } why)
                return Refusal.BadValue("why", $"Say why, in 1 to {TrainingSession.MaxWhy} characters.");
            if (session.CancelledAt is not null)
                return Refusal.Conflict("session_cancelled", "The session is cancelled.");
            if (await write.Db.Enrolments.AnyAsync(e => e.SessionId == id && e.Batch != null, cancel))
                return Refusal.Conflict("session_given", "Habilitations were given for this session.");
            session.CancelledAt = write.Now;
            session.CancelledWhy = why;
            write.Audit(by.Id, "training_session.cancelled", id.Value, why);
            return null;
        }, cancellationToken);

    public Task<Outcome<SessionSet>> ResumeAsync(TrainingSessionId id, SessionResume request, StaffActor by, CancellationToken cancellationToken) =>
        LedAsync(id, request.Version, by, (write, session, _) =>
        {
            if (session.CancelledAt is null)
                return Task.FromResult<Refusal?>(Refusal.Conflict("session_not_cancelled", "The session is not cancelled."));
            session.CancelledAt = null;
            session.CancelledWhy = "";
            write.Audit(by.Id, "training_session.resumed", id.Value);
            return Task.FromResult<Refusal?>(null);
        }, cancellationToken);

    private Task<Outcome<SessionSet>> LedAsync(
        TrainingSessionId id, long version, StaffActor by, Func<BookingWrite, TrainingSession, CancellationToken, Task<Refusal?>> change, CancellationToken cancellationToken) =>
        writer.ChangeAsync<SessionSet>(
            async (write, cancel) =>
            {
                if (await write.SessionAsync(id, cancel) is not { } session)
                    return Refusal.NotFound("training_session");
                if (!await write.Db.MayLeadAsync(by, session, cancel))
                    return Refusal.NotAllowed;
                if (session.Version != version)
                    return Refusal.Stale;
                if (await change(write, session, cancel) is { } refusal)
                    return refusal;
                session.Version++;
                await write.TellNextAsync(session.TrainingId, cancel);
                return new SessionSet(id, session.Version);
            },
            cancellationToken);

    /// <summary>What is new about it is looked at: a session that stays where it is warns of nothing a second time, and one that is over of nothing at all.</summary>
    private static async Task<Refusal?> ClashAsync(BookingWrite write, SessionDetails request, TrainingSession? was, CancellationToken cancel)
    {
        var time = new Interval(request.Start, request.Start + Duration.FromMinutes(request.Minutes));
        if (request.EvenSo || time.End <= write.Now)
            return null;
        var moved = was is null || time.Start != was.Start || time.End != was.End;
        List<PersonId> people = moved && was is not null
            ? await write.Db.Enrolments.Where(e => e.SessionId == was.Id && e.Attendance != Attendance.Absent).Select(e => e.PersonId).ToListAsync(cancel)
            : [];
        if (request.Trainer is { } trainer && (moved || trainer != was!.Trainer))
            people.Add(trainer);
        var place = Text.Clean(request.Place, TrainingSession.MaxPlace);
        return await Clashes.OfAsync(write.Db, was?.Id, time, people, moved || place != was!.Place ? place : "", cancel);
    }

    private static async Task<Refusal?> FaultAsync(BookingWrite write, SessionDetails request, TrainingSession? was, CancellationToken cancel)
    {
        if (request.Start != was?.Start && (request.Start < write.Now - Duration.FromDays(366) || request.Start > write.Now + Duration.FromDays(731)))
            return Refusal.BadValue("start", "Within a year back and two years ahead.");
        if (request.Minutes is < 5 or > SetTraining.MostMinutes)
            return Refusal.BadValue("minutes", $"5 to {SetTraining.MostMinutes}.");
        if (request.Places is < 1 or > SetTraining.MostPlaces)
            return Refusal.BadValue("places", $"1 to {SetTraining.MostPlaces}.");
        if (request.Place?.Length > TrainingSession.MaxPlace)
            return Refusal.BadValue("place", $"At most {TrainingSession.MaxPlace} characters.");
        return request.Trainer is { } trainer && trainer != was?.Trainer && !await write.Db.IsTrainerAsync(trainer, cancel)
            ? Refusal.BadValue("trainer", "This person has no account that leads trainings.")
            : null;
    }
}
