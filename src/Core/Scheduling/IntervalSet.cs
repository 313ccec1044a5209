using System.Collections;
using NodaTime;

namespace FabLab.Core.Scheduling;

/// <summary>
/// A set of instants written as half-open intervals, in order, that neither overlap nor touch: 10–11 and 11–12 are one
/// interval 10–12. Two sets with the same instants are therefore equal. Immutable.
/// </summary>
public sealed class IntervalSet : IReadOnlyList<Interval>, IEquatable<IntervalSet>
{
    private readonly Interval[] _intervals;

    private IntervalSet(Interval[] intervals) => _intervals = intervals;

    /// <summary>The set without instants.</summary>
    public static IntervalSet Empty { get; } = new([]);

    /// <inheritdoc/>
    public int Count => _intervals.Length;

    /// <summary>Whether there is no instant in it.</summary>
    public bool IsEmpty => _intervals.Length == 0;

    /// <summary>The time between start and end of every interval, added up.</summary>
    public Duration Total
    {
        get
        {
            Duration total = Duration.Zero;
            foreach (Interval interval in _intervals)
            {
                total += interval.Duration;
            }

            return total;
        }
    }

    /// <inheritdoc/>
    public Interval this[int index] => _intervals[index];

    /// <summary>The instants of all intervals given, in any order, overlapping or not. Empty intervals count for nothing.</summary>
    /// <param name="intervals">Intervals with a start and an end.</param>
    /// <exception cref="InvalidOperationException">An interval has no start or no end.</exception>
    public static IntervalSet Of(params IEnumerable<Interval> intervals)
    {
        List<Interval> sorted = [.. intervals.Where(i => i.Start < i.End)];
        sorted.Sort(static (a, b) => a.Start.CompareTo(b.Start));
        List<Interval> merged = new(sorted.Count);
        foreach (Interval next in sorted)
        {
            if (merged.Count > 0 && next.Start <= merged[^1].End)
            {
                Interval last = merged[^1];
                merged[^1] = new Interval(last.Start, Instant.Max(last.End, next.End));
            }
            else
            {
                merged.Add(next);
            }
        }

        return merged.Count == 0 ? Empty : new IntervalSet([.. merged]);
    }

    /// <summary>Every instant that is in this set, in the other, or in both.</summary>
    /// <param name="other">The other set.</param>
    public IntervalSet Union(IntervalSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return IsEmpty ? other : other.IsEmpty ? this : Of(_intervals.Concat(other._intervals));
    }

    /// <summary>Every instant that is in both sets.</summary>
    /// <param name="other">The other set.</param>
    public IntervalSet Intersect(IntervalSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        List<Interval> common = [];
        int mine = 0;
        int theirs = 0;
        while (mine < _intervals.Length && theirs < other._intervals.Length)
        {
            Interval a = _intervals[mine];
            Interval b = other._intervals[theirs];
            Instant start = Instant.Max(a.Start, b.Start);
            Instant end = Instant.Min(a.End, b.End);
            if (start < end)
            {
                common.Add(new Interval(start, end));
            }

            if (a.End <= b.End)
            {
                mine++;
            }
            else
            {
                theirs++;
            }
        }

        return common.Count == 0 ? Empty : new IntervalSet([.. common]);
    }

    /// <summary>Every instant of this set that is not in the other.</summary>
    /// <param name="other">What is taken away.</param>
    public IntervalSet Except(IntervalSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        List<Interval> left = [];
        int theirs = 0;
        foreach (Interval mine in _intervals)
        {
            Instant from = mine.Start;
            while (theirs < other._intervals.Length && other._intervals[theirs].End <= from)
            {
                theirs++;
            }

            for (int i = theirs; i < other._intervals.Length && other._intervals[i].Start < mine.End; i++)
            {
                if (from < other._intervals[i].Start)
                {
                    left.Add(new Interval(from, other._intervals[i].Start));
                }

                from = other._intervals[i].End;
            }

            if (from < mine.End)
            {
                left.Add(new Interval(from, mine.End));
            }
        }

        return left.Count == 0 ? Empty : new IntervalSet([.. left]);
    }

    /// <summary>The instants of this set inside one interval.</summary>
    /// <param name="range">The interval; it has a start and an end.</param>
    public IntervalSet Within(Interval range) => Intersect(Of(range));

    /// <summary>Whether the instant is in the set; the end of an interval is not.</summary>
    /// <param name="instant">The instant.</param>
    public bool Contains(Instant instant)
    {
        int index = FirstEndingAfter(instant);
        return index < _intervals.Length && _intervals[index].Start <= instant;
    }

    /// <summary>Whether every instant of the interval is in the set. True of an empty interval.</summary>
    /// <param name="interval">The interval; it has a start and an end.</param>
    public bool Covers(Interval interval)
    {
        if (interval.Start == interval.End)
        {
            return true;
        }

        int index = FirstEndingAfter(interval.Start);
        return index < _intervals.Length && _intervals[index].Start <= interval.Start && interval.End <= _intervals[index].End;
    }

    /// <summary>Whether an instant of the interval is in the set. Intervals that only touch do not overlap.</summary>
    /// <param name="interval">The interval; it has a start and an end.</param>
    public bool Overlaps(Interval interval)
    {
        if (interval.Start == interval.End)
        {
            return false;
        }

        int index = FirstEndingAfter(interval.Start);
        return index < _intervals.Length && _intervals[index].Start < interval.End;
    }

    /// <inheritdoc/>
    public IEnumerator<Interval> GetEnumerator() => ((IEnumerable<Interval>)_intervals).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(IntervalSet? other) => other is not null && _intervals.AsSpan().SequenceEqual(other._intervals);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as IntervalSet);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (Interval interval in _intervals)
        {
            hash.Add(interval);
        }

        return hash.ToHashCode();
    }

    /// <summary>The intervals, for logs and failed tests.</summary>
    public override string ToString() => string.Join(", ", _intervals);

    private int FirstEndingAfter(Instant instant)
    {
        int low = 0;
        int high = _intervals.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_intervals[middle].End <= instant)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
