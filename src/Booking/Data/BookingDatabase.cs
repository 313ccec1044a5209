using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Options;
using Npgsql;

namespace FabLab.Booking.Data;

/// <summary>Opens the database once for this process: takes it for itself (SQLite), brings it up to date.</summary>
internal sealed class BookingDatabase(BookingFiles files, IOptions<BookingOptions> options) : IDisposable
{
    private FileStream? _lock;

    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        files.MakeFolder();
        if (options.Value.UsesPostgres)
        {
            await MigrateAsync(Options().UseNpgsql(options.Value.Database), cancellationToken);
            return;
        }
        TakeLock();
        await using var connection = new SqliteConnection(SqliteFile.ConnectionString(files.Database, pooled: false));
        await connection.OpenAsync(cancellationToken);
        SqliteFile.PrepareWriter(connection);
        await ForgetStaleMigrationLockAsync(connection, cancellationToken);
        await MigrateAsync(Options().UseSqlite(connection), cancellationToken);
    }

    /// <summary>The settings of a context that is not asked of the services; the database is still to be named.</summary>
    public static DbContextOptionsBuilder<BookingDbContext> Options()
    {
        var builder = new DbContextOptionsBuilder<BookingDbContext>();
        Common(builder);
        return builder;
    }

    /// <summary>
    /// What all contexts have in common: readers, writer and migrations. EF keeps its services, and with them its model of all tables,
    /// once for each set of settings in their order. So this comes before the database is named, everywhere: a second model would cost
    /// half a second of every start and ten megabytes for good.
    /// </summary>
    public static void Common(DbContextOptionsBuilder builder) =>
        // The migrations are written by hand, so there is no snapshot to compare with: a test compares the databases instead.
        builder.ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning));

    public static async Task MigrateAsync(DbContextOptionsBuilder<BookingDbContext> builder, CancellationToken cancellationToken)
    {
        await using var context = BookingDbContext.ForWriting(builder.Options);
        await context.Database.MigrateAsync(cancellationToken);
        await AuditAdoption.RunAsync(context, cancellationToken);
    }

    /// <summary>The same database for readers: the server itself refuses their writes.</summary>
    public static string ReadOnly(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        settings.Options = $"{settings.Options} -c default_transaction_read_only=on".Trim();
        // Whoever reads leaves nothing behind on a connection; the seven statements that would clear it away each time cost more than most questions.
        settings.NoResetOnClose = true;
        return Prepared(settings);
    }

    /// <summary>The same database for the writer.</summary>
    public static string Writing(string connectionString) => Prepared(new NpgsqlConnectionStringBuilder(connectionString));

    /// <summary>What is asked again and again is planned once for each connection, unless whoever runs it has said otherwise (a pooler in between may not bear it).</summary>
    private static string Prepared(NpgsqlConnectionStringBuilder settings)
    {
        if (!settings.ShouldSerialize("Max Auto Prepare"))
            settings.MaxAutoPrepare = 100;
        return settings.ToString();
    }

    public void Dispose() => _lock?.Dispose();

    private void TakeLock()
    {
        try
        {
            _lock = new FileStream(files.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException fault)
        {
            throw new InvalidOperationException(
                $"Another FabLab has the database {files.Database} open. Stop it first, or give this one another data folder.", fault);
        }
    }

    /// <summary>
    /// A process killed in the middle of a migration leaves EF's lock row behind, and EF would wait for it for ever.
    /// We hold the lock file, so nobody else is migrating.
    /// </summary>
    private static async Task ForgetStaleMigrationLockAsync(SqliteConnection connection, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = """DROP TABLE IF EXISTS "__EFMigrationsLock" """;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
