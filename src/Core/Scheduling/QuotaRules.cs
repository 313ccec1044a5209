using NodaTime;

namespace FabLab.Core.Scheduling;

/// <summary>What a person has left of a quota in one period.</summary>
/// <param name="Quota">The quota.</param>
/// <param name="Period">The period, by the calendar of the site.</param>
/// <param name="Time">Booked time in it.</param>
/// <param name="Count">Bookings that start in it.</param>
public sealed record QuotaUse(BookingQuota Quota, Interval Period, Duration Time, int Count);

/// <summary>Counts quotas. Time counts in the period it lies in, so a booking past midnight counts on both days; a booking counts once, where it starts.</summary>
public static class QuotaRules
{
    /// <summary>What the person of the facts has used of a quota in the period around an instant, without the wish and without the booking it replaces.</summary>
    /// <param name="facts">The facts.</param>
    /// <param name="quota">The quota.</param>
    /// <param name="at">An instant in the period.</param>
    public static QuotaUse Use(BookingFacts facts, BookingQuota quota, Instant at)
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(quota);
        DateTimeZone zone = BookingHours.ZoneOf(facts);
        Interval period = PeriodAround(quota.Period, at, zone);
        Duration time = Duration.Zero;
        int count = 0;
        foreach (OwnBooking own in facts.Own)
        {
            if (own.Id == facts.Wish.Before?.Id
                || !quota.Counts(own.Machine, own.Class)
                || (quota.SameDayFree && IsSameDay(own.MadeAt, own.Start, zone)))
            {
                continue;
            }

            time += Overlap(period, own.Start, own.End);
            count += period.Contains(own.Start) ? 1 : 0;
        }

        return new QuotaUse(quota, period, time, count);
    }

    /// <summary>The calendar period around an instant.</summary>
    /// <param name="period">Day, week or month.</param>
    /// <param name="at">The instant.</param>
    /// <param name="zone">Whose calendar.</param>
    public static Interval PeriodAround(QuotaPeriod period, Instant at, DateTimeZone zone)
    {
        LocalDate date = LocalClock.DateOf(at, zone);
        LocalDate first = period switch
        {
            QuotaPeriod.Day => date,
            QuotaPeriod.Week => date.PlusDays(1 - (int)date.DayOfWeek),
            _ => new LocalDate(date.Year, date.Month, 1),
        };
        LocalDate next = period switch
        {
            QuotaPeriod.Day => first.PlusDays(1),
            QuotaPeriod.Week => first.PlusWeeks(1),
            _ => first.PlusMonths(1),
        };
        return new Interval(LocalClock.StartOf(first, zone), LocalClock.StartOf(next, zone));
    }

    internal static RefusalDetail? Used(BookingFacts facts)
    {
        if (facts.Person is not { } person || facts.Machine is not { } machine)
        {
            return null;
        }

        BookingWish wish = facts.Wish;
        DateTimeZone zone = BookingHours.ZoneOf(facts);
        bool sameDay = IsSameDay(facts.Now, wish.Start, zone);
        foreach (BookingQuota quota in facts.Quotas)
        {
            if (!quota.IsFor(person.Id, person.Plan) || !quota.Counts(machine.Id, machine.Class) || (quota.SameDayFree && sameDay))
            {
                continue;
            }

            for (Instant at = wish.Start; at < wish.End;)
            {
                QuotaUse use = Use(facts, quota, at);
                bool tooMuch = quota.Time is { } time && use.Time + Overlap(use.Period, wish.Start, wish.End) > time;
                bool tooMany = at == wish.Start && quota.Count is { } most && use.Count + 1 > most;
                if (tooMuch || tooMany)
                {
                    return new()
                    {
                        Quota = quota,
                        At = use.Period.End,
                        Length = tooMuch ? Duration.Max(Duration.Zero, quota.Time!.Value - use.Time) : null,
                        Number = tooMany ? quota.Count : null,
                    };
                }

                at = use.Period.End;
            }
        }

        return null;
    }

    private static bool IsSameDay(Instant made, Instant start, DateTimeZone zone) =>
        LocalClock.DateOf(made, zone) == LocalClock.DateOf(start, zone);

    private static Duration Overlap(Interval period, Instant start, Instant end) =>
        Duration.Max(Duration.Zero, Instant.Min(period.End, end) - Instant.Max(period.Start, start));
}
