using FabLab.Gateway.Discovery;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Flow;
using FabLab.Gateway.Journal;
using FabLab.Gateway.Policy;
using FabLab.Gateway.Supervision;
using FabLab.Gateway.Uploading;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FabLab.Gateway;

/// <summary>How a host takes the gateway in.</summary>
public static class GatewayHost
{
    /// <summary>Adds the gateway. Drivers (<see cref="IDeviceDriver"/>) and the list of devices (<see cref="IDeviceSource"/>) are added beside it.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The host's configuration; the section is <c>Gateway</c>.</param>
    public static IServiceCollection AddGateway(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddGatewaySettings(configuration);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new DiskClock(TimeProvider.System));
        services.AddSingleton(p => new GatewayClock(p.GetRequiredService<TimeProvider>()));
        services.AddSingleton<AlarmBoard>();
        services.TryAddSingleton<DeviceFarewell>();
        services.AddSingleton<GatewayMetrics>();
        services.AddSingleton<GatewayStatus>();
        services.AddSingleton<FirmwareDesk>();
        services.TryAddSingleton(new PortsAround("/dev"));
        services.AddSingleton(p => new Surroundings(p.GetRequiredService<PortsAround>(), p.GetService<HeardAround>(), p.GetService<NetworkAround>(), p.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ResolveBadge>();
        services.AddSingleton(p =>
        {
            var options = p.GetRequiredService<IOptions<GatewayOptions>>().Value;
            return GatewayJournal.Open(
                options.JournalFile, options.JournalMaxBytes, p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<GatewayJournal>>(),
                p.GetRequiredService<DiskClock>().Time);
        });
        services.AddSingleton(p => new CounterStore(p.GetRequiredService<GatewayJournal>()));
        services.AddSingleton(p => new BookingConnection(
            new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(15), ConnectTimeout = TimeSpan.FromSeconds(5) }),
            p.GetRequiredService<IOptions<GatewayOptions>>(),
            p.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IJournalIntake>(p => p.GetRequiredService<BookingConnection>());
        services.TryAddSingleton<IPolicySource>(p => p.GetRequiredService<BookingConnection>());
        services.TryAddSingleton<IDeviceDesk>(p => p.GetRequiredService<BookingConnection>());
        services.AddSingleton<PolicyReplica>();
        services.AddSingleton<JournalUploader>();
        services.AddHostedService<GatewayService>();
        return services;
    }

    /// <summary>Adds the settings alone, checked at start: for who wants to know their faults before anything is built.</summary>
    public static IServiceCollection AddGatewaySettings(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<GatewayOptions>().Bind(configuration.GetSection(GatewayOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<GatewayOptions>, GatewayOptionsValidator>();
        return services;
    }

    /// <summary>Health, metrics, and what the command line asks. No person is named; bind it to this computer or to a trusted network.</summary>
    public static IEndpointRouteBuilder MapGateway(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", (GatewayStatus status) =>
            status.Failed is { } cause ? Results.Text($"failed: {cause}\n", statusCode: StatusCodes.Status503ServiceUnavailable) : Results.Text("live\n"));
        routes.MapGet("/health/ready", Ready);
        routes.MapGet("/metrics", (GatewayMetrics metrics) => Results.Text(metrics.Expose(), "text/plain; version=0.0.4"));
        routes.MapGet("/gateway/status", (GatewayStatus status, AlarmBoard alarms, FirmwareDesk firmware, IServiceProvider services) =>
            Results.Json(
                // Null: devices on MQTT can be reached, or nobody has asked for MQTT.
                new { status.Machines, status.Devices, Firmware = firmware.All, Alarms = alarms.Active, Broker = services.GetService<DeviceConnections>()?.Trouble }, Core.Json.CoreJson.Options));
        return routes;
    }

    /// <summary>Ready: machines are looked after, what happens can be written down, devices can be reached, and there are rules to decide by.</summary>
    private static IResult Ready(GatewayStatus status, GatewayJournal journal, PolicyReplica policy, IServiceProvider services)
    {
        var missing = new List<string>();
        if (!status.Running)
            missing.Add("starting");
        if (journal.Health.Fault is { } fault)
            missing.Add($"storage_failure: {fault.Kind}");
        if (services.GetService<DeviceConnections>()?.Trouble is { } trouble)
            missing.Add($"broker: {trouble}");
        if (policy.Current.Revision == 0)
            missing.Add("no rules from Booking yet");
        return missing.Count == 0
            ? Results.Text("ready\n")
            : Results.Text(string.Join('\n', missing) + "\n", statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}
