using FabLab.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace FabLab.Booking.Features;

/// <summary>How many bytes an endpoint takes; without it, <see cref="Ordinary"/>.</summary>
internal sealed record BodyLimit(long Bytes)
{
    public const long Ordinary = 128 * 1024;

    /// <summary>Before the endpoint reads: refuses what says it is too large, and stops what is without saying so.</summary>
    public static async Task ApplyAsync(HttpContext http, RequestDelegate next)
    {
        var limit = http.GetEndpoint()?.Metadata.GetMetadata<BodyLimit>()?.Bytes ?? Ordinary;
        if (http.Request.ContentLength > limit)
        {
            await new Refusal(ProblemCodes.TooLarge, StatusCodes.Status413PayloadTooLarge, $"At most {limit} bytes.").ToResult().ExecuteAsync(http);
            return;
        }
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = limit;
        await next(http);
    }
}
