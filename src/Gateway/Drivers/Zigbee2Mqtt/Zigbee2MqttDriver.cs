using FabLab.Gateway.Drivers.Plugs;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.Zigbee2Mqtt;

/// <summary>Zigbee plugs and relays behind Zigbee2MQTT.</summary>
public sealed class Zigbee2MqttDriver(IMqttLink link, TimeProvider time, ILogger<Zigbee2MqttDriver> logger) : PlugDriver(link, time, logger)
{
    public override string Kind => "zigbee2mqtt";

    public override DriverAbilities Abilities =>
        DriverAbilities.FailsSafeAlone | DriverAbilities.ConfirmsRelay | DriverAbilities.Measures | DriverAbilities.Switches;

    private protected override IEnumerable<string> Faults(DeviceSettings settings)
    {
        // Friendly names may hold blanks and slashes; topics can.
        var name = Name(settings);
        if (!TopicFilter.IsTopic(name) || name[0] is '/' or '$' || name[^1] == '/' || name.Any(char.IsControl))
            yield return "topic is the friendly name of the device in Zigbee2MQTT.";
        if (!IsName(Root(settings)))
            yield return "fullTopic is the base topic of Zigbee2MQTT, without wildcards or blanks.";
        if (PlugNames.Faulty(settings.Relays, settings.Channels))
            yield return "relays names each relay by its property, such as state_l1,state_l2.";
    }

    /// <summary>The bridge signs in, not the plug: one device of the list carries its password.</summary>
    private protected override DeviceAccess Rights(DeviceSettings settings, string password)
    {
        var root = Root(settings);
        return new DeviceAccess(settings.Id, password, [$"{root}/#", "homeassistant/#"], [$"{root}/#", "homeassistant/status"], [$"{root}/bridge/state", $"{root}/bridge/devices"]);
    }

    private protected override PlugDevice Create(DeviceSettings settings, PlugParts parts) => new Zigbee2MqttDevice(settings, Root(settings), Name(settings), parts);

    private static string Root(DeviceSettings settings) => string.IsNullOrEmpty(settings.FullTopic) ? "zigbee2mqtt" : settings.FullTopic;

    private static string Name(DeviceSettings settings) => string.IsNullOrEmpty(settings.Topic) ? settings.Id : settings.Topic;
}
