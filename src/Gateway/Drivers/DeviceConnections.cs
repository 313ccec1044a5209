using FabLab.Gateway.Broker;
using FabLab.Gateway.Drivers.Node;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers;

/// <summary>The broker and the gateway's link to it; for the health page and the doctor as well.</summary>
public sealed class DeviceConnections : IAsyncDisposable
{
    public DeviceConnections(BrokerOptions options, string brokerFolder, string gatewayName, TimeProvider time, ILoggerFactory logs)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!options.IsExternal)
            Broker = new ManagedBroker(options, brokerFolder, [], time, logs.CreateLogger<ManagedBroker>());
        var link = Broker?.GatewayLink ?? new MqttLinkOptions
        {
            Host = options.ExternalHost!,
            Port = options.Port,
            ClientId = $"fablab-{gatewayName}",
            UserName = options.ExternalUser,
            Password = options.ExternalPassword,
            CaFile = options.ExternalCaFile,
            MaxPayload = Math.Max(64 * 1024, options.MaxMessageBytes),
        };
        Link = MqttLinks.Create(link with { Will = NodeDriver.Will(time) }, time, logs.CreateLogger("FabLab.Gateway.Links.Mqtt"));
    }

    /// <summary>Null when the broker is somebody else's.</summary>
    public ManagedBroker? Broker { get; }

    public IMqttLink Link { get; }

    /// <summary>Why devices on the broker cannot be reached, in words; null when they can.</summary>
    public string? Trouble => Link.Status.Phase == LinkPhase.Up ? null : Broker?.Status.Detail ?? Link.Status.Detail ?? "connecting";

    /// <summary>Starts both. Neither is waited for: the gateway works with what is there.</summary>
    public void Start(IReadOnlyCollection<DeviceAccess> devices)
    {
        _ = Broker?.SetDevices(devices);
        Broker?.Start();
        Link.Start();
    }

    public async ValueTask DisposeAsync()
    {
        await Link.DisposeAsync().ConfigureAwait(false);
        if (Broker is { } broker)
            await broker.DisposeAsync().ConfigureAwait(false);
    }
}
