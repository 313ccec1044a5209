using FabLab.Core.Access;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using NodaTime;

namespace FabLab.Core.Tests.Sessions;

/// <summary>A gateway that starts again, what it reads back, and gaps in what the device tells.</summary>
public sealed class RestartTests
{
    private static readonly MachineRule Finishing = Bench.Rule with { LostLink = LostLinkRule.Finish, LostLinkCap = Duration.FromHours(2) };

    [Fact]
    public void After_a_restart_of_the_gateway_a_use_goes_on_only_by_the_word_of_the_device_within_the_lease()
    {
        Bench bench = new Bench().Started();
        bench.After(10).Relay(closed: true);
        Instant renewed = bench.Now;
        bench.After(15).Send(new MachineSignal.GatewayRestarted(renewed));

        Assert.Equal([false], bench.Held.Select(held => held.Renew));
        bench.After(2).Relay(closed: true);

        Assert.Equal([true], bench.Held.Select(held => held.Renew));
        Assert.Equal(Lab.Maker, bench.State.Session!.Person);
    }

    [Fact]
    public void After_a_restart_within_the_lease_without_word_of_the_device_the_use_ends_with_the_lease()
    {
        Bench bench = new Bench().Started();
        bench.After(10).Relay(closed: true);
        Instant renewed = bench.Now;
        bench.After(15).Send(new MachineSignal.GatewayRestarted(renewed));

        bench.Tick(15);

        Assert.Null(bench.State.Session);
        Assert.Equal((10_000L, 30_000L), (bench.Entry().PoweredMs, bench.Entry().UnknownMs));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void After_a_long_absence_of_the_gateway_the_machine_waits_for_a_new_tap(bool renewalKnown)
    {
        Bench bench = new Bench().Started();
        bench.After(10).Relay(closed: true);
        Instant renewed = bench.Now;
        bench.After(60).Send(new MachineSignal.GatewayRestarted(renewalKnown ? renewed : null));

        Assert.Equal(EndReason.GatewayRestarted, bench.Last<MachineEvent.SessionEnded>().Why);
        Assert.Empty(bench.Held);
        Assert.Equal((10_000L, renewalKnown ? 30_000L : 90_000L), (bench.Entry().PoweredMs, bench.Entry().UnknownMs));
        bench.Send(Opened(bench.Device.ShiftTo(renewed + Duration.FromSeconds(29))));
        Assert.Equal((39_000L, 0L), (bench.Entry().PoweredMs, bench.Entry().UnknownMs));
        Assert.Empty(bench.Held);
    }

    [Fact]
    public void After_a_restart_a_printer_that_prints_on_is_kept()
    {
        Bench bench = new Bench(Finishing).Working();
        bench.Relay(closed: true);
        bench.After(1800).Send(new MachineSignal.GatewayRestarted(null));
        Assert.Equal([false], bench.Held.Select(held => held.Renew));

        bench.After(1).Relay(closed: true);

        Assert.Equal([true], bench.Held.Select(held => held.Renew));
    }

    [Fact]
    public void A_restart_ends_waiting_and_cooling()
    {
        Bench waiting = new();
        waiting.TapRefused(Lab.Young, AccessReason.NeedsAccompanying);
        Bench cooling = new Bench(Bench.Rule with { CoolDown = new CoolDownRule(Duration.FromMinutes(5), RelayChannel.Main) }).Started();
        cooling.Tap();
        Bench idle = new();

        foreach (Bench bench in (Bench[])[waiting, cooling, idle])
        {
            bench.After(1).Send(new MachineSignal.GatewayRestarted(bench.Now));
            Assert.IsType<MachineState.Idle>(bench.State);
            Assert.Empty(bench.Held);
        }
    }

    [Fact]
    public void A_restart_while_the_link_was_lost_counts_from_the_last_renewal()
    {
        Bench bench = new Bench().Started();
        bench.After(10).Relay(closed: true);
        bench.Send(new MachineSignal.LinkLost(bench.Now));

        bench.After(20).Send(new MachineSignal.GatewayRestarted(null));
        Assert.NotNull(bench.State.Session);
        bench.After(10).Send(new MachineSignal.GatewayRestarted(null));

        Assert.Equal((10_000L, 30_000L), (bench.Entry().PoweredMs, bench.Entry().UnknownMs));
        Assert.Null(bench.State.Session);
    }

    [Fact]
    public void A_state_read_back_from_the_journal_goes_on_like_the_one_in_memory()
    {
        Bench bench = new Bench().Working();
        for (int s = 0; s < 150; s++)
        {
            bench.After(1).Power(100, total: 10 + s);
        }

        bench.State = bench.Events.Where(e => e.Durable).Aggregate(MachineState.New, MachineSessions.Evolve);

        Assert.IsType<MachineState.Running>(bench.State);
        Assert.True(bench.Now - bench.State.Tracks.Main!.LastSeen.At <= Duration.FromMinutes(1), "a checkpoint a minute");
        bench.After(3).Tap();
        bench.Relay(closed: false);
        Assert.Equal(160_000, bench.Entry(bench.Last<MachineEvent.SessionEnded>().Session).PoweredMs);
    }

    [Fact]
    public void Checkpoints_are_rare()
    {
        Bench bench = new Bench().Working();
        for (int s = 0; s < 600; s++)
        {
            bench.After(1).Power(100);
            bench.Tick(0);
        }

        Assert.InRange(bench.Events.OfType<MachineEvent.Checkpoint>().Count(), 9, 10);
    }

    [Fact]
    public void A_gap_in_the_devices_journal_is_put_on_record_as_unknown()
    {
        Bench bench = new Bench().Started();
        bench.After(100).Send(new MachineSignal.UnknownTime(bench.Now - Duration.FromSeconds(40), bench.Now));
        Bench idle = new();
        idle.Send(new MachineSignal.UnknownTime(idle.Now - Duration.FromSeconds(40), idle.Now));

        Assert.Equal(40_000, bench.Entry().UnknownMs);
        Assert.Equal(MachineAlarm.JournalGap, bench.Last<MachineEvent.AlarmRaised>().Kind);
        LedgerEntry nobody = Assert.Single(idle.Ledger.Entries());
        Assert.Equal((null, 40_000L), (nobody.Session, nobody.UnknownMs));
        Assert.Empty(bench.Send(new MachineSignal.UnknownTime(bench.Now, bench.Now)).Events);
        bench.Send(new MachineSignal.UnknownTime(Lab.Now - Duration.FromHours(1), Lab.Now));
        Assert.Equal(40_000, bench.Entry().UnknownMs);
    }

    /// <summary>The journal's record that the main relay opened.</summary>
    private static MachineSignal.RelayReported Opened(DeviceTime at) => new(RelayChannel.Main, false, at, FromJournal: true);
}
