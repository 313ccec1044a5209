using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using FabLab.Gateway.Journal;
using FabLab.Gateway.Policy;
using FabLab.Gateway.Supervision;
using FabLab.Gateway.Tests.Flow;
using NodaTime;

namespace FabLab.Gateway.Tests.Faults;

public sealed class StorageTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tap_that_cannot_be_written_down_is_refused_with_the_relay_open_and_noted_later()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        await FillAsync(gateway);

        gateway.Laser.Tap(SampleLab.M01.Badge);
        await gateway.Laser.WaitForAsync(d => d.Shown.Count > 0, Cancelled);

        Assert.Equal("storage_failure", Assert.Single(gateway.Laser.Shown).Code);
        Assert.Equal(0, gateway.Laser.Holds);
        Assert.True(gateway.Alarms.IsOn(AlarmCodes.StorageFailure, "journal"));
        Assert.Single(gateway.Laser.Kept);

        await EmptyAsync(gateway);
        await gateway.Booking.WaitForEventAsync<MachineEvent.TapDecided>(Cancelled, t => t.Decision is Core.Access.AccessDecision.Denied);
        await gateway.Laser.WaitForAsync(d => d.Kept.Count == 0, Cancelled);
        Assert.False(gateway.Alarms.IsOn(AlarmCodes.StorageFailure, "journal"));
        gateway.Laser.Tap(SampleLab.M01.Badge);
        await gateway.Laser.WaitForAsync(d => d.Closed(), Cancelled);
    }

    [Fact]
    public async Task First_tap_that_finds_the_disk_failing_is_refused_too()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        // Nothing has failed yet: this tap is granted, and then cannot be written down.
        await LimitRowsAsync(gateway, 100);

        gateway.Laser.Tap(SampleLab.M01.Badge);
        await gateway.Laser.WaitForAsync(d => d.Shown.Count > 0, Cancelled);

        Assert.Equal("storage_failure", Assert.Single(gateway.Laser.Shown).Code);
        Assert.Equal(0, gateway.Laser.Holds);
        Assert.Equal("idle", gateway.Machine("LAS-1").State);
    }

    [Fact]
    public async Task Failing_journal_in_mid_session_opens_the_laser_and_loses_no_second()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        await gateway.StartLaserAsync();
        await gateway.PassAsync(Duration.FromSeconds(20));

        await FillAsync(gateway);
        await gateway.Laser.WaitForAsync(d => !d.Closed(), Cancelled);
        await gateway.PassAsync(Duration.FromSeconds(30));
        await EmptyAsync(gateway);
        await gateway.Booking.WaitForEventAsync<MachineEvent.StretchClosed>(Cancelled);

        Assert.Equal(EndReason.StorageFailure, gateway.Booking.Events.OfType<MachineEvent.SessionEnded>().Single().Why);
        Assert.Equal(20_000, gateway.Booking.Events.OfType<MachineEvent.StretchClosed>().Single().Stretch.KnownMs);
        await gateway.Laser.WaitForAsync(d => d.Kept.Count == 0, Cancelled);
    }

    [Fact]
    public async Task Failing_journal_lets_a_machine_that_finishes_go_on_and_its_time_is_written_when_there_is_space()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        gateway.Printer.Tap(SampleLab.M01.Badge);
        await gateway.Printer.WaitForAsync(d => d.Closed(), Cancelled);
        await gateway.Booking.WaitForEventAsync<MachineEvent.StretchOpened>(Cancelled);
        gateway.Printer.Power(120);

        await FillAsync(gateway);
        for (var i = 0; i < 10; i++)
        {
            gateway.Printer.Power(120);
            await gateway.PassAsync(Duration.FromMinutes(1), Duration.FromSeconds(5));
        }
        Assert.True(gateway.Printer.Closed());
        gateway.Printer.Tap(SampleLab.M01.Badge);
        await gateway.Printer.WaitForAsync(d => !d.Closed(), Cancelled);
        await EmptyAsync(gateway);
        await gateway.Booking.WaitForEventAsync<MachineEvent.StretchClosed>(Cancelled);

        Assert.Equal(600_000, gateway.Booking.Events.OfType<MachineEvent.StretchClosed>().Single().Stretch.KnownMs);
        Assert.Equal(EndReason.Tapped, gateway.Booking.Events.OfType<MachineEvent.SessionEnded>().Single().Why);
    }

    [Fact]
    public async Task Tap_on_a_disk_that_stops_answering_is_refused_and_never_becomes_a_use()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        using var disk = await StallAsync(gateway);

        // A record that belongs to no machine waits for the disk, and nobody waits behind it.
        gateway.Laser.Tap(SampleLab.M01.Badge, reader: 7);
        gateway.Laser.Tap(SampleLab.M01.Badge);
        await PatienceEndsAsync(gateway, () => gateway.Laser.Shown.Count > 0);

        Assert.Equal("storage_failure", Assert.Single(gateway.Laser.Shown).Code);
        Assert.Equal(0, gateway.Laser.Holds);
        Assert.True(gateway.Alarms.IsOn(AlarmCodes.StorageFailure, "journal"));

        await disk.AnswerAsync();
        await gateway.SettleAsync();
        Assert.Equal("idle", gateway.Machine("LAS-1").State);
        gateway.Laser.Tap(SampleLab.M01.Badge);
        await gateway.Booking.WaitForEventAsync<MachineEvent.SessionStarted>(Cancelled);
        Assert.Single(gateway.Booking.Events.OfType<MachineEvent.SessionStarted>());
        Assert.False(gateway.Alarms.IsOn(AlarmCodes.StorageFailure, "journal"));
    }

    [Fact]
    public async Task Disk_that_stops_answering_in_mid_session_opens_the_laser_and_loses_no_second()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        await gateway.StartLaserAsync();
        await gateway.PassAsync(Duration.FromSeconds(20));
        using var disk = await StallAsync(gateway);

        gateway.Disk.Advance(GatewayJournal.Patience);
        await gateway.PassAsync(Duration.FromSeconds(4), Duration.FromSeconds(1));
        await gateway.Laser.WaitForAsync(d => !d.Closed(), Cancelled);
        await disk.AnswerAsync();
        await gateway.Booking.WaitForEventAsync<MachineEvent.StretchClosed>(Cancelled);

        Assert.Equal(EndReason.StorageFailure, gateway.Booking.Events.OfType<MachineEvent.SessionEnded>().Single().Why);
        Assert.InRange(gateway.Booking.Events.OfType<MachineEvent.StretchClosed>().Single().Stretch.KnownMs, 20_000, 24_000);
    }

    [Fact]
    public async Task Lost_badge_counts_while_the_disk_is_silent_and_is_on_it_when_it_answers()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        using var disk = await StallAsync(gateway);
        var policy = gateway.Get<PolicyReplica>();

        gateway.Booking.Put(new SiteRule());
        gateway.Booking.Put(SampleLab.M01.BadgeRule with { State = BadgeState.Lost });
        await PatienceEndsAsync(gateway, () => policy.Current.Revision == gateway.Booking.Revision);

        Assert.Equal(BadgeState.Lost, policy.Current.Entities().OfType<BadgeRule>().Single(b => b.Id == SampleLab.M01.BadgeRule.Id).State);
        await disk.AnswerAsync();
        gateway.Booking.Put(new SiteRule());
        await GatewayUnderTest.UntilAsync(() => new PolicyStore(gateway.Journal).Load() is var kept && kept.Revision == gateway.Booking.Revision
            && kept.Entities().OfType<BadgeRule>().Single(b => b.Id == SampleLab.M01.BadgeRule.Id).State == BadgeState.Lost);
    }

    /// <summary>The disk's clock goes on until whoever waits for the disk has given up. More than one may wait, one after the other.</summary>
    private static async Task PatienceEndsAsync(GatewayUnderTest gateway, Func<bool> over)
    {
        while (!over())
        {
            gateway.Disk.Advance(GatewayJournal.Patience);
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancelled);
        }
    }

    /// <summary>The disk does not answer from now on, until it is told to or the test is over.</summary>
    private static async Task<SilentDisk> StallAsync(GatewayUnderTest gateway)
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new ManualResetEventSlim();
        var stalled = gateway.Journal.WriteAsync(_ =>
        {
            entered.SetResult();
            answer.Wait(CancellationToken.None);
            return 0;
        });
        await entered.Task;
        return new SilentDisk(answer, stalled);
    }

    private sealed class SilentDisk(ManualResetEventSlim answer, Task stalled) : IDisposable
    {
        public Task AnswerAsync()
        {
            answer.Set();
            return stalled;
        }

        public void Dispose() => answer.Set();
    }

    /// <summary>Every write fails from now on, and the gateway knows.</summary>
    private static async Task FillAsync(GatewayUnderTest gateway)
    {
        await LimitRowsAsync(gateway, 100);
        Assert.IsType<JournalResult.Failed>(await gateway.Journal.CommitAsync(
            new JournalCommit { Entries = [new JournalEntry(null, default, "test", new string('x', 1000))] }));
        await gateway.SettleAsync();
    }

    private static async Task EmptyAsync(GatewayUnderTest gateway)
    {
        await LimitRowsAsync(gateway, 1_000_000_000);
        gateway.Time.Advance(GatewayJournal.ProbeEvery);
    }

    /// <summary>SQLite itself refuses larger rows on the writer's connection: a failing write without a failing disk.</summary>
    private static async Task LimitRowsAsync(GatewayUnderTest gateway, int bytes)
    {
        // It may share its transaction with a write that fails, and then was perhaps not reached.
        while ((await gateway.Journal.WriteAsync(s => SQLitePCL.raw.sqlite3_limit(s.Connection.Handle, SQLitePCL.raw.SQLITE_LIMIT_LENGTH, bytes))).Fault is { } fault)
        {
            // A journal that is closed answers at once, for ever.
            Assert.NotEqual(StorageFaultKind.Closed, fault.Kind);
            Cancelled.ThrowIfCancellationRequested();
        }
    }
}
