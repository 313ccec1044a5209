using FabLab.Core;
using NodaTime;

namespace FabLab.Gateway.Drivers.Tasmota;

/// <summary>One relay: what it is, for whom we hold it, and which uses are over on it. A Tasmota closes at every POWER ON, so that nothing starts by itself is our duty here.</summary>
internal sealed class TasmotaRelay
{
    private const int MostOver = 64;

    private readonly HashSet<SessionId> _over = [];

    /// <summary>As the device said last; null before it has.</summary>
    public bool? Closed { get; set; }

    public SessionId? Session { get; private set; }

    public long HeldAt { get; private set; }

    public Duration Lease { get; private set; }

    /// <summary>The setting a hold waits for; the ON follows when the device has confirmed it.</summary>
    public int? WaitsForPulse { get; set; }

    public long WaitsSince { get; set; }

    /// <summary>Whether this session has been seen to close the relay.</summary>
    public bool Confirmed { get; set; }

    public bool IsOver(SessionId session) => _over.Contains(session);

    public void Hold(SessionId session, Duration lease, long at)
    {
        if (Session != session)
            Confirmed = false;
        (Session, Lease, HeldAt) = (session, lease, at);
    }

    /// <summary>The use is over on this relay: whatever is renewed for it, it does not close again.</summary>
    public SessionId? End()
    {
        var session = Session;
        if (session is { } ended)
        {
            // Sessions do not come back after dozens of others.
            if (_over.Count >= MostOver)
                _over.Clear();
            _over.Add(ended);
        }
        (Session, Confirmed, WaitsForPulse) = (null, false, null);
        return session;
    }
}
