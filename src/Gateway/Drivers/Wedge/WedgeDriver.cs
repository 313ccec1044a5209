using FabLab.Core.Badges;
using FabLab.Gateway.Links;
using FabLab.Gateway.Links.Input;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.Wedge;

/// <summary>USB readers that type like a keyboard, read through the kernel's input devices.</summary>
public sealed class WedgeDriver(TimeProvider time, ILogger<WedgeDriver> logger, string lockFolder = "/run/lock") : IDeviceDriver
{
    public string Kind => "wedge";

    public DriverAbilities Abilities => DriverAbilities.ReadsBadges;

    public IReadOnlyList<string> Validate(DeviceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var faults = new List<string>();
        if (DeviceRegistry.Check(settings) is { } fault)
            faults.Add(fault);
        if (settings.Link != DeviceLinkKind.Serial)
            faults.Add($"{settings.Id}: link is serial.");
        if (settings.Profile is not null && ReaderProfile.Find(settings.Profile) is null)
            faults.Add($"{settings.Id}: profile is one of {string.Join(", ", ReaderProfile.All.Select(profile => profile.Code))}.");
        return faults;
    }

    public ValueTask<IDevice> OpenAsync(DeviceSettings settings, CancellationToken cancellationToken)
    {
        if (Validate(settings) is { Count: > 0 } faults)
            throw new ArgumentException(string.Join(" ", faults), nameof(settings));
        var options = new SerialLinkOptions { Path = settings.Path!, LockFolder = lockFolder };
        var device = new WedgeDevice(settings.DeviceId, new EvdevLink(options, time, logger), ReaderProfile.Find(settings.Profile) ?? ReaderProfile.EmDecimal, time, logger);
        device.Start();
        return ValueTask.FromResult<IDevice>(device);
    }
}
