using NodaTime;

namespace FabLab.Testing;

/// <summary>
/// Time that moves when a test says so. The wall clock and the monotonic one are apart: <see cref="Advance"/> moves both, as
/// time does; <see cref="SetWallClock"/> moves only the wall clock, as an NTP step or a hand on the clock does.
/// Drives Task.Delay, PeriodicTimer, CancellationTokenSource and timers that were given this provider.
/// </summary>
public sealed class ManualTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _wall;
    private long _monotonic;
    private TaskCompletionSource _armed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ManualTime(Instant? start = null) => _wall = (start ?? Instant.FromUtc(2026, 3, 10, 9, 0)).ToDateTimeOffset();

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public Instant Now => Instant.FromDateTimeOffset(GetUtcNow());

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return _wall;
    }

    public override long GetTimestamp()
    {
        lock (_gate)
            return _monotonic;
    }

    /// <summary>Moves the wall clock alone; timers do not notice.</summary>
    public void SetWallClock(Instant now)
    {
        lock (_gate)
            _wall = now.ToDateTimeOffset();
    }

    public void Advance(Duration by) => Advance(by.ToTimeSpan());

    /// <summary>Lets time pass on both clocks. Timers fire on the way, in order, each at its own moment, on the calling thread.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        long target;
        lock (_gate)
            target = _monotonic + by.Ticks;
        while (true)
        {
            ManualTimer? next;
            lock (_gate)
            {
                next = _timers.Where(t => t.Due <= target).MinBy(t => t.Due);
                var to = next is null ? target : Math.Max(next.Due, _monotonic);
                _wall += TimeSpan.FromTicks(to - _monotonic);
                _monotonic = to;
                if (next is null)
                    return;
                next.Rearm();
            }
            next.Fire();
        }
    }

    /// <summary>
    /// Lets time pass as for a computer that slept: what was due meanwhile fires once, afterwards. For days and months, in which a
    /// clock that ticks twice a minute has nothing to do.
    /// </summary>
    public void Leap(Duration by)
    {
        List<ManualTimer> due;
        lock (_gate)
        {
            _wall += by.ToTimeSpan();
            _monotonic += by.ToTimeSpan().Ticks;
            due = [.. _timers.Where(t => t.Due <= _monotonic).OrderBy(t => t.Due)];
            foreach (var timer in due)
                timer.Rearm(_monotonic);
        }
        foreach (var timer in due)
            timer.Fire();
    }

    /// <summary>
    /// Completes when a timer is armed that is due in exactly so long: the code under test has reached its wait. Choose a length
    /// that nothing else waits for.
    /// </summary>
    public async Task WaitForTimerDueInAsync(Duration length, CancellationToken cancellationToken)
    {
        var ticks = length.ToTimeSpan().Ticks;
        while (true)
        {
            Task armed;
            lock (_gate)
            {
                if (_timers.Any(t => t.Due == _monotonic + ticks))
                    return;
                armed = _armed.Task;
            }
            await armed.WaitAsync(cancellationToken);
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class ManualTimer(ManualTime owner, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period = Timeout.InfiniteTimeSpan;
        private bool _disposed;

        public long Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            TaskCompletionSource? armed = null;
            lock (owner._gate)
            {
                if (_disposed)
                    return false;
                owner._timers.Remove(this);
                _period = period;
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    Due = owner._monotonic + dueTime.Ticks;
                    owner._timers.Add(this);
                    armed = owner._armed;
                    owner._armed = new(TaskCreationOptions.RunContinuationsAsynchronously);
                }
            }
            armed?.TrySetResult();
            return true;
        }

        /// <summary>Called under the owner's lock, before <see cref="Fire"/>.</summary>
        public void Rearm() => Rearm(Due);

        /// <summary>As <see cref="Rearm()"/>, counted from a moment.</summary>
        public void Rearm(long from)
        {
            if (_period == Timeout.InfiniteTimeSpan || _period == TimeSpan.Zero)
                owner._timers.Remove(this);
            else
                Due = from + _period.Ticks;
        }

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (owner._gate)
            {
                _disposed = true;
                owner._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
