using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Floor;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Jobs;

/// <summary>Who made a job that began in no use.</summary>
/// <param name="Version">The version the page showed.</param>
/// <param name="Person">Who; null for nobody after all.</param>
/// <param name="Project">For which project of theirs; null for none.</param>
public sealed record MakerOfJob(long Version, PersonId? Person, ProjectId? Project = null);

public sealed record JobAttributed(Guid Id, long Version);

/// <summary>
/// A job that a machine told of and for which nobody had tapped: who made it says so, or the team does. A job of a use is its use's;
/// what is wrong there is corrected on the ledger.
/// </summary>
internal sealed class AttributeJob(BookingWriter writer, FloorChanges floor)
{
    /// <summary>The job belongs to a use.</summary>
    public const string OfAUse = "job_of_a_use";

    /// <summary>Somebody else has said that it is theirs.</summary>
    public const string Taken = "job_taken";

    public static void Map(RouteGroupBuilder makers) =>
        makers.MapPost("/machine-jobs/{id:guid}/maker", async (Guid id, MakerOfJob request, HttpContext http, AttributeJob handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(id, request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("AttributeJob").WithTags("machines").WithSummary("Says who made a job for which nobody had tapped.")
            .Produces<JobAttributed>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    public Task<Outcome<JobAttributed>> HandleAsync(Guid id, MakerOfJob request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<JobAttributed>(
            async (write, cancel) =>
            {
                var db = write.Db;
                if (await db.MachineJobs.SingleOrDefaultAsync(j => j.Id == id, cancel) is not { } job)
                    return Refusal.NotFound("machine_job");
                if ((request.Person ?? job.PersonId) is { } whom && !await db.MayAsync(by, Right.ClaimJobs, whom, cancel))
                    return Refusal.NotAllowed;
                if (job.SessionId is not null)
                    return Refusal.Conflict(OfAUse, "This job began in a use: it is whose the use is. Correct the row of the ledger.");
                if (job.PersonId is { } before && before != request.Person && !await db.MayAsync(by, Right.ClaimJobs, before, cancel))
                    return new Refusal(Taken, StatusCodes.Status403Forbidden, "Somebody else has said that this job is theirs.");
                if (job.Version != request.Version)
                    return Refusal.Stale;
                if (request.Person is { } person && !await db.People.AnyAsync(p => p.Id == person && p.Active, cancel))
                    return Refusal.NotFound("person");
                if (request.Project is { } project && !await db.Projects.AnyAsync(
                    p => p.Id == project && !p.Closed && (!p.Members.Any() || p.Members.Any(m => m.PersonId == request.Person)), cancel))
                {
                    return Refusal.NotFound("project");
                }
                job.PersonId = request.Person;
                job.ProjectId = request.Person is null ? null : request.Project;
                job.AttributedBy = by.Id;
                job.AttributedAt = write.Now;
                job.Version++;
                write.Audit(by.Id, "machine_job.attributed", id, request.Person?.ToString() ?? "");
                var machine = job.MachineId;
                write.AfterCommit(() => floor.Announce(new FloorChange(FloorTopic.State, machine)));
                return new JobAttributed(id, job.Version);
            },
            cancellationToken);
}
