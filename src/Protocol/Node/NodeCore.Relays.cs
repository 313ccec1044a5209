using FabLab.Protocol.Messages;

namespace FabLab.Protocol.Node;

/// <content>Relays: who may close them and what opens them.</content>
public sealed partial class NodeCore
{
    private void OnLease(long upMs, Lease lease)
    {
        if (lease.Channel >= _channels.Length)
        {
            Answer(upMs, lease, ReplyCode.Channel);
            return;
        }

        var channel = _channels[lease.Channel];
        // A lease that closes or opens answers whoever tapped here. A renewal only goes on with what ran before the tap, and a relay
        // that is open already is told so after each reconnect, whoever stands there.
        if (lease.Start || (lease.TtlMs == 0 && channel.IsClosed))
            Answered(channel.Index);
        if (lease.TtlMs == 0)
        {
            // Opening is always obeyed, whatever session it names.
            channel.End(lease.Session);
            if (channel.IsClosed)
                Open(upMs, channel, OffWhy.Told);
            Answer(upMs, lease, ReplyCode.Ok);
            return;
        }

        var (effect, code) = channel.Judge(upMs, lease, _memory.Journal.HasRoomForStart, _onTrial);
        var deadline = RelayChannel.DeadlineOf(upMs, lease);
        switch (effect)
        {
            case LeaseEffect.Prolong:
                channel.Prolong(deadline);
                break;
            case LeaseEffect.Close:
                Close(upMs, channel, Hold.Lease, lease.Session, deadline, null);
                break;
            case LeaseEffect.Handover:
                Handover(upMs, channel, lease.Session, deadline);
                break;
        }

        if (effect is LeaseEffect.Close or LeaseEffect.Handover)
            Hand(channel);
        Answer(upMs, lease, code);
    }

    private void Answer(long upMs, Lease lease, string code) =>
        Send(new Reply("lease", code, upMs) { Channel = lease.Channel, N = lease.N });

    // Whoever tapped here in the last minute may stop the machine at the reader should the gateway go away.
    private void Hand(RelayChannel channel)
    {
        foreach (var recent in _recent)
        {
            if (ChannelOf(recent.Reader) == channel.Index)
                channel.Holders.Add(recent.Tag);
        }

        _recent.RemoveAll(recent => ChannelOf(recent.Reader) == channel.Index);
    }

    private bool Close(long upMs, RelayChannel channel, Hold hold, string session, long deadline, uint? list)
    {
        if (Journal(upMs, (seq, boot, up, ts) => new OnRecord(seq, boot, up, ts, channel.Index, session, channel.Energy, list)) is null)
            return false;
        channel.Close(hold, upMs, session, deadline, list);
        Beat(upMs);
        _outputs.Add(new NodeOutput.Relay(channel.Index, Closed: true));
        Pump(upMs);
        return true;
    }

    private void Handover(long upMs, RelayChannel channel, string session, long deadline)
    {
        var (before, ms, off) = (channel.Session, upMs - channel.Since, channel.Hold == Hold.List);
        Journal(upMs, (seq, boot, up, ts) => new OffRecord(seq, boot, up, ts, channel.Index, before, OffWhy.Handover, ms, channel.Energy, off));
        Journal(upMs, (seq, boot, up, ts) => new OnRecord(seq, boot, up, ts, channel.Index, session, channel.Energy, null));
        channel.End(before);
        channel.Holders.Clear();
        channel.Close(Hold.Lease, upMs, session, deadline, null);
        Beat(upMs);
        Pump(upMs);
    }

    private void Open(long upMs, RelayChannel channel, string why)
    {
        _outputs.Add(new NodeOutput.Relay(channel.Index, Closed: false));
        var (session, ms, off) = (channel.Session, upMs - channel.Since, channel.Hold == Hold.List);
        channel.Open(upMs);
        Journal(upMs, (seq, boot, up, ts) => new OffRecord(seq, boot, up, ts, channel.Index, session, why, ms, channel.Energy, off));
        Beat(upMs);
        Pump(upMs);
    }

    private void Watch(long upMs, RelayChannel channel, ChannelConfig config)
    {
        if (upMs >= channel.Deadline)
        {
            if (channel.Hold == Hold.Lease && config.LostLink == LostLink.Finish && upMs < channel.Deadline + (config.CapSeconds * 1000L))
            {
                channel.Keep(config.CapSeconds);
                Journal(upMs, (seq, boot, up, ts) => new KeepRecord(seq, boot, up, ts, channel.Index, channel.Session, upMs - channel.Since, channel.Energy));
            }
            else
            {
                Open(upMs, channel, channel.Hold == Hold.Lease ? OffWhy.Lease : OffWhy.Cap);
                return;
            }
        }

        if (channel.Hold == Hold.Keep && channel.IsIdle(upMs, config))
        {
            Open(upMs, channel, OffWhy.Idle);
            return;
        }

        var period = _memory.Config.UseSeconds * 1000L;
        if (period == 0 || upMs - channel.UseAt < period)
            return;
        channel.UseAt = upMs;
        Journal(upMs, (seq, boot, up, ts) => new UseRecord(seq, boot, up, ts, channel.Index, channel.Session, upMs - channel.Since, channel.Energy));
        Pump(upMs);
    }

    private void SetFault(long upMs, RelayChannel channel, string code, bool standing)
    {
        if (standing ? !channel.Faults.Add(code) : !channel.Faults.Remove(code))
            return;
        if (standing && channel.IsClosed && code is not (NodeFault.Meter or NodeFault.Reader))
            Open(upMs, channel, OffWhy.Fault);
        Journal(upMs, (seq, boot, up, ts) => new FaultRecord(seq, boot, up, ts, channel.Index, code, standing));
        Pump(upMs);
    }

    // Stopping needs no room in the journal: the tap may go unrecorded, the stop may not.
    private bool Holds(int reader, string tag) =>
        _channels.Length > 0 && _channels[ChannelOf(reader)] is { IsClosed: true } channel && channel.Holders.Contains(tag);

    private void DecideAlone(long upMs, int reader, string tag)
    {
        if (_channels.Length == 0)
        {
            // A reader without a relay starts nothing by itself.
            Deny(upMs, reader, 0, tag, DenyWhy.Offline);
            return;
        }

        var channel = _channels[ChannelOf(reader)];
        if (Holds(reader, tag))
        {
            Open(upMs, channel, OffWhy.Tap);
            Say(reader, ShowKind.Info, NodeTexts.Stopped);
            return;
        }

        var why = Refusal(upMs, channel, tag);
        var session = $"o{_memory.Boot}-{_memory.Journal.Last + 1}";
        var config = ConfigOf(channel.Index);
        if (why is null && Journal(upMs, (seq, boot, up, ts) => new GrantRecord(
                seq, boot, up, ts, reader, channel.Index, tag, session, _memory.List.Version, config.OfflineMaxSeconds)) is not null
            && Close(upMs, channel, Hold.List, session, upMs + (config.OfflineMaxSeconds * 1000L), _memory.List.Version))
        {
            channel.Holders.Add(tag);
            Say(reader, ShowKind.Yes, NodeTexts.Granted);
            return;
        }

        Deny(upMs, reader, channel.Index, tag, why ?? DenyWhy.Full);
    }

    private string? Refusal(long upMs, RelayChannel channel, string tag)
    {
        if (channel.IsClosed)
            return DenyWhy.Busy;
        var config = ConfigOf(channel.Index);
        if (config.OfflineUse == OfflineUse.Deny || config.OfflineMaxSeconds == 0)
            return DenyWhy.Offline;
        var list = _memory.List;
        // Without a clock neither the age of the list nor the end of a right can be told: then the answer is no.
        if (list.Version == 0 || _memory.Claim.TagKey is not { } key || _utcOffset is not { } offset)
            return DenyWhy.ListOld;
        var seconds = (upMs + offset) / 1000;
        if (seconds - list.At > config.ListAgeSeconds || list.At - seconds > 86_400)
            return DenyWhy.ListOld;
        if (list.Find(key, tag) is not { } entry || (entry.Rights & (1 << channel.Index)) == 0)
            return DenyWhy.Unknown;
        if (entry.Expires != 0 && seconds >= entry.Expires)
            return DenyWhy.Expired;
        if (_onTrial || channel.Faults.Count > 0)
            return DenyWhy.Fault;
        return _memory.Journal.HasRoomForStart ? null : DenyWhy.Full;
    }

    private void Deny(long upMs, int reader, int channel, string tag, string why)
    {
        Journal(upMs, (seq, boot, up, ts) => new DenyRecord(seq, boot, up, ts, reader, channel, tag, why, _memory.List.Version));
        Say(reader, ShowKind.No, why);
    }

    private void Answered(int channel)
    {
        for (var reader = 0; reader < _asked.Length; reader++)
        {
            if (ChannelOf(reader) == channel)
                _asked[reader] = null;
        }
    }

    private void NoAnswer(long upMs, int reader)
    {
        _asked[reader] = null;
        Deny(upMs, reader, ChannelOf(reader), _lastRead[reader].Tag, DenyWhy.NoAnswer);
    }
}
