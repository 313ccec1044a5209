using FabLab.Protocol.Messages;
using FabLab.Protocol.Node;
using FabLab.Protocol.Peer;

namespace FabLab.Protocol.Tests;

/// <summary>Both ends over a network that delays, repeats, reorders and loses messages, with power cuts and gateway crashes in between.</summary>
public sealed class ChaosTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 24)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_happens_no_relay_outlives_its_lease_and_no_second_is_lost_or_counted_twice(int seed)
    {
        var world = new World(seed);

        world.Rage(600_000);
        world.Heal(180_000);

        world.CheckLedger();
    }

    private sealed class World
    {
        private const long Utc0 = 1_790_000_000_000;
        private const int Step = 100;
        private readonly Random _random;
        private readonly List<(long Due, bool Up, TopicKind Kind, byte[] Payload)> _wire = [];
        private readonly List<(string Session, long Until)> _leases = [];
        private readonly Dictionary<(uint Boot, uint Seq), JournalRecord> _store = [];
        private readonly List<JournalRecord> _written = [];
        private readonly List<(uint Boot, long On, long Off)> _closed = [];
        private NodeMemory _memory = new(new Claim(Pair.Device, 1, Pair.Key) { TagKey = Pair.Tags }, 256);
        private NodeCore? _node;
        private NodePeer? _peer;
        private PeerMemory _stored = new();
        private string? _session;
        private int _sessions;
        private long _renewed;
        private long _now;
        private long _bootAt;
        private long _on = -1;
        private bool _faulty = true;
        private bool _cut;

        public World(int seed)
        {
            _random = new Random(seed);
            PowerOn();
            _peer = new NodePeer(_memory.Keys, _stored);
            Do(_node!.LinkUp(Up));
        }

        private long Up => _now - _bootAt;

        private PeerTime Now => new(_now + 99, Utc0 + _now);

        public void Rage(long ms)
        {
            for (var end = _now + ms; _now < end;)
            {
                OneStep();
                switch (_random.Next(600))
                {
                    case < 40 when _node is not null:
                        Do(_node.Badge(Up, 0, Pair.Maker));
                        break;
                    case < 46:
                        Cut(!_cut);
                        break;
                    case < 48 when _node is not null:
                        PowerOff();
                        break;
                    case < 58 when _node is null:
                        PowerOn();
                        Cut(false);
                        break;
                    case < 60 when _peer is not null:
                        // kill -9: only what was stored is known again.
                        _peer = null;
                        break;
                    case < 75 when _peer is null:
                        _peer = new NodePeer(_memory.Keys, _stored);
                        break;
                }
            }
        }

        public void Heal(long ms)
        {
            _faulty = false;
            if (_node is null)
                PowerOn();
            _peer ??= new NodePeer(_memory.Keys, _stored);
            Cut(true);
            Cut(false);
            _session = null;
            for (var end = _now + ms; _now < end;)
                OneStep();
        }

        public void CheckLedger()
        {
            Assert.Equal(0, _memory.Journal.Count);
            Assert.Equal(_written.Select(record => (record.Boot, record.Seq)).Order(), _store.Keys.Order());
            Assert.False(_node!.IsClosed(0));
            var ons = _store.Values.OfType<OnRecord>().ToList();
            foreach (var (boot, from, to) in _closed)
                ons.RemoveAll(CheckUse(boot, from, to).Contains);
            Assert.True(
                ons.Count == 0,
                $"On record, and not seen closed: {string.Join(", ", ons)}\nSeen: {string.Join(", ", _closed)}\nRecords: {string.Join("\n", _store.Values.Where(r => ons.Any(on => on.Boot == r.Boot && r.Seq + 6 > on.Seq && r.Seq < on.Seq + 8)).OrderBy(r => r.Seq))}");
            Assert.NotEmpty(_closed);
        }

        // One use, or several that took the relay over from one another: each begins where the one before ended.
        private List<OnRecord> CheckUse(uint boot, long from, long to)
        {
            // A relay that opens within the step in which it closed, or loses its power, was on for no time and is on record all the same.
            var uses = _store.Values.OfType<OnRecord>()
                .Where(on => on.Boot == boot && on.Up >= from && (on.Up < to || (from == to && on.Up == to && OffOf(on) is null or { Ms: 0 })))
                .OrderBy(on => on.Seq).ToList();
            var reached = from;
            foreach (var on in uses)
            {
                Assert.Equal(reached, on.Up);
                var off = OffOf(on);
                if (off is not null)
                {
                    Assert.Equal(off.Up - on.Up, off.Ms);
                    reached = off.Up;
                    continue;
                }

                // Cut off: known up to the last heartbeat, unknown after, never more than it was.
                Assert.Same(uses[^1], on);
                var next = _store.Values.OfType<BootRecord>().Single(record => record.LastBoot == boot);
                Assert.Equal(1, next.On);
                Assert.InRange(next.LastUp, Math.Max(on.Up, to - 60_000 - Step), to);
                return uses;
            }

            Assert.Equal(to, reached);
            return uses;
        }

        private OffRecord? OffOf(OnRecord on) =>
            _store.Values.OfType<OffRecord>().SingleOrDefault(record => record.Boot == on.Boot && record.Session == on.Session);

        private void OneStep()
        {
            _now += Step;
            for (var i = 0; i < _wire.Count;)
            {
                var (due, up, kind, payload) = _wire[i];
                if (due > _now)
                {
                    i++;
                    continue;
                }

                _wire.RemoveAt(i);
                if (up && _peer is not null)
                    Do(_peer.Received(Now, kind, payload));
                else if (!up && _node is not null)
                    Do(_node.Received(Up, kind, payload));
            }

            if (_node is not null)
                Do(_node.Tick(Up));
            if (_peer is not null && _now % 1000 == 0)
                Do(_peer.Tick(Now));
            if (_session is not null && _peer is not null && _now - _renewed >= 3_000)
                Lease(9_000, start: false);
            if (_on >= 0)
                Assert.True(_leases.Any(lease => _now <= lease.Until), $"closed at {_now} without a lease");
        }

        private void Cut(bool cut)
        {
            if (_cut == cut)
                return;
            _cut = cut;
            _wire.Clear();
            if (_node is null)
                return;
            if (cut)
            {
                Do(_node.LinkDown());
            }
            else
            {
                _node.Connect();
                Do(_node.LinkUp(Up));
            }
        }

        private void PowerOn()
        {
            _memory = NodeMemory.FromJson(_memory.ToJson()).Value;
            _node = new NodeCore(Pair.Profile, _memory);
            _bootAt = _now;
            Do(_node.Start(0, BootWhy.Power));
            _cut = true;
        }

        private void PowerOff()
        {
            Opened();
            _node = null;
            _cut = true;
            _wire.Clear();
        }

        private void Opened()
        {
            if (_on >= 0)
                _closed.Add((_memory.Boot, _on, Up));
            _on = -1;
        }

        private void Lease(int ttl, bool start)
        {
            _renewed = _now;
            var outputs = _peer!.Lease(Now, 0, _session!, ttl, start, out var n);
            if (n > 0 && ttl > 0)
                _leases.Add((_session!, _now + ttl + Limits.LeaseSlackMs + Step));
            Do(outputs);
        }

        private void Do(IReadOnlyList<NodeOutput> outputs)
        {
            foreach (var record in _memory.Journal.Records.Where(record => record.Seq > (_written.Count == 0 ? 0 : _written[^1].Seq)).ToList())
                _written.Add(record);
            foreach (var output in outputs)
            {
                if (output is NodeOutput.Send send)
                    Put(true, send.Kind, send.Payload);
                else if (output is NodeOutput.Relay { Channel: 0, Closed: true })
                    _on = Up;
                else if (output is NodeOutput.Relay { Channel: 0, Closed: false })
                    Opened();
            }
        }

        private void Do(IReadOnlyList<PeerOutput> outputs)
        {
            foreach (var output in outputs)
            {
                switch (output)
                {
                    case PeerOutput.Persist persist:
                        _stored = persist.Memory;
                        break;
                    case PeerOutput.Send send:
                        Put(false, send.Kind, send.Payload);
                        break;
                    case PeerOutput.Online { NewBoot: true }:
                        _session = null;
                        break;
                    case PeerOutput.Recorded recorded:
                        Record(recorded);
                        break;
                    case PeerOutput.Alarm alarm:
                        Assert.Fail($"No alarm was due: {alarm}");
                        break;
                }
            }
        }

        private void Record(PeerOutput.Recorded recorded)
        {
            var record = recorded.Record;
            var key = (record.Boot, record.Seq);
            // The store's own key makes a repetition after a crash harmless; the contents must be the same.
            if (!_store.TryAdd(key, record))
                Assert.Equal(_store[key].ToJson(), record.ToJson());
            Do(_peer!.Committed(record.Seq));
            if (record is not BadgeRecord || !recorded.Live || !_faulty)
                return;
            if (_session is null)
            {
                _session = $"s{++_sessions}";
                Lease(9_000, start: true);
            }
            else
            {
                Lease(0, start: false);
                _session = null;
            }
        }

        private void Put(bool up, TopicKind kind, byte[] payload)
        {
            if (_cut)
                return;
            if (!_faulty)
            {
                _wire.Add((_now, up, kind, payload));
                return;
            }

            if (_random.Next(100) < 8)
                return;
            var copies = _random.Next(100) < 10 ? 2 : 1;
            for (var copy = 0; copy < copies; copy++)
                _wire.Insert(_random.Next(100) < 10 ? 0 : _wire.Count, (_now + (_random.Next(100) < 15 ? _random.Next(6_000) : _random.Next(60)), up, kind, payload));
        }
    }
}
