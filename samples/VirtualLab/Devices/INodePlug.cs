using FabLab.Protocol;

namespace FabLab.VirtualLab.Devices;

/// <summary>What a node is connected by. It connects by itself, again and again, and tells the node.</summary>
internal interface INodePlug : IAsyncDisposable
{
    bool IsConnected { get; }

    void Start(INodeSocket node);

    /// <summary>Sends now or not at all; the journal sends again what matters.</summary>
    void Send(TopicKind kind, byte[] payload);

    /// <summary>The passing of time.</summary>
    void Tick();

    void Cable(bool plugged, bool silent);

    /// <summary>The device lost its power and its connection with it, or got it back.</summary>
    void Power(bool on);
}

/// <summary>The node's side of a plug.</summary>
internal interface INodeSocket
{
    /// <summary>Held while the node works; a plug that calls from several threads uses it as well.</summary>
    Lock Gate { get; }

    string Device { get; }

    string MqttPassword { get; }

    /// <summary>Asked before each connection: the sealed will.</summary>
    byte[] BeforeConnect();

    void Connected();

    void Disconnected();

    void Received(TopicKind kind, byte[] payload);
}
