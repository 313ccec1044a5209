using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.People;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Messages;

/// <summary>Where somebody may be written to, as staff note it for them.</summary>
/// <param name="Version">Version of the person that the wish was made from.</param>
/// <param name="Email">The address; null for none.</param>
/// <param name="MailConsent">Whether they agree to be written to.</param>
public sealed record Contact(long Version, string? Email, bool MailConsent);

/// <summary>Notes the mail address of somebody at the front desk, with whether they agree to be written to. They change it themselves under their messages.</summary>
internal sealed class SetContact(BookingWriter writer)
{
    public static void Map(RouteGroupBuilder staff) =>
        staff.MapPut("/people/{id:guid}/contact", async (Guid id, Contact request, HttpContext http, SetContact handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new PersonId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("SetContact").WithTags("messages").WithSummary("Notes where somebody may be written to.")
            .Produces<Changed>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    public Task<Outcome<Changed>> HandleAsync(PersonId id, Contact request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<Changed>(
            async (write, cancel) =>
            {
                if (await write.Db.People.SingleOrDefaultAsync(p => p.Id == id, cancel) is not { } person)
                    return Refusal.NotFound("person");
                if (person.Version != request.Version)
                    return Refusal.Stale;
                if (Fault(request.Email, request.MailConsent) is { } fault)
                    return fault;
                Set(write, person, request.Email, request.MailConsent, by);
                person.Version++;
                return new Changed(person.Version);
            },
            cancellationToken);

    /// <summary>What is wrong with an address and a consent; null when nothing is.</summary>
    public static Refusal? Fault(string? email, bool consent) => Cleaned(email) switch
    {
        { } given when !MailOptions.IsAddress(given) => Refusal.BadValue("email", "This is no mail address."),
        null when consent => Refusal.BadValue("mailConsent", "Nobody can be written to without an address."),
        _ => null,
    };

    /// <summary>Sets both, when one of them is another. Another address is another consent.</summary>
    public static void Set(BookingWrite write, Person person, string? email, bool consent, StaffActor by)
    {
        if (Cleaned(email) == person.Email && consent == person.MailConsentAt is not null)
            return;
        person.MailConsentAt = consent ? write.Now : null;
        person.Email = Cleaned(email);
        write.Audit(by.Id, "person.contact_set", person.Id.Value, consent ? "mail" : "");
    }

    private static string? Cleaned(string? email) => email?.Trim() is { Length: > 0 } given ? given : null;
}
