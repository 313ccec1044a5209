using FabLab.Core.Sessions;
using FabLab.Gateway.Tests.Flow;
using NodaTime;

namespace FabLab.Gateway.Tests.Leases;

public sealed class LeaseTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lease_is_renewed_every_third_of_its_length()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        await gateway.StartLaserAsync();
        var holds = gateway.Laser.Holds;

        await gateway.PassAsync(Duration.FromSeconds(90));

        // 9 s: every 3 s.
        Assert.Equal(holds + 30, gateway.Laser.Holds);
        Assert.Single(gateway.Laser.Moves);
    }

    [Theory]
    [InlineData(-600)]
    [InlineData(600)]
    [InlineData(-86_400 * 365)]
    public async Task Step_of_the_wall_clock_drops_nobody(int seconds)
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        await gateway.StartLaserAsync();

        gateway.Time.SetWallClock(gateway.Time.Now + Duration.FromSeconds(seconds));
        await gateway.PassAsync(Duration.FromSeconds(60));

        Assert.True(gateway.Laser.Closed());
        Assert.Single(gateway.Laser.Moves);
        Assert.Equal("ready", gateway.Machine("LAS-1").State);
    }

    [Fact]
    public async Task Relay_opens_on_the_device_clock_when_the_link_is_lost_and_nothing_starts_again_by_itself()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        await gateway.StartLaserAsync();

        gateway.Laser.Leave();
        await gateway.PassAsync(Duration.FromSeconds(30));
        Assert.False(gateway.Laser.Closed());
        gateway.Laser.Return();
        await gateway.Booking.WaitForEventAsync<MachineEvent.StretchClosed>(Cancelled);
        await gateway.PassAsync(Duration.FromSeconds(30));

        Assert.False(gateway.Laser.Closed());
        Assert.Equal(2, gateway.Laser.Moves.Count);
        Assert.Equal(EndReason.LinkLost, gateway.Booking.Events.OfType<MachineEvent.SessionEnded>().Single().Why);
        var stretch = gateway.Booking.Events.OfType<MachineEvent.StretchClosed>().Single().Stretch;
        Assert.Equal((gateway.Laser.Moves[1].At - gateway.Laser.Moves[0].At).TotalMilliseconds, stretch.KnownMs);
        Assert.Equal(0, stretch.UnknownMs);
    }

    [Fact]
    public async Task Short_cut_of_the_link_does_not_end_a_use()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        await gateway.StartLaserAsync();

        gateway.Laser.Leave();
        await gateway.PassAsync(Duration.FromSeconds(4));
        gateway.Laser.Return();
        await gateway.PassAsync(Duration.FromSeconds(60));

        Assert.True(gateway.Laser.Closed());
        Assert.Single(gateway.Laser.Moves);
    }

    [Fact]
    public async Task Device_that_lost_power_stays_off_until_somebody_taps()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        await gateway.StartLaserAsync();
        await gateway.PassAsync(Duration.FromSeconds(10));

        gateway.Laser.Leave(announced: false);
        await gateway.PassAsync(Duration.FromSeconds(2));
        gateway.Laser.Return(rebooted: true);
        await gateway.Booking.WaitForEventAsync<MachineEvent.SessionEnded>(Cancelled);
        await gateway.PassAsync(Duration.FromSeconds(30));

        Assert.False(gateway.Laser.Closed());
        Assert.Equal(EndReason.PowerLost, gateway.Booking.Events.OfType<MachineEvent.SessionEnded>().Single().Why);
        gateway.Laser.Tap(SampleLab.M01.Badge);
        await gateway.Laser.WaitForAsync(d => d.Closed(), Cancelled);
    }

    [Fact]
    public async Task Hold_that_could_not_be_sent_is_not_sent_long_after_the_tap()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        var tap = gateway.Laser.Tap(SampleLab.M01.Badge, live: false);
        await gateway.Booking.WaitForEventAsync<MachineEvent.TapDecided>(Cancelled);

        gateway.Laser.Leave(announced: false);
        gateway.Laser.Send(tap with { Live = true, Key = null, At = gateway.Time.Now, ReceivedTimestamp = gateway.Time.GetTimestamp() });
        await gateway.Booking.WaitForEventAsync<MachineEvent.SessionStarted>(Cancelled);
        await gateway.PassAsync(Duration.FromSeconds(5));
        gateway.Laser.ComeBackSilently();
        await gateway.PassAsync(Duration.FromSeconds(20));
        await gateway.Booking.WaitForEventAsync<MachineEvent.SessionEnded>(Cancelled);

        Assert.Equal(0, gateway.Laser.Holds);
        Assert.Equal(EndReason.RelayDidNotClose, gateway.Booking.Events.OfType<MachineEvent.SessionEnded>().Single().Why);
    }

    [Fact]
    public async Task Gateway_that_comes_back_soon_goes_on_when_the_device_says_that_its_relay_is_closed()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        gateway.Printer.Tap(SampleLab.M01.Badge);
        await gateway.Printer.WaitForAsync(d => d.Closed(), Cancelled);
        await gateway.Booking.WaitForEventAsync<MachineEvent.StretchOpened>(Cancelled);
        await gateway.PassAsync(Duration.FromSeconds(100));

        await gateway.StopAsync();
        gateway.Time.Advance(Duration.FromSeconds(20));
        await gateway.RestartAsync();
        await gateway.PassAsync(Duration.FromSeconds(180));

        Assert.True(gateway.Printer.Closed());
        Assert.Single(gateway.Printer.Moves);
        gateway.Printer.Tap(SampleLab.M01.Badge);
        await gateway.Booking.WaitForEventAsync<MachineEvent.StretchClosed>(Cancelled);
        var stretch = gateway.Booking.Events.OfType<MachineEvent.StretchClosed>().Single().Stretch;
        Assert.Equal(300_000, stretch.KnownMs + stretch.UnknownMs);
        Assert.Single(gateway.Booking.Events.OfType<MachineEvent.SessionStarted>());
    }

    [Fact]
    public async Task Gateway_that_is_stopped_in_order_opens_the_laser_and_ends_its_use()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        await gateway.StartLaserAsync();

        await gateway.StopAsync();
        Assert.False(gateway.Laser.Closed());
        await gateway.RestartAsync();
        await gateway.Booking.WaitForEventAsync<MachineEvent.SessionEnded>(Cancelled);

        Assert.Equal(EndReason.GatewayStopped, gateway.Booking.Events.OfType<MachineEvent.SessionEnded>().Single().Why);
        await gateway.PassAsync(Duration.FromSeconds(20));
        Assert.False(gateway.Laser.Closed());
    }
}
