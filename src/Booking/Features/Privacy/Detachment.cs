using System.Text.RegularExpressions;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Privacy;

/// <summary>
/// Takes people out of records that must stay: a random pseudonym in the place of each, the same in the ledger and in the journal,
/// so that every sum and every derivation comes out as before. For whom it stands is known only while this object lives.
/// </summary>
internal sealed partial class Detachment(BookingWrite write)
{
    private const int AtOnce = 500;

    private readonly BookingDbContext _db = write.Db;
    private readonly Dictionary<Guid, Guid> _standsFor = [];

    /// <summary>Rows of the ledger and of the journal that were detached.</summary>
    public long Rows { get; private set; }

    /// <summary>Values of the audit that had to go with them.</summary>
    public int ValuesErased { get; private set; }

    /// <summary>Runs with the gate open. When it throws, the whole write is undone and the gate with it.</summary>
    public async Task ThroughTheGateAsync(Func<Task> work, CancellationToken cancellationToken)
    {
        await _db.SaveChangesAsync(cancellationToken);
        await SetGateAsync(true, cancellationToken);
        await work();
        await _db.SaveChangesAsync(cancellationToken);
        await SetGateAsync(false, cancellationToken);
    }

    /// <summary>The pseudonym of somebody; made at the first call.</summary>
    public async Task<Guid> PseudonymAsync(Guid person, CancellationToken cancellationToken)
    {
        if (_standsFor.TryGetValue(person, out var known))
            return known;
        var fresh = Fresh(person);
        _db.Pseudonyms.Add(new Pseudonym { Id = new PersonId(fresh), MadeAt = write.Now });
        await _db.SaveChangesAsync(cancellationToken);
        return fresh;
    }

    /// <summary>The uses of machines in a stretch of time: of everybody, or of one person.</summary>
    public async Task UsesAsync(Instant from, Instant until, PersonId? only, CancellationToken cancellationToken)
    {
        var rows = _db.Ledger.Where(row => row.Start >= from && row.Start < until);
        List<PersonId?> named =
        [
            .. await rows.Select(row => row.PersonId).Distinct().ToListAsync(cancellationToken),
            .. await rows.Select(row => row.AccompaniedBy).Distinct().ToListAsync(cancellationToken),
            .. await rows.Select(row => row.Author).Distinct().ToListAsync(cancellationToken),
        ];
        var detached = (await _db.Pseudonyms.Select(pseudonym => pseudonym.Id).ToListAsync(cancellationToken)).ToHashSet();
        foreach (var person in named.OfType<PersonId>().Distinct().Where(person => !detached.Contains(person) && (only is null || only == person)))
        {
            var pseudonym = new PersonId(await PseudonymAsync(person.Value, cancellationToken));
            // What staff wrote beside a correction may name somebody.
            await rows.Where(row => (row.PersonId == person || row.Author == person) && row.Author != null && row.Reason != null && row.Reason != "")
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.Reason, ""), cancellationToken);
            await rows.Where(row => row.PersonId == person && row.BadgeId != null)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.BadgeId, (BadgeId?)null), cancellationToken);
            Rows += await rows.Where(row => row.PersonId == person).ExecuteUpdateAsync(set => set.SetProperty(row => row.PersonId, pseudonym), cancellationToken);
            Rows += await rows.Where(row => row.AccompaniedBy == person).ExecuteUpdateAsync(set => set.SetProperty(row => row.AccompaniedBy, pseudonym), cancellationToken);
            Rows += await rows.Where(row => row.Author == person).ExecuteUpdateAsync(set => set.SetProperty(row => row.Author, pseudonym), cancellationToken);
        }
    }

    /// <summary>The records of a stretch of time: every id of a person, a badge or a habilitation in them. Those of one person, or of everybody.</summary>
    public async Task JournalAsync(Instant from, Instant until, IReadOnlySet<Guid> ids, CancellationToken cancellationToken)
    {
        var (gateway, epoch, seq) = ("", 0L, 0L);
        while (true)
        {
            var rows = await _db.Journal.AsNoTracking()
                .Where(row => row.At >= from && row.At < until
                    && (row.Gateway.CompareTo(gateway) > 0 || (row.Gateway == gateway && (row.Epoch > epoch || (row.Epoch == epoch && row.Seq > seq)))))
                .OrderBy(row => row.Gateway).ThenBy(row => row.Epoch).ThenBy(row => row.Seq).Take(AtOnce)
                .Select(row => new { row.Gateway, row.Epoch, row.Seq, row.Body }).ToListAsync(cancellationToken);
            if (rows.Count == 0)
                return;
            var places = new List<(string Gateway, long Epoch, long Seq)>();
            foreach (var row in rows)
            {
                if (await ReplaceAsync(row.Body, ids, cancellationToken) is { } body)
                {
                    await SetBodyAsync(row.Gateway, row.Epoch, row.Seq, body, cancellationToken);
                    places.Add((row.Gateway, row.Epoch, row.Seq));
                }
            }
            await UncommitAsync(places, cancellationToken);
            (gateway, epoch, seq) = (rows[^1].Gateway, rows[^1].Epoch, rows[^1].Seq);
        }
    }

    /// <summary>Single records of the journal.</summary>
    public async Task RecordsAsync(IReadOnlyList<(string Gateway, long Epoch, long Seq)> places, IReadOnlySet<Guid> ids, CancellationToken cancellationToken)
    {
        var changed = new List<(string Gateway, long Epoch, long Seq)>();
        foreach (var place in places)
        {
            var body = await _db.Journal.Where(row => row.Gateway == place.Gateway && row.Epoch == place.Epoch && row.Seq == place.Seq)
                .Select(row => row.Body).SingleOrDefaultAsync(cancellationToken);
            if (body is not null && await ReplaceAsync(body, ids, cancellationToken) is { } without)
            {
                await SetBodyAsync(place.Gateway, place.Epoch, place.Seq, without, cancellationToken);
                changed.Add(place);
            }
        }
        await UncommitAsync(changed, cancellationToken);
    }

    /// <summary>The text with pseudonyms in it; null when it names nobody of these.</summary>
    public async Task<string?> ReplaceAsync(string text, IReadOnlySet<Guid> ids, CancellationToken cancellationToken)
    {
        var found = AnyId().Matches(text).Select(match => Guid.Parse(match.Value)).Where(ids.Contains).Distinct().ToList();
        if (found.Count == 0)
            return null;
        foreach (var id in found)
            await PseudonymAsync(id, cancellationToken);
        return AnyId().Replace(text, match => _standsFor.TryGetValue(Guid.Parse(match.Value), out var pseudonym) ? pseudonym.ToString() : match.Value);
    }

    /// <summary>Every id under which somebody can stand in a record.</summary>
    public static async Task<HashSet<Guid>> IdsAsync(BookingDbContext db, PersonId? only, CancellationToken cancellationToken) =>
    [
        .. (await db.People.Where(person => only == null || person.Id == only).Select(person => person.Id).ToListAsync(cancellationToken)).Select(id => id.Value),
        .. (await db.Badges.Where(badge => only == null || badge.PersonId == only).Select(badge => badge.Id).ToListAsync(cancellationToken)).Select(id => id.Value),
        .. (await db.Habilitations.Where(h => only == null || h.PersonId == only).Select(h => h.Id).ToListAsync(cancellationToken)).Select(id => id.Value),
    ];

    private Guid Fresh(Guid person)
    {
        // Random and not version 7, on purpose: see Pseudonym.
        var fresh = Guid.NewGuid();
        _standsFor[person] = fresh;
        return fresh;
    }

    private async Task SetBodyAsync(string gateway, long epoch, long seq, string body, CancellationToken cancellationToken) =>
        Rows += await _db.Journal.Where(row => row.Gateway == gateway && row.Epoch == epoch && row.Seq == seq)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Body, body), cancellationToken);

    /// <summary>The audit holds a digest of each decision as it was; with the record changed it opens nothing any more.</summary>
    private async Task UncommitAsync(List<(string Gateway, long Epoch, long Seq)> places, CancellationToken cancellationToken)
    {
        foreach (var chunk in places.Chunk(AtOnce))
        {
            List<string> facts = [.. chunk.Select(place => AuditWriting.PlaceOf(place.Gateway, place.Epoch, place.Seq))];
            ValuesErased += await _db.AuditValues
                .Where(value => value.DetailSalt != null && _db.Audit.Any(entry => entry.Seq == value.Seq && facts.Contains(entry.Fact)))
                .ExecuteUpdateAsync(set => set.SetProperty(value => value.Detail, (string?)null).SetProperty(value => value.DetailSalt, (string?)null), cancellationToken);
        }
    }

    private Task<int> SetGateAsync(bool open, CancellationToken cancellationToken) =>
        _db.RetentionGates.ExecuteUpdateAsync(set => set.SetProperty(gate => gate.Open, open), cancellationToken);

    [GeneratedRegex("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")]
    private static partial Regex AnyId();
}
