using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Programmes;

/// <summary>A step as it is to be. The caller chooses the id of a new one.</summary>
public sealed record StepToBe(StepId Id, string? NameFr, string? NameEn = null, bool Closed = false)
{
    /// <summary>The skills that are worked on.</summary>
    public IReadOnlyList<SkillId> Skills { get; init => field = value ?? []; } = [];
}

/// <summary>A pathway with its steps in order, as it is to be. The caller chooses the id of a new one.</summary>
public sealed record PathwayToBe(PathwayId Id, string? NameFr, string? NameEn = null, bool Closed = false)
{
    public IReadOnlyList<StepToBe> Steps { get; init => field = value ?? []; } = [];
}

/// <summary>A programme as it is to be, whole. Version 0 for a new one. A pathway or a step that is left out is closed, for séances name it.</summary>
public sealed record ProgrammeToBe(long Version, string? NameFr, string? NameEn = null)
{
    public string? Description { get; init; }

    public PersonId? Lead { get; init; }

    public LocalDate? From { get; init; }

    /// <summary>The last day.</summary>
    public LocalDate? Until { get; init; }

    public int? GoalSessions { get; init; }

    public int? GoalPeople { get; init; }

    public int? GoalHours { get; init; }

    public bool Closed { get; init; }

    public IReadOnlyList<StrandId> Strands { get; init => field = value ?? []; } = [];

    public IReadOnlyList<PathwayToBe> Pathways { get; init => field = value ?? []; } = [];
}

/// <summary>Makes and changes programmes with their pathways and steps.</summary>
internal sealed class SetProgramme(BookingWriter writer)
{
    private const int MostPathways = 20;
    private const int MostSteps = 60;

    public static void Map(RouteGroupBuilder keeping) =>
        keeping.MapPut("/programmes/{id:guid}", async (Guid id, ProgrammeToBe request, HttpContext http, SetProgramme handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new ProgrammeId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("SetProgramme").WithTags("programmes").WithSummary("Makes or changes a programme. The caller chooses the ids of what is new.")
            .Produces<Changed>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    public Task<Outcome<Changed>> HandleAsync(ProgrammeId id, ProgrammeToBe request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<Changed>(
            async (write, cancel) =>
            {
                if (!by.Has(Right.KeepProgrammes))
                    return Refusal.NotAllowed;
                if (await FaultAsync(write, id, request, cancel) is { } fault)
                    return fault;
                var db = write.Db;
                var programme = await db.Programmes.SingleOrDefaultAsync(p => p.Id == id, cancel);
                if ((programme?.Version ?? 0) != request.Version)
                    return Refusal.Stale;
                if (programme is null)
                    db.Programmes.Add(programme = new Programme { Id = id, NameFr = "" });
                programme.NameFr = Text.Required(request.NameFr, Programme.MaxName)!;
                programme.NameEn = Text.Clean(request.NameEn, Programme.MaxName);
                programme.Description = Text.Clean(request.Description, Programme.MaxDescription);
                (programme.Lead, programme.From, programme.Until) = (request.Lead, request.From, request.Until);
                (programme.GoalSessions, programme.GoalPeople, programme.GoalHours) = (request.GoalSessions, request.GoalPeople, request.GoalHours);
                programme.Closed = request.Closed;
                programme.Version++;
                await db.SaveChangesAsync(cancel);
                var strands = await db.ProgrammeStrands.Where(s => s.ProgrammeId == id).ToListAsync(cancel);
                db.ProgrammeStrands.RemoveRange(strands.Where(s => !request.Strands.Contains(s.StrandId)));
                db.ProgrammeStrands.AddRange(request.Strands.Distinct().Where(s => strands.TrueForAll(b => b.StrandId != s)).Select(s => new ProgrammeStrand { ProgrammeId = id, StrandId = s }));
                await PathwaysAsync(write, id, request.Pathways, cancel);
                write.Audit(by.Id, "programme.set", id.Value, programme.NameFr);
                return new Changed(programme.Version);
            },
            cancellationToken);

    private static async Task PathwaysAsync(BookingWrite write, ProgrammeId id, IReadOnlyList<PathwayToBe> wanted, CancellationToken cancel)
    {
        var db = write.Db;
        var pathways = await db.Pathways.Where(p => p.ProgrammeId == id).ToListAsync(cancel);
        List<PathwayId> ids = [.. pathways.Select(p => p.Id)];
        var steps = await db.PathwaySteps.Where(s => ids.Contains(s.PathwayId)).ToListAsync(cancel);
        foreach (var gone in pathways.Where(p => wanted.All(w => w.Id != p.Id)))
            gone.Closed = true;
        for (var place = 0; place < wanted.Count; place++)
        {
            var to = wanted[place];
            var pathway = pathways.Find(p => p.Id == to.Id);
            if (pathway is null)
                db.Pathways.Add(pathway = new Pathway { Id = to.Id, ProgrammeId = id, NameFr = "" });
            pathway.NameFr = Text.Required(to.NameFr, Pathway.MaxName)!;
            pathway.NameEn = Text.Clean(to.NameEn, Pathway.MaxName);
            (pathway.Position, pathway.Closed) = (place, to.Closed);
            await db.SaveChangesAsync(cancel);
            foreach (var gone in steps.Where(s => s.PathwayId == to.Id && to.Steps.All(w => w.Id != s.Id)))
                gone.Closed = true;
            for (var next = 0; next < to.Steps.Count; next++)
                await StepAsync(to.Id, to.Steps[next], next);
        }

        async Task StepAsync(PathwayId pathway, StepToBe to, int position)
        {
            var step = steps.Find(s => s.Id == to.Id);
            if (step is null)
                db.PathwaySteps.Add(step = new PathwayStep { Id = to.Id, PathwayId = pathway, NameFr = "" });
            step.NameFr = Text.Required(to.NameFr, PathwayStep.MaxName)!;
            step.NameEn = Text.Clean(to.NameEn, PathwayStep.MaxName);
            (step.Position, step.Closed) = (position, to.Closed);
            await db.SaveChangesAsync(cancel);
            var skills = await db.StepSkills.Where(s => s.StepId == to.Id).ToListAsync(cancel);
            db.StepSkills.RemoveRange(skills.Where(s => !to.Skills.Contains(s.SkillId)));
            db.StepSkills.AddRange(to.Skills.Distinct().Where(s => skills.TrueForAll(b => b.SkillId != s)).Select(s => new StepSkill { StepId = to.Id, SkillId = s }));
        }
    }

    private static async Task<Refusal?> FaultAsync(BookingWrite write, ProgrammeId id, ProgrammeToBe request, CancellationToken cancel)
    {
        var db = write.Db;
        if (Text.Required(request.NameFr, Programme.MaxName) is null)
            return Refusal.BadValue("nameFr", $"A name of 1 to {Programme.MaxName} characters.");
        if (request.Description?.Length > Programme.MaxDescription)
            return Refusal.BadValue("description", $"At most {Programme.MaxDescription} characters.");
        if (request.From > request.Until)
            return Refusal.BadValue("until", "It ends after it begins.");
        if (request.GoalSessions is < 0 or > 100_000 || request.GoalPeople is < 0 or > 1_000_000 || request.GoalHours is < 0 or > 10_000_000)
            return Refusal.BadValue("goalSessions", "An objective is a number from 0.");
        if (request.Lead is { } lead && !await db.People.AnyAsync(p => p.Id == lead, cancel))
            return Refusal.NotFound("person");
        List<StrandId> strands = [.. request.Strands.Distinct()];
        if (await db.FunderStrands.CountAsync(s => strands.Contains(s.Id), cancel) != strands.Count)
            return Refusal.NotFound("strand");
        if (request.Pathways.Count > MostPathways || request.Pathways.Any(p => p is null || p.Steps.Count > MostSteps || p.Steps.Any(s => s is null)))
            return Refusal.BadValue("pathways", $"At most {MostPathways} pathways of {MostSteps} steps.");
        List<StepToBe> steps = [.. request.Pathways.SelectMany(p => p.Steps)];
        if (request.Pathways.Any(p => p.Id == default || Text.Required(p.NameFr, Pathway.MaxName) is null) || steps.Exists(s => s.Id == default || Text.Required(s.NameFr, PathwayStep.MaxName) is null))
            return Refusal.BadValue("pathways", $"Pathways and steps have ids and names of 1 to {Pathway.MaxName} characters.");
        List<PathwayId> pathways = [.. request.Pathways.Select(p => p.Id).Distinct()];
        List<StepId> ids = [.. steps.Select(s => s.Id).Distinct()];
        if (pathways.Count != request.Pathways.Count || ids.Count != steps.Count)
            return Refusal.BadValue("pathways", "One of these is there twice.");
        // A step stays in its pathway, a pathway in its programme: séances name them.
        if (await db.Pathways.AnyAsync(p => pathways.Contains(p.Id) && p.ProgrammeId != id, cancel))
            return Refusal.NotFound("pathway");
        var placed = await db.PathwaySteps.Where(s => ids.Contains(s.Id)).ToDictionaryAsync(s => s.Id, s => s.PathwayId, cancel);
        if (request.Pathways.Any(p => p.Steps.Any(s => placed.TryGetValue(s.Id, out var other) && other != p.Id)))
            return Refusal.NotFound("step");
        List<SkillId> skills = [.. steps.SelectMany(s => s.Skills).Distinct()];
        return await db.Skills.CountAsync(s => skills.Contains(s.Id), cancel) != skills.Count ? Refusal.NotFound("skill") : null;
    }
}
