using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FabLab.Protocol;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Node;

namespace FabLab.Host.Tests.Conformance;

/// <summary>
/// One fault in a device that is otherwise as it should be. It stands between the wire and the device's own code, holds the device's
/// keys, and bends what goes through. Counts downward are sixteen times as high inside, so that there is room for messages that
/// the faulty device should never have taken.
/// </summary>
internal sealed class Defect(string what, int check)
{
    private const uint Room = 16;

    private readonly Dictionary<uint, uint> _numbers = [];
    private readonly HashSet<uint> _sent = [];
    private VirtualWorkbench? _device;
    private uint _highest;
    private uint _inside;

    public string What => what;

    /// <summary>The check that must find it.</summary>
    public int Check => check;

    public VirtualWorkbench Device
    {
        get => _device!;
        set => _device = value;
    }

    public int Places { get; init; } = Limits.JournalRecords;

    /// <summary>Bends a message to the device; false: it is lost.</summary>
    public Func<Defect, TopicKind, JsonObject, bool>? In { get; init; }

    /// <summary>Bends a message of the device; false: it is not sent.</summary>
    public Func<Defect, TopicKind, JsonObject, bool>? Out { get; init; }

    /// <summary>Faults for which a message is not refused.</summary>
    public FaultReason[] Takes { get; init; } = [];

    /// <summary>What it keeps over a power cut, bent.</summary>
    public Action<JsonObject>? Memory { get; init; }

    /// <summary>Any signature is the author's.</summary>
    public bool TrustsAnybody { get; init; }

    /// <summary>No fault: it leaves updates out, as it may.</summary>
    public bool TakesNoUpdates { get; init; }

    /// <summary>What is to be done with the other slot, bent; null: nothing.</summary>
    public Func<SlotOrder, SlotOrder?>? Slot { get; init; }

    public Action<Defect>? OnConnect { get; init; }

    public Action<Defect>? OnDrop { get; init; }

    public Action<Defect>? OnStart { get; init; }

    public Action<Defect>? OnTick { get; init; }

    public Func<Defect, string, bool>? OnTap { get; init; }

    public Action? WhenConnected => OnConnect is null ? null : () => OnConnect(this);

    public Action? WhenDropped => OnDrop is null ? null : () => OnDrop(this);

    public Action? WhenStarted => OnStart is null ? null : () => OnStart(this);

    public Action? Ticked => OnTick is null ? null : () => OnTick(this);

    public Func<string, bool>? Tapped => OnTap is null ? null : tag => OnTap(this, tag);

    /// <summary>Session that the relay was last closed for.</summary>
    public string Session { get; set; } = "";

    public HashSet<string> Ended { get; } = [];

    public bool Flag { get; set; }

    public override string ToString() => what;

    public void Restarted() => (_highest, _inside) = (0, 0);

    public byte[] Kept(byte[] memory)
    {
        if (Memory is null)
            return memory;
        var json = JsonNode.Parse(memory)!.AsObject();
        Memory(json);
        return JsonSerializer.SerializeToUtf8Bytes(json);
    }

    /// <summary>A message of the faulty part itself to the device's own code.</summary>
    public void Inject(DownMessage message) => Inject(message.Topic, message.ToJson());

    /// <summary>Sends a message as the device, with its next count taken from nowhere.</summary>
    public void Emit(UpMessage message, uint n) =>
        Device.OutOf(message.Topic, Envelope.Seal(message.ToJson(), message.Topic, VirtualWorkbench.Keys, new Counter(Device.Boot, n)));

    public void Comes(TopicKind topic, byte[] payload, bool retained)
    {
        if (topic == TopicKind.Gateway)
        {
            if (In is null)
                Device.Into(topic, payload, retained);
            else if (TryParse(payload) is not { } state)
                ComesBroken(payload);
            else if (In(this, topic, state))
                Device.Into(topic, JsonSerializer.SerializeToUtf8Bytes(state));
            return;
        }
        if (retained && !Takes.Contains(FaultReason.Retained))
            return;
        if (!Envelope.Open(payload, topic, VirtualWorkbench.Keys).TryGet(out var genuine, out var fault))
        {
            if (Takes.Contains(fault.Reason) && payload.Length > Limits.TrailerBytes)
                Obey(topic, payload[..^Limits.TrailerBytes]);
            return;
        }
        var (json, counter) = (genuine.Json.ToArray(), genuine.Counter);
        if (counter.Boot != Device.Boot && Takes.Contains(FaultReason.OtherBoot))
        {
            Obey(topic, json);
        }
        else if (counter.Boot != Device.Boot)
        {
            // Refused as it should be: the device's own code answers with a birth.
            Device.Into(topic, payload);
        }
        else if (counter.N <= _highest && Takes.Contains(FaultReason.OldCounter))
        {
            Obey(topic, json);
        }
        else
        {
            if (counter.N > _highest)
                (_highest, _inside) = (counter.N, counter.N * Room);
            if (Bent(topic, json) is { } bent)
                Device.Into(topic, Envelope.Seal(bent, topic, VirtualWorkbench.Keys, new Counter(Device.Boot, counter.N * Room)));
        }
    }

    private void Obey(TopicKind topic, byte[] json)
    {
        if (Bent(topic, json) is { } bent)
            Inject(topic, bent);
    }

    public byte[]? Leaves(TopicKind topic, byte[] payload)
    {
        var opened = Envelope.Open(payload, topic, VirtualWorkbench.Keys).Value;
        var json = JsonNode.Parse(opened.Json.Span)!.AsObject();
        // Outside, counts are as the gateway gave them.
        if ((string?)json["q"] == "ctr" || (string?)json["re"] is "cmd" or "ack" or "list" && json["n"] is not null)
            json["n"] = (uint)json["n"]! / Room;
        if (Out?.Invoke(this, topic, json) == false)
            return null;
        return Envelope.Seal(JsonSerializer.SerializeToUtf8Bytes(json, Relaxed), topic, VirtualWorkbench.Keys, CounterOf?.Invoke(opened.Counter) ?? opened.Counter);
    }

    public Func<Counter, Counter>? CounterOf { get; init; }

    /// <summary>Remembers the number a lease came with, under the one it is given.</summary>
    public uint Renumber(uint n)
    {
        var given = (uint)_numbers.Count + 1;
        _numbers[given] = n;
        return given;
    }

    public uint NumberOf(uint given) => _numbers.GetValueOrDefault(given, given);

    /// <summary>Whether a record goes out for the first time.</summary>
    public bool IsFirst(JsonObject record) => _sent.Add((uint)record["seq"]!);

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private void Inject(TopicKind topic, byte[] json) =>
        Device.Into(topic, Envelope.Seal(json, topic, VirtualWorkbench.Keys, new Counter(Device.Boot, ++_inside)));

    private void ComesBroken(byte[] payload)
    {
        var nothing = new JsonObject();
        if (In!(this, TopicKind.Gateway, nothing))
            Device.Into(TopicKind.Gateway, nothing.Count > 0 ? JsonSerializer.SerializeToUtf8Bytes(nothing) : payload);
    }

    private byte[]? Bent(TopicKind topic, byte[] json)
    {
        if (In is null || TryParse(json) is not { } parsed)
            return json;
        var before = parsed.ToJsonString();
        if (!In(this, topic, parsed))
            return null;
        return parsed.ToJsonString() == before ? json : JsonSerializer.SerializeToUtf8Bytes(parsed, Relaxed);
    }

    private static JsonObject? TryParse(byte[] json)
    {
        try
        {
            var node = JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { MaxDepth = 1_000 }) as JsonObject;
            // A name that stands twice is found out when somebody looks.
            _ = node?.Count;
            return node;
        }
        catch (Exception fault) when (fault is JsonException or ArgumentException)
        {
            return null;
        }
    }

    // ---- bending entries of the list ----

    public static string Entries(string text, Action<byte[]> change)
    {
        if (text.Length % 28 != 0)
            return text;
        var bytes = new byte[text.Length / 4 * 3];
        if (!Base64Url.TryDecodeFromChars(text, bytes, out _))
            return text;
        for (var at = 0; at < bytes.Length; at += Limits.ListEntryBytes)
        {
            var entry = bytes[at..(at + Limits.ListEntryBytes)];
            change(entry);
            entry.CopyTo(bytes, at);
        }
        return Base64Url.EncodeToString(bytes);
    }
}
