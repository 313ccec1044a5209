using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using FabLab.Host.Cli;
using FabLab.Host.Ports;

namespace FabLab.Host.Bench;

/// <summary>
/// From the tap to the relay command, through a real broker and the durable journal, beside a floor that does the least there is
/// to do on the same broker and the same disk. docs/adr/0062 says how and why.
/// </summary>
internal static class TapBench
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(4);

    public static Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var machines = invocation.Number("--machines", 100, 1, 1000);
        var rate = invocation.Number("--rate", 50, 1, 2000);
        var seconds = invocation.Number("--seconds", 20, 1, 3600);
        return BenchRun.InFolderAsync(invocation, async folder =>
        {
            var result = await MeasureAsync(folder, machines, rate, TimeSpan.FromSeconds(seconds), cancellationToken);
            invocation.Out.WriteLine(invocation.Has("--json") ? JsonSerializer.Serialize(result, TapBenchJson.Default.TapBenchResult) : Words(result));
            return result.Lost == 0 ? ExitCodes.Success : ExitCodes.Failure;
        });
    }

    private static async Task<TapBenchResult> MeasureAsync(DirectoryInfo folder, int machines, int rate, TimeSpan length, CancellationToken cancellationToken)
    {
        var sync = BareResponder.MeasureSync(folder.FullName, 200);
        await using var broker = await BenchBroker.StartAsync(folder.FullName, PortHolder.FindFree(IPAddress.Loopback), cancellationToken);
        await using var lab = await BenchLab.StartAsync(folder, machines, broker.Port, cancellationToken);
        using var floor = new BareResponder(folder.FullName, broker.Port);
        TapSchedule? schedule = null;
        var nodes = Enumerable.Range(0, machines).Select(i => new BenchNode(
            i, lab.KeyOf(i), (index, closed, at) => schedule?.OnRelay(index, closed, at), (index, code) => schedule?.OnRefused(index, code))).ToList();
        var links = BenchLink.Connect(nodes, broker.Port, (number, at) => schedule?.OnFloor(number, at));
        try
        {
            await lab.WaitUntilReadyAsync(machines, nodes, TimeSpan.FromMilliseconds(100), cancellationToken);
            schedule = new TapSchedule(nodes);
            await schedule.RunAsync(rate, WarmUp, length, floor: true, cancellationToken);
            return Result(machines, schedule, sync, lab.Memory.Resident);
        }
        finally
        {
            foreach (var link in links)
                link.Dispose();
        }
    }

    private static TapBenchResult Result(int machines, TapSchedule schedule, Percentiles sync, double resident)
    {
        var (product, floor) = (schedule.Product, schedule.Floor);
        return new TapBenchResult(
            machines, schedule.Due, schedule.Lost, product.At(0.5), product.At(0.99), product.At(0.999), floor.At(0.5), floor.At(0.99),
            floor.At(0.5) > 0 ? Math.Round(product.At(0.5) / floor.At(0.5), 2) : 0, sync.At(0.5), resident,
            schedule.FloorLost, (int)WarmUp.TotalSeconds, schedule.Refusals.Count == 0 ? null : schedule.Refusals);
    }

    private static string Words(TapBenchResult result) =>
        $"{result.Taps} taps at {result.Machines} machine(s), {result.Lost} lost. Tap to relay command: p50 {result.P50Us} µs, p99 {result.P99Us} µs, p99.9 {result.P999Us} µs. "
        + $"Floor: p50 {result.FloorP50Us} µs, p99 {result.FloorP99Us} µs (one fsync {result.FsyncP50Us} µs). Ratio at the median {result.RatioP50}. Resident memory {result.RssMb} MB."
        + (result.Refusals is null ? "" : $" Refused: {string.Join(", ", result.Refusals.Select(refusal => $"{refusal.Key} ({refusal.Value})"))}.");
}

/// <summary>What <c>bench tap --json</c> prints.</summary>
internal sealed record TapBenchResult(
    int Machines, int Taps, int Lost, double P50Us, double P99Us, double P999Us, double FloorP50Us, double FloorP99Us, double RatioP50, double FsyncP50Us, double RssMb,
    int FloorLost, int WarmUpSeconds, IReadOnlyDictionary<string, int>? Refusals);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TapBenchResult))]
internal sealed partial class TapBenchJson : JsonSerializerContext;
