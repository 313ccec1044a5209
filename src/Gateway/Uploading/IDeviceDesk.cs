using FabLab.Contracts;

namespace FabLab.Gateway.Uploading;

/// <summary>The way to Booking for what is known of devices.</summary>
public interface IDeviceDesk
{
    /// <summary>Tells how the devices stand.</summary>
    /// <returns>What Booking wants of them; null when it could not be asked.</returns>
    Task<DeviceOrders?> TellAsync(DevicesNow devices, CancellationToken cancellationToken);
}
