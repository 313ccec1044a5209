using FabLab.Protocol;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Node;

namespace FabLab.VirtualLab.Devices;

/// <summary>A node that speaks MQTT.</summary>
internal sealed class MqttNode(NodeParts parts, MqttPlug plug) : VirtualNode(parts), INodeSocket
{
    private NodeCore? _core;

    public override bool IsConnected => plug.IsConnected;

    string INodeSocket.Device => Id;

    string INodeSocket.MqttPassword => Memory.Keys.MqttPassword;

    protected override bool IsAlive => _core is not null;

    public override void Cable(bool plugged, bool silent) => plug.Cable(plugged, silent);

    byte[] INodeSocket.BeforeConnect()
    {
        lock (Gate)
            return _core?.Connect() ?? [];
    }

    void INodeSocket.Connected()
    {
        lock (Gate)
        {
            var up = UpMs;
            if (_core is { } core)
                Do(core.LinkUp(up), up);
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

    protected override void Connect() => plug.Start(this);

    protected override ValueTask DisconnectAsync() => plug.DisposeAsync();

    protected override void PowerFollows(bool on) => plug.Power(on);

    protected override IReadOnlyList<NodeOutput> Boot()
    {
        _core = new NodeCore(Profile, Memory);
        return _core.Start(0, BootWhy.Power);
    }

    protected override void Die() => _core = null;

    protected override IReadOnlyList<NodeOutput> Badge(long up, int reader, string tag) => _core!.Badge(up, reader, tag);

    protected override IReadOnlyList<NodeOutput> Meter(long up, MeterReading reading) => _core!.Meter(up, reading);

    protected override IReadOnlyList<NodeOutput> TickCore(long up) => _core!.Tick(up);

    protected override IReadOnlyList<NodeOutput> Fault(long up, int channel, string code) => _core!.Fault(up, channel, code, standing: true);

    protected override void Wire(NodeOutput output)
    {
        if (output is NodeOutput.Send send)
            plug.Send(send.Kind, send.Payload);
    }

    protected override bool MisbehaveOnTheWire(string how)
    {
        byte[]? message = how switch
        {
            "garbage" => "{ this is not json"u8.ToArray(),
            "oversized" => new byte[4096],
            "wrong-mac" => Forged(),
            "replay" => Envelope.Seal("{\"m\":\"badge\"}"u8, TopicKind.Event, Memory.Keys, new Counter(1, 1)),
            _ => null,
        };
        if (message is null)
            return false;
        plug.Send(TopicKind.Event, message);
        return true;
    }

    private byte[] Forged()
    {
        var message = Envelope.Seal("{\"m\":\"badge\"}"u8, TopicKind.Event, Memory.Keys, new Counter(Memory.Boot, uint.MaxValue));
        message[^2] = message[^2] == (byte)'A' ? (byte)'B' : (byte)'A';
        return message;
    }
}
