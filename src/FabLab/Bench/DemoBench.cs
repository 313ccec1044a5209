using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using FabLab.Host.Cli;
using FabLab.Host.Demo;
using FabLab.Host.Ports;
using FabLab.Host.Running;

namespace FabLab.Host.Bench;

/// <summary>
/// From the start of the process to the first relay command after a tap, and what the process holds in memory after some hundred
/// taps and a rest. The floor, in the same run: a program of one page and one row on the same runtime.
/// </summary>
internal static class DemoBench
{
    /// <summary>Memory is what is looked at here: no machine is used faster than people could.</summary>
    private static int TapsPerSecond(int machines) => Math.Min(50, machines * 5);

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(20);

    public static Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var machines = invocation.Number("--machines", 100, 1, 1000);
        var taps = invocation.Number("--taps", 300, 1, 100_000);
        var settle = TimeSpan.FromSeconds(invocation.Number("--settle", 10, 0, 600));
        return BenchRun.InFolderAsync(invocation, async folder =>
        {
            var (floorMs, floorMemory) = await FloorAsync(folder, cancellationToken);
            var demo = await DemonstrationAsync(folder.CreateSubdirectory("demo"), settle, cancellationToken);
            var result = await ProductAsync(folder.CreateSubdirectory("lab"), machines, taps, settle, cancellationToken) with
            {
                FloorFirstAnswerMs = floorMs,
                FloorRssMb = floorMemory.Resident,
                DemoFirstTapMs = demo?.FirstTapMs,
                DemoRssMb = demo?.Memory.Resident,
            };
            invocation.Out.WriteLine(invocation.Has("--json") ? JsonSerializer.Serialize(result, DemoBenchJson.Default.DemoBenchResult) : Words(result));
            return result.Lost == 0 ? ExitCodes.Success : ExitCodes.Failure;
        });
    }

    private static async Task<(double FirstAnswerMs, ProcessMemory Memory)> FloorAsync(DirectoryInfo folder, CancellationToken cancellationToken)
    {
        await using var floor = BenchProcess.Start(FloorProgram.Ready, "bench", "floor", "--data", folder.FullName);
        var port = int.Parse((await floor.StandsAsync(cancellationToken))[FloorProgram.Ready.Length..], CultureInfo.InvariantCulture);
        using var http = new HttpClient();
        _ = await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/"), cancellationToken);
        return (floor.Milliseconds(TimeProvider.System.GetTimestamp()), floor.Memory);
    }

    /// <summary>The demonstration as a visitor starts it, with its virtual lab beside it.</summary>
    /// <returns>Null when the virtual lab is not built.</returns>
    private static async Task<(double FirstTapMs, ProcessMemory Memory)?> DemonstrationAsync(DirectoryInfo data, TimeSpan settle, CancellationToken cancellationToken)
    {
        if (DemoFiles.Find(TextWriter.Null) is null)
            return null;
        var ports = PortHolder.FindFree(IPAddress.Loopback, 3).Select(port => port.ToString(CultureInfo.InvariantCulture)).ToList();
        await using var demo = BenchProcess.Start(
            "The lab is running.", "demo", "--quiet-day", "--data", data.FullName, "--web-port", ports[0], "--kiosk-port", ports[1], "--mqtt-port", ports[2]);
        await demo.StandsAsync(cancellationToken);
        var question = new JsonObject { ["do"] = "tap", ["machine"] = "LAS-1", ["person"] = "M01" }.ToJsonString();
        var answer = await LineSocket.AskAsync(Path.Combine(data.FullName, TapVerb.SocketName), question, cancellationToken);
        var at = TimeProvider.System.GetTimestamp();
        if (answer is null || JsonNode.Parse(answer)?["tap"]?["outcome"]?.GetValue<string>() != "granted")
            throw new BenchException($"The demonstration did not grant its first tap: {answer}");
        await Task.Delay(settle, TimeProvider.System, cancellationToken);
        return (demo.Milliseconds(at), demo.Memory);
    }

    private static async Task<DemoBenchResult> ProductAsync(DirectoryInfo folder, int machines, int taps, TimeSpan settle, CancellationToken cancellationToken)
    {
        await using var broker = await BenchBroker.StartAsync(folder.FullName, PortHolder.FindFree(IPAddress.Loopback), cancellationToken);
        await using var lab = await BenchLab.StartAsync(folder, machines, broker.Port, cancellationToken);
        var links = new List<BenchLink>();
        try
        {
            TapSchedule? schedule = null;
            var first = new FirstUse();
            void OnRelay(int index, bool closed, long at)
            {
                if (Volatile.Read(ref schedule) is { } running)
                    running.OnRelay(index, closed, at);
                else
                    first.OnRelay(closed, at);
            }
            var nodes = Enumerable.Range(0, machines)
                .Select(i => new BenchNode(i, lab.KeyOf(i), OnRelay, (index, code) => Volatile.Read(ref schedule)?.OnRefused(index, code))).ToList();
            links.AddRange(BenchLink.Connect(nodes[..1], broker.Port, (_, _) => { }));
            await lab.WaitUntilReadyAsync(machines, nodes[..1], Glance, cancellationToken);
            var firstTap = await first.MakeAsync(nodes[0], cancellationToken);
            links.AddRange(BenchLink.Connect(nodes[1..], broker.Port, (_, _) => { }));
            await lab.WaitUntilReadyAsync(machines, nodes, Glance, cancellationToken);
            var running = new TapSchedule(nodes);
            var rate = TapsPerSecond(machines);
            Volatile.Write(ref schedule, running);
            await running.RunAsync(rate, TimeSpan.Zero, TimeSpan.FromSeconds((double)taps / rate), floor: false, cancellationToken);
            await Task.Delay(settle, TimeProvider.System, cancellationToken);
            var memory = lab.Memory;
            return new DemoBenchResult(machines, lab.Milliseconds(firstTap), memory.Resident, memory.Peak, running.Due + 1, running.Lost, 0, 0, null, null);
        }
        finally
        {
            foreach (var link in links)
                link.Dispose();
        }
    }

    private static string Words(DemoBenchResult result) =>
        $"{result.Machines} machine(s): first tap served {result.FirstTapMs} ms after the start; {result.RssMb} MB resident after {result.Taps} taps ({result.PeakRssMb} MB at most), {result.Lost} lost. "
        + (result.DemoFirstTapMs is null ? "The demonstration is not built. " : $"Demonstration: first tap {result.DemoFirstTapMs} ms, {result.DemoRssMb} MB. ")
        + $"Floor, a hello-world with Kestrel, EF and SQLite: first answer {result.FloorFirstAnswerMs} ms, {result.FloorRssMb} MB.";

    /// <summary>The very first use of the lab: a start that is tried again until it holds, then its stop.</summary>
    private sealed class FirstUse
    {
        /// <summary>Longer than a tap stays fresh at the gateway: a second attempt must not be the stop of a first that was only slow.</summary>
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

        private readonly TaskCompletionSource<long> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void OnRelay(bool closed, long at)
        {
            if (closed)
                _closed.TrySetResult(at);
            else if (_closed.Task.IsCompleted)
                _opened.TrySetResult();
        }

        /// <returns>When the relay command came in.</returns>
        public async Task<long> MakeAsync(BenchNode node, CancellationToken cancellationToken)
        {
            var reader = 0;
            for (var attempt = 0; !_closed.Task.IsCompleted && attempt < 3; attempt++)
            {
                reader = attempt % BenchNode.Readers;
                node.Tap(reader, 1);
                await Task.WhenAny(_closed.Task, Task.Delay(Patience, TimeProvider.System, cancellationToken));
            }
            if (!_closed.Task.IsCompleted)
                throw new BenchException("The first tap was not served in a minute.");
            node.Tap((reader + 1) % BenchNode.Readers, 1);
            try
            {
                await _opened.Task.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, cancellationToken);
            }
            catch (TimeoutException)
            {
                throw new BenchException("The first use did not end with its second tap.");
            }
            return await _closed.Task;
        }
    }
}

/// <summary>What <c>bench demo --json</c> prints.</summary>
internal sealed record DemoBenchResult(
    int Machines, double FirstTapMs, double RssMb, double PeakRssMb, int Taps, int Lost, double FloorFirstAnswerMs, double FloorRssMb,
    double? DemoFirstTapMs, double? DemoRssMb);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(DemoBenchResult))]
internal sealed partial class DemoBenchJson : JsonSerializerContext;
