using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Policy;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.SignIn;

/// <summary>A group as it is to be. Version 0 for a new one.</summary>
public sealed record GroupToBe(long Version, string? Name, IReadOnlyList<PersonId>? Members, IReadOnlyList<PersonId>? LookedAfterBy, bool Closed = false);

/// <summary>Who belongs together, and who may see them: a mentor, the account of a partner.</summary>
internal sealed class SetGroup(BookingWriter writer)
{
    private const int MostPeople = 500;

    public static void Map(RouteGroupBuilder group) =>
        group.MapPut("/groups/{id:guid}", async (Guid id, GroupToBe request, HttpContext http, SetGroup handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(id, request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("SetGroup").WithTags("people").WithSummary("Makes or changes a group. The caller chooses the id of a new one.")
            .Produces<Changed>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    public Task<Outcome<Changed>> HandleAsync(Guid id, GroupToBe request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<Changed>(
            async (write, cancel) =>
            {
                if (Text.Required(request.Name, PersonGroup.MaxName) is not { } name)
                    return Refusal.BadValue("name", $"A group has a name of 1 to {PersonGroup.MaxName} characters.");
                // Who looks after a group is not one of those looked after.
                var keepers = (request.LookedAfterBy ?? []).ToHashSet();
                var members = (request.Members ?? []).Where(person => !keepers.Contains(person)).ToHashSet();
                List<PersonId> everybody = [.. keepers, .. members];
                if (everybody.Count > MostPeople)
                    return Refusal.BadValue("members", $"A group has at most {MostPeople} people.");
                if (await write.Db.People.CountAsync(p => everybody.Contains(p.Id), cancel) != everybody.Count)
                    return Refusal.NotFound("person");
                var group = await write.Db.PersonGroups.SingleOrDefaultAsync(g => g.Id == id, cancel);
                if ((group?.Version ?? 0) != request.Version)
                    return Refusal.Stale;
                if (group is null)
                {
                    group = new PersonGroup { Id = id, Name = name };
                    write.Db.PersonGroups.Add(group);
                }
                (group.Name, group.Closed) = (name, request.Closed);
                group.Version++;
                await write.Db.SaveChangesAsync(cancel);
                // Gateways know who comes with which group: those who leave it too.
                var leave = await write.Db.GroupPlaces.Where(place => place.GroupId == id).Select(place => place.PersonId).ToListAsync(cancel);
                await PolicyMarking.MarkAsync(write.Db, [.. leave.Distinct().Except(everybody).Select(person => (PolicyKind.Person, person.Value))], cancel);
                await write.Db.GroupPlaces.Where(place => place.GroupId == id).ExecuteDeleteAsync(cancel);
                write.Db.GroupPlaces.AddRange(everybody.Select(person => new GroupPlace
                {
                    GroupId = id, PersonId = person, Part = keepers.Contains(person) ? GroupPart.LooksAfter : GroupPart.Member,
                }));
                write.Audit(by.Id, request.Closed ? "group.closed" : "group.set", id, name);
                return new Changed(group.Version);
            },
            cancellationToken);
}
