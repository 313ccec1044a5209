using FabLab.Core.Access;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using NodaTime;

namespace FabLab.Core.Tests.Sessions;

/// <summary>Relays that do not do what they are told.</summary>
public sealed class FaultTests
{
    private static readonly LockOut Now = new(Lab.Id<LockOutId>(1), "courroie", Lab.Staff, Lab.Now);
    private static readonly LockOut Later = Now with { Mode = LockOutMode.WhenIdle };

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
