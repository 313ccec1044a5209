using FabLab.Core;
using FabLab.Gateway.Links;
using FabLab.Protocol;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Peer;
using Microsoft.Extensions.Logging;
using NodaTime;
using DeviceId = FabLab.Core.DeviceId;

namespace FabLab.Gateway.Drivers.Node;

/// <content>What the peer wants done, carried out.</content>
internal sealed partial class NodeDevice
{
    private const int MostAsked = 64;
    private const int MostOver = 256;

    private Instant Now => Instant.FromDateTimeOffset(_time.GetUtcNow());

    private void CarryOutNeedsGate()
    {
        while (!_waitsForDisk && _steps.TryPeek(out var step))
        {
            if (step.Output is PeerOutput.Persist { Urgent: true } || (_unsaved && step.Output is PeerOutput.Send))
            {
                _waitsForDisk = true;
                _ = SaveThenGoOnAsync(SaveNeedsGate(urgent: true));
                return;
            }
            _steps.Dequeue();
            if (step.Ticket is { } ticket)
                ticket.Finish(_lastSend);
            else
                CarryOutNeedsGate(step.Output!);
        }
    }

    private void CarryOutNeedsGate(PeerOutput output)
    {
        switch (output)
        {
            case PeerOutput.Persist:
                _ = SaveNeedsGate(urgent: false);
                break;
            case PeerOutput.Send send:
                SendNeedsGate(send);
                break;
            case PeerOutput.Recorded recorded:
                RecordedNeedsGate(recorded);
                break;
            case PeerOutput.SetAside aside:
                SetAsideNeedsGate(aside);
                break;
            case PeerOutput.Metered metered:
                if (NodeReports.Power(Id, metered, _birth, Now, _received) is { } power)
                    _reports.Post(power);
                break;
            case PeerOutput.Online online:
                OnlineNeedsGate(online);
                break;
            case PeerOutput.Ready:
                ReadyNeedsGate();
                break;
            case PeerOutput.Offline offline:
                _reports.Post(new DeviceReport.LinkReport(Id, Now, _received, Online: false));
                Log.Offline(_logger, Id, offline.Why);
                break;
            case PeerOutput.Replied replied:
                RepliedNeedsGate(replied.Reply);
                break;
            case PeerOutput.Asked { What: AskFor.List }:
                EnqueueNeedsGate(Offer(PeerTime.From(_time), full: true));
                break;
            case PeerOutput.Asked { What: AskFor.Config } when _policy is { } policy:
                EnqueueNeedsGate(_peer.Configure(NodeCommands.Config(policy)));
                break;
            case PeerOutput.ListHeld:
                _held = _list;
                break;
            case PeerOutput.ListRefused refused:
                ListRefusedNeedsGate(refused);
                break;
            case PeerOutput.Updating updating:
                UpdatingNeedsGate(new UpdateNews(updating.Stage, updating.Held, updating.Code));
                break;
            case PeerOutput.Refused refused:
                RefusedNeedsGate(refused.Kind, refused.Fault, _received);
                break;
            case PeerOutput.Alarm alarm:
                if (NodeReports.Alarm(Id, alarm, Now, _received) is { } fault)
                    _reports.Post(fault);
                Log.Alarm(_logger, Id, alarm.Kind, alarm.From, alarm.To);
                break;
        }
    }

    private void EnqueueNeedsGate(IReadOnlyList<PeerOutput> outputs)
    {
        foreach (var output in outputs)
            _steps.Enqueue(new Step(output, null));
    }

    private void SendNeedsGate(PeerOutput.Send send)
    {
        var sent = _transport.Send(send.Kind, send.Topic, send.Payload, NodeCommands.Expiry);
        _lastSend = sent == LinkSend.Sent ? SendOutcome.Sent : SendOutcome.LinkDown;
        if (sent != LinkSend.Sent)
            DriverMetrics.Undelivered.Add(1);
    }

    private void RecordedNeedsGate(PeerOutput.Recorded recorded)
    {
        var record = recorded.Record;
        if (record is not BadgeRecord && HasHoleBefore(record.Seq))
        {
            // What it follows from was lost on the way, as while the gateway was away: an opening told first would end nothing.
            // A tap may be ahead of its turn; everything else comes again, in its order.
            _peer.NotStored(record.Seq);
            EnqueueNeedsGate(_peer.AskBirth(PeerTime.From(_time)));
            return;
        }
        var report = NodeReports.Of(Id, recorded, _peer.Memory, Now, _received);
        if (record.Boot == _peer.Memory.LastBoot)
        {
            if (report is DeviceReport.RelayReport { Closed: true, Session: { } session } on)
                ConfirmNeedsGate(on.Channel, session);
            else if (report is DeviceReport.RelayReport { Closed: false, Session: { } ended } off)
                OverNeedsGate(off.Channel, ended);
        }
        if (_reports.Post(report))
            _handedOver[record.Seq] = _time.GetTimestamp();
        else
            _peer.NotStored(record.Seq);
    }

    private bool HasHoleBefore(uint record)
    {
        for (var seq = Math.Max(_ackFloor, _peer.Memory.AckedSeq) + 1; seq < record; seq++)
        {
            if (!_handedOver.ContainsKey(seq) && !_committed.Contains(seq))
                return true;
        }
        return false;
    }

    private void SetAsideNeedsGate(PeerOutput.SetAside aside)
    {
        _ = _store.SetAsideAsync(Id, aside.Boot, aside.Seq, aside.Fault.ToString(), aside.Raw);
        var report = new DeviceReport.DeviceFaultReport(
            Id, Now, _received, DeviceFaults.PoisonRecord, $"record {aside.Seq} cannot be read ({aside.Fault}); it is kept aside for a person to look at",
            Key: new JournalKey(Id, aside.Boot, aside.Seq));
        if (_reports.Post(report))
            _handedOver[aside.Seq] = _time.GetTimestamp();
        else
            _peer.NotStored(aside.Seq);
    }

    private void OnlineNeedsGate(PeerOutput.Online online)
    {
        _birth = online.Birth;
        _newBoot |= online.NewBoot;
        if (online.NewBoot)
        {
            // Nothing starts by itself: what ran before this boot is over, whatever is renewed for it.
            foreach (var (channel, session) in _confirmed.Select(c => (c.Key, c.Value)).Concat(_asked.Select(a => (a.Key.Channel, a.Value))).ToList())
                OverNeedsGate(channel, session);
            _asked.Clear();
        }
        _confirmed.Clear();
        foreach (var (channel, session) in NodeReports.Closed(Id, online.Birth))
        {
            if (session is { } known)
                ConfirmNeedsGate(channel, known);
        }
        if (_policy is { } policy && online.Birth.ConfigVersion != policy.Version)
            EnqueueNeedsGate(_peer.Configure(NodeCommands.Config(policy)));
        if (_list is { } list && online.Birth.ListVersion != list.Version)
            EnqueueNeedsGate(Offer(PeerTime.From(_time), full: false));
    }

    private void ReadyNeedsGate()
    {
        if (_birth is not { } birth)
            return;
        _reports.Post(NodeReports.Online(Id, birth, _newBoot, Now, _received));
        foreach (var standing in birth.Faults)
            _reports.Post(new DeviceReport.DeviceFaultReport(Id, Now, _received, DeviceFaults.DevicePrefix + standing[2..], null, standing[0] - '0'));
        Log.Online(_logger, Id, birth.Firmware, birth.Boot, _newBoot);
        _newBoot = false;
    }

    private void RepliedNeedsGate(Reply reply)
    {
        if (reply is { To: "lease", Channel: { } channel, N: { } n } && _asked.Remove((channel, n), out var session) && reply.Code == ReplyCode.Ok)
            ConfirmNeedsGate(channel, session);
        if (reply.Code is ReplyCode.Ok or ReplyCode.Old)
            return;
        _reports.Post(new DeviceReport.DeviceFaultReport(Id, Now, _received, DeviceFaults.CommandRefused, $"{reply.To}: {reply.Code}", reply.Channel));
    }

    private void UpdatingNeedsGate(UpdateNews news)
    {
        _told?.Invoke(news);
        if (news.IsEnd)
            _told = null;
    }

    private void ListRefusedNeedsGate(PeerOutput.ListRefused refused)
    {
        _held = null;
        if (refused.Code is ReplyCode.Base or ReplyCode.Chunk or ReplyCode.Count)
        {
            EnqueueNeedsGate(Offer(PeerTime.From(_time), full: true));
            return;
        }
        _reports.Post(new DeviceReport.DeviceFaultReport(Id, Now, _received, DeviceFaults.CommandRefused, $"list {refused.Version}: {refused.Code}"));
    }

    private void RefusedNeedsGate(TopicKind kind, Fault fault, long received)
    {
        DriverMetrics.Refused.Add(1);
        var code = NodeReports.CodeOf(fault.Reason);
        if (!_logGate.Pass(code, out var heldBack))
            return;
        Log.Refused(_logger, Id, kind, fault, heldBack);
        // Said once a minute like the line: whoever floods the device's topic must not flood the journal.
        _reports.Post(new DeviceReport.DeviceFaultReport(Id, Now, received, code, $"a message on {kind} was refused: {fault}"));
    }

    /// <summary>Needs the gate.</summary>
    private IReadOnlyList<PeerOutput> Offer(PeerTime now, bool full)
    {
        if (_list is not { } list || _peer.Birth is not { } birth)
            return [];
        var parts = !full && _held is { } held && held.Version == birth.ListVersion && held.Version < list.Version && held.TagKeyId == list.TagKeyId
            ? ListParts.Difference(held.Version, NodeCommands.Entries(held), list.Version, list.TagKeyId, NodeCommands.Seconds(list.At), NodeCommands.Entries(list))
            : ListParts.Full(list.Version, list.TagKeyId, NodeCommands.Seconds(list.At), NodeCommands.Entries(list));
        return _peer.Offer(now, parts);
    }

    private void Ask(int channel, uint n, SessionId session)
    {
        if (_asked.Count >= MostAsked)
            _asked.Clear();
        _asked[(channel, n)] = session;
    }

    private void ConfirmNeedsGate(int channel, SessionId session) => _confirmed[channel] = session;

    private void OverNeedsGate(int channel, SessionId session)
    {
        // Sessions do not come back after hundreds of others.
        if (_over.Count >= MostOver)
            _over.Clear();
        _over.Add((channel, session));
        if (_confirmed.TryGetValue(channel, out var confirmed) && confirmed == session)
            _confirmed.Remove(channel);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 3410, Level = LogLevel.Information, Message = "{Device} is there: firmware {Firmware}, boot {Boot}, new boot {NewBoot}.")]
        public static partial void Online(ILogger logger, DeviceId device, string firmware, uint boot, bool newBoot);

        [LoggerMessage(EventId = 3411, Level = LogLevel.Warning, Message = "{Device} is away: {Why}.")]
        public static partial void Offline(ILogger logger, DeviceId device, AwayWhy why);

        [LoggerMessage(EventId = 3412, Level = LogLevel.Warning, Message = "{Device}: a message on {Kind} was refused: {Fault}. ({HeldBack} like it not shown)")]
        public static partial void Refused(ILogger logger, DeviceId device, TopicKind kind, Fault fault, int heldBack);

        [LoggerMessage(EventId = 3413, Level = LogLevel.Warning, Message = "{Device}: {Alarm} ({From} to {To}).")]
        public static partial void Alarm(ILogger logger, DeviceId device, PeerAlarm alarm, uint from, uint to);
    }
}
