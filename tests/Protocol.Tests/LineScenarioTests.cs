using System.Text;
using System.Text.Json.Nodes;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Node;
using FabLab.Protocol.Serial;

namespace FabLab.Protocol.Tests;

public sealed class LineScenarioTests
{
    [Fact]
    public void A_serial_line_does_what_each_rule_says() => Vectors.Each("line.json", vector => new Run(vector).All());

    /// <summary>One scenario of line.json: against a FrameLine, or with <c>end</c> against a whole device on a serial line.</summary>
    private sealed class Run
    {
        private readonly JsonObject _vector;
        private readonly List<JsonObject> _outputs = [];
        private readonly FrameLine? _line;
        private readonly SerialNode? _node;
        private DeviceKeys _keys = Vectors.Keys;
        private uint _count;
        private ushort _seq;
        private long _t;

        public Run(JsonObject vector)
        {
            _vector = vector;
            if (vector["end"] is not { } end)
                _line = new FrameLine();
            else
                _node = new SerialNode(Pair.Profile, (string)end! == "nobody" ? null : new NodeMemory(new Claim(Pair.Device, 1, Pair.Key) { TagKey = Pair.Tags }));
        }

        public void All()
        {
            var number = 0;
            foreach (var step in _vector["steps"]!.AsArray())
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
                    case "t" or "out" or "not" or "count":
                        break;
                    case "start":
                        Take(_node!.Start(_t, (string)value!));
                        break;
                    case "button":
                        _node!.ButtonHeld(_t);
                        break;
                    case "unplug":
                        Take(_node!.Unplugged(_t));
                        break;
                    case "tap":
                        Take(_node!.Badge(_t, 0, (string)value!));
                        break;
                    case "send":
                        for (var i = 0; i < ((int?)value!["times"] ?? 1); i++)
                        {
                            Take(_line!.Send(_t, Type(value), Encoding.ASCII.GetBytes((string?)value["text"] ?? ""), out var accepted));
                            if (!accepted)
                                _outputs.Add(new JsonObject { ["full"] = true });
                        }

                        break;
                    case "frame":
                        Receive(FrameOf(value!.AsObject()).ToBytes());
                        break;
                    case "bytes":
                        Receive(Convert.FromHexString((string)value!));
                        break;
                    case "msg":
                        var kind = Vectors.KindOfMessage(value!.AsObject().Text("m"));
                        var sealed_ = Envelope.Seal(Encoding.UTF8.GetBytes(value.ToJsonString()), kind, _keys, new Counter((uint?)_vector["boot"] ?? 1, ++_count));
                        Receive(new Frame(Frame.TypeOf(kind), ++_seq, sealed_).ToBytes());
                        break;
                    case "tick":
                        for (var t = from + 100; t < _t; t += 100)
                            Tick(t);
                        Tick(_t);
                        break;
                    default:
                        throw new InvalidDataException($"{_vector["id"]}: no input {name}.");
                }
            }
        }

        private static FrameType Type(JsonNode value) => (FrameType)Convert.ToByte((string)value["type"]!, 16);

        private static Frame FrameOf(JsonObject value)
        {
            var payload = value["json"] is { } json ? Encoding.UTF8.GetBytes(json.ToJsonString()) : Encoding.UTF8.GetBytes((string?)value["text"] ?? "");
            return new Frame(Type(value), (ushort)(int)value["seq"]!, payload);
        }

        private void Receive(byte[] bytes)
        {
            if (_line is not null)
                Take(_line.Received(_t, bytes));
            else
                Take(_node!.Received(_t, bytes));
        }

        private void Tick(long t)
        {
            if (_line is not null)
                Take(_line.Tick(t));
            else
                Take(_node!.Tick(t));
        }

        private void Take(IReadOnlyList<LineOutput> outputs)
        {
            foreach (var output in outputs)
            {
                _outputs.Add(output switch
                {
                    LineOutput.Write write => Written(write.Bytes),
                    LineOutput.Arrived arrived => new JsonObject { ["arrived"] = $"{(byte)arrived.Frame.Type:x2}", ["text"] = Encoding.UTF8.GetString(arrived.Frame.Payload.Span) },
                    LineOutput.Delivered delivered => new JsonObject { ["delivered"] = (int)delivered.Frame.Seq },
                    LineOutput.Dead => new JsonObject { ["dead"] = true },
                    LineOutput.Refused refused => new JsonObject { ["refused"] = refused.Fault.Reason.ToString() },
                    _ => throw new InvalidDataException($"No output {output}."),
                });
            }
        }

        private void Take(IReadOnlyList<NodeOutput> outputs)
        {
            foreach (var output in outputs)
            {
                switch (output)
                {
                    case NodeOutput.Write write:
                        _outputs.Add(Written(write.Bytes));
                        break;
                    case NodeOutput.Enrolled enrolled:
                        _keys = enrolled.Memory.Keys;
                        _outputs.Add(new JsonObject { ["enrolled"] = _keys.Device.Value, ["kid"] = _keys.KeyId });
                        break;
                    case NodeOutput.Relay relay:
                        _outputs.Add(new JsonObject { ["relay"] = relay.Channel, ["closed"] = relay.Closed });
                        break;
                    case NodeOutput.Refused refused:
                        _outputs.Add(new JsonObject { ["refused"] = refused.Fault.Reason.ToString() });
                        break;
                    case NodeOutput.Send:
                        Assert.Fail("A serial device writes frames.");
                        break;
                }
            }
        }

        private JsonObject Written(byte[] bytes)
        {
            Assert.Equal(0, bytes[^1]);
            var frame = Frame.Read(bytes.AsSpan(..^1)).Value;
            var said = new JsonObject { ["write"] = $"{(byte)frame.Type:x2}", ["seq"] = (int)frame.Seq };
            if (Frame.TryTopic(frame.Type, out var kind) && kind != TopicKind.Gateway && Envelope.Open(frame.Payload, kind, _keys).TryGet(out var opened, out _))
                said["json"] = JsonNode.Parse(opened.Json.Span);
            else if (frame.Type is FrameType.Claimed)
                said["json"] = JsonNode.Parse(frame.Payload.Span);
            else
                said["text"] = Encoding.UTF8.GetString(frame.Payload.Span);
            return said;
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
        }
    }
}
