using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using FabLab.Gateway.Links;
using FabLab.VirtualLab.World;
using Microsoft.Extensions.Logging;

namespace FabLab.VirtualLab.Devices;

/// <summary>
/// A plug with Tasmota on it, as its documents and source describe it: POWER with a PulseTime that every ON re-arms, a retained
/// last will, readings on tele/…/SENSOR. It has no journal and no clock that anybody could trust.
/// </summary>
internal sealed class VirtualTasmota : IVirtualDevice, IMqttSink
{
    private readonly Lock _gate = new();
    private readonly NetworkCable _cable;
    private readonly IMqttLink _link;
    private readonly VirtualMachine _machine;
    private readonly string _topic;
    private readonly TimeProvider _time;
    private readonly long _labBegan;
    private readonly Dictionary<string, string> _settings = new(StringComparer.OrdinalIgnoreCase)
    {
        ["PulseTime1"] = "0", ["PowerOnState"] = "3", ["SetOption0"] = "1", ["SetOption73"] = "0", ["PowerRetain"] = "0",
        ["TelePeriod"] = "300", ["PowerDelta1"] = "0",
    };
    private long? _opensAtMs;
    private long _toldAtMs;
    private double _toldWatts;
    private bool _powered;
    private uint _boots = 1;

    public VirtualTasmota(string id, string topic, string password, int brokerPort, VirtualMachine machine, TimeProvider time, long labBegan, ILogger logger)
    {
        Id = id;
        _topic = topic;
        _machine = machine;
        _time = time;
        _labBegan = labBegan;
        _cable = new NetworkCable(brokerPort);
        _link = MqttLinks.Create(
            new MqttLinkOptions
            {
                Port = _cable.Port,
                ClientId = id,
                UserName = id,
                Password = password,
                Version = MqttVersion.V311,
                KeepAlive = TimeSpan.FromSeconds(30),
                Will = new MqttWill($"tele/{topic}/LWT", "Offline"u8.ToArray(), MqttQos.AtLeastOnce, Retain: true),
            },
            time, logger);
    }

    public event Action<Shown>? Displayed
    {
        // It has no display.
        add { }
        remove { }
    }

    public string Id { get; }

    /// <summary>Its connection; a test may send its own messages over it.</summary>
    public IMqttLink Wire => _link;

    public bool IsConnected => _link.Status.Phase == LinkPhase.Up;

    private long LabMs => (long)_time.GetElapsedTime(_labBegan).TotalMilliseconds;

    private int PulseTime => int.Parse(_settings["PulseTime1"], CultureInfo.InvariantCulture);

    public void Start()
    {
        _powered = true;
        _link.Subscribe($"cmnd/{_topic}/#", MqttQos.AtMostOnce, this);
        _link.Start();
    }

    public void Tick()
    {
        lock (_gate)
        {
            if (!_powered)
                return;
            var now = LabMs;
            if (_opensAtMs is { } at && now >= at)
            {
                // The plug's own clock: nobody re-armed it in time.
                Switch(closed: false, at);
                TellPower();
            }
            var (watts, energy) = _machine.Read(now);
            var period = int.Parse(_settings["TelePeriod"], CultureInfo.InvariantCulture) * 1000L;
            if (now - _toldAtMs >= period || HasJumped(watts))
                TellSensor(now, watts, energy);
        }
    }

    public void Tap(int reader, string number) => throw new NotSupportedException("This plug has no reader.");

    public void Cable(bool plugged, bool silent)
    {
        if (plugged)
            _cable.Mend();
        else
            _cable.Cut(silent);
    }

    public void Power(bool on)
    {
        lock (_gate)
        {
            if (_powered == on)
                return;
            _powered = on;
            if (on)
                _boots++;
            _opensAtMs = null;
            // PowerOnState 0 keeps it open after a cold start; without power it is open anyway.
            Switch(closed: on && _settings["PowerOnState"] == "1", LabMs);
        }
        Cable(plugged: on, silent: false);
    }

    public bool Misbehave(string how)
    {
        lock (_gate)
        {
            switch (how)
            {
                case "button":
                    // Somebody presses the button on its side; SetOption73 1 takes it out of service.
                    if (_settings["SetOption73"] == "0")
                    {
                        Switch(!_machine.Relay.IsClosed, LabMs);
                        TellPower();
                    }
                    return true;
                case "garbage":
                    Publish("tele", "SENSOR", "{\"ENERGY\":{\"Power\":\"many\"");
                    return true;
                default:
                    return false;
            }
        }
    }

    public void OnMessage(in MqttDelivery message)
    {
        var command = message.Topic[(message.Topic.LastIndexOf('/') + 1)..];
        Obey(command, Encoding.UTF8.GetString(message.Payload));
    }

    public void OnLinkChanged(bool up)
    {
        if (!up)
            return;
        lock (_gate)
        {
            Publish("tele", "LWT", "Online", retain: true);
            _link.Publish(
                "tasmota/discovery/A020A6000001/config",
                Encoding.UTF8.GetBytes($$"""{"dn":"{{Id}}","fn":["{{Id}}"],"hn":"{{Id}}","ip":"127.0.0.1","mac":"A020A6000001","md":"Virtual","ty":0,"t":"{{_topic}}","ft":"%prefix%/%topic%/","tp":["cmnd","stat","tele"],"rl":[1,0,0,0,0,0,0,0],"onln":"Online","ofln":"Offline","sw":"14.2.0","ver":1}"""),
                MqttQos.AtMostOnce, retain: true);
            TellPower();
            var (watts, energy) = _machine.Read(LabMs);
            TellSensor(LabMs, watts, energy);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _link.DisposeAsync();
        await _cable.DisposeAsync();
        lock (_gate)
            Switch(closed: false, LabMs);
    }

    private void Obey(string command, string value)
    {
        lock (_gate)
        {
            if (!_powered)
                return;
            switch (command.ToUpperInvariant())
            {
                case "BACKLOG" or "BACKLOG0":
                    foreach (var part in value.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                    {
                        var words = part.Split(' ', 2, StringSplitOptions.TrimEntries);
                        Obey(words[0], words.Length > 1 ? words[1] : "");
                    }
                    break;
                case "POWER" or "POWER1":
                    ObeyPower(value.Trim().ToUpperInvariant());
                    break;
                case "STATUS":
                    TellStatus(value.Trim());
                    break;
                case "STATE":
                    Publish("stat", "RESULT", State().ToJsonString());
                    break;
                default:
                    ObeySetting(command, value.Trim());
                    break;
            }
        }
    }

    private void ObeyPower(string value)
    {
        var now = LabMs;
        bool? closed = value switch
        {
            "ON" or "1" or "TRUE" => true,
            "OFF" or "0" or "FALSE" => false,
            "TOGGLE" or "2" => !_machine.Relay.IsClosed,
            _ => null,
        };
        if (closed is { } asked)
        {
            // Every power command clears the timer; ON, also when it is on already, arms it again.
            Switch(asked, now);
            _opensAtMs = asked && Pulse() is { } pulse ? now + pulse : null;
        }
        TellPower();
    }

    private long? Pulse() => PulseTime switch
    {
        0 => null,
        <= 111 and var tenths => tenths * 100L,
        var seconds => (seconds - 100) * 1000L,
    };

    private void ObeySetting(string command, string value)
    {
        var key = command switch
        {
            _ when command.Equals("PulseTime", StringComparison.OrdinalIgnoreCase) => "PulseTime1",
            _ when command.Equals("PowerDelta", StringComparison.OrdinalIgnoreCase) => "PowerDelta1",
            _ => _settings.Keys.FirstOrDefault(known => known.Equals(command, StringComparison.OrdinalIgnoreCase)),
        };
        if (key is null)
        {
            Publish("stat", "RESULT", "{\"Command\":\"Unknown\"}");
            return;
        }
        if (value.Length > 0 && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            _settings[key] = value;
        JsonNode shown = key switch
        {
            "PulseTime1" => new JsonObject { ["Set"] = PulseTime, ["Remaining"] = _opensAtMs is { } at ? Math.Max(0, (at - LabMs) / 1000) : 0 },
            "TelePeriod" or "PowerOnState" or "PowerDelta1" => int.Parse(_settings[key], CultureInfo.InvariantCulture),
            _ => _settings[key] == "1" ? "ON" : "OFF",
        };
        Publish("stat", "RESULT", new JsonObject { [key] = shown }.ToJsonString());
    }

    private void TellStatus(string which)
    {
        var (watts, energy) = _machine.Read(LabMs);
        switch (which)
        {
            case "8" or "10":
                Publish("stat", $"STATUS{which}", new JsonObject { ["StatusSNS"] = Sensor(watts, energy) }.ToJsonString());
                break;
            case "11":
                Publish("stat", "STATUS11", new JsonObject { ["StatusSTS"] = State() }.ToJsonString());
                break;
            case "1":
                Publish("stat", "STATUS1", new JsonObject { ["StatusPRM"] = new JsonObject { ["Baudrate"] = 115200, ["BootCount"] = _boots, ["RestartReason"] = "Power On" } }.ToJsonString());
                break;
            case "2":
                Publish("stat", "STATUS2", new JsonObject { ["StatusFWR"] = new JsonObject { ["Version"] = "14.2.0(virtual)", ["Hardware"] = "ESP32" } }.ToJsonString());
                break;
            default:
                Publish("stat", "STATUS", new JsonObject { ["Status"] = new JsonObject { ["Module"] = 0, ["Topic"] = _topic, ["Power"] = _machine.Relay.IsClosed ? "1" : "0", ["PowerRetain"] = 0 } }.ToJsonString());
                break;
        }
    }

    private void Switch(bool closed, long atMs)
    {
        _machine.Switch(closed, atMs);
        if (!closed)
            _opensAtMs = null;
    }

    private void TellPower()
    {
        var word = _machine.Relay.IsClosed ? "ON" : "OFF";
        Publish("stat", "RESULT", $"{{\"POWER\":\"{word}\"}}");
        Publish("stat", "POWER", word);
    }

    // PowerDelta1 101 and above: 100 plus watts; 1 to 100: percent. It says nothing about power that goes off.
    private bool HasJumped(double watts)
    {
        var delta = int.Parse(_settings["PowerDelta1"], CultureInfo.InvariantCulture);
        if (delta == 0 || watts <= 0)
            return false;
        var change = Math.Abs(watts - _toldWatts);
        return delta > 100 ? change >= delta - 100 : change >= _toldWatts * delta / 100;
    }

    private void TellSensor(long now, double watts, long energy)
    {
        _toldAtMs = now;
        _toldWatts = watts;
        var sensor = Sensor(watts, energy);
        sensor["Time"] = _time.GetLocalNow().ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
        Publish("tele", "SENSOR", sensor.ToJsonString());
    }

    private static JsonObject Sensor(double watts, long energy) => new()
    {
        ["ENERGY"] = new JsonObject
        {
            ["Total"] = Math.Round(energy / 1e6, 3), ["Yesterday"] = 0.0, ["Today"] = Math.Round(energy / 1e6, 3), ["Power"] = Math.Round(watts),
            ["ApparentPower"] = Math.Round(watts * 1.05), ["ReactivePower"] = Math.Round(watts * 0.3), ["Factor"] = 0.95,
            ["Voltage"] = 231, ["Current"] = Math.Round(watts / 231, 3),
        },
    };

    private JsonObject State() => new() { ["POWER"] = _machine.Relay.IsClosed ? "ON" : "OFF", ["UptimeSec"] = LabMs / 1000 };

    private void Publish(string prefix, string name, string text, bool retain = false) =>
        _link.Publish($"{prefix}/{_topic}/{name}", Encoding.UTF8.GetBytes(text), MqttQos.AtMostOnce, retain);
}
