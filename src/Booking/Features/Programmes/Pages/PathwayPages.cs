using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Booking.Features.Programmes.Pages;

/// <summary>The page of somebody's pathway, and the certificate of what they attended.</summary>
internal static class PathwayPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var seeing = routes.Pages(Right.SeePeople);
        seeing.MapGet("/people/{id:guid}/pathway", async (Guid id, PathwayQueries pathways, PageFrame frame, PageText text, HttpContext http, IOptions<BookingOptions> options, CancellationToken cancellationToken) =>
            await pathways.ReadAsync(frame.Viewer, new PersonId(id), text.Now, text.Zone, cancellationToken) is { } sheet
                ? Web.Pages.Show<PathwayPage>(
                    (nameof(PathwayPage.Sheet), sheet), (nameof(PathwayPage.Address), options.Value.SiteFor(http.Request) + http.Request.Path))
                : Results.NotFound());
        seeing.MapPost("/people/{id:guid}/pathway", async (Guid id, IFormCollection form, ShowOwnPage handler, DoneNotes notes, PageFrame frame, HttpContext http, CancellationToken cancellationToken) =>
        {
            var choice = new OwnPageChoice(On("name"), On("steps"), On("skills"), On("hours"), On("projects"), On("habilitations"));
            var outcome = await handler.HandleAsync(new PersonId(id), choice, frame.Viewer.Actor!, cancellationToken);
            if (outcome.Refusal is { } refusal)
                return Results.StatusCode(refusal.Status);
            notes.Leave(http, new DoneNote(ProgrammeText.ShownSaved.Words()));
            return Results.LocalRedirect($"/people/{id}/pathway");

            bool On(string field) => form[field] == "true";
        });
        seeing.MapGet("/people/{id:guid}/attendance", async (Guid id, string? from, string? until, PathwayQueries pathways, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
        {
            var today = text.Now.InZone(text.Zone).Date;
            var last = Day(until) ?? today;
            var first = Day(from) ?? last.PlusMonths(-3);
            return await pathways.AttendanceAsync(frame.Viewer, new PersonId(id), LocalDate.Min(first, last), last, text.Zone, cancellationToken) is { } sheet
                ? Web.Pages.Show<AttendancePage>((nameof(AttendancePage.Sheet), sheet), (nameof(AttendancePage.Place), frame.PlaceName))
                : Results.NotFound();
        });
    }

    private static LocalDate? Day(string? text) => LocalDatePattern.Iso.Parse(text ?? "") is { Success: true, Value: { Year: > 1990 and < 2200 } day } ? day : null;
}
