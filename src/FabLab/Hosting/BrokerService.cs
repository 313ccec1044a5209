using FabLab.Gateway.Broker;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Options;

namespace FabLab.Host.Hosting;

/// <summary>
/// Starts the managed broker and the gateway's link to it, and gives the broker new passwords and rights when the list of
/// devices changes on the disk.
/// </summary>
internal sealed partial class BrokerService(
    ManagedBroker broker, IMqttLink link, DeviceRegistry registry, IEnumerable<IDeviceDriver> drivers, IOptions<BrokerOptions> options,
    TimeProvider time, ILogger<BrokerService> logger) : BackgroundService
{
    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(2);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        registry.Refresh();
        if (!options.Value.IsExternal)
        {
            GiveRights();
            broker.Start();
        }
        link.Start();
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        // The drivers' goodbye goes over the link, so they go first.
        foreach (var driver in drivers.OfType<IAsyncDisposable>())
            await driver.DisposeAsync();
        await link.DisposeAsync();
        await broker.DisposeAsync();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookPeriod, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (registry.Refresh() && !options.Value.IsExternal)
                GiveRights();
        }
    }

    private void GiveRights()
    {
        var kinds = drivers.ToDictionary(driver => driver.Kind, StringComparer.Ordinal);
        var access = registry.Current
            .Select(device => kinds.GetValueOrDefault(device.Driver)?.Access(device))
            .OfType<DeviceAccess>()
            .ToList();
        if (broker.SetDevices(access) is { } fault)
            Log.NotGiven(logger, fault);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 9201, Level = LogLevel.Error, Message = "The broker still has the old rights of devices: {Fault}")]
        public static partial void NotGiven(ILogger logger, string fault);
    }
}
