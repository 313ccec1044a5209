using FabLab.Core.Badges;
using FabLab.Gateway.Links;
using FabLab.Gateway.Links.Pcsc;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.Pcsc;

/// <summary>Readers of the smart card service (pcscd) of the gateway's computer: ACR122U and the like.</summary>
public sealed class PcscDriver(TimeProvider time, ILogger<PcscDriver> logger, string lockFolder = "/run/lock") : SerialDriver(time, logger, lockFolder)
{
    public override string Kind => "pcsc";

    public override DriverAbilities Abilities => DriverAbilities.ReadsBadges;

    protected override IEnumerable<string> FaultsOf(DeviceSettings settings)
    {
        if (settings.Profile is not (null or "iso-hex" or "iso-hex-rev"))
            yield return $"{settings.Id}: profile is iso-hex or iso-hex-rev.";
    }

    protected override IDevice Start(DeviceSettings settings, SerialLinkOptions options)
    {
        var device = new PcscDevice(settings.DeviceId, new PcscLink(options, Time, Logger), ReaderProfile.Find(settings.Profile) ?? ReaderProfile.IsoHex, Time, Logger);
        device.Start();
        return device;
    }
}
