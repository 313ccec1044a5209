using System.Globalization;
using FabLab.Core.Access;
using NodaTime;

namespace FabLab.Core.Scheduling;

/// <summary>How a series comes back.</summary>
public enum SeriesEvery
{
    /// <summary>Every so many days.</summary>
    Day,

    /// <summary>Every so many weeks, on the days chosen.</summary>
    Week,

    /// <summary>Every so many months, on the day of the month of the first date; months without that day are passed over.</summary>
    MonthByDate,

    /// <summary>Every so many months, on the same weekday of the month as the first date ("the second Tuesday"); months without a fifth are passed over.</summary>
    MonthByWeekday,
}

/// <summary>A series (répétition) as a rule in the time of the wall clock. It is expanded when it is booked and when it is shown, never stored as dates.</summary>
public sealed record SeriesRule
{
    /// <summary>The first date it may fall on.</summary>
    public required LocalDate First { get; init; }

    /// <summary>When each begins.</summary>
    public required LocalTime Start { get; init; }

    /// <summary>When each ends; not later than the start = the next day.</summary>
    public required LocalTime End { get; init; }

    /// <summary>The unit.</summary>
    public SeriesEvery Every { get; init; } = SeriesEvery.Week;

    /// <summary>Every how many units; at least 1.</summary>
    public int Step { get; init; } = 1;

    /// <summary>For weeks: on which days; none = the weekday of <see cref="First"/>.</summary>
    public WeekDays Days { get; init; }

    /// <summary>The last date it may fall on, included.</summary>
    public LocalDate? Last { get; init; }

    /// <summary>How many times; dates in <see cref="Except"/> are counted, as people count them.</summary>
    public int? Count { get; init; }

    /// <summary>Dates left out.</summary>
    public ValueList<LocalDate> Except { get; init; } = [];
}

/// <summary>One time of a series.</summary>
/// <param name="Date">The date on which it begins.</param>
/// <param name="Time">When; empty when the change to summer time skips it.</param>
public sealed record SeriesOccurrence(LocalDate Date, Interval Time);

/// <summary>A series that cannot be expanded.</summary>
/// <param name="Code">Stable: "series_without_end", "series_too_long", "series_empty", "series_bad_step".</param>
/// <param name="Sentence">Why.</param>
/// <param name="NextStep">What to do.</param>
public sealed record SeriesFault(string Code, Words Sentence, Words NextStep);

/// <summary>What can be booked of a series.</summary>
/// <param name="Fault">Why nothing can; null when the rule is sound.</param>
/// <param name="Accepted">The times that can be booked, in order.</param>
/// <param name="Refused">The times that cannot, each with its reason: "all but the conflicts".</param>
public sealed record SeriesPlan(
    SeriesFault? Fault, ValueList<BookingDecision.Accepted> Accepted, ValueList<BookingDecision.Refused> Refused);

/// <summary>Expands series and decides them.</summary>
public static class SeriesRules
{
    /// <summary>The most times a series may have.</summary>
    public const int MostOccurrences = 200;

    /// <summary>What is wrong with a rule, or null.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="zone">The zone of the site.</param>
    public static SeriesFault? Check(SeriesRule rule, DateTimeZone zone)
    {
        ArgumentNullException.ThrowIfNull(rule);
        string most = MostOccurrences.ToString(CultureInfo.InvariantCulture);
        if (rule.Step < 1)
        {
            return new("series_bad_step", new("La répétition doit revenir au moins tous les 1.", "The series must come back at least every 1."), new("Choisissez un nombre à partir de 1.", "Choose a number from 1 on."));
        }

        if (rule.Last is null && rule.Count is null)
        {
            return new("series_without_end", new("La répétition n'a pas de fin.", "The series has no end."), new("Donnez une dernière date ou un nombre de fois.", "Give a last date or a number of times."));
        }

        int count = Dates(rule).Take(MostOccurrences + 1).Count();
        if (count > MostOccurrences || rule.Count > MostOccurrences)
        {
            return new("series_too_long", new($"La répétition dépasse {most} fois.", $"The series has more than {most} times."), new("Choisissez une fin plus proche.", "Choose an earlier end."));
        }

        return Expand(rule, zone).Any()
            ? null
            : new("series_empty", new("La répétition ne tombe sur aucune date.", "The series falls on no date."), new("Changez les dates ou les jours.", "Change the dates or the days."));
    }

    /// <summary>The times of a series in order, at most <see cref="MostOccurrences"/>, without the dates left out.</summary>
    /// <param name="rule">The rule; one that <see cref="Check"/> finds fault with gives what it can.</param>
    /// <param name="zone">The zone of the site.</param>
    public static IEnumerable<SeriesOccurrence> Expand(SeriesRule rule, DateTimeZone zone)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(zone);
        return Dates(rule)
            .Take(MostOccurrences)
            .Where(date => !rule.Except.Contains(date))
            .Select(date => new SeriesOccurrence(date, LocalClock.Window(date, rule.Start, rule.End, zone)));
    }

    /// <summary>Decides every time of a series. What is accepted counts for the next: quotas, set-up time and bookings to come.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="template">The facts; hours and bookings reach over the whole series, the times of the wish are ignored.</param>
    /// <param name="access">The access decision at a start; null to keep that of the template.</param>
    public static SeriesPlan Plan(SeriesRule rule, BookingFacts template, Func<Instant, AccessDecision?>? access = null)
    {
        ArgumentNullException.ThrowIfNull(template);
        return Plan(rule, [template], access is null ? null : (_, start) => access(start));
    }

    /// <summary>The same for a pool: each time goes to the machine that <see cref="PoolRules"/> chooses for it.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="templates">The facts of each machine, in the order in which they are preferred; at least one.</param>
    /// <param name="access">The access decision for a machine at a start; null to keep that of the templates.</param>
    /// <exception cref="ArgumentException">There is no machine.</exception>
    public static SeriesPlan Plan(SeriesRule rule, IReadOnlyList<BookingFacts> templates, Func<BookingFacts, Instant, AccessDecision?>? access)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(templates);
        if (templates.Count == 0)
        {
            throw new ArgumentException("A series is for a machine or more.", nameof(templates));
        }

        DateTimeZone zone = BookingHours.ZoneOf(templates[0]);
        if (Check(rule, zone) is { } fault)
        {
            return new SeriesPlan(fault, [], []);
        }

        List<BookingDecision.Accepted> accepted = [];
        List<BookingDecision.Refused> refused = [];
        BookingFacts[] members = [.. templates];
        foreach (SeriesOccurrence occurrence in Expand(rule, zone))
        {
            Instant start = occurrence.Time.Start;
            for (int i = 0; i < members.Length; i++)
            {
                members[i] = members[i] with
                {
                    Wish = templates[i].Wish with { Start = start, End = occurrence.Time.End },
                    Access = access is null ? templates[i].Access : access(templates[i], start),
                };
            }

            switch (members.Length == 1 ? BookingRules.Decide(members[0]) : PoolRules.Decide(members))
            {
                case BookingDecision.Accepted yes:
                    accepted.Add(yes);
                    Count(members, yes.Facts);
                    break;
                case BookingDecision.Refused no:
                    refused.Add(no);
                    break;
            }
        }

        return new SeriesPlan(null, [.. accepted], [.. refused]);
    }

    // The person has the booking whichever machine is looked at; only the one it is on is taken.
    private static void Count(BookingFacts[] members, BookingFacts taken)
    {
        BookingWish wish = taken.Wish;
        for (int i = 0; i < members.Length; i++)
        {
            BookingFacts facts = members[i];
            members[i] = facts with
            {
                Busy = facts.Machine == taken.Machine ? facts.Busy.Add(new BusyTime(wish.Start, wish.End, Places: wish.Places)) : facts.Busy,
                Own = facts.Person is null
                    ? facts.Own
                    : facts.Own.Add(new OwnBooking(default, taken.Machine!.Id, taken.Machine.Class, wish.Start, wish.End, facts.Now)),
            };
        }
    }

    // Ends by itself: by the last date, by the count, or after the furthest day anything is booked on.
    private static IEnumerable<LocalDate> Dates(SeriesRule rule)
    {
        if (rule.Step < 1 || rule.Count < 1 || rule.First.Year is < 1990 or > 2199)
        {
            yield break;
        }

        LocalDate furthest = rule.First.PlusDays((int)BookingRules.FurthestAhead.TotalDays * 2);
        LocalDate last = rule.Last is { } given && given < furthest ? given : furthest;
        int left = rule.Count ?? int.MaxValue;
        foreach (LocalDate date in Candidates(rule, last))
        {
            if (date > last || left-- == 0)
            {
                yield break;
            }

            yield return date;
        }
    }

    private static IEnumerable<LocalDate> Candidates(SeriesRule rule, LocalDate last)
    {
        int step = Math.Min(rule.Step, 10_000);
        switch (rule.Every)
        {
            case SeriesEvery.Day:
                for (LocalDate date = rule.First; date <= last; date = date.PlusDays(step))
                {
                    yield return date;
                }

                break;
            case SeriesEvery.Week:
                WeekDays days = rule.Days == WeekDays.None ? (WeekDays)(1 << ((int)rule.First.DayOfWeek - 1)) : rule.Days;
                LocalDate monday = rule.First.PlusDays(1 - (int)rule.First.DayOfWeek);
                for (; monday <= last; monday = monday.PlusWeeks(step))
                {
                    for (int day = 0; day < 7; day++)
                    {
                        if ((days & (WeekDays)(1 << day)) != 0 && monday.PlusDays(day) >= rule.First)
                        {
                            yield return monday.PlusDays(day);
                        }
                    }
                }

                break;
            default:
                LocalDate month = new(rule.First.Year, rule.First.Month, 1);
                for (; month <= last; month = month.PlusMonths(step))
                {
                    if (InMonth(rule, month) is { } date)
                    {
                        yield return date;
                    }
                }

                break;
        }
    }

    private static LocalDate? InMonth(SeriesRule rule, LocalDate month)
    {
        int length = month.Calendar.GetDaysInMonth(month.Year, month.Month);
        int day = rule.First.Day;
        if (rule.Every == SeriesEvery.MonthByWeekday)
        {
            int firstOfKind = 1 + (((int)rule.First.DayOfWeek - (int)month.DayOfWeek + 7) % 7);
            day = firstOfKind + (7 * ((rule.First.Day - 1) / 7));
        }

        return day <= length ? new LocalDate(month.Year, month.Month, day) : null;
    }
}
