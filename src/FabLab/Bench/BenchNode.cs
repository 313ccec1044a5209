using System.Globalization;
using FabLab.Protocol;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Node;

namespace FabLab.Host.Bench;

/// <summary>
/// A device of the measurement: the contract's own device code on a connection of libmosquitto. It keeps nothing over a restart and has
/// four readers, so that one machine can be used many times a second without a reader seeing the same tag twice in a row.
/// </summary>
internal sealed class BenchNode
{
    public const int Readers = 4;

    private readonly Lock _gate = new();
    private readonly NodeCore _core;
    private readonly DeviceId _device;
    private readonly int _index;
    private readonly int _relays;
    private readonly long _began = TimeProvider.System.GetTimestamp();
    private readonly Action<int, bool, long> _relayMoved;
    private readonly Action<int, string> _refused;
    private BenchLink? _link;
    private int _round;
    private int _starts;
    private int _person;

    /// <param name="index">Which machine.</param>
    /// <param name="key">Its key.</param>
    /// <param name="relayMoved">Machine, closed, and the timestamp at which the command came in.</param>
    /// <param name="refused">Machine, and the word its reader shows when it says no.</param>
    /// <param name="relays">Relays it has, each with a meter where there are several.</param>
    public BenchNode(int index, DeviceKey key, Action<int, bool, long> relayMoved, Action<int, string> refused, int relays = 1)
    {
        _index = index;
        _relayMoved = relayMoved;
        _refused = refused;
        _device = DeviceId.Parse(BenchLab.DeviceOf(index));
        _relays = relays;
        var profile = new NodeProfile(
            "bench-1.0", $"B{index}", [.. Enumerable.Range(0, relays).Select(channel => channel == 0 ? "main" : $"main{channel}")], [.. Enumerable.Repeat("em", Readers)],
            relays == 1 ? [] : [.. Enumerable.Range(0, relays)]);
        _core = new NodeCore(profile, new NodeMemory(new Claim(_device, 1, key)));
    }

    public int Index => _index;

    public DeviceId Device => _device;

    /// <summary>Whether the device has heard the gateway: from then on a tap is asked there.</summary>
    public bool HasGateway
    {
        get
        {
            lock (_gate)
                return _core.HasGateway(UpMs);
        }
    }

    private long UpMs => (long)TimeProvider.System.GetElapsedTime(_began).TotalMilliseconds;

    /// <summary>Comes alive on a connection that stands.</summary>
    public void Connect(BenchLink link)
    {
        var patience = TimeSpan.FromSeconds(30);
        _link = link;
        lock (_gate)
        {
            Do(_core.Start(UpMs, BootWhy.Power));
            _core.Connect();
        }
        link.Add(this, patience);
        lock (_gate)
            Do(_core.LinkUp(UpMs));
    }

    /// <summary>A start by one of the two people, each for two uses in turn, at the next reader.</summary>
    public void TapStart()
    {
        lock (_gate)
        {
            _person = _starts++ / 2 % 2;
            Tap(_round++ % Readers, _person);
        }
    }

    /// <summary>Whoever started taps at the next reader.</summary>
    public void TapStop()
    {
        lock (_gate)
            Tap(_round++ % Readers, _person);
    }

    /// <summary>One of the two badges at one of the readers.</summary>
    public void Tap(int reader, int person)
    {
        lock (_gate)
            Do(_core.Badge(UpMs, reader, $"em:{BenchLab.TagOf(_index, person)}"));
    }

    /// <summary>Any tag at one of the readers, in its canonical spelling.</summary>
    public void Tap(int reader, string tag)
    {
        lock (_gate)
            Do(_core.Badge(UpMs, reader, tag));
    }

    public void Floor(ReadOnlySpan<byte> payload) => Link.Client.Publish(string.Create(CultureInfo.InvariantCulture, $"floor/{_index}/up"), payload);

    public bool IsClosed(int channel)
    {
        lock (_gate)
            return _core.IsClosed(channel);
    }

    /// <summary>
    /// Its second: each of its meters in turn. The gateway asks for a reading every five seconds, so four meters and what a lease is
    /// answered with make about one message a second.
    /// </summary>
    public void Second(int second)
    {
        var channel = second % 5;
        if (channel >= _relays)
            return;
        lock (_gate)
        {
            var watts = BenchLoad.Watts(_core.IsClosed(channel), _index + second);
            Do(_core.Meter(UpMs, new MeterReading(channel, UpMs, (long)(watts * 1000), 231_000, (long)(watts / 231 * 1000), (long)(BenchLoad.WattHours(_index, second) * 1000))));
        }
    }

    public void Tick()
    {
        lock (_gate)
            Do(_core.Tick(UpMs));
    }

    /// <summary>A message for the device.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="payload">Its bytes.</param>
    /// <param name="at">When it came in.</param>
    public void Received(TopicKind kind, byte[] payload, long at)
    {
        lock (_gate)
        {
            foreach (var relay in Do(_core.Received(UpMs, kind, payload)))
                _relayMoved(_index, relay.Closed, at);
        }
    }

    private BenchLink Link => _link ?? throw new InvalidOperationException("The device is not connected.");

    private List<NodeOutput.Relay> Do(IReadOnlyList<NodeOutput> outputs)
    {
        var moved = new List<NodeOutput.Relay>();
        foreach (var output in outputs)
        {
            if (output is NodeOutput.Send send)
                Link.Client.Publish(Topics.Of(_device, send.Kind), send.Payload, Topics.QosOf(send.Kind), Topics.RetainOf(send.Kind));
            else if (output is NodeOutput.Relay relay)
                moved.Add(relay);
            else if (output is NodeOutput.Display { Kind: ShowKind.No } no)
                _refused(_index, no.Code ?? no.Text);
        }
        return moved;
    }
}
