using FabLab.Booking.Features;
using FabLab.Booking.Features.Alarms.Pages;
using FabLab.Booking.Features.Calendar.Pages;
using FabLab.Booking.Features.Details.Pages;
using FabLab.Booking.Features.Devices.Pages;
using FabLab.Booking.Features.Floor.Pages;
using FabLab.Booking.Features.GroupSessions.Pages;
using FabLab.Booking.Features.Habilitations.Pages;
using FabLab.Booking.Features.Hours.Pages;
using FabLab.Booking.Features.Import.Pages;
using FabLab.Booking.Features.Jobs.Pages;
using FabLab.Booking.Features.Ledger.Pages;
using FabLab.Booking.Features.Machines.Pages;
using FabLab.Booking.Features.Messages.Pages;
using FabLab.Booking.Features.Minors.Pages;
using FabLab.Booking.Features.People.Pages;
using FabLab.Booking.Features.Privacy.Pages;
using FabLab.Booking.Features.Programmes.Pages;
using FabLab.Booking.Features.Recognition.Pages;
using FabLab.Booking.Features.Reports;
using FabLab.Booking.Features.Reports.Pages;
using FabLab.Booking.Features.Reservations.Pages;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.SignIn.Pages;
using FabLab.Booking.Features.Trainings.Pages;
using FabLab.Booking.Features.Visits.Pages;
using FabLab.Booking.Features.Volunteering.Pages;
using FabLab.Booking.Features.Webhooks.Pages;
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
        services.AddScoped<LatestActs>();
        services.AddSingleton<DoneNotes>();
        services.AddSingleton<LiveStream>();
        services.AddScoped<FloorQueries>();
        services.AddScoped<LedgerQueries>();
        services.AddScoped<ReportQueries>();
        services.AddScoped<VolunteeringQueries>();
        services.AddScoped<JobQueries>();
        services.AddScoped<MachineQueries>();
        services.AddScoped<PeopleQueries>();
        services.AddScoped<AlarmQueries>();
        services.AddScoped<BadgeQueries>();
        services.AddScoped<CareQueries>();
        services.AddScoped<DeviceQueries>();
        services.AddScoped<TraceQueries>();
        ReservePages.Add(services);
        services.AddScoped<GroupQueries>();
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
        var open = routes.Pages();
        FloorPages.Map(open);
        MachinePages.Map(open, routes.Pages(Right.LockOut));
        SignInPages.Map(open, routes.Pages(Right.OwnAccount));
        AccessPages.Map(routes);
        PeoplePages.Map(routes);
        LedgerPages.Map(routes);
        ReportPages.Map(routes);
        Features.Sites.Pages.SitePages.Map(routes);
        DetailsPages.Map(routes);
        LinkPages.Map(routes);
        VolunteeringPages.Map(routes);
        RecognitionPages.Map(routes);
        AlarmPages.Map(routes.Pages(Right.SeeAlarms));
        HabilitationPages.Map(routes);
        BadgePages.Map(routes.Pages(Right.KeepBadges));
        CarePages.Map(open, routes);
        JobPages.Map(routes.Pages(Right.ClaimJobs));
        DevicePages.Map(routes.Pages(Right.KeepDevices));
        GroupPages.Map(routes.Pages(Right.KeepGroups));
        MinorPages.Map(routes);
        PrivacyPages.Map(routes);
        ImportPages.Map(routes.Pages(Right.KeepLab));
        TrainingPages.Map(routes);
        HoursPages.Map(open, routes);
        MachineHoursPages.Map(routes.Pages(Right.KeepMachines));
        BookingRulesPages.Map(routes.Pages(Right.KeepHours));
        ResourcesPages.Map(routes.Pages(Right.KeepHours));
        SessionPages.Map(routes);
        MessagePages.Map(routes);
        ReservePages.Map(routes);
        WebhookPages.Map(routes);
        CalendarPages.Map(routes);
        DeskPages.Map(routes);
        GroupSessionPages.Map(routes);
        ProgrammePages.Map(routes);
        PathwayPages.Map(routes);
    }

    /// <summary>Pages for everybody.</summary>
    public static RouteGroupBuilder Pages(this IEndpointRouteBuilder routes) =>
        routes.MapGroup("").AddEndpointFilter(CheckTokenAsync).AddEndpointFilter(PageFrame.FilterAsync).AddEndpointFilter(StaleForm.FilterAsync).ExcludeFromDescription();

    /// <summary>Pages and forms for those who have the right, whatever it reaches: the page asks that with the object at hand.</summary>
    public static RouteGroupBuilder Pages(this IEndpointRouteBuilder routes, Right right) => routes.Pages().Needs(right);

    /// <summary>The framework looks at the token only where a handler binds a field of the form; here every post is looked at.</summary>
    private static ValueTask<object?> CheckTokenAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next) =>
        HttpMethods.IsGet(call.HttpContext.Request.Method) ? next(call) : Endpoints.CheckTokenAsync(call, next);
}
