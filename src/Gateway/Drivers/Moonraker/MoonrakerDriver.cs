using FabLab.Gateway.Drivers.Jobs;
using FabLab.Gateway.Links.Web;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.Moonraker;

/// <summary>Printers with Klipper, asked through Moonraker.</summary>
public sealed class MoonrakerDriver(TimeProvider time, ILogger<MoonrakerDriver> logger) : WebWitnessDriver(time, logger)
{
    public override string Kind => "moonraker";

    private protected override int DefaultPort => 7125;

    /// <summary>A key is asked for only where Moonraker does not trust the network it is asked from.</summary>
    private protected override IEnumerable<string> Faults(DeviceSettings settings) => [];

    private protected override WebLinkOptions Options(DeviceSettings settings, WebLinkOptions options) => WithKey(settings, options);

    private protected override PollingWitness Create(DeviceSettings settings, WebLink web) => new MoonrakerDevice(settings.DeviceId, web, Time, Logger);
}
