using FabLab.Contracts;
using FabLab.Core.Access;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers;
using NodaTime;

namespace FabLab.Gateway.Tests.Flow;

public sealed class TapTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Badge_without_training_is_refused_and_says_which_training()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();

        gateway.Laser.Tap(SampleLab.M02.Badge);
        await gateway.Laser.WaitForAsync(d => d.Shown.Count > 0, Cancelled);

        var shown = Assert.Single(gateway.Laser.Shown);
        Assert.Equal("training_missing", shown.Code);
        Assert.Equal(DisplayTone.Refused, shown.Tone);
        Assert.Contains("laser cutting", shown.Text + shown.Next, StringComparison.Ordinal);
        Assert.False(gateway.Laser.Closed());
        await gateway.Booking.WaitForEventAsync<MachineEvent.TapDecided>(Cancelled);
        var tap = Assert.Single(gateway.Booking.Events.OfType<MachineEvent.TapDecided>());
        Assert.Equal(AccessReason.TrainingMissing, Assert.IsType<AccessDecision.Denied>(tap.Decision).Reason);
        Assert.Equal(tap.Decision with { Facts = tap.Decision.Facts }, AccessRules.Decide(tap.Decision.Facts));
    }

    [Fact]
    public async Task Unknown_badge_is_refused_and_its_number_is_nowhere()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();

        gateway.Laser.Tap(SampleLab.UnknownBadge);
        await gateway.Booking.WaitForEventAsync<MachineEvent.TapDecided>(Cancelled);
        await gateway.SettleAsync();
        await gateway.StopAsync();

        Assert.Equal("unknown_badge", Assert.Single(gateway.Laser.Shown).Code);
        Assert.DoesNotContain(gateway.Log.Lines, l => l.Contains(SampleLab.UnknownBadge, StringComparison.OrdinalIgnoreCase));
        foreach (var file in Directory.GetFiles(gateway.Folder.Path))
            Assert.DoesNotContain(SampleLab.UnknownBadge, await File.ReadAllTextAsync(file, System.Text.Encoding.Latin1, Cancelled), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Tap_starts_and_tap_stops_and_the_ledger_has_the_time_of_the_relay()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();

        await gateway.StartLaserAsync();
        Assert.Equal("ready", gateway.Machine("LAS-1").State);
        await gateway.PassAsync(Duration.FromSeconds(100));
        gateway.Laser.Tap(SampleLab.M01.Badge);
        await gateway.Booking.WaitForEventAsync<MachineEvent.StretchClosed>(Cancelled);

        Assert.False(gateway.Laser.Closed());
        Assert.Equal(["started", "stopped"], gateway.Laser.Shown.Select(s => s.Code));
        var stretch = Assert.Single(gateway.Booking.Events.OfType<MachineEvent.StretchClosed>()).Stretch;
        Assert.Equal(100_000, stretch.KnownMs);
        Assert.Equal(0, stretch.UnknownMs);
        var moves = gateway.Laser.Moves;
        Assert.Equal(Duration.FromSeconds(100), moves[1].At - moves[0].At);
    }

    [Fact]
    public async Task Machine_changes_hands_under_power_and_each_maker_has_the_time_that_was_theirs()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        await gateway.StartLaserAsync();
        await gateway.PassAsync(Duration.FromSeconds(60));

        gateway.Laser.Tap(SampleLab.M03.Badge);
        await gateway.Laser.WaitForAsync(d => d.Shown.Any(s => s.Code == "handed_over"), Cancelled);
        await gateway.SettleAsync();
        await gateway.PassAsync(Duration.FromSeconds(40));
        Assert.True(gateway.Laser.Closed());
        gateway.Laser.Tap(SampleLab.M03.Badge);
        await gateway.Laser.WaitForAsync(d => !d.Closed(), Cancelled);
        await gateway.Booking.WaitForAsync(booking => booking.Events.OfType<MachineEvent.StretchClosed>().Count() == 2, Cancelled);

        Assert.Equal([true, true, false], gateway.Laser.Moves.Select(move => move.Closed));
        var known = gateway.Booking.Events.OfType<MachineEvent.StretchClosed>().ToDictionary(closed => closed.Stretch.Session!.Value, closed => closed.Stretch.KnownMs);
        var sessions = gateway.Booking.Events.OfType<MachineEvent.SessionStarted>().Select(started => started.Session).ToList();
        Assert.Equal([60_000L, 40_000L], sessions.Select(session => known[session.Id]));
    }

    [Fact]
    public async Task Start_is_in_the_journal_before_the_relay_closes()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        var kinds = new List<string>();
        var journal = gateway.Journal;
        gateway.Laser.OnHold = () => kinds.AddRange(journal.ReadAfter(0, 100).Where(r => r.Kind == JournalKinds.Event).Select(r => r.Json));

        gateway.Laser.Tap(SampleLab.M01.Badge);
        await gateway.Laser.WaitForAsync(d => d.Closed(), Cancelled);

        Assert.Contains(kinds, k => k.Contains("session_started", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Denied_tap_while_running_changes_nothing()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        await gateway.StartLaserAsync();
        var session = gateway.Machine("LAS-1").Session;

        gateway.Laser.Tap(SampleLab.M02.Badge);
        gateway.Laser.Tap(SampleLab.UnknownBadge);
        await gateway.Laser.WaitForAsync(d => d.Shown.Count == 3, Cancelled);
        await gateway.PassAsync(Duration.FromSeconds(30));

        Assert.Equal(["started", "training_missing", "unknown_badge"], gateway.Laser.Shown.Select(s => s.Code));
        Assert.Equal(session, gateway.Machine("LAS-1").Session);
        Assert.True(gateway.Laser.Closed());
        Assert.Single(gateway.Laser.Moves);
    }

    [Fact]
    public async Task Tap_out_of_a_journal_is_on_record_and_starts_nothing()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();

        gateway.Laser.Tap(SampleLab.M01.Badge, live: false);
        await gateway.Booking.WaitForEventAsync<MachineEvent.TapDecided>(Cancelled);

        Assert.Equal(ReplyKind.NothingToDo, Assert.Single(gateway.Booking.Events.OfType<MachineEvent.TapDecided>()).Outcome);
        Assert.Equal("idle", gateway.Machine("LAS-1").State);
        Assert.Equal(0, gateway.Laser.Holds);
        await gateway.Laser.WaitForAsync(d => d.Kept.Count == 0, Cancelled);
    }

    [Fact]
    public async Task Tap_that_waited_too_long_starts_nothing()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        var old = gateway.Time.GetTimestamp();
        gateway.Time.Advance(Duration.FromSeconds(6));

        var tap = gateway.Laser.Tap(SampleLab.M01.Badge, live: false);
        gateway.Laser.Send(tap with { Live = true, ReceivedTimestamp = old, Key = null });
        await gateway.Booking.WaitForAsync(b => b.Events.OfType<MachineEvent.TapDecided>().Count() == 2, Cancelled);

        Assert.Equal(0, gateway.Laser.Holds);
    }

    [Fact]
    public async Task Refused_taps_are_counted_across_machines_until_the_badge_has_to_wait()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();

        for (var i = 1; i <= 9; i++)
        {
            var box = i % 2 == 0 ? gateway.Laser : gateway.Printer;
            var shown = box.Shown.Count;
            box.Tap(SampleLab.UnknownBadge);
            await box.WaitForAsync(d => d.Shown.Count > shown, Cancelled);
        }

        Assert.Equal("too_many_attempts", gateway.Printer.Shown[^1].Code);
        gateway.Time.Advance(Duration.FromMinutes(11));
        var before = gateway.Laser.Shown.Count;
        gateway.Laser.Tap(SampleLab.UnknownBadge);
        await gateway.Laser.WaitForAsync(d => d.Shown.Count > before, Cancelled);
        Assert.Equal("unknown_badge", gateway.Laser.Shown[^1].Code);
    }

    [Fact]
    public async Task A_dangerous_machine_on_a_relay_that_does_not_open_by_itself_is_not_switched_on()
    {
        await using var gateway = new GatewayUnderTest();
        gateway.Laser.Abilities = VirtualDevice.All & ~DriverAbilities.FailsSafeAlone;
        await gateway.StartAsync();

        gateway.Laser.Tap(SampleLab.M01.Badge);
        await gateway.Laser.WaitForAsync(d => d.Shown.Count > 0, Cancelled);

        Assert.Equal("locked_out", gateway.Laser.Shown[0].Code);
        Assert.False(gateway.Laser.Closed());
        Assert.True(gateway.Alarms.IsOn(FabLab.Gateway.Supervision.AlarmCodes.DeviceUnfit, "LAS-1"));
    }

    [Fact]
    public async Task Sentences_are_french_unless_set_otherwise()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync(("Gateway:Language", "fr"));

        gateway.Laser.Tap(SampleLab.M02.Badge);
        await gateway.Laser.WaitForAsync(d => d.Shown.Count > 0, Cancelled);

        Assert.Contains("découpe laser", gateway.Laser.Shown[0].Text + gateway.Laser.Shown[0].Next, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Power_samples_do_not_become_journal_lines()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        await gateway.StartLaserAsync();
        var before = gateway.Journal.LastSequence;

        for (var i = 0; i < 300; i++)
        {
            gateway.Laser.Power(200);
            await gateway.PassAsync(Duration.FromSeconds(1));
        }

        Assert.Equal("running", gateway.Machine("LAS-1").State);
        // Nobody waits for these lines, the test does. Work began, and a checkpoint a minute.
        await gateway.Journal.WaitForAsync(before, Cancelled);
        Assert.InRange(gateway.Journal.LastSequence - before, 1, 8);
    }

    [Fact]
    public async Task A_machine_that_rests_too_long_is_stopped_and_one_that_works_is_not()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        gateway.Booking.Put(SampleLab.Laser with { IdleStop = Duration.FromMinutes(2) });
        await GatewayUnderTest.UntilAsync(() => gateway.Get<Policy.PolicyReplica>().Current.Revision == gateway.Booking.Revision);
        await gateway.StartLaserAsync();

        for (var i = 0; i < 240; i++)
        {
            gateway.Laser.Power(200);
            await gateway.PassAsync(Duration.FromSeconds(1));
        }
        Assert.Equal("running", gateway.Machine("LAS-1").State);
        for (var i = 0; i < 200 && gateway.Machine("LAS-1").State != "idle"; i++)
        {
            gateway.Laser.Power(3);
            await gateway.PassAsync(Duration.FromSeconds(1));
        }

        await gateway.Booking.WaitForEventAsync<MachineEvent.SessionEnded>(Cancelled);
        Assert.Equal(EndReason.Idle, gateway.Booking.Events.OfType<MachineEvent.SessionEnded>().Single().Why);
        Assert.False(gateway.Laser.Closed());
    }

    [Fact]
    public async Task A_machine_whose_device_was_there_before_it_is_known_to_be_reachable()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        var added = SampleLab.Laser with { Id = new(SampleLab.Id(900)), Code = "LAS-9" };

        gateway.Booking.Put(added);

        // What is known of it is on record and told, so that the floor shows it as free and not as unknown.
        await GatewayUnderTest.UntilAsync(() => gateway.Booking.Events.OfType<MachineEvent.LinkCameBack>().Any(e => e.Machine == added.Id));
        Assert.Equal("idle", gateway.Machine("LAS-9").State);
    }
}
