using FabLab.Core.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using NodaTime;

namespace FabLab.Booking.Features.SignIn;

/// <summary>Whose account the link is for.</summary>
public sealed record SignInLinkFor(string? Login);

/// <summary>Path and query of the link, shown once.</summary>
public sealed record SignInLinkMade(string Path, Instant ExpiresAt);

/// <summary>A manager makes a one-time link for somebody of the staff: a first sign-in, or a forgotten password.</summary>
internal static class MakeSignInLink
{
    public static void Map(RouteGroupBuilder managers) =>
        managers.MapPost("/sign-in-links", async (SignInLinkFor request, IOneTimeLinks links, CancellationToken cancellationToken) =>
                request.Login is { Length: > 0 and <= 64 } && await links.CreateAsync(request.Login, cancellationToken) is { } link
                    ? Results.Json(new SignInLinkMade(link.Path, link.ExpiresAt), CoreJson.Options, statusCode: StatusCodes.Status201Created)
                    : Refusal.NotFound("account").ToResult())
            .WithName("MakeSignInLink").WithTags("sign-in").WithSummary("Makes a one-time sign-in link for an account.")
            .Produces<SignInLinkMade>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status404NotFound);
}
