using FabLab.Core;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers.Jobs;
using FabLab.Gateway.Links.Web;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Gateway.Drivers.PrusaLink;

/// <summary>A printer with PrusaLink, asked every five seconds. It keeps no history: what it did while nobody asked is not known.</summary>
internal sealed class PrusaLinkDevice(DeviceId id, WebLink web, TimeProvider time, ILogger logger) : PollingWitness(id, web, Every, time, logger)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private MachineJob? _inHand;

    protected override async Task<string?> LookAsync(CancellationToken cancellationToken)
    {
        var answer = await Web.GetAsync("api/v1/status", cancellationToken);
        if (!answer.Good)
            return Why(answer);
        if (PrusaLinkJson.Status(answer.Body) is not { } status)
        {
            Malformed("an answer about the status");
            return "it does not answer as PrusaLink does";
        }
        var before = _inHand;
        if (status.HasJob && before?.Id != status.Job)
        {
            var job = await Web.GetAsync("api/v1/job", cancellationToken);
            if (!job.Good)
                return Why(job);
            var began = Now - Duration.FromSeconds(Math.Clamp(status.Seconds ?? 0, 0, 30 * 86_400));
            _inHand = new MachineJob { Device = Id, Id = status.Job!, Name = Name(PrusaLinkJson.FileName(job.Body)), StartedAt = began };
        }
        Came();
        if (before is { } over && (!status.HasJob || over.Id != status.Job) && How(status, over) is { } state)
            Over(over with { State = state, EndedAt = Now });
        _inHand = !status.HasJob ? null : _inHand! with
        {
            State = status.State == "PRINTING" ? JobState.Running : status.State == "BUSY" ? _inHand.State : JobState.Paused,
            Progress = status.Progress ?? _inHand.Progress,
        };
        InHand(_inHand);
        return null;
    }

    /// <summary>How it ended, while the printer still says so.</summary>
    private static JobState? How(PrusaLinkStatus status, MachineJob over) => status switch
    {
        { Job: { } other } when other != over.Id => null,
        { State: "FINISHED" } => JobState.Done,
        { State: "STOPPED" } => JobState.Cancelled,
        { State: "ERROR" } => JobState.Failed,
        // Somebody has confirmed it at the printer before it was asked again.
        { State: "IDLE" or "READY" } => over.Progress >= 99 ? JobState.Done : JobState.Cancelled,
        _ => null,
    };
}
