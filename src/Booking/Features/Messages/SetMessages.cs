using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.People;
using FabLab.Core;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Messages;

/// <summary>How somebody is told of one kind.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Site">On the site. Some kinds stay there whatever is asked.</param>
/// <param name="Mail">By mail, when the place sends any and there is an address with consent.</param>
public sealed record MessageWish(MessageKind Kind, bool Site, bool Mail);

/// <summary>How somebody wants to be told, all of it.</summary>
/// <param name="Version">Version of the person that the wish was made from.</param>
/// <param name="Email">The address; null for none.</param>
/// <param name="MailConsent">Whether they agree to be written to.</param>
/// <param name="French">Whether they are written to in French, else in English.</param>
/// <param name="Wishes">For the kinds named; others stay as they are.</param>
public sealed record MessageSettings(long Version, string? Email, bool MailConsent, bool French, IReadOnlyList<MessageWish>? Wishes);

/// <summary>Somebody's own wishes: how they are told, and where they may be written to.</summary>
internal sealed class SetMessages(BookingWriter writer)
{
    public static void Map(IEndpointRouteBuilder routes, RouteGroupBuilder own)
    {
        routes.MapGet($"{Endpoints.Root}/messages/settings", async (HttpContext http, BookingDbContext db, CancellationToken cancellationToken) =>
            {
                http.Response.Headers.CacheControl = "no-store";
                return await OfAsync(db, http.Actor().Id, cancellationToken) is { } settings
                    ? Results.Json(settings, Core.Json.CoreJson.Options)
                    : Refusal.NotFound("person").ToResult();
            })
            .WithName("ReadMessageSettings").WithTags("messages").WithSummary("How one is told, and where one may be written to.")
            .Produces<MessageSettings>().ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound)
            .Needs(SignIn.Right.OwnAccount);
        own.MapPut("/messages/settings", async (MessageSettings request, HttpContext http, SetMessages handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(http.Actor(), request, cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("SetMessageSettings").WithTags("messages").WithSummary("Chooses how one is told, and where one may be written to.")
            .Produces<Changed>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    /// <returns>Null when it is a token that asks: it is nobody.</returns>
    public static async Task<MessageSettings?> OfAsync(BookingDbContext db, PersonId id, CancellationToken cancellationToken)
    {
        if (await db.People.AsNoTracking().SingleOrDefaultAsync(person => person.Id == id, cancellationToken) is not { } person)
            return null;
        var chosen = await db.MessageChoices.AsNoTracking().Where(choice => choice.PersonId == id).ToDictionaryAsync(choice => choice.Kind, cancellationToken);
        var leads = await db.MachineDuties.AnyAsync(duty => duty.PersonId == id && duty.Duty == SignIn.Duty.Leads, cancellationToken);
        return new MessageSettings(
            person.Version, person.Email, person.MailConsentAt is not null, person.Language == Language.French,
            [
                .. MessageRules.Offered(leads).Select(kind =>
                {
                    var usual = MessageRules.Usual(kind);
                    return chosen.TryGetValue(kind, out var choice)
                        ? new MessageWish(kind, choice.Site || MessageRules.AlwaysOnSite(kind), choice.Mail)
                        : new MessageWish(kind, usual.Site, usual.Mail);
                }),
            ]);
    }

    public Task<Outcome<Changed>> HandleAsync(StaffActor by, MessageSettings request, CancellationToken cancellationToken) =>
        writer.ChangeAsync<Changed>(
            async (write, cancel) =>
            {
                if (await write.Db.People.SingleOrDefaultAsync(p => p.Id == by.Id, cancel) is not { } person)
                    return Refusal.NotFound("person");
                if (person.Version != request.Version)
                    return Refusal.Stale;
                if (SetContact.Fault(request.Email, request.MailConsent) is { } fault)
                    return fault;
                var wishes = request.Wishes ?? [];
                if (wishes.Any(wish => wish is null || !Enum.IsDefined(wish.Kind)) || wishes.DistinctBy(wish => wish.Kind).Count() != wishes.Count)
                    return Refusal.BadValue("wishes", "Name each kind once.");
                SetContact.Set(write, person, request.Email, request.MailConsent, by);
                person.Language = request.French ? Language.French : Language.English;
                person.Version++;
                var chosen = await write.Db.MessageChoices.Where(choice => choice.PersonId == by.Id).ToDictionaryAsync(choice => choice.Kind, cancel);
                foreach (var wish in wishes)
                {
                    if (!chosen.TryGetValue(wish.Kind, out var choice))
                    {
                        choice = new MessageChoice { PersonId = by.Id, Kind = wish.Kind };
                        write.Db.MessageChoices.Add(choice);
                    }
                    choice.Site = wish.Site || MessageRules.AlwaysOnSite(wish.Kind);
                    choice.Mail = wish.Mail;
                }
                return new Changed(person.Version);
            },
            cancellationToken);
}
