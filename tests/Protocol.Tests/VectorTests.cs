using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Serial;

namespace FabLab.Protocol.Tests;

public sealed class VectorTests
{
    [Fact]
    public void Keys_and_hashes_are_those_of_the_document() => Vectors.Each("keys.json", vector =>
    {
        var device = DeviceId.Parse((string?)vector["device"] ?? "las-1");
        var keys = Pair.Key.Derive(device, 1);
        switch (vector.Text("label"))
        {
            case "up":
                Assert.Equal(vector.Text("hex"), Convert.ToHexStringLower(keys.For(Direction.Up)));
                break;
            case "dn":
                Assert.Equal(vector.Text("hex"), Convert.ToHexStringLower(keys.For(Direction.Down)));
                break;
            case "mqtt":
                Assert.Equal(vector.Text("text"), keys.MqttPassword);
                break;
            case "proof":
                Assert.Equal(vector.Text("text"), Claimed.ProofOf(keys));
                break;
            case "tag":
                Assert.Equal(vector.Text("hex"), Convert.ToHexStringLower(Pair.Tags.Hash(vector.Text("tag"))));
                break;
            default:
                var entry = ListEntry.For(Pair.Tags, vector.Text("tag"), (uint)vector["exp"]!, (byte)vector["rights"]!);
                var chunk = new ListChunk(1, 0, 0, 1, 1, 1, 1, [entry]);
                var packed = (string)JsonNode.Parse(chunk.ToJson())!["e"]!;
                Assert.Equal(vector.Text("hex"), Convert.ToHexStringLower(Base64Url.DecodeFromChars(packed)));
                break;
        }
    });

    [Fact]
    public void Tags_are_canonical_or_not_as_listed() => Vectors.Each("tags.json", vector =>
    {
        Assert.Equal((bool)vector["ok"]!, Tag.IsCanonical(vector.Text("tag")));
        if (vector["texts"] is { } texts)
            Assert.Equal(texts.AsArray().Select(text => (string)text!), Tag.ListTexts(vector.Text("tag")));
    });

    [Fact]
    public void Topics_are_what_the_table_says() => Vectors.Each("topics.json", vector =>
    {
        var known = Topics.TryParse(vector.Text("topic"), out var device, out var kind);
        Assert.Equal(vector["kind"] is not null, known);
        if (!known)
            return;
        Assert.Equal(Vectors.Kind(vector.Text("kind")), kind);
        Assert.Equal(vector.Text("device"), device.Value);
        Assert.Equal(vector.Text("topic"), Topics.Of(device, kind));
        Assert.Equal((int)vector["qos"]!, Topics.QosOf(kind));
        Assert.Equal((bool)vector["retain"]!, Topics.RetainOf(kind));
    });

    [Fact]
    public void Envelopes_open_or_are_refused_for_the_reason_given() => Vectors.Each("envelopes.json", vector =>
    {
        var kind = Vectors.Kind(vector.Text("topic"));
        var bytes = vector.Hex();

        var opened = Envelope.Open(bytes, kind, Vectors.Keys);

        Assert.Equal((string?)vector["fault"] ?? "None", opened.Fault.Reason.ToString());
        if (!opened.IsOk)
            return;
        var counter = new Counter((uint)vector["boot"]!, (uint)vector["n"]!);
        Assert.Equal(counter, opened.Value.Counter);
        Assert.Equal(vector.Text("json"), Encoding.UTF8.GetString(opened.Value.Json.Span));
        Assert.Equal(bytes, Envelope.Seal(opened.Value.Json.Span, kind, Vectors.Keys, counter));
    });

    [Fact]
    public void Messages_are_read_and_written_as_listed() => Vectors.Each("messages.json", vector =>
    {
        var json = Encoding.UTF8.GetBytes(vector.Text("json"));
        var (fault, written, message) = ReadAndWrite(vector.Text("topic"), json);

        Assert.Equal((string?)vector["fault"] ?? "None", fault.Reason.ToString());
        Assert.Equal((string?)vector["field"], fault.Field);
        if (written is null)
            return;
        if (vector["rewritten"] is null)
            Assert.Equal(vector.Text("json"), Encoding.UTF8.GetString(written));
        if (vector["entries"] is { } entries)
        {
            Assert.Equal(
                entries.AsArray().Select(entry => ListEntry.For(Pair.Tags, (string)entry!["tag"]!, (uint)entry["exp"]!, (byte)entry["rights"]!)),
                ((ListChunk)message!).Entries);
        }
    });

    private static (Fault Fault, byte[]? Written, object? Message) ReadAndWrite(string topic, byte[] json)
    {
        switch (topic)
        {
            case "claim":
                var claim = MessageReader.ReadClaim(json);
                return (claim.Fault, claim.IsOk ? claim.Value.ToJson() : null, null);
            case "claimed":
                var claimed = MessageReader.ReadClaimed(json);
                return (claimed.Fault, claimed.IsOk ? claimed.Value.ToJson() : null, null);
            default:
                var read = MessageReader.Read(Vectors.Kind(topic), json);
                return (read.Fault, read.IsOk ? read.Value.ToJson() : null, read.IsOk ? read.Value : null);
        }
    }

    [Fact]
    public void Frames_are_found_whole_and_cut_at_every_place() => Vectors.Each("frames.json", vector =>
    {
        var bytes = vector.Hex();
        var wanted = vector["found"]!.AsArray().Select(Said).ToList();

        Assert.Equal(wanted, Decode(bytes));
        Assert.Equal(wanted, Decode([.. bytes.Select(b => new[] { b })]));
        for (var cut = 1; cut < bytes.Length; cut++)
            Assert.Equal(wanted, Decode(bytes[..cut], bytes[cut..]));
        if (vector["topic"] is { } topic)
        {
            Assert.True(Frame.TryTopic((FrameType)bytes[2], out var kind));
            Assert.Equal((Vectors.Kind((string)topic!), (FrameType)bytes[2]), (kind, Frame.TypeOf(kind)));
        }

        if (vector["acknowledged"] is { } acknowledged)
            Assert.Equal((bool)acknowledged, new Frame((FrameType)bytes[2], 1, default).IsAcknowledged);
    });

    [Fact]
    public void Frames_are_written_as_listed() => Vectors.Each("frames.json", vector =>
    {
        var found = vector["found"]!.AsArray();
        if (found.Count != 1 || found[0]!["type"] is not { } type)
            return;
        var frame = new Frame((FrameType)Convert.ToByte((string)type!, 16), (ushort)found[0]!["seq"]!, Convert.FromHexString((string)found[0]!["payload"]!));
        Assert.EndsWith(Convert.ToHexStringLower(frame.ToBytes()), vector.Text("hex"), StringComparison.Ordinal);
    });

    [Fact]
    public void Every_frame_survives_garbage_before_it_and_a_truncated_frame_before_it() => Vectors.Each("frames.json", vector =>
    {
        var wanted = vector["found"]!.AsArray().Select(Said).ToList();
        byte[] garbage = [0x55, 0xAA, 0x01, 0xFF, 0x00];
        byte[] truncated = [.. new Frame(FrameType.Event, 3, new byte[100]).ToBytes()[..50], 0x00];

        foreach (var before in new[] { garbage, truncated })
            Assert.Equal(wanted, Decode([.. before, .. vector.Hex()]).Skip(1));
    });

    private static string Said(JsonNode? found) =>
        found!["fault"] is { } fault ? (string)fault! : $"{found["type"]} {found["seq"]} {found["payload"]}";

    private static List<string> Decode(params byte[][] portions)
    {
        var decoder = new FrameDecoder();
        var found = new List<string>();
        foreach (var portion in portions)
        {
            decoder.Take(portion, outcome => found.Add(outcome.TryGet(out var frame, out var fault)
                ? $"{(byte)frame.Type:x2} {frame.Seq} {Convert.ToHexStringLower(frame.Payload.Span)}"
                : fault.Reason.ToString()));
        }

        return found;
    }
}
