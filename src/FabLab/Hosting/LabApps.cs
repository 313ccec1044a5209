using System.Globalization;
using System.Net;
using FabLab.Booking;
using FabLab.Gateway;
using FabLab.Gateway.Drivers;
using FabLab.Host.Settings;
using FabLab.Kiosk;
using Microsoft.Extensions.Configuration.Memory;

namespace FabLab.Host.Hosting;

/// <summary>One of the services as an app of its own.</summary>
/// <param name="Name">What it is called when something is wrong with it.</param>
/// <param name="App">The app.</param>
internal sealed record LabApp(string Name, WebApplication App);

/// <summary>Builds the services. Between them there are only HTTP messages, also when they run in one process.</summary>
internal static class LabApps
{
    /// <summary>The name of the gateway that lives beside Booking.</summary>
    public const string GatewayName = "main";

    /// <summary>The name of the kiosk that lives beside Booking.</summary>
    public const string KioskName = "door";

    public static LabApp Booking(ProgramConfiguration configuration, bool demo) => Booking(configuration, demo, configuration.Options.WebPort);

    /// <param name="configuration">The settings.</param>
    /// <param name="demo">Whether it is a demonstration.</param>
    /// <param name="port">Where it listens; null for nowhere, when only its data is wanted.</param>
    public static LabApp Booking(ProgramConfiguration configuration, bool demo, int? port)
    {
        var options = configuration.Options;
        var builder = Builder(configuration, port, demo, BookingDefaults(options, demo));
        builder.Services.AddBooking(builder.Configuration);
        var app = builder.Build();
        app.UseBooking();
        app.MapBooking();
        return new LabApp("booking", app);
    }

    /// <summary>Booking and a gateway behind one port. They still speak HTTP to each other.</summary>
    /// <param name="configuration">The settings.</param>
    /// <param name="demo">Whether it is a demonstration.</param>
    /// <param name="time">The clock; null for the computer's.</param>
    public static LabApp Lab(ProgramConfiguration configuration, bool demo, TimeProvider? time = null)
    {
        var options = configuration.Options;
        var builder = Builder(configuration, options.WebPort, demo, [.. BookingDefaults(options, demo), .. GatewayDefaults(options)], time);
        builder.Services.AddBooking(builder.Configuration);
        builder.Services.AddGatewayDevices(builder.Configuration).AddGateway(builder.Configuration);
        var app = builder.Build();
        app.UseBooking();
        app.MapBooking();
        app.MapGateway();
        return new LabApp("lab", app);
    }

    /// <summary>A gateway alone; its port is for health and metrics only.</summary>
    public static LabApp Gateway(ProgramConfiguration configuration)
    {
        var options = configuration.Options;
        var builder = Builder(configuration, options.GatewayPort, demo: false, GatewayDefaults(options));
        builder.Services.AddGatewayDevices(builder.Configuration).AddGateway(builder.Configuration);
        var app = builder.Build();
        app.MapGateway();
        return new LabApp("gateway", app);
    }

    /// <summary>The door alone.</summary>
    /// <param name="configuration">The settings.</param>
    /// <param name="demo">Whether it is a demonstration.</param>
    /// <param name="time">The clock; null for the computer's.</param>
    public static LabApp Kiosk(ProgramConfiguration configuration, bool demo, TimeProvider? time = null)
    {
        var options = configuration.Options;
        var builder = Builder(configuration, options.KioskPort, demo, KioskDefaults(options), time);
        builder.Services.AddKiosk(builder.Configuration);
        var app = builder.Build();
        app.MapKiosk();
        return new LabApp("kiosk", app);
    }

    /// <summary>What the services are told where nobody has said anything.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Defaults(ProgramOptions options) =>
        [.. BookingDefaults(options, demo: false), .. GatewayDefaults(options), .. KioskDefaults(options)];

    private static List<KeyValuePair<string, string?>> KioskDefaults(ProgramOptions options) =>
    [
        new($"{KioskOptions.Section}:BookingAddress", options.Web.ToString()),
        new($"{KioskOptions.Section}:Name", KioskName),
        new($"{KioskOptions.Section}:DataFolder", options.Data),
    ];

    private static List<KeyValuePair<string, string?>> BookingDefaults(ProgramOptions options, bool demo) =>
    [
        new($"{BookingOptions.Section}:DataFolder", options.Data),
        new($"{BookingOptions.Section}:PublicAddress", options.Web.ToString()),
        new($"{BookingOptions.Section}:Gateways:0", GatewayName),
        new($"{BookingOptions.Section}:Kiosks:0", KioskName),
        new($"{BookingOptions.Section}:Demo", demo ? "true" : "false"),
    ];

    private static List<KeyValuePair<string, string?>> GatewayDefaults(ProgramOptions options) =>
    [
        new($"{GatewayOptions.Section}:Name", GatewayName),
        new($"{GatewayOptions.Section}:DataFolder", options.Data),
        new($"{GatewayOptions.Section}:BookingAddress", options.Web.ToString()),
        new($"{DeviceHosting.BrokerSection}:Port", options.MqttPort.ToString(CultureInfo.InvariantCulture)),
        new($"{DeviceHosting.BrokerSection}:LanAddress", IPAddress.IsLoopback(options.Listen) ? null : options.Listen.ToString()),
        // Who is for this computer alone asks nothing of a network either.
        new($"{GatewayOptions.Section}:{nameof(GatewayOptions.LookOnNetwork)}", IPAddress.IsLoopback(options.Listen) ? "false" : "true"),
    ];

    private static WebApplicationBuilder Builder(ProgramConfiguration configuration, int? port, bool demo, List<KeyValuePair<string, string?>> defaults, TimeProvider? time = null)
    {
        var options = configuration.Options;
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, ApplicationName = "fablab" });
        defaults.AddRange(
        [
            new("Logging:LogLevel:Default", demo ? "Error" : "Information"),
            new("Logging:LogLevel:Microsoft", demo ? "Error" : "Warning"),
            new("Logging:LogLevel:System", demo ? "Error" : "Warning"),
            new("AllowedHosts", "*"),
        ]);
        // What the services are told lies below everything a person may have set.
        builder.Configuration.Sources.Clear();
        builder.Configuration.Sources.Add(new MemoryConfigurationSource { InitialData = defaults });
        builder.Configuration.AddConfiguration(configuration.Root);
        builder.Logging.ClearProviders();
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        // Without a port it runs for a moment inside a verb, whose standard output belongs to its answer.
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = port is null ? LogLevel.Trace : LogLevel.None);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            if (port is { } taken)
                kestrel.Listen(options.Listen, taken);
        });
        if (port is null)
            builder.Services.AddSingleton<Microsoft.AspNetCore.Hosting.Server.IServer, NoServer>();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));
        return builder;
    }
}
