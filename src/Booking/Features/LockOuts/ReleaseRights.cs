using FabLab.Booking.Data;
using FabLab.Booking.Features.Habilitations;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.LockOuts;

/// <summary>Who may put a machine back in service: for lock-outs and for breakdowns, on the pages and in the API.</summary>
internal static class ReleaseRights
{
    public static readonly Refusal NotYou = new("release_not_allowed", 403, "Its rule says that somebody else must release it.");

    /// <param name="db">Reads the machine's maintenance training and the habilitations.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="rule">Who may, by what was said when it was taken out.</param>
    /// <param name="author">Who took it out; null when a gateway did.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="now">The present.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<bool> MayAsync(
        BookingDbContext db, MachineId machine, LockOutReleaseRule rule, PersonId? author, StaffActor by, Instant now, CancellationToken cancellationToken) => rule switch
    {
        LockOutReleaseRule.Staff => true,
        LockOutReleaseRule.Manager => by.IsManager,
        LockOutReleaseRule.Author => author == by.Id,
        LockOutReleaseRule.Maintainer => await MaintainsAsync(db, machine, by, now, cancellationToken),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>Whether somebody holds the machine's maintenance habilitation; where the machine names none, managers do.</summary>
    private static async Task<bool> MaintainsAsync(BookingDbContext db, MachineId machine, StaffActor by, Instant now, CancellationToken cancellationToken)
    {
        var training = await db.MachineCare.Where(care => care.MachineId == machine).Select(care => care.MaintenanceTraining).SingleOrDefaultAsync(cancellationToken);
        if (training is not { } wanted)
            return by.IsManager;
        var standings = await HabilitationQueries.StandingsAsync(db, null, by.Id, cancellationToken);
        return standings.Any(s => s.Training == wanted && s.Level >= HabilitationLevel.Autonomous && s.HoldsAt(now));
    }
}
