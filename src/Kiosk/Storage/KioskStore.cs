using System.Text.Json;
using FabLab.Contracts;
using FabLab.Core.Json;
using Microsoft.Data.Sqlite;
using NodaTime;

namespace FabLab.Kiosk.Storage;

/// <summary>One thing that waits to be handed in, at its place in the line.</summary>
/// <param name="Seq">Its place; never given twice.</param>
/// <param name="Item">What happened.</param>
internal sealed record Waiting(long Seq, VisitItem Item);

/// <summary>
/// The kiosk's own file: what happened and Booking does not have yet, what it could not take, and the sealed copy of what the door
/// needs. What <see cref="Append"/> returned from is on the disk. One connection, one at a time: a door is slow beside a disk.
/// </summary>
internal sealed class KioskStore : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SqliteConnection _connection;
    private TaskCompletionSource _appended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private KioskStore(SqliteConnection connection) => _connection = connection;

    /// <summary>Opens or makes the file; its folder is made.</summary>
    /// <param name="path">The file.</param>
    public static KioskStore Open(string path)
    {
        path = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            var store = new KioskStore(connection);
            store.Execute("PRAGMA journal_mode = WAL");
            // A power cut takes nothing that was acknowledged on the screen.
            store.Execute("PRAGMA synchronous = FULL");
            store.Execute("CREATE TABLE IF NOT EXISTS waiting (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, json TEXT NOT NULL) STRICT");
            store.Execute("CREATE TABLE IF NOT EXISTS set_aside (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, code TEXT NOT NULL, json TEXT NOT NULL) STRICT");
            store.Execute("CREATE TABLE IF NOT EXISTS copy (id INTEGER PRIMARY KEY CHECK (id = 1), sealed BLOB NOT NULL) STRICT");
            return store;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>How many wait.</summary>
    public long Count
    {
        get
        {
            lock (_gate)
                return (long)Scalar("SELECT count(*) FROM waiting")!;
        }
    }

    /// <summary>How many Booking could not take.</summary>
    public long SetAsideCount
    {
        get
        {
            lock (_gate)
                return (long)Scalar("SELECT count(*) FROM set_aside")!;
        }
    }

    /// <summary>Puts it at the end of the line, once; on the disk when this returns.</summary>
    public void Append(VisitItem item)
    {
        lock (_gate)
        {
            Execute("INSERT OR IGNORE INTO waiting (id, json) VALUES (@a, @b)", item.Id.ToString("D"), JsonSerializer.Serialize(item, CoreJson.Options));
            _appended.TrySetResult();
        }
    }

    /// <summary>The first of the line.</summary>
    public IReadOnlyList<Waiting> First(int most)
    {
        lock (_gate)
        {
            using var command = Command("SELECT seq, json FROM waiting ORDER BY seq LIMIT @a", most);
            using var reader = command.ExecuteReader();
            var found = new List<Waiting>();
            while (reader.Read())
                found.Add(new Waiting(reader.GetInt64(0), JsonSerializer.Deserialize<VisitItem>(reader.GetString(1), CoreJson.Options)!));
            return found;
        }
    }

    /// <summary>Booking has these: they go; those it could not take are kept aside for a person to look at.</summary>
    /// <param name="answered">What was sent, with what became of it.</param>
    /// <param name="now">The present.</param>
    public void Settle(IReadOnlyList<(Waiting Item, string Code)> answered, Instant now)
    {
        lock (_gate)
        {
            using var transaction = _connection.BeginTransaction();
            foreach (var (item, code) in answered)
            {
                if (VisitAnswers.IsRefusal(code))
                {
                    Execute(
                        "INSERT OR IGNORE INTO set_aside (seq, at, code, json) VALUES (@a, @b, @c, @d)",
                        item.Seq, now.ToUnixTimeMilliseconds(), code, JsonSerializer.Serialize(item.Item, CoreJson.Options));
                }
                Execute("DELETE FROM waiting WHERE seq = @a", item.Seq);
            }
            transaction.Commit();
        }
    }

    /// <summary>Completes when something waits.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        Task appended;
        lock (_gate)
        {
            if ((long)Scalar("SELECT EXISTS (SELECT 1 FROM waiting)")! == 1)
                return;
            _appended = new(TaskCreationOptions.RunContinuationsAsynchronously);
            appended = _appended.Task;
        }
        await appended.WaitAsync(cancellationToken);
    }

    /// <summary>The sealed copy of what the door needs; null when there is none.</summary>
    public byte[]? Copy()
    {
        lock (_gate)
            return Scalar("SELECT sealed FROM copy WHERE id = 1") as byte[];
    }

    /// <summary>Replaces the copy; null takes it away.</summary>
    public void SetCopy(byte[]? sealedCopy)
    {
        lock (_gate)
        {
            if (sealedCopy is null)
                Execute("DELETE FROM copy");
            else
                Execute("INSERT INTO copy (id, sealed) VALUES (1, @a) ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed", sealedCopy);
        }
    }

    public void Dispose()
    {
        lock (_gate)
            _connection.Dispose();
    }

    private object? Scalar(string sql)
    {
        using var command = Command(sql);
        return command.ExecuteScalar();
    }

    private void Execute(string sql, params object[] values)
    {
        using var command = Command(sql, values);
        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string sql, params object[] values)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // Every statement stands in this file; values are parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (place, value) in values.Index())
            command.Parameters.AddWithValue($"@{(char)('a' + place)}", value);
        return command;
    }
}
