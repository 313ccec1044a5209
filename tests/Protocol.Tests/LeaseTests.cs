using FabLab.Protocol.Messages;
using FabLab.Protocol.Peer;

namespace FabLab.Protocol.Tests;

public sealed class LeaseTests
{
    [Fact]
    public void A_tap_reaches_the_gateway_and_a_lease_closes_the_relay()
    {
        var pair = new Pair().Started();

        pair.Tap();
        var tap = pair.PeerSaid.OfType<PeerOutput.Recorded>().Single(output => output.Record is BadgeRecord);
        pair.Lease();

        Assert.True(tap.Live);
        Assert.True(pair.Relay[0]);
        Assert.Equal(ReplyCode.Ok, pair.Last<PeerOutput.Replied>().Reply.Code);
        Assert.Contains(pair.Recorded, record => record is OnRecord { Session: "s1", Off: false });
    }

    [Fact]
    public void A_lease_that_is_not_renewed_ends_on_the_clock_of_the_device()
    {
        var pair = new Pair().Started();
        pair.Lease(ttl: 5_000);
        var closed = pair.Up;

        pair.Pull();
        pair.Pass(4_900);
        Assert.True(pair.Relay[0]);
        pair.Pass(200);

        Assert.False(pair.Relay[0]);
        var off = pair.Memory.Journal.Records.OfType<OffRecord>().Single();
        Assert.Equal((OffWhy.Lease, off.Up - closed), (off.Why, off.Ms));
    }
}
