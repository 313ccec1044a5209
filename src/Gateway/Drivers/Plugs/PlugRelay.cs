using FabLab.Core;
using NodaTime;

namespace FabLab.Gateway.Drivers.Plugs;

/// <summary>One relay: what it is, for whom we hold it, and which uses are over on it. A plug closes at every ON it hears, so that nothing starts by itself is our duty here.</summary>
internal sealed class PlugRelay
{
    private const int MostOver = 64;

    private readonly HashSet<SessionId> _over = [];

    /// <summary>As the device said last; null before it has.</summary>
    public bool? Closed { get; set; }

    public SessionId? Session { get; private set; }

    public long HeldAt { get; private set; }

    public Duration Lease { get; private set; }

    /// <summary>A hold waits until the device has confirmed the setting after which it opens; the ON follows then.</summary>
    public bool Waits { get; set; }

    public long WaitsSince { get; set; }

    /// <summary>Whether this session has been seen to close the relay.</summary>
    public bool Confirmed { get; set; }

    /// <summary>For whom it was last told to open, until it has.</summary>
    public SessionId? Told { get; set; }

    public bool IsTold { get; set; }

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
        (Session, Confirmed, Waits) = (null, false, false);
        return session;
    }
}
