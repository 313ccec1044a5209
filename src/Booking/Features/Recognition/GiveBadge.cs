using System.Security.Cryptography;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Programmes;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using NodaTime;

namespace FabLab.Booking.Features.Recognition;

/// <summary>For which skill.</summary>
public sealed record BadgeToGive(SkillId Skill);

/// <summary>A badge, whose, and whether it counts.</summary>
public sealed record BadgeGiven(Guid Id, PersonId? Person, bool Counts);

/// <summary>Gives somebody a badge for a skill that was validated, takes it back and takes that back.</summary>
internal sealed class GiveBadge(BookingWriter writer, RecognitionKeys keys, IOptions<BookingOptions> options)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var keeping = routes.Changes(Right.KeepProgrammes);
        keeping.MapPost("/people/{id:guid}/recognitions", async (Guid id, BadgeToGive request, HttpContext http, GiveBadge handler, CancellationToken cancellationToken) =>
                (await handler.GiveAsync(new PersonId(id), request.Skill, handler.Site(http), http.Actor(), cancellationToken)).ToResult(StatusCodes.Status201Created))
            .WithName("GiveBadge").WithTags("recognition").WithSummary("Gives an Open Badge for a skill that was validated.")
            .Produces<BadgeGiven>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        keeping.MapPost("/recognitions/{id:guid}/revoke", async (Guid id, HttpContext http, GiveBadge handler, CancellationToken cancellationToken) =>
                (await handler.SetAsync(id, revoked: true, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("RevokeBadge").WithTags("recognition").WithSummary("Takes a badge back.")
            .Produces<BadgeGiven>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        keeping.MapPost("/recognitions/{id:guid}/restore", async (Guid id, HttpContext http, GiveBadge handler, CancellationToken cancellationToken) =>
                (await handler.SetAsync(id, revoked: false, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("RestoreBadge").WithTags("recognition").WithSummary("Lets a badge count again.")
            .Produces<BadgeGiven>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    /// <summary>The address that badges name: the public one where it is set, for a badge lives longer than the name of a computer.</summary>
    public string Site(HttpContext http) => options.Value.SiteFor(http.Request);

    public Task<Outcome<BadgeGiven>> GiveAsync(PersonId person, SkillId skill, string site, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<BadgeGiven>(
            async (write, cancel) =>
            {
                if (await write.Db.People.SingleOrDefaultAsync(p => p.Id == person && p.Active, cancel) is not { } holder)
                    return Refusal.NotFound("person");
                if (await write.Db.Skills.SingleOrDefaultAsync(s => s.Id == skill, cancel) is not { } known)
                    return Refusal.NotFound("skill");
                if (!await write.Db.SessionSkills.AnyAsync(s => s.PersonId == person && s.SkillId == skill && s.Mark == SkillMark.Validated, cancel))
                    return Refusal.Conflict("skill_not_validated", "Nobody has validated this skill for this person yet.");
                // A second touch gives no second badge.
                if (await write.Db.GivenBadges.FirstOrDefaultAsync(b => b.PersonId == person && b.SkillId == skill && b.RevokedAt == null, cancel) is { } there)
                    return new BadgeGiven(there.Id, person, true);
                var taken = (await write.Db.GivenBadges.Select(b => b.StatusPlace).ToListAsync(cancel)).ToHashSet();
                if (taken.Count >= StatusList.Places / 2)
                    return Refusal.Conflict("status_list_full", "The list of badges is full.");
                int place;
                do
                    place = RandomNumberGenerator.GetInt32(StatusList.Places);
                while (taken.Contains(place));
                var name = await write.Db.Sites.Select(s => s.Rule).SingleOrDefaultAsync(cancel) is { Name.Length: > 0 } rule ? rule.Name : "FabLab";
                var at = Instant.FromUnixTimeSeconds(write.Now.ToUnixTimeSeconds());
                var id = Guid.NewGuid();
                var credential = OpenBadge.Credential(
                    new BadgeFacts(site, name, id, skill.Value, known.NameFr, holder.Email, at, place), Guid.NewGuid(), Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
                write.Db.GivenBadges.Add(new GivenBadge
                {
                    Id = id, PersonId = person, SkillId = skill, GivenAt = at, GivenBy = by.Id, StatusPlace = place, Token = OpenBadge.Sign(credential, keys.Current, site),
                });
                write.Audit(by.Id, "recognition.given", person.Value);
                return new BadgeGiven(id, person, true);
            },
            cancellationToken);

    /// <summary>Takes a badge back, or takes that back.</summary>
    public Task<Outcome<BadgeGiven>> SetAsync(Guid id, bool revoked, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<BadgeGiven>(
            async (write, cancel) =>
            {
                if (await write.Db.GivenBadges.SingleOrDefaultAsync(b => b.Id == id, cancel) is not { } badge)
                    return Refusal.NotFound("badge");
                if (revoked != badge.RevokedAt is not null)
                {
                    badge.RevokedAt = revoked ? write.Now : null;
                    write.Audit(by.Id, revoked ? "recognition.revoked" : "recognition.restored", badge.PersonId?.Value ?? id);
                }
                return new BadgeGiven(id, badge.PersonId, !revoked);
            },
            cancellationToken);
}
