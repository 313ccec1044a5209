using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Import;
using FabLab.Booking.Features.Minors;
using FabLab.Booking.Features.Privacy;
using FabLab.Booking.Features.SignIn;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace FabLab.Booking.Features;

/// <summary>Traces of what was done, and the rights of the people it is about.</summary>
internal static class TraceChanges
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<IAuditCheck, AuditCheck>();
        services.AddSingleton<Purge>();
        services.AddSingleton<ErasePerson>();
        services.AddSingleton<PersonExport>();
        services.AddSingleton<KeepMinor>();
        services.AddSingleton<IPeopleImport, PeopleImport>();
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        ReadPersonData.Map(routes);
        KeepMinor.Map(routes.Changes(Right.KeepMinors));
        ErasePerson.Map(routes.Changes(Right.ErasePeople));
        ImportPeople.Map(routes.Changes(Right.KeepLab));
    }
}
