using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace FabLab.Booking.Features.SignIn;

/// <summary>What is changed about accounts: who has one, what they are, how they come in.</summary>
internal static class AccountChanges
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<GiveAccess>();
        services.AddSingleton<GiveAccessAtDoor>();
        services.AddSingleton<SetAccount>();
        services.AddSingleton<SetGroup>();
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        MakeSignInLink.Map(routes.Changes(Right.GiveSignIn));
        GiveAccess.Map(routes.Changes(Right.GiveSignIn));
        SetAccount.Map(routes.Changes(Right.KeepAccounts));
        SetGroup.Map(routes.Changes(Right.KeepGroups));
    }
}
