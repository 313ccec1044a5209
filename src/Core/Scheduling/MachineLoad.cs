using NodaTime;

namespace FabLab.Core.Scheduling;

/// <summary>How much of a machine is taken when. Two bookings follow each other with the set-up time between them; with several places this is counted place by place.</summary>
internal static class MachineLoad
{
    /// <summary>The most places taken at one time in a range, by bookings with their set-up time after them.</summary>
    internal static int Peak(IEnumerable<BusyTime> busy, Instant start, Instant end, Duration setUp, BookingId? but)
    {
        int peak = 0;
        int now = 0;
        foreach ((Instant at, int change) in Steps(busy, setUp, but, start, end))
        {
            now += change;
            if (at < end)
            {
                peak = Math.Max(peak, now);
            }
        }

        return peak;
    }

    /// <summary>When fewer than <paramref name="places"/> of the capacity are left.</summary>
    internal static IntervalSet Full(IEnumerable<BusyTime> busy, int capacity, int places, Duration setUp, BookingId? but)
    {
        List<Interval> full = [];
        int now = 0;
        Instant? since = capacity < places ? Instant.MinValue : null;
        foreach ((Instant at, int change) in Steps(busy, setUp, but, Instant.MinValue, Instant.MaxValue))
        {
            now += change;
            bool isFull = now + places > capacity;
            if (isFull && since is null)
            {
                since = at;
            }
            else if (!isFull && since is { } from)
            {
                full.Add(new Interval(from, at));
                since = null;
            }
        }

        if (since is { } open)
        {
            full.Add(new Interval(open, Instant.MaxValue));
        }

        return IntervalSet.Of(full);
    }

    internal static IntervalSet Blocks(IEnumerable<BusyTime> busy) =>
        IntervalSet.Of(busy.Where(static b => b.Kind != BusyKind.Booking && b.Start < b.End).Select(static b => new Interval(b.Start, b.End)));

    // Ends come before starts at the same instant: bookings that touch do not overlap.
    private static List<(Instant At, int Change)> Steps(
        IEnumerable<BusyTime> busy, Duration setUp, BookingId? but, Instant from, Instant until)
    {
        List<(Instant At, int Change)> steps = [];
        foreach (BusyTime taken in busy)
        {
            if (taken.Kind != BusyKind.Booking || taken.Start >= taken.End || (but is not null && taken.Booking == but))
            {
                continue;
            }

            Instant end = taken.End + setUp;
            if (taken.Start < until && from < end)
            {
                steps.Add((taken.Start, taken.Places));
                steps.Add((end, -taken.Places));
            }
        }

        steps.Sort(static (a, b) => a.At.CompareTo(b.At) is var order and not 0 ? order : a.Change.CompareTo(b.Change));
        return steps;
    }
}
