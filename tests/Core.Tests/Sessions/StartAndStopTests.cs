using FabLab.Core.Access;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using NodaTime;

namespace FabLab.Core.Tests.Sessions;

public sealed class StartAndStopTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);

    [Fact]
    public void A_granted_tap_holds_the_relay_and_the_next_one_lets_it_go()
    {
        Bench bench = new();

        bench.Tap();

        Assert.Equal(ReplyKind.Started, bench.Reply!.Kind);
        Assert.Equal([new HeldRelay(RelayChannel.Main, bench.LastSession, Duration.FromSeconds(30), LostLinkRule.Open, Duration.FromHours(12))], bench.Held);
        SessionId session = bench.LastSession;
        bench.After(0.5).Relay(closed: true);
        bench.After(60).Tap();

        Assert.Equal(ReplyKind.Stopped, bench.Reply!.Kind);
        Assert.Empty(bench.Held);
        bench.After(0.25).Relay(closed: false);
        LedgerEntry entry = bench.Entry(session);
        Assert.Equal((60_250L, 0L, EndReason.Tapped, true), (entry.PoweredMs, entry.UnknownMs, entry.Why, entry.Settled));
        Assert.Equal((Lab.Maker, Lab.MakerBadge, Lab.Lamp), (entry.Person, entry.Badge, entry.Project));
        Assert.Equal(Lab.Now, entry.StartedAt);
        Assert.Equal(Lab.Now + Duration.FromSeconds(60.5), entry.EndedAt);
        Assert.Equal("idle", bench.State.Code);
    }

    [Fact]
    public void An_exhaust_that_is_bound_is_held_with_the_machine()
    {
        Bench bench = new(WithExhaust(Bench.Rule));

        bench.Tap();

        Assert.Equal([RelayChannel.Main, RelayChannel.Exhaust], bench.Held.Select(held => held.Channel));
    }

    [Fact]
    public void Every_tap_is_recorded_with_its_decision()
    {
        Bench bench = new();

        bench.TapRefused(Lab.Young);
        bench.Tap();
        bench.Tap();

        MachineEvent.TapDecided[] taps = [.. bench.Events.OfType<MachineEvent.TapDecided>()];
        Assert.Equal([ReplyKind.Refused, ReplyKind.Started, ReplyKind.Stopped], taps.Select(tap => tap.Outcome));
        Assert.Equal([Lab.Young, Lab.Maker, Lab.Maker], taps.Select(tap => tap.Person));
        Assert.IsType<AccessDecision.Denied>(taps[0].Decision);
        Assert.Equal([null, Lab.Id<SessionId>(102), Lab.Id<SessionId>(102)], taps.Select(tap => tap.Session));
    }

    [Fact]
    public void A_refused_tap_starts_nothing_and_says_why()
    {
        Bench bench = new();

        bench.TapRefused(Lab.Young, AccessReason.MachineBroken);

        Assert.Equal((ReplyKind.Refused, AccessReason.MachineBroken), (bench.Reply!.Kind, bench.Reply.Denied!.Reason));
        Assert.Equal("Cette machine est en panne.", bench.Reply.Sentence.Fr);
        Assert.Equal("Choisissez une autre machine.", bench.Reply.NextStep!.Fr);
        Assert.Empty(bench.Held);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_refused_tap_never_disturbs_a_running_session(bool working)
    {
        Bench bench = working ? new Bench().Working() : new Bench().Started();
        MachineState before = bench.State;
        ValueList<HeldRelay> held = bench.Held;

        foreach (AccessReason reason in AccessReasons.All)
        {
            bench.TapRefused(Lab.Young, reason);
            Assert.Equal(ReplyKind.Refused, bench.Reply!.Kind);
        }

        Assert.Equal(before, MachineSessions.Evolve(bench.State, new MachineEvent.Observed(Lab.Laser, bench.Now, before.Tracks)));
        Assert.Equal(held, bench.Held);
    }

    [Fact]
    public void A_badge_that_leads_to_nobody_does_not_stop_a_session_without_companion()
    {
        Bench bench = new Bench().Started();

        bench.Send(new MachineSignal.Tapped(null, null, Bench.No(AccessReason.UnknownBadge), Lab.Id<SessionId>(900)));

        Assert.NotNull(bench.State.Session);
    }

    [Fact]
    public void To_stop_one_needs_no_permission()
    {
        Bench bench = new Bench().Working();

        bench.TapRefused(Lab.Maker, AccessReason.MembershipEnded);

        Assert.Equal(EndReason.Tapped, bench.Last<MachineEvent.SessionEnded>().Why);
        Assert.Empty(bench.Held);
    }

    [Fact]
    public void A_grant_for_somebody_else_than_who_tapped_starts_nothing()
    {
        Bench bench = new();

        bench.Tap(Lab.Young, Bench.Yes(Lab.Maker));

        Assert.Equal(ReplyKind.Refused, bench.Reply!.Kind);
        Assert.Empty(bench.Held);
    }

    [Fact]
    public void A_grant_that_is_over_starts_nothing()
    {
        Bench bench = new();

        bench.Tap(decision: Bench.Yes(Lab.Maker, until: bench.Now));

        Assert.Equal(ReplyKind.Refused, bench.Reply!.Kind);
    }

    [Fact]
    public void A_learner_waits_for_the_second_badge_and_both_are_recorded()
    {
        Bench bench = new();

        bench.TapRefused(Lab.Young, AccessReason.NeedsAccompanying);

        Assert.Equal((ReplyKind.SecondBadgePlease, Lab.Now + Duration.FromSeconds(30)), (bench.Reply!.Kind, bench.Reply.Until));
        Assert.Equal("Vous apprenez cette machine. Il faut une personne à côté de vous.", bench.Reply.Sentence.Fr);
        Assert.Empty(bench.Held);
        bench.After(29.9).Tap(Lab.Mentor, Bench.Yes(Lab.Young, companion: Lab.Mentor, companionHere: true));

        Assert.Equal(ReplyKind.Started, bench.Reply!.Kind);
        OpenSession session = bench.State.Session!;
        Assert.Equal((Lab.Young, Lab.YoungBadge, Lab.Mentor, Lab.MentorBadge, true), (session.Person, session.Badge, session.Companion, session.CompanionBadge, session.CompanionWasPresent));
        Assert.Equal(Lab.Mentor, bench.Entry().Companion);
    }

    [Fact]
    public void The_second_badge_comes_too_late()
    {
        Bench bench = new();
        bench.TapRefused(Lab.Young, AccessReason.NeedsAccompanying);

        bench.After(30).Tap(Lab.Mentor, Bench.Yes(Lab.Young, companion: Lab.Mentor));

        Assert.Equal(ReplyKind.Refused, bench.Reply!.Kind);
        Assert.IsType<MachineState.Idle>(bench.State);
    }

    [Fact]
    public void After_the_window_the_mentors_tap_is_their_own()
    {
        Bench bench = new();
        bench.TapRefused(Lab.Young, AccessReason.NeedsAccompanying);

        bench.After(30).Tap(Lab.Mentor);

        Assert.Equal(Lab.Mentor, bench.State.Session!.Person);
    }

    [Fact]
    public void Waiting_ends_by_itself()
    {
        Bench bench = new();
        bench.TapRefused(Lab.Young, AccessReason.NeedsSecondPerson);

        bench.Tick(29.9);
        Assert.IsType<MachineState.AwaitingSecondBadge>(bench.State);
        bench.Tick(0.1);

        Assert.IsType<MachineState.Idle>(bench.State);
        Assert.Equal(ReplyKind.SecondBadgeGivenUp, bench.Reply!.Kind);
    }

    [Fact]
    public void A_second_tap_of_the_one_who_waits_gives_up()
    {
        Bench bench = new();
        bench.TapRefused(Lab.Young, AccessReason.TooYoungAlone);

        bench.TapRefused(Lab.Young, AccessReason.TooYoungAlone);

        Assert.IsType<MachineState.Idle>(bench.State);
        Assert.Equal(ReplyKind.SecondBadgeGivenUp, bench.Reply!.Kind);
    }

    [Theory]
    [InlineData(AccessReason.CompanionMayNot)]
    [InlineData(AccessReason.SupervisionRatio)]
    public void A_second_person_who_may_not_lets_the_learner_wait_on(AccessReason reason)
    {
        Bench bench = new();
        bench.TapRefused(Lab.Young, AccessReason.NeedsAccompanying);

        bench.After(5).TapRefused(Lab.Maker, reason);

        Assert.Equal((ReplyKind.Refused, reason), (bench.Reply!.Kind, bench.Reply.Denied!.Reason));
        Assert.IsType<MachineState.AwaitingSecondBadge>(bench.State);
    }

    [Fact]
    public void Only_a_grant_for_the_one_who_waits_with_the_one_who_tapped_counts()
    {
        Bench bench = new();
        bench.TapRefused(Lab.Young, AccessReason.NeedsAccompanying);

        bench.Tap(Lab.Mentor);
        bench.Tap(Lab.Mentor, Bench.Yes(Lab.Young));
        bench.Tap(Lab.Mentor, Bench.Yes(Lab.Young, companion: Lab.Maker));
        bench.Send(new MachineSignal.Tapped(null, null, Bench.Yes(Lab.Young), Lab.Id<SessionId>(900)));
        Assert.IsType<MachineState.AwaitingSecondBadge>(bench.State);
    }

    [Theory]
    [InlineData(AccessReason.TooYoungAlone, true)]
    [InlineData(AccessReason.NeedsAccompanying, true)]
    [InlineData(AccessReason.NeedsSecondPerson, true)]
    [InlineData(AccessReason.ProjectRequired, false)]
    [InlineData(AccessReason.CompanionMayNot, false)]
    public void Only_what_a_second_person_settles_waits_for_one(AccessReason reason, bool waits)
    {
        Bench bench = new();

        bench.TapRefused(Lab.Young, reason);

        Assert.Equal(waits, bench.State is MachineState.AwaitingSecondBadge);
    }

    [Fact]
    public void The_person_beside_may_stop_the_machine()
    {
        Bench bench = new();
        bench.TapRefused(Lab.Young, AccessReason.NeedsAccompanying);
        bench.Tap(Lab.Mentor, Bench.Yes(Lab.Young, companion: Lab.Mentor));

        bench.After(5).TapRefused(Lab.Mentor);

        MachineEvent.SessionEnded ended = bench.Last<MachineEvent.SessionEnded>();
        Assert.Equal((EndReason.CompanionTapped, Lab.Mentor), (ended.Why, ended.By));
    }

    [Fact]
    public void A_resting_machine_changes_hands_without_losing_power()
    {
        Bench bench = new(WithExhaust(Bench.Rule));
        bench.Started();
        bench.Relay(closed: true, RelayChannel.Exhaust);
        SessionId first = bench.LastSession;
        bench.After(10).Power(8, total: 500);
        bench.After(10).Relay(closed: true);

        bench.After(5).Tap(Lab.Mentor);

        Assert.Equal(ReplyKind.HandedOver, bench.Reply!.Kind);
        SessionId second = bench.LastSession;
        Assert.All(bench.Held, held => Assert.Equal(second, held.Session));
        Assert.True(bench.State.Session!.Confirmed);
        bench.After(35).Relay(closed: false);
        bench.Relay(closed: false, RelayChannel.Exhaust);
        LedgerEntry one = bench.Entry(first);
        LedgerEntry two = bench.Entry(second);
        Assert.Equal((25_000L, 35_000L), (one.PoweredMs, two.PoweredMs));
        Assert.Equal((25_000L, 35_000L), (one.ExhaustMs, two.ExhaustMs));
        Assert.Equal((Lab.Maker, Lab.Mentor), (one.Person, two.Person));
        Assert.Equal(one.EndedAt, two.StartedAt);
        Assert.Equal(EndReason.HandedOver, one.Why);
        Assert.Equal(8 * 15 / 3600.0, one.Wh, 6);
    }

    [Fact]
    public void The_journal_of_a_device_that_handed_over_ends_nothing()
    {
        Bench bench = new Bench().Started();
        SessionId first = bench.LastSession;
        bench.After(10).Relay(closed: true, lease: first);
        bench.After(10).Tap(Lab.Mentor);
        SessionId second = bench.LastSession;

        bench.After(0.1).Send(new MachineSignal.RelayReported(RelayChannel.Main, false, bench.Device, first, FromJournal: true, HandedOver: true));
        bench.Send(new MachineSignal.RelayReported(RelayChannel.Main, true, bench.Device, second, FromJournal: true));

        Assert.Equal(second, bench.State.Session?.Id);
        Assert.Equal([(second, true)], bench.Held.Select(held => (held.Session, held.Renew)));
        bench.After(29.9).Send(new MachineSignal.RelayReported(RelayChannel.Main, false, bench.Device, second, FromJournal: true));
        Assert.Null(bench.State.Session);
        Assert.Equal((20_000L, 30_000L), (bench.Entry(first).PoweredMs, bench.Entry(second).PoweredMs));
    }

    [Fact]
    public void A_handover_just_after_the_start_divides_no_more_time_than_there_was_when_the_two_clocks_differ()
    {
        Bench bench = new();
        bench.Tap();
        SessionId first = bench.LastSession;
        // By the gateway's clock the relay closes 17 ms from now: so well do two clocks know each other after a slow round trip.
        DeviceTime closed = bench.Device.ShiftTo(bench.Now + Duration.FromMilliseconds(17));
        bench.Send(new MachineSignal.RelayReported(RelayChannel.Main, true, closed, first, FromJournal: true));

        bench.Tap(Lab.Mentor);

        SessionId second = bench.LastSession;
        bench.After(30);
        DeviceTime opened = bench.Device;
        bench.Send(new MachineSignal.RelayReported(RelayChannel.Main, false, opened, second, FromJournal: true));
        Assert.Equal(closed.MsUntil(opened), bench.Entry(first).PoweredMs + bench.Entry(second).PoweredMs);
    }

    [Fact]
    public void Energy_of_a_handover_adds_up_to_the_meter()
    {
        Bench bench = new Bench().Started();
        SessionId first = bench.LastSession;
        bench.After(60).Power(10, total: 1000);
        bench.After(60).Tap(Lab.Mentor);
        bench.After(60).Power(10, total: 1001);
        bench.Send(new MachineSignal.RelayReported(RelayChannel.Main, false, bench.Device, MeterWh: 1001));

        double before = 1000 - (bench.Entry(first).Wh - 10 * 60 / 3600.0);
        Assert.Equal(1001 - before, bench.Entry(first).Wh + bench.Entry().Wh, 6);
    }

    [Fact]
    public void A_working_machine_does_not_change_hands()
    {
        Bench bench = new Bench().Working();

        bench.Tap(Lab.Mentor);

        Assert.Equal(ReplyKind.Refused, bench.Reply!.Kind);
        Assert.Equal(Lab.Maker, bench.State.Session!.Person);
    }

    [Fact]
    public void A_machine_changes_hands_only_where_the_rule_says_so()
    {
        Bench bench = new(Bench.Rule with { Handover = false });
        bench.Started();

        bench.Tap(Lab.Mentor);

        Assert.Equal(Lab.Maker, bench.State.Session!.Person);
    }

    [Fact]
    public void A_machine_whose_relay_is_in_doubt_does_not_change_hands()
    {
        Bench unconfirmed = new();
        unconfirmed.Tap();
        Bench lost = new Bench().Started();
        lost.Send(new MachineSignal.LinkLost(lost.Now));
        Bench back = new Bench().Started();
        back.Send(new MachineSignal.LinkLost(back.Now));
        back.Send(new MachineSignal.LinkRestored());

        foreach (Bench bench in (Bench[])[unconfirmed, lost, back])
        {
            bench.Tap(Lab.Mentor);
            Assert.Equal(Lab.Maker, bench.State.Session!.Person);
        }
    }

    [Fact]
    public void A_project_can_be_chosen_later_and_counts_for_the_whole_session()
    {
        Bench bench = new Bench().Started();

        bench.Send(new MachineSignal.ProjectChosen(Lab.Chair));

        Assert.Equal(ReplyKind.ProjectNoted, bench.Reply!.Kind);
        Assert.Equal(Lab.Chair, bench.State.Session!.Project);
        Assert.Equal(Lab.Chair, bench.Entry().Project);
        Assert.Empty(bench.Send(new MachineSignal.ProjectChosen(Lab.Chair)).Events);
        bench.Send(new MachineSignal.ProjectChosen(null));
        Assert.Null(bench.Entry().Project);
    }

    [Fact]
    public void What_cannot_be_done_now_changes_nothing_and_says_so()
    {
        Bench bench = new();
        MachineSignal[] signals =
        [
            new MachineSignal.ProjectChosen(Lab.Chair), new MachineSignal.Extended(Bench.Yes(Lab.Maker)), new MachineSignal.StopRequested(Lab.Staff),
            new MachineSignal.StopRequested(null), new MachineSignal.FaultCleared(Lab.Staff),
            new MachineSignal.LockOutReleased(new LockOutRelease(Lab.Id<LockOutId>(1), Lab.Staff, bench.Now)),
        ];

        foreach (MachineSignal signal in signals)
        {
            MachineTurn turn = bench.Send(signal);
            Assert.Empty(turn.Events);
            Assert.Equal(ReplyKind.NothingToDo, turn.Reply!.Kind);
        }
    }

    [Fact]
    public void A_session_is_stopped_from_a_screen()
    {
        Bench bench = new Bench().Working();

        bench.Send(new MachineSignal.StopRequested(Lab.Staff));

        MachineEvent.SessionEnded ended = bench.Last<MachineEvent.SessionEnded>();
        Assert.Equal((EndReason.StoppedFromScreen, Lab.Staff), (ended.Why, ended.By));
        Assert.Empty(bench.Held);
    }

    [Fact]
    public void A_gateway_that_is_stopped_leaves_nothing_on()
    {
        MachineRule rule = WithExhaust(Bench.Rule) with { CoolDown = new CoolDownRule(Minute, RelayChannel.Exhaust) };
        Bench running = new(rule);
        running.Started();
        Bench cooling = new(rule);
        cooling.Started().Tap();
        Bench waiting = new(rule);
        waiting.TapRefused(Lab.Young, AccessReason.NeedsAccompanying);

        foreach (Bench bench in (Bench[])[running, cooling, waiting])
        {
            bench.Send(new MachineSignal.StopRequested(null));
            Assert.IsType<MachineState.Idle>(bench.State);
            Assert.Empty(bench.Held);
        }

        Assert.Equal(EndReason.GatewayStopped, running.Last<MachineEvent.SessionEnded>().Why);
    }

    [Fact]
    public void When_nothing_can_be_written_down_everything_is_off()
    {
        MachineRule rule = WithExhaust(Bench.Rule) with { CoolDown = new CoolDownRule(Minute, RelayChannel.Exhaust) };
        Bench running = new Bench(rule).Working();
        Bench cooling = new(rule);
        cooling.Started().Tap();
        Bench pending = new Bench(rule).Working();
        pending.Send(new MachineSignal.LockOutRequested(new LockOut(Lab.Id<LockOutId>(1), "courroie", Lab.Staff, Lab.Now, Mode: LockOutMode.WhenIdle)));

        foreach (Bench bench in (Bench[])[running, cooling, pending])
        {
            bench.Send(new MachineSignal.StorageFailed());
            Assert.Empty(bench.Held);
            Assert.Null(bench.State.Session);
        }

        Assert.Equal(EndReason.StorageFailure, running.Last<MachineEvent.SessionEnded>().Why);
        Assert.IsType<MachineState.LockedOut>(pending.State);
    }

    internal static MachineRule WithExhaust(MachineRule rule) =>
        rule with { Devices = rule.Devices.Add(new DeviceBinding(DeviceRole.Exhaust, new DeviceId("box"), 1)) };
}
