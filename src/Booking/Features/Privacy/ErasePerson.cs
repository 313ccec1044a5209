using FabLab.Booking.Data;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace FabLab.Booking.Features.Privacy;

/// <summary>An erasure: the short code typed again, since it cannot be taken back.</summary>
public sealed record ErasureRequest(string? ShortCode);

public sealed record PersonErased(Guid Receipt);

/// <summary>Erases somebody who asks for it. What is counted stays, without them.</summary>
internal sealed class ErasePerson(BookingWriter writer, SessionEnds ends, IOptions<BookingOptions> options)
{
    public static void Map(RouteGroupBuilder group) =>
        group.MapPost("/people/{id:guid}/erasure", async (
                Guid id, ErasureRequest request, HttpContext http, ErasePerson handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new PersonId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("ErasePerson").WithTags("privacy").WithSummary("Erases a person for good and answers with the number of a receipt.")
            .Produces<PersonErased>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    public Task<Outcome<PersonErased>> HandleAsync(PersonId id, ErasureRequest request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<PersonErased>(
            async (write, cancel) =>
            {
                if (await write.Db.People.SingleOrDefaultAsync(person => person.Id == id, cancel) is not { } person)
                    return Refusal.NotFound("person");
                if (!await write.Db.MayAsync(by, Right.ErasePeople, id, cancel))
                    return Refusal.NotAllowed;
                if (!string.Equals(request.ShortCode?.Trim(), person.ShortCode, StringComparison.OrdinalIgnoreCase))
                    return Refusal.BadValue("shortCode", "Type the short code of the person: an erasure cannot be taken back.");
                if (id == by.Id)
                    return Refusal.Conflict("erase_oneself", "Another manager must do that for you.");
                if (await write.Db.MachinesNow.AnyAsync(now => now.PersonId == id && now.SessionId != null, cancel))
                    return Refusal.Conflict("on_a_machine", "This person uses a machine now. Wait until the use has ended.");
                // A token of a manager is nobody of the lab: it must not leave the lab without any.
                await write.OneAtATimeAsync("last manager", cancel);
                if (await write.Db.StaffAccounts.AnyAsync(a => a.Id == id && a.Active && (a.Role & Role.Manager) != 0, cancel)
                    && !await write.Db.StaffAccounts.AnyAsync(a => a.Id != id && a.Active && (a.Role & Role.Manager) != 0, cancel))
                {
                    return Refusal.Conflict("last_manager", "This is the last manager. Make somebody else a manager first.");
                }
                write.AfterCommit(() => ends.End(id));
                var receipt = await Erasure.RunAsync(write, id, by.Id, options.Value.Retention, await write.Db.ZoneAsync(cancel), cancel);
                return new PersonErased(receipt.Id);
            },
            cancellationToken);
}
