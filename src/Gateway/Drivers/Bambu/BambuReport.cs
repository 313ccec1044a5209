using System.Globalization;
using System.Text.Json;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers.Plugs;
using NodaTime;

namespace FabLab.Gateway.Drivers.Bambu;

/// <summary>
/// What a Bambu printer has said so far. The large ones send everything each time, the small ones only what has changed: what is not
/// in a message stays as it was.
/// </summary>
/// <param name="State">gcode_state in capitals; null before it was said.</param>
/// <param name="Task">The number of the job; null for none, and for one that was not sent through the maker's service.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Progress">0 to 100.</param>
/// <param name="StartedAt">When it began, by the printer's clock.</param>
internal sealed record BambuReport(string? State = null, string? Task = null, string? Name = null, double? Progress = null, Instant? StartedAt = null)
{
    private const double LatestSecond = 32_503_680_000;

    /// <summary>Running or held; null when nothing is in hand.</summary>
    public JobState? InHand => State switch
    {
        "RUNNING" or "PREPARE" or "SLICING" => JobState.Running,
        "PAUSE" => JobState.Paused,
        _ => null,
    };

    /// <summary>How it ended; null when it does not say.</summary>
    public JobState? Ended => State switch
    {
        "FINISH" => JobState.Done,
        "FAILED" => JobState.Failed,
        "IDLE" or "INIT" => JobState.Cancelled,
        _ => null,
    };

    /// <summary>This with what a message adds; null when the message is none of these.</summary>
    public BambuReport? With(ReadOnlySpan<byte> payload)
    {
        using var document = PlugJson.Parse(payload);
        if (document is null)
            return null;
        if (PlugJson.Object(document.RootElement, "print") is not { } print)
        {
            // It talks of other things too: its firmware, its camera, its lamps.
            return this;
        }
        var task = Number(print, "task_id") ?? Number(print, "subtask_id");
        return this with
        {
            State = PlugJson.Text(print, "gcode_state") is { Length: > 0 and <= 32 } state ? state.ToUpperInvariant() : State,
            Task = task is null ? Task : task is "0" or "" ? null : task,
            Name = PlugJson.Text(print, "subtask_name") is { Length: > 0 } name ? name : PlugJson.Text(print, "gcode_file") is { Length: > 0 } file ? file : Name,
            Progress = PlugJson.Number(print, "mc_percent") is { } part ? Math.Clamp(part, 0, 100) : Progress,
            StartedAt = PlugJson.Number(print, "gcode_start_time") is { } seconds and > 0 and < LatestSecond ? Instant.FromUnixTimeMilliseconds((long)(seconds * 1000)) : StartedAt,
        };
    }

    private static string? Number(JsonElement print, string name) => PlugJson.Get(print, name) switch
    {
        { ValueKind: JsonValueKind.String } text when text.GetString() is { Length: <= MachineJob.MaxId } id => id,
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out var id) => id.ToString(CultureInfo.InvariantCulture),
        _ => null,
    };
}
