using System.Collections.Concurrent;
using System.Globalization;
using FabLab.Core;
using FabLab.Gateway.Drivers;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Gateway.Journal;

/// <summary>
/// The gateway's own file: what happened (journal), where each machine stands, the copy of the rules, counters. One process has
/// it, one thread writes it. Reading goes over other connections and never waits for a writer.
/// </summary>
public sealed partial class GatewayJournal : IAsyncDisposable
{
    private readonly string _path;
    private readonly FileStream _lock;
    private readonly JournalWriter _writer;
    private readonly ConcurrentBag<JournalStatements> _readers = [];
    private readonly ConcurrentDictionary<(string Device, uint Boot), uint> _highest;
    private readonly TimeProvider _time;
    private readonly TimeProvider _disk;
    private readonly ITimer _probe;
    private int _probing;
    private long _lastSequence;
    private TaskCompletionSource _appended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _disposed;

    private GatewayJournal(string path, FileStream fileLock, JournalStatements statements, TimeProvider time, TimeProvider disk, ILogger logger)
    {
        _path = path;
        _lock = fileLock;
        _time = time;
        _disk = disk;
        Health = new StorageHealth(time);
        _lastSequence = (long)(statements.Scalar("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'journal'), 0)") ?? 0L);
        _highest = new(statements.Query(
            "SELECT device, boot, max(seq) FROM device_record GROUP BY device, boot",
            r => KeyValuePair.Create((r.GetString(0), (uint)r.GetInt64(1)), (uint)r.GetInt64(2))));
        Epoch = (long)(statements.Scalar("SELECT value FROM counter WHERE name = 'journal-epoch'") ?? throw new InvalidOperationException("no journal epoch"));
        _writer = new JournalWriter(path, statements, Health, disk, logger);
        _probe = time.CreateTimer(_ => _ = ProbeAsync(), null, ProbeEvery, ProbeEvery);
    }

    /// <summary>How often the disk is looked at: whether it still answers, and, while writes fail, whether it has come back.</summary>
    public static readonly TimeSpan ProbeEvery = TimeSpan.FromSeconds(2);

    /// <summary>How long closing waits for a disk that does not answer.</summary>
    public static readonly TimeSpan PatienceAtClose = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long somebody who stands at a machine waits for the disk. An fsync of a busy disk takes a tenth of it; a maker who is told
    /// nothing for longer taps again.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public StorageHealth Health { get; }

    /// <summary>
    /// Names this file among those the gateway may have had: Unix milliseconds when it was made. Numbers of lines are counted
    /// within it, so a lost file does not make new lines look like old ones.
    /// </summary>
    public long Epoch { get; }

    /// <summary>Number of the newest line.</summary>
    public long LastSequence => Interlocked.Read(ref _lastSequence);

    public (long Groups, long Items) WriterCounts => (_writer.Groups, _writer.Items);

    /// <summary>Opens or creates the file; refuses when another process has it.</summary>
    /// <param name="path">The file; its folder is created.</param>
    /// <param name="maxBytes">The file does not grow beyond this: appends then fail as on a full disk. 0: as far as the disk goes.</param>
    /// <param name="time">For the probe and for how long a fault lasts.</param>
    /// <param name="logger">For faults.</param>
    /// <param name="disk">How long the disk takes is measured on it, whatever the other clock is set to; the computer's own when not given.</param>
    public static GatewayJournal Open(string path, long maxBytes, TimeProvider time, ILogger logger, TimeProvider? disk = null)
    {
        path = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        FileStream fileLock;
        try
        {
            fileLock = new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new IOException($"Another gateway already uses {path}. Stop it, or choose another data folder.", e);
        }
        try
        {
            var statements = JournalStatements.Open(path, reader: false);
            JournalSchema.Apply(statements);
            statements.Execute(
                "INSERT INTO counter (name, value) VALUES ('journal-epoch', $1) ON CONFLICT DO NOTHING", time.GetUtcNow().ToUnixTimeMilliseconds());
            Limit(statements, maxBytes);
            return new GatewayJournal(path, fileLock, statements, time, disk ?? TimeProvider.System, logger);
        }
        catch
        {
            fileLock.Dispose();
            throw;
        }
    }

    /// <summary>Writes all of it or nothing. Completes when it is durable or has failed; a failure is an answer, not an exception.</summary>
    public async Task<JournalResult> CommitAsync(JournalCommit commit)
    {
        var taken = _time.GetUtcNow().ToUnixTimeSeconds();
        var (written, fault) = await _writer.RunAsync(statements => Write(statements, commit, taken));
        return Answer(commit, written?.Result, fault);
    }

    /// <summary>
    /// The same for what has only happened once it is durable: a disk that has not answered after <see cref="Patience"/> has failed.
    /// Should it answer later, all that was written of it is taken back first.
    /// </summary>
    /// <param name="commit">What is written together.</param>
    /// <param name="instead">The snapshot that stands when it has not happened.</param>
    public async Task<JournalResult> CommitNowAsync(JournalCommit commit, MachineSnapshot instead)
    {
        var taken = _time.GetUtcNow().ToUnixTimeSeconds();
        var (written, fault) = await _writer.RunAsync(
            statements => Write(statements, commit, taken),
            (statements, done) => TakeBack(statements, done, instead),
            Patience);
        return Answer(commit, written?.Result, fault);
    }

    private JournalResult Answer(JournalCommit commit, JournalResult.Written? written, StorageFault? fault)
    {
        if (fault is not null)
            return new JournalResult.Failed(fault);
        if (written is null)
            return new JournalResult.Duplicate();
        foreach (var key in commit.Records)
            Remember(key);
        foreach (var entry in commit.Entries)
        {
            if (entry.Record is { } key)
                Remember(key);
        }
        if (written.Last > 0)
            Announce(written.Last);
        return written;
    }

    /// <summary>
    /// Whether this device record was taken before. Costs nothing for a record that is newer than all of its boot, one read
    /// otherwise. A commit with a known key is refused in any case; this is for deciding before anything moves.
    /// </summary>
    public bool IsKnown(JournalKey key)
    {
        if (!_highest.TryGetValue((key.Device.Value, key.Boot), out var highest) || key.Sequence > highest)
            return false;
        return Read(s => s.Scalar(
            "SELECT 1 FROM device_record WHERE device = $1 AND boot = $2 AND seq = $3",
            key.Device.Value, (long)key.Boot, (long)key.Sequence) is not null);
    }

    /// <summary>Lines after a number, oldest first. A line that nobody was told of yet may still be taken back and is not among them.</summary>
    public IReadOnlyList<JournalRow> ReadAfter(long sequence, int limit) => Read(s => s.Query(
        "SELECT seq, machine, at, kind, json FROM journal WHERE seq > $1 AND seq <= $3 ORDER BY seq LIMIT $2", Row, sequence, (long)limit, LastSequence));

    /// <summary>The newest lines, newest first.</summary>
    public IReadOnlyList<JournalRow> ReadLast(int limit) => Read(s => s.Query(
        "SELECT seq, machine, at, kind, json FROM journal ORDER BY seq DESC LIMIT $1", Row, (long)limit));

    public IReadOnlyList<MachineSnapshot> ReadSnapshots() => Read(s => s.Query(
        "SELECT machine, at, json FROM machine_state",
        r => new MachineSnapshot(MachineId.From(Guid.Parse(r.GetString(0))), Instant.FromUnixTimeTicks(r.GetInt64(1)), r.GetString(2))));

    /// <summary>Completes when there is a line after this number.</summary>
    public Task WaitForAsync(long afterSequence, CancellationToken cancellationToken)
    {
        var signal = Volatile.Read(ref _appended);
        return LastSequence > afterSequence ? Task.CompletedTask : signal.Task.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        await _probe.DisposeAsync();
        while (_readers.TryTake(out var reader))
            reader.Dispose();
        await _writer.DisposeAsync();
        // A thread that was left behind may still write: then the lock stays, and goes with the process.
        if (!_writer.LeftBehind)
            await _lock.DisposeAsync();
    }

    /// <summary>Any other write of this folder and its neighbours; in the same queue, with the same promise.</summary>
    internal Task<(T? Value, StorageFault? Fault)> WriteAsync<T>(Func<JournalStatements, T> work) => _writer.RunAsync(work);

    internal T Read<T>(Func<JournalStatements, T> read)
    {
        if (!_readers.TryTake(out var statements))
            statements = JournalStatements.Open(_path, reader: true);
        var intact = false;
        try
        {
            var result = read(statements);
            intact = true;
            return result;
        }
        finally
        {
            if (intact && !_disposed)
                _readers.Add(statements);
            else
                statements.Dispose();
        }
    }

    /// <summary>Sets how far the file may grow; 0 for no limit.</summary>
    /// <returns>Why it was not set: it shared its transaction with a write that failed.</returns>
    internal async Task<StorageFault?> LimitAsync(long maxBytes) => (await _writer.RunAsync(s => { Limit(s, maxBytes); return 0; })).Fault;

    internal static JournalRow Row(SqliteDataReader r) => new(
        r.GetInt64(0), r.IsDBNull(1) ? null : MachineId.From(Guid.Parse(r.GetString(1))), Instant.FromUnixTimeTicks(r.GetInt64(2)), r.GetString(3), r.GetString(4));

    private static void Limit(JournalStatements statements, long maxBytes)
    {
        const long noLimit = 1_073_741_823;
        var pages = maxBytes == 0 ? noLimit : Math.Max(1, maxBytes / statements.Pragma("page_size"));
        statements.Pragma(string.Create(CultureInfo.InvariantCulture, $"max_page_count={pages}"));
    }

    /// <summary>What one commit has put into the file.</summary>
    private sealed record Done(JournalResult.Written Result, IReadOnlyCollection<JournalKey> Keys, MachineSnapshot? Snapshot);

    private static void TakeBack(JournalStatements statements, Done? done, MachineSnapshot instead)
    {
        if (done is null)
            return;
        if (done.Result.Last > 0)
            statements.Execute("DELETE FROM journal WHERE seq BETWEEN $1 AND $2", done.Result.First, done.Result.Last);
        foreach (var key in done.Keys)
            statements.Execute(
                "DELETE FROM device_record WHERE device = $1 AND boot = $2 AND seq = $3", key.Device.Value, (long)key.Boot, (long)key.Sequence);
        if (done.Snapshot is not null)
            Keep(statements, instead);
    }

    private static void Keep(JournalStatements statements, MachineSnapshot snapshot) => statements.Execute(
        "INSERT INTO machine_state (machine, at, json) VALUES ($1, $2, $3) ON CONFLICT (machine) DO UPDATE SET at = excluded.at, json = excluded.json",
        snapshot.Machine.ToString(), snapshot.At.ToUnixTimeTicks(), snapshot.Json);

    private static Done? Write(JournalStatements statements, JournalCommit commit, long taken)
    {
        HashSet<JournalKey>? fresh = null;
        HashSet<JournalKey>? known = null;
        bool IsFresh(JournalKey key)
        {
            if (fresh?.Contains(key) == true)
                return true;
            if (known?.Contains(key) == true)
                return false;
            var isFresh = statements.Execute(
                "INSERT INTO device_record (device, boot, seq, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                key.Device.Value, (long)key.Boot, (long)key.Sequence, taken) == 1;
            (isFresh ? fresh ??= [] : known ??= []).Add(key);
            return isFresh;
        }

        foreach (var key in commit.Records)
            IsFresh(key);
        long first = 0, last = 0;
        var withoutRecord = commit.Entries.Count == 0 && commit.Records.Count == 0;
        foreach (var entry in commit.Entries)
        {
            if (entry.Record is { } key)
            {
                if (!IsFresh(key))
                    continue;
            }
            else
            {
                withoutRecord = true;
            }
            last = (long)statements.Scalar(
                "INSERT INTO journal (machine, at, kind, json) VALUES ($1, $2, $3, $4) RETURNING seq",
                entry.Machine?.ToString(), entry.At.ToUnixTimeTicks(), entry.Kind, entry.Json)!;
            if (first == 0)
                first = last;
        }
        if (fresh is null && !withoutRecord)
            return null;
        if (commit.Snapshot is { } snapshot)
            Keep(statements, snapshot);
        return new Done(new JournalResult.Written(first, last), fresh ?? [], commit.Snapshot);
    }

    private void Remember(JournalKey key) =>
        _highest.AddOrUpdate((key.Device.Value, key.Boot), key.Sequence, (_, known) => Math.Max(known, key.Sequence));

    private void Announce(long last)
    {
        var seen = LastSequence;
        while (last > seen)
        {
            var before = Interlocked.CompareExchange(ref _lastSequence, last, seen);
            if (before == seen)
                break;
            seen = before;
        }
        Interlocked.Exchange(ref _appended, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    /// <returns>Whether the write is over; false when the disk has not answered in <see cref="Patience"/>.</returns>
    internal async Task<bool> AnswersAsync(Task write)
    {
        try
        {
            await write.WaitAsync(Patience, _disk);
            return true;
        }
        catch (TimeoutException)
        {
            // It may have come in that very moment.
            if (write.IsCompleted)
                return true;
            _writer.FoundSilent(Patience);
            return false;
        }
    }

    private async Task ProbeAsync()
    {
        _writer.Watch(Patience);
        if (Health.Fault is null or { Kind: StorageFaultKind.Closed } || Interlocked.Exchange(ref _probing, 1) == 1)
            return;
        try
        {
            // Larger than a free corner of a page: it must tell whether an append would go through.
            var (_, fault) = await _writer.RunAsync(s => s.Execute("INSERT OR REPLACE INTO probe (id, filler) VALUES (1, zeroblob(32768))"));
            if (fault is null)
                await _writer.RunAsync(s => s.Execute("DELETE FROM probe"));
        }
        finally
        {
            Volatile.Write(ref _probing, 0);
        }
    }
}
