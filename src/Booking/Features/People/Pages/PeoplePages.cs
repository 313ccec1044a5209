using FabLab.Booking.Data;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Messages;
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
        routes.Pages(Right.SeePeople).MapGet("/people/{id:guid}", async (Guid id, string? grant, PeopleQueries people, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
            // Led here from a refusal: the training that was missing is chosen already.
            await ShowAsync(
                200, new PersonId(id), Ids.TryParse(grant, out TrainingId training) ? new GrantForm(training, HabilitationLevel.Autonomous, "", null, null) : null, null,
                people, frame, text, cancellationToken));
        RouteGroupBuilder keeping = routes.Pages(Right.KeepPeople);
        keeping.MapGet("/people/new", () => Web.Pages.Show<NewPersonPage>((nameof(NewPersonPage.Form), new NewPersonForm())));
        keeping.MapPost("/people/new", RegisterAsync);
        keeping.MapPost("/people/{id:guid}/contact", ContactAsync);
        RouteGroupBuilder granting = routes.Pages(Right.Grant);
        granting.MapPost("/people/{id:guid}/habilitations/grant", GrantAsync);
        granting.MapPost("/people/{id:guid}/habilitations/withdraw", WithdrawAsync);
    }

    private static async Task<RazorComponentResult<PeoplePage>> ListAsync(string? search, PeopleQueries people, PageFrame frame, CancellationToken cancellationToken) =>
        Web.Pages.Show<PeoplePage>(
            (nameof(PeoplePage.People), await people.FindAsync(frame.Viewer, search, cancellationToken)), (nameof(PeoplePage.Search), search));

    private static async Task<IResult> RegisterAsync(
        [FromForm] string? name, [FromForm] string? age, [FromForm] string? birth, [FromForm] string? member, [FromForm] string? code,
        HttpContext http, AddPerson handler, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken)
    {
        var form = new NewPersonForm(name, age != "minor", Day(birth), Day(member), string.IsNullOrWhiteSpace(code) ? null : code);
        // A date that cannot be read is not a date left out.
        if (form.Birth is null && !string.IsNullOrWhiteSpace(birth))
            return Again(400, form with { Field = "birthDate", Error = PeopleText.NewBirthWrong });
        if (form.Member is null && !string.IsNullOrWhiteSpace(member))
            return Again(400, form with { Field = "memberThrough", Error = PeopleText.NewMemberWrong });
        Outcome<PersonAdded> outcome = await handler.HandleAsync(
            new NewPerson(form.Code, name, form.Adult, form.Adult ? null : form.Birth, form.Member), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
        {
            Phrase error = refusal switch
            {
                { Code: "short_code_taken" } => PeopleText.NewCodeTaken,
                { Field: "shortCode" } => PeopleText.NewCodeWrong,
                { Field: "birthDate" } => PeopleText.NewBirthWrong,
                { Field: "memberThrough" } => PeopleText.NewMemberWrong,
                _ => PeopleText.NewNameWrong,
            };
            return Again(refusal.Status, form with { Field = refusal.Field ?? "displayName", Error = error });
        }

        PersonAdded added = outcome.Value;
        notes.Leave(http, new DoneNote(string.IsNullOrWhiteSpace(name)
            ? PeopleText.NewDoneNoName.Words(added.ShortCode)
            : PeopleText.NewDone.Words(name.Trim(), added.ShortCode)));
        return Results.LocalRedirect(frame.Viewer.Has(Right.KeepBadges) ? $"/people/{added.Id}/badges" : $"/people/{added.Id}");

        static LocalDate? Day(string? text) => NodaTime.Text.LocalDatePattern.Iso.Parse(text?.Trim() ?? "") is { Success: true, Value: var day } ? day : null;

        static IResult Again(int status, NewPersonForm form) => Web.Pages.Show<NewPersonPage>(status, (nameof(NewPersonPage.Form), form));
    }

    /// <summary>Notes where somebody may be written to, as they say it at the front desk.</summary>
    private static async Task<IResult> ContactAsync(
        Guid id, [FromForm] string? email, [FromForm] string? consent, [FromForm] long? version, HttpContext http, SetContact handler, DoneNotes notes,
        PeopleQueries people, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        var person = new PersonId(id);
        if (await people.SheetAsync(frame.Viewer, person, text.Now, cancellationToken) is not { Contact: { } before } sheet)
            return Results.NotFound();
        var form = new ContactForm(email ?? "", consent == "on", version ?? -1);
        Outcome<Changed> outcome = await handler.HandleAsync(person, new Contact(form.Version, form.Email, form.Consent), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
        {
            Phrase? error = refusal.Field switch { "email" => MessageText.EmailWrong, "mailConsent" => MessageText.EmailMissing, _ => null };
            return error is null
                ? await ShowAsync(refusal.Status, person, null, refusal.Code == ProblemCodes.Stale ? StaleText.Title : WebText.NotDone, people, frame, text, cancellationToken)
                : Web.Pages.Show<PersonPage>(refusal.Status, (nameof(PersonPage.Sheet), sheet), (nameof(PersonPage.Contact), form with { Error = error }));
        }

        var undo = new Dictionary<string, string> { ["email"] = before.Email, ["version"] = outcome.Value.Version.ToString(System.Globalization.CultureInfo.InvariantCulture) };
        if (before.Consent)
            undo["consent"] = "on";
        notes.Leave(http, new DoneNote(PeopleText.ContactSaved.Words(), $"/people/{id}/contact", undo));
        return Results.LocalRedirect($"/people/{id}");
    }

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
