using NodaTime;

namespace FabLab.Gateway;

/// <summary>
/// The wall clock as the gateway uses it: it runs with the monotonic clock and is led towards the system's clock, never faster
/// than a tenth of the time that passes. An NTP step of a few minutes thus ends no session and turns no order round. A clock that
/// was plainly wrong (a small computer without a battery, before its first contact) is put right at once.
/// Thread-safe.
/// </summary>
public sealed class GatewayClock
{
    /// <summary>Beyond this the clock was wrong, not off.</summary>
    public static readonly TimeSpan Wrong = TimeSpan.FromMinutes(15);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private DateTimeOffset _now;
    private long _timestamp;

    public GatewayClock(TimeProvider time)
    {
        _time = time;
        _now = time.GetUtcNow();
        _timestamp = time.GetTimestamp();
    }

    public Instant Now => Instant.FromDateTimeOffset(Read(out _));

    /// <summary>What the system's clock said, on this clock.</summary>
    public Instant FromSystem(Instant instant)
    {
        var here = Read(out var system);
        return instant + Duration.FromTimeSpan(here - system);
    }

    private DateTimeOffset Read(out DateTimeOffset system)
    {
        lock (_gate)
        {
            var timestamp = _time.GetTimestamp();
            var passed = _time.GetElapsedTime(_timestamp, timestamp);
            system = _time.GetUtcNow();
            _timestamp = timestamp;
            var expected = _now + passed;
            var error = system - expected;
            if (error.Duration() > Wrong)
                return _now = system;
            var most = passed / 10;
            _now = expected + (error > most ? most : error < -most ? -most : error);
            return _now;
        }
    }
}
