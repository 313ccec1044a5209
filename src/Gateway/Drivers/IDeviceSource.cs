namespace FabLab.Gateway.Drivers;

/// <summary>Which devices the gateway is to open.</summary>
public interface IDeviceSource
{
    /// <summary>Reads the list. Called at start and every few seconds: devices may come and go while the gateway runs.</summary>
    ValueTask<IReadOnlyList<DeviceSettings>> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Takes a device off the list for good, its key with it.</summary>
    /// <exception cref="IOException">It could not be written; the device stays.</exception>
    ValueTask WithdrawAsync(string id, CancellationToken cancellationToken);
}
