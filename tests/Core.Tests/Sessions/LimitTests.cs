using FabLab.Core.Access;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using NodaTime;

namespace FabLab.Core.Tests.Sessions;

/// <summary>Ends that are known before, announcements, more time, idleness, work and cool-down.</summary>
public sealed class LimitTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);

    [Theory]
    [InlineData(LimitReason.MaxSession, EndReason.MaxSession)]
    [InlineData(LimitReason.NextBooking, EndReason.NextBooking)]
    [InlineData(LimitReason.Closing, EndReason.Closing)]
    [InlineData(LimitReason.Quota, EndReason.Quota)]
    [InlineData(LimitReason.Membership, EndReason.Membership)]
    [InlineData(LimitReason.Habilitation, EndReason.Habilitation)]
    public void A_use_ends_at_its_end_and_says_why_even_while_it_works(LimitReason limit, EndReason why)
    {
        Bench bench = new();
        bench.Started(Bench.Yes(Lab.Maker, Lab.Now + 20 * Minute, limit));
        bench.Now = Lab.Now + 20 * Minute - Duration.FromSeconds(1);
        bench.Power(100);
        bench.Tick(0);
        Assert.NotNull(bench.State.Session);

        bench.Tick(1);

        Assert.Equal(why, bench.Last<MachineEvent.SessionEnded>().Why);
        Assert.Equal(Lab.Now + 20 * Minute, bench.Last<MachineEvent.SessionEnded>().EndedAt);
        Assert.Equal(ReplyKind.Stopped, bench.Reply!.Kind);
    }

    [Fact]
    public void A_late_tick_ends_the_use_at_its_end_and_no_lease_outlives_it()
    {
        Bench bench = new();
        bench.Started(Bench.Yes(Lab.Maker, Lab.Now + Minute, LimitReason.Closing));

        bench.Now = Lab.Now + Duration.FromSeconds(50);
        Assert.Equal(Duration.FromSeconds(10), bench.Held[0].Lease);
        bench.Now = Lab.Now + Minute;
        Assert.Empty(bench.Held);
        bench.Tick(5);

        Assert.Equal(Lab.Now + Minute, bench.Entry().EndedAt);
    }

    [Fact]
    public void The_end_is_announced_ten_and_two_minutes_before_and_once_each()
    {
        Bench bench = new();
        bench.Started(Bench.Yes(Lab.Maker, Lab.Now + 20 * Minute, LimitReason.Closing));

        for (int s = 0; s < 19 * 60; s++)
        {
            bench.Tick(1);
            Assert.Equal(bench.Events[^1] is MachineEvent.EndAnnounced e && e.At == bench.Now, bench.Reply?.Kind == ReplyKind.EndSoon);
        }

        MachineEvent.EndAnnounced[] told = [.. bench.Events.OfType<MachineEvent.EndAnnounced>()];
        Assert.Equal([10 * Minute, 2 * Minute], told.Select(e => e.Before));
        Assert.Equal([Lab.Now + 10 * Minute + Duration.FromSeconds(0.5), Lab.Now + 18 * Minute + Duration.FromSeconds(0.5)], told.Select(e => e.At));
        Assert.All(told, e => Assert.Equal((Lab.Now + 20 * Minute, LimitReason.Closing), (e.Until, e.Limit)));
    }

    [Fact]
    public void What_is_already_past_at_the_start_is_not_announced()
    {
        Bench bench = new();
        bench.Started(Bench.Yes(Lab.Maker, Lab.Now + 10 * Minute, LimitReason.Closing));

        for (int s = 0; s < 9 * 60; s++)
        {
            bench.Tick(1);
        }

        Assert.Equal([2 * Minute], bench.Events.OfType<MachineEvent.EndAnnounced>().Select(e => e.Before));
    }

    [Fact]
    public void After_a_pause_only_the_nearest_announcement_is_made()
    {
        Bench bench = new();
        bench.Started(Bench.Yes(Lab.Maker, Lab.Now + 20 * Minute, LimitReason.Closing));

        bench.Tick(19 * 60);
        bench.Tick(1);

        Assert.Equal([2 * Minute], bench.Events.OfType<MachineEvent.EndAnnounced>().Select(e => e.Before));
    }

    [Fact]
    public void More_time_moves_the_end_and_it_is_announced_anew()
    {
        Bench bench = new();
        bench.Started(Bench.Yes(Lab.Maker, Lab.Now + 20 * Minute, LimitReason.MaxSession));
        bench.Tick(15 * 60);

        bench.Send(new MachineSignal.Extended(Bench.Yes(Lab.Maker, Lab.Now + 40 * Minute, LimitReason.Closing)));

        Assert.Equal((ReplyKind.Extended, Lab.Now + 40 * Minute), (bench.Reply!.Kind, bench.Reply.Until));
        bench.Tick(16 * 60);
        Assert.Equal(LimitReason.Closing, bench.Last<MachineEvent.EndAnnounced>().Limit);
        bench.Send(new MachineSignal.Extended(Bench.Yes(Lab.Maker)));
        Assert.Null(bench.State.Session!.Until);
        bench.Tick(100 * 60);
        Assert.NotNull(bench.State.Session);
    }

    [Fact]
    public void More_time_that_is_refused_or_is_not_more_changes_nothing()
    {
        Bench bench = new();
        bench.Started(Bench.Yes(Lab.Maker, Lab.Now + 20 * Minute, LimitReason.MaxSession));
        OpenSession before = bench.State.Session!;

        bench.Send(new MachineSignal.Extended(Bench.No(AccessReason.QuotaUsed)));
        Assert.Equal((ReplyKind.Refused, AccessReason.QuotaUsed), (bench.Reply!.Kind, bench.Reply.Denied!.Reason));
        bench.Send(new MachineSignal.Extended(Bench.Yes(Lab.Maker, Lab.Now + 20 * Minute)));
        Assert.Equal((ReplyKind.NothingToDo, Lab.Now + 20 * Minute), (bench.Reply!.Kind, bench.Reply.Until));
        bench.Send(new MachineSignal.Extended(Bench.Yes(Lab.Mentor, Lab.Now + 40 * Minute)));
        Assert.Equal(ReplyKind.NothingToDo, bench.Reply!.Kind);

        Assert.Equal(before, bench.State.Session);
    }

    [Fact]
    public void A_use_may_last_for_days()
    {
        Bench bench = new Bench(Bench.Rule with { IdleStop = Minute }).Working();
        for (int minute = 0; minute < 3 * 24 * 60; minute++)
        {
            bench.After(60).Power(100);
            bench.Relay(closed: true);
            bench.Tick(0);
        }

        bench.Tap();
        bench.Relay(closed: false);

        LedgerEntry entry = bench.Entry(bench.Last<MachineEvent.SessionEnded>().Session);
        Assert.Equal(3 * 86_400_000L + 7_000, entry.PoweredMs);
        Assert.Equal(3 * 86_400_000L + 6_000, entry.WorkingMs);
        Assert.Equal(100 * 72.0, entry.Wh, 0);
        Assert.Equal(0, entry.UnknownMs);
    }

    [Fact]
    public void Work_is_told_from_rest_by_two_thresholds_and_two_times()
    {
        Bench bench = new Bench().Started();
        void Power(double watts, int seconds)
        {
            for (int i = 0; i < seconds; i++)
            {
                bench.After(1).Power(watts);
            }
        }

        Power(100, 5);
        Assert.IsType<MachineState.Ready>(bench.State);
        Power(100, 1);
        Assert.IsType<MachineState.Running>(bench.State);
        Power(25, 300);
        Assert.IsType<MachineState.Running>(bench.State);
        Power(10, 29);
        Power(25, 1);
        Power(10, 30);
        Assert.IsType<MachineState.Running>(bench.State);
        Power(10, 1);
        Assert.IsType<MachineState.Ready>(bench.State);
        Power(25, 300);
        Power(30, 300);
        Assert.IsType<MachineState.Ready>(bench.State);

        MachineEvent.WorkEnded ended = bench.Last<MachineEvent.WorkEnded>();
        Assert.Equal(336_000, ended.Ms);
        Assert.Equal(Lab.Now + Duration.FromSeconds(1.5), ended.From.At);
        Assert.Equal(336_000, bench.Entry().WorkingMs);
    }

    [Fact]
    public void Work_that_goes_on_at_the_end_ends_with_it()
    {
        Bench bench = new Bench().Working();
        SessionId session = bench.LastSession;

        bench.After(4).Tap();

        Assert.Equal(10_000, bench.Entry(session).WorkingMs);
    }

    [Fact]
    public void An_idle_machine_stops_after_a_time_that_counts_from_its_last_work()
    {
        Bench bench = new Bench(Bench.Rule with { IdleStop = 5 * Minute }).Working();
        for (int s = 0; s < 5 * 60 + 1; s++)
        {
            bench.After(1).Power(3);
            bench.Tick(0);
        }

        // The first reading of rest came one second in: five minutes from there.
        MachineEvent.SessionEnded ended = bench.Last<MachineEvent.SessionEnded>();
        Assert.Equal((EndReason.Idle, bench.Now), (ended.Why, ended.At));
        Assert.Equal(bench.Last<MachineEvent.WorkEnded>().To.At + 5 * Minute, ended.At);
    }

    [Theory]
    [InlineData(100.0)]
    [InlineData(25.0)]
    [InlineData(20.0)]
    [InlineData(null)]
    public void A_machine_that_draws_current_or_is_not_measured_never_stops_for_idleness(double? watts)
    {
        Bench bench = new(Bench.Rule with { IdleStop = 5 * Minute });
        bench.Started();
        for (int minute = 0; minute < 60; minute++)
        {
            bench.After(60);
            if (watts is { } w)
            {
                bench.Power(w);
            }

            bench.Tick(0);
        }

        Assert.NotNull(bench.State.Session);
    }

    [Fact]
    public void An_old_reading_says_nothing_about_idleness()
    {
        Bench bench = new(Bench.Rule with { IdleStop = 20 * Minute });
        bench.Started();
        bench.After(1).Power(3);

        bench.Tick(30 * 60);
        Assert.NotNull(bench.State.Session);
        bench.Power(3);
        bench.Tick(0);

        Assert.Null(bench.State.Session);
    }

    [Fact]
    public void Without_an_idle_rule_nothing_stops()
    {
        Bench bench = new Bench().Started();
        bench.After(3600).Power(3);

        bench.Tick(0);

        Assert.NotNull(bench.State.Session);
    }

    [Fact]
    public void After_a_use_the_exhaust_runs_on_and_is_not_billed()
    {
        Bench bench = Cooled(RelayChannel.Exhaust);
        bench.Relay(closed: true, RelayChannel.Exhaust);
        SessionId session = bench.LastSession;
        bench.After(60).Tap();
        bench.After(0.5).Relay(closed: false);

        Assert.Equal([RelayChannel.Exhaust], bench.Held.Select(h => h.Channel));
        Assert.Equal(session, bench.Held[0].Session);
        Assert.Equal("cooling_down", bench.State.Code);
        bench.Tick(118);
        Assert.NotEmpty(bench.Held);
        bench.Tick(1.5);

        Assert.Empty(bench.Held);
        Assert.IsType<MachineState.Idle>(bench.State);
        bench.Relay(closed: false, RelayChannel.Exhaust);
        LedgerEntry entry = bench.Entry(session);
        Assert.Equal((60_500L, 0L, 180_000L), (entry.PoweredMs, entry.CoolDownMs, entry.ExhaustMs));
        Assert.True(entry.Settled);
    }

    [Fact]
    public void After_a_use_the_machine_itself_runs_on_and_is_not_billed()
    {
        Bench bench = Cooled(RelayChannel.Main);
        SessionId session = bench.LastSession;
        bench.After(60).Tap();

        Assert.Equal([RelayChannel.Main], bench.Held.Select(h => h.Channel));
        bench.Tick(120);
        bench.After(0.25).Relay(closed: false);

        LedgerEntry entry = bench.Entry(session);
        Assert.Equal((60_000L, 120_250L, 0L), (entry.PoweredMs, entry.CoolDownMs, entry.UnknownMs));
    }

    [Fact]
    public void Somebody_may_start_while_it_cools_down()
    {
        Bench bench = Cooled(RelayChannel.Main);
        SessionId first = bench.LastSession;
        bench.After(60).Tap();
        bench.After(30).Tap(Lab.Mentor);

        Assert.Equal(Lab.Mentor, bench.State.Session!.Person);
        Assert.Equal(bench.LastSession, bench.Held[0].Session);
        bench.After(1).Relay(closed: true, lease: bench.LastSession);
        bench.After(9).Relay(closed: false);
        Assert.Equal((60_000L, 30_000L), (bench.Entry(first).PoweredMs, bench.Entry(first).CoolDownMs));
        Assert.Equal(10_000, bench.Entry().PoweredMs);
    }

    [Fact]
    public void The_exhaust_runs_on_while_a_learner_waits_for_the_second_badge()
    {
        Bench bench = Cooled(RelayChannel.Exhaust);
        bench.Relay(closed: true, RelayChannel.Exhaust);
        bench.After(60).Tap();
        bench.Relay(closed: false);
        bench.After(10).TapRefused(Lab.Young, AccessReason.NeedsAccompanying);

        Assert.IsType<MachineState.AwaitingSecondBadge>(bench.State);
        Assert.Equal([RelayChannel.Exhaust], bench.Held.Select(h => h.Channel));
        bench.Tick(30);
        Assert.IsType<MachineState.CoolingDown>(bench.State);
        bench.TapRefused(Lab.Young, AccessReason.NeedsAccompanying);
        bench.Machine = bench.Machine with { SecondBadgeWindow = 10 * Minute };
        bench.TapRefused(Lab.Young, AccessReason.NeedsAccompanying);
        bench.TapRefused(Lab.Young, AccessReason.NeedsAccompanying);
        bench.Tick(80);
        Assert.IsType<MachineState.AwaitingSecondBadge>(bench.State);
        Assert.Empty(bench.Held);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_use_whose_relay_never_closed_has_nothing_to_cool(bool exhaust)
    {
        Bench bench = new(StartAndStopTests.WithExhaust(Bench.Rule) with
        {
            CoolDown = new CoolDownRule(2 * Minute, exhaust ? RelayChannel.Exhaust : RelayChannel.Main),
        });
        bench.Tap();

        bench.After(1).Tap();

        Assert.IsType<MachineState.Idle>(bench.State);
    }

    [Fact]
    public void Without_an_exhaust_there_is_none_to_run_on()
    {
        Bench bench = new(Bench.Rule with { CoolDown = new CoolDownRule(2 * Minute, RelayChannel.Exhaust) });
        bench.Started().Tap();

        Assert.IsType<MachineState.Idle>(bench.State);
    }

    [Fact]
    public void A_relay_that_opens_by_itself_ends_the_cool_down()
    {
        Bench bench = Cooled(RelayChannel.Main);
        bench.After(60).Tap();

        bench.After(5).Relay(closed: false);

        Assert.IsType<MachineState.Idle>(bench.State);
        Assert.Empty(bench.Held);
    }

    private static Bench Cooled(RelayChannel channel) =>
        new Bench(StartAndStopTests.WithExhaust(Bench.Rule) with { CoolDown = new CoolDownRule(2 * Minute, channel) }).Started();
}
