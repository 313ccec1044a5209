using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FabLab.Host.Conformance;

namespace FabLab.Host.Tests.Conformance;

/// <summary>The suite that makers run: it passes what is right and finds each of the faults that were planted.</summary>
public sealed partial class ConformanceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Faults => [.. Defects.All.Select(defect => defect.What)];

    public static TheoryData<string> LineFaults => [.. LineDefect.All.Select(defect => defect.What)];

    [Fact]
    public async Task The_devices_own_code_passes_every_check_on_a_broker()
    {
        await using var bench = new VirtualWorkbench();

        var report = await RunAsync(bench);

        Assert.True(report.IsGood && report.IsWhole, Faulty(report));
        Assert.DoesNotContain(report.Findings, finding => finding.Verdict == Verdict.NotShown && !finding.Check.Needs.HasFlag(Needs.Serial));
    }

    [Fact]
    public async Task The_devices_own_code_passes_every_check_on_a_serial_line()
    {
        await using var bench = new VirtualLine(new NodeLineDevice());

        var report = await RunAsync(bench);

        Assert.True(report.IsGood && report.IsWhole, Faulty(report));
        Assert.DoesNotContain(report.Findings, finding => finding.Verdict == Verdict.NotShown && !finding.Check.Needs.HasFlag(Needs.Mqtt));
    }

    [Fact]
    public async Task A_device_that_takes_no_updates_is_whole_without_them()
    {
        await using var bench = new VirtualWorkbench(new Defect("none", 0) { TakesNoUpdates = true });

        var report = await RunAsync(bench, check => check.Number is 1 or 100 or 105);

        Assert.Equal([Verdict.Passed, Verdict.NotShown, Verdict.NotShown], report.Findings.Select(finding => finding.Verdict));
        Assert.True(report.IsGood && report.IsWhole, Faulty(report));
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_planted_fault_is_found_by_the_check_that_names_it(string fault)
    {
        var defect = Defects.All.Single(one => one.What == fault);
        await using var bench = new VirtualWorkbench(defect);

        // A fault that shows at all times shows while something happens.
        var report = await RunAsync(bench, check => check.Number == defect.Check || (defect.Check == 99 && check.Number is 1 or 20));

        Assert.Equal(Verdict.Failed, report.Findings.Single(finding => finding.Check.Number == defect.Check).Verdict);
        Assert.False(report.IsGood);
    }

    [Theory]
    [MemberData(nameof(LineFaults))]
    public async Task A_fault_planted_in_a_serial_line_is_found_by_the_check_that_names_it(string fault)
    {
        var defect = LineDefect.All.Single(one => one.What == fault);
        await using var bench = new VirtualLine(new NodeLineDevice(), defect);

        var report = await RunAsync(bench, check => check.Number == defect.Check);

        Assert.Equal(Verdict.Failed, Assert.Single(report.Findings).Verdict);
    }

    [Fact]
    public void Every_check_has_a_fault_that_it_finds()
    {
        var planted = Defects.All.Select(defect => defect.Check).Concat(LineDefect.All.Select(defect => defect.Check));

        Assert.Empty(Checks.All.Select(check => check.Number).Except(planted));
        Assert.Distinct(Checks.All.Select(check => check.Number));
    }

    [Fact]
    public void Every_row_that_a_check_names_stands_in_the_contract_in_that_section()
    {
        var rows = RowName().Matches(File.ReadAllText(Repository.File("firmware-protocol.md"))).Select(match => match.Groups[1].Value).ToHashSet(StringComparer.Ordinal);

        Assert.DoesNotContain(Checks.All.SelectMany(check => check.Rows), row => !rows.Contains(row));
    }

    [Fact]
    public async Task A_report_says_the_same_as_text_as_markdown_and_as_json()
    {
        var defect = Defects.All.Single(one => one.Check == 21 && one.What.Contains("twice", StringComparison.Ordinal));
        await using var bench = new VirtualWorkbench(new Defect(defect.What, 21) { In = defect.In });

        var report = await RunAsync(bench, check => check.Number is 4 or 21 or 90);

        Assert.Contains("1 passed, 1 failed, 1 not shown", report.Summary(), StringComparison.Ordinal);
        Assert.Contains("| 21 | 11: `lost.open`", report.ToMarkdown(), StringComparison.Ordinal);
        Assert.Contains("**FAILED**: The time closed, ms, is", report.ToMarkdown(), StringComparison.Ordinal);
        var json = JsonNode.Parse(report.ToJson())!;
        Assert.Equal(("1.1", "las-1", false, true), ((string)json["contract"]!, (string)json["device"]!, (bool)json["good"]!, (bool)json["whole"]!));
        Assert.Equal(["passed", "FAILED", "not-shown"], json["checks"]!.AsArray().Select(check => (string)check!["result"]!));
        Assert.StartsWith("FAILED     21", ConformanceReport.Line(report.Findings[1]), StringComparison.Ordinal);
    }

    private static Task<ConformanceReport> RunAsync(IWorkbench bench, Func<Check, bool>? wanted = null) =>
        Suite.RunAsync(bench, VirtualWorkbench.Keys, VirtualWorkbench.Tags, wanted, quick: false, null, Cancel, VirtualWorkbench.Update);

    private static string Faulty(ConformanceReport report) =>
        string.Join('\n', report.Findings.Where(finding => finding.Verdict != Verdict.Passed).Select(ConformanceReport.Line));

    [GeneratedRegex(@"^\| `([a-z0-9.-]+)` \|", RegexOptions.Multiline)]
    private static partial Regex RowName();
}
