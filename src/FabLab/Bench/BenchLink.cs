using System.Collections.Concurrent;
using System.Globalization;
using FabLab.Protocol;

namespace FabLab.Host.Bench;

/// <summary>
/// A connection to the broker for one device, or for a few where there are many: libmosquitto waits with <c>select()</c>, which sees
/// 1024 open files of a process and no more, and each of its clients has three.
/// </summary>
internal sealed class BenchLink : IDisposable
{
    /// <summary>So many connections leave room for the other files of a process.</summary>
    private const int Most = 200;

    private readonly ConcurrentDictionary<string, BenchNode> _nodes = new(StringComparer.Ordinal);
    private readonly Action<long, long> _floorAnswered;

    private BenchLink(int number, Action<long, long> floorAnswered)
    {
        _floorAnswered = floorAnswered;
        Client = new NativeMosquitto(string.Create(CultureInfo.InvariantCulture, $"bench-link-{number}"), null, null, Received);
    }

    public NativeMosquitto Client { get; }

    /// <summary>Connects all of them.</summary>
    /// <param name="nodes">The devices.</param>
    /// <param name="port">The broker's port on this computer.</param>
    /// <param name="floorAnswered">Number of the floor's message, and the timestamp at which its answer came in.</param>
    /// <returns>The connections, for whoever ends them.</returns>
    public static List<BenchLink> Connect(IReadOnlyList<BenchNode> nodes, int port, Action<long, long> floorAnswered)
    {
        var links = new List<BenchLink>();
        foreach (var some in nodes.Chunk(Math.Max(1, (nodes.Count + Most - 1) / Most)))
        {
            var link = new BenchLink(some[0].Index, floorAnswered);
            links.Add(link);
            link.Client.Connect(port, TimeSpan.FromSeconds(30));
            link.Client.Subscribe(Topics.GatewayState, TimeSpan.FromSeconds(30));
            foreach (var node in some)
                node.Connect(link);
        }
        return links;
    }

    /// <summary>Subscribes to what is for a device and hands it over from then on.</summary>
    public void Add(BenchNode node, TimeSpan patience)
    {
        _nodes[node.Device.Value] = node;
        Client.Subscribe(Topics.ForDevice(node.Device), patience);
        Client.Subscribe(string.Create(CultureInfo.InvariantCulture, $"floor/{node.Index}/dn"), patience);
    }

    public void Dispose() => Client.Dispose();

    private void Received(NativeMosquitto client, string topic, ReadOnlySpan<byte> payload)
    {
        var at = TimeProvider.System.GetTimestamp();
        if (topic.StartsWith("floor/", StringComparison.Ordinal))
        {
            _floorAnswered(BitConverter.ToInt64(payload), at);
            return;
        }
        if (!Topics.TryParse(topic, out var device, out var kind))
            return;
        var message = payload.ToArray();
        if (topic != Topics.GatewayState)
        {
            if (_nodes.TryGetValue(device.Value, out var node))
                node.Received(kind, message, at);
            return;
        }
        foreach (var each in _nodes.Values)
            each.Received(kind, message, at);
    }
}
