using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace FabLab.Booking.Features.Habilitations.Pages;

/// <summary>Every page about habilitations and what machines ask for.</summary>
internal static class HabilitationPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        MatrixPages.Map(routes.Pages(Right.FindPeople), routes.Pages(Right.Grant));
        ExpiringPages.Map(routes.Pages(Right.Grant));
        InductionPages.Map(routes.Pages(Right.Grant));
        MachineRulesPages.Map(routes.Pages(Right.KeepMachines), routes.Pages(Right.LockOut), routes.Pages(Right.KeepLab));
        routes.Pages(Right.SeePeople).MapGet("/people/{id:guid}/passport", async (
            Guid id, PassportQueries passports, PageFrame frame, PageText text, HttpContext http, IOptions<BookingOptions> options, CancellationToken cancellationToken) =>
            await passports.ReadAsync(frame.Viewer, new PersonId(id), text.Now, cancellationToken) is { } sheet
                ? Web.Pages.Show<PassportPage>(
                    (nameof(PassportPage.Sheet), sheet), (nameof(PassportPage.Address), options.Value.SiteFor(http.Request) + http.Request.Path))
                : Results.NotFound());
    }
}
