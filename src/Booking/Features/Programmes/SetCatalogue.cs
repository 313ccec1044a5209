using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Programmes;

/// <summary>A strand as it is to be. The caller chooses the id of a new one.</summary>
public sealed record StrandToBe(StrandId Id, string? Name, string? Code, bool Retired = false);

/// <summary>A funder with its strands as it is to be. Version 0 for a new one; a strand that is left out is retired.</summary>
public sealed record FunderToBe(long Version, string? Name, bool Retired = false)
{
    public IReadOnlyList<StrandToBe> Strands { get; init => field = value ?? []; } = [];
}

/// <summary>A partner organisation as it is to be, with those who act for it. Version 0 for a new one.</summary>
public sealed record PartnerToBe(long Version, string? Name, string? Kind = null, bool Retired = false)
{
    public IReadOnlyList<PersonId> People { get; init => field = value ?? []; } = [];
}

/// <summary>A skill as it is to be. Version 0 for a new one.</summary>
public sealed record SkillToBe(long Version, string? NameFr, string? NameEn = null, SkillKind Kind = SkillKind.Technical, bool Retired = false);

/// <summary>Funders, partner organisations, skills: what programmes and séances choose from.</summary>
internal sealed class SetCatalogue(BookingWriter writer)
{
    public static void Map(RouteGroupBuilder keeping)
    {
        keeping.MapPut("/funders/{id:guid}", async (Guid id, FunderToBe request, HttpContext http, SetCatalogue handler, CancellationToken cancellationToken) =>
                (await handler.FunderAsync(new FunderId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("SetFunder").WithTags("programmes").WithSummary("Makes or changes a funder with its strands. The caller chooses the ids of what is new.")
            .Produces<Changed>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        keeping.MapPut("/partners/{id:guid}", async (Guid id, PartnerToBe request, HttpContext http, SetCatalogue handler, CancellationToken cancellationToken) =>
                (await handler.PartnerAsync(new PartnerId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("SetPartner").WithTags("programmes").WithSummary("Makes or changes a partner organisation, and says who acts for it.")
            .Produces<Changed>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        keeping.MapPut("/skills/{id:guid}", async (Guid id, SkillToBe request, HttpContext http, SetCatalogue handler, CancellationToken cancellationToken) =>
                (await handler.SkillAsync(new SkillId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("SetSkill").WithTags("programmes").WithSummary("Makes or changes a skill.")
            .Produces<Changed>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    public Task<Outcome<Changed>> FunderAsync(FunderId id, FunderToBe request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<Changed>(
            async (write, cancel) =>
            {
                var db = write.Db;
                if (!by.Has(Right.KeepProgrammes))
                    return Refusal.NotAllowed;
                if (Text.Required(request.Name, Funder.MaxName) is not { } name)
                    return Refusal.BadValue("name", $"A name of 1 to {Funder.MaxName} characters.");
                if (request.Strands.Count > 40 || request.Strands.Any(s => s is null || s.Id == default || Text.Required(s.Name, FunderStrand.MaxName) is null || Text.Required(s.Code, FunderStrand.MaxCode) is null))
                    return Refusal.BadValue("strands", $"A strand has an id, a name and a code of 1 to {FunderStrand.MaxCode} characters; at most 40 of them.");
                if (request.Strands.Select(s => s.Id).Distinct().Count() != request.Strands.Count)
                    return Refusal.BadValue("strands", "One of these is there twice.");
                List<StrandId> ids = [.. request.Strands.Select(s => s.Id)];
                List<string> codes = [.. request.Strands.Select(s => Code(s.Code))];
                if (codes.Distinct(StringComparer.Ordinal).Count() != codes.Count || await db.FunderStrands.AnyAsync(s => codes.Contains(s.Code) && !ids.Contains(s.Id), cancel))
                    return Refusal.Conflict("strand_code_taken", "Another strand has this code.", "code");
                if (await db.FunderStrands.AnyAsync(s => ids.Contains(s.Id) && s.FunderId != id, cancel))
                    return Refusal.NotFound("strand");
                var funder = await db.Funders.SingleOrDefaultAsync(f => f.Id == id, cancel);
                if ((funder?.Version ?? 0) != request.Version)
                    return Refusal.Stale;
                if (funder is null)
                    db.Funders.Add(funder = new Funder { Id = id, Name = name });
                (funder.Name, funder.Retired) = (name, request.Retired);
                funder.Version++;
                await db.SaveChangesAsync(cancel);
                var strands = await db.FunderStrands.Where(s => s.FunderId == id).ToListAsync(cancel);
                foreach (var gone in strands.Where(s => !ids.Contains(s.Id)))
                    gone.Retired = true;
                foreach (var to in request.Strands)
                {
                    var strand = strands.Find(s => s.Id == to.Id);
                    if (strand is null)
                        db.FunderStrands.Add(strand = new FunderStrand { Id = to.Id, FunderId = id, Name = "", Code = "" });
                    (strand.Name, strand.Code, strand.Retired) = (Text.Required(to.Name, FunderStrand.MaxName)!, Code(to.Code), to.Retired);
                }
                write.Audit(by.Id, "funder.set", id.Value, name);
                return new Changed(funder.Version);
            },
            cancellationToken);

    public Task<Outcome<Changed>> PartnerAsync(PartnerId id, PartnerToBe request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<Changed>(
            async (write, cancel) =>
            {
                var db = write.Db;
                if (!by.Has(Right.KeepProgrammes))
                    return Refusal.NotAllowed;
                if (Text.Required(request.Name, Partner.MaxName) is not { } name)
                    return Refusal.BadValue("name", $"A name of 1 to {Partner.MaxName} characters.");
                if (request.Kind?.Length > Partner.MaxKind)
                    return Refusal.BadValue("kind", $"At most {Partner.MaxKind} characters.");
                List<PersonId> people = [.. request.People.Distinct()];
                if (people.Count > 50 || await db.People.CountAsync(p => people.Contains(p.Id), cancel) != people.Count)
                    return Refusal.NotFound("person");
                var partner = await db.Partners.SingleOrDefaultAsync(p => p.Id == id, cancel);
                if ((partner?.Version ?? 0) != request.Version)
                    return Refusal.Stale;
                if (partner is null)
                    db.Partners.Add(partner = new Partner { Id = id, Name = name });
                (partner.Name, partner.Kind, partner.Retired) = (name, Text.Clean(request.Kind, Partner.MaxKind), request.Retired);
                partner.Version++;
                await db.SaveChangesAsync(cancel);
                var rows = await db.PartnerPeople.Where(p => p.PartnerId == id).ToListAsync(cancel);
                db.PartnerPeople.RemoveRange(rows.Where(r => !people.Contains(r.PersonId)));
                db.PartnerPeople.AddRange(people.Where(p => rows.TrueForAll(r => r.PersonId != p)).Select(p => new PartnerPerson { PartnerId = id, PersonId = p }));
                write.Audit(by.Id, "partner.set", id.Value, name);
                return new Changed(partner.Version);
            },
            cancellationToken);

    public Task<Outcome<Changed>> SkillAsync(SkillId id, SkillToBe request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<Changed>(
            async (write, cancel) =>
            {
                if (!by.Has(Right.KeepProgrammes))
                    return Refusal.NotAllowed;
                if (Text.Required(request.NameFr, Skill.MaxName) is not { } name)
                    return Refusal.BadValue("nameFr", $"A name of 1 to {Skill.MaxName} characters.");
                if (!Enum.IsDefined(request.Kind))
                    return Refusal.BadValue("kind", "technical or transversal.");
                var skill = await write.Db.Skills.SingleOrDefaultAsync(s => s.Id == id, cancel);
                if ((skill?.Version ?? 0) != request.Version)
                    return Refusal.Stale;
                if (skill is null)
                    write.Db.Skills.Add(skill = new Skill { Id = id, NameFr = name });
                (skill.NameFr, skill.NameEn, skill.Kind, skill.Retired) = (name, Text.Clean(request.NameEn, Skill.MaxName), request.Kind, request.Retired);
                skill.Version++;
                write.Audit(by.Id, "skill.set", id.Value, name);
                return new Changed(skill.Version);
            },
            cancellationToken);

    private static string Code(string? code) => Text.Clean(code, FunderStrand.MaxCode).ToUpperInvariant();
}
