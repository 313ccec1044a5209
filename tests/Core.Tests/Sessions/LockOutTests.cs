using FabLab.Core.Access;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using NodaTime;

namespace FabLab.Core.Tests.Sessions;

/// <summary>Lock-outs, faults of relays, rights withdrawn, and uses that the device granted by itself.</summary>
public sealed class LockOutTests
{
    private static readonly LockOut Now = new(Lab.Id<LockOutId>(1), "courroie", Lab.Staff, Lab.Now);
    private static readonly LockOut Later = Now with { Mode = LockOutMode.WhenIdle };
    private static readonly LockOutRelease Release = new(Now.Id, Lab.Staff, Lab.Now);

    [Fact]
    public void A_lock_out_ends_the_use_at_once_with_nothing_left_on()
    {
        MachineRule rule = StartAndStopTests.WithExhaust(Bench.Rule) with { CoolDown = new CoolDownRule(Duration.FromMinutes(2), RelayChannel.Exhaust) };
        Bench running = new Bench(rule).Working();
        Bench cooling = new(rule);
        cooling.Started().Tap();
        Bench waiting = new(rule);
        waiting.TapRefused(Lab.Young, AccessReason.NeedsAccompanying);
        Bench idle = new(rule);

        foreach (Bench bench in (Bench[])[running, cooling, waiting, idle])
        {
            bench.Send(new MachineSignal.LockOutRequested(Now));
            Assert.Equal(Now, Assert.IsType<MachineState.LockedOut>(bench.State).LockOut);
            Assert.Empty(bench.Held);
            bench.Tap();
            Assert.Equal(ReplyKind.Refused, bench.Reply!.Kind);
            Assert.Empty(bench.Held);
            Assert.Empty(bench.Send(new MachineSignal.LockOutRequested(Now)).Events);
        }

        Assert.Equal((EndReason.LockedOut, Lab.Staff), (running.Last<MachineEvent.SessionEnded>().Why, running.Last<MachineEvent.SessionEnded>().By));
    }

    [Fact]
    public void A_lock_out_can_wait_for_the_end_of_the_use()
    {
        Bench bench = new Bench(Bench.Rule with { CoolDown = new CoolDownRule(Duration.FromMinutes(2), RelayChannel.Main) }).Working();

        bench.Send(new MachineSignal.LockOutRequested(Later));

        Assert.Equal("lock_out_pending", bench.State.Code);
        Assert.NotEmpty(bench.Held);
        Assert.True(MachineSessions.IsWorking(bench.State));
        Assert.Equal(Later, MachineSessions.Question(bench.State, Lab.Tap, Lab.Mentor).LockOut);
        for (int s = 0; s < 40; s++)
        {
            bench.After(1).Power(3);
        }

        Assert.False(MachineSessions.IsWorking(bench.State));
        bench.Tap(Lab.Mentor);
        Assert.Equal(Lab.Maker, bench.State.Session!.Person);
        bench.Tap();
        Assert.Equal("lock_out_pending", bench.State.Code);
        Assert.NotEmpty(bench.Held);
        bench.Tap(Lab.Mentor);
        Assert.Null(bench.State.Session);
        bench.Tick(120);
        Assert.Equal(Later, Assert.IsType<MachineState.LockedOut>(bench.State).LockOut);
        Assert.Empty(bench.Held);
    }

    [Fact]
    public void A_lock_out_that_may_wait_takes_hold_at_once_where_nothing_goes_on()
    {
        Bench bench = new();
        Bench waiting = new();
        waiting.TapRefused(Lab.Young, AccessReason.NeedsAccompanying);

        bench.Send(new MachineSignal.LockOutRequested(Later));
        waiting.Send(new MachineSignal.LockOutRequested(Later));

        Assert.IsType<MachineState.LockedOut>(bench.State);
        Assert.IsType<MachineState.LockedOut>(waiting.State);
    }

    [Fact]
    public void A_waiting_lock_out_can_be_made_immediate_and_released()
    {
        Bench bench = new Bench().Working();
        bench.Send(new MachineSignal.LockOutRequested(Later));
        bench.Send(new MachineSignal.LockOutReleased(Release));
        Assert.IsType<MachineState.Running>(bench.State);
        bench.Send(new MachineSignal.LockOutRequested(Later));

        bench.Send(new MachineSignal.LockOutRequested(Now));

        Assert.Equal(Now, Assert.IsType<MachineState.LockedOut>(bench.State).LockOut);
        bench.Send(new MachineSignal.LockOutReleased(Release));
        Assert.IsType<MachineState.Idle>(bench.State);
        Assert.Equal(Lab.Staff, bench.Last<MachineEvent.LockOutLifted>().By);
        Assert.Empty(bench.Held);
    }

    [Fact]
    public void Neither_a_power_cut_nor_a_restart_ends_a_lock_out()
    {
        Bench bench = new();
        bench.Send(new MachineSignal.LockOutRequested(Now));
        bench.State = bench.Events.Where(e => e.Durable).Aggregate(MachineState.New, MachineSessions.Evolve);
        bench.Boot = 2;
        bench.BootedAt = bench.Now;

        bench.Send(new MachineSignal.GatewayRestarted(null));
        bench.Send(new MachineSignal.DeviceBooted(bench.Device));
        bench.Send(new MachineSignal.LinkLost(null));
        bench.Send(new MachineSignal.LinkRestored());
        bench.Tick(100_000);

        Assert.IsType<MachineState.LockedOut>(bench.State);
    }

    [Fact]
    public void Only_its_own_release_ends_a_lock_out()
    {
        Bench bench = new();
        bench.Send(new MachineSignal.LockOutRequested(Now));

        bench.Send(new MachineSignal.LockOutReleased(Release with { LockOut = Lab.Id<LockOutId>(2) }));

        Assert.Equal(ReplyKind.NothingToDo, bench.Reply!.Kind);
        Assert.IsType<MachineState.LockedOut>(bench.State);
    }

    [Fact]
    public void Lock_outs_and_releases_come_with_the_rules()
    {
        Bench bench = new Bench().Working();

        bench.Machine = Bench.Rule with { LockOut = Now };
        bench.Send(new MachineSignal.PolicyChanged(null));
        Assert.IsType<MachineState.LockedOut>(bench.State);
        Assert.Empty(bench.Send(new MachineSignal.PolicyChanged(null)).Events);
        bench.Machine = Bench.Rule;
        bench.Send(new MachineSignal.PolicyChanged(null));
        Assert.IsType<MachineState.LockedOut>(bench.State);
        bench.Machine = Bench.Rule with { LockOut = Now, Released = Release };
        bench.Send(new MachineSignal.PolicyChanged(null));
        Assert.IsType<MachineState.Idle>(bench.State);
        bench.Machine = Bench.Rule with { LockOut = Now with { Id = Lab.Id<LockOutId>(2) }, Released = Release };
        bench.Send(new MachineSignal.PolicyChanged(null));
        Assert.IsType<MachineState.LockedOut>(bench.State);
    }

    [Fact]
    public void A_right_that_is_withdrawn_ends_the_use()
    {
        Bench bench = new Bench().Working();

        bench.Send(new MachineSignal.PolicyChanged(Bench.No(AccessReason.CompanionMayNot)));

        MachineEvent.SessionEnded ended = bench.Last<MachineEvent.SessionEnded>();
        Assert.Equal((EndReason.AccessWithdrawn, AccessReason.CompanionMayNot), (ended.Why, ended.Withdrawn));
        Assert.Empty(bench.Held);
        Assert.Empty(bench.Send(new MachineSignal.PolicyChanged(Bench.No(AccessReason.CompanionMayNot))).Events);
    }

    [Fact]
    public void A_use_that_may_not_be_written_down_any_more_ends_as_such()
    {
        Bench bench = new Bench().Working();

        bench.Send(new MachineSignal.PolicyChanged(Bench.No(AccessReason.StorageFailure)));

        Assert.Equal(EndReason.StorageFailure, bench.Last<MachineEvent.SessionEnded>().Why);
    }

    [Fact]
    public void New_rules_shorten_a_use_and_never_lengthen_it()
    {
        Bench bench = new();
        bench.Started(Bench.Yes(Lab.Maker, Lab.Now + Duration.FromHours(2), LimitReason.Closing));

        bench.Send(new MachineSignal.PolicyChanged(Bench.Yes(Lab.Maker, Lab.Now + Duration.FromHours(3), LimitReason.Closing)));
        bench.Send(new MachineSignal.PolicyChanged(Bench.Yes(Lab.Maker)));
        Assert.Equal(Lab.Now + Duration.FromHours(2), bench.State.Session!.Until);
        bench.Send(new MachineSignal.PolicyChanged(Bench.Yes(Lab.Maker, Lab.Now + Duration.FromHours(1), LimitReason.NextBooking)));

        Assert.Equal((Lab.Now + Duration.FromHours(1), LimitReason.NextBooking), (bench.State.Session!.Until, bench.State.Session.Limit));
        Bench endless = new Bench().Started();
        endless.Send(new MachineSignal.PolicyChanged(Bench.Yes(Lab.Maker, Lab.Now + Duration.FromHours(1), LimitReason.Closing)));
        Assert.Equal(Lab.Now + Duration.FromHours(1), endless.State.Session!.Until);
    }

    [Fact]
    public void Current_through_an_open_relay_is_a_welded_contact()
    {
        Bench bench = new Bench().Started();
        SessionId session = bench.LastSession;
        bench.After(10).Tap();
        bench.After(0.5).Relay(closed: false);
        for (int s = 0; s < 5; s++)
        {
            bench.After(1).Power(200, total: 700 + s);
        }

        Assert.IsType<MachineState.Idle>(bench.State);
        bench.After(1).Power(200, total: 705);

        MachineState.Fault fault = Assert.IsType<MachineState.Fault>(bench.State);
        Assert.Equal(MachineFault.WeldedContact, fault.Kind);
        Assert.Null(fault.LockOut.Author);
        Assert.Equal("fault", bench.State.Code);
        bench.Tap();
        Assert.Equal(ReplyKind.Refused, bench.Reply!.Kind);
        for (int s = 0; s < 60; s++)
        {
            bench.After(1).Power(200);
        }

        bench.After(1).Power(2);
        LedgerEntry nobody = Assert.Single(bench.Ledger.Entries(), entry => entry.Session is null);
        Assert.Equal((65_000L, 1_000L), (nobody.PoweredMs, nobody.UnknownMs));
        Assert.Null(nobody.Person);
        Assert.Equal(10_500, bench.Entry(session).PoweredMs);
        Assert.InRange(nobody.Wh, 65 * 200 / 3600.0 - 0.01, 66 * 200 / 3600.0 + 0.01);
    }

    [Fact]
    public void A_meter_that_lags_is_no_welded_contact()
    {
        Bench bench = new Bench().Started();
        bench.After(1).Power(200);
        bench.After(10).Tap();
        bench.After(0.5).Relay(closed: false);
        for (int round = 0; round < 10; round++)
        {
            bench.After(2).Power(200);
            bench.After(2).Power(200);
            bench.After(0.9).Power(200);
            bench.After(1).Power(10);
        }

        Assert.IsType<MachineState.Idle>(bench.State);
    }

    [Fact]
    public void A_session_that_waits_for_its_relay_is_no_welded_contact()
    {
        Bench bench = new();
        bench.Tap();
        for (int s = 0; s < 9; s++)
        {
            bench.After(1).Power(200);
        }

        Assert.NotNull(bench.State.Session);
    }

    [Fact]
    public void A_fault_is_looked_at_and_then_released()
    {
        Bench bench = Welded();

        bench.Send(new MachineSignal.FaultCleared(Lab.Staff));
        MachineState.LockedOut locked = Assert.IsType<MachineState.LockedOut>(bench.State);
        bench.Send(new MachineSignal.LockOutReleased(new LockOutRelease(locked.LockOut.Id, Lab.Staff, bench.Now)));
        Assert.IsType<MachineState.Idle>(bench.State);

        Bench atOnce = Welded();
        LockOutId id = atOnce.State.ActiveLockOut!.Id;
        atOnce.Machine = Bench.Rule with { Released = new LockOutRelease(id, Lab.Staff, atOnce.Now) };
        atOnce.Send(new MachineSignal.PolicyChanged(null));
        Assert.IsType<MachineState.Idle>(atOnce.State);
        Assert.Single(atOnce.Events.OfType<MachineEvent.FaultSettled>());
    }

    [Fact]
    public void A_fault_keeps_the_lock_out_that_somebody_set()
    {
        Bench bench = new();
        bench.Send(new MachineSignal.LockOutRequested(Now));
        Weld(bench);

        Assert.Equal(Now, Assert.IsType<MachineState.Fault>(bench.State).LockOut);
        LockOut other = Now with { Id = Lab.Id<LockOutId>(2) };
        bench.Send(new MachineSignal.LockOutRequested(other));
        Assert.Equal(other, Assert.IsType<MachineState.Fault>(bench.State).LockOut);
    }

    [Fact]
    public void A_weld_during_cool_down_or_waiting_leaves_nothing_on()
    {
        MachineRule rule = StartAndStopTests.WithExhaust(Bench.Rule) with { CoolDown = new CoolDownRule(Duration.FromMinutes(2), RelayChannel.Exhaust) };
        Bench cooling = new(rule);
        cooling.Started().Tap();
        cooling.Relay(closed: false);
        Bench waiting = new(rule);
        waiting.TapRefused(Lab.Young, AccessReason.NeedsAccompanying);
        Bench pending = new(rule);
        pending.Started().Tap();
        pending.Relay(closed: false);
        pending.Send(new MachineSignal.LockOutRequested(Later));

        foreach (Bench bench in (Bench[])[cooling, waiting, pending])
        {
            Weld(bench);
            Assert.IsType<MachineState.Fault>(bench.State);
            Assert.Empty(bench.Held);
        }
    }

    [Fact]
    public void A_relay_that_stays_closed_after_its_lease_is_a_fault_and_its_time_is_counted()
    {
        Bench bench = new Bench().Started();
        SessionId session = bench.LastSession;
        bench.After(10).Tap();
        for (int s = 0; s < 40; s++)
        {
            bench.After(1).Relay(closed: true);
        }

        Assert.IsType<MachineState.Idle>(bench.State);
        bench.After(1).Relay(closed: true);

        Assert.Equal(MachineFault.ClosedUnasked, Assert.IsType<MachineState.Fault>(bench.State).Kind);
        bench.After(9).Relay(closed: false);
        Assert.Equal(60_000, bench.Entry(session).PoweredMs);
    }

    [Fact]
    public void A_relay_that_closes_without_being_asked_is_nobodys_time_and_soon_a_fault()
    {
        Bench bench = new();
        bench.Relay(closed: true);
        bench.After(10).Relay(closed: true);
        Assert.IsType<MachineState.Idle>(bench.State);
        bench.After(1).Relay(closed: true);
        Assert.IsType<MachineState.Fault>(bench.State);
        bench.After(4).Relay(closed: false);

        LedgerEntry nobody = Assert.Single(bench.Ledger.Entries());
        Assert.Equal((null, 15_000L), (nobody.Person, nobody.PoweredMs));
    }

    [Fact]
    public void A_relay_pressed_by_hand_and_opened_again_is_nobodys_time_and_no_fault()
    {
        Bench bench = new();
        bench.Relay(closed: true);
        bench.After(3).Relay(closed: false);
        bench.Tick(100);

        Assert.IsType<MachineState.Idle>(bench.State);
        Assert.Equal(3_000, Assert.Single(bench.Ledger.Entries()).PoweredMs);
    }

    [Fact]
    public void A_replayed_record_names_its_session_and_the_time_is_that_sessions()
    {
        Bench bench = new();
        SessionId earlier = Lab.Id<SessionId>(77);
        DeviceTime closed = bench.Device;
        DeviceTime opened = bench.After(20).Device;
        bench.After(3600);

        bench.Send(new MachineSignal.RelayReported(RelayChannel.Main, true, closed, earlier));
        bench.Send(new MachineSignal.RelayReported(RelayChannel.Main, false, opened, earlier));

        Assert.IsType<MachineState.Idle>(bench.State);
        Assert.Equal(20_000, bench.Entry(earlier).PoweredMs);
    }

    [Fact]
    public void A_use_by_the_devices_own_list_is_recorded_once_however_often_it_is_told()
    {
        Bench bench = new();
        OfflineUseRecord use = Use(bench) with { To = bench.Device.ShiftTo(bench.Now + Duration.FromMinutes(3)), WorkingMs = 60_000, Wh = 12.5 };
        bench.After(3600);

        bench.Send(new MachineSignal.OfflineUse(use));
        bench.Send(new MachineSignal.OfflineUse(use));

        LedgerEntry entry = Assert.Single(bench.Ledger.Entries());
        Assert.Equal((Lab.Maker, 180_000L, 60_000L, 12.5, true, EndReason.Offline, true), (entry.Person, entry.PoweredMs, entry.WorkingMs, entry.Wh, entry.Offline, entry.Why, entry.Settled));
        Assert.IsType<MachineState.Idle>(bench.State);
        Assert.Empty(bench.Held);
    }

    [Fact]
    public void A_use_by_a_badge_of_nobody_is_recorded_all_the_same_with_an_alarm()
    {
        Bench bench = new();
        OfflineUseRecord use = Use(bench) with { Person = null, PoweredMs = 5_000, To = bench.Device };

        bench.Send(new MachineSignal.OfflineUse(use));

        Assert.Equal(MachineAlarm.OfflineUseByNobody, bench.Last<MachineEvent.AlarmRaised>().Kind);
        LedgerEntry entry = bench.Entry(use.Session);
        Assert.Equal((null, 5_000L), (entry.Person, entry.PoweredMs));
    }

    [Fact]
    public void A_use_that_goes_on_when_the_device_is_back_is_taken_over_if_it_may_go_on()
    {
        Bench bench = new();
        OfflineUseRecord use = Use(bench);
        bench.After(600).Relay(closed: true, lease: use.Session);

        bench.Send(new MachineSignal.OfflineUse(use, Bench.Yes(Lab.Maker, bench.Now + Duration.FromHours(1), LimitReason.Closing)));
        bench.Send(new MachineSignal.RelayReported(RelayChannel.Main, true, use.From, use.Session, FromJournal: true));

        Assert.Equal((use.Session, true, use.From.At), (bench.State.Session!.Id, bench.State.Session.Offline, bench.State.Session.StartedAt));
        Assert.Equal((use.Session, true), (Assert.Single(bench.Held).Session, bench.Held[0].Renew));
        Assert.Empty(bench.Send(new MachineSignal.OfflineUse(use, Bench.Yes(Lab.Maker))).Events);
        bench.Tick(30);
        Assert.NotNull(bench.State.Session);
        bench.After(90).Send(new MachineSignal.OfflineUse(use with { To = bench.Device, PoweredMs = 720_000 }));
        Assert.Null(bench.State.Session);
        LedgerEntry entry = Assert.Single(bench.Ledger.Entries());
        Assert.Equal((720_000L, true, true), (entry.PoweredMs, entry.Offline, entry.Settled));
        Assert.Equal(0, entry.UnknownMs);
    }

    [Theory]
    [InlineData("denied")]
    [InlineData("locked out")]
    [InlineData("not asked")]
    [InlineData("not said to be closed")]
    [InlineData("for somebody else")]
    public void A_use_that_may_not_go_on_or_is_not_sure_to_is_not_held_and_its_time_is_not_lost(string why)
    {
        Bench bench = new();
        if (why == "locked out")
        {
            bench.Send(new MachineSignal.LockOutRequested(Now));
        }

        OfflineUseRecord use = Use(bench);
        bench.After(600);
        if (why != "not said to be closed")
        {
            bench.Relay(closed: true, lease: use.Session);
        }

        bench.Send(new MachineSignal.OfflineUse(use, why switch
        {
            "denied" => Bench.No(AccessReason.MembershipEnded),
            "not asked" => null,
            "for somebody else" => Bench.Yes(Lab.Mentor),
            _ => Bench.Yes(Lab.Maker),
        }));
        bench.Send(new MachineSignal.RelayReported(RelayChannel.Main, true, use.From, use.Session, FromJournal: true));
        bench.Send(new MachineSignal.RelayReported(RelayChannel.Main, true, use.From, use.Session, FromJournal: true));

        Assert.Empty(bench.Held);
        Assert.Null(bench.State.Session);
        Assert.False(bench.Entry(use.Session).Settled);
        bench.After(1).Send(new MachineSignal.RelayReported(RelayChannel.Main, false, bench.Device, use.Session, FromJournal: true));
        bench.Send(new MachineSignal.RelayReported(RelayChannel.Main, true, use.From, use.Session, FromJournal: true));
        LedgerEntry entry = Assert.Single(bench.Ledger.Entries());
        Assert.Equal((Lab.Maker, 601_000L, bench.Now, EndReason.Offline, true), (entry.Person, entry.PoweredMs, entry.EndedAt, entry.Why, entry.Settled));
        bench.Send(new MachineSignal.OfflineUse(use with { To = bench.Device, PoweredMs = 601_000 }));
        Assert.Equal(601_000, bench.Entry(use.Session).PoweredMs);
    }

    [Fact]
    public void The_id_of_an_offline_session_comes_from_its_record()
    {
        DeviceId box = new("box");

        Assert.Equal(DerivedIds.Session(box, 3, 9), DerivedIds.Session(box, 3, 9));
        Assert.Equal(4, new HashSet<SessionId>
        {
            DerivedIds.Session(box, 3, 9), DerivedIds.Session(box, 9, 3), DerivedIds.Session(box, 3, 10), DerivedIds.Session(new DeviceId("box2"), 3, 9),
        }.Count);
        Assert.Equal(8, DerivedIds.Session(box, 3, 9).Value.Version);
    }

    private static OfflineUseRecord Use(Bench bench) => new()
    {
        Session = DerivedIds.Session(new DeviceId("box"), 1, 40), Person = Lab.Maker, Badge = Lab.MakerBadge, From = bench.Device, ListVersion = 12,
    };

    private static Bench Welded()
    {
        Bench bench = new();
        Weld(bench);
        return bench;
    }

    private static void Weld(Bench bench)
    {
        for (int s = 0; s < 6; s++)
        {
            bench.After(1).Power(200);
        }
    }
}
