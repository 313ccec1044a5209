using System.Diagnostics;
using System.Text.Json.Nodes;
using FabLab.Host.Cli;

namespace FabLab.Host.Tests.Cli;

/// <summary>The measurements, run briefly as somebody would start them: what they print must be whole and add up. How fast it was is not looked at.</summary>
public sealed class BenchVerbTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("tap")]
    [InlineData("decide")]
    [InlineData("demo")]
    [InlineData("grant")]
    [InlineData("devices")]
    [InlineData("readers")]
    [InlineData("floor")]
    [InlineData("all")]
    public async Task Each_measurement_explains_itself(string verb)
    {
        var (code, output, _) = await RunAsync("bench", verb, "--help");

        Assert.Equal(ExitCodes.Success, code);
        Assert.StartsWith($"fablab bench {verb}", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--machines", "0")]
    [InlineData("--machines", "many")]
    [InlineData("--seconds", "-1")]
    [InlineData("--rate", "1e3")]
    public async Task A_number_that_is_none_is_refused_before_anything_starts(string option, string value)
    {
        var (code, output, error) = await RunAsync("bench", "tap", option, value);

        Assert.Equal(ExitCodes.Usage, code);
        Assert.Empty(output);
        Assert.Contains($"{option}: '{value}'", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_of_machines_with_nonsense_in_it_is_refused()
    {
        var (code, _, error) = await RunAsync("bench", "all", "--machines", "1,x");

        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains("'x'", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_one_sentence_and_a_failure()
    {
        var file = Path.GetTempFileName();
        try
        {
            var (code, output, error) = await RunAsync("bench", "tap", "--data", file, "--seconds", "1");

            Assert.Equal(ExitCodes.Failure, code);
            Assert.Empty(output);
            Assert.StartsWith("fablab bench tap: ", error, StringComparison.Ordinal);
            Assert.Single(error.TrimEnd().Split('\n'));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Taps_are_all_answered_and_stand_beside_their_floor()
    {
        var (code, output, error) = await RunAsync("bench", "tap", "--machines", "3", "--rate", "20", "--seconds", "2", "--json");

        Assert.True(code == ExitCodes.Success, error);
        var result = JsonNode.Parse(output)!.AsObject();
        Assert.Equal(3, (int)result["machines"]!);
        Assert.Equal(40, (int)result["taps"]!);
        Assert.Equal(0, (int)result["lost"]!);
        Assert.Equal(0, (int)result["floor_lost"]!);
        foreach (var field in new[] { "p50_us", "p99_us", "p999_us", "floor_p50_us", "floor_p99_us", "fsync_p50_us", "rss_mb" })
            Assert.True((double)result[field]! > 0, field);
        Assert.True((double)result["p50_us"]! <= (double)result["p99_us"]!);
        Assert.Equal((double)result["p50_us"]! / (double)result["floor_p50_us"]!, (double)result["ratio_p50"]!, 0.01);
    }

    [Fact]
    public async Task Decisions_are_counted_and_both_answers_occur()
    {
        var (code, output, error) = await RunAsync("bench", "decide", "--makers", "200", "--machines", "5", "--seconds", "1", "--json");

        Assert.True(code == ExitCodes.Success, error);
        var result = JsonNode.Parse(output)!.AsObject();
        Assert.Equal(200, (int)result["makers"]!);
        Assert.Equal(5, (int)result["machines"]!);
        Assert.True((long)result["decisions_per_second"]! > 0);
        Assert.InRange((double)result["granted_share"]!, 0.01, 0.99);
    }

    [Fact]
    public async Task A_start_is_measured_to_its_first_tap_with_its_memory_and_its_floor()
    {
        var (code, output, error) = await RunAsync("bench", "demo", "--machines", "2", "--taps", "20", "--settle", "0", "--json");

        Assert.True(code == ExitCodes.Success, error);
        var result = JsonNode.Parse(output)!.AsObject();
        Assert.Equal(2, (int)result["machines"]!);
        Assert.Equal(21, (int)result["taps"]!);
        Assert.Equal(0, (int)result["lost"]!);
        Assert.True((double)result["rss_mb"]! <= (double)result["peak_rss_mb"]!);
        foreach (var field in new[] { "first_tap_ms", "rss_mb", "floor_first_answer_ms", "floor_rss_mb" })
            Assert.True((double)result[field]! > 0, field);
    }

    [Fact]
    public async Task Devices_of_every_kind_are_heard_and_used_and_what_they_cost_stands_beside_the_floor()
    {
        var (code, output, error) = await RunAsync("bench", "devices", "--devices", "9", "--seconds", "2", "--settle", "0", "--json");

        Assert.True(code == ExitCodes.Success, error);
        var result = JsonNode.Parse(output)!.AsObject();
        Assert.Equal((9, 9, 5), ((int)result["devices"]!, (int)result["kinds"]!, (int)result["in_use"]!));
        Assert.Equal((0, 0), ((int)result["silent"]!, (int)result["fallen"]!));
        // Whatever the second brings, more than half of them have spoken in it.
        Assert.True((double)result["messages_per_second"]! > 4);
        foreach (var field in new[] { "rss_start_mb", "rss_end_mb", "heap_start_mb", "heap_end_mb", "floor_cpu_percent", "cpu_percent" })
            Assert.True((double)result[field]! > 0, field);
        Assert.Equal([0, 2], result["looks"]!.AsArray().Select(look => (int)look!["second"]!));
    }

    [Fact]
    public async Task A_card_at_a_reader_of_each_kind_closes_the_relay_and_stands_beside_our_own_node()
    {
        var (code, output, error) = await RunAsync("bench", "readers", "--runs", "1", "--json");

        Assert.True(code == ExitCodes.Success, error);
        var result = JsonNode.Parse(output)!.AsObject();
        Assert.Equal(0, (int)result["lost"]!);
        var readers = result["readers"]!.AsArray().Select(reader => reader!.AsObject()).ToList();
        string[] kinds = [.. readers.Select(reader => (string)reader["reader"]!).Where(kind => kind != "pcsc")];
        Assert.Equal(
            ["node", "node on a serial line", "wiegand through a node", "tasmota, RC522", "tasmota, PN532", "tasmota, RDM6300", "esphome", "homeassistant", "rdm6300", "pn532", "osdp", "wedge"], kinds);
        Assert.Equal(0, (double)readers[0]["above_own_ms"]!);
        Assert.All(readers, reader => Assert.True((double)reader["p50_ms"]! > 0 && (double)reader["laid_p50_ms"]! >= (double)reader["p50_ms"]!));
        // It believes a number that came twice: that is the reader's own delay, and not the gateway's.
        Assert.True((double)readers[8]["laid_p50_ms"]! - (double)readers[8]["p50_ms"]! >= 60);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "fablab"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        try
        {
            var error = process.StandardError.ReadToEndAsync(Cancel);
            var output = await process.StandardOutput.ReadToEndAsync(Cancel);
            await process.WaitForExitAsync(Cancel);
            return (process.ExitCode, output, await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
