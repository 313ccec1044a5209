using FabLab.Core.Access;
using FabLab.Core.Scheduling;
using NodaTime;
using static FabLab.Core.Tests.Scheduling.Local;

namespace FabLab.Core.Tests.Scheduling;

public sealed class SeriesTests
{
    private static readonly SeriesRule Thursdays = new() { First = Date("2026-10-15"), Start = Time("18:00"), End = Time("20:00"), Last = Date("2026-11-05") };

    [Fact]
    public void Weekly_eighteen_o_clock_stays_eighteen_o_clock_in_autumn_and_in_spring()
    {
        Assert.Equal(
            [Utc("2026-10-15T16:00:00Z"), Utc("2026-10-22T16:00:00Z"), Utc("2026-10-29T17:00:00Z"), Utc("2026-11-05T17:00:00Z")],
            SeriesRules.Expand(Thursdays, Paris).Select(o => o.Time.Start));
        Assert.Equal(
            [Utc("2027-03-25T17:00:00Z"), Utc("2027-04-01T16:00:00Z")],
            SeriesRules.Expand(Thursdays with { First = Date("2027-03-25"), Last = null, Count = 2 }, Paris).Select(o => o.Time.Start));
    }

    [Theory]
    [InlineData("Indian/Reunion", "2026-10-29T14:00:00Z")]
    [InlineData("America/Guadeloupe", "2026-10-29T22:00:00Z")]
    [InlineData("Pacific/Noumea", "2026-10-29T07:00:00Z")]
    public void Overseas_has_no_summer_time(string zone, string third)
    {
        SeriesOccurrence occurrence = SeriesRules.Expand(Thursdays, DateTimeZoneProviders.Tzdb[zone]).ElementAt(2);

        Assert.Equal(Utc(third), occurrence.Time.Start);
    }

    [Fact]
    public void Half_past_two_falls_on_what_exists_on_both_nights()
    {
        SeriesRule nights = new() { First = Date("2026-10-25"), Start = Time("02:30"), End = Time("03:30"), Count = 1 };

        Interval autumn = SeriesRules.Expand(nights, Paris).Single().Time;
        Interval spring = SeriesRules.Expand(nights with { First = Date("2027-03-28") }, Paris).Single().Time;

        Assert.Equal((Utc("2026-10-25T00:30:00Z"), Duration.FromHours(2)), (autumn.Start, autumn.Duration));
        Assert.Equal((Utc("2027-03-28T01:00:00Z"), Duration.FromMinutes(30)), (spring.Start, spring.Duration));
    }

    [Fact]
    public void A_time_that_the_clocks_skip_is_a_conflict_like_others()
    {
        SeriesRule nights = new() { First = Date("2027-03-27"), Start = Time("02:10"), End = Time("02:50"), Every = SeriesEvery.Day, Count = 3 };
        BookingFacts facts = Ask.For() with { Hours = [new(At("2027-03-01 00:00"), At("2027-04-01 00:00"), OpeningKind.Booked)] };

        SeriesPlan plan = SeriesRules.Plan(nights, facts);

        Assert.Equal(2, plan.Accepted.Count);
        Assert.Equal(BookingReason.NoDuration, Assert.Single(plan.Refused).Reason);
    }

    [Theory]
    [InlineData(SeriesEvery.Day, 1, "2028-02-28", 3, "2028-02-28 2028-02-29 2028-03-01")]
    [InlineData(SeriesEvery.Day, 10, "2026-12-25", 3, "2026-12-25 2027-01-04 2027-01-14")]
    [InlineData(SeriesEvery.Week, 2, "2026-11-24", 3, "2026-11-24 2026-12-08 2026-12-22")]
    [InlineData(SeriesEvery.MonthByDate, 1, "2026-01-31", 3, "2026-01-31 2026-03-31 2026-05-31")]
    [InlineData(SeriesEvery.MonthByDate, 12, "2028-02-29", 2, "2028-02-29 2032-02-29")]
    [InlineData(SeriesEvery.MonthByDate, 1, "2028-01-29", 3, "2028-01-29 2028-02-29 2028-03-29")]
    [InlineData(SeriesEvery.MonthByWeekday, 1, "2026-11-10", 3, "2026-11-10 2026-12-08 2027-01-12")]
    [InlineData(SeriesEvery.MonthByWeekday, 1, "2026-12-29", 3, "2026-12-29 2027-03-30 2027-06-29")]
    public void Each_unit_counts_as_people_count(SeriesEvery every, int step, string first, int count, string dates)
    {
        SeriesRule rule = new() { First = Date(first), Start = Time("10:00"), End = Time("11:00"), Every = every, Step = step, Count = count };

        Assert.Equal(dates, string.Join(' ', SeriesRules.Expand(rule, Paris).Select(o => o.Date.ToString("uuuu-MM-dd", null))));
    }

    [Fact]
    public void Weeks_have_several_days_and_begin_on_monday()
    {
        SeriesRule rule = Thursdays with { Days = WeekDays.Tuesday | WeekDays.Thursday, Step = 2, Last = null, Count = 4, Except = [Date("2026-10-27")] };

        Assert.Equal(
            ["2026-10-15", "2026-10-29", "2026-11-10"], SeriesRules.Expand(rule, Paris).Select(o => o.Date.ToString("uuuu-MM-dd", null)));
    }

    [Fact]
    public void All_but_the_conflicts_are_booked()
    {
        BookingFacts facts = Ask.For().Taken("2026-12-01 14:30", "2026-12-01 16:00") with
        {
            Hours = [.. Enumerable.Range(0, 3).Select(i => new OpeningPeriod(At("2026-11-24 14:00") + Duration.FromDays(7 * i), At("2026-11-24 18:00") + Duration.FromDays(7 * i), OpeningKind.Booked))],
        };
        SeriesRule tuesdays = new() { First = Date("2026-11-24"), Start = Time("14:00"), End = Time("15:00"), Count = 4 };

        SeriesPlan plan = SeriesRules.Plan(tuesdays, facts);

        Assert.Equal(["11-24", "12-08"], plan.Accepted.Select(a => a.Facts.Wish.Start.InZone(Paris).ToString("MM-dd", null)));
        Assert.Equal([BookingReason.BookingOverlap, BookingReason.OutsideHours], plan.Refused.Select(r => r.Reason));
    }

    [Fact]
    public void What_is_accepted_counts_for_the_quota_and_the_bookings_to_come()
    {
        BookingFacts facts = Ask.For() with
        {
            Hours = [new(At("2026-11-23 00:00"), At("2026-12-23 00:00"), OpeningKind.Booked)],
            Quotas = [new() { Period = QuotaPeriod.Week, Count = 2 }],
        };
        SeriesRule daily = new() { First = Date("2026-11-23"), Start = Time("14:00"), End = Time("15:00"), Every = SeriesEvery.Day, Count = 10 };

        Assert.Equal(4, SeriesRules.Plan(daily, facts).Accepted.Count);
        Assert.Equal(3, SeriesRules.Plan(daily, facts.On(t => t with { MaxUpcoming = 3 })).Accepted.Count);
        Assert.Equal(10, SeriesRules.Plan(daily, facts with { Person = null }).Accepted.Count);
    }

    [Fact]
    public void A_habilitation_that_ends_on_the_way_refuses_the_rest()
    {
        Instant ends = At("2026-12-02 00:00");
        BookingFacts facts = Ask.For() with { Hours = [new(At("2026-11-23 00:00"), At("2026-12-23 00:00"), OpeningKind.Booked)] };
        SeriesRule tuesdays = new() { First = Date("2026-11-24"), Start = Time("14:00"), End = Time("15:00"), Count = 4 };

        SeriesPlan plan = SeriesRules.Plan(tuesdays, facts, start => start < ends ? null : BookingReasonTests.Denied(AccessReason.TrainingExpired));

        Assert.Equal(2, plan.Accepted.Count);
        Assert.All(plan.Refused, r => Assert.Equal("training_expired", r.Code));
    }

    [Fact]
    public void A_series_of_ten_thousand_lines_is_one_clear_sentence()
    {
        SeriesRule tooLong = Thursdays with { Every = SeriesEvery.Day, Last = null, Count = 10_000 };

        SeriesPlan plan = SeriesRules.Plan(tooLong, Ask.For());

        Assert.Equal("series_too_long", plan.Fault?.Code);
        Assert.Equal("La répétition dépasse 200 fois.", plan.Fault?.Sentence.Fr);
        Assert.Empty(plan.Accepted);
        Assert.Equal(SeriesRules.MostOccurrences, SeriesRules.Expand(tooLong, Paris).Count());
    }

    [Fact]
    public void Rules_that_make_no_series_are_told()
    {
        Assert.Equal("series_without_end", SeriesRules.Check(Thursdays with { Last = null }, Paris)?.Code);
        Assert.Equal("series_bad_step", SeriesRules.Check(Thursdays with { Step = 0 }, Paris)?.Code);
        Assert.Equal("series_empty", SeriesRules.Check(Thursdays with { Last = Date("2026-10-01") }, Paris)?.Code);
        Assert.Equal("series_empty", SeriesRules.Check(Thursdays with { Last = null, Count = 0 }, Paris)?.Code);
        Assert.Equal("series_empty", SeriesRules.Check(Thursdays with { First = LocalDate.MaxIsoValue }, Paris)?.Code);
        Assert.Equal("series_empty", SeriesRules.Check(Thursdays with { First = LocalDate.MinIsoValue }, Paris)?.Code);
        Assert.Equal("series_empty", SeriesRules.Check(Thursdays with { Except = [Date("2026-10-15")], Last = Date("2026-10-15") }, Paris)?.Code);
        Assert.Null(SeriesRules.Check(Thursdays with { Step = int.MaxValue }, Paris));
        Assert.Null(SeriesRules.Check(Thursdays, Paris));
    }
}
