using FabLab.Booking.Data;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.GroupSessions.Pages;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Web;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Programmes.Pages;

/// <summary>A step of somebody's pathway, and how often they were there.</summary>
public sealed record OwnStep(Words Pathway, Words Name, bool Done);

/// <summary>A skill somebody has worked on; when it was first validated, or null.</summary>
public sealed record OwnSkill(SkillId Id, Words Name, SkillKind Kind, Instant? ValidatedAt);

/// <summary>The hours of one week, from Monday.</summary>
public sealed record OwnWeek(LocalDate Monday, Duration Hours);

/// <summary>A séance somebody attended.</summary>
public sealed record OwnAttendance(GroupSessionId Session, string Title, Instant Start, Instant Came, Instant Left, Duration Length);

/// <summary>The page of somebody's pathway.</summary>
public sealed record PathwaySheet(
    PersonId Person, string Name, string Code, OwnPage Shown, bool Own, IReadOnlyList<OwnStep> Steps, IReadOnlyList<OwnSkill> Skills, IReadOnlyList<OwnWeek> Weeks,
    IReadOnlyList<string> Projects, IReadOnlyList<Words> Habilitations);

/// <summary>Who attended what in a period.</summary>
public sealed record AttendanceSheet(PersonId Person, string Name, LocalDate From, LocalDate Until, IReadOnlyList<OwnAttendance> Sessions);

/// <summary>Reads what somebody did in séances.</summary>
public sealed class PathwayQueries(BookingDbContext db)
{
    private const int WeeksShown = 12;

    /// <summary>Null when there is nobody whom the viewer may see.</summary>
    public async Task<PathwaySheet?> ReadAsync(Viewer viewer, PersonId id, Instant now, DateTimeZone zone, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(viewer);
        ArgumentNullException.ThrowIfNull(zone);
        if (!viewer.MaySee(id) || await db.People.Where(p => p.Id == id).Select(p => new { p.DisplayName, p.ShortCode }).SingleOrDefaultAsync(cancellationToken) is not { } person)
            return null;
        var attended = await AttendedAsync(id, null, null, cancellationToken);
        List<GroupSessionId> ids = [.. attended.Select(a => a.Session)];
        var sessions = await db.GroupSessions.Where(s => ids.Contains(s.Id)).Select(s => new { s.Id, s.ProgrammeId, s.StepId, s.ProjectId }).ToListAsync(cancellationToken);
        var programmes = sessions.Select(s => s.ProgrammeId).OfType<ProgrammeId>().Distinct().ToList();
        var pathways = await db.Pathways.Where(p => programmes.Contains(p.ProgrammeId)).OrderBy(p => p.Position).ToListAsync(cancellationToken);
        List<PathwayId> pathwayIds = [.. pathways.Select(p => p.Id)];
        var steps = await db.PathwaySteps.Where(s => pathwayIds.Contains(s.PathwayId)).OrderBy(s => s.Position).ToListAsync(cancellationToken);
        var done = sessions.Select(s => s.StepId).OfType<StepId>().ToHashSet();
        var marks = await db.SessionSkills.Where(s => s.PersonId == id).ToListAsync(cancellationToken);
        var worked = (await db.SessionTopics.Where(t => ids.Contains(t.SessionId)).Select(t => t.SkillId).ToListAsync(cancellationToken)).Concat(marks.Select(m => m.SkillId)).Distinct().ToList();
        var skills = await db.Skills.Where(s => worked.Contains(s.Id)).OrderBy(s => s.Kind).ThenBy(s => s.NameFr).ToListAsync(cancellationToken);
        List<ProjectId> projectIds = [.. sessions.Select(s => s.ProjectId).OfType<ProjectId>()];
        var projects = await db.Projects.Where(p => projectIds.Contains(p.Id) || p.Members.Any(m => m.PersonId == id)).OrderBy(p => p.Name).Select(p => p.Name).ToListAsync(cancellationToken);
        var held = (await HabilitationQueries.StandingsAsync(db, null, id, cancellationToken)).Where(s => s.HoldsAt(now)).Select(s => s.Training).ToHashSet();
        var trainings = (await db.Trainings.ToListAsync(cancellationToken)).Where(t => held.Contains(t.Id)).OrderBy(t => t.NameFr, StringComparer.CurrentCulture);
        return new PathwaySheet(
            id, person.DisplayName ?? person.ShortCode, person.ShortCode,
            await db.OwnPages.SingleOrDefaultAsync(p => p.PersonId == id, cancellationToken) ?? new OwnPage { PersonId = id },
            viewer.Actor?.Id == id,
            [
                .. pathways.SelectMany(p => steps.Where(s => s.PathwayId == p.Id && (!s.Closed || done.Contains(s.Id)))
                    .Select(s => new OwnStep(GroupSessionQueries.Named(p.NameFr, p.NameEn), GroupSessionQueries.Named(s.NameFr, s.NameEn), done.Contains(s.Id)))),
            ],
            [.. skills.Select(s => new OwnSkill(
                s.Id, GroupSessionQueries.Named(s.NameFr, s.NameEn), s.Kind,
                marks.Where(m => m.SkillId == s.Id && m.Mark == SkillMark.Validated).Select(m => (Instant?)m.At).Min()))],
            Weeks(attended, zone),
            projects, [.. trainings.Select(t => new Words(t.NameFr, t.NameEn))]);
    }

    /// <summary>Null when there is nobody whom the viewer may see.</summary>
    public async Task<AttendanceSheet?> AttendanceAsync(Viewer viewer, PersonId id, LocalDate from, LocalDate until, DateTimeZone zone, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(viewer);
        ArgumentNullException.ThrowIfNull(zone);
        if (!viewer.MaySee(id) || await db.People.Where(p => p.Id == id).Select(p => p.DisplayName ?? p.ShortCode).SingleOrDefaultAsync(cancellationToken) is not { } name)
            return null;
        return new AttendanceSheet(id, name, from, until, await AttendedAsync(id, from.AtStartOfDayInZone(zone).ToInstant(), until.PlusDays(1).AtStartOfDayInZone(zone).ToInstant(), cancellationToken));
    }

    /// <summary>Weekly hours: a séance counts for the week in which it began.</summary>
    internal static IReadOnlyList<OwnWeek> Weeks(IReadOnlyList<OwnAttendance> attended, DateTimeZone zone) =>
    [
        .. attended.GroupBy(a => a.Came.InZone(zone).Date is var day && day.DayOfWeek == IsoDayOfWeek.Monday ? day : day.Previous(IsoDayOfWeek.Monday))
            .OrderByDescending(g => g.Key).Take(WeeksShown).Select(g => new OwnWeek(g.Key, g.Aggregate(Duration.Zero, (sum, a) => sum + a.Length))),
    ];

    private async Task<IReadOnlyList<OwnAttendance>> AttendedAsync(PersonId id, Instant? from, Instant? until, CancellationToken cancellationToken)
    {
        var rows = await db.Attendees.Where(a => a.PersonId == id && a.Status == AttendanceStatus.Present && a.ArrivedAt != null)
            .Join(db.GroupSessions, a => a.SessionId, s => s.Id, (a, s) => new { a.ArrivedAt, a.LeftAt, s.Id, s.Title, s.Start, s.End, s.ClosedAt })
            .Where(r => (from == null || r.Start >= from) && (until == null || r.Start < until)).OrderBy(r => r.Start).ToListAsync(cancellationToken);
        return
        [
            .. rows.Select(r =>
            {
                var length = Attended.Of(r.ArrivedAt, r.LeftAt, r.Start, r.End, r.ClosedAt);
                return new OwnAttendance(r.Id, r.Title, r.Start, r.ArrivedAt!.Value, r.ArrivedAt.Value + length, length);
            }),
        ];
    }
}
