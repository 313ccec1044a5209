using FabLab.Booking.Data;
using FabLab.Booking.Features;
using FabLab.Booking.Features.Devices;
using FabLab.Booking.Features.Floor;
using FabLab.Booking.Features.Hours;
using FabLab.Booking.Features.Idempotency;
using FabLab.Booking.Features.Journal;
using FabLab.Booking.Features.Lab;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Policy;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Visits;
using FabLab.Booking.Web;
using FabLab.Core.Json;
using FabLab.Core.Scheduling;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FabLab.Booking;

/// <summary>The way in for a host: <see cref="AddBooking"/>, <see cref="UseBooking"/>, <see cref="MapBooking"/>.</summary>
public static class BookingServices
{
    // As many as are asked at once in a busy moment; more are made when they are needed, and thrown away.
    private const int KeptContexts = SqliteReaders.Most;

    /// <summary>Adds everything Booking needs. Its settings are the section <c>Booking</c>.</summary>
    public static IServiceCollection AddBooking(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddBookingSettings(configuration);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<BookingFiles>();

        AddData(services);
        // Before everything else that runs: it brings the tables.
        services.AddHostedService<BookingStart>();
        BookingAuth.Add(services);
        BookingOpenApi.Add(services);
        services.AddSingleton<BadgeKeys>();
        services.AddSingleton<IBadgeKeys>(provider => provider.GetRequiredService<BadgeKeys>());
        services.AddSingleton(provider => new LabImport(provider.GetRequiredService<BookingWriter>(), provider.GetRequiredService<BadgeKeys>()));
        services.AddSingleton(provider => new LabLife(
            provider.GetRequiredService<BookingWriter>(), provider.GetRequiredService<BookingFactsReader>(), provider.GetRequiredService<SchoolHolidays>()));
        services.AddSingleton<PolicyNews>();
        services.AddSingleton<PolicyFeedEndpoint>();
        services.AddSingleton<FloorChanges>();
        services.AddPages();
        services.AddSingleton<MachineRecords>();
        services.AddSingleton<JournalIntake>();
        StaffChanges.Add(services);
        services.ConfigureHttpJsonOptions(json => CoreJson.AddTo(json.SerializerOptions));
        // A body that cannot be read is told by ProblemMiddleware, with its code.
        services.Configure<RouteHandlerOptions>(handlers => handlers.ThrowOnBadRequest = true);
        services.AddSingleton<Keeper>();
        services.AddHostedService(provider => provider.GetRequiredService<Keeper>());
        services.AddHostedService(provider => provider.GetRequiredService<ChangeRelay>());
        return services;
    }

    /// <summary>Adds the settings alone, checked at start: for who wants to know their faults before anything is built.</summary>
    public static IServiceCollection AddBookingSettings(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<BookingOptions>().Bind(configuration.GetSection(BookingOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<BookingOptions>, BookingOptionsValidator>();
        return services;
    }

    /// <summary>Sign-in, rights and error answers: before the endpoints.</summary>
    public static IApplicationBuilder UseBooking(this IApplicationBuilder app)
    {
        app.UsePages();
        app.UseMiddleware<ProblemMiddleware>();
        app.UseAuthentication();
        app.UseMiddleware<AnonymousLimit>();
        app.UseAuthorization();
        app.Use(BodyLimit.ApplyAsync);
        app.UseMiddleware<IdempotencyKeys>();
        app.UseAntiforgery();
        return app;
    }

    /// <summary>Adds the endpoints of the API and the pages.</summary>
    public static IEndpointRouteBuilder MapBooking(this IEndpointRouteBuilder routes)
    {
        PolicyFeedEndpoint.Map(routes);
        JournalIntake.Map(routes);
        DevicesSeenEndpoint.Map(routes);
        UpdateDevice.MapFile(routes);
        DoorEndpoints.Map(routes);
        SignInEndpoints.Map(routes);
        StaffChanges.Map(routes);
        BookingHealth.Map(routes);
        routes.MapOpenApi();
        routes.MapPages();
        return routes;
    }

    private static void AddData(IServiceCollection services)
    {
        services.AddSingleton<SqliteReaders>();
        services.AddPooledDbContextFactory<BookingDbContext>(
            (provider, builder) =>
            {
                var options = provider.GetRequiredService<IOptions<BookingOptions>>().Value;
                BookingDatabase.Common(builder);
                if (options.UsesPostgres)
                {
                    builder.UseNpgsql(BookingDatabase.ReadOnly(options.Database));
                }
                else
                {
                    builder.UseSqlite(SqliteFile.ConnectionString(provider.GetRequiredService<BookingFiles>().Database, pooled: true))
                        .AddInterceptors(provider.GetRequiredService<SqliteReaders>(), KeptStatements.Instance);
                }
            },
            KeptContexts);
        services.AddSingleton(provider =>
        {
            var options = provider.GetRequiredService<IOptions<BookingOptions>>().Value;
            IWriterStore store = options.UsesPostgres
                ? new PostgresWriterStore(options.Database, provider.GetRequiredService<CopyId>())
                : new SqliteWriterStore(provider.GetRequiredService<BookingFiles>().Database, provider.GetRequiredService<SqliteReaders>());
            return new BookingWriter(
                store, () => AnnounceRules(provider), provider.GetRequiredService<BookingSettingsCache>().Forget, provider.GetServices<IBookingEventSink>(), provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<BookingWriter>>());
        });
        services.TryAddSingleton(SchoolCalendar.Shipped);
        services.AddSingleton<BookingSettingsCache>();
        services.AddSingleton<BookingFactsReader>();
        services.AddSingleton<BookingDesk>();
        services.AddSingleton<BookingDatabase>();
        services.AddSingleton<CopyId>();
        services.AddSingleton<ChangeRelay>();
    }

    private static void AnnounceRules(IServiceProvider provider)
    {
        provider.GetRequiredService<PolicyNews>().Announce();
        provider.GetRequiredService<FloorChanges>().Announce(new FloorChange(FloorTopic.Rules, null));
    }
}
