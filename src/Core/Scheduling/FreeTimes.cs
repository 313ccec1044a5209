using NodaTime;

namespace FabLab.Core.Scheduling;

/// <summary>A moment at which a booking can start, and how long it can last.</summary>
/// <param name="Start">The start.</param>
/// <param name="LatestEnd">The latest end.</param>
public sealed record FreeStart(Instant Start, Instant LatestEnd);

/// <summary>
/// When a machine can still be booked. It asks the same facts as <see cref="BookingRules"/>, so that what a page offers is what
/// is accepted: hours, bookings with set-up time, blocks, places, notice, horizon, length and steps. What concerns the person
/// (training, quota, other bookings) is not in it; a page says that once and not at every hour.
/// </summary>
public static class FreeTimes
{
    /// <summary>The stretches in which a booking for as many places as the wish asks for can lie. Wish start and end are ignored.</summary>
    /// <param name="facts">The facts; hours and bookings must reach over the range.</param>
    /// <param name="range">The range, such as a day.</param>
    public static IntervalSet Of(BookingFacts facts, Interval range)
    {
        ArgumentNullException.ThrowIfNull(facts);
        BookingTerms terms = facts.Terms;
        Instant earliest = terms.Notice > Duration.Zero ? facts.Now + terms.Notice : facts.Now - terms.StartGrace;
        Instant start = Instant.Max(range.Start, earliest);
        if (!terms.Bookable || facts.Wish.Places < 1 || start >= range.End)
        {
            return IntervalSet.Empty;
        }

        IntervalSet full = MachineLoad.Full(facts.Busy, terms.Capacity, facts.Wish.Places, terms.SetUp, facts.Wish.Before?.Id);
        IntervalSet withSetUp = IntervalSet.Of(full.Select(f => new Interval(Back(f.Start, terms.SetUp), f.End)));
        return BookingHours.Usable(facts, range)
            .Except(withSetUp)
            .Except(MachineLoad.Blocks(facts.Busy))
            .Within(new Interval(start, range.End));
    }

    /// <summary>Every start on the machine's steps, in order, with the latest end for each. Without steps: the beginning of each free stretch.</summary>
    /// <param name="facts">As for <see cref="Of"/>.</param>
    /// <param name="range">The range in which bookings start; they may end after it when hours and bookings reach further.</param>
    public static IReadOnlyList<FreeStart> Starts(BookingFacts facts, Interval range)
    {
        ArgumentNullException.ThrowIfNull(facts);
        return [.. Each(facts, range)];
    }

    /// <summary>The same one after another, for who needs only the first.</summary>
    internal static IEnumerable<FreeStart> Each(BookingFacts facts, Interval range)
    {
        BookingTerms terms = facts.Terms;
        Instant horizon = terms.Horizon is { } ahead ? facts.Now + ahead : Instant.MaxValue;
        Instant reach = facts.Hours.Count == 0 ? range.End : Instant.Max(range.End, facts.Hours[^1].End);
        IntervalSet startable = BookingHours.Startable(facts);
        DateTimeZone zone = BookingHours.ZoneOf(facts);
        Duration shortest = terms.MinLength > Duration.Zero ? terms.MinLength : terms.Step ?? Duration.FromMinutes(1);
        foreach (Interval free in Of(facts, new Interval(range.Start, reach)))
        {
            foreach (Instant start in Candidates(free, terms.Step, zone))
            {
                if (start >= range.End || start > horizon)
                {
                    break;
                }

                Instant end = terms.MaxLength is { } longest ? Instant.Min(free.End, start + longest) : free.End;
                if (terms.Step is { } step)
                {
                    end = OnStepAtOrBefore(end, step, zone);
                }

                if (end - start >= shortest && startable.Contains(start) && end > facts.Now)
                {
                    yield return new FreeStart(start, end);
                }
            }
        }
    }

    /// <summary>The first stretch of a length that can be booked from an instant on, or null when the hours in the facts hold none.</summary>
    /// <param name="facts">As for <see cref="Of"/>.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="length">How long it must be.</param>
    public static Interval? Next(BookingFacts facts, Instant from, Duration length)
    {
        ArgumentNullException.ThrowIfNull(facts);
        if (facts.Hours.Count == 0 || facts.Hours[^1].End <= from || length <= Duration.Zero)
        {
            return null;
        }

        BookingFacts fitting = facts with { Terms = facts.Terms with { MinLength = length } };
        return Each(fitting, new Interval(from, facts.Hours[^1].End)).FirstOrDefault() is { } first
            ? new Interval(first.Start, first.Start + length)
            : null;
    }

    internal static bool IsOnStep(Instant instant, Duration step, DateTimeZone zone) =>
        step <= Duration.Zero || instant.InZone(zone).TimeOfDay.NanosecondOfDay % Nanoseconds(step) == 0;

    private static long Nanoseconds(Duration step) => Math.Max(1, step.ToInt64Nanoseconds());

    // Steps follow the wall clock, so they are looked for hour by hour around a change of clocks too.
    private static IEnumerable<Instant> Candidates(Interval free, Duration? step, DateTimeZone zone)
    {
        if (step is not { } every || every <= Duration.Zero)
        {
            yield return free.Start;
            yield break;
        }

        Instant at = free.Start;
        while (at < free.End)
        {
            if (IsOnStep(at, every, zone))
            {
                yield return at;
            }

            at = NextOnStep(at, every, zone);
        }
    }

    private static Instant NextOnStep(Instant after, Duration step, DateTimeZone zone)
    {
        ZonedDateTime local = after.InZone(zone);
        long size = Nanoseconds(step);
        long over = local.TimeOfDay.NanosecondOfDay % size;
        Instant next = after + Duration.FromNanoseconds(size - over);
        Instant midnight = LocalClock.StartOf(local.Date.PlusDays(1), zone);
        Instant change = zone.GetZoneInterval(after) is { HasEnd: true } interval ? interval.End : Instant.MaxValue;
        return Instant.Min(next, Instant.Min(midnight, change));
    }

    private static Instant OnStepAtOrBefore(Instant end, Duration step, DateTimeZone zone)
    {
        if (step <= Duration.Zero)
        {
            return end;
        }

        // Going back over a change of clocks lands beside a step, and then goes on.
        while (end.InZone(zone).TimeOfDay.NanosecondOfDay % Nanoseconds(step) is var over and not 0)
        {
            end -= Duration.FromNanoseconds(over);
        }

        return end;
    }

    private static Instant Back(Instant instant, Duration by) => instant == Instant.MinValue ? instant : instant - by;
}
