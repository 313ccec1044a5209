using System.Text;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Node;
using FabLab.Protocol.Peer;
using FabLab.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace FabLab.Protocol.Tests;

/// <summary>What the scenarios do not show of the gateway's side.</summary>
public sealed class PeerTests
{
    [Fact]
    public void The_gateway_s_wall_clock_steps_and_uptimes_are_mapped_to_the_new_time()
    {
        var time = new ManualTime();
        var pair = new Pair().Started();
        var before = PeerTime.From(time);
        time.Advance(TimeSpan.FromSeconds(5));
        time.SetWallClock(NodaTime.Instant.FromUtc(2026, 3, 10, 11, 0));
        var after = PeerTime.From(time);

        Assert.Equal(5_000, after.MonoMs - before.MonoMs);
        Assert.Equal(NodaTime.Instant.FromUtc(2026, 3, 10, 11, 0).ToUnixTimeMilliseconds(), after.UtcMs);

        // The tap is 20 ms old whatever the wall clock did since the clocks were matched.
        var tap = new BadgeRecord(2, 1, pair.Up - 20, null, 0, Pair.Maker, "pn532", false);
        var message = Envelope.Seal(tap.ToJson(), TopicKind.Event, Vectors.Keys, new Counter(1, 900));
        var recorded = pair.Peer.Received(pair.Now with { UtcMs = after.UtcMs }, TopicKind.Event, message).OfType<PeerOutput.Recorded>().Single();

        Assert.True(recorded.Live);
        Assert.Equal(after.UtcMs - 20, recorded.Time.UtcMs);
    }

    [Fact]
    public void A_device_whose_clock_stands_at_1970_is_used_as_any_other_and_raises_one_alarm()
    {
        var pair = new Pair().Boot();
        pair.Node.SetClock(pair.Up, 86_400_000);
        pair.Join();
        pair.Tap();

        Assert.True(pair.PeerSaid.OfType<PeerOutput.Recorded>().Last().Live);
        Assert.Null(pair.Recorded.First().Ts);
    }

    [Fact]
    public void A_device_that_said_its_birth_before_it_could_hear_is_ready_soon_all_the_same()
    {
        var pair = new Pair().Boot();
        pair.Node.Connect();
        var birth = pair.Node.LinkUp(pair.Up).OfType<NodeOutput.Send>().Single(send => send.Kind == TopicKind.State);

        // What the gateway answers finds nobody who has subscribed yet.
        pair.Peer.Received(pair.Now, TopicKind.State, birth.Payload);
        Assert.False(pair.Peer.IsReady);
        pair.Pass(3_000);

        Assert.True(pair.Peer.IsReady);
        pair.Tap();
        Assert.True(pair.PeerSaid.OfType<PeerOutput.Recorded>().Last().Live);
    }

    [Fact]
    public void A_long_sentence_is_cut_between_characters_and_loses_its_control_characters()
    {
        var pair = new Pair().Started();

        pair.Peer_(pair.Peer.Show(new Show(0, ShowKind.No, "Ligne 1\nLigne 2 " + new string('é', 400), 6)));

        Assert.StartsWith("Ligne 1 Ligne 2 éé", pair.Display.Text, StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount(pair.Display.Text), Limits.ShowBytes - 1, Limits.ShowBytes);
    }

    [Fact]
    public void What_a_device_would_refuse_is_not_sent()
    {
        var pair = new Pair().Started();

        Assert.Throws<ArgumentException>(() => pair.Peer.Show(new Show(0, ShowKind.No, "", 6) { Code = "Training Missing" }));
        Assert.Throws<ArgumentException>(() => pair.Peer.Configure(Messages.Config.Default));
        Assert.Throws<ArgumentException>(() => pair.Lease(session: "a session"));
        Assert.Throws<ArgumentOutOfRangeException>(() => pair.Lease(ttl: Limits.LeaseMinMs - 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => pair.Lease(channel: Limits.Relays));
    }

    [Fact]
    public void The_gateway_restarts_with_the_machine_running_and_takes_the_session_over()
    {
        var pair = new Pair().Started();
        pair.Lease(ttl: 60_000);
        pair.Pass(5_000);

        pair.GatewayRestart();
        pair.Pass(25_000);
        pair.Peer_(pair.Peer.AskBirth(pair.Now));

        var birth = pair.Last<PeerOutput.Online>();
        Assert.Equal((false, "s1"), (birth.NewBoot, birth.Birth.Closed.Single().Session));
        pair.Lease(ttl: 60_000, start: false);
        pair.Pass(50_000);
        Assert.True(pair.Relay[0]);
        Assert.Single(pair.Memory.Journal.Records.Concat(pair.Recorded).OfType<OnRecord>());
    }

    [Fact]
    public void A_power_cut_in_mid_use_is_told_with_what_is_known_and_what_is_not()
    {
        var pair = new Pair().Started();
        pair.Config(new ChannelConfig(LostLink.Finish, 43_200, 15_000, 60, OfflineUse.Deny, 0, 0));
        pair.Lease(ttl: 600_000);
        var on = pair.Up;
        pair.Pass(150_000);

        pair.PowerCut();
        pair.Started();

        var boot = pair.Recorded.OfType<BootRecord>().Last();
        Assert.Equal((1u, 1), (boot.LastBoot, boot.On));
        Assert.InRange(boot.LastUp, on + 90_000, on + 150_000);
        Assert.False(pair.Relay[0]);
        Assert.True(pair.Last<PeerOutput.Online>().NewBoot);
    }

    [Fact]
    public void A_difference_makes_of_any_list_any_other() =>
        Prop.ForAll(Lists.ToArbitrary(), Lists.ToArbitrary(), (before, after) =>
        {
            var list = new OfflineList();
            foreach (var part in ListParts.Full(1, 1, 100, before))
                Assert.Equal(ReplyCode.Ok, list.Take(part, out _));
            var parts = ListParts.Difference(1, before, 2, 1, 200, after);
            foreach (var part in parts)
            {
                Assert.True(MessageReader.Read(TopicKind.List, part.ToJson()).IsOk);
                Assert.Equal(ReplyCode.Ok, list.Take(part, out _));
            }

            Assert.Equal((2u, 200u), (list.Version, list.At));
            Assert.Equal(after.OrderBy(entry => entry.Hash), list.Entries.OrderBy(entry => entry.Hash));
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(100));

    // Few different hashes, so that the two lists overlap.
    private static Gen<ListEntry[]> Lists =>
        (from entries in (from number in Gen.Choose(0, 60)
                          from expires in Gen.Choose(0, 2)
                          from rights in Gen.Choose(1, 15)
                          select new ListEntry(number.ToString("x32", System.Globalization.CultureInfo.InvariantCulture), (uint)expires, (byte)rights)).ArrayOf()
         select entries.DistinctBy(entry => entry.Hash).ToArray()).Resize(80);
}
