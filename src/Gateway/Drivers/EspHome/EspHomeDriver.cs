using FabLab.Gateway.Drivers.Plugs;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.EspHome;

/// <summary>Boards and plugs with ESPHome, best with the package that is shipped with this driver.</summary>
public sealed class EspHomeDriver(IMqttLink link, TimeProvider time, ILogger<EspHomeDriver> logger) : PlugDriver(link, time, logger)
{
    public override string Kind => "esphome";

    public override DriverAbilities Abilities =>
        DriverAbilities.FailsSafeAlone | DriverAbilities.ConfirmsRelay | DriverAbilities.Measures | DriverAbilities.ReadsBadges | DriverAbilities.Switches;

    private protected override IEnumerable<string> Faults(DeviceSettings settings)
    {
        if (!IsName(Prefix(settings)))
            yield return "topic is the topic_prefix of the device, without wildcards or blanks.";
        if (PlugNames.Faulty(settings.Relays, settings.Channels))
            yield return "relays names each relay by its object id.";
    }

    private protected override DeviceAccess Rights(DeviceSettings settings, string password)
    {
        var prefix = Prefix(settings);
        return new DeviceAccess(
            settings.Id, password,
            [$"{prefix}/status", $"{prefix}/debug", $"{prefix}/+/+/state", $"{prefix}/fablab/about", $"{prefix}/fablab/tag/+", "homeassistant/+/+/+/config", "homeassistant/+/+/config"],
            [$"{prefix}/+/+/command", $"{prefix}/fablab/lease/+"],
            [$"{prefix}/status", $"{prefix}/fablab/about", .. EspHomeDevice.Names(settings).Select(name => $"{prefix}/switch/{name}/state")]);
    }

    private protected override PlugDevice Create(DeviceSettings settings, PlugParts parts) => new EspHomeDevice(settings, Prefix(settings), parts);

    private static string Prefix(DeviceSettings settings) => string.IsNullOrEmpty(settings.Topic) ? settings.Id : settings.Topic;
}
