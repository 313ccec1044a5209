using FabLab.Booking.Data;
using FabLab.Booking.Features.Floor.Pages;
using FabLab.Booking.Features.Ledger;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Jobs.Pages;

/// <summary>Reads jobs for pages. Whose a job of a use is follows from the row of the ledger that stands, or from the use under way.</summary>
public sealed class JobQueries(BookingDbContext db, FloorQueries floor)
{
    /// <summary>Most jobs on the page of a machine's jobs.</summary>
    public const int PageSize = 60;

    private static readonly Duration Shown = Duration.FromDays(30);

    /// <summary>The latest jobs of a machine.</summary>
    public Task<IReadOnlyList<JobLine>> OfMachineAsync(Viewer viewer, MachineId machine, Instant now, int count, CancellationToken cancellationToken) =>
        LinesAsync(viewer, db.MachineJobs.Where(j => j.MachineId == machine && j.StartedAt > now - Shown).OrderByDescending(j => j.StartedAt).ThenBy(j => j.Id).Take(count), cancellationToken);

    /// <summary>The latest jobs of a person.</summary>
    public Task<IReadOnlyList<JobLine>> OfPersonAsync(Viewer viewer, PersonId person, int count, CancellationToken cancellationToken)
    {
        IQueryable<MachineTimeEntry> counting = Counting();
        return LinesAsync(
            viewer,
            db.MachineJobs.Where(j => (j.SessionId == null && j.PersonId == person)
                    || (j.SessionId != null && (counting.Any(row => row.SessionId == j.SessionId && row.PersonId == person)
                        || db.MachinesNow.Any(now => now.SessionId == j.SessionId && now.PersonId == person))))
                .OrderByDescending(j => j.StartedAt).ThenBy(j => j.Id).Take(count),
            cancellationToken);
    }

    /// <summary>Open projects that somebody may choose: those without members, and those they are a member of.</summary>
    public async Task<IReadOnlyList<(ProjectId Id, string Name)>> ProjectsAsync(PersonId? person, CancellationToken cancellationToken) =>
        [.. (await db.Projects.Where(p => !p.Closed && (!p.Members.Any() || person == null || p.Members.Any(m => m.PersonId == person)))
            .OrderBy(p => p.Name).Select(p => new { p.Id, p.Name }).ToListAsync(cancellationToken)).Select(p => (p.Id, p.Name))];

    private IQueryable<MachineTimeEntry> Counting() => db.Ledger.Where(
        r => r.Kind != LedgerKind.Reversal && !db.Ledger.Any(other => other.Corrects == r.Id && other.Kind == LedgerKind.Reversal));

    private async Task<IReadOnlyList<JobLine>> LinesAsync(Viewer viewer, IQueryable<MachineJobRow> query, CancellationToken cancellationToken)
    {
        List<MachineJobRow> jobs = await query.AsNoTracking().ToListAsync(cancellationToken);
        List<SessionId> sessions = [.. jobs.Select(j => j.SessionId).OfType<SessionId>().Distinct()];
        var whose = (await Counting().Where(r => r.SessionId != null && sessions.Contains(r.SessionId.Value)).Select(r => new { r.SessionId, r.PersonId, r.ProjectId }).ToListAsync(cancellationToken))
            .GroupBy(r => r.SessionId!.Value).ToDictionary(g => g.Key, g => (g.First().PersonId, g.First().ProjectId));
        foreach (var now in await db.MachinesNow.Where(n => n.SessionId != null && sessions.Contains(n.SessionId.Value)).Select(n => new { n.SessionId, n.PersonId }).ToListAsync(cancellationToken))
            whose.TryAdd(now.SessionId!.Value, (now.PersonId, null));

        List<MachineId> machineIds = [.. jobs.Select(j => j.MachineId).Distinct()];
        Dictionary<MachineId, string> machines = await db.Machines.Where(m => machineIds.Contains(m.Id)).ToDictionaryAsync(m => m.Id, m => m.Code, cancellationToken);
        Dictionary<PersonId, PersonGlance> people = viewer.SignedIn ? await floor.PeopleAsync(jobs.Select(j => Whose(j).Person), cancellationToken) : [];
        List<ProjectId> projectIds = [.. jobs.Select(j => Whose(j).Project).OfType<ProjectId>().Distinct()];
        Dictionary<ProjectId, string> projects = viewer.SignedIn && projectIds.Count > 0
            ? await db.Projects.Where(p => projectIds.Contains(p.Id)).ToDictionaryAsync(p => p.Id, p => p.Name, cancellationToken)
            : [];
        return
        [
            .. jobs.Select(j =>
            {
                (PersonId? person, ProjectId? project) = Whose(j);
                bool nobodys = j.SessionId is null && person is null;
                // Who may say that it is theirs must be able to recognise it.
                bool told = viewer.May(Right.SeeUsers, j.MachineId) || (person is { } maker ? viewer.MaySee(maker) : viewer.Has(Right.ClaimJobs));
                return new JobLine(
                    j.Id, j.Version, machines.GetValueOrDefault(j.MachineId) ?? "?", told && j.Name.Length > 0 ? j.Name : null, j.State, j.StartedAt, j.EndedAt,
                    Duration.FromMilliseconds(j.WorkingMs), j.Progress, j.Milligrams / 1000.0, j.Millimetres / 1000.0,
                    told && person is { } who ? people.GetValueOrDefault(who) : null, told && project is { } what ? projects.GetValueOrDefault(what) : null,
                    nobodys, j.SessionId is null && person is { } theirs && viewer.May(Right.ClaimJobs, theirs));
            }),
        ];

        (PersonId? Person, ProjectId? Project) Whose(MachineJobRow job) =>
            job.SessionId is { } session ? whose.GetValueOrDefault(session) : (job.PersonId, job.ProjectId);
    }
}
