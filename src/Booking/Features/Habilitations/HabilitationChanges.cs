using FabLab.Booking.Features.Habilitations.Pages;
using FabLab.Booking.Features.SignIn;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace FabLab.Booking.Features.Habilitations;

/// <summary>What is done with habilitations and with what machines ask for.</summary>
internal static class HabilitationChanges
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<GrantHabilitation>();
        services.AddSingleton<ActOnHabilitation>();
        services.AddSingleton<UndoHabilitation>();
        services.AddSingleton<ArmInduction>();
        services.AddSingleton<SetMachineRules>();
        services.AddScoped<MatrixQueries>();
        services.AddScoped<ExpiringQueries>();
        services.AddScoped<PassportQueries>();
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        GrantHabilitation.Map(routes.Changes(Right.Grant));
        ActOnHabilitation.Map(routes.Changes(Right.Grant));
        UndoHabilitation.Map(routes.Changes(Right.Grant));
        ArmInduction.Map(routes.Changes(Right.Grant));
        SetMachineRules.Map(routes.Changes(Right.KeepMachines), routes.Changes(Right.LockOut), routes.Changes(Right.KeepLab));
    }
}
