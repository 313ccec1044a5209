using FabLab.Protocol.Messages;

namespace FabLab.Protocol.Node;

/// <summary>
/// A whole device without its pins and wires: leases, journal, offline list, clock, refusals.
/// Inputs are messages, taps, readings, feedback and the passing of time; outputs are messages, relays, sentences and the order to save.
/// Pure: no clock, no storage, no network. Time is milliseconds since boot and never goes back. Not thread safe: one caller at a time.
/// </summary>
public sealed partial class NodeCore
{
    private const int AnswerMs = 3_000;
    private const int PresentationMs = 500;
    private const int HolderMs = 60_000;
    private const int VouchSaveSeconds = 3_600;

    private readonly NodeProfile _profile;
    private readonly NodeMemory _memory;
    private readonly RelayChannel[] _channels;
    private readonly JournalSender _sender;
    private readonly List<NodeOutput> _outputs = [];
    private readonly (string Tag, long Up)[] _lastRead;
    private readonly List<(int Reader, string Tag, long Up)> _recent = [];
    private readonly long[] _meterAt;
    private readonly (uint Seq, long Up)?[] _asked;
    private uint _sentN;
    private uint _heardN;
    private uint _connection;
    private bool _connected;
    private bool _gatewayOff;
    private long _heardAt = -1;
    private long? _utcOffset;
    private bool _timeSet;
    private uint? _epoch;
    private uint _vouchSaved;
    private long _bornAt = long.MinValue / 2;
    private long _askedAt = long.MinValue / 2;
    private long _beatAt;

    /// <summary>A device.</summary>
    /// <param name="profile">What it is made of.</param>
    /// <param name="memory">What it kept; the same object is changed and saved from here.</param>
    public NodeCore(NodeProfile profile, NodeMemory memory)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(profile.Relays.Count, Limits.Relays, nameof(profile));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(profile.Readers.Count, Limits.Readers, nameof(profile));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(profile.Meters.Count, Limits.Meters, nameof(profile));
        if (!Forms.Code(profile.ReaderProfile))
            throw new ArgumentException("The readers' profile is 1 to 16 of a-z, 0-9 and '-'.", nameof(profile));
        _profile = profile;
        _memory = memory;
        _channels = [.. profile.Relays.Select((_, index) => new RelayChannel(index))];
        _sender = new JournalSender(memory.Journal);
        _lastRead = new (string, long)[profile.Readers.Count];
        _asked = new (uint, long)?[profile.Readers.Count];
        _meterAt = [.. profile.Meters.Select(_ => long.MinValue / 2)];
        if (!MessageReader.Read(TopicKind.State, (BirthNow(0) with { Boot = 1, Connection = 1 }).ToJson()).TryGet(out _, out var fault))
            throw new ArgumentException($"The birth of such a device would be refused: {fault}.", nameof(profile));
    }

    /// <summary>What the device keeps.</summary>
    public NodeMemory Memory => _memory;

    /// <summary>Whether a relay is closed.</summary>
    /// <param name="channel">Channel.</param>
    /// <returns>Whether.</returns>
    public bool IsClosed(int channel) => channel >= 0 && channel < _channels.Length && _channels[channel].IsClosed;

    /// <summary>Whether the gateway is there: connected, heard within the silence limit, and it did not say goodbye. Else the device decides by itself.</summary>
    /// <param name="upMs">Uptime.</param>
    /// <returns>Whether.</returns>
    public bool HasGateway(long upMs) =>
        _connected && !_gatewayOff && _heardAt >= 0 && upMs - _heardAt < _memory.Config.SilenceSeconds * 1000L;

    /// <summary>First call after power came: counts the boot, records how the last one ended, opens every relay. Nothing starts by itself.</summary>
    /// <param name="upMs">Uptime.</param>
    /// <param name="why">A <see cref="BootWhy"/>.</param>
    /// <param name="onTrial">The firmware runs for the first time and is not confirmed yet.</param>
    /// <returns>What to do, in order.</returns>
    public IReadOnlyList<NodeOutput> Start(long upMs, string why, bool onTrial = false)
    {
        _onTrial = onTrial;
        for (var channel = 0; channel < _channels.Length; channel++)
            _outputs.Add(new NodeOutput.Relay(channel, Closed: false));
        _memory.Boot = checked(_memory.Boot + 1);
        var (lastBoot, lastUp, on) = (_memory.BeatBoot, _memory.BeatUp, _memory.BeatOn);
        Journal(upMs, (seq, boot, up, ts) => new BootRecord(seq, boot, up, ts, why, lastBoot, lastUp, on));
        Beat(upMs);
        return Take();
    }

    /// <summary>Call before each connect; on MQTT the result is the will to give to the broker, on a serial line it is not used.</summary>
    /// <returns>The sealed will, for <c>up/state</c>, QoS 1, retained.</returns>
    public byte[] Connect()
    {
        _connection++;
        return Seal(new Will(_connection));
    }

    /// <summary>Connected and subscribed: sends the birth.</summary>
    /// <param name="upMs">Uptime.</param>
    /// <returns>What to do, in order.</returns>
    public IReadOnlyList<NodeOutput> LinkUp(long upMs)
    {
        if (_connection == 0)
            _connection = 1;
        _connected = true;
        _heardAt = -1;
        _sender.Restart();
        Birth(upMs);
        return Take();
    }

    /// <summary>The connection is gone. Relays stay under their leases.</summary>
    /// <returns>What to do, in order.</returns>
    public IReadOnlyList<NodeOutput> LinkDown()
    {
        _connected = false;
        _heardAt = -1;
        return Take();
    }

    /// <summary>The device has a clock that was set, for example a battery clock. The gateway's time, once it came, outranks it.</summary>
    /// <param name="upMs">Uptime.</param>
    /// <param name="utcMs">Milliseconds since 1970; ignored before 2024.</param>
    public void SetClock(long upMs, long utcMs)
    {
        if (!_timeSet && utcMs is >= Limits.EarliestUtcMs and <= Limits.LatestUtcMs)
            _utcOffset = utcMs - upMs;
    }

    /// <summary>A tag was read. The reader's driver has joined repetitions of one presentation and, at 125 kHz, seen two equal frames.</summary>
    /// <param name="upMs">Uptime.</param>
    /// <param name="reader">Reader.</param>
    /// <param name="tag">Canonical tag text, see <see cref="Tag"/>.</param>
    /// <returns>What to do, in order.</returns>
    public IReadOnlyList<NodeOutput> Badge(long upMs, int reader, string tag)
    {
        if (reader < 0 || reader >= _profile.Readers.Count || !Tag.IsCanonical(tag))
        {
            _outputs.Add(new NodeOutput.Refused(new Fault(FaultReason.OutOfRange, "tag")));
            return Take();
        }

        var (lastTag, lastUp) = _lastRead[reader];
        _lastRead[reader] = (tag, upMs);
        if (lastTag == tag && upMs - lastUp < PresentationMs)
            return Take();
        _recent.RemoveAll(recent => upMs - recent.Up > HolderMs);
        _recent.Add((reader, tag, upMs));
        if (_recent.Count > 16)
            _recent.RemoveAt(0);

        var there = HasGateway(upMs);
        var record = Journal(upMs, (seq, boot, up, ts) => new BadgeRecord(seq, boot, up, ts, reader, tag, _profile.ReaderProfile, !there), express: there);
        if (record is null && (there || !Holds(reader, tag)))
        {
            Say(reader, ShowKind.No, DenyWhy.Full);
        }
        else if (there)
        {
            _asked[reader] = (record!.Seq, upMs);
            Say(reader, ShowKind.Wait, NodeTexts.Asking);
        }
        else
        {
            DecideAlone(upMs, reader, tag);
        }

        return Take();
    }

    /// <summary>A meter was read.</summary>
    /// <param name="upMs">Uptime.</param>
    /// <param name="reading">The reading; its meter is one of the profile.</param>
    /// <returns>What to do, in order.</returns>
    public IReadOnlyList<NodeOutput> Meter(long upMs, MeterReading reading)
    {
        ArgumentNullException.ThrowIfNull(reading);
        if (reading.Index < 0 || reading.Index >= _profile.Meters.Count || _profile.Meters[reading.Index] >= _channels.Length)
            return Take();
        var channel = _channels[_profile.Meters[reading.Index]];
        channel.Measure(upMs, reading, ConfigOf(channel.Index).IdleMilliWatts);
        if (channel.IsQuiet && channel.Faults.Contains(NodeFault.Weld))
            SetFault(upMs, channel, NodeFault.Weld, standing: false);
        var period = _memory.Config.MeterSeconds * 1000L;
        if (_connected && period > 0 && upMs - _meterAt[reading.Index] >= period)
        {
            _meterAt[reading.Index] = upMs;
            Send(reading with { Up = upMs });
        }

        return Take();
    }

    /// <summary>The contact's own feedback, where the relay has one, after the contact had time to settle.</summary>
    /// <param name="upMs">Uptime.</param>
    /// <param name="channel">Channel.</param>
    /// <param name="closed">Whether the contact is closed.</param>
    /// <returns>What to do, in order.</returns>
    public IReadOnlyList<NodeOutput> Feedback(long upMs, int channel, bool closed)
    {
        if (channel < 0 || channel >= _channels.Length)
            return Take();
        var relay = _channels[channel];
        SetFault(upMs, relay, NodeFault.Weld, closed && !relay.IsClosed);
        SetFault(upMs, relay, NodeFault.Relay, !closed && relay.IsClosed);
        return Take();
    }

    /// <summary>The device itself found a fault, or found it gone. <c>flash</c>, <c>heat</c>, <c>relay</c> and <c>weld</c> open the relay.</summary>
    /// <param name="upMs">Uptime.</param>
    /// <param name="channel">Channel it concerns.</param>
    /// <param name="code">A <see cref="NodeFault"/>.</param>
    /// <param name="standing">True when it begins.</param>
    /// <returns>What to do, in order.</returns>
    public IReadOnlyList<NodeOutput> Fault(long upMs, int channel, string code, bool standing)
    {
        if (channel >= 0 && channel < _channels.Length && Forms.Code(code))
            SetFault(upMs, _channels[channel], code, standing);
        return Take();
    }

    /// <summary>The passing of time. Call it every 100 ms or more often: relays open within that time of their deadline.</summary>
    /// <param name="upMs">Uptime.</param>
    /// <returns>What to do, in order.</returns>
    public IReadOnlyList<NodeOutput> Tick(long upMs)
    {
        foreach (var channel in _channels)
        {
            if (channel.IsClosed)
                Watch(upMs, channel, ConfigOf(channel.Index));
            else if (channel.IsWelded(upMs))
                SetFault(upMs, channel, NodeFault.Weld, standing: true);
        }

        for (var reader = 0; reader < _asked.Length; reader++)
        {
            if (_asked[reader] is { } asked && upMs - asked.Up >= AnswerMs)
                NoAnswer(upMs, reader);
        }

        if (_memory.Journal.LostUntold > 0 && _memory.Journal.Count < _memory.Journal.Capacity / 2)
            Journal(upMs, (seq, boot, up, ts) => new LostRecord(seq, boot, up, ts, _memory.Journal.LostUntold));
        if (_channels.Any(channel => channel.IsClosed) && upMs - _beatAt >= _memory.Config.HeartbeatSeconds * 1000L)
            Beat(upMs);
        WatchUpdate(upMs);
        Pump(upMs);
        return Take();
    }

    private ChannelConfig ConfigOf(int channel) =>
        channel < _memory.Config.Channels.Count ? _memory.Config.Channels[channel] : ChannelConfig.Strict;

    private int ChannelOf(int reader) =>
        reader < _memory.Config.ReaderChannels.Count ? Math.Clamp(_memory.Config.ReaderChannels[reader], 0, Math.Max(0, _channels.Length - 1)) : 0;

    private JournalRecord? Journal(long upMs, Func<uint, uint, long, long?, JournalRecord> make, bool express = false)
    {
        var record = _memory.Journal.Append(seq => make(seq, _memory.Boot, upMs, _utcOffset is { } offset ? upMs + offset : null));
        if (record is null)
            return null;
        Save();
        // A tap somebody waits on goes ahead of a backlog; everything else keeps its turn.
        if (express)
            SendRecord(upMs, record);
        return record;
    }

    private void Pump(long upMs)
    {
        if (!HasGateway(upMs))
            return;
        foreach (var record in _sender.Due(upMs).ToList())
            SendRecord(upMs, record);
    }

    private void SendRecord(long upMs, JournalRecord record)
    {
        _sender.Sent(record.Seq, upMs);
        Send(record);
    }

    private void Send(UpMessage message) => _outputs.Add(new NodeOutput.Send(message.Topic, Seal(message)));

    private byte[] Seal(UpMessage message) =>
        Envelope.Seal(message.ToJson(), message.Topic, _memory.Keys, new Counter(_memory.Boot, checked(++_sentN)));

    private void Birth(long upMs)
    {
        _bornAt = upMs;
        Send(BirthNow(upMs));
    }

    private Birth BirthNow(long upMs)
    {
        var journal = _memory.Journal;
        return new Birth(
            _memory.Boot,
            _connection,
            upMs,
            _profile.Firmware,
            _profile.Hardware,
            new JournalState(journal.First, journal.Last, Math.Min(journal.Capacity - journal.Count, 65535), journal.Lost),
            _memory.List.Version,
            _memory.List.At,
            _memory.Config.Version,
            _memory.Claim.TagKey?.Id ?? 0,
            _profile.Relays,
            _profile.Readers,
            _profile.Meters,
            _profile.DisplayChars,
            [.. _channels.Where(channel => channel.IsClosed).Select(channel => new ClosedRelay(
                channel.Index,
                channel.Session,
                Math.Clamp(channel.Deadline - upMs, 0, Limits.FinishCapSeconds * 1000L),
                channel.Hold switch { Hold.Keep => ClosedRelay.ByKeep, Hold.List => ClosedRelay.ByList, _ => ClosedRelay.ByLease }))],
            [.. _channels.SelectMany(channel => channel.Faults.Select(code => $"{channel.Index}:{code}")).Take(4)])
        {
            OnTrial = _onTrial,
        };
    }

    private void Say(int reader, ShowKind kind, string code) =>
        _outputs.Add(new NodeOutput.Display(reader, kind, NodeTexts.Of(code, _memory.Config.Language), kind == ShowKind.Wait ? 3 : 6, code));

    private void Beat(long upMs)
    {
        _beatAt = upMs;
        _memory.BeatBoot = _memory.Boot;
        _memory.BeatUp = upMs;
        _memory.BeatOn = _channels.Where(channel => channel.IsClosed).Sum(channel => 1 << channel.Index);
        Save();
    }

    // Two in a row would write the same.
    private void Save()
    {
        if (_outputs.Count == 0 || _outputs[^1] is not NodeOutput.Save)
            _outputs.Add(new NodeOutput.Save());
    }

    private List<NodeOutput> Take()
    {
        var taken = _outputs.ToList();
        _outputs.Clear();
        return taken;
    }
}
