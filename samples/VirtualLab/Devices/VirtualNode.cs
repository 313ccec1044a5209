using FabLab.Protocol;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Node;
using FabLab.VirtualLab.World;

namespace FabLab.VirtualLab.Devices;

/// <summary>One relay channel of a node and what hangs on it.</summary>
internal sealed record Slot(int Channel, VirtualMachine Machine, bool IsExhaust);

/// <summary>How a node is made.</summary>
/// <param name="Id">The device.</param>
/// <param name="Claim">What it was enrolled with.</param>
/// <param name="Slots">What each of its relay channels switches, by channel.</param>
/// <param name="Readers">How many readers it has.</param>
/// <param name="Folder">Where its flash is kept.</param>
/// <param name="Time">The lab's clock.</param>
/// <param name="LabBegan">The timestamp from which the whole virtual lab counts its milliseconds.</param>
internal sealed record NodeParts(string Id, Claim Claim, IReadOnlyList<Slot> Slots, int Readers, string Folder, TimeProvider Time, long LabBegan);

/// <summary>
/// A node of our own protocol: the contract's own device code with virtual relays, meters, readers and a display around it, and
/// a file for its flash. What real firmware does with pins, this does with <see cref="VirtualMachine"/>s.
/// </summary>
internal abstract class VirtualNode : IVirtualDevice
{
    private static readonly TimeSpan MeterPeriod = TimeSpan.FromSeconds(1);

    private readonly NodeParts _parts;
    private readonly string _flash;
    private long _bootedAtMs;
    private long _metered;
    private bool _flashFails;

    protected VirtualNode(NodeParts parts)
    {
        _parts = parts;
        _flash = Path.Combine(parts.Folder, $"{parts.Id}.flash.json");
        Profile = new NodeProfile(
            "virtual-1.0",
            $"V{Math.Abs((long)StableHash(parts.Id)) % 1_000_000:D6}",
            [.. parts.Slots.Select(slot => slot.IsExhaust ? "exhaust" : slot.Channel == 0 ? "main" : $"main{slot.Channel}")],
            [.. Enumerable.Repeat("em", parts.Readers)],
            [.. parts.Slots.Where(slot => !slot.IsExhaust).Select(slot => slot.Channel)],
            DisplayChars: 120);
        Memory = Recall(parts.Claim);
    }

    public event Action<Shown>? Displayed;

    public string Id => _parts.Id;

    public abstract bool IsConnected { get; }

    /// <summary>Held while the node works.</summary>
    protected Lock Gate { get; } = new();

    protected NodeProfile Profile { get; }

    protected NodeMemory Memory { get; }

    /// <summary>Milliseconds since its boot.</summary>
    protected long UpMs => LabMs - _bootedAtMs;

    protected abstract bool IsAlive { get; }

    private long LabMs => (long)_parts.Time.GetElapsedTime(_parts.LabBegan).TotalMilliseconds;

    public void Start()
    {
        lock (Gate)
            BootNow();
        Connect();
    }

    public void Tick()
    {
        lock (Gate)
        {
            if (!IsAlive)
                return;
            var up = UpMs;
            if (up - _metered >= MeterPeriod.TotalMilliseconds)
            {
                _metered = up;
                foreach (var slot in _parts.Slots.Where(slot => !slot.IsExhaust))
                    Do(Meter(up, Read(slot, up)), up);
            }
            Do(TickCore(up), up);
        }
    }

    public void Tap(int reader, string number)
    {
        lock (Gate)
        {
            var up = UpMs;
            if (IsAlive)
                Do(Badge(up, reader, $"em:{number}"), up);
        }
    }

    public abstract void Cable(bool plugged, bool silent);

    public void Power(bool on)
    {
        lock (Gate)
        {
            if (on == IsAlive)
                return;
            if (on)
            {
                BootNow();
            }
            else
            {
                Die();
                OpenAll();
            }
        }
        PowerFollows(on);
    }

    public bool Misbehave(string how)
    {
        lock (Gate)
        {
            switch (how)
            {
                case "flash-fails":
                    _flashFails = true;
                    return true;
                case "flash-works":
                    _flashFails = false;
                    return true;
                default:
                    return MisbehaveOnTheWire(how);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await DisconnectAsync();
        lock (Gate)
        {
            Die();
            OpenAll();
        }
    }

    /// <summary>Plugs it in for the first time.</summary>
    protected abstract void Connect();

    protected abstract ValueTask DisconnectAsync();

    protected abstract void PowerFollows(bool on);

    protected abstract bool MisbehaveOnTheWire(string how);

    /// <summary>Starts its program anew.</summary>
    protected abstract IReadOnlyList<NodeOutput> Boot();

    protected abstract void Die();

    protected abstract IReadOnlyList<NodeOutput> Badge(long up, int reader, string tag);

    protected abstract IReadOnlyList<NodeOutput> Meter(long up, MeterReading reading);

    protected abstract IReadOnlyList<NodeOutput> TickCore(long up);

    protected abstract IReadOnlyList<NodeOutput> Fault(long up, int channel, string code);

    /// <summary>Sends a sealed message, or writes bytes of a serial line.</summary>
    protected abstract void Wire(NodeOutput output);

    /// <summary>Carries out what its program wants, in order. Only under <see cref="Gate"/>.</summary>
    protected void Do(IReadOnlyList<NodeOutput> outputs, long up)
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
                    Switch(_parts.Slots[relay.Channel], relay.Closed, _bootedAtMs + up);
                    break;
                case NodeOutput.Send or NodeOutput.Write when saved:
                    Wire(output);
                    break;
                case NodeOutput.Display display when saved:
                    Displayed?.Invoke(new Shown(Id, display.Reader, display.Kind.ToString().ToLowerInvariant(), display.Code, display.Text));
                    break;
            }
        }
        if (saved || !IsAlive)
            return;
        foreach (var slot in _parts.Slots)
            Do([.. Fault(up, slot.Channel, NodeFault.Flash).Where(output => output is not NodeOutput.Save)], up);
    }

    private void BootNow()
    {
        _bootedAtMs = LabMs;
        _metered = 0;
        Do(Boot(), 0);
    }

    private MeterReading Read(Slot slot, long up)
    {
        var (watts, energy) = slot.Machine.Read(_bootedAtMs + up);
        return new MeterReading(slot.Channel, up, (long)(watts * 1000), MilliVolts: 231_000, MilliAmperes: (long)(watts / 231 * 1000), MilliWattHours: energy);
    }

    // A relay without power falls open; nobody is left to write it down.
    private void OpenAll()
    {
        foreach (var slot in _parts.Slots)
            Switch(slot, closed: false, LabMs);
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
        File.WriteAllBytes(draft, Memory.ToJson());
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
