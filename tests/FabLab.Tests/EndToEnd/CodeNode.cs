using FabLab.Host.Bench;
using FabLab.Protocol;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Node;

namespace FabLab.Host.Tests.EndToEnd;

/// <summary>A device that was given its key in somebody's hand and knocks at the broker until it is let in, as one on a shelf does.</summary>
internal sealed class CodeNode : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private readonly long _began = TimeProvider.System.GetTimestamp();
    private readonly DeviceId _id;
    private readonly NodeCore _core;
    private readonly NativeMosquitto _client;

    public CodeNode(string name, DeviceKey key, byte keyId, int port)
    {
        _id = DeviceId.Parse(name);
        var memory = new NodeMemory(new Claim(_id, keyId, key));
        _core = new NodeCore(new NodeProfile("code-1.0", "C1", ["main"], ["em"], []), memory);
        _client = new NativeMosquitto(name, name, memory.Keys.MqttPassword, (_, topic, payload) => Received(topic, payload.ToArray()));
        Knocking = Task.Factory.StartNew(() => Knock(port), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Completes when it was let in and has said who it is.</summary>
    public Task Knocking { get; }

    public void Dispose() => _client.Dispose();

    private long UpMs => (long)TimeProvider.System.GetElapsedTime(_began).TotalMilliseconds;

    private void Knock(int port)
    {
        lock (_gate)
        {
            Do(_core.Start(UpMs, BootWhy.Power));
            _core.Connect();
        }
        _client.Connect(port, Patience);
        _client.Subscribe(Topics.ForDevice(_id), Patience);
        lock (_gate)
            Do(_core.LinkUp(UpMs));
    }

    private void Received(string topic, byte[] payload)
    {
        if (!Topics.TryParse(topic, out _, out var kind))
            return;
        lock (_gate)
            Do(_core.Received(UpMs, kind, payload));
    }

    private void Do(IReadOnlyList<NodeOutput> outputs)
    {
        foreach (var send in outputs.OfType<NodeOutput.Send>())
            _client.Publish(Topics.Of(_id, send.Kind), send.Payload, Topics.QosOf(send.Kind), Topics.RetainOf(send.Kind));
    }
}
