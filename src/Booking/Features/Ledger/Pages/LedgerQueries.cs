using FabLab.Booking.Data;
using FabLab.Booking.Features.Floor.Pages;
using FabLab.Booking.Features.Machines.Pages;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Ui.Text;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Ledger.Pages;

/// <summary>Reads the ledger for pages. A total is the sum of the rows of its filter, added by the database, and nothing else.</summary>
public sealed class LedgerQueries(BookingDbContext db, FloorQueries floor)
{
    public const int PageSize = 50;

    public async Task<TimeTotals> TotalsAsync(LedgerFilter filter, DateTimeZone zone, CancellationToken cancellationToken) =>
        TimeTotals.Of(await LedgerSums.OfAsync(db, Scope(filter, zone), cancellationToken));

    /// <summary>Booked time of the filter.</summary>
    public async Task<BookedTimes> BookedAsync(LedgerFilter filter, DateTimeZone zone, Instant now, CancellationToken cancellationToken) =>
        BookedTimes.Of(await BookedSums.OfAsync(db, Scope(filter, zone), now, cancellationToken));

    /// <summary>Booked, switched on and at work, a line a person, machine or project of the filter.</summary>
    public Task<IReadOnlyList<TimeBeside>> BesideAsync(LedgerFilter filter, LedgerGroup by, PageText text, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(text);
        return BesideAsync(Scope(filter, text.Zone), by, text.Now, cancellationToken);
    }

    /// <summary>The time of one person, a line a project.</summary>
    public Task<IReadOnlyList<TimeBeside>> ByProjectAsync(PersonId person, Instant now, CancellationToken cancellationToken) =>
        BesideAsync(new LedgerScope(Person: person), LedgerGroup.Project, now, cancellationToken);

    private async Task<IReadOnlyList<TimeBeside>> BesideAsync(LedgerScope scope, LedgerGroup by, Instant now, CancellationToken cancellationToken)
    {
        IReadOnlyList<LedgerTotal> used = await LedgerSums.ByAsync(db, scope, by, cancellationToken);
        IReadOnlyList<BookedTotal> booked = await BookedSums.ByAsync(db, scope, by, now, cancellationToken);
        // A list, since time of nobody has no key.
        List<Guid?> keys = [.. used.Select(s => s.Key).Concat(booked.Select(s => s.Key)).Distinct()];
        Dictionary<Guid, (string Name, string? Link)> names = await NamesAsync([.. keys.OfType<Guid>()], by, cancellationToken);
        return
        [
            .. keys.Select(key =>
            {
                LedgerTotal on = used.SingleOrDefault(s => s.Key == key) ?? new LedgerTotal(key, 0, 0, 0, 0, 0, 0, 0);
                BookedTotal kept = booked.SingleOrDefault(s => s.Key == key) ?? new BookedTotal(key, 0, 0, 0, 0);
                (string? name, string? link) = key is { } id && names.TryGetValue(id, out (string Name, string? Link) known) ? known : (null, (string?)null);
                return new TimeBeside(name, link, BookedTimes.Of(kept), Duration.FromMilliseconds(on.PoweredMs), Duration.FromMilliseconds(on.WorkingMs));
            }).Where(line => line.Powered != Duration.Zero || line.Working != Duration.Zero || line.Booked.Bookings + line.Booked.NoShows > 0),
        ];
    }

    private async Task<Dictionary<Guid, (string Name, string? Link)>> NamesAsync(List<Guid> keys, LedgerGroup by, CancellationToken cancellationToken)
    {
        switch (by)
        {
            case LedgerGroup.Machine:
                List<MachineId> machines = [.. keys.Select(key => new MachineId(key))];
                return (await db.Machines.Where(m => machines.Contains(m.Id)).Select(m => new { m.Id, m.Code }).ToListAsync(cancellationToken))
                    .ToDictionary(m => m.Id.Value, m => (m.Code, (string?)$"/machines/{m.Code}"));
            case LedgerGroup.Person:
                List<PersonId> people = [.. keys.Select(key => new PersonId(key))];
                return (await db.People.Where(p => people.Contains(p.Id)).Select(p => new { p.Id, Name = p.DisplayName ?? p.ShortCode }).ToListAsync(cancellationToken))
                    .ToDictionary(p => p.Id.Value, p => (p.Name, (string?)$"/people/{p.Id}"));
            default:
                return (await ProjectNamesAsync(keys.Select(key => (ProjectId?)new ProjectId(key)), cancellationToken))
                    .ToDictionary(p => p.Key.Value, p => (p.Value, (string?)null));
        }
    }

    /// <summary>The latest rows of a machine that still count: not those taken back.</summary>
    public Task<IReadOnlyList<LedgerLine>> RecentAsync(Viewer viewer, MachineId machine, int count, CancellationToken cancellationToken) =>
        LinesAsync(viewer, Counting().Where(r => r.MachineId == machine).OrderByDescending(r => r.Start).Take(count), cancellationToken);

    /// <summary>The latest rows of a person that still count.</summary>
    public Task<IReadOnlyList<LedgerLine>> RecentAsync(Viewer viewer, PersonId person, int count, CancellationToken cancellationToken) =>
        LinesAsync(viewer, Counting().Where(r => r.PersonId == person).OrderByDescending(r => r.Start).Take(count), cancellationToken);

    /// <summary>Every row of the filter, corrections too, newest first, a page of them.</summary>
    public Task<IReadOnlyList<LedgerLine>> PageAsync(Viewer viewer, LedgerFilter filter, DateTimeZone zone, CancellationToken cancellationToken) =>
        LinesAsync(
            viewer,
            LedgerSums.Rows(db, Scope(filter, zone)).OrderByDescending(r => r.Start).ThenByDescending(r => r.RecordedAt).ThenBy(r => r.Id).Skip((filter.Page - 1) * PageSize).Take(PageSize + 1),
            cancellationToken);

    public async Task<LedgerLine?> LineAsync(Viewer viewer, Guid id, CancellationToken cancellationToken) =>
        (await LinesAsync(viewer, db.Ledger.Where(r => r.Id == id), cancellationToken)).SingleOrDefault();

    private IQueryable<MachineTimeEntry> Counting() => db.Ledger.Where(
        r => r.Kind != LedgerKind.Reversal && !db.Ledger.Any(other => other.Corrects == r.Id && other.Kind == LedgerKind.Reversal));

    /// <summary>Local days as the instants they stand for.</summary>
    private static LedgerScope Scope(LedgerFilter filter, DateTimeZone zone)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentNullException.ThrowIfNull(zone);
        return new LedgerScope(
            filter.From?.AtStartOfDayInZone(zone).ToInstant(), filter.Through?.PlusDays(1).AtStartOfDayInZone(zone).ToInstant(),
            filter.Person, filter.Machine, filter.Project);
    }

    private async Task<IReadOnlyList<LedgerLine>> LinesAsync(Viewer viewer, IQueryable<MachineTimeEntry> query, CancellationToken cancellationToken)
    {
        List<MachineTimeEntry> rows = await query.ToListAsync(cancellationToken);
        List<Guid> ids = [.. rows.Select(r => r.Id)];
        HashSet<Guid> takenBack = [.. await db.Ledger
            .Where(r => r.Kind == LedgerKind.Reversal && r.Corrects != null && ids.Contains(r.Corrects.Value)).Select(r => r.Corrects!.Value).ToListAsync(cancellationToken)];
        List<MachineId> machineIds = [.. rows.Select(r => r.MachineId).Distinct()];
        Dictionary<MachineId, string> machines = await db.Machines.Where(m => machineIds.Contains(m.Id)).ToDictionaryAsync(m => m.Id, m => m.Code, cancellationToken);
        Dictionary<PersonId, PersonGlance> people = viewer.SignedIn
            ? await floor.PeopleAsync(rows.SelectMany(r => new[] { r.PersonId, r.AccompaniedBy, r.Author }), cancellationToken)
            : [];
        Dictionary<ProjectId, string> projects = viewer.SignedIn ? await ProjectNamesAsync(rows.Select(r => r.ProjectId), cancellationToken) : [];
        return
        [
            .. rows.Select(r => new LedgerLine(
                new UseLine(
                    r.Id, r.Start, Duration.FromMilliseconds(r.PoweredMs), Duration.FromMilliseconds(r.WorkingMs), r.EndReason, r.Offline,
                    r.Kind == LedgerKind.Replacement,
                    r.PersonId is { } person && Told(r, person) ? people.GetValueOrDefault(person) : null,
                    r.AccompaniedBy is { } companion && Told(r, companion) ? people.GetValueOrDefault(companion) : null,
                    r.ProjectId is { } project && (viewer.May(Right.SeeUsers, r.MachineId) || (r.PersonId is { } whose && viewer.MaySee(whose))) ? projects.GetValueOrDefault(project) : null),
                r.Kind, machines.GetValueOrDefault(r.MachineId) ?? "?", r.End, Duration.FromMilliseconds(r.UnknownMs), r.EnergyMwh / 1000.0,
                takenBack.Contains(r.Id), r.Author is { } author && viewer.MaySee(author) ? people.GetValueOrDefault(author) : null, r.Reason, r.RecordedAt,
                r.PersonId, r.ProjectId)),
        ];

        bool Told(MachineTimeEntry row, PersonId person) => viewer.May(Right.SeeUsers, row.MachineId) || viewer.MaySee(person);
    }

    private async Task<Dictionary<ProjectId, string>> ProjectNamesAsync(IEnumerable<ProjectId?> wanted, CancellationToken cancellationToken)
    {
        List<ProjectId> ids = [.. wanted.OfType<ProjectId>().Distinct()];
        return ids.Count == 0 ? [] : await db.Projects.Where(p => ids.Contains(p.Id)).ToDictionaryAsync(p => p.Id, p => p.Name, cancellationToken);
    }
}

/// <summary>One row of the ledger page.</summary>
public sealed record LedgerLine(
    UseLine Use, LedgerKind Kind, string Machine, Instant End, Duration Unknown, double WattHours,
    bool TakenBack, PersonGlance? Author, string? Reason, Instant RecordedAt, PersonId? Person, ProjectId? Project);
