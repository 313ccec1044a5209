using FabLab.Booking.Data;
using FabLab.Booking.Features.Machines;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Devices.Pages;

/// <summary>Reads what the page of devices shows.</summary>
public sealed class DeviceQueries(BookingDbContext db, DeviceUpdateBoard updates, DeviceReadBackBoard settings, DiscoveryBoard found, TimeProvider time)
{
    public async Task<DevicesSheet> SheetAsync(CancellationToken cancellationToken)
    {
        var machines = await db.Machines.Where(m => !m.Retired && m.Kind == ResourceKind.Machine).OrderBy(m => m.Code).Select(m => new { m.Id, m.Code, m.Rule }).ToListAsync(cancellationToken);
        var codes = machines.ToDictionary(m => m.Id);
        var work = (await db.MachineDevices.ToListAsync(cancellationToken)).Where(b => codes.ContainsKey(b.MachineId))
            .ToLookup(b => b.DeviceId, b => new DeviceWork(b.MachineId, codes[b.MachineId].Code, b.Role, b.Channel, codes[b.MachineId].Rule.Dangerous));
        var devices = await db.Devices.ToListAsync(cancellationToken);
        var now = Instant.FromDateTimeOffset(time.GetUtcNow());
        // A handful a device: trials are made when something is put up or changed.
        var trials = (await db.DeviceTrials.OrderByDescending(t => t.At).ToListAsync(cancellationToken)).ToLookup(t => t.DeviceId);
        return new DevicesSheet(
            [.. devices.Select(d => new DeviceLine(d, [.. work[d.Id].OrderBy(w => w.Code, StringComparer.Ordinal).ThenBy(w => w.Role)])
                {
                    Trials = [.. trials[d.Id].DistinctBy(t => t.Kind)],
                    Update = updates.Find(d.Id),
                    UpdateAsked = updates.Asked(d.Id),
                    Settings = settings.Find(d.Id),
                    ToSet = d.Online || d.WithdrawnAt is not null ? null : found.ToSet(d.Id, now),
                })
                .OrderBy(line => line.Order).ThenBy(line => line.Device.Id.Value, StringComparer.Ordinal)],
            [.. machines.Select(m => (m.Id, m.Code))]);
    }

    /// <summary>The gateways a device may be enrolled at.</summary>
    public Task<List<string>> GatewaysAsync(CancellationToken cancellationToken) =>
        db.Gateways.OrderBy(g => g.Name).Select(g => g.Name).ToListAsync(cancellationToken);
}
