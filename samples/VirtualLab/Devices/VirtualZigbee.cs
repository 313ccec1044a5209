using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FabLab.Gateway.Links;

namespace FabLab.VirtualLab.Devices;

/// <summary>
/// A Zigbee plug and the Zigbee2MQTT it is behind, as one box: the bridge has the connection, the plug the clock. It obeys
/// <c>on_time</c>, as some models do.
/// </summary>
internal sealed class VirtualZigbee(PlugWiring wiring) : VirtualPlug(
    wiring, new MqttWill("zigbee2mqtt/bridge/state", """{"state":"offline"}"""u8.ToArray(), MqttQos.AtLeastOnce, Retain: true),
    $"zigbee2mqtt/{wiring.Topic}/set", $"zigbee2mqtt/{wiring.Topic}/get")
{
    private string Root => $"zigbee2mqtt/{Topic}";

    protected override void Connected()
    {
        Say("zigbee2mqtt/bridge/state", """{"state":"online"}""", retain: true);
        Say($"{Root}/availability", """{"state":"online"}""", retain: true);
        Say("zigbee2mqtt/bridge/devices", $$$"""
            [{"ieee_address":"0x00124b0000000000","type":"Coordinator","friendly_name":"Coordinator","definition":null},
             {"ieee_address":"0x54ef4410000000a1","type":"Router","friendly_name":"{{{Topic}}}","software_build_id":"1.0.5","power_source":"Mains (single phase)",
              "definition":{"model":"TS011F_plug","vendor":"Virtual","exposes":[
                {"type":"switch","features":[{"type":"binary","name":"state","property":"state","access":7,"value_on":"ON","value_off":"OFF","value_toggle":"TOGGLE"}]},
                {"type":"numeric","name":"power","property":"power","unit":"W","access":5},
                {"type":"numeric","name":"energy","property":"energy","unit":"kWh","access":5},
                {"type":"numeric","name":"linkquality","property":"linkquality","unit":"lqi","access":1}]}}]
            """, retain: true);
    }

    protected override void TellRelay() => TellAll();

    protected override void TellMeter(double watts, long milliWattHours) => TellAll();

    protected override void Obey(string topic, string text)
    {
        if (topic.EndsWith("/get", StringComparison.Ordinal))
        {
            TellAll();
            return;
        }
        JsonNode? set;
        try
        {
            set = JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            // The bridge writes it into its log.
            return;
        }
        if (set?["state"] is not JsonValue state || !state.TryGetValue(out string? word) || word is not ("ON" or "OFF"))
            return;
        var on = word == "ON";
        if (on && set["on_time"] is { } time)
            Arm((double)time);
        else if (on)
            Disarm();
        var moved = IsClosed != on;
        SetRelay(on, NowMs);
        if (!moved)
            TellAll();
    }

    private void TellAll()
    {
        var (watts, energy) = Machine.Read(NowMs);
        Say(Root, string.Create(CultureInfo.InvariantCulture, $$$"""{"state":"{{{(IsClosed ? "ON" : "OFF")}}}","power":{{{Math.Round(watts)}}},"energy":{{{Math.Round(energy / 1e6, 3)}}},"linkquality":120,"update":{"state":"idle"}}"""));
    }
}
