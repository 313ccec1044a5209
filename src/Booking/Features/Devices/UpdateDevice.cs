using System.Collections.Concurrent;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Contracts;
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

/// <summary>
/// The updates that gateways speak of, as they stand. Kept in memory: a gateway tells all of its own again and again, and forgets them itself when it is restarted.
/// </summary>
public sealed class DeviceUpdateBoard
{
    private readonly ConcurrentDictionary<DeviceId, DeviceUpdateNow> _updates = [];

    /// <summary>How the last update of a device stands; null when no gateway speaks of one.</summary>
    public DeviceUpdateNow? Find(DeviceId device) => _updates.GetValueOrDefault(device);

    internal void Hear(IReadOnlyList<DeviceNow> told)
    {
        foreach (var now in told)
        {
            if (now.Update is { } update && Enum.IsDefined(update.Stage))
                _updates[now.Device] = update with { From = update.From is null ? null : Text.Clean(update.From, 64), To = Text.Clean(update.To, 12), Code = update.Code is null ? null : Text.Clean(update.Code, 16) };
            else
                _updates.TryRemove(now.Device, out _);
        }
    }
}

/// <summary>The settings that gateways make on devices, with what the devices say they are. Kept in memory: a gateway tells all of its own again and again.</summary>
public sealed class DeviceReadBackBoard
{
    private const int MostText = 64;

    private readonly ConcurrentDictionary<DeviceId, IReadOnlyList<DeviceSettingNow>> _settings = [];

    /// <summary>The settings of a device; empty when its gateway makes none, or has not said.</summary>
    public IReadOnlyList<DeviceSettingNow> Find(DeviceId device) => _settings.GetValueOrDefault(device) ?? [];

    internal void Hear(IReadOnlyList<DeviceNow> told)
    {
        foreach (var now in told)
        {
            if (now.ReadBack is { Count: > 0 } settings)
                _settings[now.Device] = [.. settings.OfType<DeviceSettingNow>().Take(DeviceNow.MostReadBack).Select(Clean)];
            else
                _settings.TryRemove(now.Device, out _);
        }
    }

    private static DeviceSettingNow Clean(DeviceSettingNow setting) => setting with
    {
        Name = Text.Clean(setting.Name, MostText), Asked = Text.Clean(setting.Asked, MostText), Said = setting.Said is null ? null : Text.Clean(setting.Said, MostText),
    };
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
