namespace FabLab.Gateway.Journal;

/// <summary>
/// Whether the gateway's file takes writes. While it does not, machines refuse with "storage failure" and leases run out.
/// </summary>
public sealed class StorageHealth(TimeProvider time)
{
    private readonly Lock _gate = new();
    private State _state = new(null, 0);
    private long _failures;

    /// <summary>Raised on the thread of the write, when it starts to fail and when it works again. The handler must be short.</summary>
    public event Action<StorageFault?>? Changed;

    public StorageFault? Fault => Volatile.Read(ref _state).Fault;

    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>How long writes have been failing, on the monotonic clock; zero while they work.</summary>
    public TimeSpan FailingFor
    {
        get
        {
            var state = Volatile.Read(ref _state);
            return state.Fault is null ? TimeSpan.Zero : time.GetElapsedTime(state.Since);
        }
    }

    internal void Report(StorageFault? fault)
    {
        if (fault is not null)
            Interlocked.Increment(ref _failures);
        else if (Volatile.Read(ref _state).Fault is null)
            return;
        bool changed;
        lock (_gate)
        {
            changed = (_state.Fault is null) != (fault is null);
            _state = new State(fault, changed ? time.GetTimestamp() : _state.Since);
        }
        if (changed)
            Changed?.Invoke(fault);
    }

    private sealed record State(StorageFault? Fault, long Since);
}
