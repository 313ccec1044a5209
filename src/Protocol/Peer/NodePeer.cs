using FabLab.Protocol.Messages;

namespace FabLab.Protocol.Peer;

/// <summary>
/// The gateway's side of one device: verifies before it reads, drops what came before, maps uptime to the wall clock, notices gaps, rebirths and copies, and seals what is sent.
/// Pure: no clock, no storage, no network; the caller gives the time and carries out the outputs in order. Not thread safe: one caller at a time.
/// </summary>
public sealed partial class NodePeer
{
    private const int Block = 1000;
    private const int HoleMs = 30_000;
    private const int ListRetryMs = 5_000;
    private const int TimeRetryMs = 2_000;
    private const int ListTries = 3;

    private readonly DeviceKeys _keys;
    private readonly PeerClock _clock = new();
    private readonly PeerJournal _journal;
    private readonly List<PeerOutput> _outputs = [];
    private PeerMemory _memory;
    private uint _n;
    private uint _connection;
    private bool _willed;
    private bool _sawNewBoot;
    private bool _clockAlarmed;
    private bool _counterAlarmed;
    private long _heardAt;
    private long _timeAt = long.MinValue / 2;
    private long _rebirthAt = long.MinValue / 2;
    private long _holeSince = -1;
    private uint _holeAt;
    private IReadOnlyList<ListChunk> _list = [];
    private int _listIndex;
    private int _listTries;
    private long _listAt;

    /// <summary>The gateway's side of a device.</summary>
    /// <param name="keys">Keys derived from the device's key.</param>
    /// <param name="memory">What was stored of it; a new one after each enrolment.</param>
    public NodePeer(DeviceKeys keys, PeerMemory memory)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(memory);
        _keys = keys;
        _memory = memory;
        _n = memory.Reserved;
        _journal = new PeerJournal(memory.AckedSeq);
    }

    /// <summary>The device.</summary>
    public DeviceId Device => _keys.Device;

    /// <summary>What has to outlast a restart, as of now.</summary>
    public PeerMemory Memory => _memory with { AckedSeq = _journal.Acked };

    /// <summary>The last birth while the device is there; null while it is away.</summary>
    public Birth? Birth { get; private set; }

    /// <summary>Whether leases can be given: the device is there, its clock is matched, its identity is its own.</summary>
    public bool IsReady => Birth is not null && _clock.IsMatched && !_memory.Duplicate;

    /// <summary>Version of the offline list that is valid now, repeated in each time message; 0 for none. Set it whenever the list changes.</summary>
    public uint CurrentList { get; set; }

    /// <summary>Takes a message.</summary>
    /// <param name="now">Now.</param>
    /// <param name="kind">Its topic.</param>
    /// <param name="payload">Its bytes, untrusted.</param>
    /// <param name="retained">The broker delivered it from its memory.</param>
    /// <returns>What to do, in order.</returns>
    public IReadOnlyList<PeerOutput> Received(PeerTime now, TopicKind kind, ReadOnlyMemory<byte> payload, bool retained = false)
    {
        if (Topics.DirectionOf(kind) != Direction.Up)
            return Refuse(kind, FaultReason.UnknownTopic);
        if (!Envelope.Open(payload, kind, _keys).TryGet(out var opened, out var fault))
            return Refuse(kind, fault);
        if (retained)
            return Remembered(now, kind, opened);
        var read = MessageReader.Read(kind, opened.Json);

        // A will was sealed before the messages that overtook it, so its connect number judges it and not its counter.
        if (read.TryGet(out var message, out fault) && message is Will will)
            return Died(opened.Counter, will);
        if (opened.Counter <= new Counter(_memory.LastBoot, _memory.LastN))
            return Repeated(kind, message as Birth);
        if (opened.Counter.Boot != _memory.LastBoot)
            Restarted(opened.Counter.Boot);
        _memory = _memory with { LastN = opened.Counter.N };
        _heardAt = now.MonoMs;

        if (Birth is null && message is not Messages.Birth && !_memory.Duplicate)
            AskRebirth(now);
        switch (message)
        {
            case null:
                return kind == TopicKind.Event ? Unreadable(now, opened.Json, fault) : Refuse(kind, fault);
            case Birth birth:
                Born(now, birth, opened.Counter);
                break;
            case JournalRecord record:
                Record(now, record, opened);
                break;
            case MeterReading reading:
                _outputs.Add(new PeerOutput.Metered(reading, TimeOf(now, _memory.LastBoot, reading.Up, null)));
                break;
            case Reply { To: "time" } reply:
                Matched(now, reply);
                break;
            case Reply { To: "ota" } reply:
                UpdateAnswered(now, reply);
                break;
            case Reply { To: "cmd", Code: ReplyCode.Unknown } reply when _firmware is not null && reply.N == _offerN:
                UpdateAnswered(now, reply);
                break;
            case Reply { To: "confirm" } reply:
                Confirmed(reply);
                break;
            case Ask { What: AskFor.Firmware, N: { } offset }:
                GivePiece(now, offset);
                break;
            case Reply { To: "list" } reply:
                ListAnswered(now, reply);
                break;
            case Reply reply:
                _outputs.Add(new PeerOutput.Replied(reply));
                break;
            case Ask ask:
                Answer(now, ask);
                break;
        }

        return Take();
    }

    /// <summary>The line or the broker was lost.</summary>
    /// <returns>What to do.</returns>
    public IReadOnlyList<PeerOutput> LinkLost()
    {
        Away(AwayWhy.Link);
        return Take();
    }

    /// <summary>The passing of time; call it every second or so.</summary>
    /// <param name="now">Now.</param>
    /// <returns>What to do, in order.</returns>
    public IReadOnlyList<PeerOutput> Tick(PeerTime now)
    {
        WatchUpdate(now);
        if (Birth is null)
            return Take();
        if (now.MonoMs - _heardAt >= Limits.SilenceMs)
        {
            Away(AwayWhy.Silence);
            return Take();
        }

        // Until the first answer the device is not ready: it may have said its birth a moment before it could hear.
        if (now.MonoMs - _timeAt >= (_clock.IsMatched ? Limits.TimePeriodMs : TimeRetryMs))
            SendTime(now);
        Confirm(now);
        if (_list.Count > 0 && now.MonoMs - _listAt >= ListRetryMs)
            RetryList(now);
        if (!_journal.HasHole || _holeAt != _journal.Acked)
            _holeSince = -1;
        _holeAt = _journal.Acked;
        if (_journal.HasHole && _holeSince < 0)
            _holeSince = now.MonoMs;
        else if (_holeSince >= 0 && now.MonoMs - _holeSince >= HoleMs)
            AskRebirth(now);
        return Take();
    }

    /// <summary>Gives or prolongs a lease, or opens a relay with length 0.</summary>
    /// <param name="now">Now.</param>
    /// <param name="channel">Relay channel.</param>
    /// <param name="session">Session.</param>
    /// <param name="ttlMs">Length, 0 or 500 to 43 200 000 ms.</param>
    /// <param name="start">May close an open relay.</param>
    /// <param name="n">Number of the lease, which the device's answer repeats; 0 when none was sent.</param>
    /// <returns>What to do, in order. Empty, so no lease, while not <see cref="IsReady"/>; an order to open goes out as soon as any boot of the device is known.</returns>
    public IReadOnlyList<PeerOutput> Lease(PeerTime now, int channel, string session, int ttlMs, bool start, out uint n)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(channel);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(channel, Limits.Relays);
        if (!Forms.Session(session))
            throw new ArgumentException("Not a session id of the protocol.", nameof(session));
        if (ttlMs != 0 && (ttlMs < Limits.LeaseMinMs || ttlMs > Limits.LeaseMaxMs))
            throw new ArgumentOutOfRangeException(nameof(ttlMs));
        n = 0;
        if (_memory.LastBoot == 0 || (ttlMs > 0 && !IsReady))
            return [];
        n = Count();
        var at = _clock.IsMatched ? _clock.UptimeAt(now.MonoMs) : 0;
        Seal(new Lease(channel, session, n, ttlMs, at, start), n);
        return Take();
    }

    /// <summary>Shows a sentence at a reader.</summary>
    /// <param name="show">The sentence; one that is too long is cut, control characters become blanks.</param>
    /// <returns>What to do, in order; empty while the device is away.</returns>
    /// <exception cref="ArgumentException">Another field is outside its limits.</exception>
    public IReadOnlyList<PeerOutput> Show(Show show)
    {
        ArgumentNullException.ThrowIfNull(show);
        return SendIfThere(show with { Text = Forms.FitSentence(show.Text) });
    }

    /// <summary>Sends the configuration; the device answers with its version.</summary>
    /// <param name="config">The configuration.</param>
    /// <returns>What to do, in order; empty while the device is away.</returns>
    /// <exception cref="ArgumentException">A field is outside its limits.</exception>
    public IReadOnlyList<PeerOutput> Configure(Config config) => SendIfThere(config);

    /// <summary>Asks for a new birth and the journal from its oldest record.</summary>
    /// <param name="now">Now.</param>
    /// <returns>What to do, in order.</returns>
    public IReadOnlyList<PeerOutput> AskBirth(PeerTime now)
    {
        AskRebirth(now);
        return Take();
    }

    /// <summary>Offers an offline list; the parts go one by one, each after the answer to the one before. Replaces an offer under way.</summary>
    /// <param name="now">Now.</param>
    /// <param name="parts">The parts, from <see cref="ListParts"/>.</param>
    /// <returns>What to do, in order; empty while the device is away.</returns>
    public IReadOnlyList<PeerOutput> Offer(PeerTime now, IReadOnlyList<ListChunk> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (Birth is null || parts.Count == 0)
            return [];
        _list = parts;
        _listIndex = 0;
        _listTries = 1;
        SendPart(now);
        return Take();
    }

    /// <summary>A record, or one set aside, is durable. Acknowledges as far as all before it are too.</summary>
    /// <param name="seq">Its number.</param>
    /// <returns>What to do, in order.</returns>
    public IReadOnlyList<PeerOutput> Committed(uint seq)
    {
        if (_journal.Commit(seq))
        {
            _outputs.Add(new PeerOutput.Persist(Memory, Urgent: false));
            SendAck();
        }

        return Take();
    }

    /// <summary>The store is out of order and the record is not kept: no acknowledgement, the device sends it again.</summary>
    /// <param name="seq">Its number.</param>
    public void NotStored(uint seq) => _journal.Release(seq);

    /// <summary>The store works and refuses this record. After three times it is set aside, so that it blocks nothing.</summary>
    /// <param name="record">The record's output.</param>
    /// <returns>What to do, in order.</returns>
    public IReadOnlyList<PeerOutput> RefusedByStore(PeerOutput.Recorded record)
    {
        ArgumentNullException.ThrowIfNull(record);
        var seq = record.Record.Seq;
        if (_journal.Attempt(seq) < Limits.PoisonAttempts)
            _journal.Release(seq);
        else
            PutAside(record.Record.Boot, seq, new Fault(FaultReason.Contradiction), record.Raw);
        return Take();
    }
}
