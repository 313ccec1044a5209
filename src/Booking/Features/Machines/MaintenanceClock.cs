using FabLab.Booking.Data;
using FabLab.Booking.Features.Floor;
using FabLab.Booking.Features.Ledger;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Machines;

/// <summary>Where a machine stands between two maintenances.</summary>
/// <param name="Last">When the last one was done; null for never.</param>
/// <param name="Used">Real use since then, by the ledger.</param>
/// <param name="EveryHours">After how many hours the next is due; null when nobody set it.</param>
public sealed record MaintenanceStanding(Instant? Last, Duration Used, int? EveryHours)
{
    public bool Due => EveryHours is { } hours && Used >= Duration.FromHours(hours);
}

/// <summary>Counts the hours of real use since the last maintenance and reminds staff once when it is due.</summary>
internal static class MaintenanceClock
{
    /// <summary>The hours come from the ledger: working time where a meter tells work from rest, else the time the machine was on.</summary>
    public static async Task<MaintenanceStanding> OfAsync(BookingDbContext db, MachineId machine, CancellationToken cancellationToken)
    {
        var last = await db.Maintenance.Where(done => done.MachineId == machine).MaxAsync(done => (Instant?)done.At, cancellationToken);
        var every = await db.MachineCare.Where(care => care.MachineId == machine).Select(care => care.EveryHours).SingleOrDefaultAsync(cancellationToken);
        var sum = await LedgerSums.OfAsync(db, new LedgerScope(From: last, Machine: machine), cancellationToken);
        var metered = await db.MachineDevices.AnyAsync(d => d.MachineId == machine && d.Role == DeviceRole.Meter, cancellationToken);
        return new MaintenanceStanding(last, Duration.FromMilliseconds(metered ? sum.WorkingMs : sum.PoweredMs), every);
    }

    /// <summary>One reminder for each time it becomes due; the next after the maintenance was done.</summary>
    public static async Task RemindAsync(BookingWrite write, FloorChanges floor, CancellationToken cancellationToken)
    {
        var counted = await write.Db.MachineCare.Where(care => care.EveryHours != null && care.RemindedAt == null).ToListAsync(cancellationToken);
        foreach (var care in counted)
        {
            if (await OfAsync(write.Db, care.MachineId, cancellationToken) is not { Due: true } standing
                || await write.Db.Machines.SingleOrDefaultAsync(m => m.Id == care.MachineId && !m.Retired, cancellationToken) is not { } machine)
            {
                continue;
            }
            care.RemindedAt = write.Now;
            care.Version++;
            await HouseAlarms.RaiseAsync(
                write, floor, HouseAlarms.MaintenanceDue, machine.Id,
                string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{(long)standing.Used.TotalHours} h"), cancellationToken);
        }
    }
}
