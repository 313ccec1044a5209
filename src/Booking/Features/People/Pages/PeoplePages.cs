using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FabLab.Booking.Features.People.Pages;

/// <summary>The list of people and the page of one, for staff; a person reaches their own.</summary>
internal static class PeoplePages
{
    public static void Map(RouteGroupBuilder staff)
    {
        staff.MapGet("/people", async (string? q, PeopleQueries people, CancellationToken cancellationToken) => Web.Pages.Show<PeoplePage>(
            (nameof(PeoplePage.People), await people.FindAsync(q, cancellationToken)), (nameof(PeoplePage.Search), q)));
        staff.MapGet("/people/{id:guid}", async (Guid id, PeopleQueries people, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
            await ShowAsync(200, new PersonId(id), null, null, people, frame, text, cancellationToken));
    }

    private static async Task<IResult> ShowAsync(
        int status, PersonId id, GrantForm? entered, Phrase? problem, PeopleQueries people, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
        await people.SheetAsync(frame.Viewer, id, text.Now, cancellationToken) is { } sheet
            ? Web.Pages.Show<PersonPage>(
                status, (nameof(PersonPage.Sheet), sheet), (nameof(PersonPage.Entered), entered), (nameof(PersonPage.Problem), problem))
            : Results.NotFound();
}
