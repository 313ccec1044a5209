using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.People;
using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Core.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Machines;

/// <summary>All devices of a machine from now on. A device not known yet is added with its driver.</summary>
public sealed record DevicesOfMachine(long Version, IReadOnlyList<DeviceAtWork?>? Devices);

public sealed record DeviceAtWork(DeviceRole Role, string? Device, int Channel = 0, string? Reader = null, string? Driver = null);

internal sealed class BindDevices(BookingWriter writer)
{
    private const int Most = 16;

    public static void Map(RouteGroupBuilder staff) =>
        staff.MapPut("/machines/{id:guid}/devices", async (Guid id, DevicesOfMachine request, HttpContext http, BindDevices handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new MachineId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("BindDevices").WithTags("machines").WithSummary("Says which devices work for a machine.")
            .Produces<Changed>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    public Task<Outcome<Changed>> HandleAsync(MachineId id, DevicesOfMachine request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<Changed>(
            async (write, cancel) =>
            {
                List<DeviceAtWork> wanted = [.. (request.Devices ?? []).OfType<DeviceAtWork>()];
                if (wanted.Count < request.Devices?.Count)
                    return Refusal.BadValue("devices", "A device is an object.");
                if (Check(wanted) is { } fault)
                    return fault;
                if (await write.Db.Machines.SingleOrDefaultAsync(m => m.Id == id && !m.Retired && m.Kind == ResourceKind.Machine, cancel) is not { } machine)
                    return Refusal.NotFound("machine");
                if (machine.Version != request.Version)
                    return Refusal.Stale;
                foreach (var relay in wanted.Where(d => d.Role is DeviceRole.Relay or DeviceRole.Exhaust))
                {
                    var device = new DeviceId(relay.Device!);
                    if (await write.Db.MachineDevices.AnyAsync(
                        d => d.MachineId != id && d.DeviceId == device && d.Channel == relay.Channel && (d.Role == DeviceRole.Relay || d.Role == DeviceRole.Exhaust), cancel))
                    {
                        return Refusal.Conflict("channel_taken", "This channel switches another machine already.", "devices");
                    }
                }
                var names = wanted.Select(d => new DeviceId(d.Device!)).ToList();
                if (await write.Db.Devices.AnyAsync(
                    d => names.Contains(d.Id) && d.WithdrawnAt != null && !write.Db.MachineDevices.Any(b => b.MachineId == id && b.DeviceId == d.Id), cancel))
                {
                    return Refusal.Conflict("device_withdrawn", "One of these devices is withdrawn.", "devices");
                }
                await AddUnknownAsync(write, wanted, cancel);
                write.Db.MachineDevices.RemoveRange(await write.Db.MachineDevices.Where(d => d.MachineId == id).ToListAsync(cancel));
                await write.Db.SaveChangesAsync(cancel);
                write.Db.MachineDevices.AddRange(wanted.Select(d => new MachineDevice
                {
                    MachineId = id,
                    Role = d.Role,
                    DeviceId = new DeviceId(d.Device!),
                    Channel = d.Channel,
                    Reader = d.Reader,
                }));
                machine.Version++;
                write.Audit(by.Id, "machine.devices_bound", id.Value, string.Join(", ", wanted.Select(d => $"{d.Role} {d.Device}/{d.Channel}")));
                return new Changed(machine.Version);
            },
            cancellationToken);

    private static Refusal? Check(List<DeviceAtWork> wanted)
    {
        if (wanted.Count > Most)
            return Refusal.BadValue("devices", $"At most {Most} devices.");
        foreach (var device in wanted)
        {
            if (!Enum.IsDefined(device.Role))
                return Refusal.BadValue("devices", "A role is relay, exhaust, meter, reader or display.");
            if (Text.Required(device.Device, Device.MaxId) != device.Device)
                return Refusal.BadValue("devices", $"A device has a name of 1 to {Device.MaxId} characters.");
            if (device.Channel is < 0 or > 63)
                return Refusal.BadValue("devices", "A channel is 0 to 63.");
            if (device.Reader is not null && (device.Role != DeviceRole.Reader || ReaderProfile.Find(device.Reader) is null))
                return Refusal.BadValue("devices", "There is no such reader profile.");
        }
        if (wanted.DistinctBy(d => (d.Role, d.Device, d.Channel)).Count() != wanted.Count)
            return Refusal.BadValue("devices", "A device is there twice in the same role.");
        var switched = wanted.Where(d => d.Role is DeviceRole.Relay or DeviceRole.Exhaust).ToList();
        return switched.DistinctBy(d => (d.Device, d.Channel)).Count() == switched.Count
            ? null
            : Refusal.BadValue("devices", "One channel cannot switch the machine and its exhaust.");
    }

    private static async Task AddUnknownAsync(BookingWrite write, List<DeviceAtWork> wanted, CancellationToken cancellationToken)
    {
        foreach (var name in wanted.Select(d => d.Device!).Distinct(StringComparer.Ordinal))
        {
            var device = new DeviceId(name);
            if (!await write.Db.Devices.AnyAsync(d => d.Id == device, cancellationToken))
            {
                var driver = wanted.Where(d => d.Device == name).Select(d => Text.Clean(d.Driver, 32)).FirstOrDefault(d => d.Length > 0);
                write.Db.Devices.Add(new Device { Id = device, Driver = driver ?? "node" });
            }
        }
    }
}
