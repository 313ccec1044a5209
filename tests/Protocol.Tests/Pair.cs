using FabLab.Protocol.Messages;
using FabLab.Protocol.Node;
using FabLab.Protocol.Peer;

namespace FabLab.Protocol.Tests;

/// <summary>A device and the gateway's side of it, joined by a wire that the test can cut, hold back or read along.</summary>
internal sealed class Pair
{
    public static readonly DeviceId Device = DeviceId.Parse("las-1");
    public static readonly DeviceKey Key = DeviceKey.FromBytes([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
    public static readonly TagKey Tags = TagKey.FromBytes(1, [.. Enumerable.Range(100, 32).Select(i => (byte)i)]);
    public static readonly NodeProfile Profile = new("1.0.0", "24:6F:28:AA:BB:CC", ["main", "exhaust"], ["iso"], [0], "pn532", 40);
    public const string Maker = "iso:04A1B2C3D4E580";
    public const string Other = "iso:94D8FC5F";

    private const long Utc0 = 1_790_000_000_000;
    private readonly List<(bool Up, TopicKind Kind, byte[] Payload)> _wire = [];

    public Pair(int journal = Limits.JournalRecords, PeerMemory? peer = null, NodeProfile? profile = null, NodeMemory? memory = null)
    {
        Memory = memory ?? new NodeMemory(new Claim(Device, 1, Key) { TagKey = Tags }, journal);
        Node = new NodeCore(profile ?? Profile, Memory);
        Peer = new NodePeer(Memory.Keys, peer ?? new PeerMemory());
    }

    public NodeMemory Memory { get; private set; }

    public NodeCore Node { get; private set; }

    public NodePeer Peer { get; private set; }

    /// <summary>Milliseconds of the world; the device's uptime runs from <see cref="BootAt"/>.</summary>
    public long World { get; set; } = 5_000;

    public long BootAt { get; set; } = 4_000;

    public long Up => World - BootAt;

    public PeerTime Now => new(World + 777, Utc0 + World);

    public static long UtcOf(long world) => Utc0 + world;

    public bool Cut { get; set; }

    public bool AutoCommit { get; set; } = true;

    public bool[] Relay { get; } = new bool[Limits.Relays];

    public List<NodeOutput> NodeSaid { get; } = [];

    public List<PeerOutput> PeerSaid { get; } = [];

    public List<(bool Up, TopicKind Kind, byte[] Payload)> Log { get; } = [];

    public IEnumerable<JournalRecord> Recorded => PeerSaid.OfType<PeerOutput.Recorded>().Select(output => output.Record);

    public T Last<T>()
        where T : PeerOutput => PeerSaid.OfType<T>().Last();

    public NodeOutput.Display Display => NodeSaid.OfType<NodeOutput.Display>().Last();

    public Pair Boot(string why = BootWhy.Power)
    {
        Node_(Node.Start(Up, why));
        return this;
    }

    public Pair Join()
    {
        Cut = false;
        Will = Node.Connect();
        Node_(Node.LinkUp(Up));
        return this;
    }

    public byte[] Will { get; private set; } = [];

    public Pair Started() => Boot().Join();

    /// <summary>The cable is pulled; neither end is told.</summary>
    public void Pull() => Cut = true;

    /// <summary>The cable is pulled and both transports notice.</summary>
    public void Drop()
    {
        Cut = true;
        Node_(Node.LinkDown());
        Peer_(Peer.LinkLost());
    }

    public void PowerCut(long off = 3_000)
    {
        Cut = true;
        Array.Clear(Relay);
        var saved = Memory.ToJson();
        Memory = NodeMemory.FromJson(saved).Value;
        Node = new NodeCore(Profile, Memory);
        World += off;
        BootAt = World;
    }

    public void GatewayRestart(bool keep = true)
    {
        var kept = keep ? LastStored with { AckedSeq = Peer.Memory.AckedSeq } : new PeerMemory();
        Peer = new NodePeer(Memory.Keys, kept);
    }

    public PeerMemory LastStored { get; private set; } = new();

    public void Pass(long ms, int step = 100)
    {
        for (var end = World + ms; World < end;)
        {
            World = Math.Min(end, World + step);
            Node_(Node.Tick(Up));
            if (World % 1000 < step)
                Peer_(Peer.Tick(Now));
        }
    }

    public void Tap(string tag = Maker) => Node_(Node.Badge(Up, 0, tag));

    public uint Lease(string session = "s1", int ttl = 30_000, bool start = true, int channel = 0)
    {
        Peer_(Peer.Lease(Now, channel, session, ttl, start, out var n));
        return n;
    }

    public void Config(ChannelConfig channel, uint version = 1) =>
        Peer_(Peer.Configure(new Config(version, 60, 60, 300, 10, "fr", [channel], [0])));

    public void Node_(IReadOnlyList<NodeOutput> outputs)
    {
        foreach (var output in outputs)
        {
            NodeSaid.Add(output);
            if (output is NodeOutput.Relay relay)
                Relay[relay.Channel] = relay.Closed;
            if (output is NodeOutput.Send send)
                Put(true, send.Kind, send.Payload);
        }

        Run();
    }

    public void Peer_(IReadOnlyList<PeerOutput> outputs)
    {
        foreach (var output in outputs)
        {
            PeerSaid.Add(output);
            switch (output)
            {
                case PeerOutput.Persist persist:
                    LastStored = persist.Memory;
                    break;
                case PeerOutput.Send send:
                    Put(false, send.Kind, send.Payload);
                    break;
                case PeerOutput.Recorded recorded when AutoCommit:
                    Peer_(Peer.Committed(recorded.Record.Seq));
                    break;
                case PeerOutput.SetAside aside when AutoCommit:
                    Peer_(Peer.Committed(aside.Seq));
                    break;
            }
        }

        Run();
    }

    private void Put(bool up, TopicKind kind, byte[] payload)
    {
        Log.Add((up, kind, payload));
        if (!Cut)
            _wire.Add((up, kind, payload));
    }

    private bool _running;

    private void Run()
    {
        if (_running)
            return;
        _running = true;
        while (_wire.Count > 0)
        {
            var (up, kind, payload) = _wire[0];
            _wire.RemoveAt(0);
            if (up)
                Peer_(Peer.Received(Now, kind, payload));
            else
                Node_(Node.Received(Up, kind, payload));
        }

        _running = false;
    }
}
