using System.Globalization;
using System.Text;
using FabLab.Protocol;
using FabLab.Protocol.Messages;

namespace FabLab.Host.Conformance;

/// <content>Link, envelope, JSON.</content>
internal static partial class Checks
{
    private static async Task BirthComesFirstAsync(Talk talk)
    {
        // A reading on its way while the connection ends is no fault.
        await talk.ConfigureAsync(c => c with { MeterSeconds = 0 });
        var before = talk.Birth!;
        talk.Mark();
        talk.Reconnects();
        await talk.Bench.DropAsync(talk.Cancellation);
        var birth = await talk.ExpectAsync<Birth>(null, "a birth after a new connection", 15_000);
        Talk.Equal(before.Boot, birth.Boot, "the boot number after a mere reconnect");
        if (birth.Connection <= before.Connection)
            throw new CheckFailedException($"The connect number bd is {birth.Connection} after {before.Connection}.");
        if (birth.Up < before.Up)
            throw new CheckFailedException($"The uptime went back from {before.Up} to {birth.Up} within a boot.");
        if (birth.Closed.Count > 0)
            throw new CheckFailedException("A relay is closed after a reconnect that was open before.");
    }

    private static async Task WillIsGivenAsync(Talk talk)
    {
        var connection = talk.Birth!.Connection;
        talk.Mark();
        await talk.Bench.DropAsync(talk.Cancellation);
        var (word, will) = await talk.WordAsync<Will>(null, "a will after the connection died", 15_000);
        Talk.Equal(connection, will.Connection, "the connect number of the will");
        Talk.Equal(talk.Boot, word.Counter.Boot, "the boot number in the will's counter");
        await talk.ExpectAsync<Birth>(birth => birth.Connection > connection, "a birth after the will", 15_000);
    }

    private static async Task RebirthSendsAllAsync(Talk talk)
    {
        talk.Acknowledges = false;
        await talk.CodeAsync("ok", "c3", 5_000, start: true);
        await talk.CodeAsync("ok", "c3", 0, start: false);
        var on = await talk.ExpectAsync<OnRecord>(record => record.Session == "c3", "a record on");
        talk.Mark();
        talk.Send(new Rebirth());
        var birth = await talk.ExpectAsync<Birth>(null, "a birth after rebirth");
        Talk.Equal(on.Seq, birth.Journal.First, "jr.first");
        await talk.ExpectAsync<OnRecord>(record => record.Seq == on.Seq, "the oldest record after rebirth");
        await talk.ExpectAsync<OffRecord>(record => record.Session == "c3", "the record off after rebirth");
        var order = talk.Words.Where(word => word.Message is Birth or JournalRecord).Select(word => word.Message).ToList();
        if (order[0] is not Birth || !order.OfType<JournalRecord>().Select(record => record.Seq).SequenceEqual(order.OfType<JournalRecord>().Select(record => record.Seq).Order()))
            throw new CheckFailedException("After rebirth the birth and the records come in another order.");
    }

    private static async Task TimeIsAnsweredAsync(Talk talk)
    {
        var (first, up) = await AskAsync();
        await talk.WaitAsync(1_000);
        var (second, later) = await AskAsync();
        // The device read its clock somewhere on the way of each message, which nobody knows better than the round trip.
        Talk.Within(second - first - 250, second - first + 250, later - up, "the uptime that went by between two answers");

        async Task<(long At, long Up)> AskAsync()
        {
            talk.Mark();
            var challenge = talk.SendTime();
            var (word, reply) = await talk.WordAsync<Reply>(r => r.To == "time", "an answer to time", 1_000);
            Talk.Equal(challenge, reply.Challenge, "the challenge returned");
            Talk.Equal("ok", reply.Code, "the code of the answer to time");
            return (word.At, reply.Up);
        }
    }

    private static async Task FalseSealsDoNothingAsync(Talk talk)
    {
        byte[] Start(string session) => new Lease(0, session, talk.NextLease(), 5_000, talk.Up, true).ToJson();
        void False(string session, Sealing how) => talk.Send(TopicKind.Command, Start(session), how);

        talk.Mark();
        False("c5a", new() { Bend = bytes => Change(bytes, bytes.Length - 1, b => b == (byte)'A' ? (byte)'B' : (byte)'A') });
        False("c5b", new() { Bend = bytes => Change(bytes, 20, b => (byte)(b ^ 1)) });
        False("c5c", new() { For = TopicKind.Ack });
        False("c5d", new() { For = TopicKind.Reply });
        False("c5e", new() { Bend = bytes => Change(bytes, bytes.Length - 41, b => b == (byte)'9' ? (byte)'8' : (byte)'9') });
        False("c5f", new() { Bend = bytes => bytes[..^1] });
        False("c5g", new() { Bend = bytes => bytes[..^Limits.TrailerBytes] });
        False("c5h", new() { Bend = bytes => [.. bytes, (byte)'\n'] });
        await talk.AbsentAsync<JournalRecord>(record => record is OnRecord, "a record on after messages that are not genuine", 500);
        if (talk.CountOf<Reply>(reply => reply.To is "lease" or "cmd") > 0)
            throw new CheckFailedException("A message that is not genuine was answered.");
        await talk.IsOpenAsync("after messages that are not genuine");
        await talk.CodeAsync("ok", "c5z", 3_000, start: true);
    }

    private static async Task ReplayDoesNothingAsync(Talk talk)
    {
        var lease = talk.Sealed(TopicKind.Command, new Lease(0, "c6", talk.NextLease(), 8_000, talk.Up, true).ToJson());
        talk.Mark();
        talk.Bench.Send(TopicKind.Command, lease);
        await talk.ExpectAsync<Reply>(reply => reply is { To: "lease", Code: "ok" }, "an answer to the start");
        await talk.CodeAsync("ok", "none", 0, start: false);
        // A session that ended would be refused anyway: another one in between leaves the counter alone to refuse it.
        await talk.CodeAsync("ok", "c6b", 3_000, start: true);
        await talk.CodeAsync("ok", "none", 0, start: false);
        await talk.CalmAsync(births: false);
        var highest = talk.Count;
        talk.Mark();
        for (var i = 0; i < 3; i++)
            talk.Bench.Send(TopicKind.Command, lease);
        var ask = await talk.ExpectAsync<Ask>(a => a.What == AskFor.Counter, "the question ctr after an old count");
        Talk.Equal(highest, ask.N ?? 0, "the highest count accepted");
        await talk.AbsentAsync<UpMessage>(m => m is OnRecord or Reply { To: "lease" } or Ask, "an effect, or a second question within 5 s, of a message that came before", 700);
        await talk.IsOpenAsync("after a start that was sent again");
        var last = talk.Sealed(TopicKind.Command, new Lease(0, "c6c", talk.NextLease(), 3_000, talk.Up, true).ToJson());
        talk.Mark();
        talk.Bench.Send(TopicKind.Command, last);
        talk.Bench.Send(TopicKind.Command, last);
        await talk.ExpectAsync<Reply>(reply => reply.To == "lease", "an answer to the start");
        await talk.AbsentAsync<Reply>(reply => reply.To == "lease", "a second answer to the same message", 400);
    }

    private static async Task OtherBootDoesNothingAsync(Talk talk)
    {
        await talk.CalmAsync(births: true);
        talk.Mark();
        foreach (var boot in new[] { talk.Boot + 1, talk.Boot - 1, talk.Boot + 1000 })
            talk.Send(TopicKind.Command, new Lease(0, "c7", talk.NextLease(), 3_000, talk.Up, true).ToJson(), new() { Counter = new Counter(boot, talk.Count + 50) });
        await talk.ExpectAsync<Birth>(null, "a birth after a message for another boot");
        await talk.AbsentAsync<UpMessage>(m => m is OnRecord or Birth or Reply { To: "lease" }, "an effect, or a second birth within 5 s, of a message for another boot", 700);
        await talk.IsOpenAsync("after starts for another boot");
    }

    private static async Task RetainedDoesNothingAsync(Talk talk)
    {
        talk.Mark();
        // A device waits 1 s before it comes back: what is put into the broker meanwhile comes to it out of the broker's memory.
        await talk.Bench.DropAsync(talk.Cancellation);
        talk.Bench.Retain(TopicKind.Command, talk.Sealed(TopicKind.Command, new Lease(0, "c8", talk.NextLease(), 30_000, talk.Up, true).ToJson(), new() { Counter = new Counter(talk.Boot, talk.Count + 100) }));
        try
        {
            await talk.ExpectAsync<Birth>(null, "a birth after a new connection", 15_000);
            await talk.AbsentAsync<UpMessage>(m => m is OnRecord or Reply { To: "lease" }, "an effect of a message out of the broker's memory", 700);
        }
        finally
        {
            talk.Bench.Retain(TopicKind.Command, []);
        }
        await talk.IsOpenAsync("after a start out of the broker's memory");
    }

    private static async Task LenientWhereItMustAsync(Talk talk)
    {
        talk.Mark();
        var n = talk.NextLease();
        talk.Send(TopicKind.Command, Fill("""{"zz":[1,{"a":null}],"s":true,"at":@at,"ttl":3000,"n":@n,"sid":"c9","ch":0,"m":"lease","später":"\u00e9"}""", talk, n));
        Talk.Equal("ok", (await talk.ExpectAsync<Reply>(r => r.To == "lease" && r.N == n, "an answer to a lease with unknown fields")).Code, "the answer to a lease with unknown fields");
        var second = talk.NextLease();
        talk.Send(TopicKind.Command, Fill("""{"m":"lease","ch":0,"sid":"c9","n":@n,"ttl":3000,"at":@at,"s":null}""", talk, second));
        Talk.Equal("ok", (await talk.ExpectAsync<Reply>(r => r.To == "lease" && r.N == second, "an answer to a renewal with null")).Code, "the answer to a renewal whose s is null");
        await talk.CodeAsync("ok", "c9", 0, start: false);
        var third = talk.NextLease();
        talk.Send(TopicKind.Command, Fill("""{"m":"lease","ch":0,"sid":"c9b","n":@n,"ttl":3000,"at":@at,"s":null}""", talk, third));
        Talk.Equal("open", (await talk.ExpectAsync<Reply>(r => r.To == "lease" && r.N == third, "an answer to a lease whose s is null")).Code, "the answer to a lease whose s is null");
    }

    private static async Task BadIsRefusedWholeAsync(Talk talk)
    {
        string[] bad =
        [
            """{"m":"lease","ch":0,"sid":"c10","n":@n,"ttl":3000.0,"at":@at,"s":true}""",
            """{"m":"lease","ch":0,"sid":"c10","n":@n,"ttl":3e3,"at":@at,"s":true}""",
            """{"m":"lease","ch":0,"sid":"c10","n":@n,"ttl":"3000","at":@at,"s":true}""",
            """{"m":"lease","ch":0,"sid":"c10","n":@n,"at":@at,"s":true}""",
            """{"m":"lease","ch":0,"sid":"c10","n":@n,"ttl":3000,"s":true}""",
            """{"m":"lease","ch":-1,"sid":"c10","n":@n,"ttl":3000,"at":@at,"s":true}""",
            """{"m":"lease","ch":0,"sid":"","n":@n,"ttl":3000,"at":@at,"s":true}""",
            """{"m":"lease","ch":0,"sid":"c 10","n":@n,"ttl":3000,"at":@at,"s":true}""",
            """{"m":"lease","ch":0,"sid":"c1234567890123456789012","n":@n,"ttl":3000,"at":@at,"s":true}""",
            """{"m":"lease","ch":0,"sid":"c10","n":@n,"ttl":3000,"at":@at,"s":1}""",
            """{"m":"lease","ch":0,"sid":"c10","n":4294967296,"ttl":3000,"at":@at,"s":true}""",
            """{"m":"lease","ch":0,"sid":"c10","n":@n,"ttl":3000,"at":@at,"s":true,"ch":0}""",
            """{"m":"lease","ch":0,"sid":"c10","n":@n,"ttl":3000,"at":@at,"s":true} x""",
            """[{"m":"lease","ch":0,"sid":"c10","n":@n,"ttl":3000,"at":@at,"s":true}]""",
            """{"m":"lease","ch":0,"sid":"c10","n":@n,"ttl":3000,"at":@at,"s":true""",
        ];
        foreach (var text in bad)
        {
            talk.Mark();
            var filled = Fill(text, talk, talk.NextLease());
            var count = talk.Send(TopicKind.Command, filled);
            var reply = await talk.ExpectAsync<Reply>(null, $"an answer to {filled}");
            if (reply.To != "cmd" || reply.Code != "bad")
                throw new CheckFailedException($"{filled} was answered {reply.To} {reply.Code} instead of cmd bad.");
            Talk.Equal(count, reply.N ?? 0, "the count named in the answer to a bad message");
        }
        if (talk.CountOf<OnRecord>() > 0)
            throw new CheckFailedException("A bad message closed the relay.");
        await talk.IsOpenAsync("after bad messages");
    }

    private static async Task UnknownIsAnsweredAsync(Talk talk)
    {
        foreach (var (topic, re, json) in new[]
        {
            (TopicKind.Command, "cmd", """{"m":"dance","ver":"9","size":1}"""),
            (TopicKind.Command, "cmd", """{"m":"ack","seq":1}"""),
            (TopicKind.Ack, "ack", """{"m":"rebirth"}"""),
            (TopicKind.List, "list", """{"m":"lease","ch":0}"""),
        })
        {
            talk.Mark();
            var count = talk.Send(topic, json);
            var reply = await talk.ExpectAsync<Reply>(null, $"an answer to {json} on {re}");
            Talk.Equal((re, "unknown", (uint?)count), (reply.To, reply.Code, reply.N), $"the answer to {json} on {re}");
        }
    }

    private static async Task LengthIsLimitedAsync(Talk talk)
    {
        string Padded(int bytes, string challenge) => $$"""{"m":"time","t":{{talk.Bench.Utc}},"c":"{{challenge}}","list":0,"x":"{{new string('x', bytes)}}"}""";
        var pad = Limits.JsonBytes - Encoding.UTF8.GetByteCount(Padded(0, "length-1"));
        talk.Mark();
        talk.Send(TopicKind.Command, Padded(pad, "length-1"));
        await talk.ExpectAsync<Reply>(reply => reply.Challenge == "length-1", "an answer to a message of 811 bytes");
        talk.Send(TopicKind.Command, Padded(pad + 1, "length-2"));
        await talk.AbsentAsync<Reply>(reply => reply.Challenge == "length-2" || reply.To == "cmd", "an answer to a message of 812 bytes", 500);
    }

    private static async Task DepthIsLimitedAsync(Talk talk)
    {
        talk.Mark();
        talk.Send(TopicKind.Command, """{"m":"rebirth","x":[[[1]]]}""");
        await talk.ExpectAsync<Birth>(null, "a birth after rebirth with JSON of depth 4");
        talk.Mark();
        talk.Send(TopicKind.Command, """{"m":"rebirth","x":[[[[1]]]]}""");
        var reply = await talk.ExpectAsync<Reply>(null, "an answer to JSON of depth 5");
        Talk.Equal(("cmd", "bad"), (reply.To, reply.Code), "the answer to JSON of depth 5");
        talk.Mark();
        talk.Send(TopicKind.Command, "{\"m\":\"rebirth\",\"x\":" + new string('[', 300) + new string(']', 300) + "}");
        Talk.Equal("bad", (await talk.ExpectAsync<Reply>(null, "an answer to JSON of depth 300")).Code, "the answer to JSON of depth 300");
        if (talk.CountOf<Birth>() > 0)
            throw new CheckFailedException("JSON deeper than 4 was obeyed.");
    }

    private static async Task EpochAsync(Talk talk)
    {
        await talk.CalmAsync(births: true);
        talk.Mark();
        talk.SayGateway(on: true, anew: true);
        await talk.ExpectAsync<Birth>(null, "a birth after a new epoch");
        talk.SayGateway(on: true, anew: true);
        talk.SayGateway(on: true);
        await talk.AbsentAsync<Birth>(null, "a second birth within 5 s after a new epoch", 700);
    }

    private static async Task ShowAsync(Talk talk)
    {
        if (talk.Birth!.Readers.Count < Limits.Readers)
        {
            talk.Mark();
            talk.Send(new Show(Limits.Readers - 1, ShowKind.Info, "x", 1));
            var reply = await talk.ExpectAsync<Reply>(null, "an answer to a sentence for a reader that is none");
            Talk.Equal(("show", "ch"), (reply.To, reply.Code), "the answer to a sentence for a reader that is none");
        }
        if (talk.Birth.Readers.Count == 0)
            return;
        talk.Mark();
        talk.Send(new Show(0, ShowKind.Info, new string('é', 160), 1));
        await talk.AbsentAsync<Reply>(r => r.To is "show" or "cmd", "an answer to a sentence of 320 bytes", 300);
        talk.Mark();
        talk.Send(TopicKind.Command, $$"""{"m":"show","rd":0,"k":"info","t":"{{new string('x', 321)}}","s":1}""");
        Talk.Equal("bad", (await talk.ExpectAsync<Reply>(null, "an answer to a sentence of 321 bytes")).Code, "the answer to a sentence of 321 bytes");
        talk.Mark();
        talk.Send(TopicKind.Command, """{"m":"show","rd":0,"k":"maybe","t":"","s":1}""");
        Talk.Equal("bad", (await talk.ExpectAsync<Reply>(null, "an answer to a sentence of an unknown kind")).Code, "the answer to a sentence of an unknown kind");
    }

    private static async Task BrokenGatewayStateAsync(Talk talk)
    {
        await talk.CodeAsync("ok", "c82", 3_000, start: true);
        foreach (var text in new[] { "", "{", "{}", """{"on":0,"t":1,"epoch":1}""", """{"on":false,"t":"now","epoch":1}""", new string('[', 500) })
            talk.Bench.Send(TopicKind.Gateway, Encoding.UTF8.GetBytes(text));
        await talk.CodeAsync("ok", "c82", 3_000, start: false);
        if (await talk.ClosedAsync() is null)
            throw new CheckFailedException("A gateway state that cannot be read opened the relay.");
    }

    private static string Fill(string text, Talk talk, uint n) =>
        text.Replace("@n", n.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal).Replace("@at", talk.Up.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private static byte[] Change(byte[] bytes, int at, Func<byte, byte> change)
    {
        bytes[at] = change(bytes[at]);
        return bytes;
    }
}
