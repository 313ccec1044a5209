using System.Diagnostics;
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
    private readonly DirectoryInfo _folder;
    private readonly Process _process;
    private readonly Dictionary<string, DeviceKey> _keys;
    private readonly TaskCompletionSource _running = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _said = [];

    private BenchLab(DirectoryInfo folder, Process process, Dictionary<string, DeviceKey> keys, Uri web)
    {
        _folder = folder;
        _process = process;
        _keys = keys;
        Web = web;
        process.EnableRaisingEvents = true;
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.Exited += (_, _) => _running.TrySetException(new InvalidOperationException($"fablab up ended with {process.ExitCode}: {string.Join('\n', _said)}"));
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Uri Web { get; }

    public string Folder => _folder.FullName;

    /// <summary>Two tags for each machine, so that a reader never sees the same one twice in a row.</summary>
    public static string TagOf(int machine, int which) => string.Create(CultureInfo.InvariantCulture, $"5A{(machine * 2) + which + 1:X8}");

    public static string DeviceOf(int machine) => string.Create(CultureInfo.InvariantCulture, $"bench-{machine}");

    public DeviceKey KeyOf(int machine) => _keys[DeviceOf(machine)];

    public static async Task<BenchLab> StartAsync(DirectoryInfo folder, int machines, int brokerPort, CancellationToken cancellationToken)
    {
        var keys = Enumerable.Range(0, machines).ToDictionary(DeviceOf, _ => DeviceKey.Create(), StringComparer.Ordinal);
        await WriteDevicesAsync(Path.Combine(folder.FullName, DeviceRegistry.FileName), keys, cancellationToken);
        var description = Path.Combine(folder.FullName, "bench-lab.json");
        await File.WriteAllTextAsync(description, Describe(machines).ToJsonString(), cancellationToken);
        var web = PortHolder.FindFree(IPAddress.Loopback);
        int kiosk;
        do
            kiosk = PortHolder.FindFree(IPAddress.Loopback);
        while (kiosk == web);
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in new[]
        {
            "up", "--data", folder.FullName, "--web-port", Text(web), "--kiosk-port", Text(kiosk), "--mqtt-port", Text(brokerPort),
            $"--{DeviceHosting.BrokerSection}:ExternalHost", "127.0.0.1", "--Logging:LogLevel:Default", "Warning",
        })
            start.ArgumentList.Add(argument);
        var lab = new BenchLab(folder, Process.Start(start)!, keys, new Uri($"http://localhost:{web}/"));
        await lab._running.Task.WaitAsync(TimeSpan.FromSeconds(60), cancellationToken);
        var answer = await LineSocket.AskAsync(
            Path.Combine(folder.FullName, HostSocket.FileName), new JsonObject { ["do"] = "import", ["file"] = description }.ToJsonString(), cancellationToken);
        if (answer is null || JsonNode.Parse(answer)?["faults"] is not JsonArray { Count: 0 })
            throw new InvalidOperationException($"The lab could not be brought in: {answer}");
        return lab;
    }

    /// <summary>Waits until the gateway has its rules and hears every device.</summary>
    public async Task WaitUntilReadyAsync(int machines, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = Web };
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var status = JsonNode.Parse(await http.GetStringAsync(new Uri("gateway/status", UriKind.Relative), cancellationToken))!;
            var known = status["machines"]!.AsArray().Count;
            var online = status["devices"]!.AsArray().Count(device => device!["online"]!.GetValue<bool>());
            if (known >= machines && online >= machines)
                return;
            if (TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(120))
                throw new TimeoutException($"After two minutes the gateway knows {known} of {machines} machines and hears {online} devices.");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Resident memory of the program, in megabytes.</summary>
    public double ResidentMegabytes()
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return Math.Round(long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024.0, 1);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }
        _process.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is null)
            return;
        lock (_said)
            _said.Add(line);
        if (line.Contains("FabLab is running.", StringComparison.Ordinal))
            _running.TrySetResult();
    }

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

    private static JsonObject Describe(int machines) => new()
    {
        ["site"] = new JsonObject { ["name"] = "Bench" },
        ["devices"] = new JsonArray([.. Enumerable.Range(0, machines).Select(i => (JsonNode)new JsonObject { ["id"] = DeviceOf(i), ["driver"] = "node", ["channels"] = BenchNode.Readers })]),
        ["machines"] = new JsonArray([.. Enumerable.Range(0, machines).Select(Machine)]),
        ["people"] = new JsonArray([.. Enumerable.Range(0, machines * 2).Select(i => (JsonNode)new JsonObject
        {
            ["code"] = $"P{i}", ["age"] = 30, ["badges"] = new JsonArray(TagOf(i / 2, i % 2)),
        })]),
    };

    private static JsonNode Machine(int index)
    {
        var bindings = new JsonArray(new JsonObject { ["role"] = "relay", ["device"] = DeviceOf(index), ["channel"] = 0 });
        for (var reader = 0; reader < BenchNode.Readers; reader++)
            bindings.Add(new JsonObject { ["role"] = "reader", ["device"] = DeviceOf(index), ["channel"] = reader, ["reader"] = "em-hex10" });
        return new JsonObject
        {
            ["code"] = $"B-{index}", ["nameFr"] = $"Banc {index}", ["nameEn"] = $"Bench {index}", ["attended"] = false, ["leaseSeconds"] = 30, ["devices"] = bindings,
        };
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
