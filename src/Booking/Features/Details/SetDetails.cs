using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Details;

/// <summary>What somebody says of themselves for the figures. The version is the one the change was made from, 0 at first.</summary>
public sealed record DetailsToBe(long Version, Gender Gender, Occupation Occupation, PriorityArea PriorityArea);

/// <summary>Notes gender, status and priority neighbourhood of a person: by themselves, or at the front desk as they say it.</summary>
internal sealed class SetDetails(BookingWriter writer)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.Changes(Right.KeepDetails).MapPut("/people/{id:guid}/details", async (Guid id, DetailsToBe request, HttpContext http, SetDetails handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new PersonId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("SetPersonDetails").WithTags("people").WithSummary("Notes what activity reports count of a person; all of it optional.")
            .Produces<Changed>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    public Task<Outcome<Changed>> HandleAsync(PersonId person, DetailsToBe request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<Changed>(
            async (write, cancel) =>
            {
                // Who asks for somebody else does not learn whether there is such a person.
                if (!await write.Db.MayAsync(by, Right.KeepDetails, person, cancel) || !await write.Db.People.AnyAsync(p => p.Id == person, cancel))
                    return Refusal.NotFound("person");
                if (!Enum.IsDefined(request.Gender) || !Enum.IsDefined(request.Occupation) || !Enum.IsDefined(request.PriorityArea))
                    return Refusal.BadValue("gender", "One of these words is not known.");
                var details = await write.Db.PersonDetails.SingleOrDefaultAsync(d => d.PersonId == person, cancel);
                if ((details?.Version ?? 0) != request.Version)
                    return Refusal.Stale;
                if (details is null)
                    write.Db.PersonDetails.Add(details = new PersonDetails { PersonId = person });
                (details.Gender, details.Occupation, details.PriorityArea) = (request.Gender, request.Occupation, request.PriorityArea);
                details.Version++;
                // That it was noted, not what: the audit is no second place for it.
                write.Audit(by.Id, "person.details_set", person.Value);
                return new Changed(details.Version);
            },
            cancellationToken);
}
