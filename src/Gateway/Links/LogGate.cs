using System.Collections.Concurrent;

namespace FabLab.Gateway.Links;

/// <summary>
/// Lets one line a minute through for each subject, and says how many it held back. A device that sends nonsense ten
/// times a second must not fill the disk. Thread-safe.
/// </summary>
public sealed class LogGate(TimeProvider time)
{
    /// <summary>Subjects remembered; beyond it the oldest are forgotten, so that invented names cannot fill the memory.</summary>
    private const int MostSubjects = 4096;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>True when the line may be written.</summary>
    /// <param name="subject">What the line is about: a device and a kind of fault.</param>
    /// <param name="heldBack">How many were held back since the last line on this subject.</param>
    public bool Pass(string subject, out int heldBack)
    {
        if (_entries.Count > MostSubjects)
            _entries.Clear();
        var now = time.GetTimestamp();
        var entry = _entries.GetOrAdd(subject, static _ => new Entry());
        lock (entry)
        {
            if (entry.Written && time.GetElapsedTime(entry.At, now) < Interval)
            {
                entry.HeldBack++;
                heldBack = 0;
                return false;
            }
            heldBack = entry.HeldBack;
            entry.HeldBack = 0;
            entry.At = now;
            entry.Written = true;
            return true;
        }
    }

    private sealed class Entry
    {
        public long At;
        public int HeldBack;
        public bool Written;
    }
}
