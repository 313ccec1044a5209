using FabLab.Core.Access;
using FabLab.Core.Policy;
using FabLab.Core.Scheduling;
using NodaTime;

namespace FabLab.Core.Tests.Scheduling;

/// <summary>What a relay is told of the hours.</summary>
public sealed class MachineOpeningTests
{
    private static readonly Instant Noon = Instant.FromUtc(2026, 3, 10, 12, 0);
    private static readonly Duration Hour = Duration.FromHours(1);

    [Fact]
    public void Without_hours_or_when_it_does_not_keep_them_a_machine_is_always_open()
    {
        Assert.IsType<OpeningRule.Always>(MachineOpening.Of(null, new BookingTerms()));
        Assert.IsType<OpeningRule.Always>(MachineOpening.Of([new(Noon, Noon + Hour, OpeningKind.OpenLab)], new BookingTerms { KeepsHours = false }));
        Assert.Empty(Assert.IsType<OpeningRule.Within>(MachineOpening.Of([], new BookingTerms())).Intervals);
    }

    [Fact]
    public void Booked_hours_are_open_to_who_walks_up_unless_the_machine_asks_for_a_booking()
    {
        OpeningPeriod[] day =
        [
            new(Noon, Noon + Hour, OpeningKind.OpenLab), new(Noon + Hour, Noon + 2 * Hour, OpeningKind.Booked, null, "Soir"),
            new(Noon + 2 * Hour, Noon + 3 * Hour, OpeningKind.Groups, "sacs"), new(Noon + 3 * Hour, Noon + 4 * Hour, OpeningKind.StaffOnly),
        ];

        Assert.Equal(
            [new(Noon, Noon + 2 * Hour), new(Noon + 2 * Hour, Noon + 3 * Hour, OpeningKind.Groups, "sacs"), new(Noon + 3 * Hour, Noon + 4 * Hour, OpeningKind.StaffOnly)],
            Of(day, new BookingTerms()).Intervals);
        Assert.Equal(OpeningKind.Booked, Of(day, new BookingTerms { WalkUpInBookedHours = false }).Intervals[1].Kind);
        Assert.Equal(OpeningKind.OpenLab, Of(day, new BookingTerms { WalkUpInBookedHours = false, Bookable = false }).Intervals[0].Kind);
        Assert.Equal(3, Of(day, new BookingTerms { WalkUpInBookedHours = false, Bookable = false }).Intervals.Count);
        Assert.True(Of(day, new BookingTerms { RunsWhileClosed = true }).RunsOn);
    }

    [Theory]
    [InlineData("Europe/Paris", "2026-10-24", "2026-10-24T16:00", "2026-10-25T17:00")]
    [InlineData("Europe/Paris", "2027-03-27", "2027-03-27T17:00", "2027-03-28T16:00")]
    [InlineData("Indian/Reunion", "2026-10-24", "2026-10-24T14:00", "2026-10-25T14:00")]
    [InlineData("Pacific/Noumea", "2026-10-24", "2026-10-24T07:00", "2026-10-25T07:00")]
    public void Six_in_the_evening_stays_six_in_the_evening(string zone, string day, string first, string second)
    {
        LocalDate date = NodaTime.Text.LocalDatePattern.Iso.Parse(day).Value;
        SiteSchedule schedule = new(
            new SiteTimetable
            {
                Zone = zone,
                Weekly = [new WeeklyOpening { Days = WeekDays.All, Window = new(new LocalTime(18, 0), new LocalTime(21, 0), OpeningKind.OpenLab) }],
            },
            SchoolCalendar.Empty);

        ValueList<OpenInterval> told = Of(schedule.Expand(schedule.Days(date, date.PlusDays(2))), new BookingTerms()).Intervals;

        Assert.Equal([$"{first}:00Z", $"{second}:00Z"], told.Select(interval => interval.From.ToString()));
        Assert.All(told, interval => Assert.Equal(3 * Hour, interval.Until - interval.From));
    }

    [Fact]
    public void The_relay_says_closed_outside_and_ends_at_closing()
    {
        MachineRule rule = Lab.LaserRule with { Opening = MachineOpening.Of([new(Lab.Now, Lab.Now + Hour, OpeningKind.Booked)], new BookingTerms()) };

        Assert.Equal(LimitReason.Closing, Lab.Granted(AccessRules.Ask(Lab.Policy(rule), Lab.Tap)).Terms.Limit);
        Assert.Equal(AccessReason.ClosedNow, Assert.IsType<AccessDecision.Denied>(AccessRules.Ask(Lab.Policy(rule), Lab.Tap with { Now = Lab.Now + Hour })).Reason);
    }

    private static OpeningRule.Within Of(IReadOnlyList<OpeningPeriod> periods, BookingTerms terms) =>
        Assert.IsType<OpeningRule.Within>(MachineOpening.Of(periods, terms));
}
