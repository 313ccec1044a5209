using System.Data.Common;
using System.Threading.Channels;
using FabLab.Booking.Features;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Idempotency;
using FabLab.Booking.Features.Policy;
using FabLab.Booking.Features.Reservations;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Booking.Data;

/// <summary>
/// The only way to write. One task takes pending writes from a bounded queue, runs up to <see cref="GroupLimit"/> of them
/// in one transaction, each behind its own savepoint, and commits once. A write's task completes only after that commit:
/// what was acknowledged is on disk. A write that throws is undone alone; a commit that fails fails all of its group.
/// </summary>
public sealed partial class BookingWriter : IAsyncDisposable
{
    private const int GroupLimit = 64;
    private const string Savepoint = "one_write";

    // Full mode Wait: a caller waits for room, nothing is dropped.
    private readonly Channel<Pending> _queue = Channel.CreateBounded<Pending>(
        new BoundedChannelOptions(1024) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });
    private readonly IWriterStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger<BookingWriter> _log;
    private readonly Action _policyChanged;
    private readonly Action _settingsChanged;
    private readonly IReadOnlyList<IBookingEventSink> _sinks;
    private readonly Lock _gate = new();
    private Task? _loop;
    private volatile bool _lastCommitFailed;

    // Of the group that is being written.
    private BookingDbContext? _context;
    private bool _settingsTouched;
    private bool _bookingsHeld;
    private long? _policyRevision;
    private long _policyWritten;

    internal BookingWriter(
        IWriterStore store, Action policyChanged, Action settingsChanged, IEnumerable<IBookingEventSink> sinks, TimeProvider time, ILogger<BookingWriter> log)
    {
        _sinks = [.. sinks];
        _policyChanged = policyChanged;
        _settingsChanged = settingsChanged;
        _store = store;
        _time = time;
        _log = log;
    }

    /// <summary>Whether the last group of writes was lost because the database failed.</summary>
    internal bool LastCommitFailed => _lastCommitFailed;

    /// <summary>Runs <paramref name="work"/> on the writing connection and returns its result once it is committed.</summary>
    public async Task<T> WriteAsync<T>(Func<BookingWrite, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        Start();
        var pending = new Pending<T>(work, cancellationToken);
        await _queue.Writer.WriteAsync(pending, cancellationToken);
        return await pending.Done.Task;
    }

    public Task WriteAsync(Func<BookingWrite, CancellationToken, Task> work, CancellationToken cancellationToken) =>
        WriteAsync<bool>(
            async (write, cancel) =>
            {
                await work(write, cancel);
                return true;
            },
            cancellationToken);

    private void Start()
    {
        lock (_gate)
            _loop ??= Task.Run(RunAsync);
    }

    private async Task RunAsync()
    {
        var group = new List<Pending>(GroupLimit);
        while (await _queue.Reader.WaitToReadAsync())
        {
            group.Clear();
            while (group.Count < GroupLimit && _queue.Reader.TryRead(out var pending))
                group.Add(pending);
            try
            {
                await CommitGroupAsync(group);
                _lastCommitFailed = false;
            }
            catch (Exception failure)
            {
                _lastCommitFailed = true;
                Log.GroupFailed(_log, group.Count, failure);
                await DropContextAsync();
                await _store.ResetAsync();
                foreach (var pending in group)
                    pending.Fail(failure);
            }
        }
    }

    private async Task CommitGroupAsync(List<Pending> group)
    {
        await using var transaction = await _store.BeginAsync();
        (_settingsTouched, _bookingsHeld) = (false, false);
        (_policyRevision, _policyWritten) = (null, 0);
        try
        {
            foreach (var pending in group)
                await RunOneAsync(pending, transaction);
            await AppendToAuditAsync(group, transaction);
            List<PlainQuestion> last = [];
            if (_policyRevision > _policyWritten)
                last.Add(PolicyMarking.Written(_policyRevision.Value));
            if (group.Any(pending => pending.Undone is null && pending.AfterCommit.Count > 0) && _store.TellOthers(_settingsTouched) is { } tell)
                last.Add(tell);
            if (last.Count > 0)
                await (await ContextAsync(transaction)).AskAsync(CancellationToken.None, last);
            await transaction.CommitAsync();
        }
        catch
        {
            await DropContextAsync();
            throw;
        }
        await RestContextAsync();

        foreach (var pending in group)
            pending.Complete(Announce);
    }

    /// <summary>The traces of the group, last: when they cannot be written, nothing of the group is.</summary>
    private async Task AppendToAuditAsync(List<Pending> group, DbTransaction transaction)
    {
        var acts = group.Where(pending => pending.Undone is null).SelectMany(pending => pending.Acts).ToList();
        if (acts.Count == 0)
            return;
        await AuditChain.AppendAsync(await ContextAsync(transaction), acts, CancellationToken.None);
    }

    private async Task RunOneAsync(Pending pending, DbTransaction transaction)
    {
        if (pending.Cancellation.IsCancellationRequested)
        {
            pending.Undone = new OperationCanceledException(pending.Cancellation);
            return;
        }
        await transaction.SaveAsync(Savepoint);
        try
        {
            var context = await ContextAsync(transaction);
            (context.SettingsTouched, context.BookingsHeld) = (_settingsTouched, _bookingsHeld);
            (context.PolicyRevision, context.PolicyWritten) = (_policyRevision, _policyWritten);
            // Whole milliseconds, as they are stored.
            var now = Instant.FromUnixTimeMilliseconds(_time.GetUtcNow().ToUnixTimeMilliseconds());
            var write = new BookingWrite(context, now);
            await pending.RunAsync(write);
            await TellSinksAsync(write, pending.Cancellation);
            if (pending.Claim is { } claim && !await claim.CommitAsync(context, pending.Cancellation))
                throw new RefusedException(IdempotencyClaim.Lost);
            await context.SaveChangesAsync(pending.Cancellation);
            if (context.PolicyTouched)
                write.AfterCommit(_policyChanged);
            if (context.SettingsTouched && !_settingsTouched)
                write.AfterCommit(_settingsChanged);
            pending.AfterCommit = write.Announcements;
            pending.Acts = write.Acts;
            await _store.ReleaseAsync(transaction, Savepoint);
            (_settingsTouched, _bookingsHeld) = (context.SettingsTouched, context.BookingsHeld);
            (_policyRevision, _policyWritten) = (context.PolicyRevision, context.PolicyWritten);
            context.StartAnew();
        }
        catch (Exception failure)
        {
            pending.Undone = failure;
            await DropContextAsync();
            // When the database itself fails (a full disk, say) it has ended the whole transaction, and nothing of it is kept.
            if (DatabaseRefusals.IsTrouble(failure) || transaction.Connection is not { State: System.Data.ConnectionState.Open })
                throw;
            await transaction.RollbackAsync(Savepoint);
        }
    }

    /// <summary>One for all writes: making one costs as much as several questions to the database. After a failure it is another.</summary>
    private async Task<BookingDbContext> ContextAsync(DbTransaction transaction)
    {
        if (_context is null)
            _context = await _store.ContextAsync(transaction);
        else if (_context.Database.CurrentTransaction is null)
            await _context.Database.UseTransactionAsync(transaction);
        return _context;
    }

    /// <summary>The group is committed; what the context knows of it is nobody's any more.</summary>
    private async Task RestContextAsync()
    {
        if (_context is not { } context)
            return;
        context.StartAnew();
        await context.Database.UseTransactionAsync(null);
    }

    private async Task DropContextAsync()
    {
        if (_context is not { } context)
            return;
        _context = null;
        await context.DisposeAsync();
    }

    /// <summary>A sink may raise events itself; they come after those that are there.</summary>
    private async Task TellSinksAsync(BookingWrite write, CancellationToken cancellationToken)
    {
        for (var next = 0; next < write.Events.Count; next++)
        {
            foreach (var sink in _sinks)
                await sink.OnAsync(write, write.Events[next], cancellationToken);
        }
    }

    private void Announce(Action announcement)
    {
        try
        {
            announcement();
        }
        catch (Exception failure)
        {
            // The write is committed; a listener that throws must not turn it into a failure.
            Log.AnnouncementFailed(_log, failure);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        Task? loop;
        lock (_gate)
            loop = _loop;
        if (loop is not null)
            await loop;
        await DropContextAsync();
        await _store.DisposeAsync();
    }

    private abstract class Pending(CancellationToken cancellation)
    {
        public CancellationToken Cancellation { get; } = cancellation;

        /// <summary>The request with a key that this is a write of.</summary>
        public IdempotencyClaim? Claim { get; } = IdempotencyClaim.Current;

        public Exception? Undone { get; set; }

        public IReadOnlyList<Action> AfterCommit { get; set; } = [];

        public IReadOnlyList<AuditAct> Acts { get; set; } = [];

        public abstract Task RunAsync(BookingWrite write);

        public abstract void Complete(Action<Action> announce);

        public abstract void Fail(Exception failure);
    }

    private sealed class Pending<T>(Func<BookingWrite, CancellationToken, Task<T>> work, CancellationToken cancellation) : Pending(cancellation)
    {
        private T? _value;

        // Continuations run elsewhere, so that a caller's code never holds up the writer.
        public TaskCompletionSource<T> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async Task RunAsync(BookingWrite write) => _value = await work(write, Cancellation);

        public override void Complete(Action<Action> announce)
        {
            if (Undone is not null)
            {
                Done.TrySetException(Undone);
                return;
            }
            foreach (var announcement in AfterCommit)
                announce(announcement);
            Done.TrySetResult(_value!);
        }

        public override void Fail(Exception failure) => Done.TrySetException(Undone ?? failure);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 5001, Level = LogLevel.Error, Message = "A group of {Count} writes was not committed.")]
        public static partial void GroupFailed(ILogger logger, int count, Exception failure);

        [LoggerMessage(EventId = 5002, Level = LogLevel.Warning, Message = "A listener failed after a commit.")]
        public static partial void AnnouncementFailed(ILogger logger, Exception failure);
    }
}

/// <summary>What one write works with: the context inside the group's transaction, the time, and what to say after the commit.</summary>
public sealed class BookingWrite
{
    private readonly List<Action> _announcements = [];

    internal BookingWrite(BookingDbContext db, Instant now)
    {
        Db = db;
        Now = now;
    }

    public BookingDbContext Db { get; }

    public Instant Now { get; }

    internal IReadOnlyList<Action> Announcements => _announcements;

    /// <summary>What is done here and belongs into the audit; it is written with the commit.</summary>
    internal List<AuditAct> Acts { get; } = [];

    /// <summary>Until the commit no other copy of Booking passes the same point. On SQLite there is only one copy.</summary>
    internal async Task OneAtATimeAsync(string what, CancellationToken cancellationToken)
    {
        if (Db.Database.IsNpgsql())
            await Db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtext({what}))", cancellationToken);
    }

    /// <summary>What happened to bookings here; the sinks hear it before the commit.</summary>
    internal List<BookingEvent> Events { get; } = [];

    /// <summary>Tells that something happened to a booking. Whoever takes note of it does so within this write, after the handler.</summary>
    internal void Raise(BookingEvent told) => Events.Add(told);

    /// <summary>Runs once the write is committed, never when it is not. Keep it short: it runs on the writer's task.</summary>
    public void AfterCommit(Action announcement) => _announcements.Add(announcement);
}
