using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FabLab.Protocol;
using FabLab.Protocol.Messages;

namespace FabLab.Host.Conformance;

/// <summary>How a message is sealed, when not as it should be.</summary>
internal sealed record Sealing
{
    public Counter? Counter { get; init; }

    public TopicKind? For { get; init; }

    /// <summary>What is done to the sealed bytes before they go.</summary>
    public Func<byte[], byte[]>? Bend { get; init; }
}

/// <summary>A message of the device, found genuine and read.</summary>
internal sealed class Word(Heard heard, Counter counter, byte[] json, UpMessage? message)
{
    public long At => heard.At;

    public Heard Heard => heard;

    public Counter Counter => counter;

    public byte[] Json => json;

    public UpMessage? Message => message;

    public bool IsTaken { get; set; }
}

/// <summary>
/// The gateway's side of a conversation, and a strict one: whatever comes is judged as it comes, and what breaks a rule that holds
/// at all times is kept as a complaint until the end. Checks speak and wait through it.
/// </summary>
internal sealed class Talk(IWorkbench bench, DeviceKeys keys, TagKey? tagKey, CancellationToken cancellation)
{
    private const int Patience = 3_000;
    private const int TimeEvery = 15_000;

    private readonly List<Word> _words = [];
    private readonly Dictionary<uint, ulong> _highest = [];
    private readonly HashSet<string> _bodies = new(StringComparer.Ordinal);
    private readonly Dictionary<uint, string> _records = [];
    private readonly SortedSet<uint> _seen = [];
    private readonly SortedDictionary<string, string> _complaints = new(StringComparer.Ordinal);
    private int _mark;
    private uint _count;
    private uint _lease;
    private uint _config;
    private uint _listVersion;
    private uint _epoch = 1;
    private uint _acked;
    private long _timeAt = long.MinValue / 2;
    private string _challenge = "";
    private long _challengeAt;
    private (long Up, long At)? _clock;
    private int _challenges;
    private bool _birthDue;

    public IWorkbench Bench => bench;

    public string Device => keys.Device.Value;

    public TagKey? TagKey => tagKey;

    public CancellationToken Cancellation => cancellation;

    /// <summary>The last birth.</summary>
    public Birth? Birth { get; private set; }

    /// <summary>The first birth: what the suite was run against.</summary>
    public Birth? First { get; private set; }

    /// <summary>A firmware the device may be updated to.</summary>
    public FirmwareFile? Firmware { get; init; }

    public Will? Will { get; private set; }

    public uint Boot => Birth?.Boot ?? 0;

    /// <summary>The answer to the last lease.</summary>
    public Reply? Answered { get; private set; }

    /// <summary>Whether records are acknowledged as they come.</summary>
    public bool Acknowledges { get; set; } = true;

    /// <summary>Whether nothing is sent unasked.</summary>
    public bool IsSilent { get; set; }

    /// <summary>The version said in <c>time</c>.</summary>
    public uint CurrentList { get; set; }

    /// <summary>Canonical tags of the two badges, once they were seen.</summary>
    public string?[] Tags { get; } = [bench.Hands.Tag(0), bench.Hands.Tag(1)];

    /// <summary>Rules that hold at all times and were broken: row and what happened.</summary>
    public IReadOnlyDictionary<string, string> Complaints => _complaints;

    public uint Count => _count;

    /// <summary>From here on counts what is waited for.</summary>
    public void Mark() => _mark = _words.Count;

    // ---- sending ----

    public uint Send(DownMessage message, Sealing? how = null) => Send(message.Topic, message.ToJson(), how);

    public uint Send(TopicKind topic, string json, Sealing? how = null) => Send(topic, Encoding.UTF8.GetBytes(json), how);

    public uint Send(TopicKind topic, byte[] json, Sealing? how = null)
    {
        bench.Send(topic, Sealed(topic, json, how));
        return _count;
    }

    /// <summary>A message ready to go; its count is used up.</summary>
    public byte[] Sealed(TopicKind topic, byte[] json, Sealing? how = null)
    {
        var counter = how?.Counter ?? new Counter(Boot, ++_count);
        var message = json.Length <= Limits.JsonBytes ? Envelope.Seal(json, how?.For ?? topic, keys, counter) : SealedLong(topic, json, counter);
        return how?.Bend is { } bend ? bend(message) : message;
    }

    // What no gateway would seal.
    private byte[] SealedLong(TopicKind topic, byte[] json, Counter counter)
    {
        var hex = counter.ToString();
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, keys.For(Direction.Down));
        hmac.AppendData([.. "fl1d"u8, .. Encoding.ASCII.GetBytes(Topics.Of(keys.Device, topic)), 0, .. Encoding.ASCII.GetBytes(hex), 0, .. json]);
        var code = Base64Url.EncodeToString(hmac.GetHashAndReset().AsSpan(0, 16));
        return [.. json, .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\n{keys.KeyId:x2}.{hex}.{code}"))];
    }

    public void SayGateway(bool on, bool anew = false)
    {
        if (anew)
            _epoch++;
        bench.Send(TopicKind.Gateway, new GatewayState(on, bench.Utc, _epoch).ToJson());
    }

    public string SendTime()
    {
        // A challenge is never used twice, and says nothing.
        _challenge = string.Create(CultureInfo.InvariantCulture, $"chk-{++_challenges:d6}");
        _challengeAt = bench.Now;
        _timeAt = bench.Now;
        Send(new TimeMessage(bench.Utc, _challenge, CurrentList));
        return _challenge;
    }

    /// <summary>The device's uptime, never later than the truth.</summary>
    public long Up => _clock is { } known ? Math.Max(0, known.Up + bench.Now - known.At) : 0;

    // Above the counts too: a suite that runs twice in one boot begins above the first one.
    public uint NextLease() => _lease = Math.Max(_lease, _count) + 1;

    /// <summary>Sends a lease and waits for its answer.</summary>
    /// <returns>The code.</returns>
    public async Task<string> LeaseAsync(string session, int ttl, bool start, int channel = 0, uint? n = null, long? at = null)
    {
        var lease = new Lease(channel, session, n ?? NextLease(), ttl, at ?? Up, start);
        Send(lease);
        Answered = await ExpectAsync<Reply>(reply => reply.To == "lease" && reply.N == lease.N && reply.Channel == channel, $"an answer to the lease {lease.N}");
        return Answered.Code;
    }

    public async Task CodeAsync(string wanted, string session, int ttl, bool start, int channel = 0, uint? n = null, long? at = null)
    {
        var code = await LeaseAsync(session, ttl, start, channel, n, at);
        if (code != wanted)
            throw new CheckFailedException($"The lease was answered '{code}' instead of '{wanted}'.");
    }

    public Config Base(uint version) => new(
        version, 30, 10, 0, 1, "en", [.. (Birth?.Relays ?? []).Select(_ => ChannelConfig.Strict)], [.. (Birth?.Readers ?? []).Select(_ => 0)]);

    public async Task<Config> ConfigureAsync(Func<Config, Config>? change = null, ChannelConfig? channel0 = null)
    {
        var config = Base(_config = Math.Max(_config, Birth?.ConfigVersion ?? 0) + 1);
        if (channel0 is not null && config.Channels.Count > 0)
            config = config with { Channels = [channel0, .. config.Channels.Skip(1)] };
        config = change?.Invoke(config) ?? config;
        Send(config);
        var reply = await ExpectAsync<Reply>(r => r.To == "config" && r.Version == config.Version, "an answer to the configuration");
        Equal("ok", reply.Code, "the answer to the configuration");
        return config;
    }

    public uint NextList() => _listVersion = Math.Max(_listVersion, Birth?.ListVersion ?? 0) + 1;

    /// <summary>Sends one part of a list and waits for its answer.</summary>
    public async Task<Reply> PartAsync(ListChunk part)
    {
        Send(part);
        return await ExpectAsync<Reply>(r => r.To == "list" && r.Chunk == part.Index, $"an answer to part {part.Index} of list {part.Version}");
    }

    public async Task ListAsync(IReadOnlyList<ListChunk> parts)
    {
        foreach (var part in parts)
            Equal("ok", (await PartAsync(part)).Code, $"the answer to part {part.Index} of list {part.Version}");
    }

    // ---- waiting ----

    public async Task<T> ExpectAsync<T>(Func<T, bool>? that, string what, int within = Patience)
        where T : UpMessage => (await WordAsync(that, what, within)).Message;

    public async Task<(Word Word, T Message)> WordAsync<T>(Func<T, bool>? that, string what, int within = Patience)
        where T : UpMessage
    {
        var until = bench.Now + within;
        for (var i = _mark; ; i++)
        {
            while (i >= _words.Count)
            {
                if (!await PumpAsync(until))
                    throw new CheckFailedException($"There was no {what.Replace("an ", "", StringComparison.Ordinal).Replace("a ", "", StringComparison.Ordinal)} within {within / 1000.0:0.#} s.");
            }
            if (_words[i] is { IsTaken: false, Message: T message } word && (that is null || that(message)))
            {
                word.IsTaken = true;
                return (word, message);
            }
        }
    }

    /// <summary>Nothing of the kind may come, nor have come since the mark.</summary>
    public async Task AbsentAsync<T>(Func<T, bool>? that, string what, int during)
        where T : UpMessage
    {
        await WaitAsync(during);
        if (_words.Skip(_mark).Any(word => word is { IsTaken: false, Message: T message } && (that is null || that(message))))
            throw new CheckFailedException($"There was {what}.");
    }

    public int CountOf<T>(Func<T, bool>? that = null)
        where T : UpMessage => _words.Skip(_mark).Count(word => word.Message is T message && (that is null || that(message)));

    public IEnumerable<Word> Words => _words.Skip(_mark);

    public async Task WaitAsync(int during)
    {
        var until = bench.Now + during;
        while (await PumpAsync(until))
        {
        }
    }

    public async Task<Heard> HeardAsync(Func<Heard, bool> that, string what, int within = Patience)
    {
        var until = bench.Now + within;
        while (await bench.NextAsync(until, cancellation) is { } heard)
        {
            if (that(heard))
                return heard;
            if (heard.Kind == HeardKind.Message)
                Take(heard);
        }
        throw new CheckFailedException($"There was no {what} within {within / 1000.0:0.#} s.");
    }

    private async Task<bool> PumpAsync(long until)
    {
        if (!IsSilent && Birth is not null && bench.Now - _timeAt >= TimeEvery)
            SendTime();
        var next = IsSilent ? until : Math.Min(until, _timeAt + TimeEvery);
        if (await bench.NextAsync(Math.Max(next, bench.Now), cancellation) is { } heard)
        {
            if (heard.Kind == HeardKind.Message)
                Take(heard);
            return true;
        }
        return bench.Now < until;
    }

    // ---- the device's state ----

    /// <summary>Asks for a birth and takes all that the journal holds.</summary>
    public async Task<Birth> RebirthAsync()
    {
        Mark();
        Send(new Rebirth());
        return await ExpectAsync<Birth>(null, "a birth after rebirth");
    }

    /// <summary>Whether a relay is closed, by a birth asked for now; what eyes see must say the same.</summary>
    public async Task<ClosedRelay?> ClosedAsync(int channel = 0)
    {
        var closed = (await RebirthAsync()).Closed.FirstOrDefault(relay => relay.Channel == channel);
        // Whoever looks needs a moment.
        if (channel == 0 && bench.Hands.IsClosed is { } first && first != closed is not null)
            await WaitAsync(300);
        if (channel == 0 && bench.Hands.IsClosed is { } seen && seen != closed is not null)
            throw new CheckFailedException($"The birth says that relay 0 is {(closed is null ? "open" : "closed")}, and it is not.");
        return closed;
    }

    public async Task IsOpenAsync(string when, int channel = 0)
    {
        if (await ClosedAsync(channel) is not null)
            throw new CheckFailedException($"The relay is closed {when}.");
    }

    /// <summary>Brings the device to where each check begins: there, relays open, journal empty, policy strict, clocks matched.</summary>
    public async Task SettleAsync()
    {
        (Acknowledges, IsSilent, CurrentList, bench.Deaf) = (true, false, 0, false);
        if (bench.Bare)
        {
            bench.Bare = false;
            await bench.DropAsync(cancellation);
        }
        SayGateway(on: true);
        if (Birth is null)
        {
            Mark();
            var until = bench.Now + 12_000;
            while (Birth is null && await PumpAsync(until))
            {
            }
            if (Birth is null)
            {
                await bench.DropAsync(cancellation);
                await ExpectAsync<Birth>(null, "a birth after a new connection", 12_000);
            }
        }
        Mark();
        await MatchAsync();
        for (var channel = 0; channel < Birth!.Relays.Count; channel++)
            await LeaseAsync("none", 0, start: false, channel);
        if (bench.Hands.CanMeasure && Birth.Meters.Count > 0)
            await bench.Hands.MeasureAsync(0, cancellation);
        await ConfigureAsync();
        await DrainAsync();
        Mark();
    }

    /// <summary>Sends a challenge until one is answered: the clocks are matched then.</summary>
    public async Task MatchAsync()
    {
        for (var i = 0; ; i++)
        {
            var challenge = SendTime();
            try
            {
                await ExpectAsync<Reply>(reply => reply.To == "time" && reply.Challenge == challenge, "an answer to time", 2_000);
                return;
            }
            catch (CheckFailedException) when (i < 5)
            {
                // It comes back just now, or the birth that tells the boot number is under way.
                await WaitAsync(500);
            }
        }
    }

    /// <summary>Takes the journal to its end, so that nothing of before comes into what follows.</summary>
    public async Task DrainAsync()
    {
        var birth = await RebirthAsync();
        var until = bench.Now + 30_000;
        while (_acked < birth.Journal.Last && await PumpAsync(until))
        {
        }
        if (_acked < birth.Journal.Last)
            throw new CheckFailedException($"The journal is not sent to its end: the birth says {birth.Journal.Last}, it came to {_acked}.");
        await WaitAsync(50);
    }

    /// <summary>Until the device may ask, or give a birth, unasked again: once in 5 s each.</summary>
    public async Task CalmAsync(bool births)
    {
        var last = _words.LastOrDefault(word => word.Message is Ask || (births && word.Message is Birth))?.At ?? long.MinValue / 2;
        var left = last + Limits.AnswerGapMs + 100 - bench.Now;
        if (left > 0)
            await WaitAsync((int)left);
    }

    /// <summary>Holds a badge to the reader and takes it away again.</summary>
    public async Task TapAsync(int badge)
    {
        await bench.Hands.TapAsync(badge, cancellation);
        await WaitAsync(1_000);
    }

    /// <summary>The gateway says goodbye and says no more.</summary>
    public async Task LeaveAsync()
    {
        IsSilent = true;
        SayGateway(on: false);
        Mark();
        await WaitAsync(300);
    }

    /// <summary>The gateway is back: what was recorded meanwhile comes.</summary>
    public async Task ComeBackAsync()
    {
        IsSilent = false;
        SayGateway(on: true);
        await MatchAsync();
        await WaitAsync(200);
    }

    public void Acknowledge(uint seq)
    {
        _acked = Math.Max(_acked, seq);
        Send(new Ack(seq, []));
    }

    /// <summary>Learns what a badge's tag is, where nobody knows it yet.</summary>
    public async Task<string> TagAsync(int badge)
    {
        if (Tags[badge] is { } known)
            return known;
        Mark();
        await bench.Hands.TapAsync(badge, cancellation);
        var record = await ExpectAsync<BadgeRecord>(null, "a badge record", 15_000);
        Send(new Show(record.Reader, ShowKind.No, "", 1));
        await WaitAsync(600);
        Mark();
        return Tags[badge] = record.Tag;
    }

    /// <summary>A new epoch of power: waits for the birth of the next boot.</summary>
    public async Task<Birth> CutPowerAsync()
    {
        var before = Boot;
        Mark();
        await bench.Hands.CutPowerAsync(cancellation);
        SayGateway(on: true);
        return await ExpectAsync<Birth>(birth => birth.Boot != before, "a birth with another boot number after the power came back", 20_000);
    }

    public static void Equal<T>(T wanted, T got, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(wanted, got))
            throw new CheckFailedException(string.Create(CultureInfo.InvariantCulture, $"{char.ToUpperInvariant(what[0])}{what[1..]} is '{got}' and must be '{wanted}'."));
    }

    public static void Within(long least, long most, long got, string what)
    {
        if (got < least || got > most)
            throw new CheckFailedException($"{char.ToUpperInvariant(what[0])}{what[1..]} is {got} and must be {least} to {most}.");
    }

    public void Complain(string row, string what) => _complaints.TryAdd(row, what);

    // ---- what is judged at all times ----

    private void Take(Heard heard)
    {
        if (heard.Payload.Length > Limits.MessageBytes)
        {
            Complain("limit.message", $"A message of {heard.Payload.Length} bytes came.");
            return;
        }
        if (!bench.IsSerial && heard.Retained)
        {
            // The birth or will that lay there before we listened: only its boot number is of use, and it is asked for anew.
            if (heard.Topic != TopicKind.State)
                Complain("topic.retained", $"A message on {heard.Topic} was retained.");
            else if (Envelope.Open(heard.Payload, heard.Topic, keys).TryGet(out var old, out _) && Birth is null)
                Send(TopicKind.Command, new Rebirth().ToJson(), new Sealing { Counter = new Counter(old.Counter.Boot, ++_count) });
            return;
        }
        if (!Envelope.Open(heard.Payload, heard.Topic, keys).TryGet(out var opened, out var fault))
        {
            Complain(fault.Reason switch { FaultReason.UnknownKey => "seal.key", FaultReason.BadTrailer => "seal.trailer", _ => "seal.code" },
                $"A message on {heard.Topic} is not genuine ({fault}).");
            return;
        }
        var json = opened.Json.ToArray();
        if (!MessageReader.Read(heard.Topic, json).TryGet(out var read, out fault))
        {
            Complain("json.types", $"A message on {heard.Topic} cannot be read ({fault}): {Encoding.UTF8.GetString(json)}");
            return;
        }
        // A broker may deliver the same bytes twice; that is no new message.
        if (!_bodies.Add(Convert.ToHexString(heard.Payload)))
            return;
        var message = (UpMessage)read;
        if (message is not Protocol.Messages.Will)
        {
            var highest = _highest.GetValueOrDefault(opened.Counter.Boot);
            if (opened.Counter.Value <= highest)
                Complain("seal.counter", $"A message with counter {opened.Counter} came after one with {highest:x16}.");
            _highest[opened.Counter.Boot] = Math.Max(highest, opened.Counter.Value);
        }
        Judge(message, opened.Counter, json, heard.At);
        _words.Add(new Word(heard, opened.Counter, json, message));
    }

    private void Judge(UpMessage message, Counter counter, byte[] json, long at)
    {
        if (_birthDue && message is not (Protocol.Messages.Birth or Protocol.Messages.Will))
            Complain("link.birth", $"The first message after a connect was '{Encoding.UTF8.GetString(json)}' and no birth.");
        switch (message)
        {
            case Birth birth:
                _birthDue = false;
                if (birth.Boot != counter.Boot)
                    Complain("peer.contradiction", $"A birth says boot {birth.Boot} under a counter of boot {counter.Boot}.");
                if (Birth is { } before && birth.Boot != before.Boot)
                    (_clock, _lease, _count) = (null, 0, 0);
                if (birth.Journal.First > birth.Journal.Last + 1)
                    Complain("birth.jr.first", $"A birth says first {birth.Journal.First} and last {birth.Journal.Last}.");
                // What was acknowledged before this suite came is not its to see.
                if (Birth is null)
                    _acked = birth.Journal.First - 1;
                Birth = birth;
                First ??= birth;
                break;
            case Protocol.Messages.Will will:
                Will = will;
                break;
            case JournalRecord record:
                Judge(record, counter, json);
                break;
            case Ask { What: AskFor.Counter, N: { } n }:
                _count = Math.Max(_count, n);
                if (Birth is null)
                    Send(TopicKind.Command, new Rebirth().ToJson(), new Sealing { Counter = new Counter(counter.Boot, ++_count) });
                break;
            case Reply { To: "time" } reply when reply.Challenge == _challenge && at - _challengeAt < Limits.FreshMs:
                _clock = (reply.Up, at);
                break;
        }
    }

    private void Judge(JournalRecord record, Counter counter, byte[] json)
    {
        var text = Encoding.UTF8.GetString(json);
        if (record.Boot > counter.Boot)
            Complain("ev.boot", $"A record says boot {record.Boot} under a counter of boot {counter.Boot}.");
        if (_records.TryGetValue(record.Seq, out var before) && before != text)
            Complain("journal.number", $"Record {record.Seq} came with two contents: {before} and {text}");
        _records[record.Seq] = text;
        _seen.Add(record.Seq);
        if (!Acknowledges)
            return;
        var next = _acked;
        while (_seen.Contains(next + 1))
            next++;
        if (next > _acked || record.Seq <= _acked)
            Acknowledge(next);
    }

    /// <summary>The device connects now: its next message must be a birth.</summary>
    public void Reconnects() => _birthDue = true;
}
