using FabLab.Gateway.Broker;
using FabLab.Gateway.Discovery;
using FabLab.Gateway.Drivers.Bambu;
using FabLab.Gateway.Drivers.EspHome;
using FabLab.Gateway.Drivers.EspRfid;
using FabLab.Gateway.Drivers.FabOMatic;
using FabLab.Gateway.Drivers.Grbl;
using FabLab.Gateway.Drivers.HomeAssistant;
using FabLab.Gateway.Drivers.Hpgl;
using FabLab.Gateway.Drivers.Moonraker;
using FabLab.Gateway.Drivers.Node;
using FabLab.Gateway.Drivers.OctoPrint;
using FabLab.Gateway.Drivers.Osdp;
using FabLab.Gateway.Drivers.Pcsc;
using FabLab.Gateway.Drivers.Plugs;
using FabLab.Gateway.Drivers.Pn532;
using FabLab.Gateway.Drivers.PrusaLink;
using FabLab.Gateway.Drivers.Rdm6300;
using FabLab.Gateway.Drivers.Shelly;
using FabLab.Gateway.Drivers.ShellyGen1;
using FabLab.Gateway.Drivers.Tasmota;
using FabLab.Gateway.Drivers.Wedge;
using FabLab.Gateway.Drivers.Zigbee2Mqtt;
using FabLab.Gateway.Links;
using FabLab.Gateway.Supervision;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FabLab.Gateway.Drivers;

/// <summary>How a host takes in the broker, the links and the drivers.</summary>
public static class DeviceHosting
{
    /// <summary>The section of <see cref="BrokerOptions"/>.</summary>
    public const string BrokerSection = "Gateway:Broker";

    /// <summary>
    /// Adds <c>devices.json</c>, the broker (our own or somebody else's), the MQTT link and every driver. They start before, and
    /// stop after, everything that is added with <see cref="GatewayHost.AddGateway"/>, whichever is called first.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The host's configuration; the section is <see cref="BrokerSection"/>.</param>
    public static IServiceCollection AddGatewayDevices(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<AlarmBoard>();
        services.AddBrokerSettings(configuration);
        services.TryAddSingleton<DeviceFarewell>();
        services.AddSingleton(p => new DeviceRegistry(DataFolder(p), p.GetRequiredService<ILogger<DeviceRegistry>>()));
        services.AddSingleton<IDeviceSource>(p => new RegistrySource(
            p.GetRequiredService<DeviceRegistry>(), p.GetRequiredService<INodeStore>(), p.GetRequiredService<DeviceConnections>(),
            p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<RegistrySource>>()));
        services.AddSingleton<INodeStore>(p => SqliteNodeStore.Open(Path.Combine(DataFolder(p), "nodes.db"), p.GetRequiredService<ILogger<SqliteNodeStore>>()));
        services.AddSingleton(p => new DeviceConnections(
            p.GetRequiredService<BrokerOptions>(), Path.Combine(DataFolder(p), "broker"),
            p.GetRequiredService<IOptions<GatewayOptions>>().Value.Name, p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton(p => p.GetRequiredService<DeviceConnections>().Link);
        services.AddSingleton<NodeDriver>(p => new NodeDriver(
            p.GetRequiredService<IMqttLink>(), p.GetRequiredService<INodeStore>(), p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<NodeDriver>>()));
        services.AddPlug<TasmotaDriver>().AddPlug<ShellyDriver>().AddPlug<ShellyGen1Driver>().AddPlug<EspHomeDriver>().AddPlug<Zigbee2MqttDriver>().AddPlug<HomeAssistantDriver>().AddPlug<FabOMaticDriver>();
        services.AddSingleton<Rdm6300Driver>(p => new Rdm6300Driver(p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<Rdm6300Driver>>()));
        services.AddSingleton<Pn532Driver>(p => new Pn532Driver(p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<Pn532Driver>>()));
        services.AddWitness<MoonrakerDriver>().AddWitness<OctoPrintDriver>().AddWitness<OctoPrintMqttDriver>().AddWitness<PrusaLinkDriver>().AddWitness<BambuDriver>().AddWitness<GrblDriver>();
        services.AddSingleton<IDeviceDriver, EspRfidDriver>();
        services.AddSingleton<IDeviceDriver>(p => p.GetRequiredService<NodeDriver>());
        services.AddSingleton<IDeviceDriver>(p => p.GetRequiredService<Pn532Driver>());
        services.AddSingleton<IDeviceDriver>(p => p.GetRequiredService<Rdm6300Driver>());
        services.AddSingleton<IDeviceDriver>(p => new HpglDriver(p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<HpglDriver>>()));
        services.AddSingleton<IDeviceDriver>(p => new OsdpDriver(p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<OsdpDriver>>()));
        services.AddSingleton<IDeviceDriver>(p => new PcscDriver(p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<PcscDriver>>()));
        services.AddSingleton<IDeviceDriver>(p => new WedgeDriver(p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<WedgeDriver>>()));
        services.AddSingleton(p => new HeardAround(p.GetRequiredService<IMqttLink>()));
        services.AddSingleton(p => new NetworkAround(p.GetRequiredService<BrokerOptions>().ReachedFrom, p.GetRequiredService<TimeProvider>()));
        services.AddHostedService<DeviceService>();
        services.AddHostedService(p => new NetworkEars(
            p.GetRequiredService<NetworkAround>(), p.GetRequiredService<IOptions<GatewayOptions>>().Value.LookOnNetwork ? NetworkPorts.Usual : null,
            p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<NetworkEars>>()));
        return services;
    }

    /// <summary>Adds the broker's settings alone, checked at start: for who wants to know their faults before anything is built.</summary>
    public static IServiceCollection AddBrokerSettings(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(_ => configuration.GetSection(BrokerSection).Get<BrokerOptions>() ?? new BrokerOptions());
        services.AddOptions<BrokerCheck>().ValidateOnStart();
        services.AddSingleton<IValidateOptions<BrokerCheck>, BrokerCheckValidator>();
        return services;
    }

    private static IServiceCollection AddPlug<T>(this IServiceCollection services)
        where T : PlugDriver => services
            .AddSingleton<T>()
            .AddSingleton<PlugDriver>(p => p.GetRequiredService<T>())
            .AddSingleton<IDeviceDriver>(p => p.GetRequiredService<T>());

    private static IServiceCollection AddWitness<T>(this IServiceCollection services)
        where T : class, IDeviceDriver => services.AddSingleton<T>().AddSingleton<IDeviceDriver>(p => p.GetRequiredService<T>());

    private static string DataFolder(IServiceProvider services) => services.GetRequiredService<IOptions<GatewayOptions>>().Value.DataFolder;

    /// <summary>Carries the broker's settings through the host's validation at start.</summary>
    private sealed class BrokerCheck;

    private sealed class BrokerCheckValidator(BrokerOptions options) : IValidateOptions<BrokerCheck>
    {
        public ValidateOptionsResult Validate(string? name, BrokerCheck check) =>
            options.Validate(BrokerSection) is { Count: > 0 } faults ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }
}
