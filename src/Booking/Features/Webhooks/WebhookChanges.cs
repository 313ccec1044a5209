using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.SignIn;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace FabLab.Booking.Features.Webhooks;

/// <summary>Other programs that are told of events: services and endpoints.</summary>
internal static class WebhookChanges
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<WebhookSignal>();
        services.AddSingleton<WebhookSecrets>();
        services.AddSingleton<WebhookSender>();
        services.AddSingleton<IBookingEventSink, WebhookSink>();
        services.AddSingleton<WebhookPost>();
        services.AddHostedService(provider => provider.GetRequiredService<WebhookPost>());
        services.AddSingleton<KeepWebhooks>();
    }

    public static void Map(IEndpointRouteBuilder routes) => KeepWebhooks.Map(routes, routes.Changes(Right.KeepLab));
}
