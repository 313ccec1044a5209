using NodaTime;

namespace FabLab.Core.Scheduling;

/// <summary>
/// The hours of a site and its machines, expanded on reading. Which rule counts, from the weakest to the strongest:
/// <list type="number">
/// <item>the weekly hours of the site;</item>
/// <item>the weekly hours of the machine, over or instead of them;</item>
/// <item>a public holiday: only weekly rules made for public holidays count on it;</item>
/// <item>an exception of the machine on a date takes the place of all weekly hours of that date;</item>
/// <item>closures, of the site and of the machine, take away from what is open so far; a machine's exception stands against the machine's own closures;</item>
/// <item>an exception of the site on a date takes the place of the site's weekly hours, public holiday and closures of that date; the machine's own rules still count on it, but only to be stricter.</item>
/// </list>
/// So nothing opens a machine while its site is closed by a closure or by an exception. A window belongs to the date on which
/// it opens: an exception on Saturday leaves Friday's late evening alone; a closure cuts at its very minute.
/// The result does not depend on how a range is cut up to be read.
/// </summary>
public sealed class SiteSchedule
{
    /// <summary>The longest range that is expanded at once.</summary>
    public static readonly Duration LongestRange = Duration.FromDays(3700);

    private static readonly Instant Earliest = Instant.FromUtc(1990, 1, 1, 0, 0);
    private static readonly Instant Latest = Instant.FromUtc(2200, 1, 1, 0, 0);

    private readonly SchoolCalendar _school;
    private readonly ResolvedClosure[] _closures;
    private readonly Dictionary<LocalDate, DateException> _exceptions = [];

    /// <summary>Prepares the rules of a site.</summary>
    /// <param name="site">The rules.</param>
    /// <param name="school">The school holidays; <see cref="SchoolCalendar.Shipped"/> or the lab's own.</param>
    /// <exception cref="ArgumentException">The zone does not exist; <see cref="TimetableCheck"/> finds that before.</exception>
    public SiteSchedule(SiteTimetable site, SchoolCalendar school)
    {
        ArgumentNullException.ThrowIfNull(site);
        ArgumentNullException.ThrowIfNull(school);
        Site = site;
        Zone = LocalClock.Find(site.Zone) ?? throw new ArgumentException($"There is no zone {site.Zone}.", nameof(site));
        _school = school;
        _closures = Resolve(site.Closures);
        foreach (DateException exception in site.Exceptions)
        {
            _exceptions[exception.Date] = exception;
        }
    }

    /// <summary>The rules.</summary>
    public SiteTimetable Site { get; }

    /// <summary>The zone of the clock on the wall.</summary>
    public DateTimeZone Zone { get; }

    /// <summary>Works out the site's calendar over a range once; then ask it for any number of machines.</summary>
    /// <param name="range">A start and an end, at most <see cref="LongestRange"/> apart. What lies before 1990 or after 2199 is closed.</param>
    /// <exception cref="ArgumentException">The range is unbounded or too long.</exception>
    public SiteDays Over(Interval range)
    {
        if (!range.HasStart || !range.HasEnd || range.Duration > LongestRange)
        {
            throw new ArgumentException($"Hours are read over at most {LongestRange.TotalDays} days at once.", nameof(range));
        }

        Instant start = Instant.Min(Instant.Max(range.Start, Earliest), Latest);
        Instant end = Instant.Min(Instant.Max(range.End, start), Latest);
        if (start == end)
        {
            return new SiteDays(this, new Interval(start, start), []);
        }

        // A window opens at most a day before it ends, so the day before the range can reach into it.
        LocalDate first = LocalClock.DateOf(start, Zone).PlusDays(-1);
        LocalDate last = LocalClock.DateOf(end, Zone);
        SiteDay[] days = new SiteDay[Period.DaysBetween(first, last) + 1];
        IReadOnlyList<PublicHoliday> holidays = [];
        int year = int.MinValue;
        LocalDate date = first;
        for (int i = 0; i < days.Length; i++, date = date.PlusDays(1))
        {
            if (date.Year != year)
            {
                year = date.Year;
                holidays = PublicHolidays.Of(year, Site.Region);
            }

            days[i] = MakeDay(date, holidays);
        }

        return new SiteDays(this, new Interval(start, end), days);
    }

    /// <summary>The open periods of the site itself.</summary>
    /// <param name="range">As for <see cref="Over"/>.</param>
    public IReadOnlyList<OpeningPeriod> Expand(Interval range) => Over(range).ForMachine(MachineTimetable.SameAsSite);

    /// <summary>The open periods of a machine.</summary>
    /// <param name="machine">The machine's own rules.</param>
    /// <param name="range">As for <see cref="Over"/>.</param>
    public IReadOnlyList<OpeningPeriod> Expand(MachineTimetable machine, Interval range) => Over(range).ForMachine(machine);

    /// <summary>The interval from the first instant of a date to the first of another.</summary>
    /// <param name="first">The first date.</param>
    /// <param name="next">The date after the last; the day after <paramref name="first"/> for one day.</param>
    public Interval Days(LocalDate first, LocalDate next) =>
        new(LocalClock.StartOf(first, Zone), LocalClock.StartOf(next, Zone));

    /// <summary>What is to be said of a date on a calendar page, whatever the hours.</summary>
    /// <param name="date">The date.</param>
    public DayNote Note(LocalDate date)
    {
        Interval day = Days(date, date.PlusDays(1));
        return new DayNote(
            date,
            PublicHolidays.On(date, Site.Region),
            Site.SchoolZone is { } zone ? _school.On(zone, date) : SchoolDay.Unknown,
            Site.SchoolZone is { } named ? _school.HolidayOn(named, date) : null,
            [.. _closures.Where(c => c.Start < day.End && day.Start < c.End).Select(static c => c.Closure)],
            _exceptions.GetValueOrDefault(date));
    }

    internal ResolvedClosure[] Resolve(ValueList<Closure> closures)
    {
        ResolvedClosure[] resolved = new ResolvedClosure[closures.Count];
        for (int i = 0; i < resolved.Length; i++)
        {
            Closure closure = closures[i];
            resolved[i] = new(LocalClock.ToInstant(closure.From, Zone), LocalClock.ToInstant(closure.Until, Zone), closure);
        }

        return resolved;
    }

    private SiteDay MakeDay(LocalDate date, IReadOnlyList<PublicHoliday> holidays)
    {
        bool isHoliday = false;
        for (int i = 0; i < holidays.Count && !isHoliday; i++)
        {
            isHoliday = holidays[i].Date == date;
        }

        bool schoolIsOut = Site.SchoolZone is { } zone && _school.On(zone, date) == SchoolDay.Holiday;
        Interval reach = Days(date, date.PlusDays(2));
        return new SiteDay(
            date,
            isHoliday,
            isHoliday && Site.ClosedOnPublicHolidays,
            schoolIsOut,
            _exceptions.GetValueOrDefault(date),
            _closures.Length == 0 ? [] : [.. _closures.Where(c => c.Start < reach.End && reach.Start < c.End)]);
    }
}

/// <summary>What a calendar page says of a date.</summary>
/// <param name="Date">The date.</param>
/// <param name="PublicHoliday">The public holiday it is, or null.</param>
/// <param name="School">What the school calendar says of it.</param>
/// <param name="SchoolHoliday">The school holidays it lies in, or null.</param>
/// <param name="Closures">The closures of the site that touch it.</param>
/// <param name="Exception">The site's exception on it, or null.</param>
public sealed record DayNote(
    LocalDate Date,
    PublicHoliday? PublicHoliday,
    SchoolDay School,
    SchoolHoliday? SchoolHoliday,
    ValueList<Closure> Closures,
    DateException? Exception);

internal readonly record struct ResolvedClosure(Instant Start, Instant End, Closure Closure);

internal sealed record SiteDay(
    LocalDate Date,
    bool IsPublicHoliday,
    bool IsClosedHoliday,
    bool SchoolIsOut,
    DateException? Exception,
    ResolvedClosure[] Closures)
{
    internal bool Meets(WeeklyOpening rule) =>
        (!IsClosedHoliday || rule.On == DayCondition.PublicHolidays) && WouldMeet(rule);

    /// <summary>As <see cref="Meets"/>, were the day no closed holiday: on a date that the site opens by an exception.</summary>
    internal bool WouldMeet(WeeklyOpening rule) => rule.RunsOn(Date) && rule.On switch
    {
        DayCondition.PublicHolidays => IsPublicHoliday,
        DayCondition.SchoolHolidays => SchoolIsOut,
        DayCondition.SchoolTime => !SchoolIsOut,
        _ => true,
    };
}
