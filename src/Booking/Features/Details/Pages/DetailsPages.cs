using System.Globalization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Details.Pages;

/// <summary>The page on which somebody says what activity reports count.</summary>
internal static class DetailsPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var keeping = routes.Pages(Right.KeepDetails);
        keeping.MapGet("/people/{id:guid}/details", (Guid id, BookingDbContext db, PageFrame frame, CancellationToken cancellationToken) => ShowAsync(200, new PersonId(id), null, db, frame, cancellationToken));
        keeping.MapPost("/people/{id:guid}/details", SaveAsync);
    }

    private static async Task<IResult> SaveAsync(
        Guid id, [FromForm] string? gender, [FromForm] string? occupation, [FromForm] string? area, [FromForm] long? version,
        HttpContext http, SetDetails handler, BookingDbContext db, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken)
    {
        var person = new PersonId(id);
        if (!Enum.TryParse(gender, out Gender said) || !Enum.TryParse(occupation, out Occupation does) || !Enum.TryParse(area, out PriorityArea lives))
            return Results.BadRequest();
        var before = await db.PersonDetails.SingleOrDefaultAsync(d => d.PersonId == person, cancellationToken) ?? new PersonDetails { PersonId = person };
        var outcome = await handler.HandleAsync(person, new DetailsToBe(version ?? -1, said, does, lives), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return refusal.Code == ProblemCodes.Stale ? await ShowAsync(refusal.Status, person, DetailsText.Stale, db, frame, cancellationToken) : Results.NotFound();
        notes.Leave(http, new DoneNote(DetailsText.Saved.Words(), $"/people/{id}/details", new Dictionary<string, string>
        {
            ["gender"] = $"{before.Gender}", ["occupation"] = $"{before.Occupation}", ["area"] = $"{before.PriorityArea}", ["version"] = outcome.Value.Version.ToString(CultureInfo.InvariantCulture),
        }));
        return Results.LocalRedirect($"/people/{id}");
    }

    private static async Task<IResult> ShowAsync(int status, PersonId id, Phrase? problem, BookingDbContext db, PageFrame frame, CancellationToken cancellationToken) =>
        frame.Viewer.May(Right.KeepDetails, id) && await db.People.Where(p => p.Id == id).Select(p => new { Name = p.DisplayName ?? p.ShortCode }).SingleOrDefaultAsync(cancellationToken) is { } person
            ? Web.Pages.Show<DetailsPage>(
                status, (nameof(DetailsPage.Details), await db.PersonDetails.SingleOrDefaultAsync(d => d.PersonId == id, cancellationToken) ?? new PersonDetails { PersonId = id }),
                (nameof(DetailsPage.Name), person.Name), (nameof(DetailsPage.Problem), problem))
            : Results.NotFound();
}
