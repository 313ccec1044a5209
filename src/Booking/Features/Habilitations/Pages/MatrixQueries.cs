using FabLab.Booking.Data;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People.Pages;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Habilitations.Pages;

/// <summary>Reads the matrix people × machines. Each cell asks Core, as the relay does.</summary>
public sealed class MatrixQueries(BookingDbContext db, PeopleQueries people)
{
    /// <summary>People on one page.</summary>
    public const int PageSize = 30;

    /// <summary>People fetched at once while a page scrolls: so few that putting them in fits into a frame (bench/README.md).</summary>
    public const int ScrollSize = 10;

    /// <summary>People in one body of the table, which a browser lays out and paints when it comes into sight: a part of a frame’s worth.</summary>
    public const int BodySize = 5;

    /// <summary>What ends within this time is marked.</summary>
    public static readonly Duration Soon = Duration.FromDays(30);

    public async Task<MatrixSheet> ReadAsync(Viewer viewer, MatrixFilter filter, int pageSize, Instant now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(viewer);
        ArgumentNullException.ThrowIfNull(filter);
        var machines = (await db.Machines.Where(m => !m.Retired && m.Kind == ResourceKind.Machine).ToListAsync(cancellationToken)).OrderBy(m => m.Code, StringComparer.Ordinal).ToList();
        var types = machines.Select(m => m.Rule.Type).Where(type => type.Length > 0).Distinct().Order(StringComparer.Ordinal).ToList();
        List<MatrixMachine> columns =
        [
            .. machines.Where(m => string.IsNullOrEmpty(filter.Type) || m.Rule.Type == filter.Type).Select(m =>
            {
                TrainingNeed? need = m.Rule.Needed();
                List<TrainingId> asked = [.. TrainingNeeds.Trainings(need).Distinct()];
                bool may = asked.Any(training => viewer.May(Right.Grant, training));
                return new MatrixMachine(m.Code, m.Rule.Name(), need, may && asked.Count == 1 ? asked[0] : null, may && asked.Count > 1);
            }),
        ];

        IReadOnlyList<PersonLine> found = await people.AllAsync(viewer, filter.Search, cancellationToken);
        if (filter.Holders)
        {
            var holders = (await db.Habilitations.Select(h => h.PersonId).Distinct().ToListAsync(cancellationToken)).ToHashSet();
            found = [.. found.Where(p => holders.Contains(p.Id))];
        }
        int from = Math.Clamp(filter.From ?? (filter.Page - 1L) * pageSize, 0, found.Count) is var place ? (int)place : 0;
        List<PersonLine> shown = [.. found.Skip(from).Take(pageSize)];
        return new MatrixSheet(
            filter, columns, await RowsAsync(shown, shown.Count == found.Count && found.Count > PageSize, columns, now, cancellationToken),
            found.Count, from + shown.Count < found.Count, from + shown.Count, types);
    }

    /// <summary>The row of one person; null when there is nobody of that short code whom the viewer may find.</summary>
    public async Task<MatrixRow?> RowAsync(Viewer viewer, string code, IReadOnlyList<MatrixMachine> columns, Instant now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(viewer);
        var person = await db.People.Where(p => p.ShortCode == code)
            .Select(p => new PersonLine(p.Id, p.DisplayName, p.ShortCode, p.Active, p.MemberThrough)).SingleOrDefaultAsync(cancellationToken);
        return person is null || !viewer.May(Right.FindPeople, person.Id) ? null : (await RowsAsync([person], false, columns, now, cancellationToken))[0];
    }

    private async Task<IReadOnlyList<MatrixRow>> RowsAsync(
        List<PersonLine> shown, bool everybody, IReadOnlyList<MatrixMachine> columns, Instant now, CancellationToken cancellationToken)
    {
        List<PersonId> ids = [.. shown.Select(p => p.Id)];
        var standings = await HabilitationQueries.OfPeopleAsync(db, everybody ? null : ids, cancellationToken);
        var acts = standings.ToDictionary(s => (s.Person, s.Training), s => s.LastAct);
        LabPolicy policy = LabPolicy.From(standings.Select(s => s.ToRule()).OfType<PolicyEntity>(), 0, now);
        // Machines often ask for the same: it is asked once for each person.
        List<TrainingNeed> needs = [.. columns.Select(c => c.Need).OfType<TrainingNeed>().Distinct()];
        int[] which = [.. columns.Select(c => c.Need is { } need ? needs.IndexOf(need) : -1)];
        var asked = new TrainingStanding[needs.Count];
        var rows = new List<MatrixRow>(shown.Count);
        foreach (PersonLine person in shown)
        {
            for (int i = 0; i < asked.Length; i++)
                asked[i] = AccessRules.Trained(policy, person.Id, needs[i], now);
            var cells = new MatrixCell[columns.Count];
            for (int i = 0; i < cells.Length; i++)
            {
                int lastAct = columns[i].Only is { } training && acts.TryGetValue((person.Id, training), out int act) ? act : 0;
                cells[i] = which[i] < 0 ? default : Cell(asked[which[i]], lastAct, now);
            }
            rows.Add(new MatrixRow(person, cells));
        }
        return rows;
    }

    private static MatrixCell Cell(TrainingStanding standing, int lastAct, Instant now) => new(
        standing switch
        {
            { Gap.State: TrainingState.Expired } => CellState.Expired,
            { Gap.State: TrainingState.Suspended } => CellState.Suspended,
            { Gap: not null } => CellState.None,
            { Until: { } until } when until - now <= Soon => CellState.Soon,
            _ => CellState.Held,
        },
        standing.Level, lastAct, standing.Until);
}
