using FabLab.Booking.Features.Idempotency;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Core.Json;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace FabLab.Booking.Features;

/// <summary>What the endpoints of the API for people have in common.</summary>
internal static class Endpoints
{
    public const string Root = "/api/v1";

    /// <summary>
    /// Changes by somebody who has the right, whatever it reaches (the handler asks that, with the object at hand): a cookie and the
    /// anti-forgery token, which another site cannot know; or a bearer token, which no browser adds by itself.
    /// </summary>
    public static RouteGroupBuilder Changes(this IEndpointRouteBuilder routes, Right right) =>
        routes.MapGroup(Root).Needs(right).AddEndpointFilter(CheckTokenAsync).AddEndpointFilter(StaleAnswer.FilterAsync)
            // Passwords and ways in are not kept, not even as a hash.
            .WithMetadata(right is Right.OwnAccount or Right.GiveSignIn or Right.KeepAccounts ? IdempotencyTerms.Refused : IdempotencyTerms.Taken)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden);

    /// <summary>Lets in only who has the right. What it reaches is the handler's question.</summary>
    public static TBuilder Needs<TBuilder>(this TBuilder endpoints, Right right)
        where TBuilder : IEndpointConventionBuilder => endpoints.RequireAuthorization(BookingAuth.Policy(right)).WithMetadata(new NeedsRight(right));

    public static async ValueTask<object?> CheckTokenAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        if (context.HttpContext.User.Identity?.AuthenticationType == BookingAuth.TokenScheme)
            return await next(context);
        await context.HttpContext.RequestServices.GetRequiredService<IAntiforgery>().ValidateRequestAsync(context.HttpContext);
        return await next(context);
    }

    /// <summary>Who makes the change. The endpoint's policy let only somebody signed in through.</summary>
    public static StaffActor Actor(this HttpContext http) =>
        StaffActor.From(http.User) ?? throw new InvalidOperationException("This endpoint needs somebody signed in.");

    public static IResult ToResult<T>(this Outcome<T> outcome, int status) =>
        outcome.ToResult(value => Results.Json(value, CoreJson.Options, statusCode: status));
}
