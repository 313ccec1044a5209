using System.Globalization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Core.Scheduling;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Booking.Features.Volunteering.Pages;

/// <summary>Volunteers' hours: those of the place with their sums, and those of one person with the form.</summary>
internal static class VolunteeringPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var keeping = routes.Pages(Right.KeepVolunteering);
        keeping.MapGet("/volunteering", async (HttpContext http, VolunteeringQueries queries, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
        {
            var (from, through) = Days(http, text);
            return Show(200, await queries.ReadAsync(frame.Viewer, from, through, null, SiteOf(http), cancellationToken));
        });
        keeping.MapGet("/volunteering.csv", async (HttpContext http, VolunteeringQueries queries, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
        {
            var (from, through) = Days(http, text);
            return Results.File(
                VolunteeringQueries.File(await queries.ReadAsync(frame.Viewer, from, through, null, SiteOf(http), cancellationToken), text), "text/csv; charset=utf-8",
                $"benevolat-{LocalDatePattern.Iso.Format(from)}-{LocalDatePattern.Iso.Format(through)}.csv");
        });
        keeping.MapGet("/people/{id:guid}/volunteering", async (Guid id, HttpContext http, BookingDbContext db, VolunteeringQueries queries, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
            await PersonAsync(200, new PersonId(id), null, http, db, queries, frame, text, cancellationToken));
        keeping.MapPost("/people/{id:guid}/volunteering", AddAsync);
        keeping.MapPost("/volunteering/take-out", ([FromForm] Guid? row, HttpContext http, NoteVolunteering handler, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken) =>
            SetAsync(row, true, http, handler, notes, frame, cancellationToken));
        keeping.MapPost("/volunteering/restore", ([FromForm] Guid? row, HttpContext http, NoteVolunteering handler, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken) =>
            SetAsync(row, false, http, handler, notes, frame, cancellationToken));
    }

    /// <summary>The address of the hours of a time.</summary>
    public static string AddressOf(LocalDate from, LocalDate through, int? site) =>
        $"/volunteering?from={LocalDatePattern.Iso.Format(from)}&through={LocalDatePattern.Iso.Format(through)}" + (site is { } number ? FormattableString.Invariant($"&site={number}") : "");

    private static async Task<IResult> AddAsync(
        Guid id, [FromForm] string? day, [FromForm] string? hours, [FromForm] string? kind, [FromForm] string? note, [FromForm] int? site,
        HttpContext http, NoteVolunteering handler, BookingDbContext db, VolunteeringQueries queries, DoneNotes notes, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        var person = new PersonId(id);
        var form = new VolunteeringForm(day ?? "", hours ?? "", Enum.TryParse(kind, out VolunteeringKind asked) && Enum.IsDefined(asked) ? asked : VolunteeringKind.Other, note ?? "", site);
        if (LocalDatePattern.Iso.Parse(form.Day.Trim()) is not { Success: true, Value: var on })
            return await PersonAsync(400, person, form with { DayError = VolunteeringText.DayWrong }, http, db, queries, frame, text, cancellationToken);
        if (VolunteeringQueries.Minutes(form.Hours) is not { } minutes)
            return await PersonAsync(400, person, form with { HoursError = VolunteeringText.HoursWrong }, http, db, queries, frame, text, cancellationToken);
        var outcome = await handler.AddAsync(person, new VolunteeringToBe(on, minutes, form.Kind, form.Note, form.Site), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
        {
            return refusal switch
            {
                { Field: "day" } => await PersonAsync(refusal.Status, person, form with { DayError = VolunteeringText.DayWrong }, http, db, queries, frame, text, cancellationToken),
                { Code: "day_is_full" } => await PersonAsync(refusal.Status, person, form with { HoursError = VolunteeringText.DayFull }, http, db, queries, frame, text, cancellationToken),
                { Field: "minutes" } => await PersonAsync(refusal.Status, person, form with { HoursError = VolunteeringText.HoursWrong }, http, db, queries, frame, text, cancellationToken),
                _ => Results.NotFound(),
            };
        }
        notes.Leave(http, new DoneNote(VolunteeringText.Saved.Words(), "/volunteering/take-out", new Dictionary<string, string> { ["row"] = $"{outcome.Value.Id}" }));
        return Results.LocalRedirect($"/people/{id}/volunteering");
    }

    private static async Task<IResult> SetAsync(Guid? row, bool takenOut, HttpContext http, NoteVolunteering handler, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken)
    {
        var outcome = await handler.SetAsync(row ?? Guid.Empty, takenOut, frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return Results.StatusCode(refusal.Status == StatusCodes.Status403Forbidden ? StatusCodes.Status404NotFound : refusal.Status);
        notes.Leave(http, new DoneNote(
            (takenOut ? VolunteeringText.TakenOut : VolunteeringText.Restored).Words(), takenOut ? "/volunteering/restore" : "/volunteering/take-out", new Dictionary<string, string> { ["row"] = $"{outcome.Value.Id}" }));
        return Results.LocalRedirect($"/people/{outcome.Value.Person}/volunteering");
    }

    private static async Task<IResult> PersonAsync(
        int status, PersonId id, VolunteeringForm? form, HttpContext http, BookingDbContext db, VolunteeringQueries queries, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        if (!frame.Viewer.May(Right.KeepVolunteering, id) || await db.People.Where(p => p.Id == id).Select(p => p.DisplayName ?? p.ShortCode).SingleOrDefaultAsync(cancellationToken) is not { } name)
            return Results.NotFound();
        var (from, through) = Days(http, text);
        return Show(status, await queries.ReadAsync(frame.Viewer, from, through, id, SiteOf(http), cancellationToken) with
        {
            Person = id,
            Name = name,
            Form = form ?? new VolunteeringForm(LocalDatePattern.Iso.Format(LocalClock.DateOf(text.Now, text.Zone)), "", VolunteeringKind.Workshop, ""),
        });
    }

    private static int? SiteOf(HttpContext http) => int.TryParse(http.Request.Query["site"], CultureInfo.InvariantCulture, out int site) && site is > 0 and < 1000 ? site : null;

    /// <summary>The days asked for; without any, this year.</summary>
    private static (LocalDate From, LocalDate Through) Days(HttpContext http, PageText text)
    {
        var year = LocalClock.DateOf(text.Now, text.Zone).Year;
        var (from, through) = (Day("from") ?? new LocalDate(year, 1, 1), Day("through") ?? new LocalDate(year, 12, 31));
        return through < from ? (through, from) : (from, through);

        LocalDate? Day(string name) => LocalDatePattern.Iso.Parse(http.Request.Query[name].ToString()) is { Success: true, Value: { Year: > 1990 and < 2200 } day } ? day : null;
    }

    private static RazorComponentResult<VolunteeringPage> Show(int status, VolunteeringSheet sheet) => Web.Pages.Show<VolunteeringPage>(status, (nameof(VolunteeringPage.Sheet), sheet));
}
