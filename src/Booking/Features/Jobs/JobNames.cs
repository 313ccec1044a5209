using FabLab.Booking.Data;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Jobs;

/// <summary>Takes the names out of jobs, of files and of people. The jobs stay: they count what machines made.</summary>
internal static class JobNames
{
    /// <summary>Jobs that began before a moment.</summary>
    /// <returns>How many had a name of either kind.</returns>
    public static Task<int> ForgetAsync(BookingDbContext db, Instant before, CancellationToken cancellationToken) =>
        db.MachineJobs.Where(j => j.StartedAt < before && (j.Name != "" || j.PersonId != null || j.AttributedBy != null))
            .ExecuteUpdateAsync(
                set => set.SetProperty(j => j.Name, "").SetProperty(j => j.PersonId, (PersonId?)null).SetProperty(j => j.AttributedBy, (PersonId?)null),
                cancellationToken);

    /// <summary>Names of files of one person's jobs. Call it while their uses still name them.</summary>
    /// <returns>How many had a name.</returns>
    public static Task<int> ForgetAsync(BookingDbContext db, PersonId person, CancellationToken cancellationToken) =>
        db.MachineJobs.Where(j => j.Name != "" && (j.PersonId == person
                || (j.SessionId != null && (db.Ledger.Any(row => row.SessionId == j.SessionId && row.PersonId == person)
                    || db.MachinesNow.Any(now => now.SessionId == j.SessionId && now.PersonId == person)))))
            .ExecuteUpdateAsync(set => set.SetProperty(j => j.Name, ""), cancellationToken);
}
