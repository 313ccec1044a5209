using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Trainings.Pages;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace FabLab.Booking.Features.Trainings;

/// <summary>What is done with trainings and their sessions.</summary>
internal static class TrainingChanges
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<SetTraining>();
        services.AddSingleton<SetSession>();
        services.AddSingleton<Enrol>();
        services.AddSingleton<MarkAttendance>();
        services.AddSingleton<GiveHabilitations>();
        services.AddScoped<TrainingQueries>();
        services.AddHttpContextAccessor();
        services.AddScoped<SessionPages.Session>();
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        SetTraining.Map(routes.Changes(Right.KeepTrainings));
        SetSession.Map(routes.Changes(Right.Teach));
        Enrol.Map(routes.Changes(Right.Enrol), routes.Changes(Right.Teach));
        MarkAttendance.Map(routes.Changes(Right.Teach));
        GiveHabilitations.Map(routes.Changes(Right.Teach));
    }
}
