using FabLab.Protocol.Messages;
using FabLab.Protocol.Node;
using FabLab.VirtualLab.Serial;

namespace FabLab.VirtualLab.Devices;

/// <summary>A node on a serial line: a real tty whose plug can be pulled.</summary>
internal sealed class SerialLineNode(NodeParts parts, string link) : VirtualNode(parts)
{
    private PseudoTerminal? _terminal;
    private SerialNode? _node;
    private bool _plugged = true;

    public override bool IsConnected
    {
        get
        {
            lock (Gate)
                return _terminal is not null;
        }
    }

    protected override bool IsAlive => _node is not null;

    public override void Cable(bool plugged, bool silent)
    {
        lock (Gate)
        {
            _plugged = plugged;
            Follow();
        }
    }

    protected override void Connect()
    {
        lock (Gate)
            Follow();
    }

    protected override ValueTask DisconnectAsync()
    {
        lock (Gate)
            Close();
        return ValueTask.CompletedTask;
    }

    protected override void PowerFollows(bool on)
    {
        lock (Gate)
            Follow();
    }

    protected override IReadOnlyList<NodeOutput> Boot()
    {
        _node = new SerialNode(Profile, Memory);
        return _node.Start(0, BootWhy.Power);
    }

    protected override void Die() => _node = null;

    protected override IReadOnlyList<NodeOutput> Badge(long up, int reader, string tag) => _node!.Badge(up, reader, tag);

    protected override IReadOnlyList<NodeOutput> Meter(long up, MeterReading reading) => _node!.Meter(up, reading);

    protected override IReadOnlyList<NodeOutput> TickCore(long up) => _node!.Tick(up);

    protected override IReadOnlyList<NodeOutput> Fault(long up, int channel, string code) => _node!.Fault(up, channel, code, standing: true);

    protected override void Wire(NodeOutput output)
    {
        if (output is NodeOutput.Write write)
            _terminal?.Write(write.Bytes);
    }

    protected override bool MisbehaveOnTheWire(string how)
    {
        if (how != "garbage" || _terminal is null)
            return false;
        _terminal.Write([0x55, 0x00, 0xFF, 0x13, 0x37, 0x00, 0x01, 0x02]);
        return true;
    }

    // A node that is powered by its cable would die with it; this one has a supply of its own.
    private void Follow()
    {
        if (_plugged && _node is not null)
            Open();
        else
            Close();
    }

    private void Open()
    {
        if (_terminal is not null)
            return;
        var terminal = PseudoTerminal.Open(link);
        _terminal = terminal;
        new Thread(() => Read(terminal)) { IsBackground = true, Name = $"tty {Id}" }.Start();
    }

    private void Close()
    {
        if (_terminal is null)
            return;
        _terminal.Dispose();
        _terminal = null;
        if (_node is { } node)
            Do(node.Unplugged(UpMs), UpMs);
    }

    private void Read(PseudoTerminal terminal)
    {
        var buffer = new byte[1024];
        while (terminal.Read(buffer, TimeSpan.FromMilliseconds(250)) is var count and >= 0)
        {
            if (count == 0)
                continue;
            lock (Gate)
            {
                var up = UpMs;
                if (ReferenceEquals(_terminal, terminal) && _node is { } node)
                    Do(node.Received(up, buffer.AsSpan(0, count)), up);
            }
        }
    }
}
