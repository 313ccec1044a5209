using System.Diagnostics;
using System.Globalization;
using FabLab.Host.Conformance;
using FabLab.Protocol;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Node;
using FabLab.Protocol.Serial;

namespace FabLab.Host.Tests.Conformance;

/// <summary>A device at the end of a serial line, on a clock that it is given.</summary>
internal abstract class LineDevice : IDisposable
{
    public Action<byte[]> Writes { get; set; } = _ => { };

    public bool IsClosed { get; protected set; }

    public abstract void Start(long now);

    public abstract void Take(long now, byte[] bytes);

    public abstract void Tick(long now);

    public abstract void Tap(long now, string tag);

    public abstract void Measure(long now, long milliWatts);

    public abstract void CutPower(long now);

    public virtual void Dispose()
    {
    }
}

/// <summary>The contract's own device code.</summary>
internal sealed class NodeLineDevice : LineDevice
{
    private NodeMemory _memory = new(new Claim(VirtualWorkbench.Device, 1, VirtualWorkbench.Key) { TagKey = VirtualWorkbench.Tags });
    private readonly FirmwareSlots _slots = new(VirtualWorkbench.Profile);
    private SerialNode _node = null!;
    private long _now;
    private long _bootAt;
    private long? _milliWatts;
    private long _measuredAt;

    public override void Start(long now) => Start(now, BootWhy.Power);

    private void Start(long now, string why)
    {
        _now = _bootAt = now;
        _milliWatts = null;
        _node = new SerialNode(_slots.Profile, _memory);
        Do(_node.Start(0, why, _slots.OnTrial));
    }

    public override void Take(long now, byte[] bytes)
    {
        _now = now;
        Do(_node.Received(now - _bootAt, bytes));
    }

    public override void Tick(long now)
    {
        _now = now;
        if (_milliWatts is { } power && now - _measuredAt >= 500)
        {
            _measuredAt = now;
            Do(_node.Meter(now - _bootAt, new MeterReading(0, now - _bootAt, power)));
        }
        Do(_node.Tick(now - _bootAt));
    }

    public override void Tap(long now, string tag) => Do(_node.Badge(now - _bootAt, 0, tag));

    public override void Measure(long now, long milliWatts) => _milliWatts = milliWatts;

    public override void CutPower(long now) => Restart(now, _slots.LosesPower());

    private void Restart(long now, string why)
    {
        _memory = NodeMemory.FromJson(_memory.ToJson()).Value;
        IsClosed = false;
        Start(now, why);
    }

    public void HoldButton(long now) => _node.ButtonHeld(now - _bootAt);

    private void Do(IReadOnlyList<NodeOutput> outputs)
    {
        string? again = null;
        foreach (var output in outputs)
        {
            if (output is NodeOutput.Relay { Channel: 0 } relay)
                IsClosed = relay.Closed;
            else if (output is NodeOutput.Write write)
                Writes(write.Bytes);
            else if (output is NodeOutput.Slot slot)
                again = _slots.Do(slot, slot.Order) ?? again;
        }
        if (again is not null)
            Restart(_now, again);
    }
}

/// <summary>The device in C, one step at a time: <c>samples/device-c/test/lockstep.c</c>.</summary>
internal sealed class CLineDevice(string program) : LineDevice
{
    private readonly Process _process = Process.Start(new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;

    public override void Start(long now)
    {
        Step($"now {now}");
        Step($"claim {Convert.ToHexString(new Claim(VirtualWorkbench.Device, 1, VirtualWorkbench.Key) { TagKey = VirtualWorkbench.Tags }.ToJson())}");
        Step("boot");
    }

    public override void Take(long now, byte[] bytes)
    {
        Step($"now {now}");
        Step($"rx {Convert.ToHexString(bytes)}");
    }

    public override void Tick(long now) => Step($"now {now}");

    public override void Tap(long now, string tag) => Step($"tap {tag}");

    public override void Measure(long now, long milliWatts) => Step(string.Create(CultureInfo.InvariantCulture, $"power {milliWatts}"));

    public override void CutPower(long now)
    {
        IsClosed = false;
        Step("boot");
    }

    public override void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        base.Dispose();
    }

    private void Step(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
        while (_process.StandardOutput.ReadLine() is { } said)
        {
            switch (said.Split(' '))
            {
                case ["."]:
                    return;
                case ["tx", var hex]:
                    Writes(Convert.FromHexString(hex));
                    break;
                case ["relay", "0", var how]:
                    IsClosed = how == "closed";
                    break;
            }
        }
        throw new InvalidOperationException($"The device in C has ended: {_process.StandardError.ReadToEnd()}");
    }
}

/// <summary>What is wrong with a device's line, and the check that must say so.</summary>
internal sealed record LineDefect(string What, int Check)
{
    /// <summary>Bends what goes to the device.</summary>
    public Func<VirtualLine, byte[], byte[]>? In { get; init; }

    /// <summary>Bends what comes from it.</summary>
    public Func<VirtualLine, byte[], byte[]>? Out { get; init; }

    public static IReadOnlyList<LineDefect> All { get; } =
    [
        new("the hello has no name", 90) { Out = Frames((_, frame) => frame.Type == FrameType.Hello ? frame with { Payload = "?"u8.ToArray() } : frame) },
        new("a repeated frame is not acknowledged", 91) { In = Frames((line, frame) => line.Seen.Add(frame.Seq) || frame.Type is FrameType.Ack or FrameType.Hello ? frame : null) },
        new("a repeated frame is acted on twice", 91)
        {
            In = Frames((line, frame) => frame.Type == FrameType.Claim ? frame with { Seq = line.Renumber(frame.Seq) } : frame),
            Out = Frames((line, frame) => frame.Type == FrameType.Ack ? frame with { Seq = line.NumberOf(frame.Seq) } : frame),
        },
        new("check sums are not looked at", 92) { In = Mended },
        new("endless bytes end by themselves", 93) { In = (line, bytes) => (line.Run = bytes.Contains((byte)0) ? 0 : line.Run + bytes.Length) > 900 ? [.. bytes, 0] : bytes },
        new("a frame is sent once", 94) { Out = (line, bytes) => line.IsRepeated(bytes) ? [] : bytes },
        new("any claim is taken", 95) { In = Frames((line, frame) => { if (frame.Type == FrameType.Claim) line.HoldButton(); return frame; }) },
        new("a claim that is none is not answered", 96) { Out = Frames((_, frame) => frame.Type == FrameType.Claimed && System.Text.Encoding.UTF8.GetString(frame.Payload.Span).Contains("\"bad\"", StringComparison.Ordinal) ? null : frame) },
        new("a claim among the commands is a claim", 97) { In = Frames((_, frame) => frame.Type == FrameType.Command && System.Text.Encoding.UTF8.GetString(frame.Payload.Span).Contains("\"claim\"", StringComparison.Ordinal) ? frame with { Type = FrameType.Claim } : frame) },
    ];

    public override string ToString() => What;

    // Writes are whole frames; what is no good frame goes through as it is.
    private static Func<VirtualLine, byte[], byte[]> Frames(Func<VirtualLine, Frame, Frame?> bend) => (line, bytes) =>
        bytes.Length > 1 && bytes[^1] == 0 && Frame.Read(bytes.AsSpan(0, bytes.Length - 1)).TryGet(out var frame, out _) ? bend(line, frame)?.ToBytes() ?? [] : bytes;

    private static byte[] Mended(VirtualLine line, byte[] bytes)
    {
        var raw = new byte[Limits.FrameBytes];
        if (bytes.Length < 8 || bytes[^1] != 0 || !Cobs.TryDecode(bytes.AsSpan(0, bytes.Length - 1), raw, out var length) || length < Limits.FrameOverheadBytes)
            return bytes;
        var crc = Crc16.Of(raw.AsSpan(0, length - 2));
        (raw[length - 2], raw[length - 1]) = ((byte)(crc >> 8), (byte)crc);
        return [.. Cobs.Encode(raw.AsSpan(0, length)), 0];
    }
}

/// <summary>A device on a serial line in this process, whose time passes as fast as the computer can.</summary>
internal sealed class VirtualLine : IWorkbench, IHands
{
    private const int Step = 20;
    private const long Epoch = 1_790_000_000_000;
    private static readonly string[] Badges = ["iso:04A1B2C3D4E580", "iso:94D8FC5F"];

    private readonly LineDevice _device;
    private readonly LineDefect? _defect;
    private readonly SerialSide _side;
    private readonly Dictionary<ushort, ushort> _numbers = [];
    private readonly Queue<byte[]> _toDevice = new();
    private readonly Queue<byte[]> _fromDevice = new();
    private byte[] _last = [];
    private bool _isCarrying;

    public VirtualLine(LineDevice device, LineDefect? defect = null)
    {
        (_device, _defect) = (device, defect);
        _side = new SerialSide(Raw);
        device.Writes = bytes =>
        {
            if ((_defect?.Out?.Invoke(this, bytes) ?? bytes) is { Length: > 0 } out_)
                _fromDevice.Enqueue(out_);
        };
        device.Start(Now);
        Carry();
    }

    public string Wire => "virtual line";

    public bool IsSerial => true;

    public long Now { get; private set; } = 1_000;

    public long Utc => Epoch + Now;

    public IHands Hands => this;

    public bool Bare
    {
        get => _side.IsBare;
        set => _side.IsBare = value;
    }

    public bool Deaf
    {
        get => _side.IsDeaf;
        set => _side.IsDeaf = value;
    }

    public bool CanTap => true;

    public bool CanMeasure => true;

    public bool CanCutPower => true;

    public bool? IsClosed => _device.IsClosed;

    public HashSet<ushort> Seen { get; } = [];

    public int Run { get; set; }

    public string? Tag(int badge) => Badges[badge];

    public ushort Renumber(ushort seq)
    {
        var given = (ushort)(30_000 + _numbers.Count);
        _numbers[given] = seq;
        return given;
    }

    public ushort NumberOf(ushort given) => _numbers.GetValueOrDefault(given, given);

    public bool IsRepeated(byte[] bytes)
    {
        var again = bytes.AsSpan().SequenceEqual(_last);
        _last = bytes;
        return again;
    }

    public void HoldButton() => (_device as NodeLineDevice)?.HoldButton(Now);

    public void Send(TopicKind topic, byte[] payload)
    {
        Now++;
        _side.Send(Now, Frame.TypeOf(topic), payload);
        Carry();
    }

    public void Claim(byte[] json)
    {
        _side.Send(Now, FrameType.Claim, json);
        Carry();
    }

    public void Raw(byte[] bytes)
    {
        if ((_defect?.In?.Invoke(this, bytes) ?? bytes) is { Length: > 0 } in_)
            _toDevice.Enqueue(in_);
        Carry();
    }

    public void Retain(TopicKind topic, byte[] payload) => throw new InvalidOperationException();

    public Task DropAsync(CancellationToken cancellationToken)
    {
        _side.Greet(Now);
        Carry();
        return Task.CompletedTask;
    }

    public Task<Heard?> NextAsync(long until, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_side.TryTake(out var heard))
                return Task.FromResult(heard);
            if (Now >= until)
                return Task.FromResult<Heard?>(null);
            Now = Math.Min(until, Now + Step);
            _device.Tick(Now);
            _side.Tick(Now);
            Carry();
        }
    }

    public Task TapAsync(int badge, CancellationToken cancellationToken)
    {
        _device.Tap(Now, Badges[badge]);
        Carry();
        return Task.CompletedTask;
    }

    public Task MeasureAsync(long milliWatts, CancellationToken cancellationToken)
    {
        _device.Measure(Now, milliWatts);
        return Task.CompletedTask;
    }

    public Task CutPowerAsync(CancellationToken cancellationToken)
    {
        _device.CutPower(Now);
        Carry();
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _device.Dispose();
        return ValueTask.CompletedTask;
    }

    // What one end writes while the other is at work waits until it is done.
    private void Carry()
    {
        if (_isCarrying)
            return;
        _isCarrying = true;
        while (_toDevice.Count > 0 || _fromDevice.Count > 0)
        {
            if (_toDevice.TryDequeue(out var down))
                _device.Take(Now, down);
            else
                _side.Received(Now, _fromDevice.Dequeue());
        }
        _isCarrying = false;
    }
}
