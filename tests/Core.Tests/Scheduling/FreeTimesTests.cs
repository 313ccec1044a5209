using FabLab.Core.Scheduling;
using NodaTime;
using static FabLab.Core.Tests.Scheduling.Local;

namespace FabLab.Core.Tests.Scheduling;

public sealed class FreeTimesTests
{
    private static readonly Interval Tuesday = Between("2026-11-24 00:00", "2026-11-25 00:00");
    private static readonly BookingFacts HalfHours = Ask.For().On(t => t with { Step = Duration.FromMinutes(30), MaxLength = Duration.FromHours(2) });

    [Fact]
    public void A_day_is_free_between_its_bookings()
    {
        BookingFacts facts = Ask.For().Taken("2026-11-24 15:00", "2026-11-24 16:00").Taken("2026-11-24 16:30", "2026-11-24 17:00", BusyKind.Block);

        Assert.Equal(
            [Between("2026-11-24 14:00", "2026-11-24 15:00"), Between("2026-11-24 16:00", "2026-11-24 16:30"), Between("2026-11-24 17:00", "2026-11-24 18:00")],
            FreeTimes.Of(facts, Tuesday));
    }

    [Fact]
    public void Set_up_time_is_kept_on_both_sides_of_a_booking_and_not_before_closing()
    {
        BookingFacts facts = Ask.For().Taken("2026-11-24 15:00", "2026-11-24 16:00").On(t => t with { SetUp = Duration.FromMinutes(15) });

        Assert.Equal([Between("2026-11-24 14:00", "2026-11-24 14:45"), Between("2026-11-24 16:15", "2026-11-24 18:00")], FreeTimes.Of(facts, Tuesday));
    }

    [Fact]
    public void Each_start_knows_its_latest_end()
    {
        BookingFacts facts = HalfHours.Taken("2026-11-24 15:30", "2026-11-24 17:15");

        Assert.Equal(
            ["14:00–15:30", "14:30–15:30", "15:00–15:30", "17:30–18:00"],
            FreeTimes.Starts(facts, Tuesday).Select(s => $"{s.Start.InZone(Paris).ToString("HH:mm", null)}–{s.LatestEnd.InZone(Paris).ToString("HH:mm", null)}"));
    }

    [Fact]
    public void Notice_horizon_and_the_present_are_kept()
    {
        BookingFacts today = HalfHours with { Now = At("2026-11-24 16:05") };

        Assert.Equal(At("2026-11-24 16:00"), FreeTimes.Starts(today, Tuesday)[0].Start);
        Assert.Equal(At("2026-11-24 16:30"), FreeTimes.Starts(today with { Now = At("2026-11-24 16:11") }, Tuesday)[0].Start);
        Assert.Equal(At("2026-11-24 17:30"), FreeTimes.Starts(today.On(t => t with { Notice = Duration.FromHours(1) }), Tuesday)[0].Start);
        Assert.Empty(FreeTimes.Starts(HalfHours.On(t => t with { Horizon = Duration.FromDays(1) }), Tuesday));
        Assert.Empty(FreeTimes.Starts(HalfHours.On(t => t with { Bookable = false }), Tuesday));
        Assert.Empty(FreeTimes.Of(HalfHours with { Now = At("2026-12-24 16:05") }, Tuesday));
    }

    [Fact]
    public void A_start_may_run_past_the_end_of_the_range()
    {
        BookingFacts night = HalfHours with { Hours = [new(At("2026-11-24 22:00"), At("2026-11-25 02:00"), OpeningKind.Booked)] };

        FreeStart last = FreeTimes.Starts(night, Tuesday)[^1];

        Assert.Equal((At("2026-11-24 23:30"), At("2026-11-25 01:30")), (last.Start, last.LatestEnd));
    }

    [Theory]
    [InlineData("2026-10-25", 12)]
    [InlineData("2027-03-28", 8)]
    public void The_nights_of_the_change_of_clocks_have_all_their_half_hours(string date, int starts)
    {
        LocalDate day = Date(date);
        Instant midnight = LocalClock.StartOf(day, Paris);
        Instant five = LocalClock.ToInstant(day + Time("05:00"), Paris);
        BookingFacts night = HalfHours with { Now = midnight - Duration.FromDays(1), Hours = [new(midnight, five, OpeningKind.Booked)] };

        IReadOnlyList<FreeStart> found = FreeTimes.Starts(night, new Interval(midnight, five));

        // Five hours by the clock are six in autumn and four in spring.
        Assert.Equal(starts, found.Count);
        Assert.Equal(found.Count, found.Select(f => f.Start).Distinct().Count());
    }

    [Fact]
    public void Steps_begin_again_at_midnight_and_come_twice_when_the_hour_does()
    {
        Instant evening = At("2026-10-24 22:00");
        BookingFacts night = HalfHours with { Now = At("2026-10-23 12:00"), Hours = [new(evening, At("2026-10-25 05:00"), OpeningKind.Booked)] };
        Interval range = new(evening, At("2026-10-25 05:00"));

        string[] every50 = Show(night.On(t => t with { Step = Duration.FromMinutes(50), MaxLength = null, MinLength = Duration.FromMinutes(50) }));
        string[] every120 = Show(night.On(t => t with { Step = Duration.FromMinutes(120), MaxLength = null, MinLength = Duration.FromMinutes(30) }));

        Assert.Equal(["22:30+02", "23:20+02", "00:00+02", "00:50+02", "01:40+02", "02:30+02", "02:30+01", "03:20+01", "04:10+01"], every50);
        Assert.Equal(["22:00+02", "00:00+02", "02:00+02", "02:00+01"], every120);

        string[] Show(BookingFacts facts) => [.. FreeTimes.Starts(facts, range).Select(s => s.Start.InZone(Paris).ToString("HH:mmo<g>", null))];
    }

    [Fact]
    public void The_latest_end_is_on_a_step_also_in_the_hour_that_comes_twice()
    {
        Instant until = Utc("2026-10-25T01:10:00Z");
        BookingFacts night = HalfHours.On(t => t with { Step = Duration.FromMinutes(50), MaxLength = null }) with
        { Now = At("2026-10-23 12:00"), Hours = [new(At("2026-10-25 00:00"), until, OpeningKind.Booked)] };

        FreeStart first = FreeTimes.Starts(night, new Interval(At("2026-10-25 00:00"), until))[0];

        Assert.Equal(Utc("2026-10-25T00:30:00Z"), first.LatestEnd);
        (night with { Wish = new(first.Start, first.LatestEnd) }).Accepted();
    }

    [Fact]
    public void There_is_no_next_free_time_beyond_the_hours_given()
    {
        Assert.Null(FreeTimes.Next(Ask.For() with { Hours = [] }, Ask.Now, Duration.FromHours(1)));
        Assert.Null(FreeTimes.Next(Ask.For(), At("2026-11-25 18:00"), Duration.FromHours(1)));
        Assert.Null(FreeTimes.Next(Ask.For(), Ask.Now, Duration.FromHours(5)));
        Assert.Equal(Between("2026-11-24 14:00", "2026-11-24 18:00"), FreeTimes.Next(Ask.For(), Ask.Now, Duration.FromHours(4)));
    }
}
