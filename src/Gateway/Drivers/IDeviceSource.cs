using FabLab.Contracts;

namespace FabLab.Gateway.Drivers;

/// <summary>Which devices the gateway is to open.</summary>
public interface IDeviceSource
{
    /// <summary>Reads the list. Called at start and every few seconds: devices may come and go while the gateway runs.</summary>
    ValueTask<IReadOnlyList<DeviceSettings>> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Takes a device off the list for good, its key with it.</summary>
    /// <exception cref="IOException">It could not be written; the device stays.</exception>
    ValueTask WithdrawAsync(string id, CancellationToken cancellationToken);

    /// <summary>Puts a device on the list, with the key it was given in somebody's hand. One of that name that never answered is replaced.</summary>
    /// <param name="settings">The device.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns><see cref="EnrolmentResult.Taken"/>, <see cref="EnrolmentResult.Already"/> or <see cref="EnrolmentResult.NotStored"/>.</returns>
    ValueTask<EnrolmentResult> EnrolAsync(DeviceSettings settings, CancellationToken cancellationToken);

    /// <summary>Writes down with which firmware a device has passed its trial.</summary>
    /// <param name="id">The device.</param>
    /// <param name="firmware">The firmware; null when it did not pass.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>False when it could not be written.</returns>
    ValueTask<bool> ProveAsync(string id, string? firmware, CancellationToken cancellationToken);

    /// <summary>Whether a device of this name was turned away with a wrong key since it was enrolled.</summary>
    /// <param name="id">The device.</param>
    /// <returns>Whether it was; false too where nobody can say.</returns>
    bool WasTurnedAway(string id) => false;
}
