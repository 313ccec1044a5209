using FabLab.Booking.Features.Hours.Pages;
using FabLab.Booking.Features.SignIn;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace FabLab.Booking.Features.Hours;

/// <summary>What is done with hours, terms, quotas, rooms and pools.</summary>
internal static class HoursChanges
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<SchoolHolidays>();
        services.AddSingleton<SetSiteHours>();
        services.AddSingleton<SetMachineHours>();
        services.AddSingleton<SetSchoolHolidays>();
        services.AddSingleton<SetTerms>();
        services.AddSingleton<SetBookingEnd>();
        services.AddSingleton<SetClaimWindow>();
        services.AddSingleton<SetQuota>();
        services.AddSingleton<SetResource>();
        services.AddSingleton<SetPool>();
        services.AddScoped<HoursQueries>();
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        ReadHours.Map(routes);
        ReadBookingRules.Map(routes);
        SetSiteHours.Map(routes.Changes(Right.CloseDay));
        SetMachineHours.Map(routes.Changes(Right.KeepMachines));
        SetTerms.Map(routes.Changes(Right.KeepMachines));
        SetBookingEnd.Map(routes.Changes(Right.KeepMachines));
        var keeping = routes.Changes(Right.KeepHours);
        SetSchoolHolidays.Map(keeping);
        SetClaimWindow.Map(keeping);
        SetQuota.Map(keeping);
        SetResource.Map(keeping);
        SetPool.Map(keeping);
    }
}
