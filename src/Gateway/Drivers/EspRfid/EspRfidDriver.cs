using FabLab.Core.Badges;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.EspRfid;

/// <summary>Doors with esp-rfid, observed over the lab's broker.</summary>
public sealed class EspRfidDriver(IMqttLink link, TimeProvider time, ILogger<EspRfidDriver> logger) : IDeviceDriver
{
    public string Kind => "esp-rfid";

    public DriverAbilities Abilities => DriverAbilities.ReadsBadges;

    public IReadOnlyList<string> Validate(DeviceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var faults = new List<string>();
        if (DeviceRegistry.Check(settings) is { } fault)
            faults.Add(fault);
        if (settings.Link != DeviceLinkKind.Mqtt)
            faults.Add($"{settings.Id}: link is mqtt.");
        if (!TopicFilter.IsTopic(Topic(settings)) || Topic(settings).Any(char.IsWhiteSpace) || Topic(settings)[0] is '/' or '$')
            faults.Add($"{settings.Id}: topic is the topic that the door publishes to.");
        if (settings.Profile is not null && ReaderProfile.Find(settings.Profile) is null)
            faults.Add($"{settings.Id}: profile is one of {string.Join(", ", ReaderProfile.All.Select(profile => profile.Code))}.");
        return faults;
    }

    public DeviceAccess? Access(DeviceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return Validate(settings).Count > 0 || string.IsNullOrEmpty(settings.MqttPassword)
            ? null
            : new DeviceAccess(settings.Id, settings.MqttPassword, [Topic(settings)], [], []);
    }

    public ValueTask<IDevice> OpenAsync(DeviceSettings settings, CancellationToken cancellationToken)
    {
        if (Validate(settings) is { Count: > 0 } faults)
            throw new ArgumentException(string.Join(" ", faults), nameof(settings));
        var device = new EspRfidDevice(settings.DeviceId, link, Topic(settings), ReaderProfile.Find(settings.Profile) ?? ReaderProfile.IsoHex, time, logger);
        device.Listen();
        return ValueTask.FromResult<IDevice>(device);
    }

    private static string Topic(DeviceSettings settings) => settings.Topic ?? $"esp-rfid/{settings.Id}";
}
