namespace FabLab.Host.Tests.EndToEnd;

/// <summary>Processes that die in mid use, and what the ledger says of it.</summary>
public sealed class CrashTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_gateway_killed_in_mid_use_and_started_again_loses_no_millisecond_and_starts_nothing_by_itself()
    {
        await using var split = await SplitLab.StartAsync(Cancel);
        var lab = split.Lab;
        await lab.GrantedAsync("COU-1", "M12", Cancel);

        await split.Gateway!.KillAsync(Cancel);
        await split.StartGatewayAsync(Cancel);

        Assert.False(await lab.IsOnAsync("PRE-1", Cancel));
        if (await lab.IsOnAsync("COU-1", Cancel))
            await lab.EndedAsync("COU-1", "M12", Cancel);
        await lab.LedgerAddsUpAsync("COU-1", rows: 1, Cancel);
    }

    [Fact]
    public async Task With_booking_away_taps_are_decided_all_the_same_and_the_ledger_catches_up()
    {
        await using var split = await SplitLab.StartAsync(Cancel);
        var lab = split.Lab;
        await split.Booking!.KillAsync(Cancel);

        await lab.GrantedAsync("BRO-1", "M13", Cancel);
        await lab.EndedAsync("BRO-1", "M13", Cancel);
        var refused = await lab.TapAsync("LAS-1", "M04", Cancel);
        await split.StartBookingAsync(Cancel);

        Assert.Equal("training_missing", refused.Code);
        await lab.LedgerAddsUpAsync("BRO-1", rows: 1, Cancel);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Ctrl_C_ends_the_demonstration_cleanly_with_no_child_left_and_the_machine_off(bool group)
    {
        await using var demo = await DemoLab.StartAsync(Cancel);
        await demo.Lab.GrantedAsync("COU-1", "M12", Cancel);
        var children = demo.Process.Children();
        Assert.Equal(2, children.Count);

        Assert.Equal(0, await (group ? demo.Process.InterruptGroupAsync(Cancel) : demo.Process.InterruptAsync(Cancel)));

        var said = demo.Process.Said;
        Assert.False(said.Contains("fail:", StringComparison.Ordinal) || said.Contains("crit:", StringComparison.Ordinal), said);
        Assert.DoesNotContain(said.Split('\n'), line => line.StartsWith("fablab:", StringComparison.Ordinal) && !line.StartsWith("fablab: starting the broker", StringComparison.Ordinal));
        Assert.DoesNotContain(children, LabProcess.Runs);
        Assert.DoesNotContain("\"relayClosed\":true", await File.ReadAllTextAsync(Path.Combine(demo.Lab.Data, "virtual", "last.json"), Cancel), StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(demo.Lab.Data, "virtual.sock")));
    }

    [Fact]
    public async Task A_demonstration_that_is_killed_leaves_no_child_either()
    {
        await using var demo = await DemoLab.StartAsync(Cancel);
        var children = demo.Process.Children();

        await demo.Process.KillAsync(Cancel);

        await Eventually.IsAsync(() => Task.FromResult(children.Count(LabProcess.Runs)), running => running == 0, "its children are gone", Cancel);
    }
}
