using FabLab.Booking.Features.Privacy.Pages;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Web;

/// <summary>A change that overtook another one, as a program is told of it.</summary>
/// <param name="At">When.</param>
/// <param name="Action">Its code in the audit.</param>
/// <param name="Words">The same for people; null where the code has none.</param>
/// <param name="By">Who made it; null where the caller may not read who.</param>
/// <param name="Own">Whether the caller made it.</param>
public sealed record ChangeMeanwhile(Instant At, string Action, Words? Words, string? By, bool Own);

/// <summary>Adds to the answer <c>stale</c> of the API what was changed of that thing in the last day, by whom and when, as the pages tell it. ADR 0098.</summary>
internal static class StaleAnswer
{
    public static async ValueTask<object?> FilterAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        object? result = await next(call);
        if (result is not ProblemHttpResult problem || !problem.ProblemDetails.Extensions.TryGetValue("code", out object? code) || code is not ProblemCodes.Stale)
            return result;
        HttpContext http = call.HttpContext;
        // What the caller may read of others is what the pages would show them.
        await http.RequestServices.GetRequiredService<PageFrame>().LoadAsync(http);
        var acts = await http.RequestServices.GetRequiredService<LatestActs>().OfAsync(
            http, [], http.RequestServices.GetRequiredService<PageText>().Now, http.RequestAborted);
        problem.ProblemDetails.Extensions["changes"] = acts.Select(act => new ChangeMeanwhile(act.At, act.Action, ActWords.Of(act.Action), act.By, act.Own)).ToArray();
        return result;
    }
}
