using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime.Text;

namespace FabLab.Booking.Features.Trainings;

/// <summary>The habilitation for these people, all of whom were present, as the list was seen.</summary>
public sealed record SessionGiving(HabilitationLevel Level, IReadOnlyList<PersonId>? People, long Version);

/// <summary>What came of it.</summary>
/// <param name="Batch">Names this giving: its undo takes it back as a whole.</param>
/// <param name="People">For how many.</param>
/// <param name="Already">They had it from this session before; nothing was changed.</param>
public sealed record SessionGiven(int Batch, int People, bool Already);

/// <summary>Which giving is taken back.</summary>
public sealed record SessionGivingUndo(int Batch);

/// <summary>"Present → habilitation": for the whole list at once, or for nobody.</summary>
internal sealed class GiveHabilitations(BookingWriter writer)
{
    public static void Map(RouteGroupBuilder teaching)
    {
        teaching.MapPost("/training-sessions/{id:guid}/habilitations", async (
                Guid id, SessionGiving request, HttpContext http, GiveHabilitations handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new TrainingSessionId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("GiveSessionHabilitations").WithTags("trainings").WithSummary("Gives those present the habilitation, all or none.")
            .Produces<SessionGiven>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        teaching.MapPost("/training-sessions/{id:guid}/habilitations/undo", async (
                Guid id, SessionGivingUndo request, HttpContext http, GiveHabilitations handler, CancellationToken cancellationToken) =>
                (await handler.UndoAsync(new TrainingSessionId(id), request.Batch, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("UndoSessionHabilitations").WithTags("trainings").WithSummary("Takes one giving back for everybody it was for.")
            .Produces<SessionGiven>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    public Task<Outcome<SessionGiven>> HandleAsync(TrainingSessionId id, SessionGiving request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<SessionGiven>(
            async (write, cancel) =>
            {
                if (await write.SessionAsync(id, cancel) is not { } session)
                    return Refusal.NotFound("training_session");
                if (!await write.Db.MayLeadAsync(by, session, cancel))
                    return Refusal.NotAllowed;
                if (request.Level is < HabilitationLevel.Accompanied or > HabilitationLevel.Trainer)
                    return Refusal.BadValue("level", "accompanied, autonomous or trainer.");
                var people = (request.People ?? []).ToHashSet();
                if (people.Count == 0)
                    return Refusal.BadValue("people", "Say for whom.");
                var enrolments = (await write.Db.Enrolments.Where(e => e.SessionId == id).ToListAsync(cancel)).Where(e => people.Contains(e.PersonId)).OrderBy(e => e.Number).ToList();
                if (enrolments.Count != people.Count)
                    return Refusal.Stale;
                // The second click, the back button, the second trainer who wants the same.
                if (enrolments.TrueForAll(e => e.Batch is not null && e.GivenLevel == request.Level))
                    return new SessionGiven(enrolments.Max(e => e.Batch!.Value), enrolments.Count, Already: true);
                if (session.Version != request.Version || enrolments.Exists(e => e.Batch is not null || e.Attendance != Attendance.Present))
                    return Refusal.Stale;
                if (session.CancelledAt is not null)
                    return Refusal.Conflict("session_cancelled", "The session is cancelled.");
                if (!await write.Db.HasComeAsync(session, write.Now, cancel))
                    return Refusal.Conflict("session_not_yet", "The day of the session has not come.");
                // Who was only given this session makes no trainers, and nothing for herself.
                if ((request.Level == HabilitationLevel.Trainer || people.Contains(by.Id)) && !await write.Db.MayAsync(by, Right.Grant, session.TrainingId, cancel))
                    return Refusal.NotAllowed;

                var ground = LocalDatePattern.Iso.Format(session.Start.InZone(await write.Db.ZoneAsync(cancel)).Date)
                    + (session.Place.Length > 0 ? $", {session.Place}" : "");
                var held = (await HabilitationQueries.OfPeopleAsync(write.Db, people, cancel)).Where(s => s.Training == session.TrainingId).ToDictionary(s => s.Person);
                session.Batches++;
                session.Version++;
                foreach (var enrolment in enrolments)
                {
                    var before = held.GetValueOrDefault(enrolment.PersonId);
                    // A suspension has its reason; it is ended by itself, not along with seven others.
                    if (before is { Suspended: true, Level: > HabilitationLevel.None })
                        return Refusal.Conflict("habilitation_suspended", "The habilitation of one of them is suspended. End that first, or leave them out.", enrolment.PersonId.ToString());
                    // Who may already do more keeps it: a session never takes anything away.
                    var level = before is not null && before.HoldsAt(write.Now) && before.Level > request.Level ? before.Level : request.Level;
                    var given = await GrantHabilitation.WriteAsync(
                        write, enrolment.PersonId,
                        new HabilitationGrant(session.TrainingId, level, ground, Ground: EvidenceKind.Session, EvidenceId: id.Value), by, cancel, entitled: true);
                    if (given.Refusal is { } refusal)
                        return refusal;
                    enrolment.HabilitationId = given.Value.Id;
                    enrolment.Act = given.Value.Act;
                    enrolment.Batch = session.Batches;
                    enrolment.GivenLevel = request.Level;
                    enrolment.GivenBy = by.Id;
                    enrolment.GivenAt = write.Now;
                }
                write.Audit(by.Id, "training_session.given", id.Value, $"{enrolments.Count} × {request.Level}".ToLowerInvariant());
                return new SessionGiven(session.Batches, enrolments.Count, Already: false);
            },
            cancellationToken);

    public Task<Outcome<SessionGiven>> UndoAsync(TrainingSessionId id, int batch, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<SessionGiven>(
            async (write, cancel) =>
            {
                if (await write.SessionAsync(id, cancel) is not { } session)
                    return Refusal.NotFound("training_session");
                if (!await write.Db.MayLeadAsync(by, session, cancel))
                    return Refusal.NotAllowed;
                if (batch < 1 || batch > session.Batches)
                    return Refusal.BadValue("batch", "There was no such giving.");
                var enrolments = await write.Db.Enrolments.Where(e => e.SessionId == id && e.Batch == batch).OrderBy(e => e.Number).ToListAsync(cancel);
                if (enrolments.Count == 0)
                    return new SessionGiven(batch, 0, Already: true);
                foreach (var enrolment in enrolments)
                {
                    var head = await write.Db.Habilitations.SingleAsync(h => h.Id == enrolment.HabilitationId, cancel);
                    var undone = await UndoHabilitation.WriteAsync(write, head, enrolment.Act!.Value, by, cancel);
                    if (undone.Refusal is { } refusal)
                        return refusal with { Field = enrolment.PersonId.ToString() };
                    enrolment.HabilitationId = null;
                    enrolment.Act = null;
                    enrolment.Batch = null;
                    enrolment.GivenLevel = HabilitationLevel.None;
                    enrolment.GivenBy = null;
                    enrolment.GivenAt = null;
                }
                session.Version++;
                write.Audit(by.Id, "training_session.taken_back", id.Value, $"{enrolments.Count}");
                return new SessionGiven(batch, enrolments.Count, Already: false);
            },
            cancellationToken);
}
