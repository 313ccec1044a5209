using FabLab.Core.Scheduling;
using NodaTime;
using static FabLab.Core.Tests.Scheduling.Local;

namespace FabLab.Core.Tests.Scheduling;

public sealed class SiteScheduleTests
{
    [Theory]
    [InlineData("Europe/Paris", "2026-10-22", "2026-10-22T16:00:00Z", "2026-10-29T17:00:00Z")]
    [InlineData("Europe/Paris", "2027-03-25", "2027-03-25T17:00:00Z", "2027-04-01T16:00:00Z")]
    [InlineData("Indian/Reunion", "2026-10-22", "2026-10-22T14:00:00Z", "2026-10-29T14:00:00Z")]
    [InlineData("America/Guadeloupe", "2027-03-25", "2027-03-25T22:00:00Z", "2027-04-01T22:00:00Z")]
    [InlineData("Pacific/Noumea", "2026-10-22", "2026-10-22T07:00:00Z", "2026-10-29T07:00:00Z")]
    public void Weekly_eighteen_o_clock_stays_eighteen_o_clock(string zone, string thursday, string first, string second)
    {
        SiteTimetable site = Site(Weekly(WeekDays.Thursday, "18:00", "21:00")) with { Zone = zone };
        SiteSchedule schedule = new(site, SchoolCalendar.Empty);

        IReadOnlyList<OpeningPeriod> open = schedule.Expand(schedule.Days(Date(thursday), Date(thursday).PlusDays(14)));

        Assert.Equal([Utc(first), Utc(second)], open.Select(p => p.Start));
        Assert.All(open, p => Assert.Equal(Duration.FromHours(3), p.Interval.Duration));
    }

    [Fact]
    public void Half_past_two_on_the_night_of_summer_time_opens_at_the_first_instant_that_exists()
    {
        SiteTimetable site = Site(Weekly(WeekDays.All, "02:30", "05:00"));
        SiteSchedule schedule = new(site, SchoolCalendar.Empty);

        OpeningPeriod night = Assert.Single(schedule.Expand(schedule.Days(Date("2027-03-28"), Date("2027-03-29"))));

        Assert.Equal(Utc("2027-03-28T01:00:00Z"), night.Start);
        Assert.Equal(Duration.FromHours(2), night.Interval.Duration);
    }

    [Fact]
    public void Half_past_two_on_the_night_of_winter_time_is_the_first_of_the_two()
    {
        SiteTimetable site = Site(
            Weekly(WeekDays.All, "01:00", "02:30", OpeningKind.StaffOnly), Weekly(WeekDays.All, "02:30", "05:00"));
        SiteSchedule schedule = new(site, SchoolCalendar.Empty);

        IReadOnlyList<OpeningPeriod> night = schedule.Expand(schedule.Days(Date("2026-10-25"), Date("2026-10-26")));

        Assert.Equal(2, night.Count);
        Assert.Equal(Utc("2026-10-25T00:30:00Z"), night[0].End);
        Assert.Equal(night[0].End, night[1].Start);
        Assert.Equal(Duration.FromHours(3.5), night[1].Interval.Duration);
    }

    [Fact]
    public void A_window_that_the_change_of_clocks_skips_whole_does_not_open()
    {
        SiteTimetable site = Site(Weekly(WeekDays.Sunday, "02:10", "02:50"));

        Assert.Empty(site.Show("2027-03-28", "2027-03-29"));
        Assert.Single(site.Show("2027-04-04", "2027-04-05"));
    }

    [Fact]
    public void The_leap_day_has_hours_like_any_day()
    {
        SiteTimetable site = Site(Weekly(WeekDays.Tuesday, "14:00", "18:00"));

        Assert.Equal(["02-29 14:00–18:00 OpenLab"], site.Show("2028-02-28", "2028-03-02"));
    }

    [Fact]
    public void A_window_past_midnight_belongs_to_the_day_on_which_it_opens()
    {
        SiteTimetable site = Site(Weekly(WeekDays.Friday, "20:00", "02:00"));

        Assert.Equal(["11-27 20:00–02:00 OpenLab"], site.Show("2026-11-23", "2026-11-30"));
        Assert.Equal(["11-28 00:00–02:00 OpenLab"], site.Show("2026-11-28", "2026-11-29"));
        Assert.Equal(
            ["11-27 20:00–02:00 OpenLab"],
            (site with { Exceptions = [On("2026-11-28")] }).Show("2026-11-27", "2026-11-29"));
    }

    [Fact]
    public void A_window_from_a_time_to_itself_is_a_whole_day()
    {
        SiteTimetable site = Site(Weekly(WeekDays.All, "00:00", "00:00"));
        SiteSchedule schedule = new(site, SchoolCalendar.Empty);

        OpeningPeriod always = Assert.Single(schedule.Expand(Between("2026-10-20 00:00", "2026-11-01 00:00")));

        Assert.Equal(Duration.FromHours((12 * 24) + 1), always.Interval.Duration);
    }

    [Fact]
    public void Of_two_windows_on_one_day_the_later_in_the_list_counts()
    {
        SiteTimetable site = Site(
            Weekly(WeekDays.Tuesday, "10:00", "18:00"), Weekly(WeekDays.Tuesday, "12:00", "14:00", OpeningKind.Closed));

        Assert.Equal(
            ["11-24 10:00–12:00 OpenLab", "11-24 14:00–18:00 OpenLab"], site.Show("2026-11-24", "2026-11-25"));
    }

    [Fact]
    public void A_rule_counts_from_its_first_date_until_the_day_before_its_last()
    {
        SiteTimetable site = Site(Weekly(WeekDays.All, "09:00", "10:00") with { From = Date("2026-11-24"), Until = Date("2026-11-26") });

        Assert.Equal(["11-24 09:00–10:00 OpenLab", "11-25 09:00–10:00 OpenLab"], site.Show("2026-11-20", "2026-11-30"));
    }

    [Fact]
    public void Public_holidays_are_closed_but_for_rules_made_for_them()
    {
        SiteTimetable site = Site(Weekly(WeekDays.All, "09:00", "12:00"));
        WeeklyOpening special = Weekly(WeekDays.All, "15:00", "17:00", OpeningKind.Booked, DayCondition.PublicHolidays);

        Assert.Empty(site.Show("2026-11-11", "2026-11-12"));
        Assert.Equal(
            ["11-11 15:00–17:00 Booked"], (site with { Weekly = [.. site.Weekly, special] }).Show("2026-11-11", "2026-11-12"));
        Assert.Single((site with { ClosedOnPublicHolidays = false }).Show("2026-11-11", "2026-11-12"));
        Assert.Single((site with { Region = HolidayRegion.Reunion }).Show("2026-12-21", "2026-12-22"));
        Assert.Empty((site with { Region = HolidayRegion.Reunion }).Show("2026-12-20", "2026-12-21"));
    }

    [Fact]
    public void School_holidays_have_hours_of_their_own()
    {
        SiteTimetable site = Site(
            Weekly(WeekDays.Wednesday, "14:00", "19:00", on: DayCondition.SchoolTime),
            Weekly(WeekDays.Wednesday, "10:00", "12:00", on: DayCondition.SchoolHolidays)) with
        { SchoolZone = SchoolZone.A };

        Assert.Equal(["10-14 14:00–19:00 OpenLab", "10-21 10:00–12:00 OpenLab"], site.Show("2026-10-14", "2026-10-22"));
        Assert.Equal(["02-10 14:00–19:00 OpenLab"], site.Show("2027-02-10", "2027-02-11"));
        Assert.Equal(["02-10 10:00–12:00 OpenLab"], (site with { SchoolZone = SchoolZone.C }).Show("2027-02-10", "2027-02-11"));
        Assert.Equal(["02-10 14:00–19:00 OpenLab"], (site with { SchoolZone = null }).Show("2027-02-10", "2027-02-11"));
    }

    [Fact]
    public void A_closure_cuts_at_its_minute_and_staff_closures_leave_staff_in()
    {
        SiteTimetable site = Site(Weekly(WeekDays.Thursday, "14:00", "18:00")) with
        {
            Closures = [new(Date("2026-11-26") + Time("16:30"), Date("2026-11-26") + Time("17:00"), "Exercice"),
                new(Date("2026-11-26") + Time("15:00"), Date("2026-11-26") + Time("16:45"), "Inventaire", OpeningKind.StaffOnly)],
        };

        Assert.Equal(
            ["11-26 14:00–15:00 OpenLab", "11-26 15:00–16:30 StaffOnly", "11-26 17:00–18:00 OpenLab"],
            site.Show("2026-11-26", "2026-11-27"));
        Assert.Equal(
            site.Show("2026-11-26", "2026-11-27"),
            (site with { Closures = [.. site.Closures.Reverse()] }).Show("2026-11-26", "2026-11-27"));
    }

    [Fact]
    public void An_exception_of_the_site_opens_inside_a_closure_and_on_a_public_holiday()
    {
        SiteTimetable site = Site(Weekly(WeekDays.All, "09:00", "12:00")) with
        {
            Closures = [Closure.Days(Date("2026-08-03"), Date("2026-08-17"))],
            Exceptions = [On("2026-08-08", Window("14:00", "16:00")), On("2026-07-14", Window("10:00", "11:00"))],
        };

        Assert.Equal(["08-08 14:00–16:00 OpenLab"], site.Show("2026-08-03", "2026-08-17"));
        Assert.Equal(["07-14 10:00–11:00 OpenLab"], site.Show("2026-07-14", "2026-07-15"));
    }

    [Fact]
    public void Nothing_opens_a_machine_while_its_site_is_closed_by_closure_or_exception()
    {
        SiteTimetable site = Site(Weekly(WeekDays.All, "09:00", "18:00")) with
        {
            Closures = [Closure.Days(Date("2026-08-03"), Date("2026-08-04"))],
            Exceptions = [On("2026-08-05")],
        };
        MachineTimetable machine = new()
        {
            Hours = MachineHours.Instead,
            Weekly = [Weekly(WeekDays.All, "00:00", "00:00", OpeningKind.Booked)],
            Exceptions = [On("2026-08-03", Window("10:00", "12:00")), On("2026-08-05", Window("10:00", "12:00"))],
        };

        Assert.Equal(["08-04 00:00–00:00 Booked"], site.Show("2026-08-03", "2026-08-06", machine));
    }

    [Fact]
    public void The_rules_of_a_machine_lie_over_those_of_its_site_or_take_their_place()
    {
        SiteTimetable site = Site(Weekly(WeekDays.Tuesday, "10:00", "18:00"));
        WeeklyOpening own = Weekly(WeekDays.Tuesday, "14:00", "20:00", OpeningKind.Booked);

        Assert.Equal(
            ["11-24 10:00–14:00 OpenLab", "11-24 14:00–20:00 Booked"],
            site.Show("2026-11-24", "2026-11-25", new() { Weekly = [own] }));
        Assert.Equal(
            ["11-24 14:00–20:00 Booked"],
            site.Show("2026-11-24", "2026-11-25", new() { Hours = MachineHours.Instead, Weekly = [own] }));
        Assert.Empty(site.Show("2026-11-24", "2026-11-25", new() { Hours = MachineHours.Instead }));
    }

    [Fact]
    public void On_a_date_with_an_exception_of_the_site_a_machine_can_only_be_stricter()
    {
        SiteTimetable site = Site(Weekly(WeekDays.All, "09:00", "12:00")) with
        {
            Exceptions = [On("2026-11-29", Window("10:00", "16:00"), Window("16:00", "18:00", OpeningKind.StaffOnly))],
        };
        MachineTimetable machine = new() { Weekly = [Weekly(WeekDays.Sunday, "15:00", "20:00", OpeningKind.Booked)] };

        Assert.Equal(
            ["11-29 10:00–15:00 OpenLab", "11-29 15:00–16:00 Booked", "11-29 16:00–18:00 StaffOnly"],
            site.Show("2026-11-29", "2026-11-30", machine));
        Assert.Equal(
            ["11-29 15:00–16:00 Booked", "11-29 16:00–18:00 StaffOnly"],
            site.Show("2026-11-29", "2026-11-30", machine with { Hours = MachineHours.Instead }));
    }

    [Fact]
    public void An_exception_of_a_machine_stands_against_its_own_closure_and_a_public_holiday()
    {
        SiteTimetable site = Site(Weekly(WeekDays.All, "09:00", "12:00"));
        MachineTimetable machine = new()
        {
            Closures = [Closure.Days(Date("2026-11-09"), Date("2026-11-14"), "Révision")],
            Exceptions = [On("2026-11-11", Window("10:00", "11:00", OpeningKind.StaffOnly))],
        };

        Assert.Equal(
            ["11-08 09:00–12:00 OpenLab", "11-11 10:00–11:00 StaffOnly", "11-14 09:00–12:00 OpenLab"],
            site.Show("2026-11-08", "2026-11-15", machine));
    }

    [Fact]
    public void With_exceptions_of_both_the_closure_of_the_machine_does_not_count()
    {
        SiteTimetable site = Site() with { Exceptions = [On("2026-11-29", Window("10:00", "16:00"))] };
        MachineTimetable machine = new()
        {
            Closures = [Closure.Days(Date("2026-11-29"), Date("2026-11-30"))],
            Exceptions = [On("2026-11-29", Window("09:00", "12:00"))],
        };

        Assert.Equal(["11-29 10:00–12:00 OpenLab"], site.Show("2026-11-29", "2026-11-30", machine));
        Assert.Empty(site.Show("2026-11-29", "2026-11-30", machine with { Exceptions = [] }));
    }

    [Fact]
    public void What_an_exception_of_the_site_closes_stays_closed_in_the_late_evening_of_the_day_before_though_the_machine_has_hours_of_its_own()
    {
        SiteTimetable site = Site() with
        {
            Exceptions = [On("2026-10-31", Window("13:00", "02:00")), On("2026-11-01", Window("00:00", "01:00", OpeningKind.Closed), Window("01:00", "01:30", OpeningKind.StaffOnly))],
        };
        MachineTimetable machine = new() { Hours = MachineHours.Over, Exceptions = [On("2026-11-01", Window("23:00", "23:30"))] };

        Assert.Equal(["10-31 13:00–00:00 OpenLab", "11-01 01:00–01:30 StaffOnly", "11-01 01:30–02:00 OpenLab"], site.Show("2026-10-31", "2026-11-02"));
        Assert.Equal(["10-31 13:00–00:00 OpenLab", "11-01 01:30–02:00 OpenLab"], site.Show("2026-10-31", "2026-11-02", machine));
    }

    [Fact]
    public void A_calendar_page_is_told_why_a_day_is_special()
    {
        SiteTimetable site = Site() with
        {
            SchoolZone = SchoolZone.B,
            Closures = [Closure.Days(Date("2026-12-24"), Date("2027-01-04"), "Noël")],
            Exceptions = [On("2026-12-25")],
        };

        DayNote note = new SiteSchedule(site, SchoolCalendar.Shipped).Note(Date("2026-12-25"));

        Assert.Equal("Noël", note.PublicHoliday?.Name.Fr);
        Assert.Equal(SchoolDay.Holiday, note.School);
        Assert.Equal("Vacances de Noël", note.SchoolHoliday?.Name.Fr);
        Assert.Equal("Noël", Assert.Single(note.Closures).Label);
        Assert.NotNull(note.Exception);
    }

    [Fact]
    public void Bad_ranges_and_zones_are_said_plainly()
    {
        SiteSchedule schedule = new(Site(Weekly(WeekDays.All, "09:00", "12:00")), SchoolCalendar.Empty);

        Assert.Throws<ArgumentException>(() => schedule.Over(new Interval(null, Utc("2026-01-01T00:00:00Z"))));
        Assert.Throws<ArgumentException>(() => schedule.Over(new Interval(Utc("2000-01-01T00:00:00Z"), Utc("2026-01-01T00:00:00Z"))));
        Assert.Throws<ArgumentException>(() => new SiteSchedule(Site() with { Zone = "Europe/Lutece" }, SchoolCalendar.Empty));
        Assert.Empty(schedule.Expand(new Interval(Instant.MinValue, Instant.MinValue + Duration.FromDays(30))));
        Assert.Empty(schedule.Expand(new Interval(Instant.MaxValue - Duration.FromDays(30), Instant.MaxValue)));
    }

    [Fact]
    public void A_timetable_that_means_something_else_than_its_author_thinks_is_told()
    {
        SiteTimetable bad = new()
        {
            Zone = "Paris",
            Weekly =
            [
                Weekly(WeekDays.None, "09:00", "10:00"),
                Weekly(WeekDays.All, "09:00", "10:00") with { From = Date("2026-02-01"), Until = Date("2026-02-01") },
                new() { Days = WeekDays.All, Window = new(Time("09:00"), Time("10:00"), OpeningKind.OpenLab, "g1") },
            ],
            Closures = [Closure.Days(Date("2026-02-02"), Date("2026-02-01")), new(Date("2026-02-01").AtMidnight(), Date("2026-02-02").AtMidnight(), null, OpeningKind.OpenLab)],
            Exceptions = [On("2026-02-01"), On("2026-02-01")],
        };

        Assert.Equal(
            ["zone", "weekly[0].days", "weekly[1].until", "weekly[2].group", "closures[0].until", "closures[1].kind", "exceptions[1].date"],
            TimetableCheck.Faults(bad).Select(f => f.Path));
        Assert.Empty(TimetableCheck.Faults(Site(Weekly(WeekDays.All, "09:00", "10:00"))));
        Assert.NotEmpty(TimetableCheck.Faults(new MachineTimetable { Weekly = [Weekly(WeekDays.None, "09:00", "10:00")] }));
    }
}
