using FabLab.Booking.Data;
using FabLab.Booking.Features.Floor.Pages;
using FabLab.Booking.Features.LockOuts;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Machines.Pages;

/// <summary>Reads a machine's sheet and care.</summary>
public sealed class CareQueries(BookingDbContext db, FloorQueries floor)
{
    private const int PastShown = 5;

    public async Task<CareSheet?> SheetAsync(Viewer viewer, string code, Instant now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(viewer);
        if (await db.Machines.SingleOrDefaultAsync(m => m.Code == code && !m.Retired, cancellationToken) is not { } machine)
            return null;
        List<TrainingId> wanted = [.. MachineQueries.TrainingsOf(machine.Rule.Requirement)];
        List<Habilitations.Training> trainings = await db.Trainings.OrderBy(t => t.NameFr).ToListAsync(cancellationToken);
        var sheet = new CareSheet
        {
            Id = machine.Id,
            Glance = (await floor.MachinesAsync(viewer, now, machine.Code, cancellationToken))[0],
            Rule = machine.Rule,
            MachineVersion = machine.Version,
            Care = await db.MachineCare.SingleOrDefaultAsync(c => c.MachineId == machine.Id, cancellationToken) ?? new MachineCare { MachineId = machine.Id },
            Trainings = [.. trainings.Where(t => wanted.Contains(t.Id)).Select(t => new Words(t.NameFr, t.NameEn))],
            Maintenance = await MaintenanceClock.OfAsync(db, machine.Id, cancellationToken),
            Broken = machine is { BrokenCause: { } cause, BrokenSince: { } since } ? new Breakdown(cause, since) : null,
            BrokenRelease = machine.BrokenRelease,
        };
        if (viewer.Actor is not { } actor || !viewer.May(Right.SeeAlarms, machine.Id))
            return sheet;
        List<PersonId?> leads = await db.MachineDuties.Where(d => d.MachineId == machine.Id && d.Duty == Duty.Leads).Select(d => (PersonId?)d.PersonId).ToListAsync(cancellationToken);
        return sheet with
        {
            Past = await db.Maintenance.Where(m => m.MachineId == machine.Id).OrderByDescending(m => m.At).Take(PastShown).ToListAsync(cancellationToken),
            Reports = await db.FaultReports.Where(r => r.MachineId == machine.Id && r.ClosedAt == null).OrderByDescending(r => r.At).ToListAsync(cancellationToken),
            BrokenBy = machine.BrokenBy is { } author ? (await floor.PeopleAsync([author], cancellationToken)).GetValueOrDefault(author) : null,
            Leads = [.. (await floor.PeopleAsync(leads, cancellationToken)).Values.OrderBy(p => p.Label, StringComparer.CurrentCulture)],
            MayPutBack = sheet.Broken is not null && viewer.May(Right.Maintain, machine.Id)
                && await ReleaseRights.MayAsync(db, machine.Id, machine.BrokenRelease, machine.BrokenBy, actor, now, cancellationToken),
            AllTrainings = [.. trainings.Where(t => !t.Retired).Select(t => (t.Id, new Words(t.NameFr, t.NameEn)))],
        };
    }

    /// <summary>The photo of a report; null where there is none, and for whoever is not told of that machine.</summary>
    public async Task<byte[]?> PhotoAsync(Viewer viewer, Guid report, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(viewer);
        return await db.FaultReports.SingleOrDefaultAsync(r => r.Id == report, cancellationToken) is { } found && viewer.May(Right.SeeAlarms, found.MachineId)
            ? found.Photo
            : null;
    }
}
