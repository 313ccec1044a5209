using FabLab.Gateway.Drivers.Jobs;
using FabLab.Gateway.Links.Web;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.PrusaLink;

/// <summary>Prusa printers, asked through PrusaLink.</summary>
public sealed class PrusaLinkDriver(TimeProvider time, ILogger<PrusaLinkDriver> logger) : WebWitnessDriver(time, logger)
{
    private const string Maker = "maker";

    public override string Kind => "prusalink";

    private protected override int DefaultPort => 80;

    private protected override IEnumerable<string> Faults(DeviceSettings settings)
    {
        if (string.IsNullOrEmpty(settings.Secret))
            yield return "secret is missing: the password that the printer shows under PrusaLink.";
    }

    private protected override WebLinkOptions Options(DeviceSettings settings, WebLinkOptions options) => WithUser(settings, options, Maker);

    private protected override PollingWitness Create(DeviceSettings settings, WebLink web) => new PrusaLinkDevice(settings.DeviceId, web, Time, Logger);
}
