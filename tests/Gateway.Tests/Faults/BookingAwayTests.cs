using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using FabLab.Gateway.Supervision;
using FabLab.Gateway.Tests.Flow;
using NodaTime;

namespace FabLab.Gateway.Tests.Faults;

public sealed class BookingAwayTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Booking_stopped_for_an_hour_misses_nothing_and_gets_nothing_twice()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        gateway.Booking.Down = true;

        for (var i = 0; i < 6; i++)
        {
            gateway.Laser.Tap(SampleLab.M01.Badge);
            await gateway.Laser.WaitForAsync(d => d.Closed(), Cancelled);
            await gateway.PassAsync(Duration.FromMinutes(5), Duration.FromSeconds(2));
            gateway.Laser.Tap(SampleLab.M01.Badge);
            await gateway.Laser.WaitForAsync(d => !d.Closed(), Cancelled);
            await gateway.PassAsync(Duration.FromMinutes(5), Duration.FromSeconds(2));
        }
        Assert.True(gateway.Alarms.IsOn(AlarmCodes.BookingUnreachable, "booking"));
        gateway.Booking.LoseAnswers = 2;
        gateway.Booking.Down = false;
        await GatewayUnderTest.UntilAsync(() =>
        {
            gateway.Time.Advance(Duration.FromSeconds(1));
            return gateway.Get<Uploading.JournalUploader>().Waiting == 0 && !gateway.Alarms.IsOn(AlarmCodes.BookingUnreachable, "booking");
        });

        Assert.Equal(6, gateway.Booking.Events.OfType<MachineEvent.SessionStarted>().Count());
        Assert.Equal(6 * 300_000, gateway.Booking.Events.OfType<MachineEvent.StretchClosed>().Sum(s => s.Stretch.KnownMs));
        Assert.Equal(0, gateway.Booking.OutOfOrder);
        Assert.Equal(Enumerable.Range(1, gateway.Booking.Lines.Count).Select(i => (long)i), gateway.Booking.Lines.Select(l => l.Seq));
        Assert.True(gateway.Booking.Repeated > 0);
    }

    [Fact]
    public async Task Rules_that_are_too_old_refuse_and_say_so_and_a_running_use_goes_on()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        gateway.Booking.Put(SampleLab.Laser with { MaxPolicyAge = Duration.FromHours(1) });
        await GatewayUnderTest.UntilAsync(() => gateway.Get<Policy.PolicyReplica>().Current.Revision == gateway.Booking.Revision);
        await gateway.StartLaserAsync();
        gateway.Booking.Down = true;

        await gateway.PassAsync(Duration.FromMinutes(62), Duration.FromSeconds(2));
        Assert.True(gateway.Laser.Closed());
        gateway.Laser.Tap(SampleLab.M01.Badge);
        await gateway.Laser.WaitForAsync(d => !d.Closed(), Cancelled);
        gateway.Laser.Tap(SampleLab.M01.Badge);
        await gateway.Laser.WaitForAsync(d => d.Shown.Count == 3, Cancelled);

        Assert.Equal(["started", "stopped", "policy_too_old"], gateway.Laser.Shown.Select(s => s.Code));
        Assert.NotEqual("", gateway.Laser.Shown[2].Next);
        Assert.False(gateway.Laser.Closed());
    }

    [Fact]
    public async Task Gateway_that_starts_with_the_line_cut_decides_by_what_it_had()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        await gateway.StopAsync();
        gateway.Booking.Down = true;
        gateway.Time.Advance(Duration.FromHours(2));

        await gateway.RestartAsync();
        gateway.Laser.Tap(SampleLab.M01.Badge);
        await gateway.Laser.WaitForAsync(d => d.Shown.Count > 0, Cancelled);

        Assert.Equal("started", gateway.Laser.Shown[^1].Code);
    }

    [Fact]
    public async Task Revocation_in_mid_session_opens_the_relay_at_once()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        await gateway.StartLaserAsync();

        gateway.Booking.Remove(PolicyKind.Habilitation, SampleLab.M01.Trained().Key);
        // No time passes: the feed wakes, the decision is asked again, the relay is told to open.
        await gateway.Laser.WaitForAsync(d => !d.Closed(), Cancelled);
        await gateway.Booking.WaitForEventAsync<MachineEvent.SessionEnded>(Cancelled);

        var ended = gateway.Booking.Events.OfType<MachineEvent.SessionEnded>().Single();
        Assert.Equal(EndReason.AccessWithdrawn, ended.Why);
        Assert.Equal(Core.Access.AccessReason.TrainingMissing, ended.Withdrawn);
    }

    [Fact]
    public async Task Revocation_that_cannot_reach_the_device_is_over_within_one_lease()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        await gateway.StartLaserAsync();
        gateway.Laser.Leave(announced: false);

        gateway.Booking.Remove(PolicyKind.Habilitation, SampleLab.M01.Trained().Key);
        await gateway.Booking.WaitForEventAsync<MachineEvent.SessionEnded>(Cancelled);
        gateway.Time.Advance(SampleLab.Laser.Lease);

        Assert.False(gateway.Laser.Closed());
    }

    [Fact]
    public async Task Grant_counts_at_the_next_tap_without_time_passing()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        gateway.Laser.Tap(SampleLab.M02.Badge);
        await gateway.Laser.WaitForAsync(d => d.Shown.Count == 1, Cancelled);

        gateway.Booking.Put(SampleLab.M02.Trained());
        await GatewayUnderTest.UntilAsync(() => gateway.Get<Policy.PolicyReplica>().Current.Revision == gateway.Booking.Revision);
        gateway.Laser.Tap(SampleLab.M02.Badge);
        await gateway.Laser.WaitForAsync(d => d.Shown.Count == 2, Cancelled);

        Assert.Equal(["training_missing", "started"], gateway.Laser.Shown.Select(s => s.Code));
    }

    [Fact]
    public async Task Lock_out_made_in_booking_opens_the_relay_and_outlives_a_restart()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        await gateway.StartLaserAsync();

        gateway.Booking.Put(SampleLab.Laser with
        {
            LockOut = new LockOut(new(SampleLab.Id(300)), "lentille cassée", new(SampleLab.Id(1)), gateway.Time.Now),
        });
        await gateway.Laser.WaitForAsync(d => !d.Closed(), Cancelled);
        await gateway.Booking.WaitForEventAsync<MachineEvent.LockOutSet>(Cancelled);
        await gateway.RestartAsync();
        gateway.Laser.Tap(SampleLab.M01.Badge);
        await gateway.Laser.WaitForAsync(d => d.Shown.Count > 0 && d.Shown[^1].Code == "locked_out", Cancelled);

        Assert.False(gateway.Laser.Closed());
        Assert.Equal("locked_out", gateway.Machine("LAS-1").State);
    }

    [Fact]
    public async Task Line_that_booking_can_never_store_is_set_aside_and_the_rest_goes_on()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        gateway.Booking.Refuses = r => r.Body.GetRawText().Contains("tap_decided", StringComparison.Ordinal);

        gateway.Laser.Tap(SampleLab.M01.Badge);
        await gateway.Booking.WaitForEventAsync<MachineEvent.StretchOpened>(Cancelled);

        var aside = Assert.Single(gateway.Get<Uploading.JournalUploader>().SetAside(10));
        Assert.Contains("tap_decided", aside.Json, StringComparison.Ordinal);
        Assert.True(gateway.Alarms.IsOn(AlarmCodes.RecordSetAside, "journal"));
        Assert.Single(gateway.Booking.Events.OfType<MachineEvent.SessionStarted>());
    }

    [Fact]
    public async Task Line_that_chokes_booking_is_found_set_aside_and_the_rest_goes_on()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        gateway.Booking.Chokes = r => r.Body.GetRawText().Contains("session_started", StringComparison.Ordinal);

        gateway.Laser.Tap(SampleLab.M01.Badge);
        await gateway.Laser.WaitForAsync(d => d.Closed(), Cancelled);
        await GatewayUnderTest.UntilAsync(() =>
        {
            gateway.Time.Advance(Duration.FromMilliseconds(100));
            return gateway.Booking.Events.OfType<MachineEvent.StretchOpened>().Any();
        });

        Assert.Contains("session_started", Assert.Single(gateway.Get<Uploading.JournalUploader>().SetAside(10)).Json, StringComparison.Ordinal);
        Assert.Single(gateway.Booking.Events.OfType<MachineEvent.TapDecided>());
        Assert.Equal(0, gateway.Booking.OutOfOrder);
    }
}
