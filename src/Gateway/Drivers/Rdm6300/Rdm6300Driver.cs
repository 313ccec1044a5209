using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.Rdm6300;

/// <summary>RDM6300, RDM630, Grove 125 kHz and ID-12LA/20LA readers on a serial port.</summary>
public sealed class Rdm6300Driver(TimeProvider time, ILogger<Rdm6300Driver> logger, string lockFolder = "/run/lock") : IDeviceDriver
{
    private const int DefaultBaud = 9600;

    public string Kind => "rdm6300";

    public DriverAbilities Abilities => DriverAbilities.ReadsBadges;

    public IReadOnlyList<string> Validate(DeviceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var faults = new List<string>();
        if (DeviceRegistry.Check(settings) is { } fault)
            faults.Add(fault);
        if (settings.Link != DeviceLinkKind.Serial)
            faults.Add($"{settings.Id}: link is serial.");
        if (settings.Baud is { } baud && !SerialLinkOptions.BaudRates.Contains(baud))
            faults.Add($"{settings.Id}: baud is one of {string.Join(", ", SerialLinkOptions.BaudRates)}.");
        return faults;
    }

    public ValueTask<IDevice> OpenAsync(DeviceSettings settings, CancellationToken cancellationToken)
    {
        if (Validate(settings) is { Count: > 0 } faults)
            throw new ArgumentException(string.Join(" ", faults), nameof(settings));
        var options = new SerialLinkOptions { Path = settings.Path!, Baud = settings.Baud ?? DefaultBaud, LockFolder = lockFolder };
        var device = new Rdm6300Device(settings.DeviceId, SerialLinks.Create(options, time, logger), time, logger);
        device.Start();
        return ValueTask.FromResult<IDevice>(device);
    }
}
