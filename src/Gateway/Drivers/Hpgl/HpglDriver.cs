using System.Net;
using FabLab.Gateway.Drivers.Jobs;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.Hpgl;

/// <summary>Cutters and plotters that take HPGL on a serial port, behind a spooler of the gateway.</summary>
public sealed class HpglDriver(TimeProvider time, ILogger<HpglDriver> logger, string lockFolder = "/run/lock") : SerialDriver(time, logger, lockFolder)
{
    private const int RawPort = 9100;

    public override string Kind => "hpgl";

    public override DriverAbilities Abilities => DriverAbilities.ReportsJobs;

    protected override IEnumerable<string> FaultsOf(DeviceSettings settings)
    {
        if (Spooler(settings) is null)
            yield return $"{settings.Id}: address is where programs send their jobs, an IPv4 address of this computer with or without a port.";
    }

    protected override IDevice Start(DeviceSettings settings, SerialLinkOptions options)
    {
        var device = new HpglDevice(settings.DeviceId, SerialLinks.Create(options, Time, Logger), options.Baud, Spooler(settings)!, Time, Logger);
        device.Start();
        return device;
    }

    private static IPEndPoint? Spooler(DeviceSettings settings) => SerialDoor.PlaceOf(settings, RawPort);
}
