using System.Text;
using System.Text.Json.Nodes;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Peer;

namespace FabLab.Protocol.Tests;

public sealed class GatewayScenarioTests
{
    [Fact]
    public void The_gateway_s_side_does_what_each_rule_says() => Vectors.Each("gateway.json", vector => new Run(vector).All());

    /// <summary>One scenario of gateway.json against one NodePeer. The device's answers to challenges are given unless the step says mute.</summary>
    private sealed class Run(JsonObject vector)
    {
        private const long Utc0 = 1_790_000_000_000;
        private readonly List<JsonObject> _outputs = [];
        private readonly Dictionary<uint, PeerOutput.Recorded> _recorded = [];
        private NodePeer _peer = new(Vectors.Keys, new PeerMemory());
        private PeerMemory _stored = new();
        private string? _challenge;
        private uint _offerN;
        private uint _boot = 1;
        private uint _n;
        private long _bootAt;
        private long _t;

        private PeerTime Now => new(_t + 77, Utc0 + _t);

        public void All()
        {
            if (vector["from"] is not null)
            {
                One(new JsonObject { ["t"] = 1000L, ["birth"] = new JsonObject() });
                One(new JsonObject { ["t"] = 1000L, ["answer"] = true });
            }

            var number = 0;
            foreach (var step in vector["steps"]!.AsArray())
            {
                number++;
                _outputs.Clear();
                One(step!.AsObject());
                Check(step.AsObject(), number);
            }
        }

        private void One(JsonObject step)
        {
            var from = _t;
            _t = (long?)step["t"] ?? _t;
            foreach (var (name, value) in step)
            {
                switch (name)
                {
                    case "t" or "out" or "not" or "n" or "boot#" or "ready" or "said":
                        break;
                    case "newBoot":
                        (_boot, _n, _bootAt) = ((uint)value!, 0, _t);
                        break;
                    case "birth":
                        Up(Birth(value!.AsObject()), step, retained: false);
                        break;
                    case "retained":
                        Up(value!["m"] is null ? Birth(value.AsObject()) : value.AsObject(), step, retained: true);
                        break;
                    case "up":
                        Up(value!.AsObject(), step, retained: false);
                        break;
                    case "answer":
                        Up(new JsonObject { ["m"] = "res", ["re"] = "time", ["code"] = "ok", ["up"] = (long?)step["said"] ?? _t - _bootAt, ["c"] = value!.GetValueKind() == System.Text.Json.JsonValueKind.String ? (string)value! : _challenge }, step, retained: false);
                        break;
                    case "bytes":
                        Take(_peer.Received(Now, TopicKind.Event, Convert.FromHexString((string)value!)));
                        break;
                    case "commit":
                        Take(_peer.Committed((uint)value!));
                        break;
                    case "notStored":
                        _peer.NotStored((uint)value!);
                        break;
                    case "refuse":
                        Take(_peer.RefusedByStore(_recorded[(uint)value!]));
                        break;
                    case "lease":
                        Take(_peer.Lease(Now, (int)value!["ch"]!, (string)value["sid"]!, (int)value["ttl"]!, (bool?)value["s"] ?? false, out _));
                        break;
                    case "offer":
                        Take(_peer.Offer(Now, ListParts.Full((uint)value!["v"]!, 1, 1_790_000_000, [.. Enumerable.Range(0, (int)value["count"]!).Select(i => ListEntry.For(Pair.Tags, $"raw:{i:X8}", 0, 1))])));
                        break;
                    case "show":
                        Take(_peer.Show(new Show(0, ShowKind.No, (string)value!, 6)));
                        break;
                    case "configure":
                        Take(_peer.Configure(new Config((uint)value!, 60, 60, 300, 10, "fr", [], [])));
                        break;
                    case "update":
                        Take(_peer.Update(Now, Author.File("1.5.0", (int)value!)));
                        break;
                    case "updateAgain":
                        Take(_peer.Update(Now, Author.File("1.5.0", (int)value!), again: true));
                        break;
                    case "unknown":
                        Up(new JsonObject { ["m"] = "res", ["re"] = "cmd", ["code"] = "unknown", ["up"] = _t - _bootAt, ["n"] = _offerN }, step, retained: false);
                        break;
                    case "list":
                        _peer.CurrentList = (uint)value!;
                        break;
                    case "lost":
                        Take(_peer.LinkLost());
                        break;
                    case "restart":
                        _peer = new NodePeer(Vectors.Keys, _stored with { AckedSeq = _peer.Memory.AckedSeq });
                        break;
                    case "forget":
                        _peer = new NodePeer(Vectors.Keys, new PeerMemory());
                        break;
                    case "tick":
                        for (var t = from + 1000; t < (long)step["t"]!; t += 1000)
                        {
                            _t = t;
                            Take(_peer.Tick(Now));
                        }

                        _t = (long)step["t"]!;
                        Take(_peer.Tick(Now));
                        break;
                    default:
                        throw new InvalidDataException($"{vector["id"]}: no input {name}.");
                }
            }
        }

        private JsonObject Birth(JsonObject changes)
        {
            var birth = JsonNode.Parse($$"""
                {"m":"birth","pv":1,"boot":{{_boot}},"bd":1,"up":{{_t - _bootAt}},"fw":"1.0.0","hw":"24:6F:28:AA:BB:CC","jr":{"first":1,"last":0,"free":2000,"lost":0},
                 "list":0,"la":0,"cfg":0,"tk":1,"rl":["main"],"rd":["iso"],"mt":[0],"dp":0,"st":[],"ft":[]}
                """)!.AsObject();
            foreach (var (name, value) in changes)
                birth[name] = value!.DeepClone();
            return birth;
        }

        private void Up(JsonObject message, JsonObject step, bool retained)
        {
            var kind = Vectors.KindOfMessage(message.Text("m"));
            var n = (uint?)step["n"] ?? ++_n;
            _n = Math.Max(_n, n);
            if (kind == TopicKind.Event && message["boot"] is null)
                message = Record(message);
            var json = Encoding.UTF8.GetBytes(message.ToJsonString());
            Take(_peer.Received(Now, kind, Envelope.Seal(json, kind, Vectors.Keys, new Counter((uint?)step["boot#"] ?? _boot, n)), retained));
        }

        private JsonObject Record(JsonObject record)
        {
            record = record.DeepClone().AsObject();
            record["boot"] = _boot;
            record["up"] ??= _t - _bootAt;
            return record;
        }

        private void Take(IReadOnlyList<PeerOutput> outputs)
        {
            foreach (var output in outputs)
            {
                _outputs.Add(output switch
                {
                    PeerOutput.Persist persist => new JsonObject
                    {
                        ["persist"] = true, ["urgent"] = persist.Urgent, ["reserved"] = persist.Memory.Reserved, ["acked"] = persist.Memory.AckedSeq, ["duplicate"] = persist.Memory.Duplicate, ["clocks"] = persist.Memory.Clocks.Count,
                    },
                    PeerOutput.Send send => Sent(send),
                    PeerOutput.Online online => new JsonObject { ["online"] = true, ["newBoot"] = online.NewBoot, ["closed"] = online.Birth.Closed.Count },
                    PeerOutput.Ready ready => new JsonObject { ["ready"] = true, ["roundTrip"] = ready.RoundTripMs },
                    PeerOutput.Offline offline => new JsonObject { ["offline"] = offline.Why.ToString() },
                    PeerOutput.Recorded recorded => new JsonObject
                    {
                        ["recorded"] = JsonNode.Parse(recorded.Raw.Span), ["live"] = recorded.Live, ["utc"] = recorded.Time.UtcMs, ["quality"] = recorded.Time.Quality.ToString(),
                    },
                    PeerOutput.SetAside aside => new JsonObject { ["aside"] = aside.Seq, ["boot"] = aside.Boot, ["fault"] = aside.Fault.Reason.ToString() },
                    PeerOutput.Metered metered => new JsonObject { ["metered"] = metered.Reading.MilliWatts, ["utc"] = metered.Time.UtcMs },
                    PeerOutput.Replied replied => new JsonObject { ["replied"] = JsonNode.Parse(replied.Reply.ToJson()) },
                    PeerOutput.Asked asked => new JsonObject { ["asked"] = asked.What.ToString() },
                    PeerOutput.ListHeld held => new JsonObject { ["listHeld"] = held.Version },
                    PeerOutput.ListRefused refused => new JsonObject { ["listRefused"] = refused.Version, ["code"] = refused.Code },
                    PeerOutput.Updating updating => new JsonObject { ["updating"] = updating.Stage.ToString(), ["held"] = updating.Held, ["code"] = updating.Code },
                    PeerOutput.Refused refused => new JsonObject { ["refused"] = refused.Fault.Reason.ToString() },
                    PeerOutput.Alarm alarm => new JsonObject { ["alarm"] = alarm.Kind.ToString(), ["from"] = alarm.From, ["to"] = alarm.To },
                    _ => throw new InvalidDataException($"No output {output}."),
                });
                if (output is PeerOutput.Persist { Memory: var memory })
                    _stored = memory;
                if (output is PeerOutput.Recorded { Record.Seq: var seq } given)
                    _recorded[seq] = given;
            }
        }

        // Whatever the gateway sends is genuine, readable, and for the boot that runs.
        private JsonObject Sent(PeerOutput.Send send)
        {
            var opened = Envelope.Open(send.Payload, send.Kind, Vectors.Keys).Value;
            var message = Vectors.Read(send.Kind, opened.Json.ToArray());
            Assert.Equal(Topics.Of(Pair.Device, message.Topic), send.Topic);
            if (message is TimeMessage time)
                _challenge = time.Challenge;
            if (message is FirmwareOffer)
                _offerN = opened.Counter.N;
            var json = JsonNode.Parse(opened.Json.Span)!.AsObject();
            json["ctrBoot"] = opened.Counter.Boot;
            json["ctrN"] = opened.Counter.N;
            return json;
        }

        private void Check(JsonObject step, int number)
        {
            var said = string.Join("\n", _outputs.Select(output => output.ToJsonString()));
            var place = 0;
            foreach (var wanted in step["out"]?.AsArray() ?? [])
            {
                while (place < _outputs.Count && !Vectors.Matches(wanted, _outputs[place]))
                    place++;
                Assert.True(place++ < _outputs.Count, $"step {number}: no {wanted!.ToJsonString()} in\n{said}");
            }

            foreach (var unwanted in step["not"]?.AsArray() ?? [])
                Assert.False(_outputs.Any(output => Vectors.Matches(unwanted, output)), $"step {number}: {unwanted!.ToJsonString()} in\n{said}");
            if (step["ready"] is { } ready)
                Assert.True((bool)ready! == _peer.IsReady, $"step {number}: ready is {_peer.IsReady} after\n{said}");
        }
    }
}
