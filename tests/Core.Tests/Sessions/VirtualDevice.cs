using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using NodaTime;

namespace FabLab.Core.Tests.Sessions;

/// <summary>A device with one relay and a meter: it holds on a lease by its own clock, keeps a journal, and forgets nothing but what a power cut takes.</summary>
internal sealed class VirtualDevice
{
    private readonly Queue<MachineSignal> _outbox = new();
    private Instant _bootedAt;
    private Instant _leaseEnd;
    private Instant _cap;
    private LostLinkRule _lostLink;
    private Instant _closedAt;
    private bool _starting;

    public VirtualDevice(Instant now) => _bootedAt = now - Duration.FromSeconds(100);

    public uint Boot { get; private set; } = 1;

    public bool Closed { get; private set; }

    /// <summary>A welded contact: current flows though the relay says that it is open.</summary>
    public bool Welded { get; set; }

    public bool Load { get; set; }

    public SessionId? Lease { get; private set; }

    /// <summary>True time with the relay closed.</summary>
    public long ClosedMs { get; private set; }

    /// <summary>True time with current through the open relay.</summary>
    public long WeldedMs { get; private set; }

    /// <summary>Every closing of the relay: under which session.</summary>
    public List<SessionId> Closings { get; } = [];

    public double Watts => (Closed || Welded) && Load ? 150 : 0;

    public DeviceTime Clock(Instant now) => new(Boot, (long)(now - _bootedAt).TotalMilliseconds, now);

    public bool TryTake(out MachineSignal signal) => _outbox.TryDequeue(out signal!);

    /// <summary>A lease. After a start none is taken before the device has said that it has started.</summary>
    public void Renew(HeldRelay held, Instant now)
    {
        if (_starting)
        {
            return;
        }

        _leaseEnd = now + held.Lease;
        _lostLink = held.LostLink;
        _cap = now + Duration.Max(held.Lease, held.LostLinkCap);
        Lease = held.Session;
        if (!Closed)
        {
            Closed = true;
            _closedAt = now;
            Closings.Add(held.Session);
            Record(now);
        }
    }

    public void Open(Instant now)
    {
        if (Closed)
        {
            Closed = false;
            ClosedMs += (long)(now - _closedAt).TotalMilliseconds;
            Record(now);
        }
    }

    /// <summary>What happens by itself until an instant: the lease ends, or the work that may be finished does.</summary>
    public void Pass(Instant from, Instant to)
    {
        if (Welded && Load && !Closed && !_starting)
        {
            WeldedMs += (long)(to - from).TotalMilliseconds;
        }

        if (!Closed)
        {
            return;
        }

        bool finishing = _lostLink == LostLinkRule.Finish && Load;
        Instant end = finishing ? _cap : Instant.Max(_leaseEnd, from);
        if (to >= end)
        {
            Open(end);
        }
    }

    public void PowerCut(Instant now, Duration dark)
    {
        if (Closed)
        {
            Closed = false;
            ClosedMs += (long)(now - _closedAt).TotalMilliseconds;
        }

        Boot++;
        _starting = true;
        _bootedAt = now + dark;
    }

    public void SayBooted(Instant now)
    {
        _starting = false;
        _outbox.Enqueue(new MachineSignal.DeviceBooted(Clock(now)));
    }

    /// <summary>How the relay is now; said to who is there and not kept.</summary>
    public MachineSignal State(Instant now) => new MachineSignal.RelayReported(RelayChannel.Main, Closed, Clock(now), Closed ? Lease : null);

    /// <summary>A change of the relay goes into the journal.</summary>
    private void Record(Instant now) =>
        _outbox.Enqueue(new MachineSignal.RelayReported(RelayChannel.Main, Closed, Clock(now), Lease, FromJournal: true));

    public void Measure(Instant now)
    {
        if (!_starting)
        {
            _outbox.Enqueue(new MachineSignal.PowerMeasured(Watts, Clock(now)));
        }
    }
}
