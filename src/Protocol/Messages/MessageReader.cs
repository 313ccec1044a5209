using System.Text.Json;

namespace FabLab.Protocol.Messages;

/// <summary>Reads messages whose authentication code was found right. Never throws; unknown fields are passed over, known ones must keep to the table.</summary>
public static class MessageReader
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 4, AllowDuplicateProperties = false };

    /// <summary>Reads the JSON of one topic.</summary>
    /// <param name="kind">The topic.</param>
    /// <param name="json">The JSON bytes.</param>
    /// <returns>The message, or why not.</returns>
    public static Outcome<NodeMessage> Read(TopicKind kind, ReadOnlyMemory<byte> json) => Read<NodeMessage>(json, fields =>
    {
        if (kind == TopicKind.Gateway)
            return new GatewayState(fields.Flag("on"), fields.Long("t", 0, Limits.LatestUtcMs), fields.UInt("epoch"));
        var name = fields.Text("m", 1, 16);
        return (kind, name) switch
        {
            (TopicKind.State, "birth") => ReadBirth(fields),
            (TopicKind.State, "will") => new Will(fields.UInt("bd", 1)),
            (TopicKind.Event, "ev") => ReadRecord(fields),
            (TopicKind.Meter, "me") => ReadMeter(fields),
            (TopicKind.Reply, "res") => ReadReply(fields),
            (TopicKind.Reply, "ask") => new Ask(fields.Choice<AskFor>("q", Ask.Names), Up(fields), fields.OptionalUInt("n")),
            (TopicKind.Command, "lease") => ReadLease(fields),
            (TopicKind.Command, "show") => ReadShow(fields),
            (TopicKind.Command, "config") => ReadConfig(fields),
            (TopicKind.Command, "time") => new TimeMessage(fields.Long("t", Limits.EarliestUtcMs, Limits.LatestUtcMs), fields.Text("c", 8, 22, Forms.Challenge), fields.UInt("list")),
            (TopicKind.Command, "rebirth") => new Rebirth(),
            (TopicKind.Command, "ota") => ReadOffer(fields),
            (TopicKind.Command, "part") => ReadPart(fields),
            (TopicKind.Command, "confirm") => new FirmwareConfirm(fields.Text("fw", 1, 12, Forms.Printable)),
            (TopicKind.Ack, "ack") => new Ack(fields.UInt("seq"), [.. fields.Numbers("bad", 16, false, 1, uint.MaxValue).Select(n => (uint)n)]),
            (TopicKind.List, "list") => ReadChunk(fields),
            _ => null,
        };
    });

    /// <summary>Finds the key of a journal record that is otherwise unreadable, so that it can be set aside and acknowledged.</summary>
    /// <param name="json">The JSON bytes of an authentic message.</param>
    /// <param name="boot">Its boot.</param>
    /// <param name="seq">Its number.</param>
    /// <returns>Whether both are there.</returns>
    public static bool TryRecordKey(ReadOnlyMemory<byte> json, out uint boot, out uint seq)
    {
        (uint Boot, uint Seq) key = default;
        var read = Read<object>(json, fields => key = (fields.UInt("boot", 1), fields.UInt("seq", 1)));
        (boot, seq) = key;
        return read.IsOk;
    }

    /// <summary>Reads an enrolment message.</summary>
    /// <param name="json">The JSON bytes from the serial line.</param>
    /// <returns>The claim, or why not.</returns>
    public static Outcome<Claim> ReadClaim(ReadOnlyMemory<byte> json) => Read(json, fields =>
    {
        if (fields.Text("m", 1, 16) != "claim")
            return null;
        DeviceId device = default;
        DeviceKey? key = null;
        fields.Text("dev", 1, Limits.DeviceIdBytes, text => DeviceId.TryParse(text, out device));
        fields.Text("k", 43, 43, text => DeviceKey.TryParse(text, out key));
        var tagKeyId = fields.OptionalInt("tkid", 1, 255);
        byte[] tagKey = [];
        var tagKeyText = fields.OptionalText("tk", 43, 43, text => Base64UrlText.TryDecode(text, DeviceKey.Length, out tagKey));
        if (fields.IsOk && tagKeyText is null != tagKeyId is null)
            fields.Refuse(FaultReason.Contradiction, "tk");
        var keyId = fields.Byte("kid", 1);
        var host = fields.OptionalText("host", 1, 64, Forms.Printable);
        var port = fields.OptionalInt("port", 1, 65535);
        var ssid = fields.OptionalText("ssid", 1, 32);
        var password = fields.OptionalText("pass", 0, 63);
        return !fields.IsOk ? null : new Claim(device, keyId, key!)
        {
            TagKey = tagKeyId is { } id ? TagKey.FromBytes((byte)id, tagKey) : null,
            Host = host,
            Port = port,
            Ssid = ssid,
            WifiPassword = password,
        };
    });

    /// <summary>Reads the answer to an enrolment message.</summary>
    /// <param name="json">The JSON bytes from the serial line.</param>
    /// <returns>The answer, or why not.</returns>
    public static Outcome<Claimed> ReadClaimed(ReadOnlyMemory<byte> json) => Read(json, fields =>
        fields.Text("m", 1, 16) != "claimed"
            ? null
            : new Claimed(
                fields.Text("code", 1, 16, Forms.Code),
                fields.Text("fw", 1, 12, Forms.Printable),
                fields.Text("hw", 1, 17, Forms.Printable),
                fields.Texts("rl", Limits.Relays, Forms.Role),
                fields.Texts("rd", Limits.Readers, Forms.Role),
                fields.OptionalText("proof", 22, 22)));

    private static Outcome<T> Read<T>(ReadOnlyMemory<byte> json, Func<Fields, T?> read)
        where T : class
    {
        if (json.Length > Limits.JsonBytes)
            return FaultReason.TooLong;
        try
        {
            using var document = JsonDocument.Parse(json, Options);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return FaultReason.NotJson;
            var fields = new Fields(document.RootElement);
            var message = read(fields);
            if (!fields.IsOk)
                return fields.Fault;
            return message is null ? FaultReason.UnknownMessage : message;
        }
        catch (JsonException)
        {
            return FaultReason.NotJson;
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json's answer to a text with half a surrogate pair or bytes that are not UTF-8.
            return FaultReason.NotJson;
        }
    }

    private static long Up(Fields fields) => fields.Long("up", 0, Limits.UptimeMs);

    private static int Channel(Fields fields) => fields.Int("ch", 0, Limits.Relays - 1);

    private static string Session(Fields fields) => fields.Text("sid", 1, Limits.SessionIdBytes, Forms.Session);

    private static long? Energy(Fields fields) => fields.OptionalLong("mwh", 0, Limits.UptimeMs);

    private static Birth ReadBirth(Fields fields)
    {
        var minor = fields.Int("pv", 0, 255);
        var journal = new JournalState(1, 0, 0, 0);
        if (fields.Object("jr") is { } jr)
        {
            journal = new JournalState(jr.UInt("first", 1), jr.UInt("last"), jr.Int("free", 0, 65535), jr.UInt("lost"));
            if (jr.IsOk && journal.First > (ulong)journal.Last + 1)
                jr.Refuse(FaultReason.Contradiction, "first");
            fields.Take(jr, "jr");
        }

        return new Birth(
            fields.UInt("boot", 1),
            fields.UInt("bd", 1),
            Up(fields),
            fields.Text("fw", 1, 12, Forms.Printable),
            fields.Text("hw", 1, 17, Forms.Printable),
            journal,
            fields.UInt("list"),
            fields.UInt("la"),
            fields.UInt("cfg"),
            fields.Byte("tk"),
            fields.Texts("rl", Limits.Relays, Forms.Role),
            fields.Texts("rd", Limits.Readers, Forms.Role),
            [.. fields.Numbers("mt", Limits.Meters, true, 0, Limits.Relays - 1).Select(n => (int)n)],
            fields.Int("dp", 0, 255),
            fields.Objects("st", Limits.Relays, relay => new ClosedRelay(
                Channel(relay), Session(relay), relay.Long("left", 0, Limits.FinishCapSeconds * 1000L), relay.Text("by", 1, 16, Forms.Code))),
            fields.Texts("ft", 4, Forms.StandingFault))
        {
            Minor = minor,
            OnTrial = fields.OptionalInt("tr", 0, 1) == 1,
        };
    }

    private static MeterReading ReadMeter(Fields fields) => new(
        fields.Int("mt", 0, Limits.Meters - 1),
        Up(fields),
        fields.Long("mw", 0, uint.MaxValue),
        fields.OptionalLong("mv", 0, uint.MaxValue),
        fields.OptionalLong("ma", 0, uint.MaxValue),
        Energy(fields));

    private static Reply ReadReply(Fields fields) => new(fields.Text("re", 1, 16), fields.Text("code", 1, 16, Forms.Code), Up(fields))
    {
        Channel = fields.OptionalInt("ch", 0, Limits.Relays - 1),
        N = fields.OptionalUInt("n"),
        Version = fields.OptionalUInt("v"),
        Chunk = fields.OptionalInt("i", 0, Limits.ListChunks - 1),
        Challenge = fields.OptionalText("c", 8, 22, Forms.Challenge),
    };

    private static JournalRecord? ReadRecord(Fields fields)
    {
        var seq = fields.UInt("seq", 1);
        var boot = fields.UInt("boot", 1);
        var up = Up(fields);
        // A device clock at 1970 is allowed on the wire and worth nothing; the gateway judges it.
        var ts = fields.OptionalLong("ts", 0, Limits.LatestUtcMs);
        var kind = fields.Text("k", 1, 16, Forms.Code);
        var off = fields.OptionalFlag("off") ?? false;
        switch (kind)
        {
            case "badge":
                return new BadgeRecord(seq, boot, up, ts, Reader(fields), TagOf(fields), fields.Text("pf", 1, 16, Forms.Code), off);
            case "grant":
                MustBeOff(fields, off);
                return new GrantRecord(seq, boot, up, ts, Reader(fields), Channel(fields), TagOf(fields), Session(fields), fields.UInt("list", 1), fields.Int("max", 1, 43_200));
            case "deny":
                MustBeOff(fields, off);
                return new DenyRecord(seq, boot, up, ts, Reader(fields), Channel(fields), TagOf(fields), Why(fields), fields.UInt("list"));
            case "on":
                var list = fields.OptionalUInt("list", 1);
                if (fields.IsOk && list is not null != off)
                    fields.Refuse(FaultReason.Contradiction, "off");
                return new OnRecord(seq, boot, up, ts, Channel(fields), Session(fields), Energy(fields), list);
            case "off":
                return new OffRecord(seq, boot, up, ts, Channel(fields), Session(fields), Why(fields), Ms(fields), Energy(fields), off);
            case "keep":
                return new KeepRecord(seq, boot, up, ts, Channel(fields), Session(fields), Ms(fields), Energy(fields));
            case "use":
                return new UseRecord(seq, boot, up, ts, Channel(fields), Session(fields), Ms(fields), Energy(fields));
            case "boot":
                return new BootRecord(seq, boot, up, ts, Why(fields), fields.UInt("lb"), fields.Long("lu", 0, Limits.UptimeMs), fields.Int("on", 0, (1 << Limits.Relays) - 1));
            case "fault":
                return new FaultRecord(seq, boot, up, ts, Channel(fields), fields.Text("f", 1, 16, Forms.Code), fields.Flag("on"));
            case "lost":
                return new LostRecord(seq, boot, up, ts, fields.UInt("cnt", 1));
            default:
                return null;
        }
    }

    private static int Reader(Fields fields) => fields.Int("rd", 0, Limits.Readers - 1);

    private static string TagOf(Fields fields) => fields.Text("tag", 1, Limits.TagBytes, Tag.IsCanonical);

    private static string Why(Fields fields) => fields.Text("why", 1, 16, Forms.Code);

    private static long Ms(Fields fields) => fields.Long("ms", 0, Limits.UptimeMs);

    private static void MustBeOff(Fields fields, bool off)
    {
        if (fields.IsOk && !off)
            fields.Refuse(FaultReason.Missing, "off");
    }

    private static Lease ReadLease(Fields fields)
    {
        var lease = new Lease(
            Channel(fields),
            Session(fields),
            fields.UInt("n", 1),
            fields.Int("ttl", 0, Limits.LeaseMaxMs),
            fields.Long("at", 0, Limits.UptimeMs),
            fields.OptionalFlag("s") ?? false);
        if (lease.TtlMs is > 0 and < Limits.LeaseMinMs)
            fields.Refuse(FaultReason.OutOfRange, "ttl");
        return lease;
    }

    private static Show ReadShow(Fields fields) => new(
        Reader(fields),
        fields.Choice<ShowKind>("k", Show.Names),
        fields.Text("t", 0, Limits.ShowBytes, Forms.Sentence),
        fields.Int("s", 0, 600))
    {
        Code = fields.OptionalText("code", 1, 32, Forms.Reason),
        For = fields.OptionalUInt("for", 1),
    };

    private static Config ReadConfig(Fields fields) => new(
        fields.UInt("v", 1),
        fields.Int("si", 30, 600),
        fields.Int("hb", 10, 600),
        ZeroOr(fields, "us", 60, 3600),
        ZeroOr(fields, "me", 1, 3600),
        Config.Languages[(int)fields.Choice<Language>("lang", Config.Languages)],
        fields.Objects("ch", Limits.Relays, ReadChannelConfig),
        [.. fields.Numbers("rc", Limits.Readers, true, 0, Limits.Relays - 1).Select(n => (int)n)]);

    private static ChannelConfig ReadChannelConfig(Fields fields)
    {
        var channel = new ChannelConfig(
            fields.Choice<LostLink>("ll", Config.LostLinkNames),
            fields.Int("cap", 0, Limits.FinishCapSeconds),
            fields.Long("mw", 0, uint.MaxValue),
            fields.Int("idle", 0, 3600),
            fields.Choice<OfflineUse>("of", Config.OfflineNames),
            fields.Int("age", 0, 2_592_000),
            fields.Int("omax", 0, 43_200));
        // Never "hold for ever": finishing has a limit.
        if (fields.IsOk && channel.LostLink == LostLink.Finish && channel.CapSeconds == 0)
            fields.Refuse(FaultReason.Contradiction, "cap");
        return channel;
    }

    private static int ZeroOr(Fields fields, string name, int min, int max)
    {
        var value = fields.Int(name, 0, max);
        if (value != 0 && value < min)
            fields.Refuse(FaultReason.OutOfRange, name);
        return value;
    }

    private static FirmwareOffer ReadOffer(Fields fields) => new(
        fields.Text("fw", 1, 12, Forms.Printable),
        fields.Text("md", 1, 16, Forms.Code),
        fields.Text("min", 1, 12, Forms.Printable),
        fields.Int("size", 1, Limits.FirmwareBytes),
        fields.Text("sha", 43, 43, text => Base64UrlText.TryDecode(text, 32, out _)),
        fields.Text("sig", 86, 86, text => Base64UrlText.TryDecode(text, FirmwareOffer.SignatureBytes, out _)));

    private static FirmwarePart ReadPart(Fields fields)
    {
        byte[] bytes = [];
        var offset = fields.Int("o", 0, Limits.FirmwareBytes - Limits.FirmwarePieceBytes);
        if (offset % Limits.FirmwarePieceBytes != 0)
            fields.Refuse(FaultReason.OutOfRange, "o");
        fields.Text("b", 2, ((Limits.FirmwarePieceBytes * 8) + 5) / 6, text => Base64UrlText.TryDecode(text, text.Length * 6 / 8, out bytes));
        return new FirmwarePart(offset, bytes);
    }

    private static ListChunk ReadChunk(Fields fields)
    {
        IReadOnlyList<ListEntry>? entries = [];
        var chunk = new ListChunk(
            fields.UInt("v", 1),
            fields.UInt("base"),
            fields.Int("i", 0, Limits.ListChunks - 1),
            fields.Int("of", 1, Limits.ListChunks),
            fields.Byte("tk", 1),
            fields.UInt("at"),
            fields.Int("cnt", 0, Limits.ListChunks * Limits.ListChunkEntries),
            []);
        fields.Text("e", 0, Limits.ListChunkEntries * 28, text => (entries = ListEntry.Unpack(text)) is not null);
        if (fields.IsOk && chunk.Index >= chunk.Of)
            fields.Refuse(FaultReason.Contradiction, "i");
        if (fields.IsOk && chunk.Base >= chunk.Version)
            fields.Refuse(FaultReason.Contradiction, "base");
        return chunk with { Entries = entries ?? [] };
    }

    private enum Language
    {
        Fr,
        En,
    }
}
