using FabLab.Booking.Features.GroupSessions.Pages;
using FabLab.Booking.Features.Programmes;
using FabLab.Booking.Features.Programmes.Pages;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Visits;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace FabLab.Booking.Features.GroupSessions;

/// <summary>What is done with programmes and with séances.</summary>
internal static class GroupSessionChanges
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<SetProgramme>();
        services.AddSingleton<SetCatalogue>();
        services.AddSingleton<ShowOwnPage>();
        services.AddSingleton<SetGroupSession>();
        services.AddSingleton<KeepList>();
        services.AddSingleton<HoldSession>();
        services.AddSingleton<MarkAttendees>();
        services.AddSingleton<KeepSheet>();
        services.AddSingleton<SessionArrivals>();
        services.AddSingleton<IArrivals>(provider => provider.GetRequiredService<SessionArrivals>());
        services.AddSingleton<IDoorLines, SessionLines>();
        services.AddScoped<GroupSessionQueries>();
        services.AddScoped<GroupSessionPages.At>();
        services.AddScoped<ProgrammeQueries>();
        services.AddScoped<PathwayQueries>();
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        var keeping = routes.Changes(Right.KeepProgrammes);
        SetProgramme.Map(keeping);
        SetCatalogue.Map(keeping);
        ShowOwnPage.Map(routes.Changes(Right.SeePeople));
        var (preparing, leading) = (routes.Changes(Right.PrepareSessions), routes.Changes(Right.LeadSessions));
        SetGroupSession.Map(preparing, leading, keeping);
        KeepList.Map(preparing, leading);
        HoldSession.Map(leading);
        MarkAttendees.Map(leading);
        KeepSheet.Map(leading);
    }
}
