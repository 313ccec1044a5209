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
        // Only what standings follow from: the words of the acts are most of their bytes.
        var rows = await heads.Join(db.HabilitationActs, head => head.Id, act => act.HabilitationId, (head, act) => new
        {
            head.Id, head.PersonId, head.TrainingId, act.Number, act.Kind, act.Level, act.ValidFrom, act.ValidUntil, act.At,
        }).AsNoTracking().ToListAsync(cancellationToken);
        return
        [
            .. rows.GroupBy(row => (row.Id, row.PersonId, row.TrainingId)).Select(acts => HabilitationStanding.Of(
                new Habilitation { Id = acts.Key.Id, PersonId = acts.Key.PersonId, TrainingId = acts.Key.TrainingId },
                acts.Select(act => new HabilitationAct
                {
                    HabilitationId = act.Id, Number = act.Number, Kind = act.Kind, Level = act.Level, ValidFrom = act.ValidFrom, ValidUntil = act.ValidUntil,
                    At = act.At, By = default, Evidence = "",
                }))),
        ];
    }
}
