using FabLab.Protocol.Messages;

namespace FabLab.Protocol.Node;

/// <summary>Why a relay is closed.</summary>
internal enum Hold
{
    None,
    Lease,
    Keep,
    List,
}

/// <summary>What a lease does to a channel.</summary>
internal enum LeaseEffect
{
    Refuse,
    Prolong,
    Close,
    Handover,
}

/// <summary>One relay and its meter, as the device sees them.</summary>
internal sealed class RelayChannel(int index)
{
    private const int WeldMs = 2_000;

    public int Index { get; } = index;

    public Hold Hold { get; private set; }

    public string Session { get; private set; } = "";

    public HashSet<string> Holders { get; } = [];

    public long Since { get; private set; }

    public long Deadline { get; private set; }

    public uint? List { get; private set; }

    public SortedSet<string> Faults { get; } = new(StringComparer.Ordinal);

    public long? Energy { get; private set; }

    public long UseAt { get; set; }

    private string? _ended;
    private uint _lastN;
    private long? _power;
    private long _powerAt;
    private long _quietSince = -1;
    private long _loudSince = -1;
    private long _openedAt;

    public bool IsClosed => Hold != Hold.None;

    // The whole rule of leases; nothing changes here but the number last seen.
    public (LeaseEffect Effect, string Code) Judge(long up, Lease lease, bool hasRoom, bool onTrial)
    {
        if (lease.N <= _lastN)
            return (LeaseEffect.Refuse, ReplyCode.Old);
        _lastN = lease.N;
        if (DeadlineOf(up, lease) <= up)
            return (LeaseEffect.Refuse, ReplyCode.Late);
        if (IsClosed && lease.Session == Session)
            return (LeaseEffect.Prolong, ReplyCode.Ok);
        if (!lease.Start)
            return (LeaseEffect.Refuse, IsClosed ? ReplyCode.Session : ReplyCode.Open);
        if (up - lease.At > Limits.FreshMs)
            return (LeaseEffect.Refuse, ReplyCode.Late);
        if (lease.Session == _ended)
            return (LeaseEffect.Refuse, ReplyCode.Ended);
        if (onTrial)
            return (LeaseEffect.Refuse, ReplyCode.Trial);
        if (Faults.Count > 0)
            return (LeaseEffect.Refuse, ReplyCode.Fault);
        if (!hasRoom)
            return (LeaseEffect.Refuse, ReplyCode.Full);
        return (IsClosed ? LeaseEffect.Handover : LeaseEffect.Close, ReplyCode.Ok);
    }

    // Counted from the receipt, or from the sending when the message was under way for more than 2 s.
    public static long DeadlineOf(long up, Lease lease) => Math.Min(up, lease.At + Limits.LeaseSlackMs) + lease.TtlMs;

    public void Close(Hold hold, long up, string session, long deadline, uint? list)
    {
        (Hold, Since, Session, Deadline, List) = (hold, up, session, deadline, list);
        UseAt = up;
        _quietSince = -1;
    }

    public void Prolong(long deadline) => (Hold, Deadline, List) = (Hold.Lease, deadline, null);

    // The limit counts from the end of the lease, not from when somebody looked.
    public void Keep(int capSeconds)
    {
        Hold = Hold.Keep;
        Deadline += capSeconds * 1000L;
        _quietSince = -1;
    }

    public void Open(long up)
    {
        _ended = Session;
        Hold = Hold.None;
        Session = "";
        List = null;
        Holders.Clear();
        _openedAt = up;
        _loudSince = -1;
    }

    public void End(string session) => _ended = session;

    public void Measure(long up, MeterReading reading, long idleMilliWatts)
    {
        _power = reading.MilliWatts;
        _powerAt = up;
        Energy = reading.MilliWattHours ?? Energy;
        var loud = idleMilliWatts > 0 && reading.MilliWatts > idleMilliWatts;
        _loudSince = !loud ? -1 : _loudSince < 0 ? up : _loudSince;
        _quietSince = loud ? -1 : _quietSince < 0 ? up : _quietSince;
    }

    // Readings that stopped say nothing: then only the limit ends the use.
    public bool IsIdle(long up, ChannelConfig config) =>
        config.IdleMilliWatts > 0 && _power is not null && up - _powerAt <= 60_000 && _quietSince >= 0 && up - _quietSince >= config.IdleSeconds * 1000L;

    public bool IsWelded(long up) => !IsClosed && _loudSince >= 0 && up - Math.Max(_loudSince, _openedAt) >= WeldMs;

    public bool IsQuiet => _loudSince < 0;
}
