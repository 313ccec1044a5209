using FabLab.Booking.Data;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Programmes.Pages;

/// <summary>What was done of a programme, beside what was promised.</summary>
public sealed record ProgrammeDone(int Sessions, int People, double Hours);

/// <summary>A programme in the list.</summary>
public sealed record ProgrammeLine(Programme Programme, Words Name, ProgrammeDone Done);

/// <summary>What programmes and séances choose from.</summary>
public sealed record Catalogue(
    IReadOnlyList<(Funder Funder, IReadOnlyList<FunderStrand> Strands)> Funders, IReadOnlyList<(Partner Partner, IReadOnlyList<string> People)> Partners, IReadOnlyList<Skill> Skills,
    IReadOnlyList<(PersonId Id, string Name)> Accounts);

/// <summary>The list of programmes.</summary>
public sealed record ProgrammeList(IReadOnlyList<ProgrammeLine> Programmes, Catalogue? Catalogue, string? Problem = null);

/// <summary>A step of a pathway with its skills.</summary>
public sealed record StepLine(PathwayStep Step, IReadOnlyList<Skill> Skills);

/// <summary>The page of one programme.</summary>
public sealed record ProgrammeSheet(
    ProgrammeLine Line, string? Lead, IReadOnlyList<(Pathway Pathway, IReadOnlyList<StepLine> Steps)> Pathways, IReadOnlyList<StrandId> Strands,
    IReadOnlyList<string> StrandNames, IReadOnlyList<GroupSession> Sessions, Catalogue? Catalogue, string? Problem = null);

/// <summary>Reads programmes, with what was done of them.</summary>
public sealed class ProgrammeQueries(BookingDbContext db, GroupSessions.Pages.GroupSessionQueries sessions)
{
    public async Task<ProgrammeList> ListAsync(Viewer viewer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(viewer);
        var programmes = await db.Programmes.OrderBy(p => p.Closed).ThenBy(p => p.NameFr).ToListAsync(cancellationToken);
        var lines = new List<ProgrammeLine>();
        foreach (var programme in programmes.Where(p => !p.Closed || viewer.Has(Right.KeepProgrammes)))
            lines.Add(await LineAsync(programme, cancellationToken));
        return new ProgrammeList(lines, viewer.Has(Right.KeepProgrammes) ? await CatalogueAsync(cancellationToken) : null);
    }

    public async Task<ProgrammeSheet?> SheetAsync(Viewer viewer, ProgrammeId id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(viewer);
        if (await db.Programmes.SingleOrDefaultAsync(p => p.Id == id, cancellationToken) is not { } programme)
            return null;
        var pathways = await db.Pathways.Where(p => p.ProgrammeId == id && !p.Closed).OrderBy(p => p.Position).ToListAsync(cancellationToken);
        List<PathwayId> ids = [.. pathways.Select(p => p.Id)];
        var steps = await db.PathwaySteps.Where(s => ids.Contains(s.PathwayId) && !s.Closed).OrderBy(s => s.Position).ToListAsync(cancellationToken);
        List<StepId> stepIds = [.. steps.Select(s => s.Id)];
        var skills = (await db.StepSkills.Where(s => stepIds.Contains(s.StepId)).Join(db.Skills, s => s.SkillId, s => s.Id, (row, skill) => new { row.StepId, Skill = skill }).ToListAsync(cancellationToken)).ToLookup(s => s.StepId, s => s.Skill);
        var strands = await db.ProgrammeStrands.Where(s => s.ProgrammeId == id).Join(db.FunderStrands, s => s.StrandId, s => s.Id, (_, s) => s).ToListAsync(cancellationToken);
        return new ProgrammeSheet(
            await LineAsync(programme, cancellationToken),
            programme.Lead is { } lead ? await db.People.Where(p => p.Id == lead).Select(p => p.DisplayName ?? p.ShortCode).SingleOrDefaultAsync(cancellationToken) : null,
            [.. pathways.Select(p => (p, (IReadOnlyList<StepLine>)[.. steps.Where(s => s.PathwayId == p.Id).Select(s => new StepLine(s, [.. skills[s.Id].OrderBy(k => k.NameFr, StringComparer.CurrentCulture)]))]))],
            [.. strands.Select(s => s.Id)], viewer.Has(Right.KeepProgrammes) ? [.. strands.Select(s => $"{s.Name} ({s.Code})").Order(StringComparer.CurrentCulture)] : [],
            await sessions.Seen(viewer).Where(s => s.ProgrammeId == id).OrderByDescending(s => s.Start).Take(40).ToListAsync(cancellationToken),
            viewer.Has(Right.KeepProgrammes) ? await CatalogueAsync(cancellationToken) : null);
    }

    /// <summary>A programme whole, as it is put back with one thing changed.</summary>
    public async Task<ProgrammeToBe?> WholeAsync(ProgrammeId id, CancellationToken cancellationToken)
    {
        if (await db.Programmes.SingleOrDefaultAsync(p => p.Id == id, cancellationToken) is not { } p)
            return null;
        var pathways = await db.Pathways.Where(w => w.ProgrammeId == id && !w.Closed).OrderBy(w => w.Position).ToListAsync(cancellationToken);
        var steps = await db.PathwaySteps.Where(s => db.Pathways.Any(w => w.Id == s.PathwayId && w.ProgrammeId == id) && !s.Closed).OrderBy(s => s.Position).ToListAsync(cancellationToken);
        var skills = (await db.StepSkills.ToListAsync(cancellationToken)).ToLookup(s => s.StepId, s => s.SkillId);
        return new ProgrammeToBe(p.Version, p.NameFr, p.NameEn)
        {
            Description = p.Description, Lead = p.Lead, From = p.From, Until = p.Until, GoalSessions = p.GoalSessions, GoalPeople = p.GoalPeople, GoalHours = p.GoalHours, Closed = p.Closed,
            Strands = await db.ProgrammeStrands.Where(s => s.ProgrammeId == id).Select(s => s.StrandId).ToListAsync(cancellationToken),
            Pathways = [.. pathways.Select(w => new PathwayToBe(w.Id, w.NameFr, w.NameEn) { Steps = [.. steps.Where(s => s.PathwayId == w.Id).Select(s => new StepToBe(s.Id, s.NameFr, s.NameEn) { Skills = [.. skills[s.Id]] })] })],
        };
    }

    private async Task<ProgrammeLine> LineAsync(Programme programme, CancellationToken cancellationToken)
    {
        var id = programme.Id;
        var held = db.GroupSessions.Where(s => s.ProgrammeId == id && (s.State == GroupSessionState.Done || s.State == GroupSessionState.Locked || s.State == GroupSessionState.Open));
        var there = await db.Attendees.Where(a => a.Status == AttendanceStatus.Present && held.Any(s => s.Id == a.SessionId))
            .Join(db.GroupSessions, a => a.SessionId, s => s.Id, (a, s) => new { a.Id, a.PersonId, a.ArrivedAt, a.LeftAt, s.Start, s.End, s.ClosedAt }).ToListAsync(cancellationToken);
        var counted = await db.AttendanceCounts.Where(c => held.Any(s => s.Id == c.SessionId)).SumAsync(c => (int?)c.Number, cancellationToken) ?? 0;
        var named = there.Where(a => a.PersonId is not null).Select(a => a.PersonId).Distinct().Count();
        var hours = there.Sum(a => Attended.Of(a.ArrivedAt, a.LeftAt, a.Start, a.End, a.ClosedAt).TotalHours);
        return new ProgrammeLine(
            programme, GroupSessions.Pages.GroupSessionQueries.Named(programme.NameFr, programme.NameEn),
            new ProgrammeDone(await held.CountAsync(cancellationToken), named + there.Count(a => a.PersonId is null) + counted, hours));
    }

    private async Task<Catalogue> CatalogueAsync(CancellationToken cancellationToken)
    {
        var strands = (await db.FunderStrands.Where(s => !s.Retired).OrderBy(s => s.Code).ToListAsync(cancellationToken)).ToLookup(s => s.FunderId);
        var people = (await db.PartnerPeople.Join(db.People, p => p.PersonId, p => p.Id, (row, p) => new { row.PartnerId, Name = p.DisplayName ?? p.ShortCode }).ToListAsync(cancellationToken)).ToLookup(p => p.PartnerId, p => p.Name);
        var accounts = (await db.StaffAccounts.Where(a => a.Active).Join(db.People, a => a.Id, p => p.Id, (a, p) => new { a.Id, a.Role, Name = p.DisplayName ?? p.ShortCode }).ToListAsync(cancellationToken))
            .Where(a => Rights.Of(a.Role, Right.PrepareSessions) != Reach.None);
        return new Catalogue(
            [.. (await db.Funders.Where(f => !f.Retired).OrderBy(f => f.Name).ToListAsync(cancellationToken)).Select(f => (f, (IReadOnlyList<FunderStrand>)[.. strands[f.Id]]))],
            [.. (await db.Partners.Where(p => !p.Retired).OrderBy(p => p.Name).ToListAsync(cancellationToken)).Select(p => (p, (IReadOnlyList<string>)[.. people[p.Id].Order(StringComparer.CurrentCulture)]))],
            await db.Skills.Where(s => !s.Retired).OrderBy(s => s.Kind).ThenBy(s => s.NameFr).ToListAsync(cancellationToken),
            [.. accounts.Select(a => (a.Id, a.Name)).OrderBy(a => a.Name, StringComparer.CurrentCulture)]);
    }
}

/// <summary>How long somebody was there.</summary>
internal static class Attended
{
    /// <summary>From when they came to when they left; who has no departure stayed until the end. Never less than nothing.</summary>
    public static Duration Of(Instant? came, Instant? left, Instant start, Instant end, Instant? closed)
    {
        if (came is not { } from)
            return Duration.Zero;
        var until = left ?? closed ?? end;
        return until > from ? until - from : Duration.Zero;
    }
}
