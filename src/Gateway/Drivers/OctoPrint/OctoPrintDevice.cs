using System.Globalization;
using FabLab.Core;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers.Jobs;
using FabLab.Gateway.Links.Web;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Gateway.Drivers.OctoPrint;

/// <summary>A printer with OctoPrint, asked over its REST API every three seconds. Its jobs have no number: one is told from others by when it began.</summary>
internal sealed class OctoPrintDevice(DeviceId id, WebLink web, TimeProvider time, ILogger logger) : PollingWitness(id, web, Every, time, logger)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(3);

    /// <summary>Its own count of seconds began anew when it falls back by more than that.</summary>
    private const double SameJob = 30;

    private MachineJob? _inHand;
    private double _seconds;

    protected override async Task<string?> LookAsync(CancellationToken cancellationToken)
    {
        var answer = await Web.GetAsync("api/job", cancellationToken);
        if (!answer.Good)
            return Why(answer);
        if (OctoPrintJson.Status(answer.Body) is not { } status)
        {
            Malformed("an answer about the job");
            return "it does not answer as OctoPrint does";
        }
        if (status.State.StartsWith("Offline", StringComparison.Ordinal) && _inHand is null)
            return "OctoPrint is not connected with the printer";
        Came();
        if (status.InHand is { } state)
        {
            var began = Now - Duration.FromSeconds(Math.Clamp(status.Seconds ?? 0, 0, 30 * 86_400));
            var file = Name(status.File);
            if (_inHand is not { } known || known.Name != file || (status.Seconds ?? 0) < _seconds - SameJob)
            {
                if (_inHand is { } before)
                    Over(before with { State = JobState.Lost, EndedAt = Now });
                _inHand = new MachineJob { Device = Id, Id = string.Create(CultureInfo.InvariantCulture, $"t{began.ToUnixTimeSeconds()}"), Name = file, StartedAt = began };
            }
            _seconds = status.Seconds ?? _seconds;
            _inHand = _inHand with { State = state, Progress = status.Progress ?? _inHand.Progress, Millimetres = status.UsedMm ?? _inHand.Millimetres };
        }
        else if (_inHand is { } over)
        {
            // It keeps the progress of the job that ended until the next one begins.
            var done = status.Progress ?? over.Progress;
            Over(over with
            {
                State = done >= 100 ? JobState.Done : status.State.Contains("rror", StringComparison.Ordinal) ? JobState.Failed : JobState.Cancelled,
                EndedAt = Now, Progress = done, Millimetres = status.UsedMm ?? over.Millimetres,
            });
            (_inHand, _seconds) = (null, 0);
        }
        InHand(_inHand);
        return null;
    }
}
