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
        var acts = (await db.HabilitationActs.Where(act => heads.Any(h => h.Id == act.HabilitationId)).ToListAsync(cancellationToken))
            .ToLookup(act => act.HabilitationId);
        return [.. (await heads.ToListAsync(cancellationToken)).Select(head => HabilitationStanding.Of(head, acts[head.Id]))];
    }
}
