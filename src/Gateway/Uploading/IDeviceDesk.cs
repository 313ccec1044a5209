using FabLab.Contracts;
using FabLab.Core;

namespace FabLab.Gateway.Uploading;

/// <summary>The way to Booking for what is known of devices.</summary>
public interface IDeviceDesk
{
    /// <summary>Tells how the devices stand.</summary>
    /// <returns>What Booking wants of them; null when it could not be asked.</returns>
    Task<DeviceOrders?> TellAsync(DevicesNow devices, CancellationToken cancellationToken);

    /// <summary>Fetches the firmware of an order.</summary>
    /// <returns>Null when it could not be had.</returns>
    Task<byte[]?> FirmwareAsync(DeviceId device, CancellationToken cancellationToken);
}
