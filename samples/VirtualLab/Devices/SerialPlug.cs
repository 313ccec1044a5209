using System.Text;
using FabLab.Protocol;
using FabLab.Protocol.Serial;
using FabLab.VirtualLab.Serial;

namespace FabLab.VirtualLab.Devices;

/// <summary>A node's serial line: frames over a real tty whose plug can be pulled.</summary>
internal sealed class SerialPlug(string link, TimeProvider time) : INodePlug
{
    // One lock for the node and its line, the node's: they call each other.
    private Lock _gate = new();
    private readonly FrameLine _line = new();
    private readonly long _began = time.GetTimestamp();
    private PseudoTerminal? _terminal;
    private INodeSocket? _node;
    private bool _on = true, _plugged = true, _there;

    public bool IsConnected
    {
        get
        {
            lock (_gate)
                return _there;
        }
    }

    private long NowMs => (long)time.GetElapsedTime(_began).TotalMilliseconds;

    public void Start(INodeSocket node)
    {
        _node = node;
        _gate = node.Gate;
        Open();
    }

    public void Send(TopicKind kind, byte[] payload)
    {
        lock (_gate)
        {
            if (_terminal is not null)
                Do(_line.Send(NowMs, Frame.TypeOf(kind), payload, out _));
        }
    }

    public void Tick()
    {
        lock (_gate)
        {
            if (_terminal is not null)
                Do(_line.Tick(NowMs));
        }
    }

    public void Cable(bool plugged, bool silent)
    {
        _plugged = plugged;
        Follow();
    }

    public void Power(bool on)
    {
        _on = on;
        Follow();
    }

    /// <summary>Noise on the line.</summary>
    public void Garbage(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
            _terminal?.Write(bytes);
    }

    public ValueTask DisposeAsync()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    private void Follow()
    {
        if (_on && _plugged)
            Open();
        else
            Close();
    }

    private void Open()
    {
        lock (_gate)
        {
            if (_terminal is not null)
                return;
            _terminal = PseudoTerminal.Open(link);
            _line.Reset();
            var reading = _terminal;
            new Thread(() => Read(reading)) { IsBackground = true, Name = $"tty {Path.GetFileName(link)}" }.Start();
            Hello();
        }
    }

    private void Close()
    {
        lock (_gate)
        {
            _terminal?.Dispose();
            _terminal = null;
            _line.Reset();
            if (_there)
                _node?.Disconnected();
            _there = false;
        }
    }

    private void Read(PseudoTerminal terminal)
    {
        var buffer = new byte[1024];
        while (terminal.Read(buffer, TimeSpan.FromMilliseconds(250)) is var count and >= 0)
        {
            if (count == 0)
                continue;
            lock (_gate)
            {
                if (ReferenceEquals(_terminal, terminal))
                    Do(_line.Received(NowMs, buffer.AsSpan(0, count)));
            }
        }
    }

    private void Hello() => Do(_line.Send(NowMs, FrameType.Hello, Encoding.ASCII.GetBytes(_node!.Device), out _));

    private void Do(IReadOnlyList<LineOutput> outputs)
    {
        foreach (var output in outputs)
        {
            switch (output)
            {
                case LineOutput.Write write:
                    _terminal?.Write(write.Bytes);
                    break;
                case LineOutput.Delivered { Frame.Type: FrameType.Hello }:
                    Arrived();
                    break;
                case LineOutput.Arrived { Frame: var frame }:
                    Take(frame);
                    break;
                case LineOutput.Dead:
                    // Nobody there: say hello until somebody is.
                    if (_there)
                    {
                        _there = false;
                        _node!.Disconnected();
                    }
                    Hello();
                    break;
            }
        }
    }

    private void Take(Frame frame)
    {
        if (frame.Type == FrameType.Hello)
        {
            // The gateway asks who is there: it has just come.
            Hello();
            return;
        }
        if (Frame.TryTopic(frame.Type, out var kind))
            _node!.Received(kind, frame.Payload.ToArray());
    }

    private void Arrived()
    {
        if (_there)
            _node!.Disconnected();
        _there = true;
        _node!.Connected();
    }
}
