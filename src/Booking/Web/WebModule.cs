using FabLab.Booking.Features.Alarms.Pages;
using FabLab.Booking.Features.Floor.Pages;
using FabLab.Booking.Features.Ledger.Pages;
using FabLab.Booking.Features.Machines.Pages;
using FabLab.Booking.Features.People.Pages;
using FabLab.Booking.Features.SignIn.Pages;
using FabLab.Ui;
using FabLab.Ui.Assets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace FabLab.Booking.Web;

/// <summary>The pages of Booking: services, middlewares, endpoints.</summary>
internal static class WebModule
{
    public static void AddPages(this IServiceCollection services)
    {
        services.AddUi();
        services.AddScoped<PageFrame>();
        services.AddSingleton<DoneNotes>();
        services.AddSingleton<LiveStream>();
        services.AddScoped<FloorQueries>();
        services.AddScoped<LedgerQueries>();
        services.AddScoped<MachineQueries>();
        services.AddScoped<PeopleQueries>();
        services.AddScoped<AlarmQueries>();
    }

    /// <summary>Before sign-in: headers, language, pages for errors.</summary>
    public static void UsePages(this IApplicationBuilder app)
    {
        app.UseUi();
        app.UseMiddleware<PageProblems>();
    }

    public static void MapPages(this IEndpointRouteBuilder routes)
    {
        routes.MapUiAssets();
        PlaceEndpoint.Map(routes);
        RouteGroupBuilder open = routes.MapGroup("").AddEndpointFilter(PageFrame.FilterAsync).ExcludeFromDescription();
        RouteGroupBuilder staff = routes.MapGroup("").RequireAuthorization(BookingAuth.Staff)
            .AddEndpointFilter(PageFrame.FilterAsync).ExcludeFromDescription();
        FloorPages.Map(open);
        MachinePages.Map(open, staff);
        SignInPages.Map(open, staff);
        PeoplePages.Map(staff);
        LedgerPages.Map(staff);
        AlarmPages.Map(staff);
    }
}
