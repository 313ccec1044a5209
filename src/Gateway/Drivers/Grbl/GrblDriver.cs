using System.Net;
using FabLab.Gateway.Drivers.Jobs;
using FabLab.Gateway.Links;
using FabLab.Gateway.Links.Tcp;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.Grbl;

/// <summary>Machines with GRBL 1.1: behind a network port (grblHAL, FluidNC, ESP3D), or on a serial port that their program reaches through the gateway.</summary>
public sealed class GrblDriver(TimeProvider time, ILogger<GrblDriver> logger, string lockFolder) : IDeviceDriver
{
    private const int Telnet = 23;
    private const int Door = 2323;
    private const int DefaultBaud = 115_200;

    public GrblDriver(TimeProvider time, ILogger<GrblDriver> logger)
        : this(time, logger, "/run/lock")
    {
    }

    public string Kind => "grbl";

    public DriverAbilities Abilities => DriverAbilities.ReportsJobs;

    public IReadOnlyList<string> Validate(DeviceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var faults = new List<string>();
        if (DeviceRegistry.Check(settings) is { } fault)
            faults.Add(fault);
        if (settings.Link is not (DeviceLinkKind.Network or DeviceLinkKind.Serial))
            faults.Add($"{settings.Id}: link is network or serial.");
        if (settings.Link == DeviceLinkKind.Serial)
        {
            if (settings.Baud is { } baud && !SerialLinkOptions.BaudRates.Contains(baud))
                faults.Add($"{settings.Id}: baud is one of {string.Join(", ", SerialLinkOptions.BaudRates)}.");
            if (DoorOf(settings) is null)
                faults.Add($"{settings.Id}: address is where the program connects, an IPv4 address of this computer with or without a port.");
        }
        else if (faults.Count == 0 && WitnessSettings.HostPort(settings.Address!, Telnet) is null)
        {
            faults.Add($"{settings.Id}: address is a host or host:port.");
        }
        return faults;
    }

    public ValueTask<IDevice> OpenAsync(DeviceSettings settings, CancellationToken cancellationToken)
    {
        if (Validate(settings) is { Count: > 0 } faults)
            throw new ArgumentException(string.Join(" ", faults), nameof(settings));
        return ValueTask.FromResult<IDevice>(settings.Link == DeviceLinkKind.Serial ? Proxy(settings) : Asked(settings));
    }

    private GrblDevice Asked(DeviceSettings settings)
    {
        var (host, port) = WitnessSettings.HostPort(settings.Address!, Telnet)!.Value;
        var device = new GrblDevice(settings.DeviceId, new TcpLink(host, port, time), time, logger);
        device.Start();
        return device;
    }

    private GrblProxy Proxy(DeviceSettings settings)
    {
        var options = new SerialLinkOptions { Path = settings.Path!, Baud = settings.Baud ?? DefaultBaud, LockFolder = lockFolder };
        var device = new GrblProxy(settings.DeviceId, SerialLinks.Create(options, time, logger), DoorOf(settings)!, time, logger);
        device.Start();
        return device;
    }

    private static IPEndPoint? DoorOf(DeviceSettings settings) => SerialDoor.PlaceOf(settings, Door);
}
