using FabLab.Protocol;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Node;
using FabLab.VirtualLab.World;

namespace FabLab.VirtualLab.Devices;

/// <summary>
/// A node of our own protocol: the contract's own <see cref="NodeCore"/> with virtual relays, meters, readers and a display
/// around it, and a file for its flash. What real firmware does with pins, this does with <see cref="VirtualMachine"/>s.
/// </summary>
internal sealed class VirtualNode : IVirtualDevice, INodeSocket
{
    private static readonly TimeSpan MeterPeriod = TimeSpan.FromSeconds(1);

    private readonly INodePlug _plug;
    private readonly NodeProfile _profile;
    private readonly string _flash;
    private readonly TimeProvider _time;
    private readonly long _labBegan;
    private readonly List<Slot> _slots;
    private NodeMemory _memory;
    private NodeCore? _core;
    private long _bootedAtMs;
    private long _metered;
    private bool _flashFails;

    /// <param name="id">The device.</param>
    /// <param name="claim">What it was enrolled with.</param>
    /// <param name="slots">What each of its relay channels switches.</param>
    /// <param name="readers">How many readers it has.</param>
    /// <param name="folder">Where its flash is kept.</param>
    /// <param name="plug">What it is connected by.</param>
    /// <param name="time">The lab's clock.</param>
    /// <param name="labBegan">The timestamp from which the whole virtual lab counts its milliseconds.</param>
    public VirtualNode(string id, Claim claim, IReadOnlyList<Slot> slots, int readers, string folder, INodePlug plug, TimeProvider time, long labBegan)
    {
        Id = id;
        _slots = [.. slots];
        _plug = plug;
        _time = time;
        _labBegan = labBegan;
        _flash = Path.Combine(folder, $"{id}.flash.json");
        _profile = new NodeProfile(
            "virtual-1.0",
            $"V{Math.Abs(StableHash(id)) % 1_000_000:D6}",
            [.. slots.Select(slot => slot.IsExhaust ? "exhaust" : slot.Channel == 0 ? "main" : $"main{slot.Channel}")],
            [.. Enumerable.Repeat("em", readers)],
            [.. slots.Where(slot => !slot.IsExhaust).Select(slot => slot.Channel)],
            DisplayChars: 120);
        _memory = Recall(claim);
    }

    /// <summary>One relay channel and what hangs on it.</summary>
    public sealed record Slot(int Channel, VirtualMachine Machine, bool IsExhaust);

    public event Action<Shown>? Displayed;

    public string Id { get; }

    public Lock Gate { get; } = new();

    public bool IsConnected => _plug.IsConnected;

    string INodeSocket.Device => Id;

    string INodeSocket.MqttPassword => _memory.Keys.MqttPassword;

    private long LabMs => (long)_time.GetElapsedTime(_labBegan).TotalMilliseconds;

    private long UpMs => LabMs - _bootedAtMs;

    public void Start()
    {
        lock (Gate)
            Boot(BootWhy.Power);
        _plug.Start(this);
    }

    public void Tick()
    {
        _plug.Tick();
        lock (Gate)
        {
            if (_core is not { } core)
                return;
            var up = UpMs;
            if (up - _metered >= MeterPeriod.TotalMilliseconds)
            {
                _metered = up;
                Do(up, slot => Meter(core, up, slot));
            }
            Do(core.Tick(up), up);
        }
    }

    public void Tap(int reader, string number)
    {
        lock (Gate)
        {
            var up = UpMs;
            if (_core is { } core)
                Do(core.Badge(up, reader, $"em:{number}"), up);
        }
    }

    public void Cable(bool plugged, bool silent) => _plug.Cable(plugged, silent);

    public void Power(bool on)
    {
        lock (Gate)
        {
            if (on == _core is not null)
                return;
            if (on)
            {
                Boot(BootWhy.Power);
            }
            else
            {
                _core = null;
                // A relay without power falls open; nobody is left to write it down.
                foreach (var slot in _slots)
                    Switch(slot, closed: false, LabMs);
            }
        }
        _plug.Power(on);
    }

    public bool Misbehave(string how)
    {
        lock (Gate)
        {
            switch (how)
            {
                case "garbage" when _plug is SerialPlug serial:
                    serial.Garbage([0x55, 0x00, 0xFF, 0x13, 0x37, 0x00, 0x01, 0x02]);
                    return true;
                case "garbage" or "not-json":
                    _plug.Send(TopicKind.Event, "{ this is not json"u8.ToArray());
                    return true;
                case "oversized":
                    _plug.Send(TopicKind.Event, new byte[4096]);
                    return true;
                case "wrong-mac":
                    var message = Envelope.Seal("{\"m\":\"badge\"}"u8, TopicKind.Event, _memory.Keys, new Counter(_memory.Boot, uint.MaxValue));
                    message[^1] ^= 1;
                    _plug.Send(TopicKind.Event, message);
                    return true;
                case "replay":
                    _plug.Send(TopicKind.Event, Envelope.Seal("{\"m\":\"badge\"}"u8, TopicKind.Event, _memory.Keys, new Counter(1, 1)));
                    return true;
                case "flash-fails":
                    _flashFails = true;
                    return true;
                case "flash-works":
                    _flashFails = false;
                    return true;
                default:
                    return false;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _plug.DisposeAsync();
        lock (Gate)
        {
            _core = null;
            foreach (var slot in _slots)
                Switch(slot, closed: false, LabMs);
        }
    }

    byte[] INodeSocket.BeforeConnect()
    {
        lock (Gate)
            return _core?.Connect() ?? [];
    }

    void INodeSocket.Connected()
    {
        lock (Gate)
        {
            if (_core is not { } core)
                return;
            // A serial line has no will, but each of its connections has a number too.
            if (_plug is SerialPlug)
                core.Connect();
            Do(core.LinkUp(UpMs), UpMs);
        }
    }

    void INodeSocket.Disconnected()
    {
        lock (Gate)
        {
            if (_core is { } core)
                Do(core.LinkDown(), UpMs);
        }
    }

    void INodeSocket.Received(TopicKind kind, byte[] payload)
    {
        lock (Gate)
        {
            var up = UpMs;
            if (_core is { } core)
                Do(core.Received(up, kind, payload), up);
        }
    }

    private void Boot(string why)
    {
        _bootedAtMs = LabMs;
        _metered = 0;
        _core = new NodeCore(_profile, _memory);
        Do(_core.Start(0, why), 0);
    }

    private void Do(long up, Func<Slot, IReadOnlyList<NodeOutput>> each)
    {
        foreach (var slot in _slots.Where(slot => !slot.IsExhaust))
            Do(each(slot), up);
    }

    private IReadOnlyList<NodeOutput> Meter(NodeCore core, long up, Slot slot)
    {
        var (watts, energy) = slot.Machine.Read(_bootedAtMs + up);
        return core.Meter(up, new MeterReading(slot.Channel, up, (long)(watts * 1000), MilliVolts: 231_000, MilliAmperes: (long)(watts / 231 * 1000), MilliWattHours: energy));
    }

    private void Do(IReadOnlyList<NodeOutput> outputs, long up)
    {
        var saved = true;
        foreach (var output in outputs)
        {
            switch (output)
            {
                case NodeOutput.Save:
                    saved = Save();
                    break;
                case NodeOutput.Relay relay when saved || !relay.Closed:
                    Switch(_slots[relay.Channel], relay.Closed, _bootedAtMs + up);
                    break;
                case NodeOutput.Send send when saved:
                    _plug.Send(send.Kind, send.Payload);
                    break;
                case NodeOutput.Display display when saved:
                    Displayed?.Invoke(new Shown(Id, display.Reader, display.Kind.ToString().ToLowerInvariant(), display.Code, display.Text));
                    break;
            }
        }
        if (!saved && _core is { } core)
            foreach (var slot in _slots)
                Do(core.Fault(up, slot.Channel, NodeFault.Flash, standing: true).Where(output => output is not NodeOutput.Save).ToList(), up);
    }

    // The truth about a contact is kept on the lab's clock, which is the device's plus a constant as long as it does not restart.
    private static void Switch(Slot slot, bool closed, long labMs)
    {
        if (slot.IsExhaust)
            slot.Machine.Exhaust.Set(closed, labMs);
        else
            slot.Machine.Switch(closed, labMs);
    }

    private bool Save()
    {
        if (_flashFails)
            return false;
        var draft = _flash + ".new";
        File.WriteAllBytes(draft, _memory.ToJson());
        File.Move(draft, _flash, overwrite: true);
        return true;
    }

    private NodeMemory Recall(Claim claim)
    {
        if (File.Exists(_flash)
            && NodeMemory.FromJson(File.ReadAllBytes(_flash)).TryGet(out var memory, out _)
            && memory.Claim.Key.ToBase64Url() == claim.Key.ToBase64Url() && memory.Claim.KeyId == claim.KeyId)
            return memory;
        Directory.CreateDirectory(Path.GetDirectoryName(_flash)!);
        return new NodeMemory(claim);
    }

    private static int StableHash(string text) => text.Aggregate(17, (hash, c) => unchecked((hash * 31) + c));
}
