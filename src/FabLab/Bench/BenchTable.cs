using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace FabLab.Host.Bench;

/// <summary>The table of <c>bench/README.md</c>, from what the measurements printed.</summary>
internal static class BenchTable
{
    /// <param name="results">Name of the measurement and what it printed; null when it could not be made.</param>
    public static string Render(IReadOnlyList<(string Name, JsonObject? Result)> results)
    {
        var table = new StringBuilder("| What | Measured | Floor in the same run | Aim | |\n|---|---|---|---|---|\n");
        foreach (var (name, result) in results)
        {
            if (result is null)
                Row(table, name, "could not be measured", "", "", null);
            else if (name.StartsWith("tap", StringComparison.Ordinal))
                Tap(table, result);
            else if (name.StartsWith("decide", StringComparison.Ordinal))
                Decide(table, result);
            else if (name.StartsWith("grant", StringComparison.Ordinal))
                Grant(table, result);
            else
                Demo(table, result);
        }
        return table.ToString();
    }

    private static void Tap(StringBuilder table, JsonObject result)
    {
        var what = $"tap to relay command, {Number(result, "machines")} machine(s)";
        Row(table, $"{what}, median", Milliseconds(result, "p50_us"), Milliseconds(result, "floor_p50_us"), "ratio ≤ 3", Value(result, "ratio_p50") <= 3, $"ratio {Number(result, "ratio_p50")}");
        Row(table, $"{what}, 99 %", Milliseconds(result, "p99_us"), Milliseconds(result, "floor_p99_us"), "≤ 10 ms", Value(result, "p99_us") <= 10_000);
        Row(table, $"{what}, 99.9 %", Milliseconds(result, "p999_us"), $"one fsync {Milliseconds(result, "fsync_p50_us")}", "", null);
        Row(table, $"{what}, lost", $"{Number(result, "lost")} of {Number(result, "taps")}", $"{Number(result, "floor_lost")}", "0", Value(result, "lost") == 0);
    }

    private static void Decide(StringBuilder table, JsonObject result) =>
        Row(
            table, $"decisions a second on one core, {Number(result, "makers")} makers, {Number(result, "machines")} machines",
            Value(result, "decisions_per_second").ToString("N0", CultureInfo.InvariantCulture), "", "≥ 50,000", Value(result, "decisions_per_second") >= 50_000);

    private static void Grant(StringBuilder table, JsonObject result)
    {
        var floor = $"{Number(result, "floor_p50_ms")} ms (at most {Number(result, "floor_max_ms")} ms)";
        Row(table, "from a habilitation given to the lease at the relay, at most (median)", $"{Number(result, "grant_max_ms")} ms ({Number(result, "grant_p50_ms")} ms)", floor, "≤ 1 s", Value(result, "grant_max_ms") <= 1000);
        Row(table, "from its withdrawal to the open relay, at most (median)", $"{Number(result, "withdraw_max_ms")} ms ({Number(result, "withdraw_p50_ms")} ms)", floor, "≤ 1 s", Value(result, "withdraw_max_ms") <= 1000);
    }

    private static void Demo(StringBuilder table, JsonObject result)
    {
        var machines = Number(result, "machines");
        Row(table, $"start to first tap served, {machines} machine(s)", $"{Number(result, "first_tap_ms")} ms", $"{Number(result, "floor_first_answer_ms")} ms", "≤ 5000 ms", Value(result, "first_tap_ms") <= 5000);
        if (result["demo_first_tap_ms"] is not null)
            Row(table, "start of the demonstration to first tap served", $"{Number(result, "demo_first_tap_ms")} ms", $"{Number(result, "floor_first_answer_ms")} ms", "≤ 5000 ms", Value(result, "demo_first_tap_ms") <= 5000);
        Row(table, $"resident memory after {Number(result, "taps")} taps, {machines} machine(s)", $"{Number(result, "rss_mb")} MB (at most {Number(result, "peak_rss_mb")} MB)", $"{Number(result, "floor_rss_mb")} MB", "≤ 200 MB", Value(result, "rss_mb") <= 200);
        if (result["demo_rss_mb"] is not null)
            Row(table, "resident memory of the demonstration", $"{Number(result, "demo_rss_mb")} MB", $"{Number(result, "floor_rss_mb")} MB", "≤ 200 MB", Value(result, "demo_rss_mb") <= 200);
    }

    private static void Row(StringBuilder table, string what, string measured, string floor, string aim, bool? met, string? note = null)
    {
        var verdict = met switch { true => "met", false => "**short**", null => "" };
        table.Append(CultureInfo.InvariantCulture, $"| {what} | {measured}{(note is null ? "" : $", {note}")} | {floor} | {aim} | {verdict} |\n");
    }

    private static string Milliseconds(JsonObject result, string field) => $"{(Value(result, field) / 1000).ToString("0.00", CultureInfo.InvariantCulture)} ms";

    private static string Number(JsonObject result, string field) => Value(result, field).ToString("0.##", CultureInfo.InvariantCulture);

    private static double Value(JsonObject result, string field) =>
        result[field] is JsonValue value ? double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture) : throw new BenchException($"A result has no field {field}.");
}
