using FabLab.Core.Scheduling;
using NodaTime;
using static FabLab.Core.Tests.Scheduling.Local;

namespace FabLab.Core.Tests.Scheduling;

public sealed class QuotaTests
{
    [Theory]
    [InlineData(QuotaPeriod.Day, "2026-11-24 08:00", true)]
    [InlineData(QuotaPeriod.Day, "2026-11-23 23:00", false)]
    [InlineData(QuotaPeriod.Week, "2026-11-23 00:00", true)]
    [InlineData(QuotaPeriod.Week, "2026-11-29 23:00", true)]
    [InlineData(QuotaPeriod.Week, "2026-11-22 23:00", false)]
    [InlineData(QuotaPeriod.Week, "2026-11-30 00:00", false)]
    [InlineData(QuotaPeriod.Month, "2026-11-01 00:00", true)]
    [InlineData(QuotaPeriod.Month, "2026-10-31 23:00", false)]
    [InlineData(QuotaPeriod.Month, "2026-12-01 00:00", false)]
    public void A_count_is_kept_by_calendar_day_week_and_month(QuotaPeriod period, string other, bool refused)
    {
        BookingFacts facts = Ask.For() with { Quotas = [new() { Period = period, Count = 1 }] };
        facts = facts with { Own = [new(Ask.Other, Ask.Printer, null, At(other), At(other) + Duration.FromMinutes(30), Ask.Now)] };

        Assert.Equal(refused, BookingRules.Decide(facts) is BookingDecision.Refused { Reason: BookingReason.QuotaUsed });
    }

    [Fact]
    public void Time_left_is_said_and_just_enough_is_enough()
    {
        BookingFacts facts = Ask.For().Having("2026-11-23 14:00", "2026-11-23 17:00") with
        { Quotas = [new() { Period = QuotaPeriod.Week, Time = Duration.FromHours(4) }] };

        facts.Accepted();
        BookingDecision.Refused refused = facts.Wishing(w => w with { End = At("2026-11-24 15:30") }).Refused();
        Assert.Equal("On réserve au plus 4 h par semaine, et il reste 1 h.", refused.Sentence.Fr);
        Assert.Equal("Choisissez à partir du lundi 30 novembre.", refused.NextStep.Fr);
    }

    [Fact]
    public void Time_past_midnight_counts_on_the_day_it_lies_in()
    {
        BookingQuota threeHours = new() { Period = QuotaPeriod.Day, Time = Duration.FromHours(3) };
        BookingFacts night = Ask.For("2026-11-24 22:00", "2026-11-25 02:00").Having("2026-11-25 18:00", "2026-11-25 19:30") with
        { Hours = [new(At("2026-11-24 20:00"), At("2026-11-25 03:00"), OpeningKind.Booked)], Quotas = [threeHours] };

        BookingDecision.Refused refused = night.Refused();

        Assert.Equal(At("2026-11-26 00:00"), refused.Detail.At);
        night.Wishing(w => w with { End = At("2026-11-25 01:30") }).Accepted();
    }

    [Fact]
    public void A_booking_past_midnight_counts_once_where_it_starts()
    {
        BookingFacts night = Ask.For("2026-11-24 22:00", "2026-11-25 02:00").Having("2026-11-25 18:00", "2026-11-25 19:30") with
        { Hours = [new(At("2026-11-24 20:00"), At("2026-11-25 03:00"), OpeningKind.Booked)], Quotas = [new() { Period = QuotaPeriod.Day, Count = 1 }] };

        night.Accepted();
    }

    [Fact]
    public void The_day_of_the_change_of_clocks_has_twenty_five_hours()
    {
        Interval day = QuotaRules.PeriodAround(QuotaPeriod.Day, At("2026-10-25 12:00"), Paris);
        Interval week = QuotaRules.PeriodAround(QuotaPeriod.Week, At("2027-03-28 12:00"), Paris);

        Assert.Equal(Duration.FromHours(25), day.Duration);
        Assert.Equal(Duration.FromHours(167), week.Duration);
    }

    [Fact]
    public void What_is_booked_and_used_on_the_same_day_is_free_of_quota()
    {
        BookingQuota once = new() { Period = QuotaPeriod.Day, Count = 1, SameDayFree = true };
        BookingFacts today = Ask.For().Having("2026-11-24 08:00", "2026-11-24 09:00") with { Now = At("2026-11-24 10:00"), Quotas = [once] };
        BookingFacts ahead = Ask.For().Having("2026-11-24 08:00", "2026-11-24 09:00", madeAt: "2026-11-24 07:00") with { Quotas = [once] };

        today.Accepted();
        ahead.Accepted();
        Assert.Equal(BookingReason.QuotaUsed, (today with { Quotas = [once with { SameDayFree = false }] }).Refused().Reason);
    }

    [Fact]
    public void No_shows_and_late_cancellations_count()
    {
        BookingQuota once = new() { Period = QuotaPeriod.Week, Count = 1 };

        Assert.IsType<BookingDecision.Refused>(BookingRules.Decide(Ask.For().Having("2026-11-23 08:00", "2026-11-23 09:00", state: OwnBookingState.NoShow) with { Quotas = [once] }));
        Assert.IsType<BookingDecision.Refused>(BookingRules.Decide(Ask.For().Having("2026-11-23 08:00", "2026-11-23 09:00", state: OwnBookingState.CancelledLate) with { Quotas = [once] }));
    }

    [Fact]
    public void A_quota_concerns_only_its_machines_classes_plans_and_people()
    {
        BookingQuota none = new() { Period = QuotaPeriod.Day, Count = 0 };
        PersonId stranger = new(Guid.NewGuid());

        AssertRefused(none);
        AssertRefused(none with { Machines = [Ask.Laser] });
        AssertRefused(none with { Classes = ["laser"] });
        AssertRefused(none with { Plans = ["standard"] });
        AssertRefused(none with { People = [Ask.Somebody] });
        AssertRefused(none with { Plans = ["pro"], People = [Ask.Somebody] });
        AssertAccepted(none with { Machines = [Ask.Printer] });
        AssertAccepted(none with { Classes = ["printer"] });
        AssertAccepted(none with { Plans = ["pro"] });
        AssertAccepted(none with { People = [stranger] });
    }

    [Fact]
    public void The_use_of_a_quota_can_be_shown()
    {
        BookingQuota quota = new() { Period = QuotaPeriod.Week, Time = Duration.FromHours(4), Classes = ["printer"] };
        BookingFacts facts = Ask.For().Having("2026-11-23 14:00", "2026-11-23 17:00").Having("2026-11-29 23:00", "2026-11-30 02:00");

        QuotaUse use = QuotaRules.Use(facts, quota, Ask.For().Wish.Start);

        Assert.Equal(Duration.FromHours(4), use.Time);
        Assert.Equal(2, use.Count);
    }

    private static void AssertRefused(BookingQuota quota) => Assert.Equal(BookingReason.QuotaUsed, (Ask.For() with { Quotas = [quota] }).Refused().Reason);

    private static void AssertAccepted(BookingQuota quota) => (Ask.For() with { Quotas = [quota] }).Accepted();
}
