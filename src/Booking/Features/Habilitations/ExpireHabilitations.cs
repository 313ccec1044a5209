using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Machines;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Habilitations;

/// <summary>
/// Writes down what time has ended, once each. A date that has passed is in force at the relay without this, because the rule
/// carries it; an end for want of use is in force from this act on.
/// </summary>
internal static class ExpireHabilitations
{
    public static async Task RoundAsync(BookingWrite write, CancellationToken cancellationToken)
    {
        var db = write.Db;
        var zone = await db.ZoneAsync(cancellationToken);
        var use = await HabilitationUse.ReadAsync(db, null, write.Now, zone, cancellationToken);
        var trainings = use.Trainings.ToList();
        var now = write.Now;
        // The last act that says how far it goes; after it came neither an expiry nor a withdrawal.
        var due = await db.HabilitationActs.AsNoTracking()
            .Where(act => (act.Kind == HabilitationActKind.Granted || act.Kind == HabilitationActKind.Renewed || act.Kind == HabilitationActKind.Restored)
                && act.Level != HabilitationLevel.None
                && !db.HabilitationActs.Any(later => later.HabilitationId == act.HabilitationId && later.Number > act.Number
                    && later.Kind != HabilitationActKind.Suspended && later.Kind != HabilitationActKind.Resumed)
                && (act.ValidUntil <= now || db.Habilitations.Any(h => h.Id == act.HabilitationId && trainings.Contains(h.TrainingId))))
            .Select(act => act.HabilitationId).ToListAsync(cancellationToken);
        if (due.Count == 0)
            return;
        foreach (var standing in await HabilitationQueries.StandingsAsync(db, due, null, cancellationToken))
        {
            if (standing.Expired || standing.Level == HabilitationLevel.None || use.EndOf(standing) is not { } end || end.At > now)
                continue;
            db.HabilitationActs.Add(new HabilitationAct
            {
                HabilitationId = standing.Id,
                Number = standing.LastAct + 1,
                Kind = HabilitationActKind.Expired,
                ValidUntil = end.At,
                By = default,
                At = now,
                Ground = end.Why,
                Evidence = "",
            });
            write.Audit(default, "habilitation.expired", standing.Id.Value, end.Why == EvidenceKind.Unused ? "unused" : "time");
        }
    }
}
