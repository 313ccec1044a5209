using System.Buffers.Text;
using FabLab.Host.Conformance;
using FabLab.Protocol;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Node;
using FabLab.Testing;

namespace FabLab.Host.Tests.Conformance;

/// <summary>A device in this process, on a broker in this process, whose time passes as fast as the computer can; with a defect, if one is given.</summary>
internal sealed class VirtualWorkbench : IWorkbench, IHands
{
    public static readonly Protocol.DeviceId Device = Protocol.DeviceId.Parse("las-1");
    public static readonly DeviceKey Key = DeviceKey.FromBytes([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
    public static readonly TagKey Tags = TagKey.FromBytes(1, [.. Enumerable.Range(100, 32).Select(i => (byte)i)]);
    public static readonly DeviceKeys Keys = Key.Derive(Device, 1);
    public static readonly NodeProfile Profile = new("1.0.0", "24:6F:28:AA:BB:CC", ["main", "exhaust"], ["iso"], [0], "pn532", 40) { Model = "las-board", SlotBytes = 65_536, IsSigned = IsSigned };
    public static readonly FirmwareFile Update = Signed();

    private const int Step = 20;
    private const long Epoch = 1_790_000_000_000;
    private static readonly string[] Badges = ["iso:04A1B2C3D4E580", "iso:94D8FC5F"];

    private readonly Defect _defect;
    private readonly FirmwareSlots _slots;
    private readonly Queue<Heard> _heard = new();
    private readonly Dictionary<TopicKind, byte[]> _retained = [];
    private readonly bool[] _closed = new bool[Limits.Relays];
    private NodeMemory _memory;
    private NodeCore _node;
    private byte[] _will = [];
    private long _bootAt;
    private long _backAt = -1;
    private long? _milliWatts;
    private long _measuredAt;
    private long _againAt = -1;
    private byte[]? _gateway;

    public VirtualWorkbench(Defect? defect = null)
    {
        _defect = defect ?? new Defect("none", 0);
        _defect.Device = this;
        _memory = new NodeMemory(new Claim(Device, 1, Key) { TagKey = Tags }, _defect.Places);
        _slots = new FirmwareSlots(_defect.TakesNoUpdates ? Profile with { IsSigned = null } : _defect.TrustsAnybody ? Profile with { IsSigned = _ => true } : Profile);
        _node = new NodeCore(_slots.Profile, _memory);
        Do(_node.Start(0, BootWhy.Power));
        Connect();
    }

    public string Wire => "virtual broker";

    public bool IsSerial => false;

    public long Now { get; private set; } = 1_000;

    public long Utc => Epoch + Now;

    public long Up => Now - _bootAt;

    public uint Boot => _memory.Boot;

    public NodeCore Node => _node;

    public IHands Hands => this;

    public bool Bare { get; set; }

    public bool Deaf { get; set; }

    public bool CanTap => true;

    public bool CanMeasure => true;

    public bool CanCutPower => true;

    public bool? IsClosed => _closed[0];

    public string? Tag(int badge) => Badges[badge];

    public bool IsAway => !_node.HasGateway(Up);

    public void Send(TopicKind topic, byte[] payload)
    {
        Now++;
        if (topic == TopicKind.Gateway)
            _gateway = payload;
        if (_backAt < 0)
            Deliver(topic, payload, retained: false);
    }

    public void Raw(byte[] bytes) => throw new InvalidOperationException();

    public void Claim(byte[] json) => throw new InvalidOperationException();

    public void Retain(TopicKind topic, byte[] payload)
    {
        if (payload.Length == 0)
            _retained.Remove(topic);
        else
            _retained[topic] = payload;
        if (_backAt < 0)
            Deliver(topic, payload, retained: false);
    }

    public Task DropAsync(CancellationToken cancellationToken)
    {
        if (_backAt >= 0)
            return Task.CompletedTask;
        _heard.Enqueue(new Heard(Now, HeardKind.Message, TopicKind.State, _will));
        _defect.WhenDropped?.Invoke();
        Do(_node.LinkDown());
        _backAt = Now + 1_000;
        return Task.CompletedTask;
    }

    public Task<Heard?> NextAsync(long until, CancellationToken cancellationToken)
    {
        while (!_heard.TryPeek(out _) && Now < until)
        {
            Now = Math.Min(until, Now + Step);
            Tick();
        }
        return Task.FromResult(_heard.TryDequeue(out var heard) ? heard : null);
    }

    public Task TapAsync(int badge, CancellationToken cancellationToken)
    {
        if (_defect.Tapped?.Invoke(Badges[badge]) != false)
            Do(_node.Badge(Up, 0, Badges[badge]));
        return Task.CompletedTask;
    }

    public Task MeasureAsync(long milliWatts, CancellationToken cancellationToken)
    {
        _milliWatts = milliWatts;
        return Task.CompletedTask;
    }

    public Task CutPowerAsync(CancellationToken cancellationToken)
    {
        Restart(_slots.LosesPower());
        return Task.CompletedTask;
    }

    private void Restart(string why)
    {
        if (_backAt < 0)
            _heard.Enqueue(new Heard(Now, HeardKind.Message, TopicKind.State, _will));
        Array.Clear(_closed);
        _memory = NodeMemory.FromJson(_defect.Kept(_memory.ToJson())).Value;
        _node = new NodeCore(_slots.Profile, _memory);
        _defect.Restarted();
        _milliWatts = null;
        _bootAt = Now;
        Do(_node.Start(Up, why, _slots.OnTrial));
        _defect.WhenStarted?.Invoke();
        _backAt = Now + 500;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>The reader sees the badge of before once more, though nobody took it away.</summary>
    public void TapAgain() => _againAt = Now + 600;

    /// <summary>Straight to the device's own code.</summary>
    public void Into(TopicKind topic, byte[] payload, bool retained = false) => Do(_node.Received(Up, topic, payload, retained));

    /// <summary>Out of the device, as it stands.</summary>
    public void OutOf(TopicKind topic, byte[] payload) => _heard.Enqueue(new Heard(Now, HeardKind.Message, topic, payload));

    private void Connect()
    {
        _backAt = -1;
        _will = _defect.Leaves(TopicKind.State, _node.Connect()) ?? [];
        _defect.WhenConnected?.Invoke();
        Do(_node.LinkUp(Up));
        if (_gateway is { } gateway)
            Deliver(TopicKind.Gateway, gateway, retained: true);
        foreach (var (topic, payload) in _retained)
            Deliver(topic, payload, retained: true);
    }

    private void Deliver(TopicKind topic, byte[] payload, bool retained) => _defect.Comes(topic, payload, retained);

    private void Tick()
    {
        if (_backAt >= 0 && Now >= _backAt)
            Connect();
        if (_milliWatts is { } power && Now - _measuredAt >= 500)
        {
            _measuredAt = Now;
            Do(_node.Meter(Up, new MeterReading(0, Up, power)));
        }
        if (_againAt >= 0 && Now >= _againAt)
        {
            _againAt = -1;
            Do(_node.Badge(Up, 0, Badges[0]));
        }
        Do(_node.Tick(Up));
        _defect.Ticked?.Invoke();
    }

    private void Do(IReadOnlyList<NodeOutput> outputs)
    {
        string? again = null;
        foreach (var output in outputs)
        {
            if (output is NodeOutput.Relay relay)
                _closed[relay.Channel] = relay.Closed;
            else if (output is NodeOutput.Slot slot && (_defect.Slot is { } bend ? bend(slot.Order) : slot.Order) is { } order)
                again = _slots.Do(slot with { Order = order }, slot.Order) ?? again;
            else if (output is NodeOutput.Send send && _backAt < 0 && _defect.Leaves(send.Kind, send.Payload) is { } payload)
                OutOf(send.Kind, payload);
        }
        if (again is not null)
            Restart(again);
    }

    private static bool IsSigned(FirmwareOffer offer) => AuthorKey.IsSigned(offer.BytesToSign(), offer.SignatureOf());

    private static FirmwareFile Signed()
    {
        // The first line is the version, which is all that a device here makes of a firmware.
        byte[] bytes = [.. "2.0.0\n"u8, .. Enumerable.Range(0, 1_300).Select(i => (byte)(i % 251))];
        var offer = FirmwareOffer.Of("2.0.0", "las-board", "0", bytes);
        return new FirmwareFile(offer with { Signature = Base64Url.EncodeToString(AuthorKey.Sign(offer.BytesToSign())) }, bytes);
    }
}

/// <summary>Two slots of which one runs, and the boot loader that knows which.</summary>
internal sealed class FirmwareSlots(NodeProfile profile)
{
    private readonly byte[] _other = new byte[profile.SlotBytes];
    private NodeProfile _before = profile;

    public NodeProfile Profile { get; private set; } = profile;

    public bool OnTrial { get; private set; }

    /// <returns>Why the device restarts; null when it does not.</returns>
    public string? Do(NodeOutput.Slot slot, SlotOrder meant)
    {
        switch (slot.Order)
        {
            case SlotOrder.Write:
                slot.Bytes.Span.CopyTo(_other.AsSpan(slot.Offset));
                return null;
            case SlotOrder.Keep when meant == SlotOrder.Keep:
                OnTrial = false;
                return null;
            case SlotOrder.Try or SlotOrder.Keep:
                // Kept at once where it should have been tried: that is what a defect may do.
                (_before, Profile) = (slot.Order == SlotOrder.Keep ? Version() : Profile, Version());
                OnTrial = true;
                return BootWhy.Update;
            default:
                return GoBack();
        }
    }

    /// <returns>Why the device starts.</returns>
    public string LosesPower() => OnTrial ? GoBack() : BootWhy.Power;

    private string GoBack()
    {
        (Profile, OnTrial) = (_before, false);
        return BootWhy.Back;
    }

    private NodeProfile Version() => Profile with { Firmware = System.Text.Encoding.ASCII.GetString(_other.AsSpan(0, _other.AsSpan().IndexOf((byte)'\n'))) };
}
