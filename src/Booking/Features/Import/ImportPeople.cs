using FabLab.Contracts;
using FabLab.Core.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FabLab.Booking.Features.Import;

/// <summary>The import over the API: the file as the body. The answer says every line's fate, whether it was brought in or not.</summary>
internal static class ImportPeople
{
    public static void Map(RouteGroupBuilder group) =>
        group.MapPost("/people/import", async (bool? dryRun, HttpRequest request, HttpContext http, IPeopleImport import, CancellationToken cancellationToken) =>
            {
                using var file = new MemoryStream();
                await request.Body.CopyToAsync(file, cancellationToken);
                var report = await import.RunAsync(file.ToArray(), http.Actor(), dryRun ?? false, cancellationToken);
                return report.Faults == 0
                    ? Results.Json(report, CoreJson.Options)
                    : Results.Problem(
                        detail: $"{report.Faults} lines have a fault. Nothing was brought in.", statusCode: StatusCodes.Status400BadRequest,
                        extensions: new Dictionary<string, object?> { ["code"] = ProblemCodes.BadValue, ["lines"] = report.Lines });
            })
            .WithName("ImportPeople").WithTags("people").WithSummary("Brings in people, badges and habilitations from CSV, all lines or none; dryRun only says what would become of each.")
            .WithDescription("The body is the file itself, with any content type.").Produces<ImportReport>()
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .WithMetadata(new BodyLimit(IPeopleImport.MaxBytes));
}
