using FabLab.Core.Scheduling;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Core.Tests.Scheduling;

/// <summary>Short ways to write and read times in the tests of the calendar.</summary>
internal static class Local
{
    internal static readonly DateTimeZone Paris = DateTimeZoneProviders.Tzdb["Europe/Paris"];

    internal static Instant Utc(string text) => InstantPattern.General.Parse(text).Value;

    internal static Instant At(string local, string zone = "Europe/Paris") =>
        LocalClock.ToInstant(LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm").Parse(local).Value, DateTimeZoneProviders.Tzdb[zone]);

    internal static LocalDate Date(string text) => LocalDatePattern.Iso.Parse(text).Value;

    internal static LocalTime Time(string text) => LocalTimePattern.CreateWithInvariantCulture("HH:mm").Parse(text).Value;

    internal static Interval Between(string from, string until) => new(At(from), At(until));

    internal static WeeklyOpening Weekly(WeekDays days, string from, string until, OpeningKind kind = OpeningKind.OpenLab, DayCondition on = DayCondition.Always) =>
        new() { Days = days, Window = new OpeningWindow(Time(from), Time(until), kind), On = on };

    internal static DateException On(string date, params OpeningWindow[] windows) => new(Date(date), [.. windows]);

    internal static OpeningWindow Window(string from, string until, OpeningKind kind = OpeningKind.OpenLab) => new(Time(from), Time(until), kind);

    internal static SiteTimetable Site(params WeeklyOpening[] weekly) => new() { Zone = "Europe/Paris", Weekly = [.. weekly] };

    /// <summary>The open periods of some days as "03-27 18:00–21:00 OpenLab", by the site's clock.</summary>
    internal static string[] Show(this SiteTimetable site, string first, string next, MachineTimetable? machine = null, SchoolCalendar? school = null)
    {
        SiteSchedule schedule = new(site, school ?? SchoolCalendar.Shipped);
        return [.. schedule.Expand(machine ?? MachineTimetable.SameAsSite, schedule.Days(Date(first), Date(next)))
            .Select(p => $"{p.Start.InZone(schedule.Zone).ToString("MM-dd HH:mm", null)}–{p.End.InZone(schedule.Zone).ToString("HH:mm", null)} {p.Kind}")];
    }
}
