using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Core.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.People;

/// <summary>
/// A badge number in any spelling, also as a keyboard-wedge reader gives it on an AZERTY keyboard, with the code of the reader profile
/// that writes so; without one, every profile is tried.
/// </summary>
public sealed record BadgeToEnrol(string? Number, string? Reader = null, BadgeAssurance Assurance = BadgeAssurance.Number);

/// <summary>The badge given. It may have been known before, from somebody no longer active or from the drawer.</summary>
public sealed record BadgeEnrolled(BadgeId Id, bool KnownBefore);

/// <summary>Gives a badge to a person. The number is hashed at once and kept nowhere.</summary>
internal sealed class EnrolBadge(BookingWriter writer, BadgeKeys keys)
{
    public static void Map(RouteGroupBuilder staff) =>
        staff.MapPost("/people/{id:guid}/badges", async (Guid id, BadgeToEnrol request, HttpContext http, EnrolBadge handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new PersonId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status201Created))
            .WithName("EnrolBadge").WithTags("people").WithSummary("Gives a badge to a person.")
            .Produces<BadgeEnrolled>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    public Task<Outcome<BadgeEnrolled>> HandleAsync(PersonId id, BadgeToEnrol request, StaffActor by, CancellationToken cancellationToken)
    {
        var (number, truncates, fault) = Read(request);
        if (number is null)
            return Task.FromResult<Outcome<BadgeEnrolled>>(fault!);
        if (!Enum.IsDefined(request.Assurance))
            return Task.FromResult<Outcome<BadgeEnrolled>>(Refusal.BadValue("assurance", "number or authenticated."));
        var print = keys.Hasher.Print(number);
        return writer.ChangeAsync<BadgeEnrolled>(
            async (write, cancel) =>
            {
                await keys.RenewAsync(write, [number], cancel);
                return await GiveAsync(write, print, truncates, id, request.Assurance, by.Id, cancel);
            },
            cancellationToken);
    }

    /// <summary>The hashes of a number that was typed; null when it is none.</summary>
    internal BadgePrint? PrintOf(BadgeToEnrol request) => Read(request).Number is { } number ? keys.Hasher.Print(number) : null;

    /// <summary>Gives the badge of these hashes to a person, whatever way it was read. A refusal leaves everything as it was.</summary>
    internal static async Task<Outcome<BadgeEnrolled>> GiveAsync(
        BookingWrite write, BadgePrint print, bool truncates, PersonId id, BadgeAssurance assurance, PersonId by, CancellationToken cancellationToken)
    {
        if (await write.Db.People.SingleOrDefaultAsync(person => person.Id == id, cancellationToken) is not { } owner)
            return Refusal.NotFound("person");
        var alike = await write.Db.Badges
            .Where(badge => badge.Full == print.Full || (print.Last4 != null && badge.Last4 == print.Last4) || badge.Last3 == print.Last3)
            .ToListAsync(cancellationToken);
        var index = alike.Aggregate(BadgeIndex.Empty, (all, badge) => all.Add(badge.Id, badge.Print));
        switch (index.Find(print, truncates))
        {
            case BadgeMatch.Ambiguous:
                return Refusal.Conflict("badge_ambiguous", "So short a number fits several badges. Read it with a reader that gives all of it.", "number");
            case BadgeMatch.Known { Badge: var known }:
                return await MoveAsync(write, alike.Single(badge => badge.Id == known), owner, assurance, by, cancellationToken);
            default:
                var fresh = Badge.From(print, write.Now);
                fresh.PersonId = id;
                fresh.Assurance = assurance;
                write.Db.Badges.Add(fresh);
                write.Audit(by, "badge.enrolled", fresh.Id.Value, owner.ShortCode);
                return new BadgeEnrolled(fresh.Id, false);
        }
    }

    private static async Task<Outcome<BadgeEnrolled>> MoveAsync(BookingWrite write, Badge badge, Person owner, BadgeAssurance assurance, PersonId by, CancellationToken cancellationToken)
    {
        if (badge.PersonId == owner.Id && badge.State == BadgeState.Active)
            return Refusal.Conflict("badge_already_theirs", "This person has this badge already.", "number");
        if (badge.PersonId is { } before && before != owner.Id
            && await write.Db.People.AnyAsync(person => person.Id == before && person.Active, cancellationToken))
        {
            return Refusal.Conflict("badge_taken", "Somebody else has this badge. Take it back from them first.", "number");
        }
        badge.PersonId = owner.Id;
        badge.State = BadgeState.Active;
        badge.Assurance = assurance;
        badge.Version++;
        write.Audit(by, "badge.moved", badge.Id.Value, owner.ShortCode);
        return new BadgeEnrolled(badge.Id, true);
    }

    internal static (BadgeNumber? Number, bool Truncates, Refusal? Fault) Read(BadgeToEnrol request)
    {
        if (request.Number is not { Length: > 0 and <= 64 } typed)
            return (null, false, Refusal.BadValue("number", "Give the number as a reader writes it."));
        var text = KeyboardWedge.Straighten(typed);
        if (request.Reader is { } code)
        {
            if (ReaderProfile.Find(code) is not { } profile)
                return (null, false, Refusal.BadValue("reader", "There is no such reader profile."));
            return profile.Parse(text) is { } read
                ? (read, profile.Truncates, null)
                : (null, false, Refusal.BadValue("number", "This reader would not write that."));
        }
        if (BadgeNumber.Parse(text) is { } canonical)
            return (canonical, false, null);
        // Without a profile: only what can be read in one way.
        var ways = ReaderProfile.All.Select(profile => (Number: profile.Parse(text), profile.Truncates)).Where(way => way.Number is not null)
            .DistinctBy(way => way.Number!.Canonical).ToList();
        return ways switch
        {
            [var only] => (only.Number, only.Truncates, null),
            [] => (null, false, Refusal.BadValue("number", "This is no badge number that any known reader writes.")),
            _ => (null, false, Refusal.BadValue("reader", "Several kinds of reader write so. Say which one.")),
        };
    }
}
