using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Machines;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.People;

/// <summary>A person as they are from now on, all of it. The version is the one the change was made from.</summary>
public sealed record PersonChange(
    long Version, string? DisplayName, bool Active, bool IsAdult, LocalDate? BirthDate, LocalDate? MemberThrough,
    ProjectId? DefaultProject, bool MayAccompany, int? MinorsLimit = null);

public sealed record Changed(long Version);

internal sealed class ChangePerson(BookingWriter writer)
{
    public static void Map(RouteGroupBuilder staff) =>
        staff.MapPut("/people/{id:guid}", async (Guid id, PersonChange request, HttpContext http, ChangePerson handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new PersonId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("ChangePerson").WithTags("people").WithSummary("Changes a person.")
            .Produces<Changed>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    public Task<Outcome<Changed>> HandleAsync(PersonId id, PersonChange request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<Changed>(
            async (write, cancel) =>
            {
                var zone = await write.Db.ZoneAsync(cancel);
                if (await write.Db.People.SingleOrDefaultAsync(p => p.Id == id, cancel) is not { } person)
                    return Refusal.NotFound("person");
                if (person.Version != request.Version)
                    return Refusal.Stale;
                if (PersonRules.Check(request.DisplayName, request.BirthDate, request.MemberThrough, write.Now, zone) is { } fault)
                    return fault;
                if (request.MinorsLimit is < 0 or > 100)
                    return Refusal.BadValue("minorsLimit", "0 to 100, or nothing.");
                (person.IsAdult, person.BirthDate) = PersonRules.Age(request.IsAdult, request.BirthDate, write.Now, zone);
                person.DisplayName = Text.Required(request.DisplayName, Person.MaxName);
                person.Active = request.Active;
                person.MemberThrough = request.MemberThrough;
                person.DefaultProject = request.DefaultProject;
                person.MayAccompany = request.MayAccompany;
                person.MinorsLimit = request.MinorsLimit;
                person.Version++;
                write.Audit(by.Id, "person.changed", id.Value);
                return new Changed(person.Version);
            },
            cancellationToken);
}
