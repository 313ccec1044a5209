using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Gateway.Supervision;

/// <summary>Something a person should look at, until it is over.</summary>
/// <param name="Code">One of <see cref="AlarmCodes"/>.</param>
/// <param name="Subject">What it is about: a machine's code, a device's id, "journal", "booking".</param>
/// <param name="Detail">One English sentence for the log and the staff page. No names, no badge numbers.</param>
/// <param name="Since">When it began.</param>
/// <param name="Reported">Booking hears of it by other lines of the journal already.</param>
public sealed record Alarm(string Code, string Subject, string Detail, Instant Since, bool Reported);

/// <summary>Stable codes of alarms.</summary>
public static class AlarmCodes
{
    public const string StorageFailure = "storage_failure";
    public const string RecordSetAside = "record_set_aside";
    public const string DeviceSilent = "device_silent";
    public const string SeveralSilent = "several_silent";
    public const string DeviceFault = "device_fault";
    public const string DeviceUnfit = "device_unfit";
    public const string WeldedContact = "welded_contact";
    public const string ClosedUnasked = "closed_unasked";
    public const string JournalGap = "journal_gap";
    public const string BookingUnreachable = "booking_unreachable";
    public const string PolicyTooOld = "policy_too_old";
    public const string ClockSkew = "clock_skew";
    public const string LoopFailed = "loop_failed";
}

/// <summary>The alarms that are on. Each is raised once, logged once, and cleared by who raised it.</summary>
public sealed partial class AlarmBoard(TimeProvider time, ILogger<AlarmBoard> logger)
{
    private readonly ConcurrentDictionary<(string Code, string Subject), Alarm> _active = [];

    /// <summary>Raised on the thread that changed it; the handler must be short. True: it began.</summary>
    public event Action<Alarm, bool>? Changed;

    public IReadOnlyCollection<Alarm> Active => [.. _active.Values.OrderBy(a => a.Since).ThenBy(a => a.Code, StringComparer.Ordinal)];

    public bool IsOn(string code, string subject) => _active.ContainsKey((code, subject));

    public void Raise(string code, string subject, string detail, bool reported = false)
    {
        var alarm = new Alarm(code, subject, detail, Instant.FromDateTimeOffset(time.GetUtcNow()), reported);
        if (!_active.TryAdd((code, subject), alarm))
            return;
        Log.Raised(logger, code, subject, detail);
        Changed?.Invoke(alarm, true);
    }

    public void Clear(string code, string subject)
    {
        if (!_active.TryRemove((code, subject), out var alarm))
            return;
        Log.Cleared(logger, code, subject);
        Changed?.Invoke(alarm, false);
    }

    private static partial class Log
    {
        [LoggerMessage(4101, LogLevel.Error, "Alarm {Code} on {Subject}: {Detail}")]
        public static partial void Raised(ILogger logger, string code, string subject, string detail);

        [LoggerMessage(4102, LogLevel.Information, "Alarm {Code} on {Subject} is over")]
        public static partial void Cleared(ILogger logger, string code, string subject);
    }
}
