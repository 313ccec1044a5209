using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using FabLab.Gateway.Drivers;
using FabLab.Host.Ports;
using FabLab.Host.Running;
using FabLab.Protocol;

namespace FabLab.Host.Bench;

/// <summary>A lab with any number of machines, run by <c>fablab up</c> as a process of its own, on a folder that goes away afterwards.</summary>
internal sealed class BenchLab : IAsyncDisposable
{
    private const string Training = "bench";

    private readonly DirectoryInfo _folder;
    private readonly BenchProcess _process;
    private readonly Dictionary<string, DeviceKey> _keys;

    private BenchLab(DirectoryInfo folder, BenchProcess process, Dictionary<string, DeviceKey> keys, Uri web) =>
        (_folder, _process, _keys, Web) = (folder, process, keys, web);

    public Uri Web { get; }

    public string Folder => _folder.FullName;

    /// <summary>Two tags for each machine, so that a reader never sees the same one twice in a row.</summary>
    public static string TagOf(int machine, int which) => string.Create(CultureInfo.InvariantCulture, $"5A{(machine * 2) + which + 1:X8}");

    public static string DeviceOf(int machine) => string.Create(CultureInfo.InvariantCulture, $"bench-{machine}");

    public DeviceKey KeyOf(int machine) => _keys[DeviceOf(machine)];

    /// <param name="folder">Where its files lie.</param>
    /// <param name="machines">How many.</param>
    /// <param name="brokerPort">The broker's port on this computer.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <param name="trained">Whether its machines ask for a training that nobody has yet.</param>
    public static async Task<BenchLab> StartAsync(DirectoryInfo folder, int machines, int brokerPort, CancellationToken cancellationToken, bool trained = false)
    {
        var keys = Enumerable.Range(0, machines).ToDictionary(DeviceOf, _ => DeviceKey.Create(), StringComparer.Ordinal);
        await WriteDevicesAsync(Path.Combine(folder.FullName, DeviceRegistry.FileName), keys, cancellationToken);
        var description = Path.Combine(folder.FullName, "bench-lab.json");
        await File.WriteAllTextAsync(description, Describe(machines, trained).ToJsonString(), cancellationToken);
        var ports = PortHolder.FindFree(IPAddress.Loopback, 2);
        var (web, kiosk) = (ports[0], ports[1]);
        var process = BenchProcess.Start(
            "FabLab is running.",
            "up", "--data", folder.FullName, "--web-port", Text(web), "--kiosk-port", Text(kiosk), "--mqtt-port", Text(brokerPort),
            $"--{DeviceHosting.BrokerSection}:ExternalHost", "127.0.0.1", "--Logging:LogLevel:Default", "Warning");
        var lab = new BenchLab(folder, process, keys, new Uri($"http://localhost:{web}/"));
        try
        {
            await lab.BringInAsync(description, cancellationToken);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    private async Task BringInAsync(string description, CancellationToken cancellationToken)
    {
        await _process.StandsAsync(cancellationToken);
        var answer = await LineSocket.AskAsync(
            Path.Combine(Folder, HostSocket.FileName), new JsonObject { ["do"] = "import", ["file"] = description }.ToJsonString(), cancellationToken);
        if (answer is null || JsonNode.Parse(answer)?["faults"] is not JsonArray { Count: 0 })
            throw new BenchException($"The lab could not be brought in: {answer}");
    }

    /// <summary>Waits until the gateway has its rules, and it and the devices hear each other.</summary>
    public async Task WaitUntilReadyAsync(int machines, IReadOnlyCollection<BenchNode> devices, TimeSpan every, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = Web };
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var status = JsonNode.Parse(await http.GetStringAsync(new Uri("gateway/status", UriKind.Relative), cancellationToken))!;
            var known = status["machines"]!.AsArray().Count;
            var online = status["devices"]!.AsArray().Count(device => device!["online"]!.GetValue<bool>());
            if (known >= machines && online >= devices.Count && devices.All(device => device.HasGateway))
                return;
            if (TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(120))
                throw new BenchException($"After two minutes the gateway knows {known} of {machines} machines and hears {online} devices; {devices.Count(device => device.HasGateway)} of {devices.Count} hear it.");
            await Task.Delay(every, TimeProvider.System, cancellationToken);
        }
    }

    public ProcessMemory Memory => _process.Memory;

    /// <summary>Milliseconds since the program was started.</summary>
    public double Milliseconds(long until) => _process.Milliseconds(until);

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static async Task WriteDevicesAsync(string file, Dictionary<string, DeviceKey> keys, CancellationToken cancellationToken)
    {
        var devices = new JsonArray([.. keys.Select(pair => (JsonNode)new JsonObject
        {
            ["id"] = pair.Key, ["driver"] = "node", ["link"] = "mqtt", ["channels"] = 1, ["key"] = pair.Value.ToBase64Url(), ["keyId"] = 1,
        })]);
        await File.WriteAllTextAsync(file, new JsonObject { ["devices"] = devices }.ToJsonString(), cancellationToken);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private static JsonObject Describe(int machines, bool trained) => new()
    {
        // Whoever taps until they may is nobody who tries badges.
        ["site"] = trained ? new JsonObject { ["name"] = "Bench", ["attemptLimit"] = 0 } : new JsonObject { ["name"] = "Bench" },
        ["trainings"] = trained ? new JsonArray(new JsonObject { ["code"] = Training, ["nameFr"] = "Banc", ["nameEn"] = "Bench" }) : [],
        ["devices"] = new JsonArray([.. Enumerable.Range(0, machines).Select(i => (JsonNode)new JsonObject { ["id"] = DeviceOf(i), ["driver"] = "node", ["channels"] = BenchNode.Readers })]),
        ["machines"] = new JsonArray([.. Enumerable.Range(0, machines).Select(i => Machine(i, trained))]),
        ["people"] = new JsonArray([.. Enumerable.Range(0, machines * 2).Select(i => (JsonNode)new JsonObject
        {
            ["code"] = $"P{i}", ["age"] = 30, ["badges"] = new JsonArray(TagOf(i / 2, i % 2)),
        })]),
    };

    private static JsonObject Machine(int index, bool trained)
    {
        var bindings = new JsonArray(new JsonObject { ["role"] = "relay", ["device"] = DeviceOf(index), ["channel"] = 0 });
        for (var reader = 0; reader < BenchNode.Readers; reader++)
            bindings.Add(new JsonObject { ["role"] = "reader", ["device"] = DeviceOf(index), ["channel"] = reader, ["reader"] = "em-hex10" });
        var machine = new JsonObject
        {
            ["code"] = $"B-{index}", ["nameFr"] = $"Banc {index}", ["nameEn"] = $"Bench {index}", ["attended"] = false, ["leaseSeconds"] = 30, ["devices"] = bindings,
        };
        if (trained)
            machine["requires"] = Training;
        return machine;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
