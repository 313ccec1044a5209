using FabLab.Gateway.Drivers.Jobs;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.Bambu;

/// <summary>Bambu Lab printers, by what they report on their own broker in the lab's network.</summary>
public sealed class BambuDriver(TimeProvider time, ILogger<BambuDriver> logger) : IDeviceDriver
{
    private const int DefaultPort = 8883;
    private const string LocalUser = "bblp";

    public string Kind => "bambu";

    public DriverAbilities Abilities => DriverAbilities.ReportsJobs;

    public IReadOnlyList<string> Validate(DeviceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var faults = new List<string>();
        if (DeviceRegistry.Check(settings) is { } fault)
            faults.Add(fault);
        if (settings.Link != DeviceLinkKind.Network)
            faults.Add($"{settings.Id}: link is network.");
        if (faults.Count > 0)
            return faults;
        if (WitnessSettings.HostPort(settings.Address!, DefaultPort) is null)
            faults.Add($"{settings.Id}: address is a host or host:port.");
        if (string.IsNullOrEmpty(settings.Secret))
            faults.Add($"{settings.Id}: secret is missing: the access code that the printer shows.");
        if (settings.Certificate is not { } pin || !WitnessSettings.IsPin(pin))
            faults.Add($"{settings.Id}: certificate is the SHA-256 of the printer's certificate, 64 hex digits; nobody vouches for it.");
        if (settings.Topic is not { Length: >= 8 and <= 32 } serial || !serial.All(char.IsAsciiLetterOrDigit))
            faults.Add($"{settings.Id}: topic is the printer's serial number.");
        return faults;
    }

    public ValueTask<IDevice> OpenAsync(DeviceSettings settings, CancellationToken cancellationToken)
    {
        if (Validate(settings) is { Count: > 0 } faults)
            throw new ArgumentException(string.Join(" ", faults), nameof(settings));
        var (host, port) = WitnessSettings.HostPort(settings.Address!, DefaultPort)!.Value;
        var tunnel = new PinnedTunnel(host, port, settings.Certificate!, time, logger);
        var link = MqttLinks.Create(
            new MqttLinkOptions
            {
                Port = tunnel.Port,
                ClientId = $"fablab-{settings.Id}",
                UserName = settings.User ?? LocalUser,
                Password = settings.Secret,
                Version = MqttVersion.V311,
                KeepAlive = TimeSpan.FromSeconds(30),
                Backoff = new BackoffOptions { First = TimeSpan.FromSeconds(2), Longest = TimeSpan.FromSeconds(60) },
            },
            time, logger);
        var device = new BambuDevice(settings.DeviceId, link, tunnel, settings.Topic!, time, logger);
        device.Listen();
        link.Start();
        return ValueTask.FromResult<IDevice>(device);
    }
}
