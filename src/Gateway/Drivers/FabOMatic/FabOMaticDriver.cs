using FabLab.Gateway.Drivers.Plugs;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.FabOMatic;

/// <summary>Boards with Fab-O-matic, as they are: they speak to this gateway as they would to their own server.</summary>
public sealed class FabOMaticDriver(IMqttLink link, TimeProvider time, ILogger<FabOMaticDriver> logger) : PlugDriver(link, time, logger)
{
    public override string Kind => "fab-o-matic";

    public override DriverAbilities Abilities => DriverAbilities.ConfirmsRelay | DriverAbilities.ReadsBadges | DriverAbilities.Switches;

    private protected override IEnumerable<string> Faults(DeviceSettings settings)
    {
        if (settings.Topic is not { Length: > 0 } topic || !IsName(topic))
            yield return "topic is machine/ and the number of the board, such as machine/7.";
        if (settings.Channels != 1)
            yield return "channels is 1: the board has one relay.";
    }

    private protected override DeviceAccess Rights(DeviceSettings settings, string password) =>
        new(settings.Id, password, [settings.Topic!], [settings.Topic + "/reply"], []);

    private protected override PlugDevice Create(DeviceSettings settings, PlugParts parts) => new FabOMaticDevice(settings, settings.Topic!, parts);
}
