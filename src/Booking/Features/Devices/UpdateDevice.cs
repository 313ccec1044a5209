using System.Collections.Concurrent;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

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
    /// <summary>Most firmware files that wait for their gateways at once.</summary>
    private const int MostWaiting = 4;

    private readonly ConcurrentDictionary<DeviceId, DeviceUpdateNow> _updates = [];
    private readonly ConcurrentDictionary<DeviceId, FirmwareOrder> _orders = [];

    /// <summary>How the last update of a device stands; null when no gateway speaks of one.</summary>
    public DeviceUpdateNow? Find(DeviceId device) => _updates.GetValueOrDefault(device);

    /// <summary>What somebody asked for and no gateway has spoken of yet; null when there is nothing.</summary>
    public (Instant At, string Version)? Asked(DeviceId device) => _orders.TryGetValue(device, out var order) ? (order.Order.Asked, order.Version) : null;

    /// <summary>Whether an update of a device is under way, or waits for its gateway.</summary>
    internal bool IsUnderWay(DeviceId device, Instant now) => Find(device) is { EndedAt: null } || (_orders.TryGetValue(device, out var order) && order.Waits(now));

    /// <summary>Takes an order.</summary>
    /// <returns>False when too many wait.</returns>
    internal bool Ask(string gateway, DeviceToUpdate order, string version, byte[] file)
    {
        foreach (var (device, old) in _orders)
        {
            if (!old.Waits(order.Asked))
                _orders.TryRemove(device, out _);
        }
        if (_orders.Count >= MostWaiting && !_orders.ContainsKey(order.Device))
            return false;
        _orders[order.Device] = new FirmwareOrder(gateway, order, version, file);
        return true;
    }

    /// <summary>The orders of a gateway but those it speaks of: these it has taken.</summary>
    internal IReadOnlyList<DeviceToUpdate>? Orders(string gateway, IReadOnlyList<DeviceNow> told, Instant now)
    {
        foreach (var speaks in told)
        {
            if (_orders.TryGetValue(speaks.Device, out var order) && speaks.Update?.AskedAt == order.Order.Asked)
                _orders.TryRemove(KeyValuePair.Create(speaks.Device, order));
        }
        List<DeviceToUpdate> orders = [.. _orders.Values.Where(o => o.Gateway == gateway && o.Waits(now)).Select(o => o.Order)];
        return orders.Count > 0 ? orders : null;
    }

    /// <summary>The firmware that a gateway is to give a device; null when there is no such order, or it is over.</summary>
    internal byte[]? Firmware(string gateway, DeviceId device, Instant now) =>
        _orders.TryGetValue(device, out var order) && order.Gateway == gateway && order.Waits(now) ? order.File : null;

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

/// <summary>A firmware that waits for its gateway.</summary>
internal sealed record FirmwareOrder(string Gateway, DeviceToUpdate Order, string Version, byte[] File)
{
    public bool Waits(Instant now) => now - Order.Asked < EnrolDevice.Window;
}

/// <summary>A firmware that staff have uploaded for a device.</summary>
/// <param name="Device">The device's name.</param>
/// <param name="Version">The version of the device that was seen; negative for any.</param>
/// <param name="File">The firmware, 1 to <see cref="FirmwareSignature.MostFirmware"/> bytes.</param>
/// <param name="Signature">The text of its author's signature file.</param>
public sealed record DeviceFirmware(string? Device, long Version, byte[]? File, string? Signature)
{
    /// <summary>Most bytes of a request with a firmware in base64, and of a form with one.</summary>
    internal const long MostBytes = (FirmwareSignature.MostFirmware / 3 * 4) + BodyLimit.Ordinary;
}

/// <summary>
/// Gives a device a firmware that its author has signed. The gateway fetches the file and carries it out; the device decides by the signature, and goes back by
/// itself from one that does not run. docs/adr/0038, 0047.
/// </summary>
internal sealed class UpdateDevice(BookingWriter writer, DeviceUpdateBoard board)
{
    public static void Map(RouteGroupBuilder staff) =>
        staff.MapPost("/devices/firmware", async (DeviceFirmware request, HttpContext http, UpdateDevice handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status202Accepted))
            .WithName("UpdateDevice").WithTags("machines").WithSummary("Gives a device of ours a firmware that its author has signed.")
            .WithMetadata(new BodyLimit(DeviceFirmware.MostBytes))
            .Produces<DeviceManaged>(StatusCodes.Status202Accepted).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    /// <summary>For the gateway: the file of an order.</summary>
    public static void MapFile(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/gateways/{gateway}/devices/{device}/firmware", (string gateway, string device, DeviceUpdateBoard board, TimeProvider time) =>
                board.Firmware(gateway, new DeviceId(device), Instant.FromDateTimeOffset(time.GetUtcNow())) is { } file
                    ? Results.Bytes(file, "application/octet-stream")
                    : Refusal.NotFound("device").ToResult())
            .WithName("GetFirmware").WithTags("gateway").WithSummary("The firmware that the gateway is to give a device.")
            .Produces<byte[]>(StatusCodes.Status200OK, "application/octet-stream")
            .ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status404NotFound)
            .RequireAuthorization(BookingAuth.Gateway);

    public Task<Outcome<DeviceManaged>> HandleAsync(DeviceFirmware request, StaffActor by, CancellationToken cancellationToken)
    {
        if (request.File is not { Length: >= 1 and <= FirmwareSignature.MostFirmware } file)
            return Task.FromResult<Outcome<DeviceManaged>>(Refusal.BadValue("file", $"1 to {FirmwareSignature.MostFirmware} bytes."));
        if (FirmwareSignature.Read(request.Signature) is not { } signed)
            return Task.FromResult<Outcome<DeviceManaged>>(Refusal.BadValue("signature", "The file that fablab device sign writes beside the firmware."));
        if (!signed.Fits(file))
            return Task.FromResult<Outcome<DeviceManaged>>(new Refusal("firmware_not_signed", StatusCodes.Status400BadRequest, "This signature is of another file.", "signature"));
        return writer.ChangeAsync<DeviceManaged>(
            async (write, cancel) =>
            {
                if (Text.Required(request.Device, Machines.Device.MaxId) is not { } name)
                    return Refusal.BadValue("device", "Name the device.");
                var id = new DeviceId(name);
                if (await write.Db.Devices.SingleOrDefaultAsync(d => d.Id == id, cancel) is not { } device)
                    return Refusal.NotFound("device");
                if (request.Version >= 0 && device.Version != request.Version)
                    return Refusal.Stale;
                if (device.WithdrawnAt is not null)
                    return Refusal.Conflict("device_withdrawn", "This device is withdrawn.", "device");
                if (device.Driver != "node")
                    return Refusal.Conflict("device_foreign", "Only our own devices take a firmware from the gateway.", "device");
                if (device is not { Online: true, Gateway: { } gateway })
                    return Refusal.Conflict("device_silent", "This device does not answer.", "device");
                if (board.IsUnderWay(id, write.Now) || !board.Ask(gateway, new DeviceToUpdate(id, write.Now, request.Signature!), Text.Clean(signed.Version, 12), file))
                    return Refusal.Conflict("update_running", "An update is under way.", "device");
                await ManageDevice.WakeGatewaysAsync(write, cancel);
                write.Audit(by.Id, "device.update_asked", Guid.Empty, $"{id.Value} {Text.Clean(signed.Version, 12)}");
                return new DeviceManaged(id, ++device.Version);
            },
            cancellationToken);
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
