using FabLab.Gateway.Links;
using FabLab.Protocol;
using Microsoft.Extensions.Logging;

namespace FabLab.VirtualLab.Devices;

/// <summary>The node's side of a connection.</summary>
internal interface INodeSocket
{
    string Device { get; }

    string MqttPassword { get; }

    /// <summary>Asked before each connection: the sealed will.</summary>
    byte[] BeforeConnect();

    void Connected();

    void Disconnected();

    void Received(TopicKind kind, byte[] payload);
}

/// <summary>
/// A node's connection to the broker, over a cable that can be cut. Each connection is a new one with its own will, because
/// the will carries the number of the connection.
/// </summary>
internal sealed class MqttPlug : IAsyncDisposable
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private readonly NetworkCable? _cable;
    private readonly int _port;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private CancellationTokenSource _powered = new();
    private bool _on = true;
    private Task? _running;
    private IMqttLink? _link;
    private INodeSocket? _node;

    /// <param name="brokerPort">Port of the broker on this computer.</param>
    /// <param name="cuttable">Whether there is a cable to cut; without one the device is connected straight to the broker.</param>
    /// <param name="time">The lab's clock.</param>
    /// <param name="logger">Where the link writes what happens to it.</param>
    public MqttPlug(int brokerPort, bool cuttable, TimeProvider time, ILogger logger)
    {
        _cable = cuttable ? new NetworkCable(brokerPort) : null;
        _port = _cable?.Port ?? brokerPort;
        _time = time;
        _logger = logger;
    }

    public bool IsConnected => Volatile.Read(ref _link) is { Status.Phase: LinkPhase.Up };

    public void Start(INodeSocket node)
    {
        _node = node;
        _running = Task.Run(() => RunAsync(_stop.Token));
    }

    public void Send(TopicKind kind, byte[] payload) =>
        Volatile.Read(ref _link)?.Publish(
            Topics.Of(DeviceId.Parse(_node!.Device), kind), payload, (MqttQos)Topics.QosOf(kind), Topics.RetainOf(kind));

    public void Cable(bool plugged, bool silent)
    {
        if (plugged)
            _cable?.Mend();
        else
            _cable?.Cut(silent);
    }

    public void Power(bool on)
    {
        lock (_gate)
        {
            if (_on == on)
                return;
            _on = on;
            if (on)
                _powered = new CancellationTokenSource();
            else
                _powered.Cancel();
        }
        // Without power a device says no farewell: the broker has to find out.
        if (!on)
            _cable?.Cut(silent: false);
        else
            _cable?.Mend();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_running is { } running)
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_cable is { } cable)
            await cable.DisposeAsync();
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        var wait = FirstWait;
        while (!stop.IsCancellationRequested)
        {
            CancellationToken powered;
            lock (_gate)
                powered = _powered.Token;
            if (!powered.IsCancellationRequested && await ConnectOnceAsync(powered, stop))
                wait = FirstWait;
            await Task.Delay(wait, _time, stop);
            wait = wait * 2 > LongestWait ? LongestWait : wait * 2;
        }
    }

    /// <summary>One connection, from its will to its end. True when it stood.</summary>
    private async Task<bool> ConnectOnceAsync(CancellationToken powered, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(powered, stop);
        var node = _node!;
        var device = DeviceId.Parse(node.Device);
        var sink = new Sink(node);
        await using var link = MqttLinks.Create(
            new MqttLinkOptions
            {
                Port = _port,
                ClientId = node.Device,
                UserName = node.Device,
                Password = node.MqttPassword,
                Version = MqttVersion.V311,
                MaxPayload = Limits.MessageBytes,
                Will = new MqttWill(Topics.Of(device, TopicKind.State), node.BeforeConnect(), MqttQos.AtLeastOnce, Retain: true),
                // It gets one attempt: the next one has another will.
                Backoff = new BackoffOptions { First = TimeSpan.FromMinutes(1), Longest = TimeSpan.FromMinutes(1) },
            },
            _time, _logger);
        using var commands = link.Subscribe(Topics.ForDevice(device), MqttQos.AtLeastOnce, sink);
        using var gateway = link.Subscribe(Topics.GatewayState, MqttQos.AtLeastOnce, sink);
        link.Start();
        if (!await StandsAsync(link, either.Token))
        {
            stop.ThrowIfCancellationRequested();
            return false;
        }
        Volatile.Write(ref _link, link);
        node.Connected();
        try
        {
            await sink.Down.WaitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            // Power cut, or the end of the lab.
            _ = either;
        }
        Volatile.Write(ref _link, null);
        node.Disconnected();
        return true;
    }

    /// <summary>Waits for the broker's yes; not longer than the one attempt takes.</summary>
    private async Task<bool> StandsAsync(IMqttLink link, CancellationToken cancellationToken)
    {
        var ready = link.WaitUntilReadyAsync(cancellationToken);
        var began = _time.GetTimestamp();
        try
        {
            while (!ready.IsCompleted && link.Status.Phase != LinkPhase.Waiting && _time.GetElapsedTime(began) < Patience)
                await Task.WhenAny(ready, Task.Delay(Look, _time, cancellationToken));
            return ready.IsCompletedSuccessfully;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private sealed class Sink(INodeSocket node) : IMqttSink
    {
        private readonly TaskCompletionSource _down = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool _wasUp;

        public Task Down => _down.Task;

        public void OnMessage(in MqttDelivery message)
        {
            if (Topics.TryParse(message.Topic, out _, out var kind))
                node.Received(kind, message.Payload.ToArray());
        }

        public void OnLinkChanged(bool up)
        {
            if (up)
                _wasUp = true;
            else if (_wasUp)
                _down.TrySetResult();
        }
    }
}
