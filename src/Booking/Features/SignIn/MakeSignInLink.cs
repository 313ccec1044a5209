using FabLab.Booking.Data;
using FabLab.Core.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.SignIn;

/// <summary>Whose account the link is for.</summary>
public sealed record SignInLinkFor(string? Login);

/// <summary>Path and query of the link, shown once.</summary>
public sealed record SignInLinkMade(string Path, Instant ExpiresAt);

/// <summary>A one-time link for somebody else: a first sign-in, or a forgotten password.</summary>
internal static class MakeSignInLink
{
    public static void Map(RouteGroupBuilder group) =>
        group.MapPost("/sign-in-links", HandleAsync)
            .WithName("MakeSignInLink").WithTags("sign-in").WithSummary("Makes a one-time sign-in link for an account.")
            .Produces<SignInLinkMade>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<IResult> HandleAsync(
        SignInLinkFor request, HttpContext http, BookingDbContext db, IOneTimeLinks links, CancellationToken cancellationToken)
    {
        if (request.Login is not { Length: > 0 and <= 64 } login)
            return Refusal.NotFound("account").ToResult();
        var name = login.Trim().ToLowerInvariant();
        if (await db.StaffAccounts.SingleOrDefaultAsync(account => account.LoginName == name && account.Active, cancellationToken) is not { } account)
            return Refusal.NotFound("account").ToResult();
        // Else whoever may hand out sign-ins could walk in as somebody who may do more.
        if (http.Actor().Reach(Right.GiveSignIn) != Reach.All && account.Role != Role.Member)
            return Refusal.NotAllowed.ToResult();
        return await links.CreateAsync(name, cancellationToken) is { } link
            ? Results.Json(new SignInLinkMade(link.Path, link.ExpiresAt), CoreJson.Options, statusCode: StatusCodes.Status201Created)
            : Refusal.NotFound("account").ToResult();
    }
}
