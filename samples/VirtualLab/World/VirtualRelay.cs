namespace FabLab.VirtualLab.World;

/// <summary>
/// One contact of the virtual lab and the truth about it: how long it has been closed, by the device's own monotonic clock.
/// Nobody but the device moves it, so what it says can be held against the ledger. Thread-safe.
/// </summary>
public sealed class VirtualRelay
{
    private readonly Lock _gate = new();
    private long _closedBeforeMs;
    private long _closedSinceMs;
    private bool _closed;

    /// <summary>How often it has closed.</summary>
    public int Closings { get; private set; }

    public bool IsClosed
    {
        get
        {
            lock (_gate)
                return _closed;
        }
    }

    /// <summary>Moves the contact. Saying again what it is already changes nothing.</summary>
    /// <param name="closed">What it shall be.</param>
    /// <param name="atMs">The device's monotonic milliseconds.</param>
    /// <returns>Whether it moved.</returns>
    public bool Set(bool closed, long atMs)
    {
        lock (_gate)
        {
            if (_closed == closed)
                return false;
            if (closed)
            {
                _closedSinceMs = atMs;
                Closings++;
            }
            else
            {
                _closedBeforeMs += atMs - _closedSinceMs;
            }
            _closed = closed;
            return true;
        }
    }

    /// <summary>Milliseconds it has been closed in all, up to a moment of the same clock.</summary>
    public long OnTimeMs(long nowMs)
    {
        lock (_gate)
            return _closedBeforeMs + (_closed ? nowMs - _closedSinceMs : 0);
    }
}
