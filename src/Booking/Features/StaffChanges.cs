using FabLab.Booking.Features.Calendar;
using FabLab.Booking.Features.Details;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Hours;
using FabLab.Booking.Features.Journal;
using FabLab.Booking.Features.Lab;
using FabLab.Booking.Features.Ledger;
using FabLab.Booking.Features.LockOuts;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Messages;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Presence;
using FabLab.Booking.Features.Recognition;
using FabLab.Booking.Features.Reports;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Trainings;
using FabLab.Booking.Features.Visits;
using FabLab.Booking.Features.Volunteering;
using FabLab.Booking.Features.Webhooks;
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
        HabilitationChanges.Add(services);
        TrainingChanges.Add(services);
        services.AddSingleton<LockMachineOut>();
        services.AddSingleton<ReleaseLockOut>();
        services.AddSingleton<SetService>();
        services.AddSingleton<BindDevices>();
        services.AddSingleton<CorrectEntry>();
        services.AddSingleton<SetPresence>();
        BookingEndpoints.Add(services);
        services.AddSingleton<SeeAlarm>();
        HoursChanges.Add(services);
        AccountChanges.Add(services);
        MachinesAndDevicesChanges.Add(services);
        TraceChanges.Add(services);
        MessageChanges.Add(services);
        WebhookChanges.Add(services);
        CalendarChanges.Add(services);
        VisitChanges.Add(services);
        services.AddSingleton<Sites.SetSites>();
        GroupSessionChanges.Add(services);
        services.AddSingleton<SetDetails>();
        services.AddSingleton<KeepReportLinks>();
        services.AddSingleton<NoteVolunteering>();
        services.AddSingleton<RecognitionKeys>();
        services.AddSingleton<GiveBadge>();
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        AddPerson.Map(routes.Changes(Right.KeepPeople));
        ChangePerson.Map(routes.Changes(Right.KeepPeople));
        EnrolBadge.Map(routes.Changes(Right.KeepBadges));
        ChangeBadge.Map(routes.Changes(Right.KeepBadges));
        HabilitationChanges.Map(routes);
        TrainingChanges.Map(routes);
        LockMachineOut.Map(routes.Changes(Right.LockOut));
        ReleaseLockOut.Map(routes.Changes(Right.LockOut));
        SetService.Map(routes.Changes(Right.Maintain));
        BindDevices.Map(routes.Changes(Right.KeepDevices));
        CorrectEntry.Map(routes.Changes(Right.CorrectLedger));
        SetPresence.Map(routes.Changes(Right.CheckIn));
        BookingEndpoints.Map(routes);
        SeeAlarm.Map(routes.Changes(Right.SeeAlarms));
        HoursChanges.Map(routes);
        AccountChanges.Map(routes);
        MachinesAndDevicesChanges.Map(routes);
        ImportLab.Map(routes.Changes(Right.KeepLab));
        TraceChanges.Map(routes);
        MessageChanges.Map(routes);
        WebhookChanges.Map(routes);
        CalendarChanges.Map(routes);
        VisitChanges.Map(routes);
        Sites.SetSites.Map(routes.Changes(SignIn.Right.KeepLab));
        GroupSessionChanges.Map(routes);
        SetDetails.Map(routes);
        KeepReportLinks.Map(routes);
        NoteVolunteering.Map(routes);
        GiveBadge.Map(routes);
    }
}
