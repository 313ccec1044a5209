using FabLab.Booking.Data;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Habilitations;

internal static class HabilitationQueries
{
    /// <summary>What the acts amount to, for some habilitations or one person. Null = all.</summary>
    public static async Task<IReadOnlyList<HabilitationStanding>> StandingsAsync(
        BookingDbContext db, List<HabilitationId>? ids, PersonId? person, CancellationToken cancellationToken)
    {
        var heads = db.Habilitations.Where(h => (ids == null || ids.Contains(h.Id)) && (person == null || h.PersonId == person));
        return await FoldAsync(db, heads, cancellationToken);
    }

    /// <summary>The same for many people at once. Null = all.</summary>
    public static Task<IReadOnlyList<HabilitationStanding>> OfPeopleAsync(
        BookingDbContext db, IReadOnlyCollection<PersonId>? people, CancellationToken cancellationToken) =>
        FoldAsync(db, people is null ? db.Habilitations : db.Habilitations.Where(h => people.Contains(h.PersonId)), cancellationToken);

    private static async Task<IReadOnlyList<HabilitationStanding>> FoldAsync(
        BookingDbContext db, IQueryable<Habilitation> heads, CancellationToken cancellationToken)
    {
        var acts = (await db.HabilitationActs.Where(act => heads.Any(h => h.Id == act.HabilitationId)).ToListAsync(cancellationToken))
            .ToLookup(act => act.HabilitationId);
        return [.. (await heads.ToListAsync(cancellationToken)).Select(head => HabilitationStanding.Of(head, acts[head.Id]))];
    }
}
