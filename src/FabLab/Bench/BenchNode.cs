using System.Globalization;
using FabLab.Protocol;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Node;

namespace FabLab.Host.Bench;

/// <summary>
/// A device of the measurement: the contract's own device code on a libmosquitto client. It keeps nothing over a restart and has
/// four readers, so that one machine can be used many times a second without a reader seeing the same tag twice in a row.
/// </summary>
internal sealed class BenchNode : IDisposable
{
    public const int Readers = 4;

    private readonly Lock _gate = new();
    private readonly NodeCore _core;
    private readonly NativeMosquitto _client;
    private readonly DeviceId _device;
    private readonly int _index;
    private readonly long _began = TimeProvider.System.GetTimestamp();
    private readonly Action<int, bool, long> _relayMoved;
    private readonly Action<long, long> _floorAnswered;
    private int _round;

    /// <param name="index">Which machine.</param>
    /// <param name="key">Its key.</param>
    /// <param name="relayMoved">Machine, closed, and the timestamp at which the command came in.</param>
    /// <param name="floorAnswered">Number of the floor's message, and the timestamp at which its answer came in.</param>
    public BenchNode(int index, DeviceKey key, Action<int, bool, long> relayMoved, Action<long, long> floorAnswered)
    {
        _index = index;
        _relayMoved = relayMoved;
        _floorAnswered = floorAnswered;
        _device = DeviceId.Parse(BenchLab.DeviceOf(index));
        var profile = new NodeProfile("bench-1.0", $"B{index}", ["main"], [.. Enumerable.Repeat("em", Readers)], []);
        _core = new NodeCore(profile, new NodeMemory(new Claim(_device, 1, key)));
        _client = new NativeMosquitto(_device.Value, null, null, Received);
    }

    private long UpMs => (long)TimeProvider.System.GetElapsedTime(_began).TotalMilliseconds;

    public void Connect(int port)
    {
        lock (_gate)
        {
            Do(_core.Start(UpMs, BootWhy.Power));
            _core.Connect();
        }
        var patience = TimeSpan.FromSeconds(30);
        _client.Connect(port, patience);
        _client.Subscribe(Topics.ForDevice(_device), patience);
        _client.Subscribe(Topics.GatewayState, patience);
        _client.Subscribe(string.Create(CultureInfo.InvariantCulture, $"floor/{_index}/dn"), patience);
        lock (_gate)
            Do(_core.LinkUp(UpMs));
    }

    /// <summary>The next badge in turn, at the next reader in turn: a start, then its stop, then a start of the other person.</summary>
    public void Tap()
    {
        lock (_gate)
        {
            var (reader, person) = (_round % Readers, _round / Readers % 2);
            _round++;
            Tap(reader, person);
        }
    }

    /// <summary>One of the two badges at one of the readers.</summary>
    public void Tap(int reader, int person)
    {
        lock (_gate)
            Do(_core.Badge(UpMs, reader, $"em:{BenchLab.TagOf(_index, person)}"));
    }

    public void Floor(ReadOnlySpan<byte> payload) => _client.Publish(string.Create(CultureInfo.InvariantCulture, $"floor/{_index}/up"), payload);

    public void Tick()
    {
        lock (_gate)
            Do(_core.Tick(UpMs));
    }

    public void Dispose() => _client.Dispose();

    private void Received(NativeMosquitto client, string topic, ReadOnlySpan<byte> payload)
    {
        var at = TimeProvider.System.GetTimestamp();
        if (topic.StartsWith("floor/", StringComparison.Ordinal))
        {
            _floorAnswered(BitConverter.ToInt64(payload), at);
            return;
        }
        if (!Topics.TryParse(topic, out _, out var kind))
            return;
        var message = payload.ToArray();
        lock (_gate)
        {
            foreach (var relay in Do(_core.Received(UpMs, kind, message)))
                _relayMoved(_index, relay.Closed, at);
        }
    }

    private List<NodeOutput.Relay> Do(IReadOnlyList<NodeOutput> outputs)
    {
        var moved = new List<NodeOutput.Relay>();
        foreach (var output in outputs)
        {
            if (output is NodeOutput.Send send)
                _client.Publish(Topics.Of(_device, send.Kind), send.Payload, Topics.QosOf(send.Kind), Topics.RetainOf(send.Kind));
            else if (output is NodeOutput.Relay relay)
                moved.Add(relay);
        }
        return moved;
    }
}
