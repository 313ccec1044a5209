using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Devices;

/// <summary>Updates of devices' firmware, for who asks from this computer: the gateway carries them out, here they are noted.</summary>
public interface IDeviceUpdates
{
    /// <summary>Notes that somebody asks for one.</summary>
    /// <param name="device">The device's name.</param>
    /// <param name="firmware">The version offered.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>Why it may not be; null when it may.</returns>
    Task<string?> AskedAsync(string device, string firmware, CancellationToken cancellationToken);
}

internal sealed class DeviceUpdatesHere(BookingWriter writer) : IDeviceUpdates
{
    public async Task<string?> AskedAsync(string device, string firmware, CancellationToken cancellationToken) =>
        (await writer.ChangeAsync<DeviceId>(
            async (write, cancel) =>
            {
                var id = new DeviceId(device);
                if (await write.Db.Devices.SingleOrDefaultAsync(d => d.Id == id, cancel) is not { } known)
                    return Refusal.NotFound("device");
                if (known.WithdrawnAt is not null)
                    return Refusal.Conflict("device_withdrawn", "This device is withdrawn.", "device");
                write.Audit(default, "device.update_asked", Guid.Empty, $"{id.Value} {Text.Clean(firmware, 12)}");
                return id;
            },
            cancellationToken)).Refusal?.Detail;
}
