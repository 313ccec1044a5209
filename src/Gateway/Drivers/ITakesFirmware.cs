using FabLab.Protocol.Messages;
using FabLab.Protocol.Peer;

namespace FabLab.Gateway.Drivers;

/// <summary>News of an update under way. What comes after <see cref="UpdateStage.Restarting"/> is the last.</summary>
/// <param name="Stage">How far it has come.</param>
/// <param name="Held">Bytes the device holds, while it pulls.</param>
/// <param name="Code">Why it was refused.</param>
public readonly record struct UpdateNews(UpdateStage Stage, uint Held, string? Code)
{
    public bool IsEnd => Stage > UpdateStage.Restarting;
}

/// <summary>A device whose firmware can be replaced over its own link.</summary>
public interface ITakesFirmware
{
    /// <summary>
    /// Offers a firmware; the device decides, and pulls it piece by piece. Refused while a relay of it is closed. Replaces an offer under way, which hears no more.
    /// </summary>
    /// <param name="file">The firmware, signed by its author.</param>
    /// <param name="again">It was offered before this gateway was started again: a device that runs it by now has taken it.</param>
    /// <param name="told">Called for each news, under the device's lock: it must not wait, nor call the device.</param>
    void Offer(FirmwareFile file, bool again, Action<UpdateNews> told);
}
