using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Supervision;
using NodaTime;

namespace FabLab.Gateway.Tests.Flow;

public sealed class DeviceRecordTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Record_is_acknowledged_after_the_commit_and_not_before()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        var durable = new List<bool>();
        var journal = gateway.Journal;
        gateway.Laser.OnAcknowledge = key => durable.Add(journal.IsKnown(key));

        gateway.Laser.Tap(SampleLab.M02.Badge);
        await gateway.Laser.WaitForAsync(d => d.Kept.Count == 0, Cancelled);

        Assert.NotEmpty(durable);
        Assert.DoesNotContain(false, durable);
    }

    [Fact]
    public async Task Records_sent_again_and_again_in_any_order_give_one_ledger()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        gateway.Laser.KeepsEverything = true;
        await gateway.StartLaserAsync();
        await gateway.PassAsync(Duration.FromSeconds(60));
        gateway.Laser.Tap(SampleLab.M01.Badge);
        await gateway.Booking.WaitForEventAsync<MachineEvent.StretchClosed>(Cancelled);
        await gateway.SettleAsync();
        var events = gateway.Booking.Events.Count;

        foreach (var report in gateway.Laser.Kept.Reverse().Concat(gateway.Laser.Kept).Concat(gateway.Laser.Kept.OrderBy(r => r.Key!.Value.Sequence * 7 % 5)))
            gateway.Laser.Send(report);
        await gateway.SettleAsync();
        await gateway.RestartAsync();
        gateway.Laser.Resend();
        await gateway.SettleAsync();

        Assert.Equal(events, gateway.Booking.Events.Count);
        Assert.Equal(60_000, gateway.Booking.Events.OfType<MachineEvent.StretchClosed>().Sum(s => s.Stretch.KnownMs));
        Assert.Equal("idle", gateway.Machine("LAS-1").State);
        Assert.False(gateway.Laser.Closed());
        Assert.True(gateway.Metrics.Duplicates.Total > 0);
    }

    [Fact]
    public async Task Live_tap_that_comes_twice_starts_and_does_not_stop()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();

        var tap = gateway.Laser.Tap(SampleLab.M01.Badge);
        gateway.Laser.Send(tap);
        gateway.Laser.Send(tap);
        await gateway.Laser.WaitForAsync(d => d.Shown.Count > 0, Cancelled);
        await gateway.SettleAsync();

        Assert.True(gateway.Laser.Closed());
        Assert.Equal("started", Assert.Single(gateway.Laser.Shown).Code);
    }

    [Fact]
    public async Task Use_that_went_on_while_the_link_was_cut_is_on_the_ledger_to_the_second()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        gateway.Printer.Tap(SampleLab.M01.Badge);
        await gateway.Printer.WaitForAsync(d => d.Closed(), Cancelled);
        await gateway.Booking.WaitForEventAsync<MachineEvent.StretchOpened>(Cancelled);
        await gateway.PassAsync(Duration.FromSeconds(30));

        gateway.Printer.Finishes = true;
        gateway.Printer.Leave();
        await gateway.PassAsync(Duration.FromMinutes(30), Duration.FromSeconds(10));
        gateway.Printer.OpenByItself(RelayCauses.Idle);
        await gateway.PassAsync(Duration.FromMinutes(5), Duration.FromSeconds(10));
        gateway.Printer.Return();
        await gateway.Booking.WaitForEventAsync<MachineEvent.StretchClosed>(Cancelled);

        var stretch = gateway.Booking.Events.OfType<MachineEvent.StretchClosed>().Single().Stretch;
        Assert.Equal(30_000 + 1_800_000, stretch.KnownMs);
        Assert.Equal(0, stretch.UnknownMs);
        Assert.Equal(EndReason.FinishedAlone, gateway.Booking.Events.OfType<MachineEvent.SessionEnded>().Single().Why);
        await gateway.Printer.WaitForAsync(d => d.Kept.Count == 0, Cancelled);
    }

    [Fact]
    public async Task Two_devices_under_one_id_are_an_alarm_at_booking_and_the_machine_goes_on()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        await gateway.StartLaserAsync();

        gateway.Laser.Fault(DeviceFaults.DuplicateId);
        gateway.Laser.Fault(DeviceFaults.DuplicateId);
        await gateway.Booking.WaitForAsync(b => b.Lines.Any(l => l.Kind == JournalKinds.Alarm), Cancelled);

        Assert.True(gateway.Alarms.IsOn(AlarmCodes.DeviceFault, $"{SampleLab.LaserBox}:{DeviceFaults.DuplicateId}"));
        var alarm = Assert.Single(gateway.Booking.Lines, l => l.Kind == JournalKinds.Alarm);
        Assert.Equal(SampleLab.LaserBox.Value, alarm.Body.GetProperty("device").GetString());
        Assert.True(gateway.Laser.Closed());
    }

    [Fact]
    public async Task Record_of_a_channel_without_a_machine_is_kept_and_flagged()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();

        gateway.Laser.Send(new DeviceReport.RelayReport(
            SampleLab.LaserBox, gateway.Time.Now, gateway.Time.GetTimestamp(), 3, true, RelayCauses.Unknown, null, 5, new JournalKey(SampleLab.LaserBox, 1, 99)));
        await gateway.Booking.WaitForAsync(b => b.Lines.Any(l => l.Kind == JournalKinds.Alarm), Cancelled);
        await gateway.SettleAsync();

        Assert.True(gateway.Journal.IsKnown(new JournalKey(SampleLab.LaserBox, 1, 99)));
        Assert.Equal("idle", gateway.Machine("LAS-1").State);
    }

    [Fact]
    public void Acknowledgement_waits_for_what_arrived_before()
    {
        var device = new DeviceId("box");
        var acknowledgements = new Gateway.Flow.DeviceAcknowledgements();
        JournalKey Key(uint sequence) => new(device, 1, sequence);
        foreach (var sequence in new uint[] { 7, 8, 9 })
            acknowledgements.Received(Key(sequence));

        Assert.Empty(acknowledgements.Committed(Key(8)));
        Assert.Equal([Key(7), Key(8)], acknowledgements.Committed(Key(7)));
        Assert.Equal([Key(9)], acknowledgements.Committed(Key(9)));
        Assert.Empty(acknowledgements.Committed(Key(9)));
    }
}
