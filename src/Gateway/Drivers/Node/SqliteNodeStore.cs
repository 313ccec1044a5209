using System.Globalization;
using System.Text.Json;
using FabLab.Core;
using FabLab.Protocol.Peer;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.Node;

/// <summary>
/// The nodes' memories in a SQLite file of their own: one writer, group commit, synchronous=FULL. SQLite because it reports a
/// failed fsync, which the file streams of this runtime do not.
/// </summary>
public sealed partial class SqliteNodeStore : INodeStore, IAsyncDisposable
{
    /// <summary>How long what is not urgent waits for company: fewer fsyncs, which is what an SD card is slow at.</summary>
    private static readonly TimeSpan Company = TimeSpan.FromMilliseconds(50);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly SqliteConnection _connection;
    private readonly ILogger _logger;

    // Guards what is to be written and what was. Bounded by the number of devices: the last memory of one takes the place of the one before.
    private readonly Lock _gate = new();
    private readonly Dictionary<DeviceId, PeerMemory> _stored = [];
    private Dictionary<string, Work> _work = new(StringComparer.Ordinal);
    private TaskCompletionSource<bool> _batch = NewBatch();
    private bool _closed;

    private readonly SemaphoreSlim _any = new(0);
    private readonly SemaphoreSlim _urgent = new(0);
    private readonly Task _writer;

    private SqliteNodeStore(SqliteConnection connection, ILogger logger)
    {
        _connection = connection;
        _logger = logger;
        ReadAll();
        _writer = Task.Run(WriteAsync);
    }

    /// <summary>Opens the file, or makes it.</summary>
    public static SqliteNodeStore Open(string path, ILogger<SqliteNodeStore> logger)
    {
        var full = Path.GetFullPath(path);
        if (!File.Exists(full))
            PrivateFile.Write(full, "");
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = full, Pooling = false }.ToString());
        try
        {
            connection.Open();
            Execute(connection, null, "PRAGMA journal_mode=WAL");
            Execute(connection, null, "PRAGMA synchronous=FULL");
            Execute(connection, null, "CREATE TABLE IF NOT EXISTS node (device TEXT PRIMARY KEY, memory TEXT NOT NULL) STRICT, WITHOUT ROWID");
            Execute(connection, null, "CREATE TABLE IF NOT EXISTS set_aside (device TEXT, boot INTEGER, sequence INTEGER, fault TEXT NOT NULL, raw BLOB NOT NULL, PRIMARY KEY (device, boot, sequence)) STRICT, WITHOUT ROWID");
            return new SqliteNodeStore(connection, logger);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public PeerMemory? Load(DeviceId device)
    {
        lock (_gate)
            return _stored.GetValueOrDefault(device);
    }

    public Task<bool> SaveAsync(DeviceId device, PeerMemory memory, bool urgent) => Put("node " + device.Value, new Work.Memory(device, memory), urgent);

    public Task<bool> ForgetAsync(DeviceId device) => Put("node " + device.Value, new Work.Memory(device, null), urgent: true);

    public Task<bool> SetAsideAsync(DeviceId device, uint boot, uint sequence, string fault, ReadOnlyMemory<byte> raw) =>
        Put(string.Create(CultureInfo.InvariantCulture, $"aside {device.Value} {boot} {sequence}"), new Work.Aside(device, boot, sequence, fault, raw.ToArray()), urgent: false);

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_closed)
                return;
            _closed = true;
        }
        _any.Release();
        _urgent.Release();
        await _writer.ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
        _any.Dispose();
        _urgent.Dispose();
    }

    /// <summary>For tests of a full disk.</summary>
    internal void LimitPages(int pages) => Execute(_connection, null, string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count={pages}"));

    private Task<bool> Put(string name, Work work, bool urgent)
    {
        lock (_gate)
        {
            if (_closed)
                return Task.FromResult(false);
            if (_work.Count == 0)
                _any.Release();
            _work[name] = work;
            if (urgent)
                _urgent.Release();
            return _batch.Task;
        }
    }

    private async Task WriteAsync()
    {
        while (true)
        {
            await _any.WaitAsync().ConfigureAwait(false);
            await _urgent.WaitAsync(Company).ConfigureAwait(false);
            Dictionary<string, Work> work;
            TaskCompletionSource<bool> batch;
            bool last;
            lock (_gate)
            {
                (work, _work) = (_work, new Dictionary<string, Work>(StringComparer.Ordinal));
                (batch, _batch) = (_batch, NewBatch());
                last = _closed;
            }
            batch.TrySetResult(Write(work.Values));
            if (last)
                return;
        }
    }

    private bool Write(IReadOnlyCollection<Work> work)
    {
        try
        {
            // One statement a command: the error of a later one is lost behind a row of an earlier one.
            using var transaction = _connection.BeginTransaction();
            foreach (var item in work)
            {
                switch (item)
                {
                    case Work.Memory { Value: null } gone:
                        Execute(_connection, transaction, "DELETE FROM node WHERE device = $1", gone.Device.Value);
                        break;
                    case Work.Memory { Value: { } memory } kept:
                        Execute(_connection, transaction, "INSERT INTO node (device, memory) VALUES ($1, $2) ON CONFLICT (device) DO UPDATE SET memory = $2", kept.Device.Value, JsonSerializer.Serialize(memory, Json));
                        break;
                    case Work.Aside aside:
                        Execute(_connection, transaction, "INSERT OR REPLACE INTO set_aside (device, boot, sequence, fault, raw) VALUES ($1, $2, $3, $4, $5)", aside.Device.Value, (long)aside.Boot, (long)aside.Sequence, aside.Fault, aside.Raw);
                        break;
                }
            }
            transaction.Commit();
        }
        catch (SqliteException fault)
        {
            Log.NotWritten(_logger, fault.Message);
            return false;
        }
        lock (_gate)
        {
            foreach (var item in work)
            {
                if (item is not Work.Memory memory)
                    continue;
                if (memory.Value is { } value)
                    _stored[memory.Device] = value;
                else
                    _stored.Remove(memory.Device);
            }
        }
        return true;
    }

    private void ReadAll()
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "SELECT device, memory FROM node";
        using var reader = command.ExecuteReader();
        while (reader.Read())
            _stored[new DeviceId(reader.GetString(0))] = JsonSerializer.Deserialize<PeerMemory>(reader.GetString(1), Json)!;
    }

    private static void Execute(SqliteConnection connection, SqliteTransaction? transaction, string statement, params object[] values)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // The statements are constants of this file; values go in as parameters.
        command.CommandText = statement;
#pragma warning restore CA2100
        for (var i = 0; i < values.Length; i++)
            command.Parameters.AddWithValue(string.Create(CultureInfo.InvariantCulture, $"${i + 1}"), values[i]);
        command.ExecuteNonQuery();
    }

    private static TaskCompletionSource<bool> NewBatch() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private abstract record Work(DeviceId Device)
    {
        public sealed record Memory(DeviceId Device, PeerMemory? Value) : Work(Device);

        public sealed record Aside(DeviceId Device, uint Boot, uint Sequence, string Fault, byte[] Raw) : Work(Device);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 3400, Level = LogLevel.Error, Message = "The memory of the nodes cannot be written; no lease is given under a number that might come twice: {Detail}")]
        public static partial void NotWritten(ILogger logger, string detail);
    }
}
