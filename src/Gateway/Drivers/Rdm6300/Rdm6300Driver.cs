using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.Rdm6300;

/// <summary>RDM6300, RDM630, Grove 125 kHz and ID-12LA/20LA readers on a serial port.</summary>
public sealed class Rdm6300Driver(TimeProvider time, ILogger<Rdm6300Driver> logger, string lockFolder = "/run/lock") : SerialDriver(time, logger, lockFolder)
{
    public override string Kind => "rdm6300";

    public override DriverAbilities Abilities => DriverAbilities.ReadsBadges;

    protected override IDevice Start(DeviceSettings settings, SerialLinkOptions options)
    {
        var device = new Rdm6300Device(settings.DeviceId, SerialLinks.Create(options, Time, Logger), Time, Logger);
        device.Start();
        return device;
    }
}
