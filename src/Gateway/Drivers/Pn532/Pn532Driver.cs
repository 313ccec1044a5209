using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.Pn532;

/// <summary>PN532 boards on a serial port, in their high speed UART mode.</summary>
public sealed class Pn532Driver(TimeProvider time, ILogger<Pn532Driver> logger, string lockFolder = "/run/lock") : IDeviceDriver
{
    private const int DefaultBaud = 115_200;

    public string Kind => "pn532";

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
        var device = new Pn532Device(settings.DeviceId, SerialLinks.Create(options, time, logger), time, logger);
        device.Start();
        return ValueTask.FromResult<IDevice>(device);
    }
}
