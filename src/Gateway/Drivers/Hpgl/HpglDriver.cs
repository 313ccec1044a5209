using System.Net;
using FabLab.Gateway.Drivers.Jobs;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.Hpgl;

/// <summary>Cutters and plotters that take HPGL on a serial port, behind a spooler of the gateway.</summary>
public sealed class HpglDriver(TimeProvider time, ILogger<HpglDriver> logger, string lockFolder = "/run/lock") : IDeviceDriver
{
    private const int DefaultBaud = 9600;
    private const int RawPort = 9100;

    public string Kind => "hpgl";

    public DriverAbilities Abilities => DriverAbilities.ReportsJobs;

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
        if (Spooler(settings) is null)
            faults.Add($"{settings.Id}: address is where programs send their jobs, an IPv4 address of this computer with or without a port.");
        return faults;
    }

    public ValueTask<IDevice> OpenAsync(DeviceSettings settings, CancellationToken cancellationToken)
    {
        if (Validate(settings) is { Count: > 0 } faults)
            throw new ArgumentException(string.Join(" ", faults), nameof(settings));
        var options = new SerialLinkOptions { Path = settings.Path!, Baud = settings.Baud ?? DefaultBaud, LockFolder = lockFolder };
        var device = new HpglDevice(settings.DeviceId, SerialLinks.Create(options, time, logger), options.Baud, Spooler(settings)!, time, logger);
        device.Start();
        return ValueTask.FromResult<IDevice>(device);
    }

    private static IPEndPoint? Spooler(DeviceSettings settings) =>
        WitnessSettings.HostPort(settings.Address ?? "127.0.0.1", RawPort) is var (host, port) && IPAddress.TryParse(host, out var address) ? new IPEndPoint(address, port) : null;
}
