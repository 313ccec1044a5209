using FabLab.Gateway.Drivers.Plugs;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.HomeAssistant;

/// <summary>Whatever announces itself the way Home Assistant discovers devices over MQTT: a switch, a meter, a tag reader.</summary>
public sealed class HomeAssistantDriver(IMqttLink link, TimeProvider time, ILogger<HomeAssistantDriver> logger) : PlugDriver(link, time, logger)
{
    public override string Kind => "homeassistant";

    /// <summary>Nothing in that convention makes a relay open by itself.</summary>
    public override DriverAbilities Abilities => DriverAbilities.ConfirmsRelay | DriverAbilities.Measures | DriverAbilities.ReadsBadges | DriverAbilities.Switches;

    private protected override IEnumerable<string> Faults(DeviceSettings settings)
    {
        if (!IsName(Root(settings)))
            yield return "topic is what the topics of the device begin with, without wildcards or blanks.";
        if (!IsName(Prefix(settings)) || Prefix(settings) == Root(settings))
            yield return "fullTopic is the discovery prefix, without wildcards or blanks.";
        if (PlugNames.Faulty(settings.Relays, settings.Channels))
            yield return "relays names each relay by its object id.";
    }

    private protected override DeviceAccess Rights(DeviceSettings settings, string password)
    {
        var (root, prefix) = (Root(settings), Prefix(settings));
        return new DeviceAccess(settings.Id, password, [$"{prefix}/+/+/config", $"{prefix}/+/+/+/config", $"{root}/#"], [$"{prefix}/status", $"{root}/#"], []);
    }

    private protected override PlugDevice Create(DeviceSettings settings, PlugParts parts) => new HomeAssistantDevice(settings, Prefix(settings), Root(settings), parts);

    private static string Root(DeviceSettings settings) => string.IsNullOrEmpty(settings.Topic) ? settings.Id : settings.Topic;

    private static string Prefix(DeviceSettings settings) => string.IsNullOrEmpty(settings.FullTopic) ? "homeassistant" : settings.FullTopic;
}
