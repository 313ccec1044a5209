using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.People;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.SignIn;

/// <summary>A way in for somebody, shown once: the link (as a QR code), and a short code for who has no camera at hand.</summary>
public sealed record AccessGiven(string Login, string Path, string Code, Instant ExpiresAt);

/// <summary>
/// Somebody at the desk lets a person in: nothing but a name or a short code is needed. Who has no account yet gets one as a member.
/// </summary>
internal sealed class GiveAccess(BookingWriter writer, IOneTimeLinks links)
{
    public static void Map(RouteGroupBuilder group) =>
        group.MapPost("/people/{id:guid}/sign-in", async (Guid id, HttpContext http, GiveAccess handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new PersonId(id), http.Actor(), cancellationToken)).ToResult(StatusCodes.Status201Created))
            .WithName("GiveAccess").WithTags("sign-in").WithSummary("Makes a one-time way in for a person; who has no account gets one as a member.")
            .Produces<AccessGiven>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status404NotFound);

    public async Task<Outcome<AccessGiven>> HandleAsync(PersonId person, StaffActor by, CancellationToken cancellationToken)
    {
        var account = await writer.ChangeAsync<StaffAccount>(
            async (write, cancel) =>
            {
                if (await write.Db.People.SingleOrDefaultAsync(p => p.Id == person && p.Active, cancel) is not { } row)
                    return Refusal.NotFound("person");
                var found = await write.Db.StaffAccounts.SingleOrDefaultAsync(a => a.Id == person, cancel);
                // Else whoever may hand out sign-ins could walk in as somebody who may do more.
                if (by.Reach(Right.GiveSignIn) != Reach.All && found is not null && found.Role != Role.Member)
                    return Refusal.NotAllowed;
                if (found is { Active: false })
                    return Refusal.Conflict("account_closed", "This account is closed. A manager can open it again.");
                found ??= await OpenAsync(write, row, by.Id, cancel);
                write.Audit(by.Id, "sign_in.given", person.Value);
                return found;
            },
            cancellationToken);
        if (account.Refusal is { } refusal)
            return refusal;
        return await links.CreateAsync(account.Value.LoginName, cancellationToken) is { } link
            ? new AccessGiven(account.Value.LoginName, link.Path, link.Code, link.ExpiresAt)
            : Refusal.NotFound("account");
    }

    /// <summary>Opens the account of a member for somebody who has none.</summary>
    internal static async Task<StaffAccount> OpenAsync(BookingWrite write, Person person, PersonId by, CancellationToken cancel)
    {
        var account = new StaffAccount
        {
            Id = person.Id,
            LoginName = await FreeLoginAsync(write.Db, person.ShortCode.ToLowerInvariant(), cancel),
            Role = Role.Member,
            Stamp = Guid.NewGuid(),
            CreatedAt = write.Now,
        };
        write.Db.StaffAccounts.Add(account);
        write.Audit(by, "account.opened", person.Id.Value, nameof(Role.Member));
        return account;
    }

    private static async Task<string> FreeLoginAsync(BookingDbContext db, string wanted, CancellationToken cancel)
    {
        for (var number = 1; ; number++)
        {
            var login = number == 1 ? wanted : $"{wanted}{number}";
            if (!await db.StaffAccounts.AnyAsync(a => a.LoginName == login, cancel))
                return login;
        }
    }
}
