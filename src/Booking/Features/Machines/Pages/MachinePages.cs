using FabLab.Booking.Web;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FabLab.Booking.Features.Machines.Pages;

/// <summary>The page of one machine, and what staff do there.</summary>
internal static class MachinePages
{
    public const int MaxCause = 200;

    public static void Map(RouteGroupBuilder open, RouteGroupBuilder staff)
    {
        open.MapGet("/machines/{code}", async (string code, MachineQueries machines, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
            await ShowAsync(200, code, null, machines, frame, text, cancellationToken));
    }

    private static async Task<IResult> ShowAsync(
        int status, string code, LockOutForm? entered, MachineQueries machines, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
        await machines.SheetAsync(frame.Viewer, code, text.Now, text.Zone, cancellationToken) is { } sheet
            ? Web.Pages.Show<MachinePage>(status, (nameof(MachinePage.Sheet), sheet), (nameof(MachinePage.Entered), entered))
            : Results.NotFound();
}
