using System.Globalization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Contracts;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace FabLab.Booking.Features.Messages.Pages;

/// <summary>One's own messages, and how one wants to be told.</summary>
internal static class MessagePages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder own = routes.Pages(Right.OwnAccount);
        own.AddEndpointFilter(MessageChanges.SecondFactorFirstAsync);
        own.MapGet(MessageWords.Page, async (BookingDbContext db, PageFrame frame, CancellationToken cancellationToken) =>
            Web.Pages.Show<MessagesPage>((nameof(MessagesPage.Messages), await ReadMessages.OfAsync(db, frame.Viewer.Actor!.Id, cancellationToken))));
        own.MapPost("/messages/read", ReadAsync);
        own.MapPost("/messages/unread", UnreadAsync);
        own.MapGet(MessageWords.SettingsPage, async (BookingDbContext db, PageFrame frame, IOptions<BookingOptions> options, CancellationToken cancellationToken) =>
            await ShowAsync(200, null, null, db, frame, options, cancellationToken));
        own.MapPost(MessageWords.SettingsPage, SetAsync);
    }

    private static async Task<IResult> ReadAsync([FromForm] string? id, HttpContext http, ReadMessages handler, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken)
    {
        StaffActor by = frame.Viewer.Actor!;
        if (id is null)
        {
            MessagesMarked all = await handler.MarkAllReadAsync(by, cancellationToken);
            string at = all.At.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
            notes.Leave(http, new DoneNote(MessageText.MarkedAllRead.Words(), "/messages/unread", new Dictionary<string, string> { ["at"] = at }));
            return Results.LocalRedirect(MessageWords.Page);
        }

        if (!Guid.TryParse(id, out Guid message) || (await handler.MarkAsync(by, message, read: true, cancellationToken)).Refusal is not null)
            return Results.NotFound();
        notes.Leave(http, new DoneNote(MessageText.MarkedRead.Words(), "/messages/unread", new Dictionary<string, string> { ["id"] = id }));
        return Results.LocalRedirect(MessageWords.Page);
    }

    private static async Task<IResult> UnreadAsync(
        [FromForm] string? id, [FromForm] long? at, HttpContext http, ReadMessages handler, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken)
    {
        StaffActor by = frame.Viewer.Actor!;
        if (at is { } moment)
        {
            return (await handler.UnmarkAsync(by, new MessagesToUnmark(moment), cancellationToken)).Refusal is null
                ? Results.LocalRedirect(MessageWords.Page)
                : Results.NotFound();
        }

        if (!Guid.TryParse(id, out Guid message) || (await handler.MarkAsync(by, message, read: false, cancellationToken)).Refusal is not null)
            return Results.NotFound();
        notes.Leave(http, new DoneNote(MessageText.MarkedUnread.Words()));
        return Results.LocalRedirect(MessageWords.Page);
    }

    private static async Task<IResult> SetAsync(
        [FromForm] long? version, [FromForm] string? email, [FromForm] string? consent, [FromForm] string? language,
        HttpContext http, SetMessages handler, BookingDbContext db, DoneNotes notes, PageFrame frame, IOptions<BookingOptions> options, CancellationToken cancellationToken)
    {
        IFormCollection form = await http.Request.ReadFormAsync(cancellationToken);
        // What the page does not offer stays as it was.
        IEnumerable<MessageWish> offered = (await SetMessages.OfAsync(db, frame.Viewer.Actor!.Id, cancellationToken))?.Wishes ?? [];
        var asked = new MessageSettings(
            version ?? -1, email, consent is not null, language != "en",
            [.. offered.Select(wish => new MessageWish(wish.Kind, form.ContainsKey($"site-{wish.Kind}"), form.ContainsKey($"mail-{wish.Kind}")))]);
        Outcome<People.Changed> outcome = await handler.HandleAsync(frame.Viewer.Actor!, asked, cancellationToken);
        if (outcome.Refusal is { } refusal)
        {
            Phrase problem = refusal.Field switch
            {
                "email" => MessageText.EmailWrong,
                "mailConsent" => MessageText.EmailMissing,
                _ => WebText.NotDone,
            };
            return await ShowAsync(refusal.Status, refusal.Code == ProblemCodes.Stale ? null : asked, problem, db, frame, options, cancellationToken);
        }

        notes.Leave(http, new DoneNote(MessageText.Saved.Words()));
        return Results.LocalRedirect(MessageWords.SettingsPage);
    }

    private static async Task<IResult> ShowAsync(
        int status, MessageSettings? entered, Phrase? problem, BookingDbContext db, PageFrame frame, IOptions<BookingOptions> options, CancellationToken cancellationToken)
    {
        if (await SetMessages.OfAsync(db, frame.Viewer.Actor!.Id, cancellationToken) is not { } known)
            return Results.NotFound();
        MailState? last = await db.Messages.Where(m => m.PersonId == frame.Viewer.Actor!.Id && (m.Mail == MailState.Sent || m.Mail == MailState.Refused))
            .OrderByDescending(m => m.At).Select(m => (MailState?)m.Mail).FirstOrDefaultAsync(cancellationToken);
        return Web.Pages.Show<MessageSettingsPage>(
            status,
            (nameof(MessageSettingsPage.Settings), entered ?? known),
            (nameof(MessageSettingsPage.Problem), problem),
            (nameof(MessageSettingsPage.MailOn), options.Value.Mail.On),
            (nameof(MessageSettingsPage.LastRefused), last == MailState.Refused));
    }
}
