using FabLab.Booking.Features.Ledger;
using FabLab.Booking.Tests.Hosting;
using FabLab.Contracts;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Ledger;

public sealed class LedgerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_correction_is_new_rows_that_name_the_old_one_and_totals_follow(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        await UseAsync(host, lab, 1, 600);
        var old = await host.ReadAsync(db => db.Ledger.SingleAsync(Cancel));
        var handler = host.Services.GetRequiredService<CorrectEntry>();

        var corrected = await handler.HandleAsync(old.Id, new LedgerCorrection(lab.Bob, lab.Project, 300_000, "Bob had Ada's badge"), lab.Manager, Cancel);

        var rows = await host.ReadAsync(db => db.Ledger.OrderBy(row => row.Kind).ToListAsync(Cancel));
        Assert.Equal([LedgerKind.Recorded, LedgerKind.Reversal, LedgerKind.Replacement], rows.Select(row => row.Kind));
        Assert.All(rows.Skip(1), row => Assert.Equal((old.Id, lab.Manager.Id, "Bob had Ada's badge"), (row.Corrects, row.Author, row.Reason)));
        Assert.Equal(corrected.Value.Replacement, rows[2].Id);
        var people = await host.ReadAsync(db => LedgerSums.ByAsync(db, new LedgerScope(), LedgerGroup.Person, Cancel));
        Assert.Equal((0, 0L, 0L), Of(people, lab.Ada.Value));
        Assert.Equal((1, 300_000L, rows[2].WorkingMs), Of(people, lab.Bob.Value));
        Assert.Equal((1, 300_000L), Total(await host.ReadAsync(db => LedgerSums.OfAsync(db, new LedgerScope(Project: lab.Project), Cancel))));
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Of_two_corrections_of_one_row_at_once_one_counts(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        await UseAsync(host, lab, 1, 60);
        var old = await host.ReadAsync(db => db.Ledger.SingleAsync(Cancel));
        var handler = host.Services.GetRequiredService<CorrectEntry>();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => handler.HandleAsync(
            old.Id, new LedgerCorrection(null, null, null, "test run", Remove: true), lab.Manager, Cancel)));

        Assert.Single(outcomes, outcome => outcome.Done);
        Assert.All(outcomes.Where(outcome => !outcome.Done), outcome => Assert.Equal("already_corrected", outcome.Refusal!.Code));
        Assert.Equal((0, 0L), Total(await host.ReadAsync(db => LedgerSums.OfAsync(db, new LedgerScope(), Cancel))));
    }

    [Fact]
    public async Task A_reversal_and_a_row_taken_back_cannot_be_corrected_again_but_its_replacement_can()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        await UseAsync(host, lab, 1, 60);
        var old = await host.ReadAsync(db => db.Ledger.SingleAsync(Cancel));
        var handler = host.Services.GetRequiredService<CorrectEntry>();
        var change = new LedgerCorrection(lab.Bob, null, null, "Bob");
        var first = (await handler.HandleAsync(old.Id, change, lab.Manager, Cancel)).Value;

        var again = await handler.HandleAsync(old.Id, change, lab.Manager, Cancel);
        var reversal = await handler.HandleAsync(first.Reversal, change, lab.Manager, Cancel);
        var second = await handler.HandleAsync(first.Replacement!.Value, change with { Person = lab.Ada }, lab.Manager, Cancel);
        var negative = await handler.HandleAsync(second.Value.Replacement!.Value, change with { PoweredMs = -1 }, lab.Manager, Cancel);
        var silent = await handler.HandleAsync(second.Value.Replacement!.Value, change with { Reason = "  " }, lab.Manager, Cancel);

        Assert.Equal("already_corrected", again.Refusal?.Code);
        Assert.Equal("already_corrected", reversal.Refusal?.Code);
        Assert.True(second.Done);
        Assert.Equal("poweredMs", negative.Refusal?.Field);
        Assert.Equal("reason", silent.Refusal?.Field);
    }

    [Fact]
    public async Task Every_total_is_the_sum_of_the_rows_whatever_was_corrected()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var random = new Random(7);
        for (var epoch = 1; epoch <= 8; epoch++)
            await UseAsync(host, lab, epoch, random.Next(30, 900));
        var handler = host.Services.GetRequiredService<CorrectEntry>();
        foreach (var row in await host.ReadAsync(db => db.Ledger.ToListAsync(Cancel)))
        {
            if (random.Next(2) == 0)
                await handler.HandleAsync(row.Id, new LedgerCorrection(random.Next(2) == 0 ? lab.Bob : null, random.Next(2) == 0 ? lab.Project : null, random.Next(2) == 0 ? random.Next(0, 900_000) : null, "x", random.Next(4) == 0), lab.Manager, Cancel);
        }

        var rows = await host.ReadAsync(db => db.Ledger.ToListAsync(Cancel));
        var total = await host.ReadAsync(db => LedgerSums.OfAsync(db, new LedgerScope(), Cancel));
        foreach (var group in Enum.GetValues<LedgerGroup>())
        {
            var sums = await host.ReadAsync(db => LedgerSums.ByAsync(db, new LedgerScope(), group, Cancel));
            Assert.Equal(
                (total.Uses, total.PoweredMs, total.WorkingMs, total.CoolDownMs, total.UnknownMs, total.EnergyMwh),
                (sums.Sum(s => s.Uses), sums.Sum(s => s.PoweredMs), sums.Sum(s => s.WorkingMs), sums.Sum(s => s.CoolDownMs), sums.Sum(s => s.UnknownMs), sums.Sum(s => s.EnergyMwh)));
        }
        Assert.Equal((rows.Sum(row => row.PoweredMs), rows.Sum(row => row.WorkingMs)), (total.PoweredMs, total.WorkingMs));
        var counting = rows.Where(row => row.Kind != LedgerKind.Reversal && !rows.Any(other => other.Corrects == row.Id && other.Kind == LedgerKind.Reversal)).ToList();
        Assert.Equal((counting.Count, counting.Sum(row => row.PoweredMs)), (total.Uses, total.PoweredMs));
    }

    private static async Task UseAsync(BookingHost host, SmallLab lab, long epoch, int seconds)
    {
        var story = new MachineStory(lab.Machine, host.Time.Now + Duration.FromHours(epoch)).Use(lab.Ada, lab.AdasBadge, seconds);
        await host.GatewayClient().JournalAsync(new JournalBatch(epoch, story.Records()), Cancel);
    }

    private static (int Uses, long Powered) Total(LedgerTotal total) => (total.Uses, total.PoweredMs);

    private static (int Uses, long Powered, long Working) Of(IReadOnlyList<LedgerTotal> totals, Guid key) =>
        totals.SingleOrDefault(total => total.Key == key) is { } found ? (found.Uses, found.PoweredMs, found.WorkingMs) : (0, 0, 0);
}
