using FabLab.Gateway.Drivers.Plugs;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.Shelly;

/// <summary>Shelly plugs and relays from the second generation on (Plus, Pro, Gen3, Gen4): RPC over MQTT.</summary>
public sealed class ShellyDriver(IMqttLink link, TimeProvider time, ILogger<ShellyDriver> logger) : PlugDriver(link, time, logger)
{
    public override string Kind => "shelly";

    public override DriverAbilities Abilities =>
        DriverAbilities.FailsSafeAlone | DriverAbilities.ConfirmsRelay | DriverAbilities.Measures | DriverAbilities.Switches;

    private protected override IEnumerable<string> Faults(DeviceSettings settings) =>
        // Its own firmware takes no more than that, and no other characters.
        IsName(Prefix(settings)) && Prefix(settings).AsSpan().IndexOfAny("%?") < 0 ? [] : ["topic is the MQTT prefix of the device, without wildcards or blanks."];

    private protected override DeviceAccess Rights(DeviceSettings settings, string password)
    {
        var prefix = Prefix(settings);
        return new DeviceAccess(
            settings.Id, password,
            [$"{prefix}/online", $"{prefix}/status/#", $"{prefix}/events/#", $"{prefix}/debug/#", $"{prefix}/{ShellyDevice.ReplyTo}/rpc"],
            [$"{prefix}/rpc", $"{prefix}/command/#"], [$"{prefix}/online"]);
    }

    private protected override PlugDevice Create(DeviceSettings settings, PlugParts parts) => new ShellyDevice(settings, Prefix(settings), parts);

    private static string Prefix(DeviceSettings settings) => string.IsNullOrEmpty(settings.Topic) ? settings.Id : settings.Topic;
}
