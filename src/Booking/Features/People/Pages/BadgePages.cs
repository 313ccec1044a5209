using System.Globalization;
using FabLab.Booking.Features.Floor.Pages;
using FabLab.Booking.Web;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace FabLab.Booking.Features.People.Pages;

/// <summary>A person's badges: given at a reader or by number, lost, suspended, taken back; and the page that waits for the tap.</summary>
internal static class BadgePages
{
    public static void Map(RouteGroupBuilder staff)
    {
        staff.MapGet("/people/{id:guid}/badges", async (Guid id, BadgeQueries badges, CancellationToken cancellationToken) =>
            await ShowAsync(200, new PersonId(id), null, null, badges, cancellationToken));
        staff.MapGet("/people/{id:guid}/badges/wait/{wait:guid}", async (Guid id, Guid wait, BadgeQueries badges, CancellationToken cancellationToken) =>
            await badges.WaitAsync(new PersonId(id), wait, cancellationToken) is { } shown
                ? Web.Pages.Show<BadgeWaitPage>((nameof(BadgeWaitPage.Wait), shown))
                : Results.NotFound());
        staff.MapPost("/people/{id:guid}/badges/wait", WaitAsync);
        staff.MapPost("/people/{id:guid}/badges/wait/{wait:guid}/stop", StopAsync);
        staff.MapPost("/people/{id:guid}/badges/enrol", EnrolAsync);
        staff.MapPost("/people/{id:guid}/badges/change", ChangeAsync);
    }

    private static async Task<IResult> WaitAsync(
        Guid id, [FromForm] string? reader, [FromForm] string? assurance, WaitForBadge handler, BadgeQueries badges, PageFrame frame, CancellationToken cancellationToken)
    {
        string[] parts = (reader ?? "").Split('/');
        int channel = parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1;
        Outcome<BadgeAwaited> outcome = await handler.HandleAsync(
            new PersonId(id), new ReaderToWatch(parts[0], channel, Level(assurance)), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
        {
            Phrase error = refusal.Code == "reader_busy" ? BadgeText.ReaderBusy : BadgeText.ReaderUnknown;
            return await ShowAsync(refusal.Status, new PersonId(id), new BadgeForm(reader, Level(assurance), null, error), null, badges, cancellationToken);
        }

        return Results.LocalRedirect($"/people/{id}/badges/wait/{outcome.Value.Id}");
    }

    private static async Task<IResult> StopAsync(Guid id, Guid wait, WaitForBadge handler, PageFrame frame, CancellationToken cancellationToken)
    {
        Outcome<BadgeAwaited> outcome = await handler.CancelAsync(wait, frame.Viewer.Actor!, cancellationToken);
        // One that is over shows what came of it: a badge tapped in the last moment is not hidden by the click.
        return outcome.Refusal is { Status: StatusCodes.Status404NotFound }
            ? Results.NotFound()
            : Results.LocalRedirect($"/people/{id}/badges/wait/{wait}");
    }

    private static async Task<IResult> EnrolAsync(
        Guid id, [FromForm] string? number, [FromForm] string? kind, [FromForm] string? assurance,
        HttpContext http, EnrolBadge handler, DoneNotes notes, BadgeQueries badges, PageFrame frame, CancellationToken cancellationToken)
    {
        var person = new PersonId(id);
        var request = new BadgeToEnrol(number, string.IsNullOrEmpty(kind) ? null : kind, Level(assurance));
        Outcome<BadgeEnrolled> outcome = await handler.HandleAsync(person, request, frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
        {
            PersonGlance? owner = refusal.Code == "badge_taken" && handler.PrintOf(request) is { } print ? await badges.OwnerAsync(print, cancellationToken) : null;
            Phrase error = refusal switch
            {
                { Code: "badge_taken" } => owner is null ? BadgeText.TakenByOther : BadgeText.TakenBy,
                { Code: "badge_already_theirs" } => BadgeText.AlreadyTheirs,
                { Code: "badge_ambiguous" } => BadgeText.Ambiguous,
                { Field: "reader" } => BadgeText.KindNeeded,
                _ => BadgeText.NumberWrong,
            };
            return await ShowAsync(refusal.Status, person, new BadgeForm(kind, request.Assurance, error, null, owner), null, badges, cancellationToken);
        }

        long version = (await badges.SheetAsync(person, cancellationToken))?.Badges.SingleOrDefault(b => b.Id == outcome.Value.Id)?.Version ?? 0;
        notes.Leave(http, new DoneNote(BadgeText.Given.Words(), $"/people/{id}/badges/change", Fields(outcome.Value.Id, version, BadgeState.Active, takeBack: true)));
        return Results.LocalRedirect($"/people/{id}/badges");
    }

    private static async Task<IResult> ChangeAsync(
        Guid id, [FromForm] string? badge, [FromForm] long? version, [FromForm] string? state, [FromForm] bool? takeBack, [FromForm] string? assurance,
        HttpContext http, ChangeBadge handler, DoneNotes notes, BadgeQueries badges, PageFrame frame, CancellationToken cancellationToken)
    {
        var person = new PersonId(id);
        if (await badges.SheetAsync(person, cancellationToken) is not { } before)
            return Results.NotFound();
        if (!Ids.TryParse(badge, out BadgeId badgeId) || before.Badges.SingleOrDefault(b => b.Id == badgeId) is not { } was
            || !Enum.TryParse(state, out BadgeState wanted) || !Enum.IsDefined(wanted))
        {
            return await ShowAsync(409, person, null, WebText.NotDone, badges, cancellationToken);
        }

        bool back = takeBack == true;
        Outcome<Changed> outcome = await handler.HandleAsync(
            badgeId, new BadgeChange(version ?? -1, wanted, back, assurance is null ? null : Level(assurance)), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return await ShowAsync(refusal.Status, person, null, WebText.NotDone, badges, cancellationToken);
        Words done = (back ? BadgeText.TakenBack : wanted switch
        {
            BadgeState.Lost => BadgeText.LostNow,
            BadgeState.Suspended => BadgeText.SuspendedNow,
            _ => BadgeText.ActiveNow,
        }).Words();
        // A badge in the drawer is given again at a reader: nobody can undo what they cannot see.
        notes.Leave(http, back ? new DoneNote(done) : new DoneNote(done, $"/people/{id}/badges/change", Fields(badgeId, outcome.Value.Version, was.State, takeBack: false)));
        return Results.LocalRedirect($"/people/{id}/badges");
    }

    private static Dictionary<string, string> Fields(BadgeId badge, long version, BadgeState state, bool takeBack) => new()
    {
        ["badge"] = badge.ToString(),
        ["version"] = version.ToString(CultureInfo.InvariantCulture),
        ["state"] = state.ToString(),
        ["takeBack"] = takeBack ? "true" : "false",
    };

    private static BadgeAssurance Level(string? text) =>
        Enum.TryParse(text, out BadgeAssurance level) && Enum.IsDefined(level) ? level : BadgeAssurance.Number;

    private static async Task<IResult> ShowAsync(
        int status, PersonId id, BadgeForm? entered, Phrase? problem, BadgeQueries badges, CancellationToken cancellationToken) =>
        await badges.SheetAsync(id, cancellationToken) is { } sheet
            ? Web.Pages.Show<BadgesPage>(
                status, (nameof(BadgesPage.Sheet), sheet), (nameof(BadgesPage.Entered), entered), (nameof(BadgesPage.Problem), problem))
            : Results.NotFound();
}
