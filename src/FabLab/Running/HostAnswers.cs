using System.Text.Json.Nodes;
using FabLab.Booking.Features.Lab;
using FabLab.Booking.Features.SignIn;
using FabLab.Host.Settings;

namespace FabLab.Host.Running;

/// <summary>What a running Booking answers over <see cref="HostSocket"/>.</summary>
internal static class HostAnswers
{
    public static async Task<JsonObject> AnswerAsync(JsonObject question, IServiceProvider booking, ProgramOptions options, CancellationToken cancellationToken)
    {
        switch (question["do"]?.GetValue<string>())
        {
            case "sign-in-link":
                var link = await booking.GetRequiredService<IOneTimeLinks>().CreateAsync(question["login"]?.GetValue<string>(), cancellationToken);
                return link is null
                    ? new JsonObject { ["error"] = "There is no such active account." }
                    : new JsonObject { ["link"] = options.Web.ToString().TrimEnd('/') + link.Path, ["expires"] = link.ExpiresAt.ToString() };
            case "import" when question["file"]?.GetValue<string>() is { } file:
                return await ImportAsync(file, booking, cancellationToken);
            default:
                return new JsonObject { ["error"] = "This program does not know how to do that." };
        }
    }

    public static async Task<JsonObject> ImportAsync(string file, IServiceProvider booking, CancellationToken cancellationToken)
    {
        var report = await booking.GetRequiredService<LabImport>().RunAsync(await File.ReadAllBytesAsync(file, cancellationToken), cancellationToken);
        return new JsonObject
        {
            ["added"] = report.Added,
            ["changed"] = report.Changed,
            ["faults"] = new JsonArray([.. report.Faults.Select(fault => (JsonNode)fault.ToString())]),
        };
    }
}
