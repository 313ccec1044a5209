using System.Text;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Node;
using FabLab.Protocol.Peer;
using FabLab.Protocol.Serial;
using FsCheck;
using FsCheck.Fluent;

namespace FabLab.Protocol.Tests;

/// <summary>Bytes from anywhere: nothing throws, nothing grows, and what was written is read back.</summary>
public sealed class FuzzTests
{
    private static readonly TopicKind[] Kinds = Enum.GetValues<TopicKind>();
    private static readonly byte[] OneMegabyte = new byte[1_000_000];

    private static readonly FsCheck.Config Cases = FsCheck.Config.QuickThrowOnFailure.WithMaxTest(500);

    // Up to twice the longest message: below the limit, at it and beyond.
    private static Arbitrary<byte[]> Bytes => ArbMap.Default.GeneratorFor<byte>().ArrayOf().Resize(2 * Limits.MessageBytes).ToArbitrary();

    private static IReadOnlyList<(TopicKind Kind, byte[] Json)> Samples { get; } =
        [.. Vectors.Of("messages.json").Where(vector => vector["ok"] is not null && vector.Text("topic") is not ("claim" or "claimed"))
            .Select(vector => (Vectors.Kind(vector.Text("topic")), Encoding.UTF8.GetBytes(vector.Text("json"))))];

    [Fact]
    public void No_bytes_make_a_reader_throw() => Check(Bytes, bytes =>
    {
        foreach (var kind in Kinds)
        {
            _ = MessageReader.Read(kind, bytes);
            _ = Envelope.Open(bytes, kind, Vectors.Keys);
        }

        _ = MessageReader.ReadClaim(bytes);
        _ = MessageReader.ReadClaimed(bytes);
        _ = MessageReader.TryRecordKey(bytes, out _, out _);
        _ = NodeMemory.FromJson(bytes);
        _ = Frame.Read(bytes);
        var text = Encoding.Latin1.GetString(bytes);
        _ = Tag.IsCanonical(text);
        _ = Topics.TryParse(text, out _, out _);
        _ = DeviceId.TryParse(text, out _);
        _ = DeviceKey.TryParse(text, out _);
    });

    [Fact]
    public void A_message_with_a_byte_changed_taken_out_or_put_in_is_read_or_refused() =>
        Check(Mutations(Samples.Select(sample => sample.Json).ToList()), bytes =>
        {
            foreach (var kind in Kinds)
            {
                var read = MessageReader.Read(kind, bytes);
                // What is read can be written and read again, within the limits.
                if (read.IsOk)
                    Assert.Equal(read.Value.ToJson(), MessageReader.Read(kind, read.Value.ToJson()).Value.ToJson());
            }
        });

    [Fact]
    public void No_genuine_message_makes_a_device_throw_or_close_a_relay_without_a_lease() =>
        Check(Mutations([.. Samples.Where(sample => Topics.DirectionOf(sample.Kind) == Direction.Down).Select(sample => sample.Json)]), bytes =>
        {
            var memory = new NodeMemory(new Claim(Pair.Device, 1, Pair.Key));
            var node = new NodeCore(Pair.Profile, memory);
            node.Start(0, BootWhy.Power);
            node.LinkUp(10);
            uint n = 0;
            foreach (var kind in Kinds.Where(kind => Topics.DirectionOf(kind) == Direction.Down && bytes.Length <= Limits.JsonBytes))
            {
                var said = node.Received(20, kind, kind == TopicKind.Gateway ? bytes : Envelope.Seal(bytes, kind, memory.Keys, new Counter(1, ++n)));
                if (said.Any(output => output is NodeOutput.Relay { Closed: true }))
                    Assert.True(MessageReader.Read(kind, bytes).Value is Lease { Start: true, TtlMs: > 0 });
            }

            node.Tick(100);
        });

    [Fact]
    public void No_genuine_message_makes_the_gateway_s_side_throw_or_record_what_it_cannot_read() =>
        Check(Mutations([.. Samples.Where(sample => Topics.DirectionOf(sample.Kind) == Direction.Up).Select(sample => sample.Json)]), bytes =>
        {
            var peer = new NodePeer(Vectors.Keys, new PeerMemory());
            uint n = 0;
            foreach (var kind in Kinds.Where(kind => Topics.DirectionOf(kind) == Direction.Up && bytes.Length <= Limits.JsonBytes))
            {
                var said = peer.Received(new PeerTime(1, 1_790_000_000_000), kind, Envelope.Seal(bytes, kind, Vectors.Keys, new Counter(412, ++n)));
                Assert.All(said.OfType<PeerOutput.Recorded>(), recorded => Assert.True(MessageReader.Read(kind, bytes).Value is JournalRecord && !recorded.Live));
            }

            peer.Tick(new PeerTime(100_000, 1_790_000_100_000));
        });

    [Fact]
    public void A_sealed_message_with_any_byte_changed_is_refused()
    {
        var message = Vectors.Of("envelopes.json").Single(vector => vector.Text("id") == "seal.code/1").Hex();

        for (var i = 0; i < message.Length; i++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var changed = (byte[])message.Clone();
                changed[i] ^= (byte)(1 << bit);
                Assert.False(Envelope.Open(changed, TopicKind.Event, Vectors.Keys).IsOk);
            }
        }
    }

    [Fact]
    public void Any_bytes_survive_the_coding_of_the_serial_line() => Check(Bytes, bytes =>
    {
        var encoded = Cobs.Encode(bytes);
        var decoded = new byte[encoded.Length];

        Assert.DoesNotContain((byte)0, encoded);
        Assert.True(encoded.Length <= bytes.Length + (bytes.Length / 254) + 1);
        Assert.True(Cobs.TryDecode(encoded, decoded, out var length));
        Assert.Equal(bytes, decoded[..length]);
    });

    [Fact]
    public void Any_payload_survives_a_line_that_delivers_in_pieces_and_between_noise() => Check(Bytes, bytes =>
    {
        var payload = bytes.Length > Limits.MessageBytes ? bytes[..Limits.MessageBytes] : bytes;
        var frame = new Frame(FrameType.Event, 7, payload).ToBytes();
        var random = new Random(bytes.Length);
        byte[] noise = [.. bytes.Reverse(), 0];
        var decoder = new FrameDecoder();
        var found = new List<Outcome<Frame>>();

        byte[] line = [.. noise, .. frame, .. noise, .. frame];
        for (var at = 0; at < line.Length;)
        {
            var piece = Math.Min(random.Next(1, 40), line.Length - at);
            decoder.Take(line.AsSpan(at, piece), found.Add);
            at += piece;
        }

        var good = found.Where(outcome => outcome.IsOk && outcome.Value.Seq == 7 && outcome.Value.Payload.Span.SequenceEqual(payload));
        Assert.Equal(2, good.Count());
    });

    [Fact]
    public void A_payload_of_a_megabyte_is_refused_without_memory_for_it()
    {
        var peer = new NodePeer(Vectors.Keys, new PeerMemory());
        var node = new NodeCore(Pair.Profile, new NodeMemory(new Claim(Pair.Device, 1, Pair.Key)));
        var decoder = new FrameDecoder();
        OneMegabyte.AsSpan().Fill((byte)'7');
        var faults = new List<Fault>();

        void All()
        {
            faults.Clear();
            foreach (var kind in Kinds)
            {
                faults.Add(MessageReader.Read(kind, OneMegabyte).Fault);
                faults.Add(Envelope.Open(OneMegabyte, kind, Vectors.Keys).Fault);
            }

            faults.Add(MessageReader.ReadClaim(OneMegabyte).Fault);
            faults.AddRange(peer.Received(default, TopicKind.Event, OneMegabyte).OfType<PeerOutput.Refused>().Select(refused => refused.Fault));
            faults.AddRange(node.Received(0, TopicKind.Command, OneMegabyte).OfType<NodeOutput.Refused>().Select(refused => refused.Fault));
            decoder.Take(OneMegabyte, outcome => faults.Add(outcome.Fault));
            decoder.Take([0], outcome => faults.Add(outcome.Fault));
        }

        All();
        var before = GC.GetAllocatedBytesForCurrentThread();
        All();

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 64 * 1024);
        Assert.All(faults, fault => Assert.Equal(FaultReason.TooLong, fault.Reason));
        Assert.Equal((2 * Kinds.Length) + 4, faults.Count);
    }

    private static Arbitrary<byte[]> Mutations(IReadOnlyList<byte[]> samples) =>
        (from sample in Gen.Elements(samples.AsEnumerable())
         from place in Gen.Choose(0, sample.Length - 1)
         from value in ArbMap.Default.GeneratorFor<byte>()
         from how in Gen.Choose(0, 3)
         select how switch
         {
             0 => [.. sample[..place], value, .. sample[(place + 1)..]],
             1 => [.. sample[..place], .. sample[(place + 1)..]],
             2 => [.. sample[..place], value, .. sample[place..]],
             // A digit for a digit keeps it JSON and tries the limits.
             _ => sample.Select((b, i) => b is >= (byte)'0' and <= (byte)'9' && i >= place && i < place + 3 ? (byte)('0' + (value % 10)) : b).ToArray(),
         }).ToArbitrary();

    // FsCheck says the seed and the smallest bytes that fail.
    private static void Check(Arbitrary<byte[]> bytes, Action<byte[]> property) => Prop.ForAll(bytes, property).Check(Cases);
}
