using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Contracts;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Devices;

/// <summary>What a gateway says of its devices. A device never heard of is added, so that staff can bind it; the answer names those that must go.</summary>
internal sealed class DevicesSeenEndpoint(BookingWriter writer, EnrolDevice enrol, DeviceUpdateBoard updates, DeviceReadBackBoard settings, DiscoveryBoard found)
{
    /// <summary>A device that goes on answering is written down so often: the disk is not worn by it.</summary>
    private static readonly Duration SeenEvery = Duration.FromMinutes(1);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPut("/api/v1/gateways/{gateway}/devices", async (string gateway, DevicesNow request, DevicesSeenEndpoint handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(gateway, request, cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("PutDevices").WithTags("gateway").WithSummary("How a gateway's devices stand; the answer names those whose keys must go.")
            .Produces<DeviceOrders>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .RequireAuthorization(BookingAuth.Gateway);

    public async Task<Outcome<DeviceOrders>> HandleAsync(string gateway, DevicesNow request, CancellationToken cancellationToken)
    {
        var outcome = await ChangeAsync(gateway, request, cancellationToken);
        if (outcome.Done)
        {
            updates.Hear(request.Devices);
            settings.Hear(request.Devices);
        }
        return outcome;
    }

    private Task<Outcome<DeviceOrders>> ChangeAsync(string gateway, DevicesNow request, CancellationToken cancellationToken) =>
        writer.ChangeAsync<DeviceOrders>(
            async (write, cancel) =>
            {
                if (request.Devices is not { Count: <= DevicesNow.Most } told || told.Any(d => d is null || Text.Required(d.Device.Value, Machines.Device.MaxId) is null))
                    return Refusal.BadValue("devices", $"A list of at most {DevicesNow.Most} devices, each with its name.");
                await write.OneAtATimeAsync($"devices {gateway}", cancel);
                var names = told.Select(d => d.Device).Distinct().ToList();
                var known = await write.Db.Devices.Where(d => names.Contains(d.Id)).ToDictionaryAsync(d => d.Id, cancel);
                foreach (var now in told.DistinctBy(d => d.Device))
                {
                    if (!known.TryGetValue(now.Device, out var device))
                    {
                        device = new Machines.Device { Id = now.Device, Driver = Text.Clean(now.Driver, 32) };
                        write.Db.Devices.Add(device);
                    }
                    Note(device, gateway, now, write.Now);
                    if (now.Update is { EndedAt: not null } ended && updates.Find(now.Device) is { EndedAt: null })
                        write.Audit(default, "device.updated", Guid.Empty, $"{now.Device} {Text.Clean(ended.To, 12)} {ended.Stage} {Text.Clean(ended.Code, 16)}".Trim());
                }
                await EnrolDevice.HeardAsync(write, gateway, request.Enrolled ?? [], cancel);
                found.Hear(gateway, request, write.Now);
                await TestDevice.HeardAsync(write, gateway, request.Tested ?? [], cancel);
                // What it no longer speaks of is not there.
                foreach (var gone in await write.Db.Devices.Where(d => d.Gateway == gateway && d.Online && !names.Contains(d.Id)).ToListAsync(cancel))
                    gone.Online = false;
                return new DeviceOrders([.. known.Values.Where(d => d.WithdrawnAt is not null).Select(d => d.Id).OrderBy(d => d.Value, StringComparer.Ordinal)])
                {
                    Enrol = await enrol.OrdersAsync(write, gateway, cancel),
                    Adopt = found.Orders(gateway, write.Now),
                    Update = updates.Orders(gateway, told, write.Now),
                    Test = await TestDevice.OrdersAsync(write, gateway, cancel),
                };
            },
            cancellationToken);

    private static void Note(Machines.Device device, string gateway, DeviceNow now, Instant at)
    {
        var firmware = now.Firmware is null ? device.Firmware : Text.Clean(now.Firmware, 64);
        // The second copy of a name under another gateway is worth seeing too: the last one that spoke is shown.
        if (device.Gateway == gateway && device.Online == now.Online && device.Firmware == firmware && !(now.Online && at - device.LastSeenAt >= SeenEvery))
            return;
        if (now.Online || device.Online)
            device.LastSeenAt = at;
        (device.Gateway, device.Online, device.Firmware) = (gateway, now.Online, firmware);
    }
}
