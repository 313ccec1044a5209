using FabLab.Booking.Web;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace FabLab.Booking.Features.Floor.Pages;

/// <summary>The live floor, and the parts of it a change fetches again.</summary>
internal static class FloorPages
{
    public static void Map(RouteGroupBuilder open)
    {
        open.MapGet("/", Page);
        open.MapGet("/live", (LiveStream live, HttpContext http) => live.Connect(http));
        open.MapGet("/live/floor", Grid);
        open.MapGet("/live/counts", Counts);
        open.MapGet("/live/machines/{code}", Machine);
    }

    private static async Task<RazorComponentResult<FloorPage>> Page(FloorQueries floor, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
        Web.Pages.Show<FloorPage>((nameof(FloorPage.Machines), await floor.MachinesAsync(frame.Viewer, text.Now, null, cancellationToken)));

    private static async Task<RazorComponentResult<FloorGrid>> Grid(FloorQueries floor, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
        Web.Pages.Show<FloorGrid>((nameof(FloorGrid.Machines), await floor.MachinesAsync(frame.Viewer, text.Now, null, cancellationToken)));

    private static async Task<RazorComponentResult<FloorCounts>> Counts(FloorQueries floor, PageText text, CancellationToken cancellationToken) =>
        Web.Pages.Show<FloorCounts>((nameof(FloorCounts.Machines), await floor.MachinesAsync(Viewer.Nobody, text.Now, null, cancellationToken)));

    private static async Task<Results<RazorComponentResult<MachineTile>, NotFound>> Machine(
        string code, FloorQueries floor, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        IReadOnlyList<MachineGlance> found = await floor.MachinesAsync(frame.Viewer, text.Now, code, cancellationToken);
        return found.Count == 0
            ? TypedResults.NotFound()
            : Web.Pages.Show<MachineTile>((nameof(MachineTile.Machine), found[0]));
    }
}
