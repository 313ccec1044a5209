using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FabLab.Host.Cli;

namespace FabLab.Host.Bench;

/// <summary>Every measurement, each in a process of its own so that none warms up for another.</summary>
internal static class AllBench
{
    public static Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var seconds = invocation.Number("--seconds", 20, 1, 3600).ToString(CultureInfo.InvariantCulture);
        var machines = Machines(invocation.Value("--machines") ?? "1,100,1000");
        return BenchRun.InFolderAsync(invocation, async folder =>
        {
            var to = Directory.CreateDirectory(invocation.Value("--out") ?? Path.Combine(Environment.GetEnvironmentVariable("FABLAB_HOME") ?? ".", "bench", "results"));
            string[] on = ["--data", folder.FullName, "--json"];
            List<(string Name, string[] Arguments)> plan =
            [
                ("decide", ["bench", "decide", "--seconds", seconds, "--json"]),
                .. machines.Select(number => ($"tap-{number}", (string[])["bench", "tap", "--machines", number, "--seconds", seconds, .. on])),
                ("grant", ["bench", "grant", .. on]),
                ("demo", ["bench", "demo", "--machines", machines.Count > 1 ? machines[1] : machines[0], .. on]),
            ];
            var results = new List<(string Name, JsonObject? Result)>();
            var whole = true;
            foreach (var (name, arguments) in plan)
            {
                invocation.Error.WriteLine($"fablab {string.Join(' ', arguments.Take(2))} ({name}) …");
                var (result, exit) = await MeasureAsync(invocation, arguments, cancellationToken);
                whole &= exit == ExitCodes.Success && result is not null;
                results.Add((name, result));
                if (result is not null)
                    await File.WriteAllTextAsync(Path.Combine(to.FullName, $"{name}.json"), result.ToJsonString(Indented) + "\n", cancellationToken);
            }
            invocation.Out.WriteLine($"{Computer(TimeProvider.System.GetUtcNow())}\n");
            invocation.Out.Write(BenchTable.Render(results));
            return whole ? ExitCodes.Success : ExitCodes.Failure;
        });
    }

    private static JsonSerializerOptions Indented { get; } = new() { WriteIndented = true };

    private static List<string> Machines(string list)
    {
        var numbers = list.Split(',', StringSplitOptions.TrimEntries);
        foreach (var number in numbers)
        {
            if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value is < 1 or > 1000)
                throw new UsageException($"--machines: '{number}' is not a whole number from 1 to 1000.");
        }
        return [.. numbers.Distinct(StringComparer.Ordinal)];
    }

    private static async Task<(JsonObject? Result, int Exit)> MeasureAsync(Invocation invocation, string[] arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            if (await error is { Length: > 0 } said)
                invocation.Error.Write(said);
            return (output.StartsWith('{') ? JsonNode.Parse(output) as JsonObject : null, process.ExitCode);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private static string Computer(DateTimeOffset now)
    {
        var model = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[^1].Trim()
            : null;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{now:yyyy-MM-dd}, {Environment.ProcessorCount} core(s){(model is null ? "" : $" ({model})")}, {System.Runtime.InteropServices.RuntimeInformation.OSDescription}, .NET {Environment.Version}.");
    }
}
