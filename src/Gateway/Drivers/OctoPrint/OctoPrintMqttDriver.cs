using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.OctoPrint;

/// <summary>Printers with OctoPrint that publish on the lab's broker with its MQTT plugin.</summary>
public sealed class OctoPrintMqttDriver(IMqttLink link, TimeProvider time, ILogger<OctoPrintMqttDriver> logger) : IDeviceDriver
{
    private const string DefaultRoot = "octoPrint";

    public string Kind => "octoprint-mqtt";

    public DriverAbilities Abilities => DriverAbilities.ReportsJobs;

    public IReadOnlyList<string> Validate(DeviceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var faults = new List<string>();
        if (DeviceRegistry.Check(settings) is { } fault)
            faults.Add(fault);
        if (settings.Link != DeviceLinkKind.Mqtt)
            faults.Add($"{settings.Id}: link is mqtt.");
        if (!TopicFilter.IsTopic(Root(settings)) || Root(settings).Any(char.IsWhiteSpace) || Root(settings)[0] is '/' or '$')
            faults.Add($"{settings.Id}: topic is the base topic of the plugin without a slash at its end, such as octoPrint.");
        return faults;
    }

    public DeviceAccess? Access(DeviceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return Validate(settings).Count > 0 || string.IsNullOrEmpty(settings.MqttPassword)
            ? null
            : new DeviceAccess(settings.Id, settings.MqttPassword, [$"{Root(settings)}/#"], [], [$"{Root(settings)}/mqtt", $"{Root(settings)}/progress/printing"]);
    }

    public ValueTask<IDevice> OpenAsync(DeviceSettings settings, CancellationToken cancellationToken)
    {
        if (Validate(settings) is { Count: > 0 } faults)
            throw new ArgumentException(string.Join(" ", faults), nameof(settings));
        var device = new OctoPrintMqttDevice(settings.DeviceId, link, Root(settings), time, logger);
        device.Listen();
        return ValueTask.FromResult<IDevice>(device);
    }

    private static string Root(DeviceSettings settings) => (settings.Topic ?? DefaultRoot).TrimEnd('/');
}
