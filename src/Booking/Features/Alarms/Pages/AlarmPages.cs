using FabLab.Booking.Features.Journal;
using FabLab.Booking.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace FabLab.Booking.Features.Alarms.Pages;

/// <summary>The alarms, for staff.</summary>
internal static class AlarmPages
{
    public static void Map(RouteGroupBuilder staff)
    {
        staff.MapGet("/alarms", async (AlarmQueries alarms, PageFrame frame, CancellationToken cancellationToken) =>
            Web.Pages.Show<AlarmsPage>((nameof(AlarmsPage.Alarms), await alarms.LatestAsync(frame.Viewer, cancellationToken))));
        staff.MapPost("/alarms/seen", async (
            [FromForm] string? gateway, [FromForm] long? epoch, [FromForm] long? seq,
            HttpContext http, SeeAlarm handler, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken) =>
        {
            Outcome<AlarmKey> outcome = await handler.HandleAsync(new AlarmKey(gateway, epoch ?? 0, seq ?? 0), frame.Viewer.Actor!, cancellationToken);
            if (outcome.Refusal is { } refusal)
                return Results.StatusCode(refusal.Status);
            notes.Leave(http, new DoneNote(AlarmText.Marked.Words()));
            return Results.LocalRedirect("/alarms");
        });
    }
}
