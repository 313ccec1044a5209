using FabLab.Booking.Data;
using FabLab.Booking.Features.Ledger;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Habilitations;

/// <summary>
/// When somebody last used what a training opens, from the ledger of machine time: the machines that ask for the training, used by
/// the person or by somebody whom the person stood beside. Time that was taken back does not count.
/// </summary>
internal sealed class HabilitationUse
{
    private readonly Dictionary<TrainingId, (int Months, HashSet<MachineId> Machines)> _measured;
    private readonly Dictionary<(PersonId, MachineId), Instant> _last = [];
    private readonly DateTimeZone _zone;

    private HabilitationUse(Dictionary<TrainingId, (int Months, HashSet<MachineId> Machines)> measured, DateTimeZone zone) =>
        (_measured, _zone) = (measured, zone);

    /// <summary>The trainings that end without use; one that no machine asks for cannot be measured and does not.</summary>
    public IReadOnlyCollection<TrainingId> Trainings => _measured.Keys;

    /// <param name="db">Where.</param>
    /// <param name="people">For whom; null = for everybody.</param>
    /// <param name="now">The present.</param>
    /// <param name="zone">The zone in which months are counted.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<HabilitationUse> ReadAsync(
        BookingDbContext db, IReadOnlyCollection<PersonId>? people, Instant now, DateTimeZone zone, CancellationToken cancellationToken)
    {
        var trainings = await db.Trainings.AsNoTracking().Where(t => t.UnusedMonths != null).Select(t => new { t.Id, Months = t.UnusedMonths!.Value }).ToListAsync(cancellationToken);
        if (trainings.Count == 0)
            return new HabilitationUse([], zone);
        var asked = (await db.Machines.AsNoTracking().Where(m => !m.Retired).ToListAsync(cancellationToken))
            .Select(m => (m.Id, Asks: m.Rule.TrainingsAsked().ToHashSet())).ToList();
        var measured = trainings
            .Select(t => (t.Id, t.Months, Machines: asked.Where(m => m.Asks.Contains(t.Id)).Select(m => m.Id).ToHashSet()))
            .Where(t => t.Machines.Count > 0)
            .ToDictionary(t => t.Id, t => (t.Months, t.Machines));
        var use = new HabilitationUse(measured, zone);
        if (measured.Count == 0)
            return use;

        var machines = measured.Values.SelectMany(m => m.Machines).Distinct().ToList();
        // Nothing older can matter: without use for longer than the longest limit, the end is past whatever came before.
        var oldest = now.InZone(zone).Date.PlusMonths(-measured.Values.Max(m => m.Months)).PlusDays(-1).AtStartOfDayInZone(zone).ToInstant();
        var uses = db.Ledger.AsNoTracking().Where(e =>
            machines.Contains(e.MachineId) && e.End > oldest && e.PoweredMs > 0 && e.Kind != LedgerKind.Reversal
            && !db.Ledger.Any(other => other.Corrects == e.Id && other.Kind == LedgerKind.Reversal));
        var own = people is null ? uses : uses.Where(e => people.Contains(e.PersonId!.Value));
        foreach (var row in await own.Where(e => e.PersonId != null).GroupBy(e => new { Person = e.PersonId!.Value, e.MachineId })
            .Select(g => new { g.Key.Person, g.Key.MachineId, Last = g.Max(e => e.End) }).ToListAsync(cancellationToken))
            use.Note(row.Person, row.MachineId, row.Last);
        var beside = people is null ? uses : uses.Where(e => people.Contains(e.AccompaniedBy!.Value));
        foreach (var row in await beside.Where(e => e.AccompaniedBy != null).GroupBy(e => new { Person = e.AccompaniedBy!.Value, e.MachineId })
            .Select(g => new { g.Key.Person, g.Key.MachineId, Last = g.Max(e => e.End) }).ToListAsync(cancellationToken))
            use.Note(row.Person, row.MachineId, row.Last);
        return use;
    }

    /// <summary>When a grant ends by itself and why; null when it does not.</summary>
    public (Instant At, EvidenceKind Why)? EndOf(HabilitationStanding standing)
    {
        ArgumentNullException.ThrowIfNull(standing);
        Instant? unused = null;
        if (_measured.TryGetValue(standing.Training, out var rule))
        {
            var from = Instant.Max(standing.RenewedAt, standing.ValidFrom);
            foreach (var machine in rule.Machines)
            {
                if (_last.TryGetValue((standing.Person, machine), out var last))
                    from = Instant.Max(from, last);
            }
            unused = from.InZone(_zone).Date.PlusMonths(rule.Months).PlusDays(1).AtStartOfDayInZone(_zone).ToInstant();
        }
        return (standing.ValidUntil, unused) switch
        {
            ({ } until, { } idle) => idle < until ? (idle, EvidenceKind.Unused) : (until, EvidenceKind.Time),
            ({ } until, null) => (until, EvidenceKind.Time),
            (null, { } idle) => (idle, EvidenceKind.Unused),
            _ => null,
        };
    }

    private void Note(PersonId person, MachineId machine, Instant last)
    {
        if (!_last.TryGetValue((person, machine), out var known) || known < last)
            _last[(person, machine)] = last;
    }
}
