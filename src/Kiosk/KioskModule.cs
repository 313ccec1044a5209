using FabLab.Contracts;
using FabLab.Kiosk.Door;
using FabLab.Kiosk.Link;
using FabLab.Kiosk.Pages;
using FabLab.Kiosk.Storage;
using FabLab.Ui;
using FabLab.Ui.Assets;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace FabLab.Kiosk;

/// <summary>The door: one screen at the entrance, touch first, that goes on when Booking does not answer.</summary>
public static class KioskModule
{
    /// <summary>Services of the door; reads the section <see cref="KioskOptions.Section"/>.</summary>
    public static IServiceCollection AddKiosk(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddUi();
        services.AddHttpContextAccessor();
        services.AddKioskSettings(configuration);
        services.AddHttpClient<PlaceClient>((provider, http) => http.BaseAddress = AddressOf(provider));
        // The limits of the line are the link's own.
        services.AddHttpClient(BookingLink.HttpName, (provider, http) => (http.BaseAddress, http.Timeout) = (AddressOf(provider), Timeout.InfiniteTimeSpan));
        services.AddSingleton<PlaceReader>();
        services.AddScoped<DoorLook>();
        services.AddSingleton(provider => KioskStore.Open(provider.GetRequiredService<IOptions<KioskOptions>>().Value.DatabasePath));
        services.AddSingleton(provider => KioskSeal.Open(provider.GetRequiredService<IOptions<KioskOptions>>().Value.SealPath));
        services.AddSingleton<DoorMemory>();
        services.AddSingleton<Moments>();
        services.AddSingleton<DoorDesk>();
        services.AddSingleton<BookingLink>();
        services.AddSingleton<DoorFetcher>();
        services.AddHostedService(provider => provider.GetRequiredService<DoorFetcher>());
        services.AddSingleton<VisitUploader>();
        services.AddHostedService(provider => provider.GetRequiredService<VisitUploader>());
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
        app.Use(next => context => DoorLook.RememberAsync(context, next));
        app.Use(next => context => OwnFormsOnlyAsync(context, next));
        app.MapUiAssets();
        DoorPages.Map(app);
        StaffPages.Map(app);
    }

    /// <summary>Nothing on this screen needs a sign-in, so nothing may be sent here from another site's page.</summary>
    private static async Task OwnFormsOnlyAsync(HttpContext context, RequestDelegate next)
    {
        // What is on the screen belongs to who stands there: the way back shows it to nobody.
        if (!context.Request.Path.StartsWithSegments("/assets", StringComparison.Ordinal))
            context.Response.Headers.CacheControl = "no-store";
        var origin = context.Request.Headers.Origin.ToString();
        var foreign = context.Request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site"
            || (origin is { Length: > 0 } and not "null" && !(Uri.TryCreate(origin, UriKind.Absolute, out var from) && from.Authority == context.Request.Host.Value));
        if (HttpMethods.IsPost(context.Request.Method) && foreign)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            await Message(context, CommonText.BadRequestTitle, CommonText.BadRequestBody).ExecuteAsync(context);
            return;
        }
        await next(context);
    }

    private static RazorComponentResult<MessageScreen> Message(HttpContext context, Phrase heading, Phrase body) =>
        new(new Dictionary<string, object?>
        {
            [nameof(MessageScreen.Heading)] = heading,
            [nameof(MessageScreen.Body)] = body,
            [nameof(MessageScreen.Place)] = context.RequestServices.GetRequiredService<IOptions<KioskOptions>>().Value.PlaceName,
        })
        { StatusCode = context.Response.StatusCode };

    private static Uri AddressOf(IServiceProvider provider) =>
        new(provider.GetRequiredService<IOptions<KioskOptions>>().Value.BookingAddress.TrimEnd('/') + "/", UriKind.Absolute);
}
