using FabLab.Booking.Data;
using FabLab.Testing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Tests.Hosting;

/// <summary>
/// A database as the migrations leave it, made once and copied for each host: what they do is tested in MigrationTests, and every
/// start still looks whether something is left to do.
/// </summary>
internal static class MigratedFile
{
    private static readonly Lazy<Task<byte[]>> Bytes = new(MakeAsync);

    /// <summary>Lays a copy into a folder that has no database yet.</summary>
    public static async Task PutAsync(string folder, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, "booking.db");
        if (!File.Exists(path))
            await File.WriteAllBytesAsync(path, await Bytes.Value, cancellationToken);
    }

    /// <summary>Migrates the database on PostgreSQL that the others are copied from.</summary>
    public static Task MigratePostgresAsync(string database) =>
        BookingDatabase.MigrateAsync(BookingDatabase.Options().UseNpgsql(database), CancellationToken.None);

    private static async Task<byte[]> MakeAsync()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "made.db");
        await BookingDatabase.MigrateAsync(BookingDatabase.Options().UseSqlite($"Data Source={path};Pooling=False"), CancellationToken.None);
        return await File.ReadAllBytesAsync(path);
    }
}
