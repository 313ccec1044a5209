using FabLab.Booking.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FabLab.Booking.Features.Alarms.Pages;

/// <summary>The alarms, for staff.</summary>
internal static class AlarmPages
{
    public static void Map(RouteGroupBuilder staff)
    {
        staff.MapGet("/alarms", async (AlarmQueries alarms, CancellationToken cancellationToken) =>
            Web.Pages.Show<AlarmsPage>((nameof(AlarmsPage.Alarms), await alarms.LatestAsync(cancellationToken))));
    }
}
