using System.Buffers.Text;
using System.Security.Cryptography;
using FabLab.Protocol.Messages;

namespace FabLab.Protocol.Node;

/// <content>Updates over the air: offered, pulled piece by piece, tried, kept or given back.</content>
public sealed partial class NodeCore
{
    private const int LeaveMs = 1_000;

    private FirmwareOffer? _offer;
    private IncrementalHash? _gathering;
    private int _gathered;
    private long _pieceAskedAt;
    private long _pulledMs;
    private long _lookedAt;
    private long _readyAt = -1;
    private long _backAt = Limits.FirmwareTrialMs;
    private bool _onTrial;

    private bool AnyClosed => _channels.Any(channel => channel.IsClosed);

    private void OnOffer(long upMs, FirmwareOffer offer)
    {
        if (Refusal(offer) is { } code)
        {
            Send(new Reply("ota", code, upMs));
            return;
        }

        if (_offer != offer)
            Gather(upMs, offer);
        Send(new Reply("ota", ReplyCode.Ok, upMs) { N = (uint)_gathered });
        if (_readyAt < 0)
            AskPiece(upMs);
    }

    // From above, the first that fits answers.
    private string? Refusal(FirmwareOffer offer) =>
        _onTrial ? ReplyCode.Trial
        : AnyClosed ? ReplyCode.Busy
        : offer.Model != _profile.Model ? ReplyCode.Model
        : FirmwareVersion.Compare(offer.Version, _profile.Firmware) <= 0 ? ReplyCode.Down
        : FirmwareVersion.Compare(_profile.Firmware, offer.Lowest) < 0 ? ReplyCode.Lowest
        : offer.Size > _profile.SlotBytes ? ReplyCode.Size
        : !_profile.IsSigned!(offer) ? ReplyCode.Signature
        : null;

    private void Gather(long upMs, FirmwareOffer offer)
    {
        Drop();
        _offer = offer;
        _gathering = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        _lookedAt = upMs;
    }

    private void Drop()
    {
        _gathering?.Dispose();
        (_offer, _gathering, _gathered, _pulledMs, _readyAt) = (null, null, 0, 0, -1);
    }

    private void OnPart(long upMs, FirmwarePart part)
    {
        if (_offer is not { } offer || _readyAt >= 0 || part.Offset != _gathered || part.Bytes.Length != Math.Min(Limits.FirmwarePieceBytes, offer.Size - _gathered))
            return;
        _outputs.Add(new NodeOutput.Slot(SlotOrder.Write, part.Offset, part.Bytes));
        _gathering!.AppendData(part.Bytes.Span);
        _gathered += part.Bytes.Length;
        _pulledMs = 0;
        if (_gathered < offer.Size)
        {
            AskPiece(upMs);
            return;
        }

        var right = Base64Url.EncodeToString(_gathering.GetHashAndReset()) == offer.Hash;
        Send(new Reply("ota", right ? ReplyCode.Done : ReplyCode.Hash, upMs) { N = (uint)_gathered });
        if (right)
            _readyAt = upMs;
        else
            Drop();
    }

    private void AskPiece(long upMs)
    {
        if (!_connected || AnyClosed)
            return;
        _pieceAskedAt = upMs;
        Send(new Ask(AskFor.Firmware, upMs, (uint)_gathered));
    }

    private void OnConfirm(long upMs, FirmwareConfirm confirm)
    {
        if (confirm.Version != _profile.Firmware)
        {
            Send(new Reply("confirm", ReplyCode.Other, upMs));
            return;
        }

        if (_onTrial)
        {
            _onTrial = false;
            _outputs.Add(new NodeOutput.Slot(SlotOrder.Keep, 0, default));
        }

        Send(new Reply("confirm", ReplyCode.Ok, upMs));
    }

    private void WatchUpdate(long upMs)
    {
        var since = upMs - _lookedAt;
        _lookedAt = upMs;
        if (_onTrial && upMs >= _backAt)
        {
            // Once; where the restart did not come about it is tried again.
            _backAt = upMs + Limits.FirmwareTrialMs;
            _outputs.Add(new NodeOutput.Slot(SlotOrder.Back, 0, default));
        }

        if (_offer is null || AnyClosed)
            return;
        if (_readyAt >= 0)
        {
            if (upMs - _readyAt >= LeaveMs && _asked.All(asked => asked is null))
            {
                _outputs.Add(new NodeOutput.Slot(SlotOrder.Try, 0, default));
                Drop();
            }

            return;
        }

        if (!_connected)
            return;
        _pulledMs += since;
        if (_pulledMs >= Limits.FirmwareGoneMs)
        {
            Send(new Reply("ota", ReplyCode.Gone, upMs) { N = (uint)_gathered });
            Drop();
        }
        else if (upMs - _pieceAskedAt >= Limits.FirmwareAskMs)
        {
            AskPiece(upMs);
        }
    }
}
