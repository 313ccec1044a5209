using FabLab.Booking.Data;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Habilitations;

internal static class HabilitationQueries
{
    private const string ActsOf = """
        SELECT h.id, h.training_id, a.number, a.kind, a.level, a.valid_from, a.valid_until, a.at
        FROM habilitation h JOIN habilitation_act a ON a.habilitation_id = h.id WHERE h.person_id = $1
        """;

    /// <summary>Adds the question what the acts amount to for one person.</summary>
    /// <returns>The answer, once it was asked.</returns>
    public static Func<IReadOnlyList<HabilitationStanding>> AboutPerson(List<PlainQuestion> questions, PersonId person)
    {
        var rows = new List<ActRead>();
        questions.Add(new PlainQuestion(
            ActsOf,
            row => rows.Add(new ActRead(
                new HabilitationId(row.GetGuid(0)), person, new TrainingId(row.GetGuid(1)), row.GetInt32(2), (HabilitationActKind)row.GetInt32(3), (HabilitationLevel)row.GetInt32(4),
                row.InstantAt(5), row.InstantOrNull(6), row.InstantAt(7))),
            person.Value));
        return () => Fold(rows);
    }

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
        var rows = await heads.Join(db.HabilitationActs, head => head.Id, act => act.HabilitationId, (head, act) => new ActRead(
            head.Id, head.PersonId, head.TrainingId, act.Number, act.Kind, act.Level, act.ValidFrom, act.ValidUntil, act.At)).AsNoTracking().ToListAsync(cancellationToken);
        return Fold(rows);
    }

    private static IReadOnlyList<HabilitationStanding> Fold(List<ActRead> rows) =>
    [
        .. rows.GroupBy(row => (row.Id, row.PersonId, row.TrainingId)).Select(acts => HabilitationStanding.Of(
            new Habilitation { Id = acts.Key.Id, PersonId = acts.Key.PersonId, TrainingId = acts.Key.TrainingId },
            acts.Select(act => new HabilitationAct
            {
                HabilitationId = act.Id, Number = act.Number, Kind = act.Kind, Level = act.Level, ValidFrom = act.ValidFrom, ValidUntil = act.ValidUntil,
                At = act.At, By = default, Evidence = "",
            }))),
    ];

    private sealed record ActRead(
        HabilitationId Id, PersonId PersonId, TrainingId TrainingId, int Number, HabilitationActKind Kind, HabilitationLevel Level, Instant ValidFrom, Instant? ValidUntil, Instant At);
}
