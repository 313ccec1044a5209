using System.Threading.Channels;
using FabLab.Core;
using FabLab.Gateway.Links;
using FabLab.Protocol;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Peer;
using Microsoft.Extensions.Logging;
using NodaTime;
using DeviceId = FabLab.Core.DeviceId;

namespace FabLab.Gateway.Drivers.Node;

/// <summary>What carries a node's messages: a broker or a serial line.</summary>
internal interface INodeTransport
{
    LinkSend Send(TopicKind kind, string topic, byte[] payload, TimeSpan? expiry);
}

/// <summary>
/// One of our own devices: a <see cref="NodePeer"/> with a lock around it, a transport below and a queue of reports above.
/// The peer's wishes are carried out in its order. Where one of them must be durable before the next, the rest waits for the
/// disk, and not the link's thread. Sinks are called with no lock of the link held, so sending under the lock of the device is safe.
/// </summary>
internal sealed partial class NodeDevice : IDevice, ITakesFirmware
{
    private const DriverAbilities Always =
        DriverAbilities.FailsSafeAlone | DriverAbilities.ConfirmsRelay | DriverAbilities.Journals | DriverAbilities.Switches | DriverAbilities.DecidesOffline;

    private static readonly TimeSpan RecordPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstAsk = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LastAsk = TimeSpan.FromMinutes(1);

    private readonly INodeTransport _transport;
    private readonly INodeStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LogGate _logGate;
    private readonly ReportQueue _reports;
    private readonly Action<NodeDevice> _closed;

    private readonly Lock _gate = new();
    private readonly NodePeer _peer;
    private readonly Queue<Step> _steps = [];
    private readonly SortedDictionary<uint, long> _handedOver = [];
    private readonly SortedSet<uint> _committed = [];
    private readonly Dictionary<int, SessionId> _confirmed = [];
    private readonly Dictionary<(int Channel, uint N), SessionId> _asked = [];
    private readonly HashSet<(int Channel, SessionId Session)> _over = [];
    private Birth? _birth;
    private bool _newBoot;
    private bool _waitsForDisk;
    private bool _unsaved;
    private bool _isClosed;
    private uint _ackFloor;
    private long _received;
    private long _askedAt;
    private TimeSpan _askWait = FirstAsk;
    private SendOutcome _lastSend;
    private OfflineList? _list;
    private OfflineList? _held;
    private DevicePolicy? _policy;
    private Action<UpdateNews>? _told;

    public NodeDevice(DeviceKeys keys, INodeTransport transport, INodeStore store, TimeProvider time, ILogger logger, Action<NodeDevice> closed)
    {
        Id = new DeviceId(keys.Device.Value);
        _transport = transport;
        _store = store;
        _time = time;
        _logger = logger;
        _logGate = new LogGate(time);
        _closed = closed;
        _reports = new ReportQueue(Id.Value, time, logger);
        var memory = store.Load(Id) ?? new PeerMemory();
        _ackFloor = memory.AckedSeq;
        _askedAt = time.GetTimestamp();
        _peer = new NodePeer(keys, memory);
    }

    public DeviceId Id { get; }

    /// <summary>Its readers, meters and display are only known once it has said what it has.</summary>
    public DriverAbilities Abilities
    {
        get
        {
            lock (_gate)
            {
                return _birth is not { } birth
                    ? Always | DriverAbilities.ReadsBadges | DriverAbilities.Measures | DriverAbilities.HasDisplay
                    : Always
                        | (birth.Readers.Count > 0 ? DriverAbilities.ReadsBadges : 0)
                        | (birth.Meters.Count > 0 ? DriverAbilities.Measures : 0)
                        | (birth.Readers.Count > 0 ? DriverAbilities.HasDisplay : 0);
            }
        }
    }

    public ChannelReader<DeviceReport> Reports => _reports.Reader;

    public ValueTask<SendOutcome> HoldAsync(int channel, SessionId session, Duration ttl, CancellationToken cancellationToken)
    {
        var milliseconds = (long)ttl.TotalMilliseconds;
        if (channel is < 0 or >= Limits.Relays)
            return ValueTask.FromResult(SendOutcome.NotSupported);
        if (milliseconds is < Limits.LeaseMinMs or > Limits.LeaseMaxMs)
            throw new ArgumentOutOfRangeException(nameof(ttl), ttl, "A lease is 0.5 s to 12 h.");
        return CommandAsync(now =>
        {
            // Once the device has closed for a session, later leases of it only prolong; one that is over never closes again.
            var start = !_over.Contains((channel, session)) && (!_confirmed.TryGetValue(channel, out var confirmed) || confirmed != session);
            var outputs = _peer.Lease(now, channel, NodeSessions.ToWire(session), (int)milliseconds, start, out var n);
            if (n != 0)
                Ask(channel, n, session);
            return outputs;
        });
    }

    public ValueTask<SendOutcome> OpenAsync(int channel, CancellationToken cancellationToken)
    {
        if (channel is < 0 or >= Limits.Relays)
            return ValueTask.FromResult(SendOutcome.NotSupported);
        return CommandAsync(now =>
        {
            // The session is only there because the message has the field: an order to open holds for whichever runs.
            var session = _confirmed.TryGetValue(channel, out var running) ? running : new SessionId(Guid.AllBitsSet);
            OverNeedsGate(channel, session);
            return _peer.Lease(now, channel, NodeSessions.ToWire(session), 0, start: false, out _);
        });
    }

    public ValueTask<SendOutcome> ShowAsync(DisplayMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message.Reader is < 0 or >= Limits.Readers)
            return ValueTask.FromResult(SendOutcome.NotSupported);
        return CommandAsync(_ => _peer.Show(NodeCommands.Show(message)));
    }

    public ValueTask<SendOutcome> ConfigureAsync(DevicePolicy policy, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return CommandAsync(_ =>
        {
            _policy = policy;
            return _peer.Configure(NodeCommands.Config(policy));
        });
    }

    public ValueTask<SendOutcome> PushOfflineListAsync(OfflineList list, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(list);
        return CommandAsync(now =>
        {
            _list = list;
            _peer.CurrentList = list.Version;
            return Offer(now, full: false);
        });
    }

    public void Offer(FirmwareFile file, bool again, Action<UpdateNews> told)
    {
        ArgumentNullException.ThrowIfNull(told);
        lock (_gate)
        {
            // What the device does not know yet: a lease that is on its way. It looks at its relays itself.
            if (_isClosed || _confirmed.Count > 0)
            {
                told(new UpdateNews(UpdateStage.Refused, 0, _isClosed ? UpdateCode.Away : ReplyCode.Busy));
                return;
            }
            _told = told;
            EnqueueNeedsGate(_peer.Update(PeerTime.From(_time), file, again));
            CarryOutNeedsGate();
        }
    }

    public async ValueTask<SendOutcome> AcknowledgeAsync(JournalKey record, CancellationToken cancellationToken)
    {
        Task<bool> durable;
        lock (_gate)
        {
            if (_isClosed)
                return SendOutcome.Closed;
            var floor = Math.Max(_ackFloor, _peer.Memory.AckedSeq);
            // This one and no other: a tap overtakes older records, which may still be on their way to the disk.
            if (_handedOver.Remove(record.Sequence))
                _committed.Add(record.Sequence);
            // Only what has no hole before it; the device forgets everything up to the number it is told.
            while (_committed.Contains(floor + 1))
                floor++;
            if (floor == _ackFloor)
                return SendOutcome.Sent;
            _ackFloor = floor;
            durable = SaveNeedsGate(urgent: false);
        }
        // What the device may forget is remembered here first; else a crash in between would look like a gap in its journal.
        if (!await durable.ConfigureAwait(false))
            return SendOutcome.LinkDown;
        return await CommandAsync(_ =>
        {
            // From the newest back: only the oldest has nothing missing before it, so there is one acknowledgement for all.
            var outputs = new List<PeerOutput>();
            foreach (var seq in _committed.Where(s => s <= _ackFloor).Reverse().ToList())
            {
                _committed.Remove(seq);
                outputs.AddRange(_peer.Committed(seq));
            }
            // The memory is stored already.
            outputs.RemoveAll(o => o is PeerOutput.Persist { Urgent: false });
            return outputs;
        }).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_isClosed)
                return ValueTask.CompletedTask;
            _isClosed = true;
            UpdatingNeedsGate(new UpdateNews(UpdateStage.Silent, 0, null));
            while (_steps.TryDequeue(out var step))
                step.Ticket?.Finish(SendOutcome.Closed);
        }
        _closed(this);
        _reports.Complete();
        return ValueTask.CompletedTask;
    }

    /// <summary>Bytes came. Never throws on what is in them.</summary>
    public void OnMessage(TopicKind kind, ReadOnlySpan<byte> payload, bool retained, long received)
    {
        if (payload.Length > Limits.MessageBytes)
        {
            lock (_gate)
                RefusedNeedsGate(kind, new Fault(FaultReason.TooLong), received);
            return;
        }
        var bytes = payload.ToArray();
        Run(received, now => _peer.Received(now, kind, bytes, retained));
    }

    /// <summary>Bytes came that are no message: a frame that is none, a name that is not its own.</summary>
    public void OnRefused(TopicKind kind, Fault fault, long received)
    {
        lock (_gate)
            RefusedNeedsGate(kind, fault, received);
    }

    public void OnLinkLost() => Run(_time.GetTimestamp(), _ => _peer.LinkLost());

    /// <summary>
    /// The link is there again. Nothing is asked yet: a device that was faster than we has left its birth with the broker, and
    /// that is asked about when it comes; one that was slower says its birth by itself. For the rest there is <see cref="Tick"/>.
    /// </summary>
    public void OnLinkUp()
    {
        lock (_gate)
        {
            _askWait = FirstAsk;
            _askedAt = _time.GetTimestamp();
        }
    }

    /// <summary>Asks whoever may be there to say who it is.</summary>
    public void AskBirth() => Run(_time.GetTimestamp(), now => _peer.AskBirth(now));

    /// <summary>Call it every second.</summary>
    public void Tick() => Run(_time.GetTimestamp(), now =>
    {
        // What was handed over and never stored is let go, so that it is taken when the device sends it again.
        while (_handedOver.Count > 0 && _handedOver.First() is var (seq, since) && _time.GetElapsedTime(since) > RecordPatience)
        {
            _handedOver.Remove(seq);
            _peer.NotStored(seq);
        }
        if (_peer.Birth is null && _time.GetElapsedTime(_askedAt) >= _askWait)
        {
            // A question that met nobody is asked again, ever more seldom: also a device that says nothing by itself is found.
            _askedAt = _time.GetTimestamp();
            _askWait = _askWait * 2 > LastAsk ? LastAsk : _askWait * 2;
            return _peer.AskBirth(now);
        }
        return _peer.Tick(now);
    });

    private void Run(long received, Func<PeerTime, IReadOnlyList<PeerOutput>> input)
    {
        lock (_gate)
        {
            if (_isClosed)
                return;
            _received = received;
            foreach (var output in input(PeerTime.From(_time)))
                _steps.Enqueue(new Step(output, null));
            CarryOutNeedsGate();
        }
    }

    private ValueTask<SendOutcome> CommandAsync(Func<PeerTime, IReadOnlyList<PeerOutput>> input)
    {
        lock (_gate)
        {
            if (_isClosed)
                return ValueTask.FromResult(SendOutcome.Closed);
            var outputs = input(PeerTime.From(_time));
            var sends = false;
            foreach (var output in outputs)
            {
                sends |= output is PeerOutput.Send;
                _steps.Enqueue(new Step(output, null));
            }
            if (!sends)
            {
                CarryOutNeedsGate();
                DriverMetrics.Undelivered.Add(1);
                return ValueTask.FromResult(SendOutcome.LinkDown);
            }
            var ticket = new Ticket();
            _steps.Enqueue(new Step(null, ticket));
            CarryOutNeedsGate();
            return ticket.AsValueTask();
        }
    }

    private async Task SaveThenGoOnAsync(Task<bool> saving)
    {
        var durable = await saving.ConfigureAwait(false);
        lock (_gate)
        {
            _waitsForDisk = false;
            _unsaved = !durable;
            if (durable)
            {
                if (_steps.TryPeek(out var first) && first.Output is PeerOutput.Persist)
                    _steps.Dequeue();
            }
            else
            {
                DropSendsNeedsGate();
            }
            if (!_isClosed)
                CarryOutNeedsGate();
        }
    }

    /// <summary>A number that is not stored may come twice after a crash: what is sealed under it does not leave.</summary>
    private void DropSendsNeedsGate()
    {
        var kept = _steps.Where(s => s.Output is not (PeerOutput.Send or PeerOutput.Persist { Urgent: true })).ToList();
        _steps.Clear();
        _lastSend = SendOutcome.LinkDown;
        foreach (var step in kept)
            _steps.Enqueue(step);
    }

    private Task<bool> SaveNeedsGate(bool urgent)
    {
        var memory = _peer.Memory;
        return _store.SaveAsync(Id, memory with { AckedSeq = Math.Max(memory.AckedSeq, _ackFloor) }, urgent);
    }

    private sealed record Step(PeerOutput? Output, Ticket? Ticket);

    /// <summary>Stands behind a command's messages and finishes with what became of them.</summary>
    private sealed class Ticket
    {
        private TaskCompletionSource<SendOutcome>? _later;
        private SendOutcome? _outcome;

        public ValueTask<SendOutcome> AsValueTask()
        {
            if (_outcome is { } outcome)
                return ValueTask.FromResult(outcome);
            _later = new TaskCompletionSource<SendOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask<SendOutcome>(_later.Task);
        }

        public void Finish(SendOutcome outcome)
        {
            _outcome = outcome;
            _later?.TrySetResult(outcome);
        }
    }
}
