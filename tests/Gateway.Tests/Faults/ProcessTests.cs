using FabLab.Core.Sessions;
using FabLab.Gateway.Tests.Flow;
using NodaTime;

namespace FabLab.Gateway.Tests.Faults;

public sealed class ProcessTests
{
    private static readonly Duration Lease = Duration.FromSeconds(2);

    [Fact]
    public async Task Killed_in_mid_session_and_started_again_no_second_is_lost_and_none_counted_twice()
    {
        await using var gateway = await GatewayProcess.StartedAsync(Lease);
        await gateway.TapUntilAsync(SampleLab.M01, closed: true);

        // At once, a moment later, and after the lease has run out: three lives, one ledger.
        foreach (var away in new[] { 0, 200, 2600 })
        {
            await gateway.KillAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(away), TimeProvider.System, TestContext.Current.CancellationToken);
            await gateway.StartAsync();
            await gateway.TapUntilAsync(SampleLab.M01, closed: true);
        }
        await gateway.TapUntilAsync(SampleLab.M01, closed: false);

        await Settled(gateway);
        AssertLedgerIsTheRelay(gateway);
        Assert.Equal(0, gateway.Ledger().Entries().Sum(e => e.UnknownMs));
        Assert.All(gateway.Ledger().Entries(), e => Assert.True(e.Settled));
    }

    [Fact]
    public async Task Killed_for_good_the_relay_opens_by_itself_and_stays_open()
    {
        await using var gateway = await GatewayProcess.StartedAsync(Lease);
        await gateway.TapUntilAsync(SampleLab.M01, closed: true);

        await gateway.KillAsync();
        await gateway.Node.UntilAsync(0, closed: false);
        await gateway.StartAsync();
        await GatewayProcess.UntilAsync(() => gateway.Booking.Events.OfType<MachineEvent.SessionEnded>().Any());
        await Settled(gateway);

        Assert.False(gateway.Node.IsClosed(0));
        Assert.Equal(1, gateway.Node.Closings(0));
        AssertLedgerIsTheRelay(gateway);
    }

    [Fact]
    public async Task Full_disk_opens_the_relay_and_refuses_and_space_heals_it()
    {
        await using var gateway = await GatewayProcess.StartedAsync(Lease);
        await gateway.TapUntilAsync(SampleLab.M01, closed: true);

        await gateway.FillDiskAsync();
        gateway.Tap(SampleLab.M02);
        await gateway.Node.UntilAsync(0, closed: false);
        gateway.Tap(SampleLab.M01);
        await GatewayProcess.UntilAsync(() => gateway.Output.Any(l => l.Contains("storage_failure", StringComparison.Ordinal)));
        Assert.False(gateway.Node.IsClosed(0));

        await gateway.FreeDiskAsync();
        await GatewayProcess.UntilAsync(() => gateway.Output.Any(l => l.Contains("Alarm storage_failure on journal is over", StringComparison.Ordinal)));
        await gateway.TapUntilAsync(SampleLab.M01, closed: true);
        await gateway.TapUntilAsync(SampleLab.M01, closed: false);
        await Settled(gateway);

        AssertLedgerIsTheRelay(gateway);
        Assert.Contains(gateway.Booking.Events.OfType<MachineEvent.SessionEnded>(), e => e.Why == EndReason.StorageFailure);
    }

    [Fact]
    public async Task Stopped_in_order_it_opens_the_relay_and_ends_with_zero()
    {
        await using var gateway = await GatewayProcess.StartedAsync(Lease);
        await gateway.TapUntilAsync(SampleLab.M01, closed: true);

        Assert.Equal(0, await gateway.StopAsync());

        Assert.False(gateway.Node.IsClosed(0));
    }

    [Fact]
    public async Task Second_gateway_on_the_same_folder_ends_with_a_code_and_says_why()
    {
        await using var gateway = await GatewayProcess.StartedAsync(Lease);

        var (code, output) = await gateway.SecondAsync();

        Assert.NotEqual(0, code);
        Assert.Contains(output, l => l.Contains("Another gateway", StringComparison.Ordinal));
    }

    /// <summary>The test looks at the relay a moment after the node has noted it: a few milliseconds a move, no more.</summary>
    private static void AssertLedgerIsTheRelay(GatewayProcess gateway)
    {
        var entries = gateway.Ledger().Entries();
        var (ledger, relay) = (entries.Sum(e => e.PoweredMs), gateway.Node.ClosedMs(0));
        Assert.True(
            Math.Abs(ledger - relay) <= 200,
            $"The relay was closed for {relay} ms, the ledger says {ledger} ms.\n{string.Join("\n", entries)}\n{string.Join("\n", gateway.Booking.Events.Where(e => e is not MachineEvent.TapDecided))}");
    }

    /// <summary>The device has nothing left to tell and Booking has it all.</summary>
    private static async Task Settled(GatewayProcess gateway)
    {
        await GatewayProcess.UntilAsync(() => gateway.Node.Memory.Journal.Count == 0);
        await gateway.DrainAsync();
        await GatewayProcess.UntilAsync(() => gateway.Ledger().Entries() is { Count: > 0 } entries && entries.All(e => e.Settled));
    }
}
