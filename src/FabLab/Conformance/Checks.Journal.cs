using FabLab.Protocol;
using FabLab.Protocol.Messages;

namespace FabLab.Host.Conformance;

/// <content>Journal and the offline list's way in.</content>
internal static partial class Checks
{
    private static async Task NumbersAsync(Talk talk)
    {
        var before = talk.Birth!.Journal.Last;
        talk.Mark();
        for (var i = 0; i < 3; i++)
        {
            await talk.CodeAsync("ok", $"c40-{i}", 3_000, start: true);
            await talk.CodeAsync("ok", $"c40-{i}", 0, start: false);
        }
        for (uint i = 1; i <= 6; i++)
        {
            var seq = before + i;
            await talk.ExpectAsync<JournalRecord>(record => record.Seq == seq, $"a record {seq}");
        }
        await talk.WaitAsync(300);
        var birth = await talk.RebirthAsync();
        Talk.Equal(before + 6, birth.Journal.Last, "jr.last after three uses");
        Talk.Equal(birth.Journal.Last + 1, birth.Journal.First, "jr.first of an empty journal");
        Talk.Within(Limits.JournalRecords, 65_535, birth.Journal.Free, "free places of an empty journal");
    }

    private static async Task<uint> UseUnacknowledgedAsync(Talk talk, string session)
    {
        talk.Acknowledges = false;
        talk.Mark();
        await talk.CodeAsync("ok", session, 5_000, start: true);
        await talk.CodeAsync("ok", session, 0, start: false);
        await talk.ExpectAsync<OnRecord>(record => record.Session == session, "a record on");
        return (await talk.ExpectAsync<OffRecord>(record => record.Session == session, "a record off")).Seq;
    }

    private static async Task KeptUntilAcknowledgedAsync(Talk talk)
    {
        var off = await UseUnacknowledgedAsync(talk, "c41");
        for (var i = 0; i < 2; i++)
        {
            var birth = await talk.RebirthAsync();
            Talk.Equal((off - 1, off), (birth.Journal.First, birth.Journal.Last), "first and last record while nothing was acknowledged");
            await talk.ExpectAsync<OnRecord>(record => record.Session == "c41", "the record on again");
            await talk.ExpectAsync<OffRecord>(record => record.Session == "c41", "the record off again");
        }
        talk.Acknowledge(off - 1);
        await talk.MatchAsync();
        Talk.Equal(off, (await talk.RebirthAsync()).Journal.First, "first record after the one before was acknowledged");
        talk.Acknowledge(off);
        await talk.MatchAsync();
        var empty = await talk.RebirthAsync();
        Talk.Equal(off + 1, empty.Journal.First, "first record after all were acknowledged");
        await talk.AbsentAsync<JournalRecord>(null, "a record that was acknowledged", 300);
    }

    private static async Task SentAgainAsync(Talk talk)
    {
        var off = await UseUnacknowledgedAsync(talk, "c42");
        talk.Mark();
        var from = talk.Bench.Now;
        var (word, _) = await talk.WordAsync<OffRecord>(record => record.Seq == off, "the record again", 13_000);
        Talk.Within(8_500, 12_000, word.At - from, "the wait before a record comes again, ms,");
        talk.Mark();
        await talk.AbsentAsync<OffRecord>(record => record.Seq == off, "the record once more before 20 s were over", 12_000);
    }

    private static async Task FutureAckAsync(Talk talk)
    {
        var off = await UseUnacknowledgedAsync(talk, "c43");
        talk.Send(new Ack(off + 1, []));
        talk.Send(new Ack(uint.MaxValue, []));
        await talk.MatchAsync();
        var birth = await talk.RebirthAsync();
        Talk.Equal((off - 1, off), (birth.Journal.First, birth.Journal.Last), "first and last record after an acknowledgement of records not yet written");
        talk.Send(TopicKind.Ack, $$"""{"m":"ack","seq":{{off}},"bad":[{{off}}]}""");
        await talk.MatchAsync();
        Talk.Equal(off + 1, (await talk.RebirthAsync()).Journal.First, "first record after an acknowledgement with bad");
        talk.Acknowledge(off);
    }

    private static async Task WindowAsync(Talk talk)
    {
        talk.Acknowledges = false;
        talk.Mark();
        var first = talk.Birth!.Journal.Last + 1;
        for (var i = 0; i < 7; i++)
        {
            await talk.CodeAsync("ok", $"c44-{i}", 3_000, start: true);
            await talk.CodeAsync("ok", $"c44-{i}", 0, start: false);
        }
        await talk.WaitAsync(300);
        var sent = talk.Words.Select(word => word.Message).OfType<JournalRecord>().Select(record => record.Seq).Distinct().Order().ToList();
        if (!sent.SequenceEqual(Enumerable.Range(0, Limits.JournalWindow).Select(i => first + (uint)i)))
            throw new CheckFailedException($"Of 14 records {sent.Count} were sent without acknowledgement ({string.Join(", ", sent)}); it must be the oldest 8, from {first}.");
        talk.Mark();
        talk.Acknowledge(first + 2);
        for (uint i = 8; i < 11; i++)
        {
            var seq = first + i;
            await talk.ExpectAsync<JournalRecord>(record => record.Seq == seq, $"a record {seq} after three were acknowledged");
        }
        await talk.AbsentAsync<JournalRecord>(record => record.Seq >= first + 11, "a ninth record under way", 300);
    }

    private static async Task PowerCutAsync(Talk talk)
    {
        var config = await talk.ConfigureAsync(channel0: new ChannelConfig(LostLink.Finish, 600, 0, 0, OfflineUse.Deny, 0, 0));
        var before = talk.Birth!;
        talk.Acknowledges = false;
        talk.Mark();
        await talk.CodeAsync("ok", "c45", 60_000, start: true);
        var on = await talk.ExpectAsync<OnRecord>(null, "a record on");
        var old = talk.Sealed(TopicKind.Command, new Lease(0, "c45", talk.NextLease(), 60_000, talk.Up, true).ToJson());
        var birth = await talk.CutPowerAsync();
        Talk.Equal(before.Boot + 1, birth.Boot, "the boot number after a power cut");
        if (birth.Closed.Count > 0 || talk.Bench.Hands.IsClosed == true)
            throw new CheckFailedException("A relay is closed after a power cut: nothing may start by itself.");
        Talk.Equal(on.Seq, birth.Journal.First, "the oldest record after the power cut");
        Talk.Equal(0u, birth.Journal.Lost - before.Journal.Lost, "records lost in a power cut");
        await talk.MatchAsync();
        var again = await talk.ExpectAsync<OnRecord>(record => record.Seq == on.Seq, "the record on of the boot before");
        Talk.Equal(before.Boot, again.Boot, "the boot of a record of the boot before");
        var boot = await talk.ExpectAsync<BootRecord>(record => record.Boot == birth.Boot, "a record boot");
        Talk.Equal(on.Seq + 1, boot.Seq, "the number of the record boot");
        Talk.Equal((before.Boot, 1), (boot.LastBoot, boot.On & 1), "the boot and the closed channels that the record boot tells");
        Talk.Within(on.Up, on.Up + 60_000, boot.LastUp, "the last heartbeat in the record boot");
        talk.Mark();
        talk.Bench.Send(TopicKind.Command, old);
        await talk.AbsentAsync<UpMessage>(m => m is OnRecord or Reply { To: "lease" }, "an effect of a lease of the boot before", 400);
        await talk.CodeAsync("open", "c45", 5_000, start: false);
        await talk.IsOpenAsync("after a power cut");
        Talk.Equal(config.Version, birth.ConfigVersion, "the configuration kept over a power cut");
    }

    private static async Task FullJournalAsync(Talk talk)
    {
        talk.Acknowledges = false;
        talk.Mark();
        for (var i = 0; ; i++)
        {
            if (i > 40_000)
                throw new CheckFailedException("The journal is never full.");
            var code = await talk.LeaseAsync($"c46-{i}", 20_000, start: true);
            talk.Mark();
            if (code == "full")
                break;
            Talk.Equal("ok", code, "the answer to a start");
            await talk.CodeAsync("ok", $"c46-{i}", 0, start: false);
        }
        var birth = await talk.RebirthAsync();
        Talk.Equal(0u, birth.Journal.Lost, "records lost before the journal was full");
        if (birth.Closed.Count > 0)
            throw new CheckFailedException("A start that was refused as full closed the relay.");
        var places = birth.Journal.Free + (int)(birth.Journal.Last + 1 - birth.Journal.First);
        Talk.Within((places / 16) - 3, (places / 16) + 2, birth.Journal.Free, "free places when a start is refused");
        // Room for a start again, and in the middle of the use the journal fills to where only stops go in.
        talk.Acknowledge(birth.Journal.First + 1);
        await talk.MatchAsync();
        await talk.CodeAsync("ok", "c46-z", 20_000, start: true);
        await talk.CodeAsync("ok", "c46-z", 20_000, start: false);
        await talk.CodeAsync("ok", "c46-z", 0, start: false);
        Talk.Equal(birth.Journal.Last + 2, (await talk.RebirthAsync()).Journal.Last, "jr.last after a use with a full journal");
        talk.Acknowledges = true;
        talk.Acknowledge(talk.Birth!.Journal.Last - 1);
        await talk.WaitAsync(500);
        await talk.DrainAsync();
        await talk.CodeAsync("ok", "c46-x", 500, start: true);
    }

    private static async Task ReadingsAsync(Talk talk)
    {
        await talk.ConfigureAsync(c => c with { MeterSeconds = 2 });
        await talk.Bench.Hands.MeasureAsync(123_000, talk.Cancellation);
        await talk.WaitAsync(2_500);
        talk.Mark();
        await talk.WaitAsync(6_100);
        var readings = talk.Words.Where(word => word.Message is MeterReading { Index: 0 }).ToList();
        Talk.Within(2, 4, readings.Count, "the number of readings in 6 s with a period of 2 s");
        if (readings.Any(word => word.Message is MeterReading { MilliWatts: not 123_000 }))
            throw new CheckFailedException("A reading says another power than the meter reads.");
        if (talk.CountOf<JournalRecord>() > 0)
            throw new CheckFailedException("Readings are journaled.");
        await talk.ConfigureAsync(c => c with { MeterSeconds = 0 });
        talk.Mark();
        await talk.AbsentAsync<MeterReading>(null, "a reading though the period is 0", 2_500);
    }

    private static ListEntry Entry(Talk talk, string text, uint expires = 0, byte rights = 1) => ListEntry.For(talk.TagKey!, text, expires, rights);

    private static List<ListEntry> Strangers(Talk talk, int count, int from = 0) =>
        [.. Enumerable.Range(from, count).Select(i => Entry(talk, $"iso:{0x10000000 + i:X8}"))];

    private static uint Seconds(Talk talk) => (uint)(talk.Bench.Utc / 1000);

    private static ListChunk Part(Talk talk, uint version, uint from, int index, int of, int count, IReadOnlyList<ListEntry> entries) =>
        new(version, from, index, of, talk.TagKey!.Id, Seconds(talk), count, entries);

    private static async Task<uint> HoldAsync(Talk talk, IReadOnlyCollection<ListEntry> entries)
    {
        var version = talk.NextList();
        await talk.ListAsync(Protocol.Peer.ListParts.Full(version, talk.TagKey!.Id, Seconds(talk), entries));
        talk.CurrentList = version;
        return version;
    }

    private static async Task FullListAsync(Talk talk)
    {
        var before = talk.Birth!.ListVersion;
        var version = talk.NextList();
        var parts = Protocol.Peer.ListParts.Full(version, talk.TagKey!.Id, Seconds(talk), Strangers(talk, 45));
        await talk.ListAsync([.. parts.Take(2)]);
        Talk.Equal(before, (await talk.RebirthAsync()).ListVersion, "the list in the birth before its last part came");
        await talk.ListAsync([parts[2]]);
        var birth = await talk.RebirthAsync();
        Talk.Equal(version, birth.ListVersion, "the list in the birth");
        Talk.Within(Seconds(talk) - 60, Seconds(talk) + 1, birth.ListAt, "la in the birth");
        var empty = await HoldAsync(talk, []);
        Talk.Equal(empty, (await talk.RebirthAsync()).ListVersion, "an empty list in the birth");
    }

    private static async Task DifferenceAsync(Talk talk)
    {
        var version = await HoldAsync(talk, Strangers(talk, 10));
        var next = talk.NextList();
        // Three go, two change, four come: eleven.
        List<ListEntry> changes = [.. Strangers(talk, 3).Select(entry => entry with { Rights = 0 }), .. Strangers(talk, 2, 5).Select(entry => entry with { Expires = 2_000_000_000 }), .. Strangers(talk, 4, 20)];
        Talk.Equal("ok", (await talk.PartAsync(Part(talk, next, version, 0, 1, 11, changes))).Code, "the answer to a difference");
        Talk.Equal(next, (await talk.RebirthAsync()).ListVersion, "the list in the birth after a difference");
        var wrong = talk.NextList();
        Talk.Equal("count", (await talk.PartAsync(Part(talk, wrong, next, 0, 1, 13, Strangers(talk, 1, 30)))).Code, "the answer to a difference after which the number of entries does not come out");
        Talk.Equal("ok", (await talk.PartAsync(Part(talk, wrong, next, 0, 1, 12, Strangers(talk, 1, 30)))).Code, "the answer to a difference");
    }

    private static async Task WrongBaseAsync(Talk talk)
    {
        talk.NextList();
        var version = await HoldAsync(talk, Strangers(talk, 4));
        var reply = await talk.PartAsync(Part(talk, talk.NextList(), version - 1, 0, 1, 5, Strangers(talk, 1, 9)));
        Talk.Equal(("base", (uint?)version), (reply.Code, reply.Version), "the answer to a difference to another list, and the version held in it");
        Talk.Equal(version, (await talk.RebirthAsync()).ListVersion, "the list in the birth after a difference to another list");
    }

    private static async Task PartsInOrderAsync(Talk talk)
    {
        var version = await HoldAsync(talk, Strangers(talk, 4));
        var next = talk.NextList();
        var parts = Protocol.Peer.ListParts.Full(next, talk.TagKey!.Id, Seconds(talk), Strangers(talk, 65));
        Talk.Equal("ok", (await talk.PartAsync(parts[0])).Code, "the answer to part 0");
        Talk.Equal("ok", (await talk.PartAsync(parts[1])).Code, "the answer to part 1");
        Talk.Equal("ok", (await talk.PartAsync(parts[1])).Code, "the answer to part 1 again");
        var reply = await talk.PartAsync(parts[3]);
        Talk.Equal(("chunk", (uint?)version), (reply.Code, reply.Version), "the answer to part 3 in the place of part 2, and the version held in it");
        Talk.Equal("chunk", (await talk.PartAsync(parts[2])).Code, "the answer to part 2 after what was gathered was dropped");
        Talk.Equal(version, (await talk.RebirthAsync()).ListVersion, "the list in the birth after parts in disorder");
        await talk.ListAsync(parts);
        Talk.Equal("ok", (await talk.PartAsync(parts[3])).Code, "the answer to the last part again");
        Talk.Equal(next, (await talk.RebirthAsync()).ListVersion, "the list in the birth");
    }

    private static async Task CountMustFitAsync(Talk talk)
    {
        var version = await HoldAsync(talk, Strangers(talk, 4));
        foreach (var count in new[] { 6, 4 })
        {
            var reply = await talk.PartAsync(Part(talk, talk.NextList(), 0, 0, 1, count, Strangers(talk, 5)));
            Talk.Equal(("count", (uint?)version), (reply.Code, reply.Version), $"the answer to a list of 5 entries said to have {count}, and the version held in it");
        }
        Talk.Equal(version, (await talk.RebirthAsync()).ListVersion, "the list in the birth");
    }

    private static async Task WrongTagKeyAsync(Talk talk)
    {
        var version = await HoldAsync(talk, Strangers(talk, 4));
        var part = Part(talk, talk.NextList(), 0, 0, 1, 0, []) with { TagKeyId = (byte)(talk.TagKey!.Id == 255 ? 1 : talk.TagKey.Id + 1) };
        Talk.Equal("tagkey", (await talk.PartAsync(part)).Code, "the answer to a list made with another tag key");
        Talk.Equal(version, (await talk.RebirthAsync()).ListVersion, "the list in the birth");
    }

    private static async Task VouchAsync(Talk talk)
    {
        var version = await HoldAsync(talk, Strangers(talk, 1));
        await talk.CalmAsync(births: false);
        talk.Mark();
        talk.CurrentList = version;
        await talk.MatchAsync();
        await talk.AbsentAsync<Ask>(null, "a question after time that names the list held", 200);
        talk.CurrentList = version + 1;
        await talk.MatchAsync();
        Talk.Equal(AskFor.List, (await talk.ExpectAsync<Ask>(null, "the question list after time that names another list")).What, "the question");
        await talk.MatchAsync();
        await talk.AbsentAsync<Ask>(null, "a second question within 5 s", 200);
        await talk.CalmAsync(births: false);
        talk.CurrentList = 0;
        talk.Mark();
        await talk.MatchAsync();
        await talk.AbsentAsync<Ask>(null, "a question after time that names no list", 200);
    }

    private static async Task BrokenPartAsync(Talk talk)
    {
        var version = await HoldAsync(talk, Strangers(talk, 2));
        var next = talk.NextList();
        string Json(string entries, string index = "0", string of = "1") =>
            $$"""{"m":"list","v":{{next}},"base":0,"i":{{index}},"of":{{of}},"tk":{{talk.TagKey!.Id}},"at":{{Seconds(talk)}},"cnt":1,"e":"{{entries}}"}""";
        var good = new string('A', 26) + "AB";
        foreach (var json in new[] { Json("A"), Json(good[..27]), Json(good[..27] + "="), Json(new string('A', 26) + "AQ"), Json(good, "1"), Json(good, "0", "0"), Json(good, "0", "1001") })
        {
            talk.Mark();
            talk.Send(TopicKind.List, json);
            var reply = await talk.ExpectAsync<Reply>(null, $"an answer to {json}");
            Talk.Equal(("list", "bad"), (reply.To, reply.Code), $"the answer to {json}");
        }
        Talk.Equal(version, (await talk.RebirthAsync()).ListVersion, "the list in the birth after broken parts");
    }
}
