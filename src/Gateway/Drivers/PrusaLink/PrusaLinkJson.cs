using System.Globalization;
using System.Text.Json;
using FabLab.Gateway.Drivers.Plugs;

namespace FabLab.Gateway.Drivers.PrusaLink;

/// <summary>What the printer does now.</summary>
/// <param name="State">IDLE, BUSY, PRINTING, PAUSED, FINISHED, STOPPED, ERROR, ATTENTION or READY.</param>
/// <param name="Job">The number of the job; null for none.</param>
/// <param name="Progress">0 to 100.</param>
/// <param name="Seconds">Since the job began.</param>
internal sealed record PrusaLinkStatus(string State, string? Job, double? Progress, double? Seconds)
{
    public bool HasJob => Job is not null && State is "PRINTING" or "PAUSED" or "ATTENTION" or "BUSY";
}

/// <summary>Reads what PrusaLink answers. Tolerates whatever is missing or of another type.</summary>
internal static class PrusaLinkJson
{
    /// <summary>The answer to <c>api/v1/status</c>; null when it is none.</summary>
    public static PrusaLinkStatus? Status(ReadOnlySpan<byte> payload)
    {
        using var document = PlugJson.Parse(payload);
        if (document is null || PlugJson.Object(document.RootElement, "printer") is not { } printer
            || PlugJson.Text(printer, "state") is not { Length: > 0 and <= 32 } state)
        {
            return null;
        }
        var job = PlugJson.Object(document.RootElement, "job");
        return new PrusaLinkStatus(
            state.ToUpperInvariant(), job is { } known ? Number(known) : null,
            job is { } at && PlugJson.Number(at, "progress") is { } part ? Math.Clamp(part, 0, 100) : null,
            job is { } since ? PlugJson.Number(since, "time_printing") : null);
    }

    /// <summary>The name of the file in the answer to <c>api/v1/job</c>; null when there is none: a print over the cable has no file.</summary>
    public static string? FileName(ReadOnlySpan<byte> payload)
    {
        using var document = PlugJson.Parse(payload);
        return document is not null && PlugJson.Object(document.RootElement, "file") is { } file
            ? PlugJson.Text(file, "display_name") ?? PlugJson.Text(file, "name")
            : null;
    }

    private static string? Number(JsonElement job) => PlugJson.Number(job, "id") is { } id and >= 0 and < 1e15 ? ((long)id).ToString(CultureInfo.InvariantCulture) : null;
}
