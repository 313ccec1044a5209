using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Supervision;
using FabLab.Gateway.Tests.Drivers.Plugs;
using FabLab.Gateway.Tests.Flow;
using FabLab.VirtualLab.Devices;

namespace FabLab.Gateway.Tests.Drivers.FabOMatic;

/// <summary>The whole gateway and a Fab-O-matic board as it is, over a real broker; a meter beside it.</summary>
public sealed class FabOMaticEndToEndTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_card_starts_the_machine_rest_stops_it_by_the_boards_own_limit_and_the_ledger_has_it()
    {
        await using var floor = await PlugFloor.StartAsync("fab-o-matic", dangerous: false);
        Assert.False(floor.Device.Abilities.HasFlag(DriverAbilities.FailsSafeAlone));

        await floor.TapAsync();
        await floor.UntilAsync(() => floor.IsClosed, seconds: 5);
        await floor.UntilAsync(() => floor.State == "running", seconds: 30);
        // Longer than the limit it was given: it is told a later one twice a minute.
        await floor.PassAsync(150);
        Assert.True(floor.IsClosed);

        floor.Rest();
        await floor.UntilAsync(() => floor.Gateway.Booking.Events.OfType<MachineEvent.SessionEnded>().Any());
        await floor.UntilAsync(() => !floor.IsClosed, seconds: 35);
        await floor.PassAsync(2);
        await CameAsync<MachineEvent.StretchClosed>(floor, 1);

        Assert.Equal(EndReason.Idle, Assert.Single(floor.Gateway.Booking.Events.OfType<MachineEvent.SessionEnded>()).Why);
        Assert.Equal(1, floor.Machine.Relay.Closings);
        var entry = Assert.Single(LedgerProjection.Of(floor.Gateway.Booking.Events).Entries(), e => e.Session is not null);
        Assert.Equal((SampleLab.M01.Id, true), (entry.Person, entry.Settled));
        Assert.InRange(entry.PoweredMs, 150_000, 260_000);
    }

    [Fact]
    public async Task The_same_card_again_ends_the_use_and_the_next_one_begins_another()
    {
        await using var floor = await PlugFloor.StartAsync("fab-o-matic", dangerous: false);
        await floor.TapAsync();
        await floor.UntilAsync(() => floor.State == "running", seconds: 40);

        await floor.TapAsync();
        await floor.UntilAsync(() => floor.State == "idle", seconds: 10);

        Assert.False(floor.IsClosed);
        await CameAsync<MachineEvent.SessionEnded>(floor, 1);
        Assert.Equal(EndReason.Tapped, Assert.Single(floor.Gateway.Booking.Events.OfType<MachineEvent.SessionEnded>()).Why);
        await floor.TapAsync();
        await floor.UntilAsync(() => floor.IsClosed, seconds: 5);
        Assert.Equal(2, floor.Machine.Relay.Closings);
    }

    [Fact]
    public async Task A_dead_broker_leaves_it_on_until_its_own_limit_of_minutes_and_not_longer()
    {
        await using var floor = await PlugFloor.StartAsync("fab-o-matic", dangerous: false);
        await floor.TapAsync();
        await floor.UntilAsync(() => floor.State == "running", seconds: 40);
        await floor.PassAsync(60);

        await floor.LoseBrokerAsync();
        await floor.PassAsync(30);
        Assert.True(floor.IsClosed);
        await floor.PassAsync(120);

        Assert.False(floor.IsClosed);
    }

    [Fact]
    public async Task A_dangerous_machine_refuses_it_and_so_does_the_display()
    {
        await using var floor = await PlugFloor.StartAsync("fab-o-matic", dangerous: true);

        await floor.TapAsync();
        await floor.UntilAsync(() => floor.Gateway.Printer.Shown.Count > 0, seconds: 5);
        await floor.PassAsync(2);

        Assert.Equal("locked_out", floor.Gateway.Printer.Shown[0].Code);
        Assert.Equal(0, floor.Machine.Relay.Closings);
        Assert.Equal("no", ((VirtualFabOMatic)floor.Twin).Said);
        Assert.True(floor.Gateway.Alarms.IsOn(AlarmCodes.DeviceUnfit, "LAS-1"));
    }

    [Fact]
    public async Task Nobody_starts_it_from_afar_and_its_trial_is_not_passed()
    {
        await using var floor = await PlugFloor.StartAsync("fab-o-matic", dangerous: false);

        Assert.Equal(SendOutcome.NotSupported, await floor.Device.HoldAsync(0, Core.SessionId.New(floor.Gateway.Time.Now), NodaTime.Duration.FromSeconds(5), Cancel));
        await floor.PassAsync(40);

        Assert.Equal(0, floor.Machine.Relay.Closings);
    }

    [Fact]
    public async Task What_the_board_let_in_while_nobody_listened_is_told_with_its_length_and_once()
    {
        await using var floor = await PlugFloor.StartAsync("fab-o-matic", dangerous: false);
        floor.NobodyMeasures = true;
        await KnownCardAsync(floor);

        await CableAsync(floor, plugged: false);
        foreach (var seconds in (int[])[40, 70])
        {
            await floor.TapAsync();
            await floor.UntilAsync(() => floor.IsClosed, seconds: 5);
            await floor.PassAsync(seconds);
            await floor.TapAsync();
            await floor.PassAsync(2);
        }
        await CableAsync(floor, plugged: true);
        await floor.UntilAsync(() => floor.IsOnline, seconds: 60);
        await floor.PassAsync(10);
        await CameAsync<MachineEvent.StretchClosed>(floor, 3);

        var entries = LedgerProjection.Of(floor.Gateway.Booking.Events).Entries().Skip(1).ToList();
        Assert.Equal([SampleLab.M01.Id, SampleLab.M01.Id], entries.Select(e => e.Person));
        Assert.InRange(entries[0].PoweredMs, 39_000, 42_000);
        Assert.InRange(entries[1].PoweredMs, 69_000, 72_000);
        // One after the other, and over when the board was back.
        Assert.True(entries[0].EndedAt <= entries[1].StartedAt);
        Assert.True(entries[1].EndedAt <= floor.Gateway.Time.Now);
        Assert.False(floor.IsClosed);
        Assert.Equal("idle", floor.State);
    }

    [Fact]
    public async Task A_use_that_began_while_nobody_listened_goes_on_when_it_may_and_is_theirs_from_its_start()
    {
        await using var floor = await PlugFloor.StartAsync("fab-o-matic", dangerous: false);
        floor.NobodyMeasures = true;
        await KnownCardAsync(floor);

        await CableAsync(floor, plugged: false);
        await floor.TapAsync();
        await floor.UntilAsync(() => floor.IsClosed, seconds: 5);
        var from = floor.Gateway.Time.Now;
        await floor.PassAsync(30);
        await CableAsync(floor, plugged: true);
        await floor.PassAsync(5);
        await CameAsync<MachineEvent.SessionStarted>(floor, 2);
        await floor.PassAsync(20);
        Assert.True(floor.IsClosed);
        await floor.TapAsync();
        await floor.UntilAsync(() => floor.State == "idle", seconds: 10);

        Assert.False(floor.IsClosed);
        await CameAsync<MachineEvent.SessionEnded>(floor, 2);
        await CameAsync<MachineEvent.StretchClosed>(floor, 3);
        var entry = LedgerProjection.Of(floor.Gateway.Booking.Events).Entries()[^1];
        Assert.Equal(SampleLab.M01.Id, entry.Person);
        Assert.InRange((entry.StartedAt - from).TotalSeconds, -2, 2);
        Assert.InRange(entry.PoweredMs, 50_000, 80_000);
    }

    [Fact]
    public async Task A_use_that_ended_while_nobody_listened_ends_here_too_and_the_time_between_is_not_made_up()
    {
        await using var floor = await PlugFloor.StartAsync("fab-o-matic", dangerous: false);
        floor.NobodyMeasures = true;
        await floor.TapAsync();
        await floor.UntilAsync(() => floor.State == "ready", seconds: 40);

        await CableAsync(floor, plugged: false);
        await floor.PassAsync(20);
        await floor.TapAsync();
        await floor.PassAsync(60);
        await CableAsync(floor, plugged: true);
        await floor.UntilAsync(() => floor.State == "idle" && floor.IsOnline, seconds: 60);
        await floor.PassAsync(5);
        await CameAsync<MachineEvent.SessionEnded>(floor, 1);
        await CameAsync<MachineEvent.StretchClosed>(floor, 1);

        var entry = Assert.Single(LedgerProjection.Of(floor.Gateway.Booking.Events).Entries());
        Assert.Equal(SampleLab.M01.Id, entry.Person);
        Assert.Single(floor.Gateway.Booking.Events.OfType<MachineEvent.SessionEnded>());
        Assert.InRange(entry.PoweredMs + entry.UnknownMs, 10_000, 130_000);
        Assert.Equal(1, floor.Machine.Relay.Closings);
    }

    /// <summary>The card is among those that the board lets in when nobody answers.</summary>
    private static async Task KnownCardAsync(PlugFloor floor)
    {
        await floor.TapAsync();
        await floor.UntilAsync(() => floor.State != "idle", seconds: 10);
        await floor.PassAsync(3);
        await floor.TapAsync();
        await floor.UntilAsync(() => floor.State == "idle", seconds: 10);
    }

    /// <summary>What the gateway wrote down has come to Booking.</summary>
    private static Task CameAsync<T>(PlugFloor floor, int count)
        where T : MachineEvent => GatewayUnderTest.UntilAsync(() => floor.Gateway.Booking.Events.OfType<T>().Count() >= count);

    private static async Task CableAsync(PlugFloor floor, bool plugged)
    {
        floor.Twin.Cable(plugged, silent: false);
        await GatewayUnderTest.UntilAsync(() => floor.Twin.IsConnected == plugged);
        await floor.PassAsync();
    }
}
