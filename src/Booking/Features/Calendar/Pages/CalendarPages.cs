using FabLab.Booking.Data;
using FabLab.Booking.Features.Messages;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace FabLab.Booking.Features.Calendar.Pages;

/// <summary>The page where somebody makes and removes the address of their own calendar.</summary>
internal static class CalendarPages
{
    private const string Address = "/account/calendar";

    public static void Map(IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder own = routes.Pages(Right.OwnAccount);
        own.AddEndpointFilter(MessageChanges.SecondFactorFirstAsync);
        own.MapGet(Address, async (HttpContext http, BookingDbContext db, PageFrame frame, IOptions<BookingOptions> options, CancellationToken cancellationToken) =>
            await ShowAsync(null, http, db, frame, options, cancellationToken));
        own.MapPost(Address, async (HttpContext http, KeepFeed handler, BookingDbContext db, PageFrame frame, IOptions<BookingOptions> options, CancellationToken cancellationToken) =>
        {
            Outcome<FeedMade> outcome = await handler.MakeAsync(frame.Viewer.Actor!, cancellationToken);
            // No redirect: the address is shown on this one answer.
            return outcome.Refusal is null ? await ShowAsync(outcome.Value.Path, http, db, frame, options, cancellationToken) : Results.NotFound();
        });
        own.MapPost($"{Address}/revoke", async (HttpContext http, KeepFeed handler, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken) =>
        {
            // A second click finds it done.
            await handler.RevokeAsync(frame.Viewer.Actor!, cancellationToken);
            notes.Leave(http, new DoneNote(CalendarText.Revoked.Words()));
            return Results.LocalRedirect(Address);
        });
    }

    private static async Task<IResult> ShowAsync(
        string? made, HttpContext http, BookingDbContext db, PageFrame frame, IOptions<BookingOptions> options, CancellationToken cancellationToken)
    {
        string site = options.Value.SiteFor(http.Request);
        return Web.Pages.Show<CalendarPage>(
            (nameof(CalendarPage.Feed), await db.CalendarFeeds.SingleOrDefaultAsync(feed => feed.PersonId == frame.Viewer.Actor!.Id, cancellationToken)),
            (nameof(CalendarPage.Made), made is null ? null : site + made),
            (nameof(CalendarPage.Agenda), site + "/agenda.ics"));
    }
}
