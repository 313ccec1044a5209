using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FabLab.Booking.Features.Privacy;

/// <summary>Everything about a person, over the API.</summary>
internal static class ReadPersonData
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet($"{Endpoints.Root}/people/{{id:guid}}/data", async (Guid id, PersonExport export, HttpContext http, CancellationToken cancellationToken) =>
            {
                http.Response.Headers.CacheControl = "no-store";
                return (await export.HandOutAsync(new PersonId(id), http.Actor(), cancellationToken)).ToResult(data => Results.Json(data));
            })
            .WithName("ReadPersonData").WithTags("privacy").WithSummary("Everything that is kept about a person, table by table.")
            .Produces<object>().ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound)
            .Needs(Right.ExportPeople);
}
