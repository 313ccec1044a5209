using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace FabLab.Booking.Data;

/// <summary>
/// Connection strings and per-connection settings of the one SQLite file.
/// There is one writing connection, which also checkpoints; every other connection is made unable to write,
/// because the bundled SQLite can corrupt a WAL when two connections write or checkpoint at once.
/// </summary>
internal static class SqliteFile
{
    public static string ConnectionString(string path, bool pooled) => new SqliteConnectionStringBuilder
    {
        DataSource = path,
        Mode = SqliteOpenMode.ReadWriteCreate,
        Pooling = pooled,
        DefaultTimeout = 30,
        // Set at each opening, of which readers have thousands a second; they write nothing.
        ForeignKeys = pooled ? null : true,
    }.ToString();

    public static void PrepareWriter(SqliteConnection connection)
    {
        Run(connection, "PRAGMA journal_mode=WAL");
        Run(connection, "PRAGMA synchronous=FULL");
        Run(connection, "PRAGMA mmap_size=0");
        Run(connection, "PRAGMA busy_timeout=30000");
        Run(connection, "PRAGMA wal_autocheckpoint=1000");
    }

    public static void PrepareReader(DbConnection connection)
    {
        Run(connection, "PRAGMA wal_autocheckpoint=0");
        Run(connection, "PRAGMA mmap_size=0");
        Run(connection, "PRAGMA busy_timeout=5000");
        Run(connection, "PRAGMA query_only=1");
    }

    // One statement a command: the provider drops the error of a later one.
    private static void Run(DbConnection connection, string pragma)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constant texts above.
        command.CommandText = pragma;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
