using FabLab.Booking.Data;
using FabLab.Booking.Features.Floor.Pages;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Privacy.Pages;

/// <summary>One act as the page shows it. Who and why are null where they were erased or where nobody did it.</summary>
public sealed record TraceLine(long Seq, Instant At, string Action, string? By, bool AtConsole, bool ByErased, string? Detail, bool DetailErased);

/// <summary>All that the page of traces shows.</summary>
public sealed record TraceView(
    long Entries, string Head, IReadOnlyList<TraceLine> Acts, IReadOnlyList<RetentionRun> Runs, IReadOnlyList<ErasureReceipt> Receipts);

/// <summary>Reads the latest traces.</summary>
public sealed class TraceQueries(BookingDbContext db, FloorQueries floor)
{
    private const int Limit = 100;

    public async Task<TraceView> LatestAsync(CancellationToken cancellationToken)
    {
        var acts = await (
            from entry in db.Audit
            join value in db.AuditValues on entry.Seq equals value.Seq into values
            from value in values.DefaultIfEmpty()
            orderby entry.Seq descending
            select new
            {
                entry.Seq,
                entry.At,
                entry.Action,
                entry.Fact,
                Value = value,
                HasBy = entry.ByCommitment != null,
                HasDetail = entry.DetailCommitment != null,
            }).Take(Limit).ToListAsync(cancellationToken);
        var people = await floor.PeopleAsync(acts.Select(act => act.Value?.By), cancellationToken);
        List<PersonId> others = [.. acts.Select(act => act.Value?.By).OfType<PersonId>().Where(by => !people.ContainsKey(by)).Distinct()];
        var tokens = await db.ApiTokens.Where(token => others.Contains(token.Id)).ToDictionaryAsync(token => token.Id, token => token.Name, cancellationToken);
        var head = await db.AuditHeads.SingleOrDefaultAsync(cancellationToken);
        return new TraceView(
            head?.Seq ?? 0, head?.Hash ?? "",
            [
                .. acts.Select(act => new TraceLine(
                    act.Seq, act.At, act.Action, act.Value?.By is { } by ? people.GetValueOrDefault(by)?.Label ?? tokens.GetValueOrDefault(by) ?? (by == default ? null : "?") : null,
                    act.Value?.By == default(PersonId), act.HasBy && act.Value?.By is null,
                    act.Fact.Length > 0 ? act.Fact : act.Value?.Detail, act.Fact.Length == 0 && act.HasDetail && act.Value?.Detail is null)),
            ],
            await db.RetentionRuns.OrderByDescending(run => run.At).Take(Limit).ToListAsync(cancellationToken),
            await db.ErasureReceipts.OrderByDescending(receipt => receipt.At).Take(Limit).ToListAsync(cancellationToken));
    }
}
