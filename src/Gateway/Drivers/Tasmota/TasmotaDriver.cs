using FabLab.Gateway.Drivers.Plugs;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.Tasmota;

/// <summary>Devices with Tasmota firmware: relays as leases, meters, badge readers.</summary>
public sealed class TasmotaDriver(IMqttLink link, TimeProvider time, ILogger<TasmotaDriver> logger) : PlugDriver(link, time, logger)
{
    public override string Kind => "tasmota";

    public override DriverAbilities Abilities =>
        DriverAbilities.FailsSafeAlone | DriverAbilities.ConfirmsRelay | DriverAbilities.Measures | DriverAbilities.ReadsBadges | DriverAbilities.Switches;

    private protected override IEnumerable<string> Faults(DeviceSettings settings) =>
        TasmotaTopics.Parse(settings, out var wrong) is null ? [wrong!] : [];

    private protected override DeviceAccess Rights(DeviceSettings settings, string password)
    {
        var topics = TasmotaTopics.Parse(settings, out _)!;
        return new DeviceAccess(settings.Id, password, [topics.StatFilter, topics.TeleFilter, "tasmota/discovery/#"], [topics.CommandFilter], [topics.LastWill]);
    }

    private protected override PlugDevice Create(DeviceSettings settings, PlugParts parts) =>
        new TasmotaDevice(settings, TasmotaTopics.Parse(settings, out _)!, parts);
}
