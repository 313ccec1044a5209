using System.Buffers.Text;
using System.Security.Cryptography;
using FabLab.Protocol.Messages;

namespace FabLab.Protocol.Peer;

/// <content>What each message does, and how messages are sealed.</content>
public sealed partial class NodePeer
{
    private void Restarted(uint boot)
    {
        _memory = _memory with { LastBoot = boot, LastN = 0 };
        if (_n > Limits.CounterJump / 2)
        {
            // The boot number above makes every count fresh again.
            _n = 0;
            _memory = _memory with { Reserved = 0 };
        }

        _sawNewBoot = true;
        _clock.Restart();
        _clockAlarmed = false;
        _list = [];
    }

    private void Born(PeerTime now, Birth birth, Counter counter)
    {
        if (birth.Boot != counter.Boot)
        {
            _outputs.Add(new PeerOutput.Refused(TopicKind.State, new Fault(FaultReason.Contradiction, "boot")));
            return;
        }

        if (IsCopy(birth))
            return;
        _memory = _memory with { Hardware = birth.Hardware };
        JournalOf(birth.Journal);
        Birth = birth;
        _connection = birth.Connection;
        _willed = false;
        _outputs.Add(new PeerOutput.Persist(Memory, Urgent: false));
        _outputs.Add(new PeerOutput.Online(birth, _sawNewBoot));
        UpdateBorn(now, birth, _sawNewBoot);
        _sawNewBoot = false;
        SendTime(now);
    }

    private bool IsCopy(Birth birth)
    {
        if (_memory.Hardware is null || _memory.Hardware == birth.Hardware)
            return _memory.Duplicate;
        if (!_memory.Duplicate)
        {
            _memory = _memory with { Duplicate = true };
            _outputs.Add(new PeerOutput.Persist(Memory, Urgent: true));
            _outputs.Add(new PeerOutput.Alarm(PeerAlarm.DuplicateIdentity));
        }

        Away(AwayWhy.Duplicate);
        return true;
    }

    private void JournalOf(JournalState journal)
    {
        var acked = _journal.Acked;
        if (journal.Last < acked)
        {
            _outputs.Add(new PeerOutput.Alarm(PeerAlarm.JournalReset, acked, journal.Last));
            _journal.Clear(journal.First - 1);
        }
        else if (journal.First > acked + 1)
        {
            // A gateway that knows nothing yet takes the device's word; else what lies between is gone.
            if (acked > 0)
                _outputs.Add(new PeerOutput.Alarm(PeerAlarm.JournalGap, acked + 1, journal.First - 1));
            _journal.Restart(journal.First - 1);
        }
    }

    // Retained: somebody was here once. Enough to ask for a sign of life, not to believe one.
    private List<PeerOutput> Remembered(PeerTime now, TopicKind kind, Opened opened)
    {
        if (kind != TopicKind.State)
            return Refuse(kind, FaultReason.Retained);
        if (opened.Counter.Boot > _memory.LastBoot)
        {
            Away(AwayWhy.Link);
            Restarted(opened.Counter.Boot);
        }

        if (Birth is null)
            AskRebirth(now);
        return Take();
    }

    private List<PeerOutput> Died(Counter counter, Will will)
    {
        if (Birth is null || _willed || counter.Boot != _memory.LastBoot || will.Connection != _connection)
            return Refuse(TopicKind.State, FaultReason.OldCounter);
        _willed = true;
        Away(AwayWhy.Will);
        return Take();
    }

    private List<PeerOutput> Repeated(TopicKind kind, Birth? birth)
    {
        // A birth cannot be an innocent repetition: nobody sends one twice with one counter.
        if (birth is not null && !IsCopy(birth) && !_counterAlarmed && birth.Boot < _memory.LastBoot)
        {
            _counterAlarmed = true;
            _outputs.Add(new PeerOutput.Alarm(PeerAlarm.CounterBehind));
        }

        _outputs.Add(new PeerOutput.Refused(kind, new Fault(FaultReason.OldCounter)));
        return Take();
    }

    private void Record(PeerTime now, JournalRecord record, Opened opened)
    {
        if (record.Boot > opened.Counter.Boot)
            _outputs.Add(new PeerOutput.Refused(TopicKind.Event, new Fault(FaultReason.Contradiction, "boot")));
        else if (_journal.IsSafe(record.Seq))
            SendAck();
        else if (_journal.IsBeyond(record.Seq))
            _outputs.Add(new PeerOutput.Refused(TopicKind.Event, new Fault(FaultReason.OutOfRange, "seq")));
        else if (_journal.TryGive(record.Seq))
            Give(now, record, opened.Json);
    }

    private void Give(PeerTime now, JournalRecord record, ReadOnlyMemory<byte> json)
    {
        var time = TimeOf(now, record.Boot, record.Up, record.Ts);
        var live = IsReady && record.Boot == _memory.LastBoot && record is not BadgeRecord { Off: true } && IsFresh(now, record.Up);
        _outputs.Add(new PeerOutput.Recorded(record, time, live, json.ToArray()));
    }

    private bool IsFresh(PeerTime now, long up)
    {
        var age = now.MonoMs - _clock.MonoOf(up);
        return age is >= -Limits.FreshMs and <= Limits.FreshMs;
    }

    private List<PeerOutput> Unreadable(PeerTime now, ReadOnlyMemory<byte> json, Fault fault)
    {
        if (!MessageReader.TryRecordKey(json, out var boot, out var seq))
            return Refuse(TopicKind.Event, fault);
        if (_journal.IsSafe(seq))
            SendAck();
        else if (_journal.TryGive(seq))
            PutAside(boot, seq, fault, json);
        return Take();
    }

    private void PutAside(uint boot, uint seq, Fault fault, ReadOnlyMemory<byte> raw)
    {
        _journal.Aside(seq);
        _outputs.Add(new PeerOutput.Alarm(PeerAlarm.RecordSetAside, seq, seq));
        _outputs.Add(new PeerOutput.SetAside(boot, seq, fault, raw.ToArray()));
    }

    private EventTime TimeOf(PeerTime now, uint boot, long up, long? ts)
    {
        if (boot == _memory.LastBoot && _clock.IsMatched)
            return new EventTime(now.UtcMs - (now.MonoMs - _clock.MonoOf(up)), TimeQuality.Mapped);
        foreach (var clock in _memory.Clocks)
        {
            if (clock.Boot == boot)
                return new EventTime(clock.ZeroUtcMs + up, TimeQuality.Mapped);
        }

        if (ts is null)
            return default;
        if (ts >= Limits.EarliestUtcMs && ts <= now.UtcMs + 86_400_000)
            return new EventTime(ts, TimeQuality.Device);
        if (!_clockAlarmed)
        {
            _clockAlarmed = true;
            _outputs.Add(new PeerOutput.Alarm(PeerAlarm.DeviceClock));
        }

        return default;
    }

    private void Matched(PeerTime now, Reply reply)
    {
        var before = IsReady;
        if (reply.Challenge is null || _clock.Answer(reply.Challenge, reply.Up, now.MonoMs) is not { } roundTrip)
            return;
        var zero = now.UtcMs - (now.MonoMs - _clock.MonoOf(0));
        List<BootClock> clocks = [.. _memory.Clocks.Where(clock => clock.Boot != _memory.LastBoot), new BootClock(_memory.LastBoot, zero)];
        _memory = _memory with { Clocks = clocks.TakeLast(PeerMemory.ClocksKept).ToList() };
        if (before || !IsReady)
            return;
        _outputs.Add(new PeerOutput.Persist(Memory, Urgent: false));
        _outputs.Add(new PeerOutput.Ready(roundTrip));
        Confirm(now);
    }

    private void Answer(PeerTime now, Ask ask)
    {
        if (ask.What == AskFor.Counter && ask.N > Limits.CounterJump)
        {
            _outputs.Add(new PeerOutput.Refused(TopicKind.Reply, new Fault(FaultReason.OutOfRange, "n")));
            return;
        }

        if (ask.What == AskFor.Counter && ask.N is { } n && n > _n)
        {
            // The gateway's own memory was set back; the device, which is authentic, knows better.
            _n = n;
            _memory = _memory with { Reserved = Math.Max(_memory.Reserved, n) };
        }

        if (ask.What is AskFor.Counter or AskFor.Time)
            SendTime(now);
        else
            _outputs.Add(new PeerOutput.Asked(ask.What));
    }

    private void ListAnswered(PeerTime now, Reply reply)
    {
        if (_list.Count == 0 || reply.Version is null)
            return;
        var version = _list[0].Version;
        if (reply.Code != ReplyCode.Ok)
        {
            _list = [];
            _outputs.Add(new PeerOutput.ListRefused(version, reply.Code));
        }
        else if (reply.Version == version && reply.Chunk == _listIndex)
        {
            _listTries = 1;
            if (++_listIndex < _list.Count)
            {
                SendPart(now);
                return;
            }

            _list = [];
            _outputs.Add(new PeerOutput.ListHeld(version));
        }
    }

    private void RetryList(PeerTime now)
    {
        if (_listTries++ < ListTries)
        {
            SendPart(now);
            return;
        }

        _outputs.Add(new PeerOutput.ListRefused(_list[0].Version, "timeout"));
        _list = [];
    }

    private void SendPart(PeerTime now)
    {
        _listAt = now.MonoMs;
        Seal(_list[_listIndex], Count());
    }

    private void SendTime(PeerTime now)
    {
        _timeAt = now.MonoMs;
        var challenge = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(9));
        _clock.Ask(challenge, now.MonoMs);
        Seal(new TimeMessage(now.UtcMs, challenge, CurrentList), Count());
    }

    private void AskRebirth(PeerTime now)
    {
        if (_memory.LastBoot == 0 || now.MonoMs - _rebirthAt < Limits.AnswerGapMs)
            return;
        _rebirthAt = now.MonoMs;
        _holeSince = -1;
        Seal(new Rebirth(), Count());
    }

    private void SendAck() => Seal(new Ack(_journal.Acked, _journal.TakeAside()), Count());

    private List<PeerOutput> SendIfThere(DownMessage message)
    {
        if (!MessageReader.Read(message.Topic, message.ToJson()).TryGet(out _, out var fault))
            throw new ArgumentException($"A device would refuse this: {fault}.", nameof(message));
        if (Birth is null)
            return [];
        Seal(message, Count());
        return Take();
    }

    private void Seal(DownMessage message, uint n) => _outputs.Add(new PeerOutput.Send(
        message.Topic,
        Topics.Of(_keys.Device, message.Topic),
        Envelope.Seal(message.ToJson(), message.Topic, _keys, new Counter(_memory.LastBoot, n))));

    private uint Count()
    {
        if (_n >= _memory.Reserved)
        {
            // Reserved before used: after a crash the gateway goes on above anything it may have sent.
            _memory = _memory with { Reserved = checked(_n + Block) };
            _outputs.Add(new PeerOutput.Persist(Memory, Urgent: true));
        }

        return ++_n;
    }

    private void Away(AwayWhy why)
    {
        if (Birth is null)
            return;
        Birth = null;
        _clock.Restart();
        _list = [];
        _outputs.Add(new PeerOutput.Offline(why));
    }

    private List<PeerOutput> Refuse(TopicKind kind, Fault fault)
    {
        _outputs.Add(new PeerOutput.Refused(kind, fault));
        return Take();
    }

    private List<PeerOutput> Refuse(TopicKind kind, FaultReason reason) => Refuse(kind, new Fault(reason));

    private List<PeerOutput> Take()
    {
        var taken = _outputs.ToList();
        _outputs.Clear();
        return taken;
    }
}
