using System.Globalization;
using System.Runtime.InteropServices;
using FabLab.Contracts;
using FabLab.Gateway;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Node;
using FabLab.Gateway.Links;
using FabLab.Gateway.Uploading;
using FabLab.GatewayHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// The gateway in a process of its own, so that a test can kill it at any instruction and fill its disk. Broker, devices and
// Booking live in the test and go on when this process is gone.
// Arguments: the data folder, Booking's address, the broker's port. On standard input: "limit BYTES", "free", "drain" (says so when Booking has every line), "stop".
var (folder, booking, port) = (args[0], args[1], int.Parse(args[2], CultureInfo.InvariantCulture));
var builder = Host.CreateEmptyApplicationBuilder(null);
builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
{
    ["Gateway:DataFolder"] = folder,
    ["Gateway:BookingAddress"] = booking,
    ["Gateway:Language"] = "en",
    ["Gateway:LookOnNetwork"] = "false",
});
builder.Logging.AddSimpleConsole(o => o.SingleLine = true).SetMinimumLevel(LogLevel.Information);
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddSingleton(p => new DeviceRegistry(folder, p.GetRequiredService<ILogger<DeviceRegistry>>()));
builder.Services.AddSingleton<IDeviceSource, ListSource>();
builder.Services.AddSingleton(p =>
{
    var link = MqttLinks.Create(
        new MqttLinkOptions { Port = port, ClientId = "gw", Will = NodeDriver.Will(TimeProvider.System) }, TimeProvider.System,
        p.GetRequiredService<ILoggerFactory>().CreateLogger("Links"));
    link.Start();
    return link;
});
builder.Services.AddSingleton<INodeStore>(p => SqliteNodeStore.Open(Path.Combine(folder, "nodes.db"), p.GetRequiredService<ILogger<SqliteNodeStore>>()));
builder.Services.AddSingleton<IDeviceDriver>(p => new NodeDriver(
    p.GetRequiredService<IMqttLink>(), p.GetRequiredService<INodeStore>(), TimeProvider.System, p.GetRequiredService<ILogger<NodeDriver>>()));
builder.Services.AddGateway(builder.Configuration);
using var host = builder.Build();
await host.StartAsync();
while (await Console.In.ReadLineAsync() is { } line && line != "stop")
{
    if (line == "drain")
    {
        var uploader = host.Services.GetRequiredService<JournalUploader>();
        while (uploader.Waiting > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        Console.WriteLine("drained");
        continue;
    }
    FileSize.Limit(line == "free" ? null : ulong.Parse(line["limit ".Length..], CultureInfo.InvariantCulture));
}
await host.StopAsync();
return Environment.ExitCode;

namespace FabLab.GatewayHost
{
    internal sealed class ListSource(DeviceRegistry registry) : IDeviceSource
    {
        public ValueTask<IReadOnlyList<DeviceSettings>> ReadAsync(CancellationToken cancellationToken)
        {
            registry.Refresh();
            return ValueTask.FromResult(registry.Current);
        }

        public ValueTask WithdrawAsync(string id, CancellationToken cancellationToken)
        {
            registry.Remove(id);
            return ValueTask.CompletedTask;
        }

        public ValueTask<EnrolmentResult> EnrolAsync(DeviceSettings settings, CancellationToken cancellationToken)
        {
            registry.Put(settings);
            return ValueTask.FromResult(EnrolmentResult.Taken);
        }

        public ValueTask<bool> ProveAsync(string id, string? firmware, CancellationToken cancellationToken)
        {
            registry.Put(registry.Current.Single(device => device.Id == id) with { ProvenFirmware = firmware });
            return ValueTask.FromResult(true);
        }
    }

    /// <summary>A disk that is full for this process alone: what writes beyond a size fails as the kernel makes it fail.</summary>
    internal static partial class FileSize
    {
        private const int RlimitFsize = 1;
        private const int Sigxfsz = 25;
        private const nint Ignore = 1;

        public static void Limit(ulong? bytes)
        {
            // By default the signal ends the process; a full disk does not do that.
            _ = Signal(Sigxfsz, Ignore);
            var limit = new Rlimit { Soft = bytes ?? ulong.MaxValue, Hard = ulong.MaxValue };
            if (SetRlimit(RlimitFsize, in limit) != 0)
                throw new InvalidOperationException($"setrlimit: {Marshal.GetLastPInvokeError()}");
        }

        [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
        private static partial int SetRlimit(int resource, in Rlimit limit);

        [LibraryImport("libc", EntryPoint = "signal", SetLastError = true)]
        private static partial nint Signal(int number, nint handler);

        private struct Rlimit
        {
            public ulong Soft;
            public ulong Hard;
        }
    }
}
