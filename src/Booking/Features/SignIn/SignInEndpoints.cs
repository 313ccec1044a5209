using FabLab.Core;
using FabLab.Core.Json;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FabLab.Booking.Features.SignIn;

/// <summary>Who is signed in, and the token a change must carry.</summary>
public sealed record SessionAnswer(PersonId? Person, Role? Role, string ForgeryToken);

public sealed record LinkSignIn(string? Code);

public sealed record PasswordSignIn(string? Login, string? Password);

public sealed record NewPassword(string? Password);

/// <summary>Signing in and out over the API; the pages call <see cref="SignInService"/> themselves.</summary>
internal static class SignInEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var open = routes.MapGroup(Endpoints.Root).WithTags("sign-in");
        open.MapGet("/session", (HttpContext http, IAntiforgery forgery) =>
            {
                var actor = StaffActor.From(http.User);
                return Results.Json(new SessionAnswer(actor?.Id, actor?.Role, forgery.GetAndStoreTokens(http).RequestToken!), CoreJson.Options);
            })
            .WithName("GetSession").WithSummary("Who is signed in, and the token a change must carry.").Produces<SessionAnswer>();

        // Before sign-in too: another site must not be able to sign a browser in as somebody of its choice.
        var doors = open.MapGroup("").AddEndpointFilter(Endpoints.CheckTokenAsync)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden);
        doors.MapPost("/sign-in/link", async (LinkSignIn request, HttpContext http, SignInService service, CancellationToken cancellationToken) =>
                Answer(await service.WithLinkAsync(http, request.Code, cancellationToken)))
            .WithName("SignInWithLink").WithSummary("Signs in with a one-time link, which is then spent.").Produces<StaffActor>();
        doors.MapPost("/sign-in/password", async (PasswordSignIn request, HttpContext http, SignInService service, CancellationToken cancellationToken) =>
                Answer(await service.WithPasswordAsync(http, request.Login, request.Password, cancellationToken)))
            .WithName("SignInWithPassword").WithSummary("Signs in with a password.").Produces<StaffActor>().ProducesProblem(StatusCodes.Status429TooManyRequests);
        doors.MapPost("/sign-in/demo", async (HttpContext http, SignInService service, IOneTimeLinks links, CancellationToken cancellationToken) =>
                Answer(await service.ForDemoAsync(http, links, cancellationToken)))
            .WithName("SignInForDemo").WithSummary("In a demonstration only: signs in as the manager.").Produces<StaffActor>().ProducesProblem(StatusCodes.Status404NotFound);
        doors.MapPost("/sign-out", async (HttpContext http) =>
            {
                await SignInService.LeaveAsync(http);
                return Results.NoContent();
            })
            .WithName("SignOut").WithSummary("Signs this browser out.").Produces(StatusCodes.Status204NoContent);

        routes.Changes(Right.OwnAccount).MapPut("/account/password", async (
                NewPassword request, HttpContext http, SignInService service, CancellationToken cancellationToken) =>
                Answer(await service.SetPasswordAsync(http, http.Actor(), request.Password, cancellationToken)))
            .WithName("SetPassword").WithTags("sign-in").WithSummary("Sets the password of the one who is signed in; their other browsers are signed out.").Produces<StaffActor>();
    }

    private static IResult Answer(Outcome<StaffActor> outcome) => outcome.ToResult(StatusCodes.Status200OK);
}
