using FabLab.Booking.Features.Idempotency;
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

public sealed record PasswordSignIn(string? Login, string? Password, string? Code = null);

/// <summary>A short code, or the code of an app.</summary>
public sealed record CodeSignIn(string? Code);

/// <summary>What the browser answered to the question of a passkey, as JSON text.</summary>
public sealed record PasskeySignIn(string? Credential);

/// <summary>A passkey the browser made, and what its owner calls it.</summary>
public sealed record NewPasskey(string? Credential, string? Name);

/// <summary>The new password, and the present one when there is one.</summary>
public sealed record NewPassword(string? Password, string? Present = null);

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
        var doors = open.MapGroup("").AddEndpointFilter(Endpoints.CheckTokenAsync).WithMetadata(IdempotencyTerms.Refused)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden);
        doors.MapPost("/sign-in/link", async (LinkSignIn request, HttpContext http, SignInService service, CancellationToken cancellationToken) =>
                Answer(await service.WithLinkAsync(http, request.Code, cancellationToken)))
            .WithName("SignInWithLink").WithSummary("Signs in with a one-time link, which is then spent.").Produces<StaffActor>();
        doors.MapPost("/sign-in/password", async (PasswordSignIn request, HttpContext http, SignInService service, CancellationToken cancellationToken) =>
                Answer(await service.WithPasswordAsync(http, request.Login, request.Password, request.Code, cancellationToken)))
            .WithName("SignInWithPassword").WithSummary("Signs in with a password.").Produces<StaffActor>().ProducesProblem(StatusCodes.Status429TooManyRequests);
        doors.MapPost("/sign-in/short-code", async (CodeSignIn request, HttpContext http, SignInService service, CancellationToken cancellationToken) =>
                Answer(await service.WithShortCodeAsync(http, request.Code, cancellationToken)))
            .WithName("SignInWithShortCode").WithSummary("Signs in with the short code of a one-time link, which is then spent.").Produces<StaffActor>().ProducesProblem(StatusCodes.Status429TooManyRequests);
        doors.MapPost("/sign-in/code", async (CodeSignIn request, HttpContext http, SignInService service, CancellationToken cancellationToken) =>
                Answer(await service.WithCodeAsync(http, request.Code, cancellationToken)))
            .WithName("SignInWithCode").WithSummary("The second step after a password: the code of the app.").Produces<StaffActor>().ProducesProblem(StatusCodes.Status429TooManyRequests);
        doors.MapPost("/sign-in/passkey/question", async (HttpContext http, SignInService service) =>
                Results.Text(await service.PasskeyQuestionAsync(http), "application/json"))
            .WithName("AskForPasskey").WithSummary("What a passkey is to sign, as WebAuthn says it.").Produces<object>();
        doors.MapPost("/sign-in/passkey", async (PasskeySignIn request, HttpContext http, SignInService service, CancellationToken cancellationToken) =>
                Answer(await service.WithPasskeyAsync(http, request.Credential, cancellationToken)))
            .WithName("SignInWithPasskey").WithSummary("Signs in with a passkey.").Produces<StaffActor>().ProducesProblem(StatusCodes.Status429TooManyRequests);
        doors.MapPost("/sign-in/demo", async (HttpContext http, SignInService service, IOneTimeLinks links, CancellationToken cancellationToken) =>
                Answer(await service.ForDemoAsync(http, links, cancellationToken)))
            .WithName("SignInForDemo").WithSummary("In a demonstration only: signs in as the manager.").Produces<StaffActor>().ProducesProblem(StatusCodes.Status404NotFound);
        doors.MapPost("/sign-out", async (HttpContext http, Sessions sessions) =>
            {
                await sessions.LeaveAsync(http);
                return Results.NoContent();
            })
            .WithName("SignOut").WithSummary("Signs this browser out.").Produces(StatusCodes.Status204NoContent);

        var own = routes.Changes(Right.OwnAccount).AddEndpointFilter(PeopleOnlyAsync);
        own.MapPost("/account/passkeys/question", async (HttpContext http, OwnAccount account, CancellationToken cancellationToken) =>
                Results.Text(await account.PasskeyQuestionAsync(http, http.Actor(), cancellationToken), "application/json"))
            .WithName("AskForNewPasskey").WithTags("sign-in").WithSummary("What a new passkey is made for, as WebAuthn says it.").Produces<object>();
        own.MapPost("/account/passkeys", async (NewPasskey request, HttpContext http, OwnAccount account, CancellationToken cancellationToken) =>
                Answer(await account.AddPasskeyAsync(http, http.Actor(), request.Credential, request.Name, cancellationToken)))
            .WithName("AddPasskey").WithTags("sign-in").WithSummary("Adds a passkey to one's own account.").Produces<StaffActor>();
        own.MapPut("/account/password", async (
                NewPassword request, HttpContext http, OwnAccount account, CancellationToken cancellationToken) =>
                Answer(await account.SetPasswordAsync(http, http.Actor(), request.Password, request.Present, cancellationToken)))
            .WithName("SetPassword").WithTags("sign-in").WithSummary("Sets the password of the one who is signed in; their other browsers are signed out.").Produces<StaffActor>();
    }

    /// <summary>A token has no password and no passkey.</summary>
    private static ValueTask<object?> PeopleOnlyAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.User.Identity?.AuthenticationType == BookingAuth.CookieScheme
            ? next(context)
            : ValueTask.FromResult<object?>(Refusal.NotAllowed.ToResult());

    private static IResult Answer(Outcome<StaffActor> outcome) => outcome.ToResult(StatusCodes.Status200OK);
}
