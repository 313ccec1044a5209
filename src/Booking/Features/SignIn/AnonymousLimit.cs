using System.Collections.Concurrent;
using FabLab.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace FabLab.Booking.Features.SignIn;

/// <summary>
/// How often one address may ask without being signed in. Gateways, kiosks and programs with a token are not counted, nor are the files
/// of the pages; a wrong key or token is.
/// </summary>
internal sealed class AnonymousLimit(RequestDelegate next, TimeProvider time, IOptions<BookingOptions> options)
{
    private const int MostPlaces = 10_000;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Count> _places = new(StringComparer.Ordinal);

    public async Task InvokeAsync(HttpContext http)
    {
        if (StaffActor.From(http.User) is not null || IsFree(http.Request) || Passes(SignInAttempts.Place(http.Connection.RemoteIpAddress, null)))
        {
            await next(http);
            return;
        }
        http.Response.Headers.RetryAfter = "60";
        if (http.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal))
            await new Refusal(ProblemCodes.TooManyAttempts, StatusCodes.Status429TooManyRequests, "Too many requests from here. Wait a minute.").ToResult().ExecuteAsync(http);
        else
            http.Response.StatusCode = StatusCodes.Status429TooManyRequests;
    }

    private static bool IsFree(HttpRequest request) =>
        request.Path.StartsWithSegments("/assets", StringComparison.Ordinal) || request.Path.StartsWithSegments("/health", StringComparison.Ordinal)
        || request.Path.StartsWithSegments("/api/v1/gateways", StringComparison.Ordinal)
        || request.Path.StartsWithSegments(Contracts.DoorNow.Path, StringComparison.Ordinal) || request.Path.StartsWithSegments(Contracts.VisitBatch.Path, StringComparison.Ordinal);

    private bool Passes(string place)
    {
        var now = time.GetUtcNow();
        if (_places.Count >= MostPlaces)
            Sweep(now);
        var count = _places.AddOrUpdate(
            place, _ => new Count(1, now), (_, old) => old.Since + Window <= now ? new Count(1, now) : old with { Asked = old.Asked + 1 });
        return count.Asked <= options.Value.AnonymousPerMinute;
    }

    private void Sweep(DateTimeOffset now)
    {
        foreach (var (place, count) in _places)
        {
            if (count.Since + Window <= now)
                _places.TryRemove(place, out _);
        }
        // Still full: a network of machines asks. Counting starts anew rather than memory grows.
        if (_places.Count >= MostPlaces)
            _places.Clear();
    }

    private sealed record Count(int Asked, DateTimeOffset Since);
}
