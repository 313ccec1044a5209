using FabLab.Contracts;
using FabLab.Kiosk.Door;
using FabLab.Kiosk.Pages;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NodaTime;

namespace FabLab.Kiosk;

/// <summary>What the screens have in common: the name of the place, its zone, what is known of it without waiting.</summary>
internal static class DoorFrame
{
    /// <summary>A screen with its parameters, from what is known here: nobody waits for the network.</summary>
    public static RazorComponentResult Show<TScreen>(this HttpContext http, params (string Name, object? Value)[] parameters)
        where TScreen : DoorScreen => http.Show<TScreen>(Seen(http), 200, parameters);

    public static RazorComponentResult Show<TScreen>(this HttpContext http, int status, params (string Name, object? Value)[] parameters)
        where TScreen : DoorScreen => http.Show<TScreen>(Seen(http), status, parameters);

    public static RazorComponentResult Show<TScreen>(this HttpContext http, PlaceSeen seen, int status, params (string Name, object? Value)[] parameters)
        where TScreen : DoorScreen
    {
        UseZone(http, seen);
        var all = parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value, StringComparer.Ordinal);
        all[nameof(DoorScreen.Place)] = seen.Place is { Name.Length: > 0 } place ? place.Name : http.RequestServices.GetRequiredService<IOptions<KioskOptions>>().Value.PlaceName;
        all[nameof(DoorScreen.Path)] = http.Request.Path + http.Request.QueryString;
        return new RazorComponentResult(typeof(TScreen), all) { StatusCode = status };
    }

    public static RazorComponentResult Part<TPart>(this HttpContext http, PlaceSeen seen, params (string Name, object? Value)[] parameters)
        where TPart : IComponent
    {
        UseZone(http, seen);
        return new RazorComponentResult(typeof(TPart), parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value, StringComparer.Ordinal));
    }

    /// <summary>The place as Booking says it, or as it was told before.</summary>
    public static async Task<PlaceSeen> ReadPlaceAsync(this HttpContext http) =>
        OrKnown(http, await http.RequestServices.GetRequiredService<PlaceReader>().ReadAsync(http.RequestAborted));

    /// <summary>The place as it is known here.</summary>
    public static PlaceSeen Seen(HttpContext http) => OrKnown(http, http.RequestServices.GetRequiredService<PlaceReader>().Last);

    /// <summary>Until when the place is open, by the hours that were told; null when it is closed or has none.</summary>
    public static Instant? OpenUntil(HttpContext http)
    {
        var now = http.RequestServices.GetRequiredService<PageText>().Now;
        if (http.RequestServices.GetRequiredService<DoorMemory>().Last?.Hours is not { } hours)
            return null;
        Instant? reached = null;
        foreach (var opening in hours.OrderBy(opening => opening.From))
        {
            if (opening.From <= (reached ?? now) && opening.Until > now)
                reached = reached is { } before ? Instant.Max(before, opening.Until) : opening.Until;
        }
        return reached;
    }

    private static PlaceSeen OrKnown(HttpContext http, PlaceSeen seen)
    {
        if (seen.Place is not null || http.RequestServices.GetRequiredService<DoorMemory>().Last is not { } kept)
            return seen;
        var until = OpenUntil(http);
        var now = http.RequestServices.GetRequiredService<PageText>().Now;
        var next = kept.Hours?.Where(opening => opening.From > now).Select(opening => (Instant?)opening.From).Min();
        return new PlaceSeen(new PlaceNow(kept.Name, kept.Zone, kept.ServerTime, kept.Hours is null ? null : until is not null, until ?? next, []), Old: true);
    }

    private static void UseZone(HttpContext http, PlaceSeen seen)
    {
        if (seen.Place is { } place && DateTimeZoneProviders.Tzdb.GetZoneOrNull(place.Zone) is { } zone)
            http.RequestServices.GetRequiredService<PageText>().Use(zone);
    }
}
