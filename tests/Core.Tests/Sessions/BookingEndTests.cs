using FabLab.Core.Access;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using NodaTime;

namespace FabLab.Core.Tests.Sessions;

/// <summary>What happens at the end of a booking, by the rule of the machine; and what the maker is told before.</summary>
public sealed class BookingEndTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);
    private static readonly Instant End = Lab.Now + 20 * Minute;
    private static readonly BookingId Booking = Lab.Id<BookingId>(61);

    [Theory]
    [InlineData(BookingEnd.StopWhenIdle)]
    [InlineData(BookingEnd.LetFinish)]
    [InlineData(BookingEnd.ExtendIfFree)]
    public void A_machine_at_rest_stops_when_the_booking_ends(BookingEnd rule)
    {
        Bench bench = Booked(rule);
        Pass(bench, 20 * 60, watts: 3);

        MachineEvent.SessionEnded ended = bench.Last<MachineEvent.SessionEnded>();
        Assert.Equal((EndReason.BookingEnd, End), (ended.Why, ended.EndedAt));
        Assert.Empty(bench.Held);
    }

    [Fact]
    public void A_machine_without_a_meter_stops_when_the_booking_ends()
    {
        Bench bench = Booked(BookingEnd.StopWhenIdle);
        for (int s = 0; s < 20 * 60; s++)
        {
            bench.Tick(1);
        }

        Assert.Equal(End, bench.Last<MachineEvent.SessionEnded>().EndedAt);
    }

    [Theory]
    [InlineData(BookingEnd.StopWhenIdle)]
    [InlineData(BookingEnd.LetFinish)]
    [InlineData(BookingEnd.ExtendIfFree)]
    public void Work_in_hand_is_finished_and_the_relay_never_falls_in_between(BookingEnd rule)
    {
        Bench bench = Booked(rule);
        Pass(bench, 25 * 60, watts: 200, held: true);
        Assert.Equal(End, bench.State.Session!.Overtime);

        Pass(bench, 32, watts: 3);

        MachineEvent.SessionEnded ended = bench.Last<MachineEvent.SessionEnded>();
        Assert.Equal(EndReason.BookingEnd, ended.Why);
        Assert.InRange(ended.EndedAt, Lab.Now + 25 * Minute, Lab.Now + 26 * Minute);
    }

    [Fact]
    public void Current_below_work_and_above_rest_is_not_cut_either()
    {
        Bench bench = Booked(BookingEnd.StopWhenIdle);
        Pass(bench, 25 * 60, watts: 25, held: true);

        Assert.IsType<MachineState.Ready>(bench.State);
        Pass(bench, 2, watts: 3);
        Assert.Equal(EndReason.BookingEnd, bench.Last<MachineEvent.SessionEnded>().Why);
    }

    [Fact]
    public void The_hard_cap_stops_what_does_not_come_to_rest()
    {
        Bench bench = Booked(BookingEnd.StopWhenIdle);
        Pass(bench, 35 * 60 - 2, watts: 200, held: true);

        Pass(bench, 2, watts: 200);

        Assert.Equal((EndReason.BookingEnd, End + 15 * Minute), (bench.Last<MachineEvent.SessionEnded>().Why, bench.Last<MachineEvent.SessionEnded>().EndedAt));
        Assert.Empty(bench.Held);
    }

    [Fact]
    public void A_machine_that_finishes_has_hours()
    {
        Bench bench = Booked(BookingEnd.LetFinish, Bench.Rule with { LostLinkCap = Duration.FromHours(3) });
        Pass(bench, 120 * 60, watts: 200, held: true);

        Assert.Equal(End + Duration.FromHours(3), bench.State.Session!.Until);
    }

    [Fact]
    public void A_cap_of_nothing_stops_at_the_end_of_the_booking()
    {
        Bench bench = Booked(BookingEnd.StopWhenIdle, Bench.Rule with { BookingEndCap = Duration.Zero });
        Pass(bench, 20 * 60, watts: 200);

        Assert.Equal(End, bench.Last<MachineEvent.SessionEnded>().EndedAt);
    }

    [Fact]
    public void Once_the_end_is_past_nothing_goes_on_for_the_relay_may_have_opened()
    {
        Bench bench = Booked(BookingEnd.StopWhenIdle);
        Pass(bench, 60, watts: 200);

        bench.Now = End;
        bench.Power(200);
        bench.Tick(0);

        Assert.Equal(End, bench.Last<MachineEvent.SessionEnded>().EndedAt);
    }

    [Fact]
    public void Rest_between_the_last_moment_and_the_end_ends_at_the_end()
    {
        Bench bench = Booked(BookingEnd.StopWhenIdle);
        Pass(bench, 20 * 60 - 50, watts: 200);
        Pass(bench, 15, watts: 25);
        Assert.NotNull(bench.State.Session);

        Pass(bench, 40, watts: 3);

        Assert.Equal(EndReason.BookingEnd, bench.Last<MachineEvent.SessionEnded>().Why);
        Assert.InRange(bench.Last<MachineEvent.SessionEnded>().EndedAt, End, End + Minute);
    }

    [Fact]
    public void A_relay_that_opens_with_the_last_lease_has_ended_the_use_for_its_reason()
    {
        Bench bench = new();
        bench.Started(Bench.Yes(Lab.Maker, End, LimitReason.NextBooking));
        bench.Now = End;
        bench.Relay(closed: false);

        Assert.Equal((EndReason.NextBooking, End), (bench.Last<MachineEvent.SessionEnded>().Why, bench.Last<MachineEvent.SessionEnded>().EndedAt));
        Assert.Equal((ReplyKind.Stopped, LimitReason.NextBooking), (bench.Reply!.Kind, bench.Reply.Limit!.Value));
    }

    [Fact]
    public void A_walk_up_ends_at_the_next_booking_even_while_it_works()
    {
        Bench bench = new();
        bench.Started(Bench.Yes(Lab.Maker, End, LimitReason.NextBooking));
        Pass(bench, 20 * 60, watts: 200);

        Assert.Equal((EndReason.NextBooking, End), (bench.Last<MachineEvent.SessionEnded>().Why, bench.Last<MachineEvent.SessionEnded>().EndedAt));
    }

    [Fact]
    public void A_booking_that_is_made_longer_or_shorter_moves_the_end()
    {
        Bench bench = Booked(BookingEnd.StopWhenIdle);

        bench.After(60).Send(new MachineSignal.PolicyChanged(Yes(End + 30 * Minute)));
        Assert.Equal(End + 30 * Minute, bench.State.Session!.Until);
        bench.Send(new MachineSignal.PolicyChanged(Yes(End - 5 * Minute)));
        Assert.Equal(End - 5 * Minute, bench.State.Session!.Until);

        // Without a booking any more it is a use like any other: its end stays.
        bench.Send(new MachineSignal.PolicyChanged(Bench.Yes(Lab.Maker)));
        Assert.Equal(End - 5 * Minute, bench.State.Session!.Until);
    }

    [Fact]
    public void What_finishes_its_work_is_cut_by_no_later_booking_and_by_no_change_but_a_longer_one()
    {
        Bench bench = Booked(BookingEnd.StopWhenIdle);
        Pass(bench, 21 * 60, watts: 200, held: true);

        bench.Send(new MachineSignal.PolicyChanged(Bench.Yes(Lab.Maker, End + 3 * Minute, LimitReason.NextBooking)));
        Assert.Equal((End, End + 15 * Minute), (bench.State.Session!.Overtime!.Value, bench.State.Session.Until!.Value));

        bench.Send(new MachineSignal.PolicyChanged(Yes(End + 40 * Minute)));
        Assert.Equal((null, End + 40 * Minute), (bench.State.Session!.Overtime, bench.State.Session.Until!.Value));
        bench.Send(new MachineSignal.PolicyChanged(Bench.No(AccessReason.MembershipEnded)));
        Assert.Equal(EndReason.AccessWithdrawn, bench.Last<MachineEvent.SessionEnded>().Why);
    }

    [Fact]
    public void The_maker_is_told_before_and_when_the_work_in_hand_may_be_finished()
    {
        Bench bench = Booked(BookingEnd.StopWhenIdle);
        List<string> told = [];
        for (int s = 0; s < 21 * 60; s++)
        {
            bench.After(1).Power(200);
            bench.Tick(0);
            if (bench.Reply is { } reply)
            {
                told.Add($"{SessionWords.Sentence(reply, bench.Now).Fr} {SessionWords.Next(reply, bench.Now, "Europe/Paris")?.Fr}");
            }
        }

        Assert.Equal(
        [
            "Encore 10 minutes. Votre réservation finit à 10 h 20.",
            "Encore 2 minutes. Votre réservation finit à 10 h 20.",
            "Votre réservation finit. Finissez votre travail. La machine s’arrête dès qu’elle ne travaille plus.",
        ], told.Take(3));
    }

    [Theory]
    [InlineData(ReplyKind.Started, LimitReason.NextBooking, "Libre jusqu’à 10 h 20 : réservation suivante.", "Free until 10:20: next booking.")]
    [InlineData(ReplyKind.HandedOver, LimitReason.BookingEnd, "Votre réservation finit à 10 h 20.", "Your booking ends at 10:20.")]
    [InlineData(ReplyKind.EndSoon, LimitReason.NextBooking, "Réservation suivante à 10 h 20.", "Next booking at 10:20.")]
    [InlineData(ReplyKind.EndSoon, LimitReason.Closing, "Fermeture à 10 h 20.", "Closing at 10:20.")]
    [InlineData(ReplyKind.Started, LimitReason.MaxSession, "Durée maximale : fin à 10 h 20.", "Longest use: ends at 10:20.")]
    [InlineData(ReplyKind.Started, LimitReason.Quota, "Votre temps est utilisé à 10 h 20.", "Your time is used at 10:20.")]
    [InlineData(ReplyKind.Extended, LimitReason.Membership, "Votre adhésion finit à 10 h 20.", "Your membership ends at 10:20.")]
    [InlineData(ReplyKind.Started, LimitReason.Habilitation, "Votre habilitation finit à 10 h 20.", "Your habilitation ends at 10:20.")]
    [InlineData(ReplyKind.Stopped, LimitReason.NextBooking, "La réservation suivante commence.", "The next booking begins.")]
    [InlineData(ReplyKind.Stopped, LimitReason.BookingEnd, "La réservation est finie.", "The booking is over.")]
    public void The_display_says_until_when_and_why(ReplyKind kind, LimitReason limit, string fr, string en)
    {
        Words words = SessionWords.Next(new MachineReply(kind, End, Limit: limit), Lab.Now, "Europe/Paris")!;

        Assert.Equal((fr, en), (words.Fr, words.En));
    }

    [Fact]
    public void Another_day_is_named()
    {
        MachineReply reply = new(ReplyKind.Started, Lab.Now + Duration.FromHours(24), Limit: LimitReason.NextBooking);

        Words words = SessionWords.Next(reply, Lab.Now, "Europe/Paris")!;

        Assert.Equal("Libre jusqu’au 11 mars à 10 h : réservation suivante.", words.Fr);
        Assert.Equal("Free until 11 March at 10:00: next booking.", words.En);
    }

    [Fact]
    public void A_claim_is_on_record_once_and_is_remembered_by_the_machine_and_by_the_ledger()
    {
        Bench bench = Booked(BookingEnd.StopWhenIdle);
        SessionId session = bench.LastSession;
        bench.After(60).Tap();
        bench.Relay(closed: false);
        bench.After(60).Tap(decision: Yes(End));

        MachineEvent.BookingClaimed claimed = Assert.Single(bench.Events.OfType<MachineEvent.BookingClaimed>());
        Assert.Equal((session, Booking), (claimed.Session!.Value, claimed.Claim.Booking));
        Assert.Equal([claimed.Claim], bench.State.Tracks.Claims);
        Assert.Equal(Booking, bench.Entry(session).Booking);
    }

    [Fact]
    public void A_booking_that_begins_during_a_use_is_claimed_by_it()
    {
        Bench bench = new Bench().Started();
        SessionId session = bench.LastSession;

        bench.After(60).Send(new MachineSignal.PolicyChanged(Yes(End)));

        Assert.Equal(Booking, bench.State.Session!.Booking);
        Assert.Equal((End, LimitReason.BookingEnd), (bench.State.Session.Until!.Value, bench.State.Session.Limit!.Value));
        bench.After(60).Tap();
        bench.Relay(closed: false);
        Assert.Equal(Booking, bench.Entry(session).Booking);
    }

    [Fact]
    public void Who_came_and_could_not_start_is_on_record()
    {
        Bench bench = new Bench().Working();
        AccessDecision.Denied denied = new(AccessReason.MachineInUse, Facts(End, Lab.Mentor));

        bench.Tap(Lab.Mentor, denied);
        bench.Tap(Lab.Mentor, denied);

        MachineEvent.BookingClaimed claimed = Assert.Single(bench.Events.OfType<MachineEvent.BookingClaimed>());
        Assert.Null(claimed.Session);
        Assert.Null(bench.State.Session!.Booking);
    }

    [Fact]
    public void A_use_without_the_gateway_claims_too()
    {
        Bench bench = new();
        OfflineUseRecord use = new() { Session = Lab.Id<SessionId>(7), Person = Lab.Maker, From = bench.Device, To = bench.After(600).Device };
        BookingClaim claim = new(Booking, Lab.Laser, null, [], use.From.At, End);

        bench.Send(new MachineSignal.OfflineUse(use, null, claim));

        Assert.Equal(claim, Assert.Single(bench.Events.OfType<MachineEvent.BookingClaimed>()).Claim);
        Assert.Equal(Booking, bench.Entry(use.Session).Booking);
    }

    private static Bench Booked(BookingEnd rule, MachineRule? machine = null) =>
        new Bench((machine ?? Bench.Rule) with { BookingEnd = rule }).Started(Yes(End));

    private static AccessDecision.Granted Yes(Instant until)
    {
        AccessDecision.Granted plain = Bench.Yes(Lab.Maker, until, LimitReason.BookingEnd);
        return plain with { Terms = plain.Terms with { Booking = Booking }, Facts = Facts(until, Lab.Maker) };
    }

    private static AccessFacts Facts(Instant until, PersonId person) => new()
    {
        Now = Lab.Now, OwnBooking = Booking, OwnBookingUntil = until, Machine = new MachineFacts { Id = Lab.Laser, Code = "LAS-1" },
        Person = new PersonFacts { Id = person },
    };

    /// <summary>Second by second, with a reading each; <paramref name="held"/>: no second without its relay held.</summary>
    private static void Pass(Bench bench, int seconds, double watts, bool held = false)
    {
        Instant end = bench.Now + Duration.FromSeconds(seconds);
        end -= Duration.FromMilliseconds((end - Lab.Now).TotalMilliseconds % 1000);
        while (bench.Now < end)
        {
            bench.Now = Instant.Min(end, bench.Now + Duration.FromSeconds(1));
            bench.Power(watts);
            bench.Tick(0);
            Assert.True(!held || bench.Held.Count > 0, $"nothing is held at {bench.Now}");
        }
    }
}
