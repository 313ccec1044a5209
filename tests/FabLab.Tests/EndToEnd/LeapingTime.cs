using NodaTime;

namespace FabLab.Host.Tests.EndToEnd;

/// <summary>
/// Real time, told from a chosen moment on, that can leap ahead: the wall clock moves and whoever looks at it every now and then
/// looks at once. What counts seconds (leases, links) does not notice, as with a clock that is put right.
/// </summary>
internal sealed class LeapingTime(Instant start) : TimeProvider
{
    /// <summary>Who looks this seldom looks for what the passing of time brings, and counts no seconds.</summary>
    private static readonly TimeSpan Seldom = TimeSpan.FromSeconds(20);

    private readonly Lock _gate = new();
    private readonly List<LeapingTimer> _timers = [];
    private readonly long _begun = System.GetTimestamp();
    private TimeSpan _leapt;

    public Instant Now => Instant.FromDateTimeOffset(GetUtcNow());

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return start.ToDateTimeOffset() + System.GetElapsedTime(_begun) + _leapt;
    }

    public void LeapTo(Instant moment)
    {
        List<LeapingTimer> seldom;
        lock (_gate)
        {
            _leapt += (moment - Now).ToTimeSpan();
            seldom = [.. _timers.Where(timer => timer.Period >= Seldom)];
        }
        foreach (var timer in seldom)
            timer.Look();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new LeapingTimer(this, System.CreateTimer(callback, state, dueTime, period), period);
        lock (_gate)
            _timers.Add(timer);
        return timer;
    }

    private sealed class LeapingTimer(LeapingTime owner, ITimer inner, TimeSpan period) : ITimer
    {
        public TimeSpan Period { get; private set; } = period;

        public void Look() => inner.Change(TimeSpan.Zero, Period);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Period = period;
            return inner.Change(dueTime, period);
        }

        public void Dispose()
        {
            Forget();
            inner.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Forget();
            return inner.DisposeAsync();
        }

        private void Forget()
        {
            lock (owner._gate)
                owner._timers.Remove(this);
        }
    }
}
