using System.Text.Json.Nodes;

namespace FabLab.Host.Tests.EndToEnd;

public sealed class ScriptedDayTests
{
    private const int Uses = 5;
    private const int Machines = 3;

    /// <summary>The plug of IMP-4 has no clock: its row is the gateway's time and not exact.</summary>
    private const string WithoutClock = "IMP-4";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_day_that_plays_by_itself_ends_as_rows_that_add_up_to_what_every_relay_was_closed_for()
    {
        await using var demo = await DemoLab.StartAsync(Cancel, scriptedDay: true);
        await Eventually.IsAsync(
            () => UsedAsync(demo.Lab), used => used.Count >= Machines && used.Sum(machine => machine.Closings) >= Uses, $"{Uses} uses on {Machines} machines have begun", Cancel, seconds: 150);

        await demo.Lab.DoAsync(new JsonObject { ["do"] = "close" }, Cancel);

        var ended = await UsedAsync(demo.Lab);
        Assert.All(ended, machine => Assert.False(machine.On, $"{machine.Code} is still on."));
        Assert.True(ended.Count >= Machines && ended.Sum(machine => machine.Closings) >= Uses);
        foreach (var machine in ended)
        {
            // A row is whole when the exhaust has run on as well: half a minute at some machines.
            var ledger = await Eventually.IsAsync(
                () => demo.Lab.LedgerAsync(machine.Code, Cancel), sum => sum.RelayMs >= machine.OnTimeMs, $"{machine.Code} has {machine.OnTimeMs} ms on the ledger", Cancel, seconds: 90);
            Assert.Equal((machine.Code, machine.OnTimeMs, 0L), (machine.Code, ledger.RelayMs, ledger.UnknownMs));
            Assert.True(ledger.Rows >= machine.Closings, $"{machine.Code} closed {machine.Closings} times and has {ledger.Rows} rows.");
        }
    }

    /// <summary>The machines behind nodes that have been on, as the virtual lab knows it.</summary>
    private static async Task<List<Used>> UsedAsync(LabHandle lab)
    {
        var status = await lab.DoAsync(new JsonObject { ["do"] = "status" }, Cancel);
        return [.. status["machines"]!.AsArray()
            .Select(machine => new Used(
                machine!["code"]!.GetValue<string>(), machine["closings"]!.GetValue<int>(), machine["relayClosed"]!.GetValue<bool>(), machine["onTimeMs"]!.GetValue<long>()))
            .Where(machine => machine.Closings > 0 && machine.Code != WithoutClock)];
    }

    private sealed record Used(string Code, int Closings, bool On, long OnTimeMs);
}
