using FabLab.Core.Access;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using NodaTime;

namespace FabLab.Core.Tests.Sessions;

/// <summary>Links that break, devices and gateways that start anew, and the time nobody saw.</summary>
public sealed class LostLinkTests
{
    private static readonly MachineRule Finishing = Bench.Rule with { LostLink = LostLinkRule.Finish, LostLinkCap = Duration.FromHours(2) };

    [Fact]
    public void A_device_out_of_reach_is_part_of_the_question()
    {
        Bench bench = new();

        bench.Send(new MachineSignal.LinkLost(null));
        Assert.False(MachineSessions.Question(bench.State, Lab.Tap, Lab.Maker).Reachable);
        bench.Send(new MachineSignal.LinkRestored());

        Assert.True(MachineSessions.Question(bench.State, Lab.Tap, Lab.Maker).Reachable);
        Assert.Empty(bench.Send(new MachineSignal.LinkRestored()).Events);
    }

    [Fact]
    public void The_first_word_about_a_machine_that_nobody_has_used_is_on_record_once()
    {
        Bench bench = new();

        Assert.IsType<MachineEvent.LinkCameBack>(Assert.Single(bench.Send(new MachineSignal.LinkRestored()).Events));

        Assert.Equal("idle", bench.State.Code);
        Assert.Empty(bench.Send(new MachineSignal.LinkRestored()).Events);
    }

    [Fact]
    public void A_short_break_of_the_link_ends_nothing_once_the_device_says_that_it_still_holds()
    {
        Bench bench = new Bench().Started();
        bench.After(10).Relay(closed: true);
        bench.Send(new MachineSignal.LinkLost(bench.Now));
        bench.Tick(20);

        bench.Send(new MachineSignal.LinkRestored());

        Assert.Equal([false], bench.Held.Select(held => held.Renew));
        bench.After(1).Relay(closed: true);
        Assert.Equal([true], bench.Held.Select(held => held.Renew));
        bench.Tick(100);
        Assert.NotNull(bench.State.Session);
        bench.Tap();
        bench.After(0.5).Relay(closed: false);
        LedgerEntry entry = bench.Entry(bench.Last<MachineEvent.SessionEnded>().Session);
        Assert.Equal((131_500L, 0L), (entry.PoweredMs, entry.UnknownMs));
    }

    [Fact]
    public void An_old_word_of_the_relay_is_no_proof()
    {
        Bench bench = new Bench().Started();
        DeviceTime old = bench.Device;
        bench.After(10);
        bench.Send(new MachineSignal.LinkLost(bench.Now));
        bench.After(5).Send(new MachineSignal.LinkRestored());

        bench.Send(new MachineSignal.RelayReported(RelayChannel.Main, true, old));

        Assert.Equal([false], bench.Held.Select(held => held.Renew));
    }

    [Fact]
    public void When_the_link_stays_lost_the_use_ends_with_the_lease_and_what_nobody_saw_is_unknown()
    {
        Bench bench = new Bench().Started();
        bench.After(10).Relay(closed: true);
        Instant renewed = bench.Now;
        bench.Send(new MachineSignal.LinkLost(renewed));

        bench.Tick(29.9);
        Assert.NotNull(bench.State.Session);
        bench.Tick(0.1);

        Assert.Equal((EndReason.LinkLost, renewed + Duration.FromSeconds(30)), (bench.Last<MachineEvent.SessionEnded>().Why, bench.Last<MachineEvent.SessionEnded>().EndedAt));
        LedgerEntry entry = bench.Entry();
        Assert.Equal((10_000L, 30_000L, false), (entry.PoweredMs, entry.UnknownMs, entry.Settled));
        bench.After(3600).Send(new MachineSignal.LinkRestored());
        bench.Relay(closed: false);
        Assert.Equal((10_000L, 30_000L, false), (bench.Entry().PoweredMs, bench.Entry().UnknownMs, bench.Entry().Settled));
        bench.Send(Opened(bench.Device.ShiftTo(renewed + Duration.FromSeconds(28))));

        LedgerEntry settled = bench.Entry();
        Assert.Equal((38_000L, 0L, true), (settled.PoweredMs, settled.UnknownMs, settled.Settled));
        Assert.Empty(bench.Held);
    }

    [Fact]
    public void A_device_that_never_tells_leaves_the_time_unknown_for_good()
    {
        Bench bench = new Bench().Started();
        bench.After(10).Relay(closed: true);
        bench.Send(new MachineSignal.LinkLost(bench.Now));
        bench.Tick(30);
        bench.After(100);
        bench.Boot = 2;
        bench.BootedAt = bench.Now;

        bench.Send(new MachineSignal.DeviceBooted(bench.Device));

        LedgerEntry entry = bench.Entry();
        Assert.Equal((10_000L, 30_000L, true), (entry.PoweredMs, entry.UnknownMs, entry.Settled));
    }

    [Fact]
    public void The_device_says_on_return_that_it_opened_before()
    {
        Bench bench = new Bench().Started();
        bench.Send(new MachineSignal.LinkLost(bench.Now));
        DeviceTime opened = bench.After(12).Device;
        bench.After(5).Send(new MachineSignal.LinkRestored());

        bench.Send(Opened(opened));

        Assert.Equal((EndReason.LinkLost, opened.At), (bench.Last<MachineEvent.SessionEnded>().Why, bench.Last<MachineEvent.SessionEnded>().EndedAt));
        Assert.Equal(12_000, bench.Entry().PoweredMs);
        Assert.Empty(bench.Held);
    }

    [Theory]
    [InlineData(LostLinkRule.Open, EndReason.LinkLost)]
    [InlineData(LostLinkRule.Finish, EndReason.FinishedAlone)]
    public void A_relay_found_open_is_unknown_until_the_journal_tells_and_for_good_when_it_does_not(LostLinkRule lostLink, EndReason why)
    {
        Bench told = Found();
        Bench silent = Found();

        told.After(1).Send(Opened(told.Device.ShiftTo(told.Now - Duration.FromSeconds(8))));
        silent.Tick(599);
        Assert.False(silent.Entry().Settled);
        silent.Tick(1);

        Assert.Equal((13_000L, 0L, true), (told.Entry().PoweredMs, told.Entry().UnknownMs, told.Entry().Settled));
        Assert.Equal(Lab.Now + Duration.FromSeconds(13.5), told.Entry().EndedAt);
        Assert.Equal((10_000L, 10_000L, true), (silent.Entry().PoweredMs, silent.Entry().UnknownMs, silent.Entry().Settled));
        Assert.Equal(Lab.Now + Duration.FromSeconds(10.5), silent.Entry().EndedAt);

        Bench Found()
        {
            Bench bench = new Bench(Bench.Rule with { LostLink = lostLink }).Started();
            bench.After(10).Relay(closed: true);
            bench.Send(new MachineSignal.LinkLost(bench.Now));
            bench.After(10).Send(new MachineSignal.LinkRestored());
            bench.Relay(closed: false);
            bench.Relay(closed: false);

            Assert.Equal(why, bench.Last<MachineEvent.SessionEnded>().Why);
            Assert.Equal((10_000L, 10_000L, false), (bench.Entry().PoweredMs, bench.Entry().UnknownMs, bench.Entry().Settled));
            Assert.Empty(bench.Held);
            return bench;
        }
    }

    [Fact]
    public void A_record_of_the_journal_is_no_proof_that_the_relay_is_closed_now()
    {
        Bench bench = new Bench().Started();
        bench.Send(new MachineSignal.LinkLost(bench.Now));
        bench.After(5).Send(new MachineSignal.LinkRestored());

        bench.After(1).Send(new MachineSignal.RelayReported(RelayChannel.Main, true, bench.Device, bench.LastSession, FromJournal: true));

        Assert.Equal([false], bench.Held.Select(held => held.Renew));
    }

    [Fact]
    public void A_relay_closed_for_somebody_else_meanwhile_ends_the_use_and_both_times_come_from_the_journal()
    {
        Bench bench = new Bench().Started();
        SessionId first = bench.LastSession;
        SessionId offline = Lab.Id<SessionId>(77);
        bench.After(10).Relay(closed: true);
        bench.Send(new MachineSignal.LinkLost(bench.Now));
        DeviceTime opened = bench.After(12).Device;
        DeviceTime closed = bench.After(3).Device;
        bench.After(2).Send(new MachineSignal.LinkRestored());

        bench.Relay(closed: true, lease: offline);

        Assert.Null(bench.State.Session);
        Assert.Empty(bench.Held);
        bench.Send(Opened(opened));
        bench.Send(new MachineSignal.OfflineUse(new OfflineUseRecord { Session = offline, Person = Lab.Mentor, From = closed }));
        bench.Send(new MachineSignal.RelayReported(RelayChannel.Main, true, closed, offline, FromJournal: true));
        bench.After(1).Send(Opened(bench.Device));
        Assert.Equal((Lab.Maker, 22_000L, 0L, true), (bench.Entry(first).Person, bench.Entry(first).PoweredMs, bench.Entry(first).UnknownMs, bench.Entry(first).Settled));
        Assert.Equal((Lab.Mentor, 3_000L, 0L, true), (bench.Entry(offline).Person, bench.Entry(offline).PoweredMs, bench.Entry(offline).UnknownMs, bench.Entry(offline).Settled));
    }

    [Fact]
    public void A_printer_goes_on_without_link_and_its_time_is_known_when_the_device_is_back()
    {
        Bench bench = new Bench(Finishing).Working();
        bench.Send(new MachineSignal.LinkLost(bench.Now));

        bench.Tick(31);
        Assert.NotNull(bench.State.Session);
        Assert.Equal([false], bench.Held.Select(held => held.Renew));
        bench.Tick(3600);
        Assert.NotNull(bench.State.Session);
        bench.Send(new MachineSignal.LinkRestored());
        Assert.Equal([false], bench.Held.Select(held => held.Renew));
        bench.Relay(closed: true);
        Assert.Equal([true], bench.Held.Select(held => held.Renew));
        bench.After(9).Tap();
        bench.Relay(closed: false);

        LedgerEntry entry = bench.Entry(bench.Last<MachineEvent.SessionEnded>().Session);
        Assert.Equal((3_647_000L, 0L), (entry.PoweredMs, entry.UnknownMs));
    }

    [Fact]
    public void A_printer_that_finished_alone_ends_when_it_did()
    {
        Bench bench = new Bench(Finishing).Working();
        bench.Send(new MachineSignal.LinkLost(bench.Now));
        bench.Tick(31);
        DeviceTime opened = bench.After(600).Device;
        bench.Tick(1800);
        bench.Send(new MachineSignal.LinkRestored());

        bench.Send(Opened(opened));

        MachineEvent.SessionEnded ended = bench.Last<MachineEvent.SessionEnded>();
        Assert.Equal((EndReason.FinishedAlone, opened.At), (ended.Why, ended.EndedAt));
        Assert.Equal(638_000, bench.Entry().PoweredMs);
        Assert.Equal(bench.Entry().PoweredMs - 1_000, bench.Entry().WorkingMs);
    }

    [Fact]
    public void A_printer_that_is_not_heard_of_for_longer_than_its_cap_has_ended()
    {
        Bench bench = new Bench(Finishing).Working();
        bench.Relay(closed: true);
        bench.Send(new MachineSignal.LinkLost(bench.Now));

        bench.Tick(7199);
        Assert.NotNull(bench.State.Session);
        bench.Tick(1);

        Assert.Equal(EndReason.LinkLost, bench.Last<MachineEvent.SessionEnded>().Why);
        Assert.Equal((7_000L, 7_200_000L), (bench.Entry().PoweredMs, bench.Entry().UnknownMs));
    }

    [Fact]
    public void A_power_cut_ends_the_use_and_nothing_starts_again_by_itself()
    {
        Bench bench = new Bench().Working();
        bench.After(5).Relay(closed: true);
        bench.After(60);
        bench.Boot = 2;
        bench.BootedAt = bench.Now;
        bench.After(3);

        bench.Send(new MachineSignal.DeviceBooted(bench.Device));

        MachineEvent.SessionEnded ended = bench.Last<MachineEvent.SessionEnded>();
        Assert.Equal((EndReason.PowerLost, bench.BootedAt), (ended.Why, ended.EndedAt));
        Assert.Empty(bench.Held);
        LedgerEntry entry = bench.Entry();
        Assert.Equal((12_000L, 60_000L, true), (entry.PoweredMs, entry.UnknownMs, entry.Settled));
        for (int i = 0; i < 100; i++)
        {
            bench.Tick(1);
            bench.Send(new MachineSignal.LinkRestored());
            bench.Send(new MachineSignal.DeviceBooted(bench.Device));
            Assert.Empty(bench.Held);
        }
    }

    [Fact]
    public void A_report_under_a_new_start_tells_of_the_power_cut_too()
    {
        Bench bench = new Bench().Started();
        bench.After(60);
        bench.Boot = 2;
        bench.BootedAt = bench.Now;

        bench.Relay(closed: false);

        Assert.Equal(EndReason.PowerLost, bench.Last<MachineEvent.SessionEnded>().Why);
        Assert.Empty(bench.Held);
    }

    [Fact]
    public void A_late_word_of_an_earlier_start_changes_nothing()
    {
        Bench bench = new();
        DeviceTime before = bench.Device;
        bench.After(60);
        bench.Boot = 2;
        bench.BootedAt = bench.Now;
        bench.Started();

        bench.Send(new MachineSignal.DeviceBooted(before));
        bench.Send(new MachineSignal.RelayReported(RelayChannel.Main, false, before));

        Assert.NotNull(bench.State.Session);
        Assert.NotEmpty(bench.Held);
    }

    [Fact]
    public void A_device_that_starts_before_its_relay_closed_for_the_session_ends_it_too()
    {
        Bench bench = new();
        bench.Tap();
        bench.After(2);
        bench.Boot = 2;
        bench.BootedAt = bench.Now;

        bench.Send(new MachineSignal.DeviceBooted(bench.Device));

        Assert.Null(bench.State.Session);
    }

    [Fact]
    public void A_device_that_opens_its_relay_by_itself_ends_the_use()
    {
        Bench bench = new Bench().Working();

        bench.After(3).Relay(closed: false);

        Assert.Equal(EndReason.RelayOpened, bench.Last<MachineEvent.SessionEnded>().Why);
        Assert.Empty(bench.Held);
        Assert.Equal((10_000L, 9_000L), (bench.Entry().PoweredMs, bench.Entry().WorkingMs));
    }

    [Fact]
    public void A_late_word_that_the_relay_opened_before_does_not_end_the_new_use()
    {
        Bench bench = new Bench().Started();
        bench.After(10).Tap();
        DeviceTime opened = bench.After(0.25).Device;
        bench.After(0.25).Tap();

        bench.Send(new MachineSignal.RelayReported(RelayChannel.Main, false, opened));
        Assert.NotNull(bench.State.Session);
        bench.After(0.5).Relay(closed: true);
        bench.Send(new MachineSignal.RelayReported(RelayChannel.Main, false, opened.ShiftTo(opened.At - Duration.FromSeconds(5))));

        Assert.NotNull(bench.State.Session);
        Assert.Equal(10_250, bench.Entry(Lab.Id<SessionId>(101)).PoweredMs);
    }

    [Fact]
    public void When_the_word_between_two_uses_is_lost_the_tap_divides_the_time()
    {
        Bench bench = new Bench().Started();
        bench.After(10).Tap();
        bench.After(20).Tap(Lab.Mentor);
        bench.After(1).Relay(closed: true);
        bench.After(4).Tap(Lab.Mentor);
        bench.Relay(closed: false);

        Assert.Equal(30_000, bench.Entry(Lab.Id<SessionId>(101)).PoweredMs);
        Assert.Equal(5_000, bench.Entry(Lab.Id<SessionId>(103)).PoweredMs);
    }

    [Fact]
    public void A_relay_that_never_closes_ends_the_use_with_an_alarm()
    {
        Bench bench = new();
        bench.Tap();

        bench.Tick(9.9);
        Assert.NotNull(bench.State.Session);
        bench.Tick(0.1);

        Assert.Equal(MachineAlarm.RelayDidNotClose, bench.Last<MachineEvent.AlarmRaised>().Kind);
        Assert.Equal(EndReason.RelayDidNotClose, bench.Last<MachineEvent.SessionEnded>().Why);
        Assert.Empty(bench.Held);
    }

    [Fact]
    public void A_relay_that_does_not_say_that_it_opened_is_settled_by_its_lease()
    {
        Bench bench = new Bench().Started();
        bench.After(10).Relay(closed: true);
        bench.After(5).Tap();
        SessionId session = bench.Last<MachineEvent.SessionEnded>().Session;

        bench.Tick(39.9);
        Assert.Empty(bench.Events.OfType<MachineEvent.StretchLapsed>());
        bench.Tick(0.1);

        Assert.Equal((10_000L, 35_000L, false), (bench.Entry(session).PoweredMs, bench.Entry(session).UnknownMs, bench.Entry(session).Settled));
        bench.Tick(60);
        Assert.Single(bench.Events.OfType<MachineEvent.StretchLapsed>());
        bench.After(1).Tap();
        bench.After(1).Relay(closed: true);
        Assert.Equal((10_000L, 35_000L, true), (bench.Entry(session).PoweredMs, bench.Entry(session).UnknownMs, bench.Entry(session).Settled));
    }

    /// <summary>The journal's record that the main relay opened.</summary>
    private static MachineSignal.RelayReported Opened(DeviceTime at) => new(RelayChannel.Main, false, at, FromJournal: true);
}
