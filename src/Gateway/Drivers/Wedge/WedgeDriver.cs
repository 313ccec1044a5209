using FabLab.Core.Badges;
using FabLab.Gateway.Links;
using FabLab.Gateway.Links.Input;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.Wedge;

/// <summary>USB readers that type like a keyboard, read through the kernel's input devices.</summary>
public sealed class WedgeDriver(TimeProvider time, ILogger<WedgeDriver> logger, string lockFolder = "/run/lock") : SerialDriver(time, logger, lockFolder)
{
    public override string Kind => "wedge";

    public override DriverAbilities Abilities => DriverAbilities.ReadsBadges;

    protected override IEnumerable<string> FaultsOf(DeviceSettings settings)
    {
        if (settings.Profile is not null && ReaderProfile.Find(settings.Profile) is null)
            yield return $"{settings.Id}: profile is one of {string.Join(", ", ReaderProfile.All.Select(profile => profile.Code))}.";
    }

    protected override IDevice Start(DeviceSettings settings, SerialLinkOptions options)
    {
        var device = new WedgeDevice(settings.DeviceId, new EvdevLink(options, Time, Logger), ReaderProfile.Find(settings.Profile) ?? ReaderProfile.EmDecimal, Time, Logger);
        device.Start();
        return device;
    }
}
