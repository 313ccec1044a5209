using FabLab.Booking.Data;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Webhooks.Pages;

/// <summary>The programs that are told of events, for the manager.</summary>
internal static class WebhookPages
{
    private const string Root = "/webhooks";

    public static void Map(IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder staff = routes.Pages(Right.KeepLab);
        staff.MapGet(Root, async (BookingDbContext db, CancellationToken cancellationToken) => await ListAsync(200, null, null, null, db, cancellationToken));
        staff.MapPost(Root, AddAsync);
        staff.MapGet($"{Root}/{{id:guid}}", async (Guid id, BookingDbContext db, CancellationToken cancellationToken) => await ShowAsync(200, id, null, null, db, cancellationToken));
        staff.MapPost($"{Root}/{{id:guid}}", ChangeAsync);
        staff.MapPost($"{Root}/{{id:guid}}/secret", SecretAsync);
        staff.MapPost($"{Root}/{{id:guid}}/test", async (Guid id, HttpContext http, KeepWebhooks handler, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken) =>
            Back(http, notes, await handler.TestAsync(id, frame.Viewer.Actor!, cancellationToken), new DoneNote(WebhookText.Tested.Words()), $"{Root}/{id}"));
        staff.MapPost($"{Root}/{{id:guid}}/remove", async (Guid id, HttpContext http, KeepWebhooks handler, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken) =>
            Back(http, notes, await handler.RemoveAsync(id, removed: true, frame.Viewer.Actor!, cancellationToken), new DoneNote(WebhookText.Removed.Words(), $"{Root}/{id}/restore"), Root));
        staff.MapPost($"{Root}/{{id:guid}}/restore", async (Guid id, HttpContext http, KeepWebhooks handler, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken) =>
            Back(http, notes, await handler.RemoveAsync(id, removed: false, frame.Viewer.Actor!, cancellationToken), new DoneNote(WebhookText.Restored.Words()), Root));
        staff.MapPost($"{Root}/{{id:guid}}/resend", async (
            Guid id, [FromForm] string? delivery, HttpContext http, KeepWebhooks handler, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken) =>
            Guid.TryParse(delivery, out Guid sent)
                ? Back(http, notes, await handler.ResendAsync(sent, frame.Viewer.Actor!, cancellationToken), new DoneNote(WebhookText.Resent.Words()), $"{Root}/{id}")
                : Results.NotFound());
    }

    private static async Task<IResult> AddAsync(HttpContext http, KeepWebhooks handler, BookingDbContext db, PageFrame frame, CancellationToken cancellationToken)
    {
        WebhookWish asked = Read(await http.Request.ReadFormAsync(cancellationToken)) with { Active = true };
        Outcome<WebhookMade> outcome = await handler.AddAsync(asked, frame.Viewer.Actor!, cancellationToken);
        return outcome.Refusal is { } refusal
            ? await ListAsync(refusal.Status, asked, ProblemOf(refusal), refusal.Field, db, cancellationToken)
            // No redirect: the secret is shown on this one answer.
            : await ShowAsync(200, outcome.Value.Id, null, null, db, cancellationToken, outcome.Value.Secret);
    }

    private static async Task<IResult> ChangeAsync(
        Guid id, HttpContext http, KeepWebhooks handler, BookingDbContext db, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken)
    {
        WebhookWish asked = Read(await http.Request.ReadFormAsync(cancellationToken));
        Outcome<WebhookChanged> outcome = await handler.ChangeAsync(id, asked, frame.Viewer.Actor!, cancellationToken);
        return outcome.Refusal is { Status: not 404 } refusal
            ? await ShowAsync(refusal.Status, id, ProblemOf(refusal), refusal.Field, db, cancellationToken)
            : Back(http, notes, outcome, new DoneNote(WebhookText.Saved.Words()), $"{Root}/{id}");
    }

    private static async Task<IResult> SecretAsync(Guid id, KeepWebhooks handler, BookingDbContext db, PageFrame frame, CancellationToken cancellationToken)
    {
        Outcome<WebhookMade> outcome = await handler.NewSecretAsync(id, frame.Viewer.Actor!, cancellationToken);
        return outcome.Refusal is null ? await ShowAsync(200, id, null, null, db, cancellationToken, outcome.Value.Secret) : Results.NotFound();
    }

    private static IResult Back(HttpContext http, DoneNotes notes, Outcome<WebhookChanged> outcome, DoneNote done, string address)
    {
        if (outcome.Refusal is { } refusal)
            return Results.StatusCode(refusal.Status);
        notes.Leave(http, done);
        return Results.LocalRedirect(address);
    }

    private static WebhookWish Read(IFormCollection form) => new(
        form["label"], form["url"], [.. WebhookEvents.Kinds.Where(kind => form.ContainsKey($"kind-{kind}"))], form.ContainsKey("active"),
        long.TryParse(form["version"], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out long version) ? version : -1);

    private static Phrase ProblemOf(Refusal refusal) => refusal.Field switch
    {
        "label" => WebhookText.LabelWrong,
        "url" => WebhookText.UrlWrong,
        "kinds" => WebhookText.KindsWrong,
        _ => WebText.NotDone,
    };

    private static async Task<IResult> ListAsync(int status, WebhookWish? entered, Phrase? problem, string? field, BookingDbContext db, CancellationToken cancellationToken) =>
        Web.Pages.Show<WebhooksPage>(
            status, (nameof(WebhooksPage.Webhooks), await KeepWebhooks.ListAsync(db, cancellationToken)), (nameof(WebhooksPage.Entered), entered),
            (nameof(WebhooksPage.Problem), problem), (nameof(WebhooksPage.Field), field));

    private static async Task<IResult> ShowAsync(
        int status, Guid id, Phrase? problem, string? field, BookingDbContext db, CancellationToken cancellationToken, string? secret = null) =>
        await db.Webhooks.SingleOrDefaultAsync(row => row.Id == id && row.RemovedAt == null, cancellationToken) is { } webhook
            ? Web.Pages.Show<WebhookPage>(
                status, (nameof(WebhookPage.Webhook), webhook), (nameof(WebhookPage.Deliveries), await KeepWebhooks.DeliveriesAsync(db, id, cancellationToken)),
                (nameof(WebhookPage.Secret), secret), (nameof(WebhookPage.Problem), problem), (nameof(WebhookPage.Field), field))
            : Results.NotFound();
}
