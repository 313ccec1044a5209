using FabLab.Protocol;

namespace FabLab.Gateway.Drivers.Node;

/// <summary>What a node's settings must hold, over either link.</summary>
internal static class NodeSettings
{
    public static IReadOnlyList<string> Validate(DeviceSettings settings)
    {
        var faults = new List<string>();
        if (DeviceRegistry.Check(settings) is { } fault)
            faults.Add(fault);
        if (!DeviceKey.TryParse(settings.Key, out _))
            faults.Add($"{settings.Id}: key is 43 characters of base64url, as the enrolment wrote it.");
        if (settings.Link == DeviceLinkKind.Serial && settings.Baud is { } baud && !Links.SerialLinkOptions.BaudRates.Contains(baud))
            faults.Add($"{settings.Id}: baud is one of {string.Join(", ", Links.SerialLinkOptions.BaudRates)}.");
        return faults;
    }

    /// <summary>The keys, for settings that are valid.</summary>
    public static DeviceKeys Keys(DeviceSettings settings) =>
        DeviceKey.TryParse(settings.Key, out var key)
            ? key!.Derive(Protocol.DeviceId.Parse(settings.Id), (byte)settings.KeyId)
            : throw new ArgumentException($"{settings.Id} has no key.", nameof(settings));
}
