namespace FabLab.VirtualLab.World;

/// <summary>
/// A machine behind a relay: it draws power when it has some, works in pieces, and can be made to fail. Thread-safe.
/// Time is the monotonic milliseconds of the device that switches it.
/// </summary>
public sealed class VirtualMachine(string code, string kind)
{
    private readonly Lock _gate = new();
    private readonly LoadCurve _curve = LoadCurve.Of(kind);
    private long? _poweredSinceMs;
    private long _workFromMs;
    private long? _workUntilMs;
    private bool _handsOff;
    private double _energyMilliWattHours;
    private long _measuredAtMs;

    public string Code => code;

    public string Kind => kind;

    public VirtualRelay Relay { get; } = new();

    /// <summary>The relay of its exhaust, when it has one.</summary>
    public VirtualRelay Exhaust { get; } = new();

    /// <summary>A contact that no longer opens: the machine has power whatever the relay says.</summary>
    public bool Welded { get; private set; }

    /// <summary>The relay moved; power follows.</summary>
    public void Switch(bool closed, long nowMs)
    {
        lock (_gate)
        {
            Measure(nowMs);
            Relay.Set(closed, nowMs);
            FollowPower(nowMs);
        }
    }

    /// <summary>Welds the contact, or repairs it.</summary>
    public void Weld(bool welded, long nowMs)
    {
        lock (_gate)
        {
            Measure(nowMs);
            Welded = welded;
            FollowPower(nowMs);
        }
    }

    /// <summary>Somebody starts a piece of work that takes so long; 0 stops it and leaves the machine at rest.</summary>
    public void Work(TimeSpan length, long nowMs)
    {
        lock (_gate)
        {
            Measure(nowMs);
            _handsOff = true;
            _workFromMs = nowMs;
            _workUntilMs = nowMs + (long)length.TotalMilliseconds;
        }
    }

    /// <summary>What the meter shows: watts now and milliwatt hours since it was made.</summary>
    public (double Watts, long MilliWattHours) Read(long nowMs)
    {
        lock (_gate)
        {
            Measure(nowMs);
            return (Watts(nowMs), (long)_energyMilliWattHours);
        }
    }

    private void FollowPower(long nowMs)
    {
        var powered = Relay.IsClosed || Welded;
        if (powered == _poweredSinceMs is not null)
            return;
        _poweredSinceMs = powered ? nowMs : null;
        // With power a person gets to work by themselves, unless somebody has said what to do.
        _workFromMs = nowMs + (long)(1000 * _curve.WarmUpSeconds) + 2000;
        _workUntilMs = null;
        _handsOff = false;
    }

    private double Watts(long nowMs)
    {
        if (_poweredSinceMs is not { } since)
            return 0;
        return _curve.Watts((nowMs - since) / 1000.0, IsWorking(nowMs));
    }

    private bool IsWorking(long nowMs)
    {
        if (_workUntilMs is { } until)
            return nowMs >= _workFromMs && nowMs < until;
        if (_handsOff || nowMs < _workFromMs)
            return false;
        var round = (nowMs - _workFromMs) / 1000.0 % (_curve.WorkSeconds + _curve.PauseSeconds);
        return round < _curve.WorkSeconds;
    }

    private void Measure(long nowMs)
    {
        var hours = (nowMs - _measuredAtMs) / 3_600_000.0;
        if (hours > 0)
            _energyMilliWattHours += Watts(nowMs) * 1000 * hours;
        _measuredAtMs = nowMs;
    }
}
