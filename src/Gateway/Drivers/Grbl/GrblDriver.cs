using FabLab.Gateway.Drivers.Jobs;
using FabLab.Gateway.Links.Tcp;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.Grbl;

/// <summary>Machines with GRBL 1.1 behind a network port: grblHAL, FluidNC, ESP3D.</summary>
public sealed class GrblDriver(TimeProvider time, ILogger<GrblDriver> logger) : IDeviceDriver
{
    private const int Telnet = 23;

    public string Kind => "grbl";

    public DriverAbilities Abilities => DriverAbilities.ReportsJobs;

    public IReadOnlyList<string> Validate(DeviceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var faults = new List<string>();
        if (DeviceRegistry.Check(settings) is { } fault)
            faults.Add(fault);
        if (settings.Link != DeviceLinkKind.Network)
            faults.Add($"{settings.Id}: link is network.");
        if (faults.Count == 0 && WitnessSettings.HostPort(settings.Address!, Telnet) is null)
            faults.Add($"{settings.Id}: address is a host or host:port.");
        return faults;
    }

    public ValueTask<IDevice> OpenAsync(DeviceSettings settings, CancellationToken cancellationToken)
    {
        if (Validate(settings) is { Count: > 0 } faults)
            throw new ArgumentException(string.Join(" ", faults), nameof(settings));
        var (host, port) = WitnessSettings.HostPort(settings.Address!, Telnet)!.Value;
        var device = new GrblDevice(settings.DeviceId, new TcpLink(host, port, time), time, logger);
        device.Start();
        return ValueTask.FromResult<IDevice>(device);
    }
}
