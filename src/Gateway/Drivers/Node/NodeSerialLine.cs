using System.Text;
using FabLab.Gateway.Links;
using FabLab.Protocol;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Serial;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.Node;

/// <summary>
/// The gateway's end of a node's serial line: frames over bytes, one frame under way, repeated until acknowledged. Who is at the
/// other end says so in its hello; its birth proves it.
/// </summary>
internal sealed partial class NodeSerialLine(string id, uint epoch, ISerialLink link, TimeProvider time, ILogger logger) : INodeTransport, ISerialSink
{
    private readonly LogGate _logGate = new(time);
    private readonly FrameLine _line = new();

    // Never held while the device is called: the device calls Send under its own lock.
    private readonly Lock _gate = new();
    private ITimer? _timer;
    private NodeDevice? _device;
    private bool _open;

    public void Start(NodeDevice device)
    {
        _device = device;
        _timer = time.CreateTimer(static me => ((NodeSerialLine)me!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        link.Start(this);
    }

    public void Close()
    {
        lock (_gate)
        {
            _open = false;
            _timer?.Dispose();
        }
        _ = link.DisposeAsync().AsTask();
    }

    public LinkSend Send(TopicKind kind, string topic, byte[] payload, TimeSpan? expiry)
    {
        lock (_gate)
        {
            if (!_open)
                return LinkSend.Down;
            WriteNeedsGate(_line.Send(NowMs, Frame.TypeOf(kind), payload, out var accepted));
            return accepted ? LinkSend.Sent : LinkSend.Down;
        }
    }

    public void OnLinkChanged(bool up)
    {
        lock (_gate)
        {
            _line.Reset();
            _open = up;
            if (up)
                WriteNeedsGate(_line.Send(NowMs, FrameType.Hello, [], out _));
        }
        if (!up)
            _device!.OnLinkLost();
    }

    public void OnBytes(ReadOnlySpan<byte> bytes, long receivedTimestamp)
    {
        IReadOnlyList<LineOutput> outputs;
        lock (_gate)
        {
            outputs = _line.Received(NowMs, bytes);
            WriteNeedsGate(outputs);
        }
        Tell(outputs, receivedTimestamp);
    }

    private long NowMs => (long)time.GetElapsedTime(0).TotalMilliseconds;

    private void OnTimer()
    {
        IReadOnlyList<LineOutput> outputs;
        lock (_gate)
        {
            if (!_open)
                return;
            outputs = _line.Tick(NowMs);
            WriteNeedsGate(outputs);
            // Five times without an answer: both ends begin again.
            if (outputs.Any(o => o is LineOutput.Dead))
                WriteNeedsGate(_line.Send(NowMs, FrameType.Hello, [], out _));
        }
        Tell(outputs, time.GetTimestamp());
    }

    private void WriteNeedsGate(IReadOnlyList<LineOutput> outputs)
    {
        foreach (var output in outputs)
        {
            // A write that fails is an unplug, which the link's own thread sees and tells.
            if (output is LineOutput.Write write && _open)
                _ = link.Write(write.Bytes);
        }
        if (_open && _line.NextDue is { } due)
            _timer!.Change(TimeSpan.FromMilliseconds(Math.Max(1, due - NowMs)), Timeout.InfiniteTimeSpan);
    }

    private void Tell(IReadOnlyList<LineOutput> outputs, long received)
    {
        foreach (var output in outputs)
        {
            switch (output)
            {
                case LineOutput.Arrived { Frame: var frame }:
                    Arrived(frame, received);
                    break;
                case LineOutput.Dead:
                    _device!.OnLinkLost();
                    break;
                case LineOutput.Refused refused:
                    _device!.OnRefused(TopicKind.Reply, refused.Fault, received);
                    break;
            }
        }
    }

    private void Arrived(Frame frame, long received)
    {
        if (frame.Type == FrameType.Hello)
        {
            Hello(Encoding.ASCII.GetString(frame.Payload.Span));
            return;
        }
        if (Frame.TryTopic(frame.Type, out var kind) && Topics.DirectionOf(kind) == Direction.Up)
            _device!.OnMessage(kind, frame.Payload.Span, retained: false, received);
        else
            _device!.OnRefused(TopicKind.Reply, new Fault(FaultReason.UnknownTopic), received);
    }

    private void Hello(string name)
    {
        if (name == id)
        {
            var state = new GatewayState(true, time.GetUtcNow().ToUnixTimeMilliseconds(), epoch);
            lock (_gate)
                WriteNeedsGate(_line.Send(NowMs, FrameType.Gateway, state.ToJson(), out _));
            return;
        }
        DriverMetrics.Refused.Add(1);
        if (_logGate.Pass("hello", out var heldBack))
            Log.Stranger(logger, id, name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '?') ? name : "somebody unreadable", heldBack);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 3430, Level = LogLevel.Warning, Message = "On the line of {Device} answers {Name}, which is not it. ({HeldBack} like it not shown)")]
        public static partial void Stranger(ILogger logger, string device, string name, int heldBack);
    }
}
