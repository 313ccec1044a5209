using System.Text.Json;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers.Plugs;

namespace FabLab.Gateway.Drivers.OctoPrint;

/// <summary>What OctoPrint says of the job it has.</summary>
/// <param name="State">Its own words, such as <c>Printing</c>, <c>Pausing</c>, <c>Operational</c>, <c>Offline after error</c>.</param>
/// <param name="File">The file; null for none.</param>
/// <param name="Progress">0 to 100.</param>
/// <param name="Seconds">Since the job began.</param>
/// <param name="PlannedMm">Filament of the whole job as the slicer planned it.</param>
internal sealed record OctoPrintStatus(string State, string? File, double? Progress, double? Seconds, double? PlannedMm)
{
    /// <summary>Running or held; null when nothing is in hand.</summary>
    public JobState? InHand => State switch
    {
        _ when State.StartsWith("Printing", StringComparison.Ordinal) || State is "Finishing" or "Resuming" or "Cancelling" or "Starting" => JobState.Running,
        "Paused" or "Pausing" => JobState.Paused,
        _ => null,
    };

    /// <summary>Filament used so far: the part of the plan that is done.</summary>
    public double? UsedMm => PlannedMm * Progress / 100;
}

/// <summary>Reads what OctoPrint answers and what its MQTT plugin publishes. Tolerates whatever is missing or of another type.</summary>
internal static class OctoPrintJson
{
    private const int MostTools = 16;

    /// <summary>The answer to <c>api/job</c>; null when it is none.</summary>
    public static OctoPrintStatus? Status(ReadOnlySpan<byte> payload)
    {
        using var document = PlugJson.Parse(payload);
        if (document is null || PlugJson.Text(document.RootElement, "state") is not { Length: > 0 and <= 200 } state)
            return null;
        var job = PlugJson.Object(document.RootElement, "job");
        var file = job is { } known ? PlugJson.Object(known, "file") : null;
        var progress = PlugJson.Object(document.RootElement, "progress");
        return new OctoPrintStatus(
            state, file is { } named ? PlugJson.Text(named, "display") ?? PlugJson.Text(named, "name") : null,
            progress is { } part && PlugJson.Number(part, "completion") is { } done ? Math.Clamp(done, 0, 100) : null,
            progress is { } since ? PlugJson.Number(since, "printTime") : null,
            job is { } spool && PlugJson.Object(spool, "filament") is { } filament ? Planned(filament) : null);
    }

    /// <summary>The event of <c>event/+</c> with its file; null when it is none.</summary>
    public static (string Event, string? File, double? At)? Event(ReadOnlySpan<byte> payload)
    {
        using var document = PlugJson.Parse(payload);
        return document is not null && PlugJson.Text(document.RootElement, "_event") is { Length: > 0 and <= 64 } happened
            ? (happened, PlugJson.Text(document.RootElement, "name") ?? PlugJson.Text(document.RootElement, "path"), PlugJson.Number(document.RootElement, "_timestamp"))
            : null;
    }

    /// <summary>The message of <c>progress/printing</c>; null when it is none.</summary>
    public static (double Progress, string? File)? Progress(ReadOnlySpan<byte> payload)
    {
        using var document = PlugJson.Parse(payload);
        return document is not null && PlugJson.Number(document.RootElement, "progress") is { } part and >= 0 and <= 100
            ? (part, PlugJson.Text(document.RootElement, "path"))
            : null;
    }

    /// <summary>The documents show one length; servers tell of each tool.</summary>
    private static double? Planned(JsonElement filament) =>
        PlugJson.Number(filament, "length") is { } whole and >= 0 ? whole
        : filament.EnumerateObject().Take(MostTools).Select(tool => PlugJson.Number(tool.Value, "length")).Where(length => length >= 0).ToList() is { Count: > 0 } tools ? tools.Sum()
        : null;
}
