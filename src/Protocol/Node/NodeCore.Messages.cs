using FabLab.Protocol.Messages;

namespace FabLab.Protocol.Node;

/// <content>Messages from the gateway.</content>
public sealed partial class NodeCore
{
    /// <summary>Takes a message.</summary>
    /// <param name="upMs">Uptime.</param>
    /// <param name="kind">Its topic.</param>
    /// <param name="payload">Its bytes, untrusted.</param>
    /// <param name="retained">The broker delivered it from its memory: refused, save for the gateway's state.</param>
    /// <returns>What to do, in order.</returns>
    public IReadOnlyList<NodeOutput> Received(long upMs, TopicKind kind, ReadOnlyMemory<byte> payload, bool retained = false)
    {
        if (kind == TopicKind.Gateway)
            OnGateway(upMs, payload);
        else if (Topics.DirectionOf(kind) != Direction.Down)
            Refuse(FaultReason.UnknownTopic);
        else if (retained)
            Refuse(FaultReason.Retained);
        else if (!Envelope.Open(payload, kind, _memory.Keys).TryGet(out var opened, out var fault))
            _outputs.Add(new NodeOutput.Refused(fault));
        else if (opened.Counter.Boot != _memory.Boot)
            OtherBoot(upMs);
        else if (opened.Counter.N <= _heardN)
            OldCounter(upMs, opened.Counter.N);
        else
            Authentic(upMs, kind, opened);
        return Take();
    }

    private void Authentic(long upMs, TopicKind kind, Opened opened)
    {
        _heardN = opened.Counter.N;
        var first = _heardAt < 0;
        _heardAt = upMs;
        _gatewayOff = false;
        if (first)
            _sender.Restart();
        if (!MessageReader.Read(kind, opened.Json).TryGet(out var message, out var fault))
        {
            _outputs.Add(new NodeOutput.Refused(fault));
            var name = kind switch { TopicKind.Ack => "ack", TopicKind.List => "list", _ => "cmd" };
            Send(new Reply(name, fault.Reason == FaultReason.UnknownMessage ? ReplyCode.Unknown : ReplyCode.Bad, upMs) { N = opened.Counter.N });
            return;
        }

        switch (message)
        {
            case Lease lease:
                OnLease(upMs, lease);
                break;
            case Show show:
                OnShow(upMs, show);
                break;
            case Config config:
                _memory.Config = config;
                Save();
                Send(new Reply("config", ReplyCode.Ok, upMs) { Version = config.Version });
                break;
            case TimeMessage time:
                OnTime(upMs, time);
                break;
            case Rebirth:
                _sender.Restart();
                Birth(upMs);
                break;
            case Ack ack:
                OnAck(ack);
                break;
            case FirmwareOffer when _profile.IsSigned is null:
            case FirmwarePart when _profile.IsSigned is null:
            case FirmwareConfirm when _profile.IsSigned is null:
                Send(new Reply("cmd", ReplyCode.Unknown, upMs) { N = opened.Counter.N });
                break;
            case FirmwareOffer offer:
                OnOffer(upMs, offer);
                break;
            case FirmwarePart part:
                OnPart(upMs, part);
                break;
            case FirmwareConfirm confirm:
                OnConfirm(upMs, confirm);
                break;
            case ListChunk chunk:
                OnList(upMs, chunk);
                break;
        }

        Pump(upMs);
    }

    private void OnShow(long upMs, Show show)
    {
        if (show.Reader >= _profile.Readers.Count)
        {
            Send(new Reply("show", ReplyCode.Channel, upMs));
            return;
        }

        _asked[show.Reader] = null;
        _outputs.Add(new NodeOutput.Display(show.Reader, show.Kind, show.Text, show.Seconds, show.Code));
    }

    private void OnTime(long upMs, TimeMessage time)
    {
        // Never back within a boot: a message held up on the way must not make an old list young again.
        var offset = time.UtcMs - upMs;
        _utcOffset = _timeSet ? Math.Max(_utcOffset ?? offset, offset) : offset;
        _timeSet = true;
        Send(new Reply("time", ReplyCode.Ok, upMs) { Challenge = time.Challenge });
        var seconds = (uint)(time.UtcMs / 1000);
        if (time.List == 0)
            return;
        if (!_memory.List.Vouch(time.List, seconds))
        {
            AskOnce(upMs, AskFor.List);
        }
        else if (seconds - _vouchSaved >= VouchSaveSeconds)
        {
            // Not at each message: flash wears out.
            _vouchSaved = seconds;
            Save();
        }
    }

    private void OnAck(Ack ack)
    {
        if (!_memory.Journal.Acknowledge(ack.Seq))
            return;
        _sender.Forget(ack.Seq);
        Save();
    }

    private void OnList(long upMs, ListChunk chunk)
    {
        if (chunk.TagKeyId != _memory.Claim.TagKey?.Id)
        {
            Send(new Reply("list", ReplyCode.TagKey, upMs) { Version = _memory.List.Version, Chunk = chunk.Index });
            return;
        }

        var code = _memory.List.Take(chunk, out var complete);
        if (complete)
            Save();
        Send(new Reply("list", code, upMs) { Version = code == ReplyCode.Ok ? chunk.Version : _memory.List.Version, Chunk = chunk.Index });
    }

    private void OnGateway(long upMs, ReadOnlyMemory<byte> payload)
    {
        if (!MessageReader.Read(TopicKind.Gateway, payload).TryGet(out var message, out var fault))
        {
            _outputs.Add(new NodeOutput.Refused(fault));
            return;
        }

        var state = (GatewayState)message;
        _gatewayOff = !state.On;
        if (state.On && state.Epoch != _epoch)
        {
            var first = _epoch is null;
            _epoch = state.Epoch;
            // The state found at connect says nothing new: the birth is just out.
            if (!first)
                BirthAgain(upMs);
        }
    }

    private void OtherBoot(long upMs)
    {
        Refuse(FaultReason.OtherBoot);
        BirthAgain(upMs);
    }

    private void OldCounter(long upMs, uint n)
    {
        Refuse(FaultReason.OldCounter);
        // The last one again is a repetition on the way; a lower one says that the gateway lost count.
        if (n < _heardN)
            AskOnce(upMs, AskFor.Counter, _heardN);
    }

    private void BirthAgain(long upMs)
    {
        if (_connected && upMs - _bornAt >= Limits.AnswerGapMs)
            Birth(upMs);
    }

    private void AskOnce(long upMs, AskFor what, uint? n = null)
    {
        if (upMs - _askedAt < Limits.AnswerGapMs)
            return;
        _askedAt = upMs;
        Send(new Ask(what, upMs, n));
    }

    private void Refuse(FaultReason reason) => _outputs.Add(new NodeOutput.Refused(new Fault(reason)));
}
