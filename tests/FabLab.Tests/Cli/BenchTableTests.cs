using System.Text.Json.Nodes;
using FabLab.Host.Bench;

namespace FabLab.Host.Tests.Cli;

public sealed class BenchTableTests
{
    private const string Tap = """{"machines":100,"taps":1000,"lost":0,"p50_us":1500,"p99_us":12000.4,"p999_us":20000,"floor_p50_us":600,"floor_p99_us":2000,"ratio_p50":2.5,"fsync_p50_us":200,"rss_mb":150,"floor_lost":0,"warm_up_seconds":4}""";

    private const string Demo = """{"machines":100,"first_tap_ms":4200.5,"rss_mb":210.5,"peak_rss_mb":220,"taps":301,"lost":0,"floor_first_answer_ms":900,"floor_rss_mb":98.1,"demo_first_tap_ms":null,"demo_rss_mb":null}""";

    [Fact]
    public void A_figure_stands_beside_its_floor_and_its_aim()
    {
        var table = Render("tap-100", Tap);

        Assert.Contains("| tap to relay command, 100 machine(s), median | 1.50 ms, ratio 2.5 | 0.60 ms | ratio ≤ 3 | met |\n", table, StringComparison.Ordinal);
        Assert.Contains("lost | 0 of 1000 | 0 | 0 | met |\n", table, StringComparison.Ordinal);
    }

    [Fact]
    public void A_figure_that_misses_its_aim_is_called_short()
    {
        Assert.Contains("99 % | 12.00 ms | 2.00 ms | ≤ 10 ms | **short** |\n", Render("tap-100", Tap), StringComparison.Ordinal);
        Assert.Contains("| 210.5 MB (at most 220 MB) | 98.1 MB | ≤ 200 MB | **short** |\n", Render("demo", Demo), StringComparison.Ordinal);
    }

    [Fact]
    public void A_lost_tap_is_called_short()
    {
        Assert.Contains("| 1 of 1000 | 0 | 0 | **short** |\n", Render("tap-100", Tap.Replace("\"lost\":0,\"p50", "\"lost\":1,\"p50", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_demonstration_that_is_not_built_has_no_line()
    {
        Assert.DoesNotContain("demonstration", Render("demo", Demo), StringComparison.Ordinal);
        Assert.Contains("start of the demonstration to first tap served | 4800 ms", Render("demo", Demo.Replace("\"demo_first_tap_ms\":null", "\"demo_first_tap_ms\":4800", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(80.5, "met")]
    [InlineData(1200, "**short**")]
    public void A_grant_is_measured_by_the_slowest_of_all(double most, string verdict)
    {
        var table = Render("grant", $$"""{"runs":30,"grant_p50_ms":40,"grant_p95_ms":60,"grant_max_ms":{{most.ToString(System.Globalization.CultureInfo.InvariantCulture)}},"withdraw_p50_ms":20,"withdraw_p95_ms":25,"withdraw_max_ms":30,"floor_p50_ms":4,"floor_max_ms":9,"taps_too_early":3}""");

        Assert.Contains($"ms (40 ms) | 4 ms (at most 9 ms) | ≤ 1 s | {verdict} |\n", table, StringComparison.Ordinal);
        Assert.Contains("to the open relay, at most (median) | 30 ms (20 ms) |", table, StringComparison.Ordinal);
    }

    [Fact]
    public void What_could_not_be_measured_says_so()
    {
        Assert.Contains("| tap-1 | could not be measured |", BenchTable.Render([("tap-1", null)]), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_line_has_as_many_cells_as_the_head()
    {
        var table = BenchTable.Render([("decide", Parse("""{"makers":10000,"machines":60,"decisions_per_second":63464}""")), ("tap-100", Parse(Tap)), ("demo", Parse(Demo)), ("tap-1", null)]);

        Assert.Contains("| 63,464 |", table, StringComparison.Ordinal);
        Assert.All(table.TrimEnd().Split('\n'), line => Assert.Equal(6, line.Count(c => c == '|')));
    }

    [Fact]
    public void A_result_without_a_field_is_not_made_up()
    {
        Assert.Throws<BenchException>(() => Render("tap-1", """{"machines":1}"""));
    }

    private static string Render(string name, string json) => BenchTable.Render([(name, Parse(json))]);

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
