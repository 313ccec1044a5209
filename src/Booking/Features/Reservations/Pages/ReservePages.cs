using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace FabLab.Booking.Features.Reservations.Pages;

/// <summary>The pages about bookings: booking, one's own, the plannings.</summary>
internal static class ReservePages
{
    public static void Add(IServiceCollection services)
    {
        services.AddScoped<BookQueries>();
        services.AddScoped<BookPages.Booker>();
        services.AddScoped<MineQueries>();
        services.AddScoped<BookingPages.Keeper>();
        services.AddScoped<PlanningQueries>();
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        BookPages.Map(routes);
        BookingPages.Map(routes);
        PlanningPages.Map(routes);
    }
}
