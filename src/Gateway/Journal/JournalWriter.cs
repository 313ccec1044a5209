using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Journal;

/// <summary>
/// The one thread that writes. It takes everything that waits, writes it in one transaction and one fsync (group commit), then
/// tells each caller what became of its part. It also makes the checkpoints, when nobody waits.
/// </summary>
internal sealed partial class JournalWriter : IAsyncDisposable
{
    /// <summary>Callers beyond this many wait outside the queue: nothing of the journal is ever dropped.</summary>
    private const int MaxWaiting = 4096;

    private const int MaxGroup = 256;
    private const int IdleCheckpointAfter = 64;
    private const int ForcedCheckpointAfter = 4000;
    private const int Constraint = 19;
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(250);

    private readonly string _path;
    private readonly StorageHealth _health;
    private readonly TimeProvider _disk;
    private readonly ILogger _logger;
    private readonly BlockingCollection<Work> _queue = [];
    private readonly SemaphoreSlim _slots = new(MaxWaiting, MaxWaiting);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private readonly List<Action<JournalStatements>> _takeBack = [];
    private readonly Lock _busy = new();
    private JournalStatements? _statements;
    private long? _busySince;
    private int _commitsSinceCheckpoint;
    private long _groups;
    private long _items;

    public JournalWriter(string path, JournalStatements statements, StorageHealth health, TimeProvider disk, ILogger logger)
    {
        _disk = disk;
        _path = path;
        _statements = statements;
        _health = health;
        _logger = logger;
        _thread = new Thread(Run) { IsBackground = true, Name = "fablab-journal" };
        _thread.Start();
    }

    /// <summary>Transactions since the start; with <see cref="Items"/> it shows how many writes share an fsync.</summary>
    public long Groups => Interlocked.Read(ref _groups);

    public long Items => Interlocked.Read(ref _items);

    /// <summary>The disk did not answer at the close; the thread may still write.</summary>
    public bool LeftBehind { get; private set; }

    /// <summary>Called now and then: a disk that has not answered for so long is reported, though nobody may be waiting for it.</summary>
    public void Watch(TimeSpan patience)
    {
        lock (_busy)
        {
            if (_busySince is not { } since || _disk.GetElapsedTime(since) < patience)
                return;
        }
        if (_health.Fault is null)
            FoundSilent(patience);
    }

    /// <summary>Somebody has waited for so long, and in vain.</summary>
    public void FoundSilent(TimeSpan patience)
    {
        Log.DiskStalled(_logger, patience);
        _health.Report(StorageFault.Silent);
    }

    /// <summary>Completes when the work is durable, or has failed as a whole, however long the disk takes.</summary>
    public Task<(T? Value, StorageFault? Fault)> RunAsync<T>(Func<JournalStatements, T> work) => QueueAsync(new Work<T>(work, null));

    /// <summary>
    /// The same with an end to the wait. When the disk has not answered by then, the work has not happened: what it may have written
    /// all the same is taken back before anything else is written or told.
    /// </summary>
    /// <param name="work">What is written.</param>
    /// <param name="takeBack">Undoes it, in a transaction of its own.</param>
    /// <param name="patience">How long the disk may take.</param>
    public async Task<(T? Value, StorageFault? Fault)> RunAsync<T>(
        Func<JournalStatements, T> work, Action<JournalStatements, T> takeBack, TimeSpan patience)
    {
        var item = new Work<T>(work, takeBack);
        var answer = QueueAsync(item);
        try
        {
            return await answer.WaitAsync(patience, _disk);
        }
        catch (TimeoutException) when (item.GiveUp())
        {
            FoundSilent(patience);
            return (default, StorageFault.Silent);
        }
        catch (TimeoutException)
        {
            // It has just been answered.
            return await answer;
        }
    }

    private async Task<(T? Value, StorageFault? Fault)> QueueAsync<T>(Work<T> item)
    {
        await _slots.WaitAsync();
        try
        {
            try
            {
                _queue.Add(item);
            }
            catch (InvalidOperationException)
            {
                return (default, Closed);
            }
            return await item.Completion;
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <summary>
    /// Writes what waits, then ends. A disk that does not answer is waited for <see cref="GatewayJournal.PatienceAtClose"/>: then
    /// the thread is left to it and owns what it uses, and who waits behind it hears that the journal is closed.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        _queue.CompleteAdding();
        try
        {
            await _stopped.Task.WaitAsync(GatewayJournal.PatienceAtClose, _disk);
        }
        catch (TimeoutException)
        {
            Log.DiskSilent(_logger);
            while (_queue.TryTake(out var left))
                left.Fail(Closed);
            LeftBehind = true;
            return;
        }
        _statements?.Dispose();
        _statements = null;
        _queue.Dispose();
    }

    private static StorageFault Closed { get; } = new(StorageFaultKind.Closed, "the journal is closed");

    private void Run()
    {
        var group = new List<Work>(MaxGroup);
        try
        {
            while (!_queue.IsCompleted)
            {
                if (!_queue.TryTake(out var first, Idle))
                {
                    if (_commitsSinceCheckpoint >= IdleCheckpointAfter)
                        Checkpoint();
                    continue;
                }
                group.Clear();
                group.Add(first);
                while (group.Count < MaxGroup && _queue.TryTake(out var next))
                    group.Add(next);
                Write(group);
                lock (_busy)
                    _busySince = null;
                if (_commitsSinceCheckpoint >= ForcedCheckpointAfter)
                    Checkpoint();
            }
        }
        catch (Exception e)
        {
            // Nothing below lets an exception out; if one comes all the same, the answer is "no" for everybody.
            Log.WriterDied(_logger, e);
            var fault = new StorageFault(StorageFaultKind.Other, e.Message);
            _health.Report(fault);
            _queue.CompleteAdding();
            foreach (var work in group)
                work.Fail(fault);
            while (_queue.TryTake(out var left))
                left.Fail(fault);
        }
        _stopped.SetResult();
    }

    private void Write(List<Work> group)
    {
        StorageFault? fault;
        lock (_busy)
            _busySince = _disk.GetTimestamp();
        try
        {
            // What was given up comes first: nothing may be written on top of it.
            fault = TakeBack() ?? TryWrite(statements =>
            {
                foreach (var work in group)
                    work.Execute(statements);
            });
        }
        catch (Exception e) when (e is not SqliteException { SqliteErrorCode: not Constraint })
        {
            // One caller's mistake is not the disk's: the others must not pay for it.
            if (group.Count == 1)
            {
                Log.WorkThrew(_logger, e);
                group[0].Throw(e);
                return;
            }
            foreach (var work in group)
                Write([work]);
            return;
        }
        if (fault is not null)
        {
            Log.WriteFailed(_logger, fault.Kind, fault.Message, group.Count);
            _health.Report(fault);
            foreach (var work in group)
                work.Fail(fault);
            return;
        }
        Interlocked.Increment(ref _groups);
        Interlocked.Add(ref _items, group.Count);
        _commitsSinceCheckpoint++;
        foreach (var work in group)
        {
            if (work.Settle() is { } undo)
                _takeBack.Add(undo);
        }
        fault = TakeBack();
        _health.Report(fault);
        foreach (var work in group)
            work.Complete();
    }

    /// <returns>Why it could not be done; it is tried again before the next write.</returns>
    private StorageFault? TakeBack()
    {
        if (_takeBack.Count == 0)
            return null;
        var fault = TryWrite(statements =>
        {
            foreach (var undo in _takeBack)
                undo(statements);
        });
        if (fault is null)
        {
            Log.TakenBack(_logger, _takeBack.Count);
            _takeBack.Clear();
        }
        return fault;
    }

    private StorageFault? TryWrite(Action<JournalStatements> write)
    {
        try
        {
            _statements ??= JournalStatements.Open(_path, reader: false);
            _statements.Execute("BEGIN IMMEDIATE");
        }
        catch (SqliteException e)
        {
            // A connection that cannot even begin is not worth keeping; the next group opens a new one.
            _statements?.Dispose();
            _statements = null;
            return Translate(e);
        }
        try
        {
            write(_statements);
            _statements.Execute("COMMIT");
            return null;
        }
        catch (SqliteException e) when (e.SqliteErrorCode != Constraint)
        {
            Rollback();
            return Translate(e);
        }
        catch
        {
            Rollback();
            throw;
        }
    }

    private void Rollback()
    {
        try
        {
            // After SQLITE_FULL or an I/O error SQLite may have rolled back by itself; then this one says so, and that is fine.
            _statements!.Execute("ROLLBACK");
        }
        catch (SqliteException e)
        {
            Log.RolledBackAlready(_logger, e.SqliteErrorCode);
        }
    }

    private void Checkpoint()
    {
        _commitsSinceCheckpoint = 0;
        try
        {
            _statements?.Pragma("wal_checkpoint(PASSIVE)");
        }
        catch (SqliteException e)
        {
            // What is in the WAL stays there and stays valid; the next checkpoint tries again.
            Log.CheckpointFailed(_logger, e.SqliteErrorCode, e.Message);
        }
    }

    private static StorageFault Translate(SqliteException e) => new(
        e.SqliteErrorCode switch
        {
            13 => StorageFaultKind.Full,
            8 or 10 or 14 => StorageFaultKind.Io,
            11 or 26 => StorageFaultKind.Corrupt,
            _ => StorageFaultKind.Other,
        },
        e.Message);

    /// <summary>Answered once: by the writer, or by whoever waited and gave up.</summary>
    private abstract class Work
    {
        private const int Open = 0, Answered = 1, GivenUp = 2;
        private int _state;

        public abstract void Execute(JournalStatements statements);

        /// <summary>It is durable. From here on nobody can give it up.</summary>
        /// <returns>What undoes it, when somebody has given it up already.</returns>
        public Action<JournalStatements>? Settle() => Answer() ? null : Undo();

        /// <summary>Tells that it is durable, unless it was given up.</summary>
        public abstract void Complete();

        public abstract void Fail(StorageFault fault);

        public abstract void Throw(Exception exception);

        /// <returns>Whether it has not happened; false when it has been answered already.</returns>
        public bool GiveUp() => Interlocked.CompareExchange(ref _state, GivenUp, Open) == Open;

        protected bool IsGivenUp => Volatile.Read(ref _state) == GivenUp;

        protected bool Answer() => Interlocked.CompareExchange(ref _state, Answered, Open) == Open;

        protected abstract Action<JournalStatements>? Undo();
    }

    private sealed class Work<T>(Func<JournalStatements, T> work, Action<JournalStatements, T>? takeBack) : Work
    {
        private readonly TaskCompletionSource<(T?, StorageFault?)> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _value;
        private bool _executed;

        public Task<(T?, StorageFault?)> Completion => _done.Task;

        public override void Execute(JournalStatements statements)
        {
            _executed = !IsGivenUp;
            if (_executed)
                _value = work(statements);
        }

        public override void Complete() => _done.TrySetResult((_value, null));

        public override void Fail(StorageFault fault)
        {
            if (Answer())
                _done.TrySetResult((default, fault));
        }

        public override void Throw(Exception exception)
        {
            if (Answer())
                _done.TrySetException(exception);
        }

        protected override Action<JournalStatements>? Undo() => _executed && takeBack is not null ? statements => takeBack(statements, _value!) : null;
    }

    private static partial class Log
    {
        [LoggerMessage(4001, LogLevel.Error, "The journal could not be written ({Kind}: {Message}); {Count} writes were refused")]
        public static partial void WriteFailed(ILogger logger, StorageFaultKind kind, string message, int count);

        [LoggerMessage(4002, LogLevel.Warning, "A journal checkpoint failed (SQLite {Code}: {Message}); it is tried again later")]
        public static partial void CheckpointFailed(ILogger logger, int code, string message);

        [LoggerMessage(4003, LogLevel.Debug, "SQLite had rolled back by itself (SQLite {Code})")]
        public static partial void RolledBackAlready(ILogger logger, int code);

        [LoggerMessage(4005, LogLevel.Error, "A write to the journal was wrong in itself and was refused")]
        public static partial void WorkThrew(ILogger logger, Exception exception);

        [LoggerMessage(4006, LogLevel.Critical, "The disk did not answer while the journal was closed; what was being written may or may not be on it")]
        public static partial void DiskSilent(ILogger logger);

        [LoggerMessage(4007, LogLevel.Error, "The disk has not answered the journal for {Patience}; until it does every decision is no")]
        public static partial void DiskStalled(ILogger logger, TimeSpan patience);

        [LoggerMessage(4008, LogLevel.Warning, "The disk answers again; {Count} writes that had been given up were taken back")]
        public static partial void TakenBack(ILogger logger, int count);

        [LoggerMessage(4004, LogLevel.Critical, "The journal's writer stopped; every decision is now no")]
        public static partial void WriterDied(ILogger logger, Exception exception);
    }
}
