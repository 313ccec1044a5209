using System.Globalization;
using FabLab.Booking.Data;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Audit;

/// <summary>
/// Goes through the chain from its beginning. What changes, removes or moves an entry or a value is found here; what replaces the
/// whole chain with another sound one is found by a head that was kept elsewhere.
/// </summary>
internal sealed class AuditCheck(IDbContextFactory<BookingDbContext> contexts) : IAuditCheck
{
    /// <summary>The first faults are told; a chain that is broken everywhere needs no longer list.</summary>
    public const int MostFaults = 100;

    private const int AtOnce = 500;

    public async Task<AuditReport> RunAsync(string? keptHead, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var snapshot = await db.BeginSnapshotAsync(cancellationToken);
        var run = new Run(db, keptHead?.Trim().ToLowerInvariant());
        await run.WalkAsync(cancellationToken);
        return run.Report();
    }

    private sealed class Run(BookingDbContext db, string? keptHead)
    {
        private readonly List<AuditFault> _faults = [];
        private long _entries;
        private long _last;
        private long _erased;
        private long _missing;
        private long? _keptAt;
        private string _hash = AuditChain.Beginning;

        public async Task WalkAsync(CancellationToken cancellationToken)
        {
            var after = long.MinValue;
            while (true)
            {
                var entries = await db.Audit.Where(entry => entry.Seq > after).OrderBy(entry => entry.Seq).Take(AtOnce).ToListAsync(cancellationToken);
                if (entries.Count == 0)
                    break;
                var (first, last) = (entries[0].Seq, entries[^1].Seq);
                var values = await db.AuditValues.Where(value => value.Seq >= first && value.Seq <= last).ToDictionaryAsync(value => value.Seq, cancellationToken);
                foreach (var entry in entries)
                {
                    Link(entry);
                    Values(entry, values.GetValueOrDefault(entry.Seq));
                }
                await DecisionsAsync(entries, values, cancellationToken);
                after = last;
            }
            foreach (var orphan in await db.AuditValues.Where(value => !db.Audit.Any(entry => entry.Seq == value.Seq)).Select(value => value.Seq).Order().Take(MostFaults).ToListAsync(cancellationToken))
                Fault(orphan, AuditFaults.ValueForeign, "There are values for an entry that is not in the chain.");
            if (_missing != _erased)
                Fault(0, AuditFaults.ValuesMissing, string.Create(CultureInfo.InvariantCulture, $"{_missing} values are missing and {_erased} were erased by an act in the chain."));
            var head = await db.AuditHeads.SingleOrDefaultAsync(cancellationToken);
            if (head is null || head.Seq != _last || head.Hash != _hash)
                Fault(_last, AuditFaults.HeadWrong, "The chain does not end where its head says.");
            if (keptHead == AuditChain.Beginning)
                _keptAt = 0;
            if (keptHead is not null && _keptAt is null)
                Fault(0, AuditFaults.KeptHeadMissing, "The head that was kept elsewhere is not in this chain: what came before it was taken away or written anew.");
        }

        public AuditReport Report() => new(_entries, _hash, _erased, _keptAt, _faults);

        private void Link(AuditEntry entry)
        {
            _entries++;
            if (entry.Seq != _last + 1)
            {
                Fault(entry.Seq, AuditFaults.EntryMissing, string.Create(CultureInfo.InvariantCulture,
                    $"Entry {entry.Seq} does not follow {_last}: entries in between were taken out, or this one was put in."));
            }
            else if (entry.Previous != _hash)
            {
                Fault(entry.Seq, AuditFaults.ChainBroken, "It does not hang on the entry before it: one of the two was changed or moved.");
            }
            var computed = AuditChain.HashOf(entry);
            if (computed != entry.Hash)
                Fault(entry.Seq, AuditFaults.EntryChanged, "Its hash does not fit what it says: it was changed.");
            _last = entry.Seq;
            _hash = entry.Hash;
            _erased += entry.ValuesErased;
            if (computed == keptHead)
                _keptAt = entry.Seq;
        }

        private void Values(AuditEntry entry, AuditValue? value)
        {
            One(AuditChain.By, entry.ByCommitment, value?.BySalt, value?.By?.ToString());
            One(AuditChain.Subject, entry.SubjectCommitment, value?.SubjectSalt, value?.Subject?.ToString());
            One(AuditChain.Detail, entry.DetailCommitment, value?.DetailSalt, value?.Detail);

            void One(string kind, string? commitment, string? salt, string? text)
            {
                if (commitment is null && salt is null && text is null)
                    return;
                if (commitment is not null && salt is null && text is null)
                    _missing++;
                else if (commitment is null || salt is null || text is null || AuditChain.CommitmentOf(kind, salt, text) != commitment)
                    Fault(entry.Seq, AuditFaults.ValueChanged, $"The {kind} is not what was written down then.");
            }
        }

        /// <summary>Decisions whose record has not been detached from its person: the record must say what it said then.</summary>
        private async Task DecisionsAsync(List<AuditEntry> entries, Dictionary<long, AuditValue> values, CancellationToken cancellationToken)
        {
            var decisions = entries.Where(entry => entry.Action is AuditWriting.Granted or AuditWriting.Refused)
                .Select(entry => (entry.Seq, Place: Place(entry.Fact), values.GetValueOrDefault(entry.Seq)?.Detail))
                .Where(decision => decision.Place is not null);
            foreach (var journal in decisions.GroupBy(decision => (decision.Place!.Value.Gateway, decision.Place.Value.Epoch)))
            {
                var places = journal.Select(decision => decision.Place!.Value.Seq).ToList();
                var bodies = await db.Journal.Where(row => row.Gateway == journal.Key.Gateway && row.Epoch == journal.Key.Epoch && places.Contains(row.Seq))
                    .ToDictionaryAsync(row => row.Seq, row => row.Body, cancellationToken);
                foreach (var (seq, place, digest) in journal)
                {
                    if (!bodies.TryGetValue(place!.Value.Seq, out var body))
                        Fault(seq, AuditFaults.DecisionMissing, "The record of this decision is no longer in the journal.");
                    else if (digest is not null && AuditWriting.DigestOf(body) != digest)
                        Fault(seq, AuditFaults.DecisionChanged, "The record of this decision no longer says what it said then.");
                }
            }
        }

        private static (string Gateway, long Epoch, long Seq)? Place(string fact)
        {
            var parts = fact.Split('/');
            return parts.Length == 3 && long.TryParse(parts[1], CultureInfo.InvariantCulture, out var epoch) && long.TryParse(parts[2], CultureInfo.InvariantCulture, out var seq)
                ? (parts[0], epoch, seq)
                : null;
        }

        private void Fault(long seq, string code, string detail)
        {
            if (_faults.Count < MostFaults)
                _faults.Add(new AuditFault(seq, code, detail));
        }
    }
}
