using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.EspHome;
using FabLab.Gateway.Drivers.FabOMatic;
using FabLab.Gateway.Drivers.HomeAssistant;
using FabLab.Gateway.Drivers.Plugs;
using FabLab.Gateway.Drivers.Shelly;
using FabLab.Gateway.Drivers.ShellyGen1;
using FabLab.Gateway.Drivers.Tasmota;
using FabLab.Gateway.Drivers.Zigbee2Mqtt;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Tests.Drivers.Plugs;

/// <summary>Every driver of bought devices on the broker, and how a device of each comes.</summary>
internal static class PlugDrivers
{
    public static readonly string[] Kinds = ["tasmota", "shelly", "shelly1", "esphome", "zigbee2mqtt", "homeassistant"];

    public static PlugDriver Create(string kind, IMqttLink link, TimeProvider time, ILoggerFactory logs) => kind switch
    {
        "tasmota" => new TasmotaDriver(link, time, logs.CreateLogger<TasmotaDriver>()),
        "shelly" => new ShellyDriver(link, time, logs.CreateLogger<ShellyDriver>()),
        "shelly1" => new ShellyGen1Driver(link, time, logs.CreateLogger<ShellyGen1Driver>()),
        "esphome" => new EspHomeDriver(link, time, logs.CreateLogger<EspHomeDriver>()),
        "zigbee2mqtt" => new Zigbee2MqttDriver(link, time, logs.CreateLogger<Zigbee2MqttDriver>()),
        "homeassistant" => new HomeAssistantDriver(link, time, logs.CreateLogger<HomeAssistantDriver>()),
        "fab-o-matic" => new FabOMaticDriver(link, time, logs.CreateLogger<FabOMaticDriver>()),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such driver."),
    };

    /// <summary>The device of the vectors: its topics are made of <c>p</c>.</summary>
    public static DeviceSettings Settings(string kind) => new() { Id = "plug-1", Driver = kind, Topic = "p" };

    /// <summary>What a device of that kind says until it is there, its relay open.</summary>
    public static IReadOnlyList<(string Topic, string Payload, bool Retained)> Arrival(string kind) => kind switch
    {
        "tasmota" =>
        [
            ("tele/p/LWT", "Online", true), ("stat/p/RESULT", """{"PowerOnState":0}""", false), ("stat/p/RESULT", """{"SetOption0":"OFF"}""", false),
            ("stat/p/RESULT", """{"PulseTime1":{"Set":130}}""", false), ("stat/p/STATUS1", """{"StatusPRM":{"BootCount":7}}""", false),
            ("stat/p/STATUS11", """{"StatusSTS":{"POWER":"OFF"}}""", false),
        ],
        "shelly" =>
        [
            ("p/online", "true", true), ("p/fablab/rpc", """{"id":1,"src":"p","result":{"id":"p","mac":"B0B21C000001","ver":"1.1.0"}}""", false),
            ("p/fablab/rpc", """{"id":2,"src":"p","result":{"uptime":100}}""", false),
            ("p/fablab/rpc", """{"id":100,"src":"p","result":{"id":0,"initial_state":"off","auto_off":true,"auto_off_delay":30}}""", false),
            ("p/fablab/rpc", """{"id":200,"src":"p","result":{"id":0,"output":false}}""", false),
        ],
        "shelly1" =>
        [
            ("shellies/p/online", "true", false), ("shellies/announce", """{"id":"p","mac":"C45BBE6A6375","fw_ver":"v1.14.0"}""", false), ("shellies/p/relay/0", "off", false),
        ],
        "esphome" =>
        [
            ("p/switch/relay/state", "OFF", true), ("p/status", "online", true), ("p/fablab/about", """{"package":1,"boot":7,"fw":"2026.9.0","mac":"A0:B7:65:00:00:01"}""", true),
        ],
        "zigbee2mqtt" =>
        [
            ("zigbee2mqtt/bridge/state", """{"state":"online"}""", true),
            ("zigbee2mqtt/bridge/devices", """[{"ieee_address":"0x54ef4410000000a1","friendly_name":"p","software_build_id":"1.0.5","definition":{"exposes":[{"type":"switch","features":[{"type":"binary","name":"state","property":"state"}]},{"type":"numeric","name":"power","property":"power"}]}}]""", true),
            ("zigbee2mqtt/p/availability", "online", true), ("zigbee2mqtt/p", """{"state":"OFF"}""", false),
        ],
        _ =>
        [
            ("homeassistant/switch/p/relay/config", """{"~":"p","cmd_t":"~/set","stat_t":"~/state","avty_t":"~/avail","dev":{"ids":["p"],"sw":"3.2"}}""", true),
            ("homeassistant/sensor/p/watts/config", """{"state_topic":"p/watts","device_class":"power","unit_of_measurement":"W","value_template":"{{ value_json.m['w'] | float(0) }}","device":{"identifiers":"p"}}""", true),
            ("homeassistant/sensor/p/total/config", """{"~":"p","stat_t":"~/total","dev_cla":"energy","unit_of_meas":"kWh","dev":{"ids":["p"]}}""", true),
            ("homeassistant/tag/p/reader/config", """{"topic":"p/tag","value_template":"{{ value_json.uid }}","device":{"identifiers":["p"]}}""", true),
            ("p/avail", "online", true), ("p/state", "OFF", true),
        ],
    };

    /// <summary>A report in a few words, as the vectors have it.</summary>
    public static string Words(DeviceReport report) => report switch
    {
        DeviceReport.PowerReport power => FormattableString.Invariant($"power {power.Channel} {power.Watts} W") + (power.EnergyWh is { } wh ? FormattableString.Invariant($" {wh} Wh") : ""),
        DeviceReport.RelayReport relay => $"relay {relay.Channel} {(relay.Closed ? "closed" : "open")} {relay.Cause}",
        DeviceReport.BadgeRead badge => $"badge {badge.Number.Canonical} {badge.Profile.Code}",
        DeviceReport.LinkReport link => link.Online ? "online" : "offline",
        DeviceReport.DeviceFaultReport fault => $"fault {fault.Code}",
        _ => report.GetType().Name,
    };
}
