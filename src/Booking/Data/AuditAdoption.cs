using FabLab.Booking.Features.Audit;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Data;

/// <summary>Takes the audit of before the chain into the chain, oldest first, and then removes the old table. Once.</summary>
internal static class AuditAdoption
{
    /// <summary>Where the migration left it.</summary>
    public const string Table = "audit_before";

    public static async Task RunAsync(BookingDbContext db, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (!await IsThereAsync(db, cancellationToken))
            return;
        var old = await db.Database.SqlQuery<OldEntry>($"SELECT at AS \"At\", action AS \"Action\", done_by AS \"By\", subject AS \"Subject\", detail AS \"Detail\" FROM audit_before ORDER BY at, id")
            .ToListAsync(cancellationToken);
        if (old.Count > 0)
        {
            await AuditChain.AppendAsync(
                db,
                [
                    .. old.Select(entry => new AuditAct(Instant.FromUnixTimeMilliseconds(entry.At), entry.Action)
                    {
                        By = new PersonId(entry.By),
                        Subject = entry.Subject,
                        Detail = entry.Detail,
                    }),
                ],
                cancellationToken);
        }
        await db.Database.ExecuteSqlAsync($"DROP TABLE audit_before", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task<bool> IsThereAsync(BookingDbContext db, CancellationToken cancellationToken)
    {
        if (db.Database.IsSqlite())
        {
            return await db.Database.SqlQuery<string>($"SELECT name AS \"Value\" FROM sqlite_master WHERE type = 'table' AND name = {Table}").AnyAsync(cancellationToken);
        }
        // Two copies of Booking may start at once: the second waits here, and then finds nothing to do.
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtext({Table}))", cancellationToken);
        return await db.Database.SqlQuery<string>($"SELECT table_name::text AS \"Value\" FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = {Table}").AnyAsync(cancellationToken);
    }

    private sealed record OldEntry(long At, string Action, Guid By, Guid Subject, string Detail);
}
