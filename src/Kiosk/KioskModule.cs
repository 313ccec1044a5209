using FabLab.Contracts;
using FabLab.Kiosk.Pages;
using FabLab.Ui;
using FabLab.Ui.Assets;
using FabLab.Ui.Parts;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NodaTime;

namespace FabLab.Kiosk;

/// <summary>The door: one screen at the entrance, touch first, that goes on when Booking does not answer.</summary>
public static class KioskModule
{
    /// <summary>Services of the door; reads the section <see cref="KioskOptions.Section"/>.</summary>
    public static IServiceCollection AddKiosk(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddUi();
        services.AddKioskSettings(configuration);
        services.AddHttpClient<PlaceClient>((provider, http) =>
            http.BaseAddress = new Uri(provider.GetRequiredService<IOptions<KioskOptions>>().Value.BookingAddress));
        services.AddSingleton<PlaceReader>();
        return services;
    }

    /// <summary>Adds the settings alone, checked at start: for who wants to know their faults before anything is built.</summary>
    public static IServiceCollection AddKioskSettings(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<KioskOptions>().Bind(configuration.GetSection(KioskOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<KioskOptions>, KioskOptionsValidator>();
        return services;
    }

    /// <summary>Middlewares and screens of the door, in an app of its own.</summary>
    public static void MapKiosk(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.UseUi();
        app.UseExceptionHandler(failed => failed.Run(context =>
            Message(context, CommonText.FailedTitle, CommonText.FailedBody).ExecuteAsync(context)));
        app.UseStatusCodePages(async status =>
        {
            if (status.HttpContext.Response.StatusCode == StatusCodes.Status404NotFound)
                await Message(status.HttpContext, CommonText.NotFoundTitle, CommonText.NotFoundBody).ExecuteAsync(status.HttpContext);
        });
        app.MapUiAssets();
        app.MapGet("/", async (HttpContext context, PlaceReader places) =>
            await ShowAsync<HomeScreen>(context, places, withPlace: true));
        app.MapGet("/machines", async (HttpContext context, PlaceReader places) =>
            await ShowAsync<MachinesScreen>(context, places, withPlace: true));
        app.MapGet("/how", async (HttpContext context, PlaceReader places) => await ShowAsync<HowScreen>(context, places, withPlace: false));
        app.MapGet("/help", async (HttpContext context, PlaceReader places) => await ShowAsync<HelpScreen>(context, places, withPlace: false));
        app.MapGet("/now", async (HttpContext context, PlaceReader places) =>
        {
            PlaceSeen seen = await places.ReadAsync(context.RequestAborted);
            UseZone(context, seen);
            return new RazorComponentResult<PlaceStrip>(new Dictionary<string, object?> { [nameof(PlaceStrip.Seen)] = seen });
        });
    }

    private static async Task<RazorComponentResult> ShowAsync<TScreen>(HttpContext context, PlaceReader places, bool withPlace)
        where TScreen : UiComponent
    {
        PlaceSeen seen = await places.ReadAsync(context.RequestAborted);
        UseZone(context, seen);
        var parameters = new Dictionary<string, object?>
        {
            [nameof(HomeScreen.Place)] = NameOf(context, seen),
            [nameof(HomeScreen.Path)] = context.Request.Path + context.Request.QueryString,
        };
        if (withPlace)
            parameters[nameof(HomeScreen.Seen)] = seen;
        return new RazorComponentResult(typeof(TScreen), parameters);
    }

    private static RazorComponentResult<MessageScreen> Message(HttpContext context, Phrase heading, Phrase body) =>
        new(new Dictionary<string, object?>
        {
            [nameof(MessageScreen.Heading)] = heading,
            [nameof(MessageScreen.Body)] = body,
            [nameof(MessageScreen.Place)] = context.RequestServices.GetRequiredService<IOptions<KioskOptions>>().Value.PlaceName,
        })
        { StatusCode = context.Response.StatusCode };

    private static string NameOf(HttpContext context, PlaceSeen seen) => seen.Place is { Name.Length: > 0 } place
        ? place.Name
        : context.RequestServices.GetRequiredService<IOptions<KioskOptions>>().Value.PlaceName;

    private static void UseZone(HttpContext context, PlaceSeen seen)
    {
        if (seen.Place is { } place && DateTimeZoneProviders.Tzdb.GetZoneOrNull(place.Zone) is { } zone)
            context.RequestServices.GetRequiredService<PageText>().Use(zone);
    }
}
