using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using FabLab.Gateway.Drivers;
using FabLab.Host.Ports;
using FabLab.Host.Running;

namespace FabLab.Host.Bench;

/// <summary>A lab in two processes, so that what the gateway takes is its own: <c>fablab booking</c>, which has the rules, and <c>fablab gateway</c>.</summary>
internal sealed class GatewayLab : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly HttpClient _http;
    private readonly BenchProcess _booking;

    private GatewayLab(BenchProcess booking, BenchProcess gateway, HttpClient http) => (_booking, Gateway, _http) = (booking, gateway, http);

    public BenchProcess Gateway { get; }

    /// <param name="folder">Where its files lie.</param>
    /// <param name="devices">The devices, as <c>devices.json</c> has them.</param>
    /// <param name="description">Machines and people, as <c>fablab import</c> takes them.</param>
    /// <param name="brokerPort">The broker's port on this computer.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<GatewayLab> StartAsync(DirectoryInfo folder, IEnumerable<JsonNode> devices, JsonObject description, int brokerPort, CancellationToken cancellationToken)
    {
        var list = Path.Combine(folder.FullName, DeviceRegistry.FileName);
        await File.WriteAllTextAsync(list, new JsonObject { ["devices"] = new JsonArray([.. devices]) }.ToJsonString(), cancellationToken);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(list, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var lab = Path.Combine(folder.FullName, "bench-lab.json");
        await File.WriteAllTextAsync(lab, description.ToJsonString(), cancellationToken);
        var ports = PortHolder.FindFree(IPAddress.Loopback, 2);
        string[] common = ["--data", folder.FullName, "--web-port", Text(ports[0]), "--mqtt-port", Text(brokerPort), "--Logging:LogLevel:Default", "Warning"];
        // Both at once: the gateway waits for its key and its rules.
        var booking = BenchProcess.Start("FabLab's pages are at", ["booking", .. common]);
        var gateway = BenchProcess.Start(
            "The gateway is running.", ["gateway", .. common, "--gateway-port", Text(ports[1]), $"--{DeviceHosting.BrokerSection}:ExternalHost", "127.0.0.1"]);
        try
        {
            await booking.StandsAsync(cancellationToken);
            var answer = await LineSocket.AskAsync(
                Path.Combine(folder.FullName, HostSocket.FileName), new JsonObject { ["do"] = "import", ["file"] = lab }.ToJsonString(), cancellationToken);
            if (answer is null || JsonNode.Parse(answer)?["faults"] is not JsonArray { Count: 0 })
                throw new BenchException($"The lab could not be brought in: {answer}");
            await gateway.StandsAsync(cancellationToken);
            return new GatewayLab(booking, gateway, new HttpClient { BaseAddress = new Uri($"http://localhost:{ports[1]}/") });
        }
        catch
        {
            await gateway.DisposeAsync();
            await booking.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until the gateway has its machines and looks after its devices, and, where that is asked for, hears each of them.</summary>
    public async Task WaitAsync(int machines, int devices, bool online, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var status = await StatusAsync(cancellationToken);
            var (known, open, there) = Count(status);
            if (known >= machines && open >= devices && (!online || there >= devices))
                return;
            if (TimeProvider.System.GetElapsedTime(began) > Patience)
            {
                var missing = status["devices"]!.AsArray().Where(device => !device!["online"]!.GetValue<bool>()).Select(device => device!["device"]!.ToString()).Take(5);
                throw new BenchException($"After two minutes the gateway knows {known} of {machines} machines, looks after {open} of {devices} devices and hears {there}; not {string.Join(", ", missing)}. {Gateway.Words}");
            }
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Devices the gateway hears now.</summary>
    public async Task<int> OnlineAsync(CancellationToken cancellationToken) => Count(await StatusAsync(cancellationToken)).Online;

    /// <summary>Managed memory that the gateway's last collection of garbage left, in megabytes.</summary>
    public async Task<double> HeapAsync(CancellationToken cancellationToken)
    {
        const string Name = "fablab_heap_bytes ";
        var line = (await _http.GetStringAsync(new Uri("metrics", UriKind.Relative), cancellationToken)).Split('\n').FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal));
        return line is null ? 0 : Math.Round(double.Parse(line[Name.Length..], CultureInfo.InvariantCulture) / (1024 * 1024), 1);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Gateway.DisposeAsync();
        await _booking.DisposeAsync();
    }

    private async Task<JsonNode> StatusAsync(CancellationToken cancellationToken) =>
        JsonNode.Parse(await _http.GetStringAsync(new Uri("gateway/status", UriKind.Relative), cancellationToken))!;

    private static (int Machines, int Devices, int Online) Count(JsonNode status)
    {
        var devices = status["devices"]!.AsArray();
        return (status["machines"]!.AsArray().Count, devices.Count(device => device!["running"]!.GetValue<bool>()), devices.Count(device => device!["online"]!.GetValue<bool>()));
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
