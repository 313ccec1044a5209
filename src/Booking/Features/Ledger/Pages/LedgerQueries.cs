using FabLab.Booking.Data;
using FabLab.Booking.Features.Floor.Pages;
using FabLab.Booking.Features.Machines.Pages;
using FabLab.Booking.Web;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Ledger.Pages;

/// <summary>Reads the ledger for pages. A total is the sum of the rows of its filter, added by the database, and nothing else.</summary>
public sealed class LedgerQueries(BookingDbContext db, FloorQueries floor)
{
    public const int PageSize = 50;

    public async Task<LedgerTotals> TotalsAsync(LedgerFilter filter, DateTimeZone zone, CancellationToken cancellationToken)
    {
        var sums = await Rows(filter, zone).GroupBy(_ => 1).Select(rows => new
        {
            Powered = rows.Sum(r => r.PoweredMs),
            Working = rows.Sum(r => r.WorkingMs),
            Unknown = rows.Sum(r => r.UnknownMs),
            WattHours = rows.Sum(r => r.WattHours ?? 0),
            Uses = rows.Sum(r => r.Kind == LedgerKind.Reversal ? -1 : 1),
        }).SingleOrDefaultAsync(cancellationToken);
        return sums is null
            ? new LedgerTotals(Duration.Zero, Duration.Zero, Duration.Zero, 0, 0)
            : new LedgerTotals(
                Duration.FromMilliseconds(sums.Powered), Duration.FromMilliseconds(sums.Working),
                Duration.FromMilliseconds(sums.Unknown), sums.WattHours, sums.Uses);
    }

    /// <summary>The time of one person, a line a project.</summary>
    public async Task<IReadOnlyList<ProjectTime>> ByProjectAsync(PersonId person, CancellationToken cancellationToken)
    {
        var sums = await db.Ledger.Where(r => r.PersonId == person).GroupBy(r => r.ProjectId)
            .Select(rows => new { Project = rows.Key, Powered = rows.Sum(r => r.PoweredMs), Working = rows.Sum(r => r.WorkingMs) })
            .ToListAsync(cancellationToken);
        Dictionary<ProjectId, string> names = await ProjectNamesAsync(sums.Select(s => s.Project), cancellationToken);
        return
        [
            .. sums.Where(s => s.Powered != 0 || s.Working != 0).OrderByDescending(s => s.Powered).Select(s => new ProjectTime(
                s.Project is { } project ? names.GetValueOrDefault(project) : null,
                Duration.FromMilliseconds(s.Powered), Duration.FromMilliseconds(s.Working))),
        ];
    }

    /// <summary>The latest rows of a machine that still count: not those taken back.</summary>
    public async Task<IReadOnlyList<UseLine>> RecentAsync(Viewer viewer, MachineId machine, int count, CancellationToken cancellationToken) =>
        [.. (await LinesAsync(viewer, Counting().Where(r => r.MachineId == machine).OrderByDescending(r => r.Start).Take(count), cancellationToken)).Select(l => l.Use)];

    /// <summary>The latest rows of a person that still count.</summary>
    public Task<IReadOnlyList<LedgerLine>> RecentAsync(Viewer viewer, PersonId person, int count, CancellationToken cancellationToken) =>
        LinesAsync(viewer, Counting().Where(r => r.PersonId == person).OrderByDescending(r => r.Start).Take(count), cancellationToken);

    /// <summary>Every row of the filter, corrections too, newest first, a page of them.</summary>
    public Task<IReadOnlyList<LedgerLine>> PageAsync(Viewer viewer, LedgerFilter filter, DateTimeZone zone, CancellationToken cancellationToken) =>
        LinesAsync(
            viewer,
            Rows(filter, zone).OrderByDescending(r => r.Start).ThenByDescending(r => r.RecordedAt).ThenBy(r => r.Id).Skip((filter.Page - 1) * PageSize).Take(PageSize + 1),
            cancellationToken);

    public async Task<LedgerLine?> LineAsync(Viewer viewer, Guid id, CancellationToken cancellationToken) =>
        (await LinesAsync(viewer, db.Ledger.Where(r => r.Id == id), cancellationToken)).SingleOrDefault();

    private IQueryable<MachineTimeEntry> Counting() => db.Ledger.Where(
        r => r.Kind != LedgerKind.Reversal && !db.Ledger.Any(other => other.Corrects == r.Id && other.Kind == LedgerKind.Reversal));

    private IQueryable<MachineTimeEntry> Rows(LedgerFilter filter, DateTimeZone zone)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentNullException.ThrowIfNull(zone);
        IQueryable<MachineTimeEntry> rows = db.Ledger;
        if (filter.From is { } from)
        {
            Instant start = from.AtStartOfDayInZone(zone).ToInstant();
            rows = rows.Where(r => r.Start >= start);
        }

        if (filter.Through is { } through)
        {
            Instant end = through.PlusDays(1).AtStartOfDayInZone(zone).ToInstant();
            rows = rows.Where(r => r.Start < end);
        }

        if (filter.Machine is { } machine)
            rows = rows.Where(r => r.MachineId == machine);
        if (filter.Person is { } person)
            rows = rows.Where(r => r.PersonId == person);
        if (filter.Project is { } project)
            rows = rows.Where(r => r.ProjectId == project);
        return rows;
    }

    private async Task<IReadOnlyList<LedgerLine>> LinesAsync(Viewer viewer, IQueryable<MachineTimeEntry> query, CancellationToken cancellationToken)
    {
        List<MachineTimeEntry> rows = await query.ToListAsync(cancellationToken);
        List<Guid> ids = [.. rows.Select(r => r.Id)];
        HashSet<Guid> takenBack = [.. await db.Ledger
            .Where(r => r.Kind == LedgerKind.Reversal && r.Corrects != null && ids.Contains(r.Corrects.Value)).Select(r => r.Corrects!.Value).ToListAsync(cancellationToken)];
        List<MachineId> machineIds = [.. rows.Select(r => r.MachineId).Distinct()];
        Dictionary<MachineId, string> machines = await db.Machines.Where(m => machineIds.Contains(m.Id)).ToDictionaryAsync(m => m.Id, m => m.Code, cancellationToken);
        Dictionary<PersonId, PersonGlance> people = viewer.IsStaff
            ? await floor.PeopleAsync(rows.SelectMany(r => new[] { r.PersonId, r.AccompaniedBy, r.Author }), cancellationToken)
            : [];
        Dictionary<ProjectId, string> projects = viewer.IsStaff ? await ProjectNamesAsync(rows.Select(r => r.ProjectId), cancellationToken) : [];
        return
        [
            .. rows.Select(r => new LedgerLine(
                new UseLine(
                    r.Id, r.Start, Duration.FromMilliseconds(r.PoweredMs), Duration.FromMilliseconds(r.WorkingMs), r.EndReason, r.Offline,
                    r.Kind == LedgerKind.Replacement,
                    r.PersonId is { } person ? people.GetValueOrDefault(person) : null,
                    r.AccompaniedBy is { } companion ? people.GetValueOrDefault(companion) : null,
                    r.ProjectId is { } project ? projects.GetValueOrDefault(project) : null),
                r.Kind, machines.GetValueOrDefault(r.MachineId) ?? "?", r.End, Duration.FromMilliseconds(r.UnknownMs), r.WattHours,
                takenBack.Contains(r.Id), r.Author is { } author ? people.GetValueOrDefault(author) : null, r.Reason, r.RecordedAt,
                r.PersonId, r.ProjectId)),
        ];
    }

    private async Task<Dictionary<ProjectId, string>> ProjectNamesAsync(IEnumerable<ProjectId?> wanted, CancellationToken cancellationToken)
    {
        List<ProjectId> ids = [.. wanted.OfType<ProjectId>().Distinct()];
        return ids.Count == 0 ? [] : await db.Projects.Where(p => ids.Contains(p.Id)).ToDictionaryAsync(p => p.Id, p => p.Name, cancellationToken);
    }
}

/// <summary>Time of one person for one project; no project when none was chosen.</summary>
public sealed record ProjectTime(string? Project, Duration Powered, Duration Working);

/// <summary>One row of the ledger page.</summary>
public sealed record LedgerLine(
    UseLine Use, LedgerKind Kind, string Machine, Instant End, Duration Unknown, double? WattHours,
    bool TakenBack, PersonGlance? Author, string? Reason, Instant RecordedAt, PersonId? Person, ProjectId? Project);
