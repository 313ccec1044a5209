using System.Text.Json;
using FabLab.Core;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers.Plugs;
using NodaTime;

namespace FabLab.Gateway.Drivers.Moonraker;

/// <summary>What Klipper does now.</summary>
/// <param name="State">standby, printing, paused, complete, error or cancelled.</param>
/// <param name="File">The file, as Moonraker names it; empty for none.</param>
/// <param name="Progress">0 to 100.</param>
/// <param name="UsedMm">Filament of this job so far.</param>
/// <param name="Seconds">Since the job began, pauses with it.</param>
internal sealed record MoonrakerStatus(string State, string File, double? Progress, double? UsedMm, double? Seconds)
{
    public bool HasJob => State is "printing" or "paused";
}

/// <summary>Reads what Moonraker answers. Tolerates whatever is missing or of another type.</summary>
internal static class MoonrakerJson
{
    /// <summary>More jobs than that are not read out of one answer.</summary>
    public const int MostJobs = 32;

    private const double LatestSecond = 32_503_680_000;

    /// <summary>The answer to <c>printer/objects/query</c>; null when it is none.</summary>
    public static MoonrakerStatus? Status(ReadOnlySpan<byte> payload)
    {
        using var document = PlugJson.Parse(payload);
        if (document is null || PlugJson.Object(document.RootElement, "result") is not { } result
            || PlugJson.Object(result, "status") is not { } status || PlugJson.Object(status, "print_stats") is not { } stats
            || PlugJson.Text(stats, "state") is not { Length: > 0 and <= 32 } state)
        {
            return null;
        }
        var card = PlugJson.Object(status, "virtual_sdcard");
        return new MoonrakerStatus(
            state, PlugJson.Text(stats, "filename") ?? "", card is { } sd && PlugJson.Number(sd, "progress") is { } part ? Math.Clamp(part * 100, 0, 100) : null,
            PlugJson.Number(stats, "filament_used"), PlugJson.Number(stats, "total_duration"));
    }

    /// <summary>The answer to <c>server/history/list</c>, the oldest job first; null when it is none.</summary>
    /// <param name="payload">The answer.</param>
    /// <param name="device">Who says so.</param>
    /// <param name="shift">What the printer's clock is behind ours.</param>
    public static IReadOnlyList<MachineJob>? History(ReadOnlySpan<byte> payload, DeviceId device, Duration shift)
    {
        using var document = PlugJson.Parse(payload);
        if (document is null || PlugJson.Object(document.RootElement, "result") is not { } result || PlugJson.Get(result, "jobs") is not { ValueKind: JsonValueKind.Array } list)
            return null;
        var jobs = new List<MachineJob>();
        foreach (var entry in list.EnumerateArray().Take(MostJobs))
        {
            if (Job(entry, device, shift) is { } job)
                jobs.Add(job);
        }
        return [.. jobs.OrderBy(job => job.StartedAt)];
    }

    private static MachineJob? Job(JsonElement entry, DeviceId device, Duration shift)
    {
        if (PlugJson.Text(entry, "job_id") is not { Length: > 0 and <= MachineJob.MaxId } id || Moment(entry, "start_time", shift) is not { } started)
            return null;
        var state = PlugJson.Text(entry, "status") switch
        {
            "in_progress" => JobState.Running,
            "completed" => JobState.Done,
            "cancelled" => JobState.Cancelled,
            // Klipper or its host stopped in the middle, or lost the printer.
            _ => JobState.Failed,
        };
        var ended = Moment(entry, "end_time", shift);
        if (state != JobState.Running && ended is null)
            return null;
        var used = PlugJson.Number(entry, "filament_used");
        return new MachineJob
        {
            Device = device,
            Id = id,
            Name = PlugJson.Text(entry, "filename"),
            State = state,
            StartedAt = started,
            EndedAt = state == JobState.Running ? null : Instant.Max(started, ended!.Value),
            Millimetres = used,
            Grams = Grams(entry, used),
        };
    }

    /// <summary>The slicer said what the whole weighs and how long its filament is; what was used is a part of that.</summary>
    private static double? Grams(JsonElement entry, double? used) =>
        PlugJson.Object(entry, "metadata") is { } metadata && used is { } mm
        && PlugJson.Number(metadata, "filament_weight_total") is { } weight and > 0 && PlugJson.Number(metadata, "filament_total") is { } total and > 0
            ? weight * Math.Clamp(mm / total, 0, 2)
            : null;

    private static Instant? Moment(JsonElement entry, string name, Duration shift) =>
        PlugJson.Number(entry, name) is { } seconds and > 0 and < LatestSecond
            ? Instant.FromUnixTimeMilliseconds((long)(seconds * 1000)) + shift
            : null;
}
