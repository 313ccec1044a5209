using System.Text;
using FabLab.Protocol;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Serial;

namespace FabLab.Host.Conformance;

/// <content>The serial line.</content>
internal static partial class Checks
{
    private static void Put(Talk talk, FrameType type, ushort seq, byte[] payload) => talk.Bench.Raw(new Frame(type, seq, payload).ToBytes());

    // Acknowledges what must be, until the frame looked for has come.
    private static async Task<Heard> FrameAsync(Talk talk, Func<Heard, bool> that, string what, int within = 2_000, bool acknowledges = true)
    {
        var until = talk.Bench.Now + within;
        while (await talk.Bench.NextAsync(until, talk.Cancellation) is { } heard)
        {
            if (heard.Kind != HeardKind.Frame)
                continue;
            if (acknowledges && heard.Frame.Type is not ((byte)FrameType.Ack or (byte)FrameType.Meter))
                Put(talk, FrameType.Ack, heard.Frame.Seq, []);
            if (that(heard))
                return heard;
        }
        throw new CheckFailedException($"There was no {what} within {within / 1000.0:0.#} s.");
    }

    private static async Task NoFrameAsync(Talk talk, Func<Heard, bool> that, string what, int during)
    {
        try
        {
            await FrameAsync(talk, that, what, during);
        }
        catch (CheckFailedException)
        {
            return;
        }
        throw new CheckFailedException($"There was a {what}.");
    }

    private static bool Is(Heard heard, FrameType type) => heard.Frame.Type == (byte)type;

    private static async Task JoinAsync(Talk talk)
    {
        talk.Bench.Bare = true;
        Put(talk, FrameType.Hello, 1, []);
        var hello = await FrameAsync(talk, heard => Is(heard, FrameType.Hello), "hello after it was asked who is there");
        Talk.Equal(talk.Device, Encoding.ASCII.GetString(hello.Payload), "the name in the hello");
        await FrameAsync(talk, heard => Is(heard, FrameType.State), "birth after the hello was acknowledged");
    }

    private static async Task HelloAsync(Talk talk)
    {
        await JoinAsync(talk);
        // Again, with numbers that begin again too.
        await JoinAsync(talk);
    }

    private static byte[] Time(Talk talk, string challenge) =>
        talk.Sealed(TopicKind.Command, new TimeMessage(talk.Bench.Utc, challenge, 0).ToJson());

    private static Func<Heard, bool> Answer(string challenge) =>
        heard => Is(heard, FrameType.Reply) && Encoding.UTF8.GetString(heard.Payload).Contains(challenge, StringComparison.Ordinal);

    private static async Task FramesAreAcknowledgedAsync(Talk talk)
    {
        await JoinAsync(talk);
        Put(talk, FrameType.Command, 700, Time(talk, "line-0091"));
        await FrameAsync(talk, heard => Is(heard, FrameType.Ack) && heard.Frame.Seq == 700, "acknowledgement of frame 700");
        await FrameAsync(talk, Answer("line-0091"), "answer to time in frame 700");
        // A claim is not sealed, so only the number of the frame says that it came before.
        var claim = Encoding.ASCII.GetBytes("{}");
        Put(talk, FrameType.Claim, 701, claim);
        await FrameAsync(talk, heard => Is(heard, FrameType.Claimed), "answer to the claim in frame 701");
        Put(talk, FrameType.Claim, 701, claim);
        await FrameAsync(talk, heard => Is(heard, FrameType.Ack) && heard.Frame.Seq == 701, "acknowledgement of a frame that came twice");
        await NoFrameAsync(talk, heard => Is(heard, FrameType.Claimed), "second answer to a frame that came twice", 700);
        Put(talk, FrameType.Claim, 702, claim);
        await FrameAsync(talk, heard => Is(heard, FrameType.Claimed), "answer to the next frame");
    }

    private static async Task GarbageIsDroppedAsync(Talk talk)
    {
        await JoinAsync(talk);
        var number = (ushort)800;
        var good = Time(talk, "line-none");
        foreach (var (what, bytes) in new (string, byte[])[]
        {
            ("noise", [0x55, 0xAA, 0xFF, 0x01, 0x7E, 0x00]),
            ("zeros", [0, 0, 0, 0, 0, 0]),
            ("a frame with a wrong check sum", SerialSide.Coded(1, (byte)FrameType.Command, 900, good, bend: 1)),
            ("a frame of version 2", SerialSide.Coded(2, (byte)FrameType.Command, 900, good)),
            ("a frame of type 50", SerialSide.Coded(1, 0x50, 900, good)),
            ("a frame that is cut off", [.. SerialSide.Coded(1, (byte)FrameType.Command, 900, good)[..40], 0]),
            ("a frame of 3 bytes", [0x04, 0x01, 0x20, 0x03, 0]),
            ("a frame that begins in another", [.. SerialSide.Coded(1, (byte)FrameType.Command, 900, good)[..60]]),
        })
        {
            talk.Bench.Raw(bytes);
            await NoFrameAsync(talk, heard => Is(heard, FrameType.Ack) && heard.Frame.Seq == 900, $"acknowledgement of {what}", 120);
            // What is cut off has no end yet: the zero before a good frame gives it one.
            talk.Bench.Raw([0]);
            var challenge = $"line-{++number}";
            Put(talk, FrameType.Command, number, Time(talk, challenge));
            await FrameAsync(talk, Answer(challenge), $"answer to a good frame after {what}");
        }
        foreach (var one in new Frame(FrameType.Command, ++number, Time(talk, "line-pieces")).ToBytes())
            talk.Bench.Raw([one]);
        await FrameAsync(talk, Answer("line-pieces"), "answer to a frame that came byte by byte");
        byte[] glued = [.. new Frame(FrameType.Command, ++number, Time(talk, "line-glued1")).ToBytes(), .. new Frame(FrameType.Command, ++number, Time(talk, "line-glued2")).ToBytes()];
        talk.Bench.Raw(glued);
        await FrameAsync(talk, Answer("line-glued1"), "answer to the first of two frames in one piece");
        await FrameAsync(talk, Answer("line-glued2"), "answer to the second of two frames in one piece");
    }

    private static async Task EndlessBytesAsync(Talk talk)
    {
        await JoinAsync(talk);
        for (var i = 0; i < 20; i++)
            talk.Bench.Raw([.. Enumerable.Repeat((byte)0x41, 250)]);
        // Good bytes within it are still part of it: no zero stands before them.
        talk.Bench.Raw(new Frame(FrameType.Command, 950, Time(talk, "line-within")).ToBytes());
        await NoFrameAsync(talk, heard => Is(heard, FrameType.Ack) && heard.Frame.Seq == 950, "acknowledgement of a frame at the end of endless bytes", 200);
        Put(talk, FrameType.Command, 951, Time(talk, "line-after"));
        await FrameAsync(talk, Answer("line-after"), "answer to a good frame after endless bytes");
    }

    private static async Task RepeatedFiveTimesAsync(Talk talk)
    {
        await JoinAsync(talk);
        await NoFrameAsync(talk, heard => Is(heard, FrameType.Hello), "hello though it was acknowledged", 300);
        Put(talk, FrameType.Command, 960, Time(talk, "line-0094"));
        var times = new List<(long At, ushort Seq, string Text)>();
        while (true)
        {
            var heard = await FrameAsync(talk, h => Is(h, FrameType.Reply) || Is(h, FrameType.Hello) || Is(h, FrameType.State), "hello after five transmissions", 3_000, acknowledges: false);
            if (Is(heard, FrameType.Hello))
                break;
            times.Add((heard.At, heard.Frame.Seq, Convert.ToHexString(heard.Payload)));
        }
        Talk.Equal(5, times.Count, "the number of transmissions of a frame that nobody acknowledged");
        if (times.Any(time => time.Seq != times[0].Seq || time.Text != times[0].Text))
            throw new CheckFailedException("A repeated frame is not the same bytes again.");
        for (var i = 1; i < times.Count; i++)
            Talk.Within(150, 450, times[i].At - times[i - 1].At, "the wait between two transmissions, ms,");
        await FrameAsync(talk, heard => Is(heard, FrameType.Hello), "hello");
        await FrameAsync(talk, heard => Is(heard, FrameType.State), "birth after the line began again");
    }

    private static async Task<Claimed> ClaimAsync(Talk talk, byte[] json)
    {
        talk.Bench.Claim(json);
        var heard = await talk.HeardAsync(h => h.Kind == HeardKind.Claimed, "answer to a claim");
        return MessageReader.ReadClaimed(heard.Payload).TryGet(out var claimed, out var fault) ? claimed : throw new CheckFailedException($"The answer to a claim cannot be read ({fault}).");
    }

    private static byte[] OtherClaim() => new Claim(Protocol.DeviceId.Parse("conformance"), 9, DeviceKey.Create()).ToJson();

    private static async Task ClaimIsHeldAsync(Talk talk)
    {
        var claimed = await ClaimAsync(talk, OtherClaim());
        Talk.Equal(("held", (string?)null), (claimed.Code, claimed.Proof), "code and proof of the answer to a claim");
        Talk.Equal((talk.Birth!.Firmware, talk.Birth.Hardware), (claimed.Firmware, claimed.Hardware), "firmware and hardware in the answer to a claim");
        var boot = talk.Boot;
        Talk.Equal(boot, (await talk.RebirthAsync()).Boot, "the boot number after a claim that was refused");
    }

    private static async Task BadClaimAsync(Talk talk)
    {
        foreach (var json in new[] { "{}", """{"m":"claim","dev":"X","kid":1,"k":"AAAA"}""", "claim" })
            Talk.Equal("bad", (await ClaimAsync(talk, Encoding.UTF8.GetBytes(json))).Code, $"the answer to the claim {json}");
    }

    private static async Task ClaimAsCommandAsync(Talk talk)
    {
        talk.Mark();
        var claim = OtherClaim();
        talk.Bench.Send(TopicKind.Command, claim);
        var count = talk.Send(TopicKind.Command, claim);
        var reply = await talk.ExpectAsync<Reply>(null, "an answer to a sealed claim among the commands");
        Talk.Equal(("unknown", (uint?)count), (reply.Code, reply.N), "the answer to a sealed claim among the commands");
        Talk.Equal(talk.Boot, (await talk.RebirthAsync()).Boot, "the boot number after a claim among the commands");
    }
}
