namespace FabLab.Gateway.Drivers;

/// <summary>One family of devices. Constructors do no I/O; <see cref="OpenAsync"/> does.</summary>
public interface IDeviceDriver
{
    /// <summary>The word used in the device settings: <c>node</c>, <c>tasmota</c>, <c>shelly</c>, <c>rdm6300</c>.</summary>
    string Kind { get; }

    /// <summary>The most a device of this family can prove; an opened device may have less.</summary>
    DriverAbilities Abilities { get; }

    /// <summary>Every reason why these settings cannot work, each naming its key; empty when they can.</summary>
    IReadOnlyList<string> Validate(DeviceSettings settings);

    /// <summary>
    /// Starts to listen to one device. Returns at once also when the device is not there: it comes as a
    /// <see cref="DeviceReport.LinkReport"/>.
    /// </summary>
    ValueTask<IDevice> OpenAsync(DeviceSettings settings, CancellationToken cancellationToken);

    /// <summary>How the device signs in to the managed broker; null when it does not.</summary>
    DeviceAccess? Access(DeviceSettings settings) => null;
}
