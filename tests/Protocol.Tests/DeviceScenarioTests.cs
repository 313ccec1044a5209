using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Node;

namespace FabLab.Protocol.Tests;

public sealed class DeviceScenarioTests
{
    [Fact]
    public void A_device_does_what_each_rule_says() => Vectors.Each("device.json", vector => new Run(vector).All());

    /// <summary>One scenario of device.json against one NodeCore.</summary>
    private sealed class Run
    {
        private readonly JsonObject _vector;
        private readonly NodeProfile _profile;
        private readonly List<JsonObject> _outputs = [];
        private readonly bool[] _relay = new bool[Limits.Relays];
        private NodeMemory _memory;
        private NodeCore _core;
        private uint _count;
        private Counter _lastSent;
        private long _up;

        public Run(JsonObject vector)
        {
            _vector = vector;
            var claim = new Claim(Pair.Device, 1, Pair.Key) { TagKey = vector["noTagKey"] is null ? Pair.Tags : null };
            _memory = new NodeMemory(claim, (int?)vector["journal"] ?? Limits.JournalRecords);
            _profile = Pair.Profile with { Firmware = "1.4.0", Model = "las-board", SlotBytes = 4_096, IsSigned = vector["noUpdates"] is null ? Author.IsSigned : null };
            _core = new NodeCore(_profile, _memory);
        }

        public void All()
        {
            if (_vector["from"] is { } from)
                Prepare((string)from!);
            var number = 0;
            foreach (var step in _vector["steps"]!.AsArray())
            {
                number++;
                _outputs.Clear();
                One(step!.AsObject());
                Check(step.AsObject(), number);
            }
        }

        private void Prepare(string from)
        {
            Do(0, "boot", "power");
            Do(100, "connect", true);
            Do(200, "msg", new JsonObject { ["m"] = "time", ["t"] = 1_790_000_000_000, ["c"] = "abcdefgh", ["list"] = 0 });
            Do(300, "msg", new JsonObject { ["m"] = "ack", ["seq"] = 1 });
            if (_vector["config"] is { } policy)
            {
                var channel = new JsonObject { ["ll"] = "open", ["cap"] = 0, ["mw"] = 0, ["idle"] = 0, ["of"] = "deny", ["age"] = 0, ["omax"] = 0 };
                foreach (var (name, value) in policy.AsObject())
                    channel[name] = value!.DeepClone();
                Do(400, "msg", new JsonObject
                {
                    ["m"] = "config", ["v"] = 1, ["si"] = 60, ["hb"] = 60, ["us"] = 300, ["me"] = 10, ["lang"] = "fr",
                    ["ch"] = new JsonArray(channel), ["rc"] = new JsonArray(0),
                });
            }

            if (_vector["list"] is { } entries)
            {
                Do(500, "msg", new JsonObject
                {
                    ["m"] = "list", ["v"] = 1, ["base"] = 0, ["i"] = 0, ["of"] = 1, ["tk"] = 1, ["at"] = 1_790_000_000,
                    ["cnt"] = entries.AsArray().Count, ["entries"] = entries.DeepClone(),
                });
            }

            if (from == "away")
                Do(600, "drop", true);
        }

        private void Do(long up, string name, JsonNode value) => One(new JsonObject { ["t"] = up, [name] = value });

        private void One(JsonObject step)
        {
            var from = _up;
            _up = (long?)step["t"] ?? _up;
            foreach (var (name, value) in step)
            {
                switch (name)
                {
                    case "t" or "out" or "not" or "relay" or "retained" or "count" or "boot#" or "rd" or "trial":
                        break;
                    case "boot":
                        _memory = NodeMemory.FromJson(_memory.ToJson()).Value;
                        _core = new NodeCore(_profile, _memory);
                        _count = 0;
                        _lastSent = default;
                        Take(_core.Start(_up, (string)value!, (bool?)step["trial"] ?? false));
                        break;
                    case "connect":
                        _outputs.Add(Opened(TopicKind.State, _core.Connect()));
                        Take(_core.LinkUp(_up));
                        break;
                    case "drop":
                        Take(_core.LinkDown());
                        break;
                    case "tap":
                        Take(_core.Badge(_up, (int?)step["rd"] ?? 0, (string)value!));
                        break;
                    case "me":
                        Take(_core.Meter(_up, new MeterReading((int?)value!["mt"] ?? 0, _up, (long)value["mw"]!, MilliWattHours: (long?)value["mwh"])));
                        break;
                    case "feedback":
                        Take(_core.Feedback(_up, (int)value!["ch"]!, (bool)value["closed"]!));
                        break;
                    case "fault":
                        Take(_core.Fault(_up, (int)value!["ch"]!, (string)value["f"]!, (bool)value["on"]!));
                        break;
                    case "clock":
                        _core.SetClock(_up, (long)value!);
                        break;
                    case "fill":
                        for (var on = true; _memory.Journal.Count < (int)value!; on = !on)
                            Take(_core.Fault(_up, 1, "meter", on));
                        break;
                    case "gw":
                        Take(_core.Received(_up, TopicKind.Gateway, Encoding.UTF8.GetBytes(value!.ToJsonString()), retained: true));
                        break;
                    case "msg":
                        Message(value!.AsObject(), step);
                        break;
                    case "tick":
                        for (var up = from + 100; up < _up; up += 100)
                            Take(_core.Tick(up));
                        Take(_core.Tick(_up));
                        break;
                    default:
                        throw new InvalidDataException($"{_vector["id"]}: no input {name}.");
                }
            }
        }

        private void Message(JsonObject message, JsonObject step)
        {
            if (message["entries"] is JsonArray entries)
            {
                message = message.DeepClone().AsObject();
                message.Remove("entries");
                var list = entries.Select(entry => ListEntry.For(Pair.Tags, (string)entry!["tag"]!, (uint?)entry["exp"] ?? 0, (byte?)entry["rights"] ?? 1)).ToList();
                message["e"] = (string)JsonNode.Parse(new ListChunk(1, 0, 0, 1, 1, 1, 1, list).ToJson())!["e"]!;
            }

            if (message["piece"] is JsonArray piece)
                message = JsonNode.Parse(Author.Piece((int)piece[0]!, (int)piece[1]!).ToJson())!.AsObject();
            var count = (uint?)step["count"] ?? ++_count;
            _count = Math.Max(_count, count);
            var kind = Vectors.KindOfMessage(message.Text("m"));
            var json = Encoding.UTF8.GetBytes(message.ToJsonString());
            var sealed_ = Envelope.Seal(json, kind, _memory.Keys, new Counter((uint?)step["boot#"] ?? _memory.Boot, count));
            Take(_core.Received(_up, kind, sealed_, (bool?)step["retained"] ?? false));
        }

        private void Take(IReadOnlyList<NodeOutput> outputs)
        {
            foreach (var output in outputs)
            {
                switch (output)
                {
                    case NodeOutput.Send send:
                        _outputs.Add(Opened(send.Kind, send.Payload));
                        break;
                    case NodeOutput.Relay relay:
                        _relay[relay.Channel] = relay.Closed;
                        _outputs.Add(new JsonObject { ["relay"] = relay.Channel, ["closed"] = relay.Closed });
                        break;
                    case NodeOutput.Display display:
                        _outputs.Add(new JsonObject { ["show"] = JsonNamingPolicy.CamelCase.ConvertName(display.Kind.ToString()), ["text"] = display.Text, ["code"] = display.Code });
                        break;
                    case NodeOutput.Save:
                        _outputs.Add(new JsonObject { ["save"] = true });
                        break;
                    case NodeOutput.Slot slot:
                        _outputs.Add(new JsonObject { ["slot"] = JsonNamingPolicy.CamelCase.ConvertName(slot.Order.ToString()), ["at"] = slot.Offset, ["n"] = slot.Bytes.Length });
                        break;
                    case NodeOutput.Refused refused:
                        _outputs.Add(new JsonObject { ["refused"] = refused.Fault.Reason.ToString() });
                        break;
                }
            }
        }

        // Everything a device sends is genuine, readable, and counted upwards.
        private JsonObject Opened(TopicKind kind, byte[] payload)
        {
            var opened = Envelope.Open(payload, kind, _memory.Keys).Value;
            Assert.True(opened.Counter > _lastSent);
            Assert.Equal(_memory.Boot, opened.Counter.Boot);
            _lastSent = opened.Counter;
            Assert.Equal(kind, Vectors.Read(kind, opened.Json.ToArray()).Topic);
            return JsonNode.Parse(opened.Json.Span)!.AsObject();
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
            if (step["relay"] is { } closed)
                Assert.True((bool)closed! == _relay[0], $"step {number}: relay 0 is {(_relay[0] ? "closed" : "open")} after\n{said}");
            for (var channel = 0; channel < 2; channel++)
                Assert.Equal(_core.IsClosed(channel), _relay[channel]);
        }
    }
}
