using System.Globalization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Jobs.Pages;

/// <summary>The jobs of a machine, and who says whose they are.</summary>
internal static class JobPages
{
    public static void Map(RouteGroupBuilder makers)
    {
        makers.MapGet("/machines/{code}/jobs", async (string code, BookingDbContext db, JobQueries jobs, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
            await ShowAsync(200, code, null, null, db, jobs, frame, text, cancellationToken));
        makers.MapPost("/machines/{code}/jobs/{id:guid}", AttributeAsync);
        makers.MapPost("/machines/{code}/jobs/{id:guid}/give-back", GiveBackAsync);
    }

    private static async Task<IResult> AttributeAsync(
        string code, Guid id, [FromForm] string? person, [FromForm] string? project, [FromForm] long? version,
        HttpContext http, BookingDbContext db, AttributeJob handler, DoneNotes notes, JobQueries jobs, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        StaffActor actor = frame.Viewer.Actor!;
        PersonId? whom = actor.Id;
        if (frame.Viewer.HasAll(Right.ClaimJobs) && person?.Trim().ToUpperInvariant() is { Length: > 0 } shortCode)
            whom = await db.People.Where(p => p.ShortCode == shortCode && p.Active).Select(p => (PersonId?)p.Id).SingleOrDefaultAsync(cancellationToken);
        if (whom is null)
            return await ShowAsync(StatusCodes.Status400BadRequest, code, id, null, db, jobs, frame, text, cancellationToken);
        ProjectId? chosen = Ids.TryParse(project, out ProjectId known) ? known : null;
        Outcome<JobAttributed> outcome = await handler.HandleAsync(id, new MakerOfJob(version ?? -1, whom, chosen), actor, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return await ShowAsync(refusal.Status, code, null, ProblemOf(refusal), db, jobs, frame, text, cancellationToken);
        notes.Leave(http, new DoneNote(JobText.Attributed.Words(), $"/machines/{code}/jobs/{id}/give-back", Version(outcome.Value)));
        return Results.LocalRedirect($"/machines/{code}/jobs");
    }

    private static async Task<IResult> GiveBackAsync(
        string code, Guid id, [FromForm] long? version, HttpContext http, BookingDbContext db, AttributeJob handler, DoneNotes notes, JobQueries jobs, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        Outcome<JobAttributed> outcome = await handler.HandleAsync(id, new MakerOfJob(version ?? -1, null), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return await ShowAsync(refusal.Status, code, null, ProblemOf(refusal), db, jobs, frame, text, cancellationToken);
        notes.Leave(http, new DoneNote(JobText.GivenBack.Words()));
        return Results.LocalRedirect($"/machines/{code}/jobs");
    }

    private static Dictionary<string, string> Version(JobAttributed job) => new() { ["version"] = job.Version.ToString(CultureInfo.InvariantCulture) };

    private static Phrase ProblemOf(Refusal refusal) => refusal.Code switch
    {
        ProblemCodes.Stale => JobText.Changed,
        AttributeJob.Taken => JobText.Taken,
        AttributeJob.OfAUse => JobText.OfAUse,
        _ => WebText.NotDone,
    };

    private static async Task<IResult> ShowAsync(
        int status, string code, Guid? wrong, Phrase? problem, BookingDbContext db, JobQueries jobs, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        if (await db.Machines.Where(m => m.Code == code && !m.Retired).Select(m => (MachineId?)m.Id).SingleOrDefaultAsync(cancellationToken) is not { } machine)
            return Results.NotFound();
        return Web.Pages.Show<JobsPage>(
            status, (nameof(JobsPage.Code), code), (nameof(JobsPage.Lines), await jobs.OfMachineAsync(frame.Viewer, machine, text.Now, JobQueries.PageSize, cancellationToken)),
            (nameof(JobsPage.Projects), await jobs.ProjectsAsync(frame.Viewer.HasAll(Right.ClaimJobs) ? null : frame.Viewer.Actor!.Id, cancellationToken)),
            (nameof(JobsPage.Wrong), wrong), (nameof(JobsPage.Problem), problem));
    }
}
