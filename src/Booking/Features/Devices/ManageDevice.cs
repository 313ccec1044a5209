using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Policy;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Devices;

/// <summary>A device, and the version of it that the page showed.</summary>
public sealed record DeviceToManage(string? Device, long Version);

/// <summary>A device and the one that takes its place.</summary>
public sealed record DeviceToReplace(string? Device, long Version, string? By);

/// <summary>Whether a reader hangs at the door.</summary>
public sealed record DeviceAtDoor(string? Device, long Version, bool AtDoor);

public sealed record DeviceManaged(DeviceId Device, long Version);

/// <summary>
/// Withdraws a device, lets it come back, or puts another one in its place. Machines keep their bindings: their past is theirs, and
/// a withdrawn device is replaced in one step.
/// </summary>
internal sealed class ManageDevice(BookingWriter writer)
{
    public static void Map(RouteGroupBuilder staff)
    {
        Describe(
            staff.MapPost("/devices/withdraw", async (DeviceToManage request, HttpContext http, ManageDevice handler, CancellationToken cancellationToken) =>
                (await handler.WithdrawAsync(request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK)),
            "WithdrawDevice", "Takes a device's keys away: its relays open and it is shut out.");
        Describe(
            staff.MapPost("/devices/allow", async (DeviceToManage request, HttpContext http, ManageDevice handler, CancellationToken cancellationToken) =>
                (await handler.AllowAsync(request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK)),
            "AllowDevice", "Lets a withdrawn device be enrolled again under its name.");
        Describe(
            staff.MapPost("/devices/replace", async (DeviceToReplace request, HttpContext http, ManageDevice handler, CancellationToken cancellationToken) =>
                (await handler.ReplaceAsync(request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK)),
            "ReplaceDevice", "Puts another device in the place of one, which is withdrawn.");
        Describe(
            staff.MapPost("/devices/door", async (DeviceAtDoor request, HttpContext http, ManageDevice handler, CancellationToken cancellationToken) =>
                (await handler.DoorAsync(request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK)),
            "SetDeviceAtDoor", "Says whether a badge at a device's reader is an arrival.");
    }

    public Task<Outcome<DeviceManaged>> WithdrawAsync(DeviceToManage request, StaffActor by, CancellationToken cancellationToken) =>
        ChangeAsync(
            request.Device, request.Version,
            async (write, device, cancel) =>
            {
                if (device.WithdrawnAt is not null)
                    return Refusal.Conflict("already_withdrawn", "This device is withdrawn already.");
                device.WithdrawnAt = write.Now;
                EnrolDevice.End(device, EnrolmentState.None);
                await WakeGatewaysAsync(write, cancel);
                write.Audit(by.Id, "device.withdrawn", Guid.Empty, device.Id.Value);
                return new DeviceManaged(device.Id, ++device.Version);
            },
            cancellationToken);

    public Task<Outcome<DeviceManaged>> AllowAsync(DeviceToManage request, StaffActor by, CancellationToken cancellationToken) =>
        ChangeAsync(
            request.Device, request.Version,
            (write, device, cancel) =>
            {
                if (device.WithdrawnAt is null)
                    return Task.FromResult<Outcome<DeviceManaged>>(Refusal.Conflict("not_withdrawn", "This device is not withdrawn."));
                (device.WithdrawnAt, device.ReplacedBy) = (null, null);
                write.Audit(by.Id, "device.allowed", Guid.Empty, device.Id.Value);
                return Task.FromResult<Outcome<DeviceManaged>>(new DeviceManaged(device.Id, ++device.Version));
            },
            cancellationToken);

    public Task<Outcome<DeviceManaged>> DoorAsync(DeviceAtDoor request, StaffActor by, CancellationToken cancellationToken) =>
        ChangeAsync(
            request.Device, request.Version,
            async (write, device, cancel) =>
            {
                if (request.AtDoor && device.WithdrawnAt is not null)
                    return Refusal.Conflict("device_withdrawn", "This device is withdrawn.");
                if (request.AtDoor && await write.Db.MachineDevices.AnyAsync(d => d.DeviceId == device.Id && d.Role == DeviceRole.Reader, cancel))
                    return Refusal.Conflict("device_busy", "A reader of a machine is the machine's: a tap there is for using it.");
                device.AtDoor = request.AtDoor;
                write.Audit(by.Id, request.AtDoor ? "device.at_door" : "device.not_at_door", Guid.Empty, device.Id.Value);
                return new DeviceManaged(device.Id, ++device.Version);
            },
            cancellationToken);

    public Task<Outcome<DeviceManaged>> ReplaceAsync(DeviceToReplace request, StaffActor by, CancellationToken cancellationToken) =>
        ChangeAsync(
            request.Device, request.Version,
            async (write, old, cancel) =>
            {
                if (Text.Required(request.By, Device.MaxId) is not { } name || name == old.Id.Value)
                    return Refusal.BadValue("by", "Name the device that takes its place.");
                var next = new DeviceId(name);
                if (await write.Db.Devices.SingleOrDefaultAsync(d => d.Id == next, cancel) is not { } device)
                    return Refusal.NotFound("device");
                if (device.WithdrawnAt is not null)
                    return Refusal.Conflict("device_withdrawn", "That device is withdrawn.", "by");
                if (await write.Db.MachineDevices.AnyAsync(d => d.DeviceId == next, cancel))
                    return Refusal.Conflict("device_busy", "That device works for a machine already.", "by");
                var bindings = await write.Db.MachineDevices.Where(d => d.DeviceId == old.Id).ToListAsync(cancel);
                write.Db.MachineDevices.RemoveRange(bindings);
                // Moved, not copied: the same role and channel of one machine is free first.
                await write.Db.SaveChangesAsync(cancel);
                write.Db.MachineDevices.AddRange(bindings.Select(b => new MachineDevice
                {
                    MachineId = b.MachineId,
                    Role = b.Role,
                    DeviceId = next,
                    Channel = b.Channel,
                    Reader = b.Reader,
                }));
                var machines = bindings.Select(b => b.MachineId).Distinct().ToList();
                foreach (var machine in await write.Db.Machines.Where(m => machines.Contains(m.Id)).ToListAsync(cancel))
                    machine.Version++;
                if (device.Label.Length == 0)
                    device.Label = old.Label;
                (old.WithdrawnAt, old.ReplacedBy) = (old.WithdrawnAt ?? write.Now, next);
                device.Version++;
                await WakeGatewaysAsync(write, cancel);
                write.Audit(by.Id, "device.replaced", Guid.Empty, $"{old.Id} → {next}");
                return new DeviceManaged(old.Id, ++old.Version);
            },
            cancellationToken);

    /// <summary>Gateways wait for a change of the rules; a device is none of them, so the place's own rule is sent once more.</summary>
    internal static Task WakeGatewaysAsync(BookingWrite write, CancellationToken cancellationToken) =>
        PolicyMarking.MarkAsync(write.Db, [(PolicyKind.Site, Guid.Empty)], cancellationToken);

    private Task<Outcome<DeviceManaged>> ChangeAsync(
        string? name, long version, Func<BookingWrite, Device, CancellationToken, Task<Outcome<DeviceManaged>>> change, CancellationToken cancellationToken) =>
        writer.ChangeAsync<DeviceManaged>(
            async (write, cancel) =>
            {
                if (Text.Required(name, Device.MaxId) is not { } known)
                    return Refusal.BadValue("device", "Name the device.");
                var id = new DeviceId(known);
                if (await write.Db.Devices.SingleOrDefaultAsync(d => d.Id == id, cancel) is not { } device)
                    return Refusal.NotFound("device");
                return device.Version == version ? await change(write, device, cancel) : Refusal.Stale;
            },
            cancellationToken);

    private static void Describe(RouteHandlerBuilder route, string name, string summary) =>
        route.WithName(name).WithTags("machines").WithSummary(summary)
            .Produces<DeviceManaged>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
}
