using System.Text.Json;
using FabLab.Protocol.Messages;

namespace FabLab.Protocol.Node;

/// <summary>All that a device keeps over a power cut. One object for one device; <see cref="NodeCore"/> changes it and says when to make it durable.</summary>
public sealed class NodeMemory
{
    /// <summary>The memory of a device that was just enrolled.</summary>
    /// <param name="claim">The enrolment.</param>
    /// <param name="journalCapacity">Places in the journal.</param>
    public NodeMemory(Claim claim, int journalCapacity = Limits.JournalRecords)
    {
        ArgumentNullException.ThrowIfNull(claim);
        Claim = claim;
        Keys = claim.Key.Derive(claim.Device, claim.KeyId);
        Journal = new JournalRing(journalCapacity);
    }

    /// <summary>The enrolment, secrets included.</summary>
    public Claim Claim { get; }

    /// <summary>Keys derived from it.</summary>
    public DeviceKeys Keys { get; }

    /// <summary>Number of this boot; 0 before the first.</summary>
    public uint Boot { get; internal set; }

    /// <summary>The journal.</summary>
    public JournalRing Journal { get; }

    /// <summary>The configuration held.</summary>
    public Config Config { get; internal set; } = Config.Default;

    /// <summary>The offline list.</summary>
    public OfflineList List { get; } = new();

    /// <summary>Boot of the last heartbeat.</summary>
    public uint BeatBoot { get; internal set; }

    /// <summary>Uptime at the last heartbeat, ms.</summary>
    public long BeatUp { get; internal set; }

    /// <summary>Channels closed at the last heartbeat; bit 0 is channel 0.</summary>
    public int BeatOn { get; internal set; }

    /// <summary>The memory as text for a file. Holds secrets.</summary>
    /// <returns>JSON.</returns>
    public byte[] ToJson() => JsonText.Write(json =>
    {
        Raw(json, "claim", Claim.ToJson());
        json.WriteNumber("boot", Boot);
        json.WriteBoolean("configured", Config.Version > 0);
        if (Config.Version > 0)
            Raw(json, "config", Config.ToJson());
        json.WriteNumber("beatBoot", BeatBoot);
        json.WriteNumber("beatUp", BeatUp);
        json.WriteNumber("beatOn", BeatOn);
        json.WriteNumber("listVersion", List.Version);
        json.WriteNumber("listAt", List.At);
        json.WriteStartArray("list");
        foreach (var part in List.Entries.Chunk(Limits.ListChunkEntries))
            json.WriteStringValue(ListEntry.Pack(part));
        json.WriteEndArray();
        json.WriteNumber("capacity", Journal.Capacity);
        json.WriteNumber("last", Journal.Last);
        json.WriteNumber("lost", Journal.Lost);
        json.WriteNumber("untold", Journal.LostUntold);
        json.WriteStartArray("journal");
        foreach (var record in Journal.Records)
            json.WriteRawValue(record.ToJson());
        json.WriteEndArray();
    });

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The text.</param>
    /// <returns>The memory, or why not: a file half written is not trusted in part.</returns>
    public static Outcome<NodeMemory> FromJson(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object ? Read(new Fields(document.RootElement)) : FaultReason.NotJson;
        }
        catch (JsonException)
        {
            return FaultReason.NotJson;
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json's answer to a text with half a surrogate pair.
            return FaultReason.NotJson;
        }
    }

    private static Outcome<NodeMemory> Read(Fields fields)
    {
        if (!MessageReader.ReadClaim(fields.Raw("claim")).TryGet(out var claim, out var fault))
            return fault;
        var memory = new NodeMemory(claim, fields.Int("capacity", 64, int.MaxValue))
        {
            Boot = fields.UInt("boot"),
            BeatBoot = fields.UInt("beatBoot"),
            BeatUp = fields.Long("beatUp", 0, Limits.UptimeMs),
            BeatOn = fields.Int("beatOn", 0, (1 << Limits.Relays) - 1),
        };
        var (listVersion, listAt) = (fields.UInt("listVersion"), fields.UInt("listAt"));
        var entries = new List<ListEntry>();
        fields.Texts("list", Limits.ListChunks, text =>
        {
            var part = ListEntry.Unpack(text);
            entries.AddRange(part ?? []);
            return part is not null;
        });
        var (last, lost, untold) = (fields.UInt("last"), fields.UInt("lost"), fields.UInt("untold"));
        var records = new List<JournalRecord>();
        foreach (var item in fields.RawItems("journal"))
        {
            if (!MessageReader.Read(TopicKind.Event, item).TryGet(out var record, out fault))
                return fault;
            records.Add((JournalRecord)record);
        }

        if (records.Where((record, index) => record.Seq != last - (uint)records.Count + 1 + (uint)index).Any())
            fields.Refuse(FaultReason.Contradiction, "journal");

        if (fields.IsOk && fields.OptionalFlag("configured") == true)
        {
            if (!MessageReader.Read(TopicKind.Command, fields.Raw("config")).TryGet(out var config, out fault))
                return fault;
            memory.Config = config as Config ?? Config.Default;
        }

        if (!fields.IsOk)
            return fields.Fault;
        memory.List.Load(listVersion, listAt, entries.DistinctBy(entry => entry.Hash));
        memory.Journal.Load(last, lost, untold, records);
        return memory;
    }

    private static void Raw(Utf8JsonWriter json, string name, byte[] value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(value);
    }
}
