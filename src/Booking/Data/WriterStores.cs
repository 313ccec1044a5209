using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace FabLab.Booking.Data;

/// <summary>The writer's connection: opened once, kept, opened anew after a failure.</summary>
internal interface IWriterStore : IAsyncDisposable
{
    Task<DbTransaction> BeginAsync();

    Task<BookingDbContext> ContextAsync(DbTransaction transaction);

    /// <summary>The write behind a savepoint has gone well.</summary>
    Task ReleaseAsync(DbTransaction transaction, string savepoint);

    /// <summary>What tells other copies of Booking, with the commit, that something has changed, and whether what bookings are decided from has; null where there are no others.</summary>
    PlainQuestion? TellOthers(bool settings);

    /// <summary>Throws the connection away after a failure, so that the next group starts clean.</summary>
    Task ResetAsync();
}

/// <param name="path">The file.</param>
/// <param name="readers">Those who read it, to be closed first.</param>
internal sealed class SqliteWriterStore(string path, SqliteReaders readers) : IWriterStore
{
    private const int Statements = 200;

    private SqliteConnection? _connection;
    private DbContextOptions<BookingDbContext>? _options;

    public Task<DbTransaction> BeginAsync()
    {
        if (_connection is null)
        {
            var connection = new SqliteConnection(SqliteFile.ConnectionString(path, pooled: false));
            try
            {
                connection.Open();
                SqliteFile.PrepareWriter(connection);
            }
            catch
            {
                connection.Dispose();
                throw;
            }
            _connection = connection;
            KeptStatements.Of(connection, Statements);
            _options = ((DbContextOptionsBuilder<BookingDbContext>)BookingDatabase.Options().UseSqlite(connection).AddInterceptors(KeptStatements.Instance)).Options;
        }
        // BEGIN IMMEDIATE: the write lock is taken here and not in the middle of a group.
        return Task.FromResult<DbTransaction>(_connection.BeginTransaction(IsolationLevel.Serializable, deferred: false));
    }

    public async Task<BookingDbContext> ContextAsync(DbTransaction transaction)
    {
        var context = BookingDbContext.ForWriting(_options!);
        await context.Database.UseTransactionAsync(transaction);
        return context;
    }

    public Task ReleaseAsync(DbTransaction transaction, string savepoint) => transaction.ReleaseAsync(savepoint);

    public PlainQuestion? TellOthers(bool settings) => null;

    public async Task ResetAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            KeptStatements.Drop(connection);
            await connection.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        // The readers first: whoever closes last checkpoints, and that must be the writer.
        readers.CloseAll();
        using (var reader = new SqliteConnection(SqliteFile.ConnectionString(path, pooled: true)))
            SqliteConnection.ClearPool(reader);
        await ResetAsync();
    }
}

/// <summary>PostgreSQL: other copies of Booking may write too, so what must not race is guarded in the database.</summary>
internal sealed class PostgresWriterStore(string connectionString, CopyId copy) : IWriterStore
{
    private readonly string _connectionString = BookingDatabase.Writing(connectionString);
    private NpgsqlConnection? _connection;
    private DbContextOptions<BookingDbContext>? _options;

    public async Task<DbTransaction> BeginAsync()
    {
        if (_connection is null)
        {
            var connection = new NpgsqlConnection(_connectionString);
            try
            {
                await connection.OpenAsync();
                // A decision is a long text, stored with every booking: packed in a third of the time, where the server can.
                await using var pack = new NpgsqlCommand(
                    "SELECT set_config(name, 'lz4', false) FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)", connection);
                await pack.ExecuteNonQueryAsync();
            }
            catch
            {
                await connection.DisposeAsync();
                throw;
            }
            _connection = connection;
            _options = BookingDatabase.Options().UseNpgsql(connection).Options;
        }
        return await _connection.BeginTransactionAsync(IsolationLevel.ReadCommitted);
    }

    public async Task<BookingDbContext> ContextAsync(DbTransaction transaction)
    {
        var context = BookingDbContext.ForWriting(_options!);
        await context.Database.UseTransactionAsync(transaction);
        return context;
    }

    // That would be one more question to the server. The next savepoint has the same name and hides this one, and the commit ends all.
    public Task ReleaseAsync(DbTransaction transaction, string savepoint) => Task.CompletedTask;

    public PlainQuestion? TellOthers(bool settings) =>
        new("SELECT pg_notify($1, $2)", _ => { }, ChangeRelay.Channel, settings ? copy.Value + ChangeRelay.Settings : copy.Value);

    public async Task ResetAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync() => await ResetAsync();
}
