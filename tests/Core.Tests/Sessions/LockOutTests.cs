using FabLab.Core.Access;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using NodaTime;

namespace FabLab.Core.Tests.Sessions;

/// <summary>Lock-outs and rights withdrawn.</summary>
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
}
