using FabLab.Core;
using FabLab.Core.Sessions;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.Jobs;

/// <summary>
/// A device that tells of a machine's jobs. Reports go out when something
/// changes, and every half minute when nothing does, so that whoever reads them knows that it is still so.
/// </summary>
internal abstract partial class WitnessDevice : ListeningDevice
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private MachineJob? _said;
    private long _saidAt;
    private bool _hasSaid;
    private bool _isOnline;
    private bool _hasSpoken;

    protected WitnessDevice(DeviceId id, TimeProvider time, ILogger logger)
        : base(id, DriverAbilities.ReportsJobs, time, logger)
    {
    }

    /// <summary>The device answers.</summary>
    protected void Came()
    {
        lock (_gate)
        {
            if (_isOnline)
                return;
            (_isOnline, _hasSpoken, _hasSaid) = (true, true, false);
            Queue.Post(new DeviceReport.LinkReport(Id, Now, Time.GetTimestamp(), true, Firmware));
        }
        Log.Came(Logger, Id);
    }

    /// <summary>The device does not answer any more, or not as it should.</summary>
    /// <param name="why">For the log; no name of a job, no secret.</param>
    protected void Went(string why)
    {
        lock (_gate)
        {
            if (_isOnline || !_hasSpoken)
                Queue.Post(new DeviceReport.LinkReport(Id, Now, Time.GetTimestamp(), false));
            (_isOnline, _hasSpoken) = (false, true);
        }
        if (LogGate.Pass("away", out var heldBack))
            Log.Away(Logger, Id, why, heldBack);
    }

    /// <summary>What is in hand now.</summary>
    /// <param name="job">The job; null for none.</param>
    protected void InHand(MachineJob? job)
    {
        lock (_gate)
        {
            if (!_isOnline || (_hasSaid && IsAsSaid(job) && Time.GetElapsedTime(_saidAt) < Again))
                return;
            (_said, _saidAt, _hasSaid) = (job, Time.GetTimestamp(), true);
            Queue.Post(new DeviceReport.JobReport(Id, Now, _saidAt, job));
        }
    }

    /// <summary>A job that is over.</summary>
    /// <param name="job">The job with its end.</param>
    protected void Over(MachineJob job)
    {
        lock (_gate)
        {
            if (_isOnline)
                Queue.Post(new DeviceReport.JobReport(Id, Now, Time.GetTimestamp(), job));
        }
    }

    /// <summary>What came is not what the device's documents say; counted, and said once a minute.</summary>
    /// <param name="what">For the operator; no name of a job.</param>
    protected void Malformed(string what)
    {
        DriverMetrics.Refused.Add(1);
        if (!LogGate.Pass("malformed", out var heldBack))
            return;
        Log.Malformed(Logger, Id, what, heldBack);
        Queue.Post(new DeviceReport.DeviceFaultReport(Id, Now, Time.GetTimestamp(), DeviceFaults.Malformed, what));
    }

    /// <summary>A name as it is kept: without line ends and control characters, not longer than is stored; null for none.</summary>
    protected static string? Name(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        // The folder in front of it says nothing to people.
        var name = text[(text.LastIndexOfAny(['/', '\\']) + 1)..];
        var clean = new string([.. name.Where(c => !char.IsControl(c) && !char.IsSurrogate(c))]).Trim();
        return clean.Length == 0 ? null : clean.Length <= MachineJob.MaxName ? clean : clean[..MachineJob.MaxName];
    }

    private bool IsAsSaid(MachineJob? job) =>
        (job, _said) switch
        {
            (null, null) => true,
            ({ } now, { } before) => now.IsSame(before) && now.State == before.State && Math.Floor(now.Progress ?? 0) == Math.Floor(before.Progress ?? 0),
            _ => false,
        };

    private static partial class Log
    {
        [LoggerMessage(EventId = 3600, Level = LogLevel.Information, Message = "{Device}: it tells of its jobs.")]
        public static partial void Came(ILogger logger, DeviceId device);

        [LoggerMessage(EventId = 3601, Level = LogLevel.Warning, Message = "{Device}: it does not tell of its jobs: {Why} ({HeldBack} like it not shown)")]
        public static partial void Away(ILogger logger, DeviceId device, string why, int heldBack);

        [LoggerMessage(EventId = 3602, Level = LogLevel.Warning, Message = "{Device}: not understood: {What} ({HeldBack} like it not shown)")]
        public static partial void Malformed(ILogger logger, DeviceId device, string what, int heldBack);
    }
}
