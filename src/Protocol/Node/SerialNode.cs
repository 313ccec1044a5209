using System.Text;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Serial;

namespace FabLab.Protocol.Node;

/// <summary>
/// A device on a serial line: a <see cref="NodeCore"/> behind a <see cref="FrameLine"/>, with the hello and the enrolment. What goes to the line comes out as <see cref="NodeOutput.Write"/>.
/// Pure like both. Not thread safe.
/// </summary>
public sealed class SerialNode
{
    private const int HelloMs = 1_000;
    private const int ButtonMs = 60_000;
    private static readonly byte[] Nobody = "?"u8.ToArray();

    private readonly NodeProfile _profile;
    private readonly FrameLine _line = new();
    private readonly List<NodeOutput> _outputs = [];
    private bool _joined;
    private bool _greeting;
    private long _helloAt = long.MinValue / 2;
    private long _buttonAt = long.MinValue / 2;

    /// <summary>A device on a serial line.</summary>
    /// <param name="profile">What it is made of.</param>
    /// <param name="memory">What it kept; null while it belongs to nobody.</param>
    public SerialNode(NodeProfile profile, NodeMemory? memory)
    {
        _profile = profile;
        Core = memory is null ? null : new NodeCore(profile, memory);
    }

    /// <summary>The device behind the line; null while it belongs to nobody.</summary>
    public NodeCore? Core { get; private set; }

    /// <summary>First call after power came.</summary>
    /// <param name="upMs">Uptime.</param>
    /// <param name="why">A <see cref="BootWhy"/>.</param>
    /// <param name="onTrial">The firmware runs for the first time and is not confirmed yet.</param>
    /// <returns>What to do, in order.</returns>
    public IReadOnlyList<NodeOutput> Start(long upMs, string why, bool onTrial = false)
    {
        if (Core is not null)
            Through(upMs, Core.Start(upMs, why, onTrial));
        Greet(upMs);
        return Take();
    }

    /// <summary>Takes bytes from the line.</summary>
    /// <param name="upMs">Uptime.</param>
    /// <param name="bytes">The bytes.</param>
    /// <returns>What to do, in order.</returns>
    public IReadOnlyList<NodeOutput> Received(long upMs, ReadOnlySpan<byte> bytes)
    {
        Carry(upMs, _line.Received(upMs, bytes));
        return Take();
    }

    /// <summary>A tag was read, see <see cref="NodeCore.Badge"/>.</summary>
    /// <param name="upMs">Uptime.</param>
    /// <param name="reader">Reader.</param>
    /// <param name="tag">Canonical tag text.</param>
    /// <returns>What to do, in order.</returns>
    public IReadOnlyList<NodeOutput> Badge(long upMs, int reader, string tag) => Do(upMs, core => core.Badge(upMs, reader, tag));

    /// <summary>A meter was read, see <see cref="NodeCore.Meter"/>.</summary>
    /// <param name="upMs">Uptime.</param>
    /// <param name="reading">The reading.</param>
    /// <returns>What to do, in order.</returns>
    public IReadOnlyList<NodeOutput> Meter(long upMs, MeterReading reading) => Do(upMs, core => core.Meter(upMs, reading));

    /// <summary>A contact's feedback, see <see cref="NodeCore.Feedback"/>.</summary>
    /// <param name="upMs">Uptime.</param>
    /// <param name="channel">Channel.</param>
    /// <param name="closed">Whether the contact is closed.</param>
    /// <returns>What to do, in order.</returns>
    public IReadOnlyList<NodeOutput> Feedback(long upMs, int channel, bool closed) => Do(upMs, core => core.Feedback(upMs, channel, closed));

    /// <summary>A fault, see <see cref="NodeCore.Fault"/>.</summary>
    /// <param name="upMs">Uptime.</param>
    /// <param name="channel">Channel.</param>
    /// <param name="code">A <see cref="NodeFault"/>.</param>
    /// <param name="standing">True when it begins.</param>
    /// <returns>What to do, in order.</returns>
    public IReadOnlyList<NodeOutput> Fault(long upMs, int channel, string code, bool standing) => Do(upMs, core => core.Fault(upMs, channel, code, standing));

    /// <summary>The button was held for 5 s: for a minute the device may be enrolled anew.</summary>
    /// <param name="upMs">Uptime.</param>
    public void ButtonHeld(long upMs) => _buttonAt = upMs;

    /// <summary>The cable is gone.</summary>
    /// <param name="upMs">Uptime.</param>
    /// <returns>What to do, in order.</returns>
    public IReadOnlyList<NodeOutput> Unplugged(long upMs)
    {
        _line.Reset();
        Lost(upMs);
        return Take();
    }

    /// <summary>The passing of time; call it every 100 ms or more often.</summary>
    /// <param name="upMs">Uptime.</param>
    /// <returns>What to do, in order.</returns>
    public IReadOnlyList<NodeOutput> Tick(long upMs)
    {
        Carry(upMs, _line.Tick(upMs));
        if (!_joined && !_greeting && upMs - _helloAt >= HelloMs)
            Greet(upMs);
        if (Core is not null)
            Through(upMs, Core.Tick(upMs));
        return Take();
    }

    private List<NodeOutput> Do(long upMs, Func<NodeCore, IReadOnlyList<NodeOutput>> input)
    {
        if (Core is not null)
            Through(upMs, input(Core));
        return Take();
    }

    private void Greet(long upMs)
    {
        _helloAt = upMs;
        _greeting = true;
        Put(upMs, FrameType.Hello, Core is null ? Nobody : Encoding.ASCII.GetBytes(Core.Memory.Keys.Device.Value));
    }

    private void Lost(long upMs)
    {
        _greeting = false;
        if (!_joined)
            return;
        _joined = false;
        if (Core is not null)
            Through(upMs, Core.LinkDown());
    }

    private void Carry(long upMs, IReadOnlyList<LineOutput> outputs)
    {
        foreach (var output in outputs)
        {
            switch (output)
            {
                case LineOutput.Write write:
                    _outputs.Add(new NodeOutput.Write(write.Bytes));
                    break;
                case LineOutput.Refused refused:
                    _outputs.Add(new NodeOutput.Refused(refused.Fault));
                    break;
                case LineOutput.Dead:
                    Lost(upMs);
                    break;
                case LineOutput.Delivered { Frame.Type: FrameType.Hello }:
                    Joined(upMs);
                    break;
                case LineOutput.Arrived arrived:
                    Arrived(upMs, arrived.Frame);
                    break;
            }
        }
    }

    private void Joined(long upMs)
    {
        _greeting = false;
        _joined = true;
        if (Core is null)
            return;
        // The will has no use here, but the connect counts.
        Core.Connect();
        Through(upMs, Core.LinkUp(upMs));
    }

    private void Arrived(long upMs, Frame frame)
    {
        if (frame.Type == FrameType.Hello)
        {
            if (!_greeting)
            {
                Lost(upMs);
                Greet(upMs);
            }
        }
        else if (frame.Type == FrameType.Claim)
        {
            Claim(upMs, frame.Payload);
        }
        else if (Core is not null && Frame.TryTopic(frame.Type, out var kind) && Topics.DirectionOf(kind) == Direction.Down)
        {
            Through(upMs, Core.Received(upMs, kind, frame.Payload));
        }
        else
        {
            _outputs.Add(new NodeOutput.Refused(new Fault(FaultReason.UnknownTopic)));
        }
    }

    private void Claim(long upMs, ReadOnlyMemory<byte> json)
    {
        var answer = NodeEnrolment.Take(_profile, Core?.Memory, upMs - _buttonAt <= ButtonMs, json, out var memory);
        if (memory is null)
        {
            Put(upMs, FrameType.Claimed, answer.ToJson());
            return;
        }

        _buttonAt = long.MinValue / 2;
        Lost(upMs);
        _outputs.Add(new NodeOutput.Enrolled(memory));
        Core = new NodeCore(_profile, memory);
        Through(upMs, Core.Start(upMs, BootWhy.Soft));
        Put(upMs, FrameType.Claimed, answer.ToJson());
        Greet(upMs);
    }

    private void Through(long upMs, IReadOnlyList<NodeOutput> outputs)
    {
        foreach (var output in outputs)
        {
            if (output is NodeOutput.Send send)
                Put(upMs, Frame.TypeOf(send.Kind), send.Payload);
            else
                _outputs.Add(output);
        }
    }

    // A frame that finds no room is no loss: records are sent again, and answers are superseded.
    private void Put(long upMs, FrameType type, byte[] payload) => Carry(upMs, _line.Send(upMs, type, payload, out _));

    private List<NodeOutput> Take()
    {
        var taken = _outputs.ToList();
        _outputs.Clear();
        return taken;
    }
}
