using System.Globalization;
using FabLab.Core;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers.Jobs;
using FabLab.Gateway.Links.Web;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Gateway.Drivers.Moonraker;

/// <summary>
/// A printer with Klipper behind Moonraker. How it is now is asked every two seconds; what it did is read from its own history, when
/// something changed and when it is heard again, so that jobs of an outage come with their true times.
/// </summary>
internal sealed class MoonrakerDevice(DeviceId id, WebLink web, TimeProvider time, ILogger logger) : PollingWitness(id, web, Every, time, logger)
{
    private const string StatusPath = "printer/objects/query?print_stats&virtual_sdcard";

    /// <summary>So often it is looked whether the history has the end of a job that is no more in hand.</summary>
    private const int LooksForTheEnd = 4;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    /// <summary>Clocks that differ by less are the same: the device says its own to the second.</summary>
    private static readonly Duration SameClock = Duration.FromSeconds(5);

    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private string? _state;
    private MachineJob? _inHand;
    private bool _noHistory;
    private int _looks;

    protected override async Task<string?> LookAsync(CancellationToken cancellationToken)
    {
        var answer = await Web.GetAsync(StatusPath, cancellationToken);
        if (!answer.Good)
        {
            _state = null;
            return answer.Status == 503 ? "Klipper is not ready" : Why(answer);
        }
        if (MoonrakerJson.Status(answer.Body) is not { } status)
        {
            _state = null;
            Malformed("an answer about print_stats");
            return "it does not answer as Moonraker does";
        }
        var fresh = _state != status.State || _looks > 0;
        if (fresh && await HistoryAsync(status, answer.Date, cancellationToken) is { } trouble)
        {
            _state = null;
            return trouble;
        }
        _state = status.State;
        if (status.HasJob)
        {
            _looks = 0;
            _inHand = Job(status);
            InHand(_inHand);
        }
        else if (_inHand is { } before && !_told.Contains(before.Id) && !_noHistory && ++_looks <= LooksForTheEnd)
        {
            // The end is written down a moment after the state says so.
            InHand(before);
        }
        else
        {
            (_inHand, _looks) = (null, 0);
            InHand(null);
        }
        return null;
    }

    private async Task<string?> HistoryAsync(MoonrakerStatus status, Instant? date, CancellationToken cancellationToken)
    {
        var answer = await Web.GetAsync($"server/history/list?limit={MoonrakerJson.MostJobs}&order=desc", cancellationToken);
        _noHistory = answer.Status == 404;
        if (!answer.Good && !_noHistory)
            return Why(answer);
        var shift = date is { } theirs && (Now - theirs) is var off && (off > SameClock || off < -SameClock) ? off : Duration.Zero;
        var jobs = _noHistory ? [] : MoonrakerJson.History(answer.Body, Id, shift);
        if (jobs is null)
        {
            Malformed("an answer about the history");
            return "its history is none";
        }
        Came();
        foreach (var over in jobs.Where(job => job.IsOver))
        {
            // What was told while nobody listened is told again after the next outage; who keeps it knows it already.
            if (_told.Add(over.Id) || _inHand?.Id == over.Id)
                Over(over with { Name = Name(over.Name) });
        }
        if (_told.Count > 8 * MoonrakerJson.MostJobs)
            _told.IntersectWith(jobs.Where(job => job.IsOver).Select(job => job.Id));
        if (status.HasJob)
            _inHand = jobs.LastOrDefault(job => !job.IsOver) ?? Unlisted(status);
        return null;
    }

    private MachineJob Job(MoonrakerStatus status) => (_inHand ?? Unlisted(status)) with
    {
        Name = Name(status.File),
        State = status.State == "paused" ? JobState.Paused : JobState.Running,
        Progress = status.Progress,
        Millimetres = status.UsedMm,
    };

    /// <summary>Moonraker keeps no history here: the job is told from others by when it began.</summary>
    private MachineJob Unlisted(MoonrakerStatus status)
    {
        if (_inHand is { } known && known.Name == Name(status.File))
            return known;
        var began = Now - Duration.FromSeconds(Math.Clamp(status.Seconds ?? 0, 0, 30 * 86_400));
        return new MachineJob { Device = Id, Id = string.Create(CultureInfo.InvariantCulture, $"t{began.ToUnixTimeSeconds()}"), Name = Name(status.File), StartedAt = began };
    }
}
