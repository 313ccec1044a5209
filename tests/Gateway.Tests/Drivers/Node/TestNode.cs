using System.Threading.Channels;
using FabLab.Gateway.Links;
using FabLab.Gateway.Tests.Links;
using FabLab.Protocol;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Node;
using FabLab.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace FabLab.Gateway.Tests.Drivers.Node;

/// <summary>A real node: the protocol's device end on a real connection, with relays and a display one can look at.</summary>
internal abstract class TestNode : IAsyncDisposable
{
    private long _started = TimeProvider.System.GetTimestamp();
    private readonly bool[] _relays = new bool[Limits.Relays];
    private readonly Channel<(int Channel, bool Closed)> _moves = Channel.CreateUnbounded<(int, bool)>();
    private readonly Channel<NodeOutput.Display> _displays = Channel.CreateUnbounded<NodeOutput.Display>();
    private readonly List<(long UpMs, int Channel, bool Closed)> _timeline = [];
    private ITimer? _timer;

    protected static NodeProfile Profile(string hardware) => new("1.0.0", hardware, ["main", "exhaust"], ["em", "iso"], [0], DisplayChars: 32);

    protected Lock Gate { get; } = new();

    protected long UpMs => (long)TimeProvider.System.GetElapsedTime(_started).TotalMilliseconds + 1;

    public bool IsClosed(int channel)
    {
        lock (Gate)
            return _relays[channel];
    }

    /// <summary>How long a relay has been closed in all, by the node's own clock.</summary>
    public long ClosedMs(int channel)
    {
        lock (Gate)
        {
            long total = 0;
            long? since = null;
            foreach (var (up, _, closed) in _timeline.Where(t => t.Channel == channel))
            {
                if (closed)
                    since ??= up;
                else if (since is { } from)
                    (total, since) = (total + up - from, null);
            }
            return since is { } open ? total + UpMs - open : total;
        }
    }

    public async Task UntilAsync(int channel, bool closed) => await Until.TrueAsync(() => IsClosed(channel) == closed, $"relay {channel} {(closed ? "closed" : "open")}");

    /// <summary>How often a relay was closed since the last call.</summary>
    public int Closings(int channel)
    {
        var count = 0;
        while (_moves.Reader.TryRead(out var move))
            count += move.Channel == channel && move.Closed ? 1 : 0;
        return count;
    }

    public async Task<NodeOutput.Display> NextDisplayAsync() => await _displays.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20));

    /// <summary>Uptime counts from here.</summary>
    protected void Boots() => _started = TimeProvider.System.GetTimestamp();

    public abstract void Badge(int reader, string tag);

    public abstract void Meter(long milliWatts);

    public virtual ValueTask DisposeAsync()
    {
        _timer?.Dispose();
        return ValueTask.CompletedTask;
    }

    protected void StartTimer(Action tick) =>
        _timer = TimeProvider.System.CreateTimer(_ => tick(), null, TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(20));

    protected void CarryOut(IReadOnlyList<NodeOutput> outputs)
    {
        foreach (var output in outputs)
        {
            switch (output)
            {
                case NodeOutput.Relay relay:
                    _relays[relay.Channel] = relay.Closed;
                    _timeline.Add((UpMs, relay.Channel, relay.Closed));
                    _moves.Writer.TryWrite((relay.Channel, relay.Closed));
                    break;
                case NodeOutput.Display display:
                    _displays.Writer.TryWrite(display);
                    break;
                default:
                    Out(output);
                    break;
            }
        }
    }

    protected abstract void Out(NodeOutput output);
}

/// <summary>A node on a broker.</summary>
internal sealed class MqttTestNode : TestNode, IMqttSink
{
    private readonly NodeMemory _memory;
    private readonly MqttLinkOptions _options;
    private readonly DeviceId _id;
    private readonly string _hardware;
    private NodeCore _core;
    private IMqttLink? _link;
    private byte[] _will = [];

    public MqttTestNode(Claim claim, MqttLinkOptions options, string hardware = "chip-1", int journal = Limits.JournalRecords)
    {
        _id = claim.Device;
        _hardware = hardware;
        _memory = new NodeMemory(claim, journal);
        _options = options with { ClientId = hardware + claim.Device.Value, Backoff = new BackoffOptions { First = TimeSpan.FromMilliseconds(20), Longest = TimeSpan.FromMilliseconds(200) } };
        _core = new NodeCore(Profile(hardware), _memory);
        CarryOut(_core.Start(UpMs, BootWhy.Power));
        StartTimer(() => Do(core => core.Tick(UpMs)));
    }

    public NodeMemory Memory => _memory;

    public IMqttLink Link => _link!;

    public void Connect()
    {
        lock (Gate)
        {
            _will = _core.Connect();
            var will = new MqttWill(Topics.Of(_id, TopicKind.State), _will, MqttQos.AtLeastOnce, Retain: true);
            _link = MqttLinks.Create(_options with { Will = will }, TimeProvider.System, NullLogger.Instance);
            _link.Subscribe(Topics.ForDevice(_id), MqttQos.AtLeastOnce, this);
            _link.Subscribe(Topics.GatewayState, MqttQos.AtLeastOnce, this);
            _link.Start();
        }
    }

    /// <summary>The cable is cut. The link says goodbye politely, so what the broker would say for it is said first.</summary>
    public async Task DisconnectAsync()
    {
        if (_link is { } link)
        {
            link.Publish(Topics.Of(_id, TopicKind.State), _will, MqttQos.AtLeastOnce, retain: true);
            await link.DisposeAsync();
        }
        Do(core => core.LinkDown());
    }

    /// <summary>Power goes and comes: relays open, memory stays.</summary>
    public void PowerCycle()
    {
        lock (Gate)
        {
            Boots();
            _core = new NodeCore(Profile(_hardware), _memory);
            CarryOut(_core.Start(UpMs, BootWhy.Power));
            _core.Connect();
            CarryOut(_core.LinkUp(UpMs));
        }
    }

    public void SetClock(long utcMs) => Do(core =>
    {
        core.SetClock(UpMs, utcMs);
        return [];
    });

    public override void Badge(int reader, string tag) => Do(core => core.Badge(UpMs, reader, tag));

    public override void Meter(long milliWatts) => Do(core => core.Meter(UpMs, new MeterReading(0, UpMs, milliWatts, MilliWattHours: 1_500)));

    public void OnMessage(in MqttDelivery message)
    {
        if (!Topics.TryParse(message.Topic, out _, out var kind))
            return;
        var payload = message.Payload.ToArray();
        var retained = message.Retained;
        Do(core => core.Received(UpMs, kind, payload, retained));
    }

    // Both subscriptions tell: the birth goes out once, and the second telling only repeats it.
    public void OnLinkChanged(bool up) => Do(core => up ? core.LinkUp(UpMs) : core.LinkDown());

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_link is { } link)
            await link.DisposeAsync();
    }

    protected override void Out(NodeOutput output)
    {
        if (output is NodeOutput.Send send)
            _link?.Publish(Topics.Of(_id, send.Kind), send.Payload, Topics.QosOf(send.Kind) == 0 ? MqttQos.AtMostOnce : MqttQos.AtLeastOnce, Topics.RetainOf(send.Kind));
    }

    private void Do(Func<NodeCore, IReadOnlyList<NodeOutput>> input)
    {
        lock (Gate)
            CarryOut(input(_core));
    }
}

/// <summary>A node on a real terminal.</summary>
internal sealed class SerialTestNode : TestNode
{
    private readonly PseudoTerminal _terminal;
    private readonly SerialNode _node;
    private readonly CancellationTokenSource _stop = new();
    private Task _reading = Task.CompletedTask;

    public SerialTestNode(Claim claim, PseudoTerminal terminal)
    {
        _terminal = terminal;
        _node = new SerialNode(Profile("chip-s"), new NodeMemory(claim));
        lock (Gate)
            CarryOut(_node.Start(UpMs, BootWhy.Power));
        StartTimer(() => Do(node => node.Tick(UpMs)));
        PluggedIn();
    }

    public void PluggedIn() => _reading = ReadAsync(_stop.Token);

    public async Task UnplugAsync()
    {
        _terminal.Unplug();
        await _reading;
        Do(node => node.Unplugged(UpMs));
    }

    /// <summary>Bytes that no device would send.</summary>
    public void Noise(params byte[] bytes)
    {
        lock (Gate)
            _terminal.Write(bytes);
    }

    public override void Badge(int reader, string tag) => Do(node => node.Badge(UpMs, reader, tag));

    public override void Meter(long milliWatts) => Do(node => node.Meter(UpMs, new MeterReading(0, UpMs, milliWatts)));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _stop.CancelAsync();
        await _reading;
        _stop.Dispose();
    }

    protected override void Out(NodeOutput output)
    {
        if (output is NodeOutput.Write write)
        {
            // A cable that was pulled takes no bytes.
            try
            {
                _terminal.Write(write.Bytes);
            }
            catch (IOException)
            {
                return;
            }
        }
    }

    private void Do(Func<SerialNode, IReadOnlyList<NodeOutput>> input)
    {
        lock (Gate)
            CarryOut(input(_node));
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await _terminal.ReadAsync(cancellationToken) is { Length: > 0 } bytes)
                Do(node => node.Received(UpMs, bytes));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }
    }
}
