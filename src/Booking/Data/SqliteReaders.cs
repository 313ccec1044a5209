using System.Collections.Concurrent;
using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace FabLab.Booking.Data;

/// <summary>
/// The connections that read. Opening one costs as much as a question: functions, collations and settings are set each time. So those of
/// the contexts that are kept for the next request stay open, up to <see cref="Most"/>, and so do the statements prepared on them. One
/// that is made unable to write holds nothing while nobody asks on it.
/// </summary>
internal sealed class SqliteReaders : DbConnectionInterceptor
{
    /// <summary>How many stay open: each holds pages and statements in memory.</summary>
    public const int Most = 16;

    // A statement holds about ten kilobytes.
    private const int StatementsOfOne = 48;

    // What is opened may come from the provider's own pool, and keeps what was set when it was new.
    private static readonly ConditionalWeakTable<object, object> Prepared = [];

    private readonly ConcurrentDictionary<DbConnection, bool> _kept = new();

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Prepare(connection);

    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Prepare(connection);
        return Task.CompletedTask;
    }

    public override InterceptionResult ConnectionClosing(DbConnection connection, ConnectionEventData eventData, InterceptionResult result) =>
        _kept.ContainsKey(connection) ? InterceptionResult.Suppress() : result;

    public override ValueTask<InterceptionResult> ConnectionClosingAsync(DbConnection connection, ConnectionEventData eventData, InterceptionResult result) =>
        ValueTask.FromResult(ConnectionClosing(connection, eventData, result));

    public override InterceptionResult ConnectionDisposing(DbConnection connection, ConnectionEventData eventData, InterceptionResult result)
    {
        Forget(connection);
        return result;
    }

    public override ValueTask<InterceptionResult> ConnectionDisposingAsync(DbConnection connection, ConnectionEventData eventData, InterceptionResult result)
    {
        Forget(connection);
        return ValueTask.FromResult(result);
    }

    /// <summary>Closes all of them: the writer must be the last to close, because whoever is checkpoints.</summary>
    public void CloseAll()
    {
        foreach (var connection in _kept.Keys)
        {
            Forget(connection);
            connection.Close();
        }
    }

    private void Prepare(DbConnection connection)
    {
        var handle = ((SqliteConnection)connection).Handle!;
        if (!Prepared.TryGetValue(handle, out _))
        {
            SqliteFile.PrepareReader(connection);
            Prepared.AddOrUpdate(handle, handle);
        }
        // A few more than that when many open one at once: no harm.
        if (_kept.Count < Most && _kept.TryAdd(connection, true))
            KeptStatements.Of((SqliteConnection)connection, StatementsOfOne);
    }

    private void Forget(DbConnection connection)
    {
        if (_kept.TryRemove(connection, out _))
            KeptStatements.Drop((SqliteConnection)connection);
    }
}
