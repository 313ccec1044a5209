using System.Text.Json.Serialization;
using NodaTime;

namespace FabLab.Core.Sessions;

/// <summary>Where a job stands.</summary>
public enum JobState
{
    /// <summary>The machine works on it.</summary>
    Running,

    /// <summary>It is held; the machine waits for somebody.</summary>
    Paused,

    /// <summary>It ended as it should.</summary>
    Done,

    /// <summary>It ended by a fault.</summary>
    Failed,

    /// <summary>Somebody ended it.</summary>
    Cancelled,

    /// <summary>It is over and nobody saw how; its end is the last moment at which it was seen.</summary>
    Lost,
}

/// <summary>A time in which a job was held.</summary>
/// <param name="From">Its start, included.</param>
/// <param name="To">Its end, excluded; null while it goes on.</param>
public sealed record JobPause(Instant From, Instant? To);

/// <summary>One job of a machine, as a device that knows of it says (its controller, or a program beside it). (Device, <see cref="Id"/>) names it once and for all.</summary>
public sealed record MachineJob
{
    /// <summary>Longest <see cref="Id"/>, in characters.</summary>
    public const int MaxId = 64;

    /// <summary>Longest <see cref="Name"/>, in characters.</summary>
    public const int MaxName = 120;

    /// <summary>Most pauses kept; later ones count as work.</summary>
    public const int MaxPauses = 32;

    /// <summary>Who tells of it.</summary>
    public required DeviceId Device { get; init; }

    /// <summary>What the device calls it: the same for every word about the same job. 1 to <see cref="MaxId"/> characters.</summary>
    public required string Id { get; init; }

    /// <summary>What people call it, mostly the name of a file; it may be personal. Null when the device does not know.</summary>
    public string? Name { get; init; }

    /// <summary>Where it stands.</summary>
    public JobState State { get; init; }

    /// <summary>When it began.</summary>
    public required Instant StartedAt { get; init; }

    /// <summary>When it ended; null while it is in hand.</summary>
    public Instant? EndedAt { get; init; }

    /// <summary>How far it is, 0 to 100; null when the device does not know.</summary>
    public double? Progress { get; init; }

    /// <summary>Material used, in grams; null when the device does not know.</summary>
    public double? Grams { get; init; }

    /// <summary>Material used, in millimetres of filament, or of cut; null when the device does not know.</summary>
    public double? Millimetres { get; init; }

    /// <summary>When it was held.</summary>
    public ValueList<JobPause> Pauses { get; init; } = [];

    /// <summary>Whether it is over.</summary>
    [JsonIgnore]
    public bool IsOver => State is not (JobState.Running or JobState.Paused);

    /// <summary>Whether two records speak of the same job.</summary>
    /// <param name="other">The other one.</param>
    public bool IsSame(MachineJob other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Device == other.Device && Id == other.Id;
    }

    /// <summary>
    /// When the machine worked on it, as far as is known at a moment: from its start to its end, or to that moment, without its pauses.
    /// In order, not overlapping.
    /// </summary>
    /// <param name="now">The moment.</param>
    public IReadOnlyList<Interval> Work(Instant now)
    {
        Instant end = EndedAt ?? now;
        Instant at = StartedAt;
        List<Interval> work = [];
        foreach (JobPause pause in Pauses.OrderBy(pause => pause.From))
        {
            Add(work, at, Instant.Min(pause.From, end));
            at = Instant.Max(at, pause.To ?? end);
        }

        Add(work, at, end);
        return work;
    }

    private static void Add(List<Interval> work, Instant from, Instant to)
    {
        if (to > from)
        {
            work.Add(new Interval(from, to));
        }
    }
}

/// <summary>A use that has been, for jobs that are told of later.</summary>
/// <param name="Session">The session.</param>
/// <param name="From">Its start, included.</param>
/// <param name="To">Its end, excluded.</param>
public sealed record PastUse(SessionId Session, Instant From, Instant To);

/// <summary>A job that is over.</summary>
/// <param name="Id">What the device calls it.</param>
/// <param name="Lost">Whether nobody saw how it ended, so that the device may still tell.</param>
/// <param name="Session">Whose it was; null for nobody's.</param>
public sealed record PastJob(string Id, bool Lost, SessionId? Session);

/// <summary>What the device that knows of the machine's jobs says.</summary>
public sealed record JobTrack
{
    /// <summary>Which device.</summary>
    public required DeviceId Device { get; init; }

    /// <summary>Since when it is heard; what it tells of earlier jobs is not this place's.</summary>
    public Instant Since { get; init; }

    /// <summary>When it last said how things are.</summary>
    public Instant HeardAt { get; init; }

    /// <summary>Whether it is not heard any more.</summary>
    public bool Away { get; init; }

    /// <summary>The job in hand, without its name; null when there is none.</summary>
    public MachineJob? Job { get; init; }

    /// <summary>Whose that job is; null for nobody's.</summary>
    public SessionId? Session { get; init; }

    /// <summary>The progress that is on record; null for none.</summary>
    public double? Recorded { get; init; }

    /// <summary>When the last job ended; null before the first.</summary>
    public Instant? RestsSince { get; init; }

    /// <summary>The last jobs that are over, the newest last.</summary>
    public ValueList<PastJob> Over { get; init; } = [];

    /// <summary>The last uses, the newest last.</summary>
    public ValueList<PastUse> Uses { get; init; } = [];

    /// <summary>Whether it says that the machine works.</summary>
    [JsonIgnore]
    public bool Works => !Away && Job is { State: JobState.Running };
}
