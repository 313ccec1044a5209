using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.Pn532;

/// <summary>PN532 boards on a serial port, in their high speed UART mode.</summary>
public sealed class Pn532Driver(TimeProvider time, ILogger<Pn532Driver> logger, string lockFolder = "/run/lock") : SerialDriver(time, logger, lockFolder)
{
    public override string Kind => "pn532";

    public override DriverAbilities Abilities => DriverAbilities.ReadsBadges;

    protected override int DefaultBaud => 115_200;

    protected override IDevice Start(DeviceSettings settings, SerialLinkOptions options)
    {
        var device = new Pn532Device(settings.DeviceId, SerialLinks.Create(options, Time, Logger), Time, Logger);
        device.Start();
        return device;
    }
}
