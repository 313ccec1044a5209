using FabLab.Booking.Data;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.People.Pages;

/// <summary>The list of people and the page of one, with the habilitations staff grant and withdraw there.</summary>
internal static class PeoplePages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder finding = routes.Pages(Right.FindPeople);
        finding.MapGet("/people", (PeopleQueries people, PageFrame frame, CancellationToken cancellationToken) => ListAsync(null, people, frame, cancellationToken));
        finding.MapPost("/people", ([FromForm] string? q, PeopleQueries people, PageFrame frame, CancellationToken cancellationToken) =>
            ListAsync(q, people, frame, cancellationToken));
        routes.Pages(Right.SeePeople).MapGet("/people/{id:guid}", async (Guid id, PeopleQueries people, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
            await ShowAsync(200, new PersonId(id), null, null, people, frame, text, cancellationToken));
        RouteGroupBuilder granting = routes.Pages(Right.Grant);
        granting.MapPost("/people/{id:guid}/habilitations/grant", GrantAsync);
        granting.MapPost("/people/{id:guid}/habilitations/withdraw", WithdrawAsync);
    }

    private static async Task<RazorComponentResult<PeoplePage>> ListAsync(string? search, PeopleQueries people, PageFrame frame, CancellationToken cancellationToken) =>
        Web.Pages.Show<PeoplePage>(
            (nameof(PeoplePage.People), await people.FindAsync(frame.Viewer, search, cancellationToken)), (nameof(PeoplePage.Search), search));

    private static async Task<IResult> GrantAsync(
        Guid id, [FromForm] string? training, [FromForm] string? level, [FromForm] string? evidence,
        HttpContext http, BookingDbContext db, GrantHabilitation handler, DoneNotes notes,
        PeopleQueries people, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        var person = new PersonId(id);
        Training? wanted = Ids.TryParse(training, out TrainingId trainingId)
            ? await db.Trainings.SingleOrDefaultAsync(t => t.Id == trainingId && !t.Retired, cancellationToken)
            : null;
        HabilitationLevel asked = Enum.TryParse(level, out HabilitationLevel parsed) && Enum.IsDefined(parsed) ? parsed : HabilitationLevel.Autonomous;
        var form = new GrantForm(wanted?.Id, asked, evidence ?? "", null, null);
        if (wanted is null)
            return await ShowAsync(400, person, form with { TrainingError = PeopleText.TrainingMissing }, null, people, frame, text, cancellationToken);

        HabilitationStanding? before = (await HabilitationQueries.StandingsAsync(db, null, person, cancellationToken)).SingleOrDefault(s => s.Training == wanted.Id);
        Outcome<HabilitationActed> outcome = await handler.HandleAsync(
            person, new HabilitationGrant(wanted.Id, asked, evidence, LastAct: before?.LastAct ?? 0), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
        {
            return refusal.Field == "evidence"
                ? await ShowAsync(refusal.Status, person, form with { EvidenceError = PeopleText.EvidenceMissing }, null, people, frame, text, cancellationToken)
                : await ShowAsync(refusal.Status, person, null, ProblemOf(refusal), people, frame, text, cancellationToken);
        }

        notes.Leave(http, Habilitations.Pages.MatrixPages.Note(PeopleText.Granted.About(wanted), outcome.Value, $"/people/{id}"));
        return Results.LocalRedirect($"/people/{id}");
    }

    private static async Task<IResult> WithdrawAsync(
        Guid id, [FromForm] string? habilitation, [FromForm] int? seen, [FromForm] string? evidence,
        HttpContext http, BookingDbContext db, ActOnHabilitation handler, DoneNotes notes,
        PeopleQueries people, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        var person = new PersonId(id);
        HabilitationStanding? before = Ids.TryParse(habilitation, out HabilitationId habilitationId)
            ? (await HabilitationQueries.StandingsAsync(db, [habilitationId], null, cancellationToken)).SingleOrDefault(s => s.Person == person)
            : null;
        if (before is null)
            return Results.NotFound();
        Training training = await db.Trainings.SingleAsync(t => t.Id == before.Training, cancellationToken);
        Outcome<HabilitationActed> outcome = await handler.HandleAsync(
            before.Id, HabilitationActKind.Withdrawn, new HabilitationActRequest(evidence, seen ?? 0), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
        {
            Phrase problem = refusal.Field == "evidence" ? PeopleText.EvidenceMissing : ProblemOf(refusal);
            return await ShowAsync(refusal.Status, person, null, problem, people, frame, text, cancellationToken);
        }

        notes.Leave(http, Habilitations.Pages.MatrixPages.Note(PeopleText.Withdrawn.About(training), outcome.Value, $"/people/{id}"));
        return Results.LocalRedirect($"/people/{id}");
    }

    /// <summary>The sentence with the name of the training, each in its language.</summary>
    private static Words About(this Phrase phrase, Training training) => new(
        phrase.In(Language.French, training.NameFr), phrase.In(Language.English, training.NameEn));

    private static Phrase ProblemOf(Refusal refusal) =>
        refusal.Code is ProblemCodes.Stale or "habilitation_not_so" ? PeopleText.ChangedMeanwhile : WebText.NotDone;

    private static async Task<IResult> ShowAsync(
        int status, PersonId id, GrantForm? entered, Phrase? problem, PeopleQueries people, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
        await people.SheetAsync(frame.Viewer, id, text.Now, cancellationToken) is { } sheet
            ? Web.Pages.Show<PersonPage>(
                status, (nameof(PersonPage.Sheet), sheet), (nameof(PersonPage.Entered), entered), (nameof(PersonPage.Problem), problem))
            : Results.NotFound();
}
