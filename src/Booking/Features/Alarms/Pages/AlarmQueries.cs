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

    public async Task<IReadOnlyList<AlarmLine>> LatestAsync(Viewer viewer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(viewer);
        List<MachineId> own = [.. viewer.Charge.Leads, .. viewer.Charge.Trains];
        bool all = viewer.HasAll(Right.SeeAlarms);
        List<Alarm> alarms = await db.Alarms.Where(a => all || (a.MachineId != null && own.Contains(a.MachineId.Value))).OrderBy(a => a.SeenAt != null).ThenByDescending(a => a.At).Take(Limit).ToListAsync(cancellationToken);
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
