using System.Collections.Concurrent;
using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace FabLab.Booking.Data;

/// <summary>
/// The connections that read. EF opens one for each question and closes it after it, and opening costs as much as the question: its
/// functions, collations and settings are set each time. So those of the contexts that are kept for the next request stay open, up to
/// <see cref="Most"/>, and so do the statements prepared on them. They cannot write, and hold nothing up while nobody asks on them.
/// They have none of EF's functions for decimals and regular expressions, which no question of Booking uses.
/// </summary>
internal sealed class SqliteReaders(BookingFiles files) : DbConnectionInterceptor
{
    /// <summary>How many stay open: each holds pages and statements in memory.</summary>
    public const int Most = 16;

    // A statement holds about ten kilobytes.
    private const int StatementsOfOne = 48;

    // What is opened may come from the provider's own pool, and keeps what was set when it was new.
    private static readonly ConditionalWeakTable<object, object> Prepared = [];

    private readonly ConcurrentDictionary<Reader, bool> _open = new();

    public override InterceptionResult<DbConnection> ConnectionCreating(ConnectionCreatingEventData eventData, InterceptionResult<DbConnection> result) =>
        InterceptionResult<DbConnection>.SuppressWithResult(new Reader(this, SqliteFile.ConnectionString(files.Database, pooled: true)));

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        var reader = (Reader)connection;
        var handle = reader.Handle!;
        if (!Prepared.TryGetValue(handle, out _))
        {
            SqliteFile.PrepareReader(reader);
            Prepared.AddOrUpdate(handle, handle);
        }
        // A few more than that when many open one at once: no harm.
        if (_open.Count < Most)
            reader.StayOpen();
    }

    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        ConnectionOpened(connection, eventData);
        return Task.CompletedTask;
    }

    /// <summary>Closes all of them: the writer must be the last to close, because whoever is checkpoints.</summary>
    public void CloseAll()
    {
        foreach (var reader in _open.Keys)
            reader.ReallyClose();
    }

    private sealed class Reader(SqliteReaders readers, string connectionString) : SqliteConnection(connectionString)
    {
        public void StayOpen()
        {
            readers._open.TryAdd(this, true);
            KeptStatements.Of(this, StatementsOfOne);
        }

        public void ReallyClose()
        {
            if (readers._open.TryRemove(this, out _))
                KeptStatements.Drop(this);
            base.Close();
        }

        public override void Close()
        {
            if (readers._open.ContainsKey(this))
                Transaction?.Dispose();
            else
                base.Close();
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                ReallyClose();
            base.Dispose(disposing);
        }
    }
}
