using FabLab.Booking.Data;
using FabLab.Booking.Features.Floor.Pages;
using FabLab.Booking.Features.Journal;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Alarms.Pages;

/// <summary>Reads the alarms: those nobody has looked at first, then the latest of the others.</summary>
public sealed class AlarmQueries(BookingDbContext db, FloorQueries floor)
{
    private const int Limit = 100;

    /// <summary>The alarms somebody may see: all, or those of the machines in their charge.</summary>
    public static IQueryable<Alarm> Of(BookingDbContext db, Viewer viewer)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(viewer);
        if (viewer.HasAll(Right.SeeAlarms))
            return db.Alarms;
        List<MachineId> own = [.. viewer.Charge.Leads, .. viewer.Charge.Trains];
        return db.Alarms.Where(alarm => alarm.MachineId != null && own.Contains(alarm.MachineId.Value));
    }

    public async Task<IReadOnlyList<AlarmLine>> LatestAsync(Viewer viewer, CancellationToken cancellationToken)
    {
        List<Alarm> alarms = await Of(db, viewer).OrderBy(a => a.SeenAt != null).ThenByDescending(a => a.At).Take(Limit).ToListAsync(cancellationToken);
        List<MachineId> ids = [.. alarms.Select(a => a.MachineId).OfType<MachineId>().Distinct()];
        Dictionary<MachineId, string> machines = await db.Machines.Where(m => ids.Contains(m.Id)).ToDictionaryAsync(m => m.Id, m => m.Code, cancellationToken);
        Dictionary<PersonId, PersonGlance> people = await floor.PeopleAsync(alarms.Select(a => a.SeenBy), cancellationToken);
        return
        [
            .. alarms.Select(a => new AlarmLine(
                a.Gateway, a.Epoch, a.Seq, a.At, a.MachineId is { } machine ? machines.GetValueOrDefault(machine) : null, a.Code,
                AlarmWords.Of(a), a.SeenBy is { } by && viewer.MaySee(by) ? people.GetValueOrDefault(by)?.Label : null, a.SeenAt)),
        ];
    }
}
