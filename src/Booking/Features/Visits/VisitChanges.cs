using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Visits.Pages;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace FabLab.Booking.Features.Visits;

/// <summary>Visits: what staff change, and what the door needs.</summary>
internal static class VisitChanges
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<VisitBook>();
        services.AddSingleton<DoorReader>();
        services.AddSingleton<VisitIntake>();
        services.AddScoped<DoorSource>();
        services.AddSingleton<CorrectVisit>();
        services.AddSingleton<CountVisitor>();
        services.AddSingleton<AnswerCall>();
        services.AddSingleton<SetReasons>();
        services.AddSingleton<SetDoorPin>();
        services.AddScoped<DeskQueries>();
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        CorrectVisit.Map(routes.Changes(Right.KeepDoor));
        CountVisitor.Map(routes.Changes(Right.KeepDoor));
        AnswerCall.Map(routes.Changes(Right.KeepDoor));
        SetDoorPin.Map(routes.Changes(Right.KeepDoor));
        SetReasons.Map(routes.Changes(Right.KeepLab));
    }
}
