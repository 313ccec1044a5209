using FabLab.Core.Access;
using FabLab.Core.Scheduling;
using NodaTime;
using static FabLab.Core.Tests.Scheduling.Local;

namespace FabLab.Core.Tests.Scheduling;

public sealed class BookingRulesTests
{
    [Fact]
    public void A_booking_that_nothing_speaks_against_is_accepted_and_released_after_fifteen_minutes()
    {
        BookingDecision.Accepted accepted = Ask.For().Accepted();

        Assert.Empty(accepted.Waived);
        Assert.Null(accepted.NeedsCompanion);
        Assert.Equal(At("2026-11-24 14:15"), accepted.ReleaseAt);
    }

    [Fact]
    public void Bookings_that_touch_do_not_overlap() =>
        Ask.For().Taken("2026-11-24 13:00", "2026-11-24 14:00").Taken("2026-11-24 15:00", "2026-11-24 16:00").Accepted();

    [Fact]
    public void Zero_length_is_no_booking() =>
        Assert.Equal(BookingReason.NoDuration, Ask.For("2026-11-24 14:00", "2026-11-24 14:00").Refused().Reason);

    [Theory]
    [InlineData("-9998-01-01T00:00:00Z", "-9998-01-02T00:00:00Z", BookingReason.InThePast)]
    [InlineData("9999-12-30T00:00:00Z", "9999-12-31T00:00:00Z", BookingReason.BeyondLimit)]
    [InlineData("-9998-01-01T00:00:00Z", "9999-12-31T00:00:00Z", BookingReason.InThePast)]
    public void The_far_past_and_the_far_future_are_answered_and_not_thrown(string start, string end, BookingReason reason)
    {
        BookingFacts facts = Ask.For() with { Wish = new BookingWish(Utc(start), Utc(end)) };

        Assert.Equal(reason, facts.Refused().Reason);
    }

    [Fact]
    public void The_refusal_of_a_taken_machine_names_the_next_free_time()
    {
        BookingDecision.Refused refused = Ask.For().Taken("2026-11-24 13:30", "2026-11-24 16:30").Refused();

        Assert.Equal("La machine est déjà réservée mardi 24 novembre de 13:30 à 16:30.", refused.Sentence.Fr);
        Assert.Equal("Prochain créneau libre : mardi 24 novembre de 16:30 à 17:30.", refused.NextStep.Fr);
        Assert.Equal("Next free time: Tuesday 24 November from 16:30 to 17:30.", refused.NextStep.En);
    }

    [Fact]
    public void A_booking_across_midnight_needs_open_time_on_both_sides()
    {
        BookingFacts night = Ask.For("2026-11-24 22:00", "2026-11-25 02:00");
        OpeningPeriod late = new(At("2026-11-24 20:00"), At("2026-11-25 03:00"), OpeningKind.Booked);

        Assert.Equal("C'est fermé du mardi 24 novembre à 22:00 au mercredi 25 novembre à 02:00.", night.Refused().Sentence.Fr);
        (night with { Hours = [late] }).Accepted();
    }

    [Fact]
    public void A_booking_across_a_closure_is_refused_unless_the_machine_runs_while_closed()
    {
        BookingFacts print = Ask.For("2026-11-24 16:00", "2026-11-25 15:00").On(t => t with { BookableInOpenLab = true });

        Assert.Equal(BookingReason.OutsideHours, print.Refused().Reason);
        Assert.Equal(At("2026-11-24 21:00"), print.Refused().Detail.Range?.Start);
        print.On(t => t with { RunsWhileClosed = true }).Accepted();
        Assert.Equal(
            BookingReason.OutsideHours,
            (print with { Wish = new(At("2026-11-24 21:30"), At("2026-11-25 15:00")) }).On(t => t with { RunsWhileClosed = true }).Refused().Reason);
        Assert.Equal(
            BookingReason.GroupTime,
            (print with { Hours = print.Hours.Add(new(At("2026-11-25 09:00"), At("2026-11-25 10:00"), OpeningKind.Groups)) }).On(t => t with { RunsWhileClosed = true }).Refused().Reason);
    }

    [Fact]
    public void Group_time_is_for_the_group_it_is_kept_for()
    {
        BookingFacts morning = Ask.For("2026-11-24 10:00", "2026-11-24 12:00");

        morning.Wishing(w => w with { Group = "mission-locale" }).Accepted();
        Assert.Equal(BookingReason.GroupTime, morning.Wishing(w => w with { Group = "e2c" }).Refused().Reason);
    }

    [Fact]
    public void Capacity_counts_places_at_each_moment()
    {
        BookingFacts room = Ask.For("2026-11-24 14:00", "2026-11-24 17:00").On(t => t with { Capacity = 12 })
            .Taken("2026-11-24 14:00", "2026-11-24 15:00", places: 7)
            .Taken("2026-11-24 15:00", "2026-11-24 16:00", places: 8);

        room.Wishing(w => w with { Places = 4 }).Accepted();
        Assert.Equal(BookingReason.BookingOverlap, room.Wishing(w => w with { Places = 5 }).Refused().Reason);
        Assert.Equal(BookingReason.TooManyPlaces, room.Wishing(w => w with { Places = 0 }).Refused().Reason);
        Assert.Equal(BookingReason.TooManyPlaces, room.Wishing(w => w with { Places = 13 }).Refused().Reason);
    }

    [Theory]
    [InlineData("2026-11-24 12:00", "2026-11-24 13:45", true)]
    [InlineData("2026-11-24 12:00", "2026-11-24 13:46", false)]
    [InlineData("2026-11-24 15:15", "2026-11-24 16:00", true)]
    [InlineData("2026-11-24 15:14", "2026-11-24 16:00", false)]
    public void Set_up_time_lies_between_two_bookings(string from, string until, bool fits)
    {
        BookingFacts facts = Ask.For().On(t => t with { SetUp = Duration.FromMinutes(15) }).Taken(from, until);

        Assert.Equal(fits, BookingRules.Decide(facts) is BookingDecision.Accepted);
    }

    [Fact]
    public void A_move_does_not_collide_with_the_booking_it_moves()
    {
        BookingFacts move = Ask.For("2026-11-24 14:30", "2026-11-24 15:30").Instead("2026-11-24 14:00", "2026-11-24 15:00");
        move = move with
        {
            Busy = [new BusyTime(At("2026-11-24 14:00"), At("2026-11-24 15:00"), Booking: Ask.Mine)],
            Own = [new OwnBooking(Ask.Mine, Ask.Laser, "laser", At("2026-11-24 14:00"), At("2026-11-24 15:00"), Ask.Now)],
            Quotas = [new() { Period = QuotaPeriod.Day, Count = 1 }],
        };

        move.On(t => t with { MaxUpcoming = 1 }).Accepted();
    }

    [Fact]
    public void A_running_booking_is_extended_when_free_and_shortened_at_will()
    {
        BookingFacts running = Ask.For("2026-11-24 14:00", "2026-11-24 16:00").Instead("2026-11-24 14:00", "2026-11-24 15:00")
            .On(t => t with { Notice = Duration.FromDays(1), ChangeBefore = Duration.FromDays(1), MinLength = Duration.FromMinutes(30) }) with
        { Now = At("2026-11-24 14:40") };

        Assert.Null(running.Accepted().ReleaseAt);
        Assert.Equal(BookingReason.BookingOverlap, running.Taken("2026-11-24 15:00", "2026-11-24 15:30").Refused().Reason);
        running.Wishing(w => w with { End = At("2026-11-24 14:45") }).Accepted();
        Assert.Equal(BookingReason.InThePast, running.Wishing(w => w with { End = At("2026-11-24 14:30") }).Refused().Reason);
        Assert.Equal(BookingReason.AlreadyBegun, running.Wishing(w => w with { Start = At("2026-11-24 14:50") }).Refused().Reason);
    }

    [Fact]
    public void A_slot_that_has_just_begun_can_still_be_taken()
    {
        BookingFacts late = Ask.For() with { Now = At("2026-11-24 14:09") };

        late.Accepted();
        Assert.Equal(BookingReason.InThePast, (late with { Now = At("2026-11-24 14:11") }).Refused().Reason);
    }

    [Fact]
    public void Steps_follow_the_wall_clock()
    {
        BookingFacts half = Ask.For("2026-11-24 14:30", "2026-11-24 16:00").On(t => t with { Step = Duration.FromMinutes(30) });
        half.Accepted();

        // Nouméa lies at a whole hour, Kathmandu does not: 14:00 there is on its own hour and not on ours.
        BookingFacts there = half with { Zone = "Asia/Kathmandu", Wish = new(At("2026-11-24 19:00", "Asia/Kathmandu"), At("2026-11-24 20:00", "Asia/Kathmandu")) };
        there.Accepted();
    }

    [Fact]
    public void Who_needs_somebody_beside_books_and_is_told_to_come_with_them()
    {
        BookingFacts learner = Ask.For() with { Access = BookingReasonTests.Denied(AccessReason.NeedsAccompanying) };

        Assert.Equal(AccessReason.NeedsAccompanying, learner.Accepted().NeedsCompanion);
        Assert.Equal("needs_accompanying", learner.On(t => t with { AccompaniedMayBook = false }).Refused().Code);
    }

    [Fact]
    public void Somebody_on_a_pause_keeps_the_bookings_they_have()
    {
        BookingFacts paused = Ask.For().Instead("2026-11-24 16:00", "2026-11-24 17:00") with { Person = new(Ask.Somebody, null, At("2026-12-01 10:00")) };

        paused.Accepted();
    }

    [Fact]
    public void The_lab_books_for_itself_without_a_person()
    {
        BookingFacts maintenance = Ask.For("2026-11-24 08:00", "2026-11-24 09:00").AsStaff() with { Person = null, Quotas = [new() { Period = QuotaPeriod.Day, Count = 0 }] };

        maintenance.Accepted();
    }

    [Fact]
    public void The_first_reason_is_the_one_most_worth_saying()
    {
        BookingFacts facts = Ask.For().Taken("2026-11-24 14:00", "2026-11-24 16:00") with { Access = BookingReasonTests.Denied(AccessReason.TrainingMissing) };

        Assert.Equal("training_missing", facts.Refused().Code);
        Assert.Equal([BookingReason.NotAllowed, BookingReason.BookingOverlap], BookingRules.Refusals(facts));
    }

    [Theory]
    [InlineData("2026-11-24 13:00", true, false, null)]
    [InlineData("2026-11-22 20:00", true, true, null)]
    [InlineData("2026-11-22 11:00", true, true, null)]
    [InlineData("2026-11-24 13:00", false, false, BookingReason.NotYours)]
    [InlineData("2026-11-21 13:00", true, false, BookingReason.BookingOver)]
    public void A_cancellation_in_time_is_free_and_a_late_one_counts(string start, bool yours, bool late, BookingReason? refused)
    {
        Instant from = At(start);
        BookingFacts facts = Ask.For().On(t => t with { ChangeBefore = Duration.FromDays(1) })
            .Wishing(w => w with { Before = new BookingBefore(Ask.Mine, from, from + Duration.FromHours(2), yours) });

        CancellationDecision decision = CancellationRules.Decide(facts);

        Assert.Equal(refused, decision.Refused?.Reason);
        Assert.Equal(late, decision.Late);
    }

    [Fact]
    public void A_lab_may_refuse_late_cancellations_but_not_to_its_staff()
    {
        BookingFacts late = Ask.For().Instead("2026-11-22 20:00", "2026-11-22 21:00")
            .On(t => t with { ChangeBefore = Duration.FromDays(1), RefuseLateCancellation = true });

        Assert.Equal(BookingReason.TooLateToChange, CancellationRules.Decide(late).Refused?.Reason);
        Assert.Equal(new CancellationDecision(null, false), CancellationRules.Decide(late.AsStaff()));
        Assert.Throws<ArgumentException>(() => CancellationRules.Decide(Ask.For()));
    }

    [Fact]
    public void A_change_of_hours_names_the_bookings_it_hits()
    {
        BookingFacts fits = Ask.For("2026-11-25 14:00", "2026-11-25 15:00");
        BookingFacts hit = Ask.For();
        BookingFacts waived = Ask.For("2026-11-24 12:00", "2026-11-24 13:00");
        OpeningPeriod[] after =
        [
            new(At("2026-11-24 14:30"), At("2026-11-24 18:00"), OpeningKind.Booked), new(At("2026-11-25 14:00"), At("2026-11-25 18:00"), OpeningKind.Booked),
        ];

        HitBooking found = Assert.Single(ScheduleChange.Hits([fits, hit, waived], _ => after));

        Assert.Equal(hit.Wish, found.Facts.Wish);
        Assert.Equal(BookingReason.OutsideHours, found.Reason);
        Assert.Equal(Between("2026-11-24 14:00", "2026-11-24 14:30"), found.Part);
    }

    [Theory]
    [InlineData("2026-11-24 14:00", "2026-11-24 18:00", null, null)]
    [InlineData("2026-11-24 11:00", "2026-11-24 11:30", BookingReason.GroupTime, "2026-11-24 11:00|2026-11-24 11:30")]
    [InlineData("2026-11-24 09:30", "2026-11-24 10:30", BookingReason.StaffTime, "2026-11-24 09:30|2026-11-24 10:00")]
    [InlineData("2026-11-24 17:30", "2026-11-24 18:30", BookingReason.OpenLabTime, "2026-11-24 18:00|2026-11-24 18:30")]
    [InlineData("2026-11-24 20:30", "2026-11-24 21:30", BookingReason.OutsideHours, "2026-11-24 21:00|2026-11-24 21:30")]
    [InlineData("2026-11-24 11:30", "2026-11-24 14:30", BookingReason.OutsideHours, "2026-11-24 12:00|2026-11-24 14:00")]
    public void What_keeps_a_booking_that_stands_out_of_the_hours_is_named_with_its_first_part(string from, string until, BookingReason? reason, string? part)
    {
        var kept = ScheduleChange.KeptOut(Ask.For(from, until));

        Assert.Equal(reason, kept?.Reason);
        Assert.Equal(part is null ? (Interval?)null : Between(part.Split('|')[0], part.Split('|')[1]), kept?.Part);
    }

    [Fact]
    public void Whose_hours_they_are_and_who_asks_decides_what_is_kept_out()
    {
        BookingFacts groups = Ask.For("2026-11-24 10:30", "2026-11-24 11:30");
        BookingFacts team = Ask.For("2026-11-24 08:30", "2026-11-24 09:30");
        BookingFacts evening = Ask.For("2026-11-24 18:30", "2026-11-24 19:30");
        BookingFacts across = Ask.For("2026-11-24 17:00", "2026-11-24 19:00");
        BookingFacts night = Ask.For("2026-11-24 17:00", "2026-11-25 15:00");

        Assert.Null(ScheduleChange.KeptOut(groups.Wishing(w => w with { Group = "mission-locale" })));
        Assert.Equal(BookingReason.GroupTime, ScheduleChange.KeptOut(groups.Wishing(w => w with { Group = "college" }))?.Reason);
        Assert.Null(ScheduleChange.KeptOut(team.AsStaff()));
        Assert.Null(ScheduleChange.KeptOut(evening.On(t => t with { BookableInOpenLab = true })));
        // Two periods that touch, neither of which holds all of it.
        Assert.Null(ScheduleChange.KeptOut(across.On(t => t with { BookableInOpenLab = true })));
        // A print that runs on while the place is closed; the hours of a group or of open lab stop it all the same.
        Assert.Equal(BookingReason.OpenLabTime, ScheduleChange.KeptOut(night.On(t => t with { RunsWhileClosed = true }))?.Reason);
        Assert.Null(ScheduleChange.KeptOut(night.On(t => t with { RunsWhileClosed = true, BookableInOpenLab = true })));
        Assert.Equal(BookingReason.OutsideHours, ScheduleChange.KeptOut(Ask.For() with { Hours = [] })?.Reason);
    }

    [Fact]
    public void New_terms_name_the_first_rule_that_a_booking_would_break_and_could_keep_until_now()
    {
        BookingFacts half = Ask.For("2026-11-24 14:30", "2026-11-24 15:30");
        BookingFacts four = Ask.For().On(t => t with { Capacity = 6 }).Wishing(w => w with { Places = 4 });
        BookingFacts beside = Ask.For().On(t => t with { Capacity = 2 }).Taken("2026-11-24 14:30", "2026-11-24 16:00");

        // Steps are counted from the full hour, at both ends.
        Assert.Equal(BookingReason.OffStep, ScheduleChange.HitByTerms(half, half.Terms with { Step = Duration.FromHours(1) }));
        Assert.Null(ScheduleChange.HitByTerms(half, half.Terms with { Step = Duration.FromMinutes(30) }));
        BookingFacts odd = Ask.For("2026-11-24 14:00", "2026-11-24 14:40");
        Assert.Equal(BookingReason.OffStep, ScheduleChange.HitByTerms(odd, odd.Terms with { Step = Duration.FromMinutes(30) }));
        // Off the step of before already: staff had waived it, and it is not hit again.
        BookingFacts waived = odd.On(t => t with { Step = Duration.FromMinutes(30) });
        Assert.Null(ScheduleChange.HitByTerms(waived, waived.Terms with { Step = Duration.FromHours(1) }));

        Assert.Equal(BookingReason.TooManyPlaces, ScheduleChange.HitByTerms(four, four.Terms with { Capacity = 3 }));
        Assert.Null(ScheduleChange.HitByTerms(four, four.Terms with { Capacity = 4 }));
        // One place each would do; together they need two.
        Assert.Equal(BookingReason.BookingOverlap, ScheduleChange.HitByTerms(beside, beside.Terms with { Capacity = 1 }));
        Assert.Null(ScheduleChange.HitByTerms(beside, beside.Terms with { Capacity = 3 }));
        Assert.Null(ScheduleChange.HitByTerms(four, four.Terms));
    }
}
