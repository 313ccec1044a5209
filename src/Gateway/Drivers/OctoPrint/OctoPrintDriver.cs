using FabLab.Gateway.Drivers.Jobs;
using FabLab.Gateway.Links.Web;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.OctoPrint;

/// <summary>Printers with OctoPrint, asked over its REST API.</summary>
public sealed class OctoPrintDriver(TimeProvider time, ILogger<OctoPrintDriver> logger) : WebWitnessDriver(time, logger)
{
    public override string Kind => "octoprint";

    private protected override int DefaultPort => 80;

    private protected override IEnumerable<string> Faults(DeviceSettings settings)
    {
        if (string.IsNullOrEmpty(settings.Secret))
            yield return "secret is missing: an application key of OctoPrint.";
    }

    private protected override WebLinkOptions Options(DeviceSettings settings, WebLinkOptions options) => WithKey(settings, options);

    private protected override PollingWitness Create(DeviceSettings settings, WebLink web) => new OctoPrintDevice(settings.DeviceId, web, Time, Logger);
}
