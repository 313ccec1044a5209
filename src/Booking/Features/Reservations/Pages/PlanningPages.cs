using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace FabLab.Booking.Features.Reservations.Pages;

/// <summary>The planning of staff, the one for everybody and the screen for the wall.</summary>
internal static class PlanningPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.Pages(Right.Book).MapGet("/planning", async (string? day, string? view, PlanningQueries planning, PageText text, CancellationToken cancellationToken) =>
            Web.Pages.Show<PlanningPage>((nameof(PlanningPage.Sheet), await planning.StaffAsync(BookQueries.Day(day), view == "week", text.Now, cancellationToken))));
        var open = routes.Pages();
        open.MapGet("/planning/public", async (string? day, PlanningQueries planning, PageText text, CancellationToken cancellationToken) =>
            Web.Pages.Show<PublicPage>((nameof(PublicPage.Sheet), await planning.PublicAsync(BookQueries.Day(day), text.Now, cancellationToken))));
        open.MapGet("/planning/wall", async (PlanningQueries planning, PageText text, CancellationToken cancellationToken) =>
            Web.Pages.Show<WallPage>((nameof(WallPage.Sheet), await planning.WallAsync(text.Now, cancellationToken))));
    }
}
