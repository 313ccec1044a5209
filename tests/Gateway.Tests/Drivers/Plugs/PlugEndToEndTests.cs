using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Supervision;
using FabLab.Gateway.Tests.Flow;
using FabLab.VirtualLab.Devices;

namespace FabLab.Gateway.Tests.Drivers.Plugs;

/// <summary>A day of each bought device, over a real broker: somebody taps, works, forgets it; then the broker dies in the middle of the next use.</summary>
public sealed class PlugEndToEndTests
{
    /// <summary>Kind, the firmware its test was passed with, and whether its relay opens by itself.</summary>
    public static TheoryData<string, string?, bool> Kinds => new()
    {
        { "tasmota", null, true },
        { "shelly", null, true },
        { "shelly1", "20230913-113421/v1.14.0-gcb84623", true },
        { "esphome", null, true },
        { "zigbee2mqtt", "1.0.5", true },
        { "homeassistant", null, false },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_tap_closes_the_relay_rest_opens_it_the_ledger_has_it_and_a_dead_broker_leaves_no_machine_on(string kind, string? proven, bool alone)
    {
        await using var floor = await PlugFloor.StartAsync(kind, dangerous: alone, proven);
        Assert.Equal(alone, floor.Device.Abilities.HasFlag(DriverAbilities.FailsSafeAlone));

        await floor.TapAsync();
        await floor.UntilAsync(() => floor.IsClosed, seconds: 5);
        await floor.UntilAsync(() => floor.State == "running", seconds: 30);
        Assert.True(floor.Device.Abilities.HasFlag(DriverAbilities.Measures));
        // Longer than a lease: it is renewed, and each renewal counts anew.
        await floor.PassAsync(20);
        Assert.True(floor.IsClosed);
        Assert.Equal(1, floor.Machine.Relay.Closings);

        floor.Rest();
        await floor.UntilAsync(() => !floor.IsClosed);
        await floor.Gateway.Booking.WaitForEventAsync<MachineEvent.StretchClosed>(TestContext.Current.CancellationToken);
        var events = floor.Gateway.Booking.Events;
        Assert.Equal(EndReason.Idle, Assert.Single(events.OfType<MachineEvent.SessionEnded>()).Why);
        var stretch = Assert.Single(events.OfType<MachineEvent.StretchClosed>()).Stretch;
        Assert.InRange(stretch.KnownMs, 60_000, 200_000);
        Assert.Equal(0, stretch.UnknownMs);

        await floor.PassAsync(2);
        await floor.TapAsync();
        await floor.UntilAsync(() => floor.IsClosed, seconds: 5);
        await floor.LoseBrokerAsync();
        await floor.PassAsync(10);

        Assert.Equal(alone, !floor.IsClosed);
    }

    [Theory]
    [InlineData("homeassistant", null)]
    [InlineData("shelly1", null)]
    [InlineData("shelly1", "another firmware")]
    [InlineData("zigbee2mqtt", null)]
    public async Task A_dangerous_machine_refuses_what_does_not_open_by_itself(string kind, string? proven)
    {
        await using var floor = await PlugFloor.StartAsync(kind, dangerous: true, proven);

        await floor.TapAsync();
        await floor.UntilAsync(() => floor.Gateway.Printer.Shown.Count > 0, seconds: 5);

        Assert.Equal("locked_out", floor.Gateway.Printer.Shown[0].Code);
        Assert.Equal(0, floor.Machine.Relay.Closings);
        Assert.True(floor.Gateway.Alarms.IsOn(AlarmCodes.DeviceUnfit, "LAS-1"));
    }

    [Theory]
    [InlineData("shelly", null)]
    [InlineData("shelly1", "20230913-113421/v1.14.0-gcb84623")]
    [InlineData("esphome", null)]
    [InlineData("zigbee2mqtt", "1.0.5")]
    [InlineData("homeassistant", null)]
    public async Task After_a_power_cut_nothing_starts(string kind, string? proven)
    {
        await using var floor = await PlugFloor.StartAsync(kind, dangerous: kind != "homeassistant", proven);
        await floor.TapAsync();
        await floor.UntilAsync(() => floor.State == "running", seconds: 30);

        floor.Twin.Power(on: false);
        await GatewayUnderTest.UntilAsync(() => !floor.Twin.IsConnected && !floor.IsOnline);
        await floor.PassAsync(3);
        floor.Twin.Power(on: true);
        await GatewayUnderTest.UntilAsync(() => floor.Twin.IsConnected);
        await floor.UntilAsync(() => floor.IsOnline && floor.State == "idle", seconds: 40);
        await floor.PassAsync(12);

        Assert.False(floor.IsClosed);
        Assert.Equal(1, floor.Machine.Relay.Closings);
        await floor.TapAsync();
        await floor.UntilAsync(() => floor.IsClosed, seconds: 5);
    }

    [Fact]
    public async Task A_timer_that_is_none_is_found_out_at_the_first_use_and_there_is_no_second()
    {
        await using var floor = await PlugFloor.StartAsync("shelly");
        ((VirtualPlug)floor.Twin).TimerDead = true;

        await floor.TapAsync();
        await floor.UntilAsync(() => floor.Machine.Relay.Closings == 1 && !floor.IsClosed, seconds: 10);
        await floor.UntilAsync(() => floor.State == "idle", seconds: 20);
        var shown = floor.Gateway.Printer.Shown.Count;
        await floor.TapAsync();
        await floor.UntilAsync(() => floor.Gateway.Printer.Shown.Count > shown, seconds: 5);

        Assert.Equal("locked_out", floor.Gateway.Printer.Shown[^1].Code);
        Assert.Equal(1, floor.Machine.Relay.Closings);
    }
}
