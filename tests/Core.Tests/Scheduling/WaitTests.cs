using System.Text.Json;
using FabLab.Core.Json;
using FabLab.Core.Scheduling;
using NodaTime;
using static FabLab.Core.Tests.Scheduling.Local;

namespace FabLab.Core.Tests.Scheduling;

/// <summary>The waiting list's first fit, taking a cancellation back, series on pools.</summary>
public sealed class WaitTests
{
    private static readonly Interval Afternoon = new(At("2026-11-24 14:00"), At("2026-11-24 18:00"));

    [Fact]
    public void The_first_time_that_fits_into_the_window_is_found()
    {
        BookingFacts busy = Ask.For().Taken("2026-11-24 14:00", "2026-11-24 15:30").Taken("2026-11-24 16:00", "2026-11-24 16:30");

        Assert.Equal(At("2026-11-24 15:30"), WaitRules.FirstFit(busy, Afternoon, Duration.FromMinutes(30))?.Facts.Wish.Start);
        Assert.Equal(At("2026-11-24 16:30"), WaitRules.FirstFit(busy, Afternoon, Duration.FromMinutes(90))?.Facts.Wish.Start);
        Assert.Null(WaitRules.FirstFit(busy, Afternoon, Duration.FromHours(2)));
        Assert.Null(WaitRules.FirstFit(busy, new Interval(At("2026-11-24 14:00"), At("2026-11-24 15:45")), Duration.FromMinutes(30)));
        Assert.Null(WaitRules.FirstFit(busy, Afternoon, Duration.Zero));
    }

    [Fact]
    public void What_the_person_could_not_book_is_not_found()
    {
        BookingFacts elsewhere = Ask.For().Having("2026-11-24 14:00", "2026-11-24 17:00");

        Assert.Null(WaitRules.FirstFit(elsewhere, new Interval(At("2026-11-24 14:00"), At("2026-11-24 16:00")), Duration.FromHours(1)));
        Assert.Null(WaitRules.FirstFit(Ask.For() with { Person = new BookingPerson(Ask.Somebody, null, At("2026-12-20 12:00")) }, Afternoon, Duration.FromHours(1)));
    }

    [Fact]
    public void A_cancellation_is_taken_back_soon_whatever_the_persons_rules_and_while_nobody_else_has_the_time()
    {
        BookingFacts mine = Ask.For().Instead("2026-11-24 14:00", "2026-11-24 15:00", over: true).On(t => t with { Notice = Duration.FromDays(9), MaxUpcoming = 0 });

        Assert.Null(CancellationRules.Undo(mine, Ask.Now - Duration.FromMinutes(9)));
        Assert.Equal(BookingReason.BookingOver, CancellationRules.Undo(mine, Ask.Now - Duration.FromMinutes(11))?.Reason);
        Assert.Equal(BookingReason.BookingOverlap, CancellationRules.Undo(mine.Taken("2026-11-24 14:30", "2026-11-24 16:00"), Ask.Now)?.Reason);
        Assert.Equal(BookingReason.Blocked, CancellationRules.Undo(mine.Taken("2026-11-24 14:30", "2026-11-24 16:00", BusyKind.Block), Ask.Now)?.Reason);
        Assert.Equal(BookingReason.NotYours, CancellationRules.Undo(Ask.For().Instead("2026-11-24 14:00", "2026-11-24 15:00", yours: false), Ask.Now)?.Reason);
        Assert.Throws<ArgumentException>(() => CancellationRules.Undo(Ask.For(), Ask.Now));
    }

    [Fact]
    public void Terms_that_never_release_stay_so_when_they_are_stored()
    {
        BookingTerms terms = new() { NoShow = new NoShowPolicy { ReleaseAfter = null } };

        Assert.Equal(terms, JsonSerializer.Deserialize<BookingTerms>(JsonSerializer.Serialize(terms, CoreJson.Options), CoreJson.Options));
    }

    [Fact]
    public void A_booking_that_runs_stays_on_its_machine()
    {
        BookingFacts running = Ask.For() with { Now = At("2026-11-24 14:10") };
        BookingWish wish = running.Wish with { Before = new BookingBefore(Ask.Mine, At("2026-11-24 14:00"), At("2026-11-24 15:00"), true, Elsewhere: true) };

        Assert.Equal(BookingReason.AlreadyBegun, (running with { Wish = wish }).Refused().Reason);
        Assert.IsType<BookingDecision.Accepted>(BookingRules.Decide(running with { Wish = wish with { Before = wish.Before! with { Elsewhere = false } } }));
    }

    [Fact]
    public void A_series_on_a_pool_takes_for_each_time_the_machine_that_is_free()
    {
        BookingFacts laser = Ask.For().Taken("2026-11-24 14:00", "2026-11-24 15:00");
        BookingFacts other = Ask.For() with { Machine = new BookedMachine(Ask.Printer, "laser") };
        SeriesRule rule = new() { First = new LocalDate(2026, 11, 24), Start = new LocalTime(14, 0), End = new LocalTime(15, 0), Every = SeriesEvery.Day, Count = 2 };

        SeriesPlan plan = SeriesRules.Plan(rule, [laser, other], null);
        SeriesPlan twice = SeriesRules.Plan(rule, [laser, other with { Busy = laser.Busy }], null);

        Assert.Equal(2, plan.Accepted.Count);
        Assert.Equal(Ask.Printer, plan.Accepted[0].Facts.Machine?.Id);
        Assert.Equal(BookingReason.PoolFull, Assert.Single(twice.Refused).Reason);
        Assert.Throws<ArgumentException>(() => SeriesRules.Plan(rule, [], null));
    }
}
