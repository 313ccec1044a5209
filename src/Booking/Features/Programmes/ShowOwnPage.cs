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

/// <summary>What somebody puts on the page of their pathway that they print or show.</summary>
public sealed record OwnPageChoice(bool Name, bool Steps, bool Skills, bool Hours, bool Projects, bool Habilitations);

/// <summary>The person alone says what is shown of them: nobody of the team says it for them.</summary>
internal sealed class ShowOwnPage(BookingWriter writer)
{
    public static void Map(RouteGroupBuilder seeing) =>
        seeing.MapPut("/people/{id:guid}/pathway", async (Guid id, OwnPageChoice request, HttpContext http, ShowOwnPage handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new PersonId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("SetOwnPathwayPage").WithTags("people").WithSummary("Says what one's own pathway page shows when it is printed.")
            .Produces<Changed>().ProducesProblem(StatusCodes.Status404NotFound);

    public Task<Outcome<Changed>> HandleAsync(PersonId person, OwnPageChoice request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<Changed>(
            async (write, cancel) =>
            {
                if (!await write.Db.People.AnyAsync(p => p.Id == person, cancel))
                    return Refusal.NotFound("person");
                if (by.Id != person || !by.Has(Right.SeePeople))
                    return Refusal.NotAllowed;
                var page = await write.Db.OwnPages.SingleOrDefaultAsync(p => p.PersonId == person, cancel);
                if (page is null)
                    write.Db.OwnPages.Add(page = new OwnPage { PersonId = person });
                (page.Name, page.Steps, page.Skills) = (request.Name, request.Steps, request.Skills);
                (page.Hours, page.Projects, page.Habilitations) = (request.Hours, request.Projects, request.Habilitations);
                page.Version++;
                write.Audit(by.Id, "own_page.set", person.Value);
                return new Changed(page.Version);
            },
            cancellationToken);
}
