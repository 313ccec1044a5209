using System.Text.Json.Nodes;
using FabLab.Gateway.Links;

namespace FabLab.VirtualLab.Devices;

/// <summary>
/// A Shelly of the second generation, as its documents describe it: RPC over MQTT, a timer that comes with the command, and, as
/// the plugs ship, <c>initial_state</c> on and no <c>auto_off</c>.
/// </summary>
internal sealed class VirtualShelly(PlugWiring wiring) : VirtualPlug(
    wiring, new MqttWill($"{wiring.Topic}/online", "false"u8.ToArray(), MqttQos.AtLeastOnce, Retain: true), $"{wiring.Topic}/rpc")
{
    private const string Mac = "B0B21C000001";

    private string _initial = "on";
    private bool _autoOff;
    private double _autoOffDelay = 60;
    private double _unixAtStart;


    protected override bool ClosedAtBoot => _initial == "on";

    protected override void Connected()
    {
        Say($"{Topic}/online", "true", retain: true);
        Notify(new JsonObject { ["switch:0"] = Status() });
    }

    protected override void TellRelay() => Notify(new JsonObject { ["switch:0"] = Status() });

    protected override void TellMeter(double watts, long milliWattHours) =>
        Notify(new JsonObject { ["switch:0"] = new JsonObject { ["id"] = 0, ["apower"] = Math.Round(watts, 1), ["aenergy"] = Energy(milliWattHours) } });

    protected override void Obey(string topic, string text)
    {
        var call = JsonNode.Parse(text)!;
        var method = (string)call["method"]!;
        var parameters = call["params"]!.AsObject();
        JsonObject? result = method switch
        {
            "Shelly.GetDeviceInfo" => new JsonObject { ["id"] = Topic, ["mac"] = Mac, ["gen"] = 2, ["ver"] = "1.1.0", ["model"] = "SNPL-00112EU" },
            "Sys.GetStatus" => new JsonObject { ["mac"] = Mac, ["uptime"] = UptimeMs / 1000, ["restart_required"] = false },
            "Switch.GetConfig" => new JsonObject { ["id"] = 0, ["name"] = null, ["initial_state"] = _initial, ["auto_off"] = _autoOff, ["auto_off_delay"] = _autoOffDelay },
            "Switch.SetConfig" => Configure(parameters["config"]!.AsObject()),
            "Switch.GetStatus" => Status(),
            "Switch.Set" => Set(parameters),
            _ => null,
        };
        var answer = new JsonObject { ["id"] = call["id"]!.DeepClone(), ["src"] = Topic, ["dst"] = (string)call["src"]! };
        if (result is null)
            answer["error"] = new JsonObject { ["code"] = 404, ["message"] = $"No handler for {method}" };
        else
            answer["result"] = result;
        Say($"{(string)call["src"]!}/rpc", answer.ToJsonString());
    }

    private JsonObject Configure(JsonObject config)
    {
        if (config["initial_state"] is { } initial)
            _initial = (string)initial!;
        if (config["auto_off"] is { } autoOff)
            _autoOff = (bool)autoOff;
        if (config["auto_off_delay"] is { } delay)
            _autoOffDelay = (double)delay;
        return new JsonObject { ["restart_required"] = false };
    }

    private JsonObject Set(JsonObject parameters)
    {
        var was = IsClosed;
        var on = (bool)parameters["on"]!;
        if (!on)
            Disarm();
        else if (parameters["toggle_after"] is { } after)
            Start((double)after);
        else if (_autoOff)
            Start(_autoOffDelay);
        var moved = was != on;
        SetRelay(on, NowMs);
        // A timer that starts anew is news as well.
        if (on && !moved)
            TellRelay();
        return new JsonObject { ["was_on"] = was };
    }

    private void Start(double seconds)
    {
        var before = (OpensAtMs, TimerStartedMs);
        Arm(seconds);
        if ((OpensAtMs, TimerStartedMs) != before)
            _unixAtStart = UnixSeconds;
    }

    private JsonObject Status()
    {
        var (watts, energy) = Machine.Read(NowMs);
        var status = new JsonObject
        {
            ["id"] = 0, ["source"] = "MQTT", ["output"] = IsClosed, ["apower"] = Math.Round(watts, 1), ["voltage"] = 229.4, ["current"] = Math.Round(watts / 229.4, 3),
            ["aenergy"] = Energy(energy), ["temperature"] = new JsonObject { ["tC"] = 32.1, ["tF"] = 89.7 },
        };
        if (OpensAtMs is not null)
            (status["timer_started_at"], status["timer_duration"]) = (_unixAtStart, TimerMs / 1000.0);
        return status;
    }

    private static JsonObject Energy(long milliWattHours) => new()
    {
        ["total"] = Math.Round(milliWattHours / 1000.0, 3), ["by_minute"] = new JsonArray(0, 0, 0), ["minute_ts"] = 0,
    };

    private void Notify(JsonObject about)
    {
        about["ts"] = UnixSeconds;
        Say($"{Topic}/events/rpc", new JsonObject { ["src"] = Topic, ["dst"] = $"{Topic}/events", ["method"] = "NotifyStatus", ["params"] = about }.ToJsonString());
    }
}
