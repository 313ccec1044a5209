using System.Text.Json.Serialization;
using NodaTime;

namespace FabLab.Core.Scheduling;

/// <summary>A stretch of open time with one meaning. Closed time is what lies between two of them.</summary>
/// <param name="Start">Its start, included.</param>
/// <param name="End">Its end, excluded; after the start.</param>
/// <param name="Kind">What it is for; never <see cref="OpeningKind.Closed"/>.</param>
/// <param name="Group">The key of the group it is kept for; null = any, or not for groups.</param>
/// <param name="Label">What to show; null = the words of the kind.</param>
public sealed record OpeningPeriod(Instant Start, Instant End, OpeningKind Kind, string? Group = null, string? Label = null)
{
    /// <summary>The period as a half-open interval.</summary>
    [JsonIgnore]
    public Interval Interval => new(Start, End);

    /// <summary>Whether the other period means the same, whenever it is.</summary>
    /// <param name="other">The other period.</param>
    public bool MeansTheSameAs(OpeningPeriod other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Kind == other.Kind && Group == other.Group && Label == other.Label;
    }
}

/// <summary>Questions about a list of periods that is in order and does not overlap, as <see cref="SiteSchedule"/> gives it.</summary>
public static class OpeningPeriods
{
    /// <summary>Joins periods that touch and mean the same.</summary>
    /// <param name="periods">Periods in order that do not overlap.</param>
    public static IReadOnlyList<OpeningPeriod> Join(IEnumerable<OpeningPeriod> periods)
    {
        ArgumentNullException.ThrowIfNull(periods);
        List<OpeningPeriod> joined = [];
        foreach (OpeningPeriod period in periods)
        {
            if (joined.Count > 0 && joined[^1].End == period.Start && joined[^1].MeansTheSameAs(period))
            {
                joined[^1] = joined[^1] with { End = period.End };
            }
            else
            {
                joined.Add(period);
            }
        }

        return joined;
    }

    /// <summary>The instants of all periods that a test lets through.</summary>
    /// <param name="periods">The periods.</param>
    /// <param name="counts">Which of them.</param>
    public static IntervalSet Where(IEnumerable<OpeningPeriod> periods, Func<OpeningPeriod, bool> counts)
    {
        ArgumentNullException.ThrowIfNull(periods);
        return IntervalSet.Of(periods.Where(counts).Select(static p => p.Interval));
    }

    /// <summary>The period at an instant, or null when it is closed then.</summary>
    /// <param name="periods">The periods.</param>
    /// <param name="instant">The instant.</param>
    public static OpeningPeriod? At(IReadOnlyList<OpeningPeriod> periods, Instant instant)
    {
        ArgumentNullException.ThrowIfNull(periods);
        int low = 0;
        int high = periods.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (periods[middle].End <= instant)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low < periods.Count && periods[low].Start <= instant ? periods[low] : null;
    }
}
