using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FabLab.Host.Bench;

/// <summary>
/// A bought device of the measurement, on a connection of libmosquitto of its own: as much of it as its driver needs to use it, and one
/// message a second. It has no timer that opens its relay: here nothing falls away. The twins of <c>samples/VirtualLab</c> are the whole
/// devices; two hundred of those would be a load of their own.
/// </summary>
internal abstract class BenchPlug : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly NativeMosquitto _wire;
    private readonly Action<BenchPlug, bool, long>? _moved;
    private long _receivedAt;

    protected BenchPlug(string driver, int index, Action<BenchPlug, bool, long>? moved)
    {
        (Driver, Index, _moved) = (driver, index, moved);
        Id = string.Create(CultureInfo.InvariantCulture, $"{driver}-{index}");
        _wire = new NativeMosquitto(Id, null, null, (_, topic, payload) => Received(topic, payload));
    }

    public string Driver { get; }

    public int Index { get; }

    /// <summary>The device's name, and where nothing else is said what its topics are made of.</summary>
    public string Id { get; }

    public bool IsClosed { get; private set; }

    /// <summary>What its topics are made of.</summary>
    public virtual string Topic => Id;

    /// <summary>Relays it has.</summary>
    public virtual int Channels => 1;

    public virtual bool Measures => true;

    /// <summary>The number of its tag, as the lab's description has it; null when it reads none.</summary>
    public virtual string? Tag => null;

    protected string Mac => string.Create(CultureInfo.InvariantCulture, $"A0B1C2{Index:X6}");

    protected abstract IReadOnlyList<string> Listens { get; }

    /// <summary>What <c>devices.json</c> has of it.</summary>
    public JsonObject Settings => new() { ["id"] = Id, ["driver"] = Driver, ["link"] = "mqtt", ["topic"] = Topic, ["channels"] = Channels };

    /// <summary>The kinds there are.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["tasmota", "shelly", "shelly1", "esphome", "zigbee2mqtt", "homeassistant", "fab-o-matic", "octoprint-mqtt"];

    /// <param name="driver">One of <see cref="Kinds"/>.</param>
    /// <param name="index">Its number among all devices.</param>
    /// <param name="moved">Called when a command moves its relay: closed, and the timestamp at which the command came in.</param>
    public static BenchPlug Create(string driver, int index, Action<BenchPlug, bool, long>? moved = null) => driver switch
    {
        "tasmota" => new Tasmota(index, moved),
        "shelly" => new Shelly(index, moved),
        "shelly1" => new ShellyGen1(index, moved),
        "esphome" => new EspHome(index, moved),
        "zigbee2mqtt" => new Zigbee(index, moved),
        "homeassistant" => new Announced(index, moved),
        "fab-o-matic" => new FabOMatic(index, moved),
        "octoprint-mqtt" => new OctoPrint(index, moved),
        _ => throw new ArgumentOutOfRangeException(nameof(driver), driver, "There is no such kind."),
    };

    /// <summary>What a bridge says of all its plugs together.</summary>
    public static void TellBridge(NativeMosquitto wire, IEnumerable<BenchPlug> plugs)
    {
        var zigbee = plugs.OfType<Zigbee>().Select(plug => plug.Listed).ToList();
        if (zigbee.Count == 0)
            return;
        wire.Publish("zigbee2mqtt/bridge/state", """{"state":"online"}"""u8, retain: true);
        wire.Publish("zigbee2mqtt/bridge/devices", Encoding.UTF8.GetBytes($"[{string.Join(',', zigbee)}]"), retain: true);
    }

    /// <summary>Connects, listens, and says that it is there.</summary>
    public void Connect(int port)
    {
        _wire.Connect(port, Patience);
        foreach (var filter in Listens)
            _wire.Subscribe(filter, Patience);
        lock (_gate)
            Arrive();
    }

    /// <summary>Its message of this second.</summary>
    /// <param name="second">Counted from the start of the measurement.</param>
    public void Second(int second)
    {
        lock (_gate)
            Tell(second, BenchLoad.Watts(IsClosed, Index + second), BenchLoad.WattHours(Index, second));
    }

    /// <summary>Somebody holds the tag there.</summary>
    public void Tap()
    {
        lock (_gate)
            SayTag();
    }

    /// <summary>A tag as its reader spells it, in the message that its firmware makes of it.</summary>
    public void Scan(string told)
    {
        lock (_gate)
            SayScan(told);
    }

    public void Dispose() => _wire.Dispose();

    /// <summary>What it says when it comes.</summary>
    protected abstract void Arrive();

    protected abstract void Tell(int second, double watts, double wattHours);

    /// <summary>A message on what it listens to.</summary>
    protected abstract void Obey(string topic, string text);

    protected virtual void SayTag() => throw new NotSupportedException("This device reads no tags.");

    protected virtual void SayScan(string told) => throw new NotSupportedException("This device reads no tags.");

    protected void Move(bool closed)
    {
        if (IsClosed == closed)
            return;
        IsClosed = closed;
        _moved?.Invoke(this, closed, _receivedAt);
    }

    protected void Say(string topic, string text, bool retain = false) => _wire.Publish(topic, Encoding.UTF8.GetBytes(text), qos: 0, retain);

    protected static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    private void Received(string topic, ReadOnlySpan<byte> payload)
    {
        var at = TimeProvider.System.GetTimestamp();
        var text = Encoding.UTF8.GetString(payload);
        lock (_gate)
        {
            _receivedAt = at;
            Obey(topic, text);
        }
    }

    private sealed class Tasmota(int index, Action<BenchPlug, bool, long>? moved) : BenchPlug("tasmota", index, moved)
    {
        private string _pulse = "0";

        public override string Tag => string.Create(CultureInfo.InvariantCulture, $"iso:0A{Index:X6}");

        protected override IReadOnlyList<string> Listens => [$"cmnd/{Topic}/#"];

        protected override void Arrive()
        {
            Say($"tele/{Topic}/LWT", "Online", retain: true);
            TellRelay();
        }

        protected override void Tell(int second, double watts, double wattHours) => Say($"tele/{Topic}/SENSOR", string.Create(
            CultureInfo.InvariantCulture,
            $$$"""{"Time":"2026-11-28T10:00:00","ENERGY":{"TotalStartTime":"2026-01-01T00:00:00","Total":{{{Number(wattHours / 1000)}}},"Yesterday":0.9,"Today":0.9,"Period":0,"Power":{{{Math.Round(watts)}}},"ApparentPower":{{{Math.Round(watts * 1.05)}}},"ReactivePower":{{{Math.Round(watts * 0.3)}}},"Factor":0.95,"Voltage":231,"Current":{{{Number(watts / 231)}}}}}"""));

        protected override void SayTag() => SayScan($$$"""{"RC522":{"UID":"{{{Tag[4..]}}}","Data":"","Type":"MIFARE 1KB"}}""");

        protected override void SayScan(string told) => Say($"tele/{Topic}/SENSOR", $$"""{"Time":"2026-11-28T10:00:00",{{told[1..]}}""");

        protected override void Obey(string topic, string text)
        {
            var command = topic[(topic.LastIndexOf('/') + 1)..];
            if (command == "Backlog")
            {
                foreach (var part in text.Split("; "))
                    Set(part.Split(' ')[0], part.Split(' ')[1]);
            }
            else if (command == "POWER1")
            {
                Move(text == "ON");
                TellRelay();
            }
            else if (command == "STATUS")
            {
                Say($"stat/{Topic}/STATUS{text}", text switch
                {
                    "1" => """{"StatusPRM":{"Baudrate":115200,"BootCount":7}}""",
                    "2" => """{"StatusFWR":{"Version":"14.2.0(bench)"}}""",
                    "5" => $$$"""{"StatusNET":{"Mac":"{{{Mac}}}"}}""",
                    "11" => $$$"""{"StatusSTS":{"POWER":"{{{Word}}}"}}""",
                    _ => """{"StatusSNS":{"ENERGY":{"Power":2}}}""",
                });
            }
            else
            {
                Set(command, text);
            }
        }

        private string Word => IsClosed ? "ON" : "OFF";

        private void TellRelay()
        {
            Say($"stat/{Topic}/RESULT", $$"""{"POWER":"{{Word}}"}""");
            Say($"stat/{Topic}/POWER", Word);
        }

        private void Set(string name, string value)
        {
            if (name == "PulseTime1")
                _pulse = value;
            Say($"stat/{Topic}/RESULT", name switch
            {
                "PulseTime1" => $$$"""{"PulseTime1":{"Set":{{{_pulse}}},"Remaining":0}}""",
                "PowerOnState" or "TelePeriod" or "PowerDelta1" => $$"""{"{{name}}":{{value}}}""",
                _ => $$"""{"{{name}}":"{{(value == "1" ? "ON" : "OFF")}}"}""",
            });
        }
    }

    private sealed class Shelly(int index, Action<BenchPlug, bool, long>? moved) : BenchPlug("shelly", index, moved)
    {
        private double _delay = 60;
        private double _watts;
        private double _wattHours;
        private long _renewals;
        private bool _isSet;

        protected override IReadOnlyList<string> Listens => [$"{Topic}/rpc"];

        protected override void Arrive() => Say($"{Topic}/online", "true", retain: true);

        protected override void Tell(int second, double watts, double wattHours)
        {
            (_watts, _wattHours) = (watts, wattHours);
            Notify(Status());
        }

        protected override void Obey(string topic, string text)
        {
            var call = JsonNode.Parse(text)!;
            var parameters = call["params"]!.AsObject();
            var wasClosed = IsClosed;
            var result = (string)call["method"]! switch
            {
                "Shelly.GetDeviceInfo" => $$"""{"id":"{{Topic}}","mac":"{{Mac}}","ver":"1.1.0"}""",
                "Sys.GetStatus" => $$"""{"mac":"{{Mac}}","uptime":100}""",
                "Switch.GetConfig" => $$"""{"id":0,"initial_state":"{{(_isSet ? "off" : "on")}}","auto_off":{{(_isSet ? "true" : "false")}},"auto_off_delay":{{Number(_delay)}}}""",
                "Switch.SetConfig" => Configure(parameters["config"]!.AsObject()),
                "Switch.Set" => Set((bool)parameters["on"]!),
                _ => Status(),
            };
            Say($"{(string)call["src"]!}/rpc", $$"""{"id":{{call["id"]!.ToJsonString()}},"src":"{{Topic}}","dst":"{{(string)call["src"]!}}","result":{{result}}}""");
            if (wasClosed != IsClosed)
                Notify(Status());
        }

        private string Configure(JsonObject config)
        {
            (_isSet, _delay) = (true, (double)config["auto_off_delay"]!);
            return """{"restart_required":false}""";
        }

        private string Set(bool on)
        {
            var was = IsClosed;
            _renewals++;
            Move(on);
            return $$"""{"was_on":{{(was ? "true" : "false")}}}""";
        }

        private string Status()
        {
            var timer = IsClosed ? string.Create(CultureInfo.InvariantCulture, $",\"timer_started_at\":{1_700_000_000 + _renewals},\"timer_duration\":{_delay}") : "";
            return $$$"""{"id":0,"source":"MQTT","output":{{{(IsClosed ? "true" : "false")}}},"apower":{{{Number(_watts)}}},"voltage":229.4,"current":{{{Number(_watts / 229.4)}}},"aenergy":{"total":{{{Number(_wattHours)}}},"by_minute":[34.786,45.552,45.552],"minute_ts":1707326925}{{{timer}}},"temperature":{"tC":32.1,"tF":89.7}}""";
        }

        private void Notify(string status) =>
            Say($"{Topic}/events/rpc", $$$"""{"src":"{{{Topic}}}","dst":"{{{Topic}}}/events","method":"NotifyStatus","params":{"ts":1707326925.5,"switch:0":{{{status}}}}}""");
    }

    private sealed class ShellyGen1(int index, Action<BenchPlug, bool, long>? moved) : BenchPlug("shelly1", index, moved)
    {
        protected override IReadOnlyList<string> Listens => [$"shellies/{Topic}/command", $"shellies/{Topic}/relay/0/command"];

        protected override void Arrive()
        {
            Say($"shellies/{Topic}/online", "true");
            Announce();
            TellRelay();
        }

        protected override void Tell(int second, double watts, double wattHours) => Say($"shellies/{Topic}/relay/0/power", Number(watts));

        protected override void Obey(string topic, string text)
        {
            if (text == "announce")
                Announce();
            else if (text is "on" or "off")
                Move(text == "on");
            TellRelay();
        }

        private void Announce() => Say("shellies/announce", $$"""{"id":"{{Topic}}","model":"SHPLG-S","mac":"{{Mac}}","ip":"192.168.1.40","new_fw":false,"fw_ver":"20230913-113421/v1.14.0-gcb84623"}""");

        private void TellRelay() => Say($"shellies/{Topic}/relay/0", IsClosed ? "on" : "off");
    }

    private sealed class EspHome(int index, Action<BenchPlug, bool, long>? moved) : BenchPlug("esphome", index, moved)
    {
        public override string Tag => string.Create(CultureInfo.InvariantCulture, $"em:5B0B{Index:X6}");

        protected override IReadOnlyList<string> Listens => [$"{Topic}/fablab/lease/1", $"{Topic}/switch/relay/command"];

        protected override void Arrive()
        {
            Say($"{Topic}/status", "online", retain: true);
            Say($"{Topic}/fablab/about", $$"""{"package":1,"boot":7919,"fw":"2026.9.0","mac":"{{Mac}}"}""", retain: true);
            TellRelay();
        }

        protected override void Tell(int second, double watts, double wattHours) => Say($"{Topic}/sensor/power/state", Number(watts), retain: true);

        protected override void SayTag() => SayScan(Tag[^8..]);

        protected override void SayScan(string told) =>
            Say($"{Topic}/fablab/tag/em-dec", uint.Parse(told, NumberStyles.HexNumber, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture));

        protected override void Obey(string topic, string text)
        {
            Move(topic.EndsWith("/lease/1", StringComparison.Ordinal) ? text != "0" : text == "ON");
            TellRelay();
        }

        private void TellRelay() => Say($"{Topic}/switch/relay/state", IsClosed ? "ON" : "OFF", retain: true);
    }

    private sealed class Zigbee(int index, Action<BenchPlug, bool, long>? moved) : BenchPlug("zigbee2mqtt", index, moved)
    {
        private double _watts;

        /// <summary>What the bridge's list has of it.</summary>
        public string Listed => $$$"""
            {"ieee_address":"0x54ef44{{{Mac[2..]}}}","type":"Router","friendly_name":"{{{Topic}}}","software_build_id":"1.0.5","definition":{"model":"TS011F_plug","vendor":"Bench","exposes":[{"type":"switch","features":[{"type":"binary","name":"state","property":"state","access":7,"value_on":"ON","value_off":"OFF"}]},{"type":"numeric","name":"power","property":"power","unit":"W","access":5},{"type":"numeric","name":"energy","property":"energy","unit":"kWh","access":5}]} }
            """;

        protected override IReadOnlyList<string> Listens => [$"zigbee2mqtt/{Topic}/set", $"zigbee2mqtt/{Topic}/get"];

        protected override void Arrive()
        {
            Say($"zigbee2mqtt/{Topic}/availability", """{"state":"online"}""", retain: true);
            TellAll(0);
        }

        protected override void Tell(int second, double watts, double wattHours)
        {
            _watts = watts;
            TellAll(wattHours);
        }

        protected override void Obey(string topic, string text)
        {
            if (topic.EndsWith("/set", StringComparison.Ordinal))
                Move((string?)JsonNode.Parse(text)!["state"] == "ON");
            TellAll(0);
        }

        private void TellAll(double wattHours) => Say(
            $"zigbee2mqtt/{Topic}",
            string.Create(CultureInfo.InvariantCulture, $$$"""{"state":"{{{(IsClosed ? "ON" : "OFF")}}}","power":{{{Math.Round(_watts)}}},"energy":{{{Number(wattHours / 1000)}}},"linkquality":120,"update":{"state":"idle"}}"""));
    }

    private sealed class Announced(int index, Action<BenchPlug, bool, long>? moved) : BenchPlug("homeassistant", index, moved)
    {
        public override string Tag => string.Create(CultureInfo.InvariantCulture, $"em:5C0C{Index:X6}");

        protected override IReadOnlyList<string> Listens => [$"{Topic}/cmnd"];

        protected override void Arrive()
        {
            Announce("switch", "relay", """ "cmd_t":"~/cmnd","stat_t":"~/state","val_tpl":"{{ value_json.relay }}" """);
            Announce("sensor", "watts", """ "stat_t":"~/state","dev_cla":"power","unit_of_meas":"W","val_tpl":"{{ value_json.meter['w'] | float }}" """);
            Announce("sensor", "total", """ "stat_t":"~/state","dev_cla":"energy","unit_of_meas":"kWh","val_tpl":"{{ value_json.meter.kwh }}" """);
            Announce("tag", "reader", """ "t":"~/tag","val_tpl":"{{ value_json.tag.uid }}" """);
            Say($"{Topic}/avail", "online", retain: true);
            TellAll(0, 0);
        }

        protected override void Tell(int second, double watts, double wattHours) => TellAll(watts, wattHours);

        protected override void SayTag() => SayScan(Tag[3..]);

        protected override void SayScan(string told) => Say($"{Topic}/tag", $$$"""{"tag":{"uid":"{{{told}}}"}}""");

        protected override void Obey(string topic, string text)
        {
            Move(text == "ON");
            TellAll(0, 0);
        }

        private void Announce(string component, string part, string rest) => Say(
            $"homeassistant/{component}/{Topic}/{part}/config",
            $$$"""{"~":"{{{Topic}}}","uniq_id":"{{{Topic}}}-{{{part}}}","avty_t":"~/avail","dev":{"ids":["{{{Topic}}}"],"mf":"Bench","mdl":"Switch","sw":"3.2"},{{{rest}}}}""", retain: true);

        private void TellAll(double watts, double wattHours) =>
            Say($"{Topic}/state", $$$"""{"relay":"{{{(IsClosed ? "ON" : "OFF")}}}","meter":{"w":{{{Number(watts)}}},"kwh":{{{Number(wattHours / 1000)}}}}}""");
    }

    /// <summary>It asks, one question at a time, and closes its relay itself when the answer is yes.</summary>
    private sealed class FabOMatic(int index, Action<BenchPlug, bool, long>? moved) : BenchPlug("fab-o-matic", index, moved)
    {
        private bool _asks;

        public override string Topic => string.Create(CultureInfo.InvariantCulture, $"machine/{Index}");

        public override bool Measures => false;

        public override string Tag => string.Create(CultureInfo.InvariantCulture, $"iso:0D{Index:X6}");

        protected override IReadOnlyList<string> Listens => [$"{Topic}/reply"];

        /// <summary>As it writes it: the bytes in the other order.</summary>
        private string Uid => Convert.ToHexStringLower([.. Convert.FromHexString(Tag[4..]).Reverse()]);

        protected override void Arrive()
        {
            TellAlive();
            Say(Topic, """{"action":"checkmachine"}""");
        }

        protected override void Tell(int second, double watts, double wattHours)
        {
            if (second % 30 == 0)
                Say(Topic, """{"action":"checkmachine"}""");
            else if (IsClosed)
                Say(Topic, string.Create(CultureInfo.InvariantCulture, $$"""{"action":"inuse", "uid":"{{Uid}}","duration":{{second}}}"""));
            else
                TellAlive();
        }

        protected override void SayTag()
        {
            _asks = true;
            Say(Topic, $$"""{"action":"checkuser","uid":"{{Uid}}"}""");
        }

        protected override void Obey(string topic, string text)
        {
            if (!_asks || JsonNode.Parse(text)?["is_valid"] is not JsonValue value || value.GetValueKind() != JsonValueKind.Number)
                return;
            _asks = false;
            if (value.GetValue<int>() != 1)
                return;
            Move(closed: true);
            Say(Topic, $$"""{"action":"startuse", "uid":"{{Uid}}"}""");
        }

        private void TellAlive() => Say(Topic, $$"""{"action":"alive","version":"0.9.1","ip":"192.168.1.7","serial":"{{Mac}}","heap":"1 kB"}""");
    }

    /// <summary>A printer that tells of its jobs and has no relay.</summary>
    private sealed class OctoPrint(int index, Action<BenchPlug, bool, long>? moved) : BenchPlug("octoprint-mqtt", index, moved)
    {
        public override int Channels => 0;

        public override bool Measures => false;

        protected override IReadOnlyList<string> Listens => [];

        protected override void Arrive()
        {
            Say($"{Topic}/mqtt", "connected", retain: true);
            Say($"{Topic}/event/PrintStarted", $$"""{"_event":"PrintStarted","_timestamp":{{TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()}},"name":"bench.gcode","path":"bench.gcode","origin":"local"}""");
        }

        protected override void Tell(int second, double watts, double wattHours) => Say(
            $"{Topic}/progress/printing",
            string.Create(CultureInfo.InvariantCulture, $$"""{"_timestamp":{{TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()}},"progress":{{1 + (second / 60 % 98)}},"location":"local","path":"bench.gcode"}"""), retain: true);

        protected override void Obey(string topic, string text)
        {
            // Nobody tells it anything.
        }
    }
}

/// <summary>What the machines of the measurement draw.</summary>
internal static class BenchLoad
{
    /// <summary>At work more than a machine rests at; idle what a supply draws. No two seconds are alike.</summary>
    public static double Watts(bool closed, int at) => closed ? 150 + (at % 17) : 1.5 + (at % 5 * 0.1);

    public static double WattHours(int index, int second) => (index * 1000) + (second * 150 / 3600.0);
}
