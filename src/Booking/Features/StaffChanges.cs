using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Journal;
using FabLab.Booking.Features.Lab;
using FabLab.Booking.Features.Ledger;
using FabLab.Booking.Features.LockOuts;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Presence;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.SignIn;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace FabLab.Booking.Features;

/// <summary>Everything staff can change, as handlers for the pages and as endpoints of the API.</summary>
internal static class StaffChanges
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<AddPerson>();
        services.AddSingleton<ChangePerson>();
        services.AddSingleton<EnrolBadge>();
        services.AddSingleton<ChangeBadge>();
        services.AddSingleton<GrantHabilitation>();
        services.AddSingleton<ActOnHabilitation>();
        services.AddSingleton<LockMachineOut>();
        services.AddSingleton<ReleaseLockOut>();
        services.AddSingleton<SetService>();
        services.AddSingleton<BindDevices>();
        services.AddSingleton<CorrectEntry>();
        services.AddSingleton<SetPresence>();
        services.AddSingleton<BookMachine>();
        services.AddSingleton<SeeAlarm>();
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        var staff = routes.Changes(BookingAuth.Staff);
        AddPerson.Map(staff);
        ChangePerson.Map(staff);
        EnrolBadge.Map(staff);
        ChangeBadge.Map(staff);
        GrantHabilitation.Map(staff);
        ActOnHabilitation.Map(staff);
        LockMachineOut.Map(staff);
        ReleaseLockOut.Map(staff);
        SetService.Map(staff);
        BindDevices.Map(staff);
        CorrectEntry.Map(staff);
        SetPresence.Map(staff);
        BookMachine.Map(staff);
        SeeAlarm.Map(staff);
        var managers = routes.Changes(BookingAuth.Manager);
        MakeSignInLink.Map(managers);
        ImportLab.Map(managers);
    }
}
