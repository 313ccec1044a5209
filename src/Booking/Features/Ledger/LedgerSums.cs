using FabLab.Booking.Data;
using FabLab.Booking.Features.Sites;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Ledger;

/// <summary>Which rows to sum. A row belongs to a period by its start, and to the site where its machine stands now. Null = all.</summary>
public sealed record LedgerScope(
    Instant? From = null, Instant? Until = null, PersonId? Person = null, MachineId? Machine = null, ProjectId? Project = null, int? Site = null);

/// <summary>By what to group the sums.</summary>
public enum LedgerGroup
{
    Person,
    Machine,
    Project,
}

/// <summary>
/// One sum of the ledger. The key is the id grouped by: null for time of nobody or of no project, and for the sum of everything.
/// Uses are those recorded and not taken back; energy is in thousandths of a watt-hour.
/// </summary>
public sealed record LedgerTotal(Guid? Key, int Uses, long PoweredMs, long WorkingMs, long CoolDownMs, long ExhaustMs, long UnknownMs, long EnergyMwh);

/// <summary>The one place where totals are made: the sum of the rows, and nothing else. Every page and report asks here.</summary>
public static class LedgerSums
{
    public static async Task<LedgerTotal> OfAsync(BookingDbContext db, LedgerScope filter, CancellationToken cancellationToken)
    {
        var sums = await SumAsync(Rows(db, filter).GroupBy(_ => 1), _ => null, cancellationToken);
        return sums.SingleOrDefault() ?? new LedgerTotal(null, 0, 0, 0, 0, 0, 0, 0);
    }

    public static async Task<IReadOnlyList<LedgerTotal>> ByAsync(
        BookingDbContext db, LedgerScope filter, LedgerGroup by, CancellationToken cancellationToken)
    {
        var rows = Rows(db, filter);
        var sums = by switch
        {
            LedgerGroup.Person => await SumAsync(rows.GroupBy(row => row.PersonId), person => person?.Value, cancellationToken),
            LedgerGroup.Machine => await SumAsync(rows.GroupBy(row => row.MachineId), machine => machine.Value, cancellationToken),
            LedgerGroup.Project => await SumAsync(rows.GroupBy(row => row.ProjectId), project => project?.Value, cancellationToken),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        return [.. sums.OrderByDescending(sum => sum.PoweredMs).ThenBy(sum => sum.Key)];
    }

    /// <summary>The rows a total is the sum of.</summary>
    public static IQueryable<MachineTimeEntry> Rows(BookingDbContext db, LedgerScope filter)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(filter);
        var rows = db.Ledger.AsQueryable();
        if (filter.From is { } from)
            rows = rows.Where(row => row.Start >= from);
        if (filter.Until is { } until)
            rows = rows.Where(row => row.Start < until);
        if (filter.Person is { } person)
            rows = rows.Where(row => row.PersonId == person);
        if (filter.Machine is { } machine)
            rows = rows.Where(row => row.MachineId == machine);
        if (filter.Project is { } project)
            rows = rows.Where(row => row.ProjectId == project);
        // What stands at no other site is the first's.
        if (filter.Site is LabSite.First)
            rows = rows.Where(row => !db.Machines.Any(machine => machine.Id == row.MachineId && machine.Site != LabSite.First));
        else if (filter.Site is { } site)
            rows = rows.Where(row => db.Machines.Any(machine => machine.Id == row.MachineId && machine.Site == site));
        return rows;
    }

    private static async Task<List<LedgerTotal>> SumAsync<TKey>(
        IQueryable<IGrouping<TKey, MachineTimeEntry>> groups, Func<TKey, Guid?> key, CancellationToken cancellationToken)
    {
        var sums = await groups.Select(group => new
        {
            group.Key,
            Uses = group.Sum(row => row.SessionId == null ? 0 : row.Kind == LedgerKind.Reversal ? -1 : 1),
            Powered = group.Sum(row => row.PoweredMs),
            Working = group.Sum(row => row.WorkingMs),
            CoolDown = group.Sum(row => row.CoolDownMs),
            Exhaust = group.Sum(row => row.ExhaustMs),
            Unknown = group.Sum(row => row.UnknownMs),
            Energy = group.Sum(row => row.EnergyMwh),
        }).ToListAsync(cancellationToken);
        return [.. sums.Select(s => new LedgerTotal(key(s.Key), s.Uses, s.Powered, s.Working, s.CoolDown, s.Exhaust, s.Unknown, s.Energy))];
    }
}
