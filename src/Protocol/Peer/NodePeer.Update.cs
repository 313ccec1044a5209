using FabLab.Protocol.Messages;

namespace FabLab.Protocol.Peer;

/// <content>Firmware: offered, given piece by piece, confirmed.</content>
public sealed partial class NodePeer
{
    private const int OfferRetryMs = 10_000;
    private const int OfferTries = 3;
    private const int ConfirmRetryMs = 5_000;
    private const int UpdateSilenceMs = 900_000;

    private FirmwareFile? _firmware;
    private UpdateStage _stage;
    private uint _offerN;
    private int _offerTries;
    private long _updateAt;
    private long _confirmAt = long.MinValue / 2;
    private bool _restarted;

    /// <summary>
    /// Offers a firmware; the pieces go as the device asks for them. Replaces an offer under way. The caller sees to it that the device's relays are open and nobody
    /// uses its machines; the device looks at its relays itself.
    /// </summary>
    /// <param name="now">Now.</param>
    /// <param name="firmware">The firmware.</param>
    /// <param name="again">It was offered before this gateway was started again: a device that runs it by now has taken it.</param>
    /// <returns>What to do, in order. While the device is away only a refusal.</returns>
    public IReadOnlyList<PeerOutput> Update(PeerTime now, FirmwareFile firmware, bool again = false)
    {
        ArgumentNullException.ThrowIfNull(firmware);
        _firmware = null;
        if (Birth is null)
            return Ended(UpdateStage.Refused, UpdateCode.Away);
        if (Birth.Minor < 1)
            return Ended(UpdateStage.Refused, ReplyCode.Unknown);
        _firmware = firmware;
        _offerTries = 0;
        _restarted = false;
        if (!again || Birth.Firmware != firmware.Offer.Version)
            OfferFirmware(now);
        else if (Birth.OnTrial)
            Tell(now, UpdateStage.Restarting, (uint)firmware.Offer.Size);
        else
            EndUpdate(UpdateStage.Applied);
        return Take();
    }

    private List<PeerOutput> Ended(UpdateStage stage, string code)
    {
        EndUpdate(stage, code);
        return Take();
    }

    private void EndUpdate(UpdateStage stage, string? code = null)
    {
        _firmware = null;
        _outputs.Add(new PeerOutput.Updating(stage, 0, code));
    }

    private void Tell(PeerTime now, UpdateStage stage, uint held = 0)
    {
        _stage = stage;
        _updateAt = now.MonoMs;
        _outputs.Add(new PeerOutput.Updating(stage, held, null));
    }

    private void OfferFirmware(PeerTime now)
    {
        _offerTries++;
        _offerN = Count();
        Tell(now, UpdateStage.Offered);
        Seal(_firmware!.Offer, _offerN);
    }

    private void UpdateAnswered(PeerTime now, Reply reply)
    {
        if (_firmware is null)
            return;
        switch (reply.Code)
        {
            case ReplyCode.Ok:
                Tell(now, UpdateStage.Pulling, reply.N ?? 0);
                break;
            case ReplyCode.Done:
                Tell(now, UpdateStage.Restarting, (uint)_firmware.Offer.Size);
                break;
            default:
                EndUpdate(UpdateStage.Refused, reply.Code);
                break;
        }
    }

    private void GivePiece(PeerTime now, uint offset)
    {
        if (_firmware?.Piece(offset) is not { } piece)
            return;
        Tell(now, UpdateStage.Pulling, offset);
        Seal(piece, Count());
    }

    // Called for each birth, before its clock is matched.
    private void UpdateBorn(PeerTime now, Birth birth, bool newBoot)
    {
        if (_firmware is not { } firmware)
            return;
        _updateAt = now.MonoMs;
        _restarted |= newBoot;
        if (birth.Firmware == firmware.Offer.Version)
        {
            // Without a trial there is nothing to wait for.
            if (!birth.OnTrial)
                EndUpdate(UpdateStage.Applied);
        }
        else if (_stage == UpdateStage.Restarting)
        {
            if (_restarted)
                EndUpdate(UpdateStage.WentBack);
        }
        else
        {
            _offerTries = 0;
            OfferFirmware(now);
        }
    }

    private void Confirm(PeerTime now)
    {
        if (!IsReady || Birth is not { OnTrial: true } birth || now.MonoMs - _confirmAt < ConfirmRetryMs)
            return;
        _confirmAt = now.MonoMs;
        Seal(new FirmwareConfirm(birth.Firmware), Count());
    }

    private void Confirmed(Reply reply)
    {
        if (reply.Code != ReplyCode.Ok || Birth is not { OnTrial: true } birth)
            return;
        Birth = birth with { OnTrial = false };
        _confirmAt = long.MinValue / 2;
        if (_firmware?.Offer.Version == birth.Firmware)
            EndUpdate(UpdateStage.Applied);
    }

    // Also while the device is away: it restarts on the way.
    private void WatchUpdate(PeerTime now)
    {
        if (_firmware is null)
            return;
        if (now.MonoMs - _updateAt >= UpdateSilenceMs)
        {
            EndUpdate(UpdateStage.Silent);
        }
        else if (_stage == UpdateStage.Offered && Birth is not null && now.MonoMs - _updateAt >= OfferRetryMs)
        {
            if (_offerTries < OfferTries)
                OfferFirmware(now);
            else
                EndUpdate(UpdateStage.Silent);
        }
    }
}
