using FabLab.Contracts;
using FabLab.Core.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FabLab.Booking.Features.Lab;

/// <summary>Brings a lab description in over the API: all of it, or a list of faults with their lines.</summary>
internal static class ImportLab
{
    public static void Map(RouteGroupBuilder managers) =>
        managers.MapPost("/lab/import", HandleAsync)
            .WithName("ImportLab").WithTags("lab").WithSummary("Brings in a lab description, all of it or nothing.")
            .Accepts<object>("application/json").Produces<LabImportReport>()
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .WithMetadata(new BodyLimit(LabImport.MaxBytes));

    private static async Task<IResult> HandleAsync(HttpRequest request, LabImport import, CancellationToken cancellationToken)
    {
        using var file = new MemoryStream();
        await request.Body.CopyToAsync(file, cancellationToken);
        var report = await import.RunAsync(file.ToArray(), cancellationToken);
        return report.Done
            ? Results.Json(report, CoreJson.Options)
            : Results.Problem(
                detail: report.Faults[0].ToString(), statusCode: StatusCodes.Status400BadRequest,
                extensions: new Dictionary<string, object?> { ["code"] = ProblemCodes.BadValue, ["faults"] = report.Faults });
    }
}
