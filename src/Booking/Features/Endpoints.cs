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

    /// <summary>Changes by somebody signed in: a cookie and the anti-forgery token, which another site cannot know.</summary>
    public static RouteGroupBuilder Changes(this IEndpointRouteBuilder routes, string policy) =>
        routes.MapGroup(Root).RequireAuthorization(policy).AddEndpointFilter(CheckTokenAsync)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden);

    public static async ValueTask<object?> CheckTokenAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        await context.HttpContext.RequestServices.GetRequiredService<IAntiforgery>().ValidateRequestAsync(context.HttpContext);
        return await next(context);
    }

    /// <summary>Who makes the change. The endpoint's policy let only somebody signed in through.</summary>
    public static StaffActor Actor(this HttpContext http) =>
        StaffActor.From(http.User) ?? throw new InvalidOperationException("This endpoint needs somebody signed in.");

    public static IResult ToResult<T>(this Outcome<T> outcome, int status) =>
        outcome.ToResult(value => Results.Json(value, CoreJson.Options, statusCode: status));
}
