using FabLab.Gateway.Drivers.Plugs;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.ShellyGen1;

/// <summary>Shelly plugs and relays of the first generation.</summary>
public sealed class ShellyGen1Driver(IMqttLink link, TimeProvider time, ILogger<ShellyGen1Driver> logger) : PlugDriver(link, time, logger)
{
    public override string Kind => "shelly1";

    public override DriverAbilities Abilities =>
        DriverAbilities.FailsSafeAlone | DriverAbilities.ConfirmsRelay | DriverAbilities.Measures | DriverAbilities.Switches;

    private protected override IEnumerable<string> Faults(DeviceSettings settings) =>
        IsName(Name(settings)) && !Name(settings).Contains('/', StringComparison.Ordinal) ? [] : ["topic is the name of the device under shellies/, such as shellyplug-s-6A6375."];

    private protected override DeviceAccess Rights(DeviceSettings settings, string password)
    {
        var root = $"shellies/{Name(settings)}";
        return new DeviceAccess(
            settings.Id, password, ["shellies/announce", $"{root}/#"], [ShellyGen1Device.ToAll, $"{root}/command", $"{root}/relay/+/command"], [$"{root}/online"]);
    }

    private protected override PlugDevice Create(DeviceSettings settings, PlugParts parts) => new ShellyGen1Device(settings, Name(settings), parts);

    private static string Name(DeviceSettings settings) => string.IsNullOrEmpty(settings.Topic) ? settings.Id : settings.Topic;
}
