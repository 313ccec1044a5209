using System.Globalization;
using System.Text;
using FabLab.Core;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers.Jobs;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Gateway.Drivers.OctoPrint;

/// <summary>
/// A printer with OctoPrint and its MQTT plugin. The plugin only publishes: events as they happen, progress percent by percent. What
/// lies in the broker's memory is old, but for the last will.
/// </summary>
internal sealed class OctoPrintMqttDevice(DeviceId id, IMqttLink link, string root, TimeProvider time, ILogger logger)
    : MqttWitness(id, link, $"{root}/#", time, logger)
{
    private const double LatestSecond = 32_503_680_000;

    protected override void Take(string topic, ReadOnlySpan<byte> payload, bool retained)
    {
        var rest = topic.AsSpan(Math.Min(topic.Length, root.Length + 1));
        if (rest.SequenceEqual("mqtt"))
            WillSaid(payload);
        else if (retained)
            return;
        else if (rest.StartsWith("event/"))
            Happened(payload);
        else if (rest.SequenceEqual("progress/printing"))
            Progressed(payload);
    }

    private void WillSaid(ReadOnlySpan<byte> payload)
    {
        if (payload.SequenceEqual("connected"u8))
            Came();
        else
            Lost("OctoPrint is not there");
    }

    private void Happened(ReadOnlySpan<byte> payload)
    {
        if (OctoPrintJson.Event(payload) is not var (happened, file, at))
        {
            Malformed("an event that is none");
            return;
        }
        switch (happened)
        {
            case "PrintStarted":
                if (Current is not null)
                    Ended(JobState.Lost);
                Says(Begun(Name(file), at));
                break;
            case "PrintPaused" when Current is { } job:
                Says(job with { State = JobState.Paused });
                break;
            case "PrintResumed" when Current is { } job:
                Says(job with { State = JobState.Running });
                break;
            case "PrintDone":
                Ended(JobState.Done);
                break;
            case "PrintCancelling" when Current is not null:
            case "PrintCancelled" when Current is not null:
                // Told before the failure that a cancelled print counts as, or after it.
                Ended(JobState.Cancelled);
                break;
            case "PrintFailed" when Current is not null:
                Ended(Encoding.UTF8.GetString(payload).Contains("\"cancelled\"", StringComparison.Ordinal) ? JobState.Cancelled : JobState.Failed);
                break;
        }
    }

    private void Progressed(ReadOnlySpan<byte> payload)
    {
        if (OctoPrintJson.Progress(payload) is not var (part, file))
        {
            Malformed("progress that is none");
            return;
        }
        if (Current is { } job)
            Says(job with { Progress = part });
        else if (part is > 0 and < 100)
            Says(Begun(Name(file), null) with { Progress = part });
    }

    /// <summary>Jobs have no number: one is told from others by when it began.</summary>
    private MachineJob Begun(string? file, double? at)
    {
        // Its own clock is believed where it agrees with ours.
        var said = at is > 0 and < LatestSecond ? Instant.FromUnixTimeMilliseconds((long)(at.Value * 1000)) : Now;
        var began = said <= Now && Now - said < Duration.FromMinutes(1) ? said : Now;
        return new MachineJob { Device = Id, Id = string.Create(CultureInfo.InvariantCulture, $"t{began.ToUnixTimeSeconds()}"), Name = file, StartedAt = began };
    }
}
