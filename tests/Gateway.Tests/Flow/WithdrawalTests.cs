using System.Text.Json;
using FabLab.Contracts;
using FabLab.Core.Badges;
using FabLab.Core.Json;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using NodaTime;

namespace FabLab.Gateway.Tests.Flow;

/// <summary>What staff do in Booking, in force at the relay. No clock is moved where it says "at once".</summary>
public sealed class WithdrawalTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_badge_reported_lost_is_off_at_once()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        await gateway.StartLaserAsync();

        gateway.Booking.Put(SampleLab.M01.BadgeRule with { State = BadgeState.Lost });
        await gateway.Laser.WaitForAsync(d => !d.Closed(), Cancelled);
        await gateway.Booking.WaitForEventAsync<MachineEvent.SessionEnded>(Cancelled);

        gateway.Laser.Tap(SampleLab.M01.Badge);
        await gateway.Laser.WaitForAsync(d => d.Shown.Any(s => s.Code == "badge_lost"), Cancelled);
        Assert.False(gateway.Laser.Closed());
    }

    [Fact]
    public async Task A_device_that_staff_withdraw_opens_its_relay_and_is_forgotten_at_once()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        await gateway.StartLaserAsync();

        gateway.Booking.Withdrawn = [SampleLab.LaserBox];
        gateway.Booking.Put(new SiteRule());
        await gateway.Laser.WaitForAsync(d => !d.Closed(), Cancelled);

        await GatewayUnderTest.UntilAsync(() => gateway.Laser.Disposed);
        Assert.DoesNotContain(gateway.Listed, d => d.Id == SampleLab.LaserBox.Value);
        await GatewayUnderTest.UntilAsync(() => gateway.Status.Devices.All(d => d.Device != SampleLab.LaserBox));
        Assert.True(gateway.Status.Devices.Single().Online);
    }

    [Fact]
    public async Task A_device_that_staff_enrol_is_put_on_the_list_at_once_and_one_that_knocks_with_another_key_is_told_of()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        byte[] key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

        gateway.Booking.Enrol = [new DeviceToEnrol(new("las-9"), 3, key, 2), new DeviceToEnrol(SampleLab.LaserBox, 1, key, 1)];
        gateway.Booking.Put(new SiteRule());
        await gateway.Booking.WaitForAsync(b => b.Enrolled.Count >= 2, Cancelled);

        Assert.Equal(
            [(SampleLab.LaserBox, EnrolmentResult.Already), (new("las-9"), EnrolmentResult.Taken)],
            gateway.Booking.Enrolled.Select(e => (e.Device, e.Result)).OrderByDescending(e => e.Result));
        var listed = gateway.Listed.Single(d => d.Id == "las-9");
        Assert.Equal(("node", 2, 3, System.Buffers.Text.Base64Url.EncodeToString(key)), (listed.Driver, listed.Channels, listed.KeyId, listed.Key));
        Assert.DoesNotContain(gateway.Log.Lines, line => line.Contains(listed.Key!, StringComparison.Ordinal));

        gateway.TurnedAway = ["las-9"];
        gateway.Time.Advance(Duration.FromSeconds(1));
        await gateway.Booking.WaitForAsync(b => b.Enrolled.Any(e => e.Result == EnrolmentResult.WrongKey), Cancelled);
    }

    [Fact]
    public async Task A_machine_that_would_finish_alone_does_not_when_its_device_is_withdrawn()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        gateway.Printer.Tap(SampleLab.M01.Badge);
        await gateway.Printer.WaitForAsync(d => d.Closed(), Cancelled);

        gateway.Booking.Withdrawn = [SampleLab.PrinterBox];
        gateway.Booking.Put(new SiteRule());

        await gateway.Printer.WaitForAsync(d => !d.Closed(), Cancelled);
        await GatewayUnderTest.UntilAsync(() => gateway.Printer.Disposed);
    }

    [Fact]
    public async Task Another_device_in_the_place_of_one_ends_the_use_and_starts_nothing()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        await gateway.StartLaserAsync();

        gateway.Booking.Put(SampleLab.Laser with { Devices = [.. SampleLab.Laser.Devices.Select(d => d with { Device = SampleLab.PrinterBox, Channel = d.Channel + 1 })] });
        await gateway.Laser.WaitForAsync(d => !d.Closed(), Cancelled);
        await gateway.PassAsync(Duration.FromMinutes(2));

        Assert.Null(gateway.Machine("LAS-1").Session);
        Assert.Empty(gateway.Printer.Moves);
    }

    [Fact]
    public async Task Booking_is_told_which_devices_answer_and_what_they_run()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();

        gateway.Laser.Leave();
        await GatewayUnderTest.UntilAsync(() => gateway.Status.Devices.Any(d => !d.Online));
        await gateway.PassAsync(Duration.FromSeconds(2));
        await GatewayUnderTest.UntilAsync(() => gateway.Booking.Devices?.Devices.Count(d => d.Online) == 1);

        var told = gateway.Booking.Devices!.Devices;
        Assert.Equal([SampleLab.PrinterBox, SampleLab.LaserBox], told.Select(d => d.Device));
        Assert.Equal([true, false], told.Select(d => d.Online));
        Assert.All(told, d => Assert.Equal("virtual", d.Driver));
    }

    [Fact]
    public async Task An_unknown_badge_travels_as_hashes_and_a_makers_own_badge_does_not_travel()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();

        gateway.Laser.Tap(SampleLab.M02.Badge);
        gateway.Laser.Tap(SampleLab.UnknownBadge);
        await gateway.Booking.WaitForAsync(b => b.Lines.Any(l => l.Kind == JournalKinds.Badge), Cancelled);

        var line = Assert.Single(gateway.Booking.Lines, l => l.Kind == JournalKinds.Badge);
        var seen = line.Body.Deserialize<BadgeSeen>(CoreJson.Options)!;
        Assert.Equal((SampleLab.LaserBox, 0), (seen.Device, seen.Reader));
        Assert.Equal(new BadgeHasher(1, SampleLab.BadgeKey).Print(BadgeNumber.Parse($"em:{SampleLab.UnknownBadge}")!), seen.Print);
        Assert.DoesNotContain(SampleLab.UnknownBadge, line.Body.GetRawText(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task At_a_reader_of_no_machine_every_badge_travels_as_hashes()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();

        gateway.Laser.Tap(SampleLab.M01.Badge, reader: 3);
        await gateway.Booking.WaitForAsync(b => b.Lines.Any(l => l.Kind == JournalKinds.Badge), Cancelled);

        var seen = gateway.Booking.Lines.Single(l => l.Kind == JournalKinds.Badge).Body.Deserialize<BadgeSeen>(CoreJson.Options)!;
        Assert.Equal((3, SampleLab.M01.BadgeRule.Print), (seen.Reader, seen.Print));
        // The reader of a front desk is no fault.
        Assert.DoesNotContain(gateway.Booking.Lines, l => l.Kind == JournalKinds.Alarm);
        Assert.False(gateway.Laser.Closed());
    }
}
