using System.Text.Json;
using System.Text.Json.Nodes;
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
    public static Outcome<NodeMemory> FromJson(ReadOnlySpan<byte> json)
    {
        try
        {
            var root = JsonNode.Parse(json)!.AsObject();
            if (!MessageReader.ReadClaim(Bytes(root["claim"])).TryGet(out var claim, out var fault))
                return fault;
            var memory = new NodeMemory(claim, Math.Max(64, (int)root["capacity"]!))
            {
                Boot = (uint)root["boot"]!,
                BeatBoot = (uint)root["beatBoot"]!,
                BeatUp = (long)root["beatUp"]!,
                BeatOn = (int)root["beatOn"]!,
            };
            if (root["config"] is { } config)
            {
                if (!MessageReader.Read(TopicKind.Command, Bytes(config)).TryGet(out var read, out fault))
                    return fault;
                memory.Config = (Config)read;
            }

            memory.List.Load(
                (uint)root["listVersion"]!,
                (uint)root["listAt"]!,
                root["list"]!.AsArray().SelectMany(part => ListEntry.Unpack((string)part!) ?? throw new FormatException("A list part is broken.")));
            var records = new List<JournalRecord>();
            foreach (var record in root["journal"]!.AsArray())
            {
                if (!MessageReader.Read(TopicKind.Event, Bytes(record)).TryGet(out var read, out fault))
                    return fault;
                records.Add((JournalRecord)read);
            }

            memory.Journal.Load((uint)root["last"]!, (uint)root["lost"]!, (uint)root["untold"]!, records);
            return memory;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or FormatException or NullReferenceException or OverflowException or ArgumentException or InvalidCastException)
        {
            return FaultReason.NotJson;
        }
    }

    private static byte[] Bytes(JsonNode? node) => System.Text.Encoding.UTF8.GetBytes(node!.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));

    private static void Raw(Utf8JsonWriter json, string name, byte[] value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(value);
    }
}
