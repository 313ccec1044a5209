using FabLab.Protocol.Messages;
using FabLab.Protocol.Node;

namespace FabLab.Protocol.Tests;

/// <summary>What the scenarios do not show: construction, memory, secrets, and the two ends together.</summary>
public sealed class NodeTests
{
    [Fact]
    public void A_memory_cut_off_at_any_byte_is_refused_whole()
    {
        var pair = new Pair().Started();
        pair.Drop();
        pair.Tap();
        var saved = pair.Memory.ToJson();

        for (var length = 0; length < saved.Length; length++)
            Assert.False(NodeMemory.FromJson(saved.AsMemory(0, length)).IsOk);
        Assert.Equal(saved, NodeMemory.FromJson(saved).Value.ToJson());
    }

    [Fact]
    public void A_memory_whose_records_skip_a_number_is_refused()
    {
        var pair = new Pair().Boot();
        pair.Tap();
        pair.Tap(Pair.Other);
        var saved = System.Text.Encoding.UTF8.GetString(pair.Memory.ToJson());

        Assert.Equal(FaultReason.Contradiction, NodeMemory.FromJson(System.Text.Encoding.UTF8.GetBytes(saved.Replace("\"seq\":3", "\"seq\":9"))).Fault.Reason);
    }

    [Fact]
    public void No_secret_is_in_a_text_made_for_logs()
    {
        var claim = new Claim(Pair.Device, 1, Pair.Key) { TagKey = Pair.Tags, WifiPassword = "sésame" };
        var secret = Pair.Key.ToBase64Url();

        foreach (var text in new[] { claim.ToString(), Pair.Key.ToString(), Pair.Tags.ToString(), Vectors.Keys.ToString() })
        {
            Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
            Assert.DoesNotContain("sésame", text, StringComparison.Ordinal);
            Assert.DoesNotContain(Vectors.Keys.MqttPassword, text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("", "hw", "main", "iso", "pn532")]
    [InlineData("1.0", "a serial number that is too long", "main", "iso", "pn532")]
    [InlineData("1.0", "hw", "Main relay", "iso", "pn532")]
    [InlineData("1.0", "hw", "main", "ISO 14443", "pn532")]
    [InlineData("1.0", "hw", "main", "iso", "PN 532")]
    public void A_device_that_could_not_even_say_hello_is_not_made(string firmware, string hardware, string relay, string reader, string profile) =>
        Assert.Throws<ArgumentException>(() =>
            new NodeCore(new NodeProfile(firmware, hardware, [relay], [reader], [], profile), new NodeMemory(new Claim(Pair.Device, 1, Pair.Key))));

    [Fact]
    public void A_reader_without_a_relay_asks_the_gateway_and_refuses_alone()
    {
        var pair = new Pair(profile: Pair.Profile with { Relays = [], Meters = [] }).Started();

        pair.Tap();
        Assert.True(pair.Last<Peer.PeerOutput.Recorded>().Live);
        pair.Drop();
        pair.Pass(2_000);
        pair.Tap(Pair.Other);

        Assert.Equal((ShowKind.No, DenyWhy.Offline), (pair.Display.Kind, pair.Display.Code));
        pair.Join();
        pair.Pass(1_000);
        Assert.Contains(pair.Recorded, record => record is DenyRecord { Why: DenyWhy.Offline });
    }

    [Fact]
    public void A_renewal_is_no_answer_to_a_tap_and_the_person_is_told_to_hold_the_badge_again()
    {
        var pair = new Pair().Started();
        pair.Lease(ttl: 60_000);

        pair.Tap();
        pair.Lease(ttl: 60_000, start: false);
        pair.Pass(3_500);

        Assert.Equal((ShowKind.No, DenyWhy.NoAnswer), (pair.Display.Kind, pair.Display.Code));
        Assert.True(pair.Relay[0]);
    }

    [Fact]
    public void An_order_to_open_what_is_open_is_no_answer_to_a_tap_either()
    {
        var pair = new Pair().Started();

        pair.Tap();
        pair.Lease(ttl: 0, start: false);
        pair.Pass(3_500);

        Assert.Equal((ShowKind.No, DenyWhy.NoAnswer), (pair.Display.Kind, pair.Display.Code));
    }

    [Theory]
    [InlineData(60_000, true)]
    [InlineData(0, false)]
    public void A_lease_that_starts_or_ends_a_use_is_an_answer_to_a_tap(int ttl, bool start)
    {
        var pair = new Pair().Started();
        pair.Lease(ttl: 60_000);

        pair.Tap(Pair.Other);
        pair.Lease(session: start ? "s2" : "s1", ttl: ttl, start: start);
        pair.Pass(3_500);

        Assert.NotEqual(DenyWhy.NoAnswer, pair.Display.Code);
    }

    [Fact]
    public void A_save_that_fails_is_reported_as_a_fault_and_opens_the_relay()
    {
        var pair = new Pair().Started();
        pair.Lease();
        Assert.True(pair.Relay[0]);

        pair.Node_(pair.Node.Fault(pair.Up, 0, NodeFault.Flash, standing: true));

        Assert.False(pair.Relay[0]);
        Assert.Contains(pair.Recorded, record => record is OffRecord { Why: OffWhy.Fault });
    }

    [Fact]
    public void The_record_of_a_start_is_saved_before_the_relay_closes_and_that_of_a_stop_after_it_opened()
    {
        var pair = new Pair().Started();
        pair.NodeSaid.Clear();

        pair.Lease();
        var start = pair.NodeSaid.Where(output => output is NodeOutput.Save or NodeOutput.Relay).ToList();
        pair.NodeSaid.Clear();
        pair.Lease(ttl: 0, start: false);
        var stop = pair.NodeSaid.Where(output => output is NodeOutput.Save or NodeOutput.Relay).ToList();

        Assert.IsType<NodeOutput.Save>(start[0]);
        Assert.Equal(new NodeOutput.Relay(0, true), start[1]);
        Assert.Equal(new NodeOutput.Relay(0, false), stop[0]);
        Assert.IsType<NodeOutput.Save>(stop[1]);
    }
}
