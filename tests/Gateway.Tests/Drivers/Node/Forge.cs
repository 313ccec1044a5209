using System.Text;
using FabLab.Protocol;
using FabLab.Protocol.Messages;

namespace FabLab.Gateway.Tests.Drivers.Node;

/// <summary>Writes messages of a device by hand, right or wrong.</summary>
internal sealed class Forge(Claim claim, uint boot = 5)
{
    private readonly DeviceKeys _keys = claim.Key.Derive(claim.Device, claim.KeyId);
    private uint _n;

    public string Topic(TopicKind kind) => Topics.Of(claim.Device, kind);

    public byte[] Seal(TopicKind kind, string json, uint? n = null) =>
        Envelope.Seal(Encoding.UTF8.GetBytes(json), kind, _keys, new Counter(boot, n ?? ++_n));

    public byte[] Birth(uint last, string hardware = "forged") =>
        Envelope.Seal(
            new Birth(boot, 1, 100, "1.0.0", hardware, new JournalState(1, last, 100, 0), 0, 0, 0, 0, ["main"], ["em"], [], 0, [], []).ToJson(),
            TopicKind.State, _keys, new Counter(boot, ++_n));
}
