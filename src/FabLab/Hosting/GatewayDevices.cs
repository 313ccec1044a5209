using FabLab.Gateway.Broker;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Node;
using FabLab.Gateway.Links;
using FabLab.Host.Settings;
using Microsoft.Extensions.Options;

namespace FabLab.Host.Hosting;

/// <summary>
/// What the gateway reaches its devices with: the broker, the link to it, the drivers, the list of devices. Started before the
/// gateway, ended after it.
/// </summary>
internal static class GatewayDevices
{
    public static IServiceCollection AddGatewayDevices(this IServiceCollection services, IConfiguration configuration, ProgramOptions options)
    {
        services.AddOptions<BrokerOptions>().Bind(configuration.GetSection("Broker")).ValidateOnStart();
        services.AddSingleton<IValidateOptions<BrokerOptions>, BrokerOptionsValidator>();
        services.AddSingleton(p => new DeviceRegistry(options.Data, p.GetRequiredService<ILogger<DeviceRegistry>>()));
        services.AddSingleton<IDeviceSource, RegistrySource>();
        services.AddSingleton(p => new ManagedBroker(
            p.GetRequiredService<IOptions<BrokerOptions>>().Value, Path.Combine(options.Data, "broker"), [],
            p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<ManagedBroker>>()));
        services.AddSingleton(Link);
        services.AddSingleton<INodeStore>(p => SqliteNodeStore.Open(Path.Combine(options.Data, "nodes.db"), p.GetRequiredService<ILogger<SqliteNodeStore>>()));
        services.AddSingleton<IDeviceDriver>(p => new NodeDriver(
            p.GetRequiredService<IMqttLink>(), p.GetRequiredService<INodeStore>(), p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<NodeDriver>>(),
            LockFolder(options)));
        services.AddHostedService<BrokerService>();
        return services;
    }

    /// <summary>The folder in which everybody who opens serial ports locks them, where this user may write there.</summary>
    private static string LockFolder(ProgramOptions options) => Directory.Exists("/run/lock") && CanWrite("/run/lock") ? "/run/lock" : options.Data;

    private static bool CanWrite(string folder)
    {
        try
        {
            var probe = Path.Combine(folder, $"fablab-{Environment.ProcessId}");
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static IMqttLink Link(IServiceProvider services)
    {
        var broker = services.GetRequiredService<IOptions<BrokerOptions>>().Value;
        var time = services.GetRequiredService<TimeProvider>();
        var options = broker.IsExternal
            ? new MqttLinkOptions
            {
                Host = broker.ExternalHost!,
                Port = broker.Port,
                ClientId = "gw",
                UserName = broker.ExternalUser,
                Password = broker.ExternalPassword,
                CaFile = broker.ExternalCaFile,
            }
            : services.GetRequiredService<ManagedBroker>().GatewayLink;
        return MqttLinks.Create(options with { Will = NodeDriver.Will(time) }, time, services.GetRequiredService<ILoggerFactory>().CreateLogger("FabLab.Gateway.Links"));
    }

    /// <summary>Names every fault at once, each with its key.</summary>
    private sealed class BrokerOptionsValidator : IValidateOptions<BrokerOptions>
    {
        public ValidateOptionsResult Validate(string? name, BrokerOptions options) =>
            options.Validate("Broker") is { Count: > 0 } faults ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }

    /// <summary>The devices as the registry has them now.</summary>
    private sealed class RegistrySource(DeviceRegistry registry) : IDeviceSource
    {
        public ValueTask<IReadOnlyList<DeviceSettings>> ReadAsync(CancellationToken cancellationToken)
        {
            registry.Refresh();
            return ValueTask.FromResult(registry.Current);
        }
    }
}
