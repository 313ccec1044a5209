using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using FabLab.Protocol;
using FabLab.Protocol.Messages;

namespace FabLab.Host.Conformance;

/// <summary>What a maker can publish.</summary>
/// <param name="Device">Its name.</param>
/// <param name="Wire">What it hung on.</param>
/// <param name="Birth">What it said of itself; null when it never answered.</param>
/// <param name="Utc">When it began, ms since 1970.</param>
/// <param name="Ms">How long it took.</param>
/// <param name="Findings">Each check that was wanted, in order.</param>
internal sealed record ConformanceReport(string Device, string Wire, Birth? Birth, long Utc, long Ms, IReadOnlyList<Finding> Findings)
{
    private int Count(Verdict verdict) => Findings.Count(finding => finding.Verdict == verdict);

    /// <summary>No check failed, and at least one was made.</summary>
    public bool IsGood => Count(Verdict.Failed) == 0 && Count(Verdict.Passed) > 0;

    /// <summary>Nothing was left out save what is about the other kind of wire, and updates of a device that takes none.</summary>
    public bool IsWhole => Findings.All(finding => finding.Verdict != Verdict.NotShown || finding.Check.Needs.HasFlag(Needs.Serial) || finding.Check.Needs.HasFlag(Needs.Mqtt) || finding.Why == Checks.NoUpdates);

    private static string Version => $"{Limits.Major}.{Limits.Minor}";

    private string Day => DateTimeOffset.FromUnixTimeMilliseconds(Utc).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>One sentence on the whole.</summary>
    public string Summary()
    {
        var counts = string.Create(CultureInfo.InvariantCulture, $"{Count(Verdict.Passed)} passed, {Count(Verdict.Failed)} failed, {Count(Verdict.NotShown)} not shown, in {Ms / 1000.0:0} s.");
        return !IsGood ? $"It does not keep to the device contract {Version}: {counts}"
            : IsWhole ? $"It keeps to the device contract {Version}: {counts}"
            : $"No fault was found against the device contract {Version}, but not all was looked at: {counts}";
    }

    public static string Line(Finding finding) =>
        $"{Mark(finding.Verdict),-9} {finding.Check.Number,3}  § {finding.Check.Section,-4} {finding.Check.What}{(finding.Why is null ? "" : $"\n{"",21}-> {finding.Why}")}";

    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"# Conformance of {Birth?.Firmware ?? Device} with the device contract {Version}").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Summary()}").AppendLine();
        text.AppendLine("| | |").AppendLine("|---|---|");
        text.AppendLine(CultureInfo.InvariantCulture, $"| Firmware | {Birth?.Firmware ?? "—"} |");
        text.AppendLine(CultureInfo.InvariantCulture, $"| Relays | {List(Birth?.Relays)} |");
        text.AppendLine(CultureInfo.InvariantCulture, $"| Readers | {List(Birth?.Readers)} |");
        text.AppendLine(CultureInfo.InvariantCulture, $"| Meters | {Birth?.Meters.Count ?? 0} |");
        text.AppendLine(CultureInfo.InvariantCulture, $"| Connected by | {Wire} |");
        text.AppendLine(CultureInfo.InvariantCulture, $"| Date | {Day} |").AppendLine();
        text.AppendLine("| Check | Section | What it must do | Result |").AppendLine("|---|---|---|---|");
        foreach (var finding in Findings)
        {
            var why = finding.Why is null ? "" : $": {Escaped(finding.Why)}";
            text.AppendLine(CultureInfo.InvariantCulture, $"| {finding.Check.Number} | {finding.Check.Section}: {string.Join(", ", finding.Check.Rows.Select(row => $"`{row}`"))} | {Escaped(finding.Check.What)} | **{Mark(finding.Verdict)}**{why} |");
        }
        return text.ToString();
    }

    public string ToJson() => new JsonObject
    {
        ["contract"] = Version,
        ["device"] = Device,
        ["firmware"] = Birth?.Firmware,
        ["hardware"] = Birth?.Hardware,
        ["wire"] = Wire,
        ["date"] = DateTimeOffset.FromUnixTimeMilliseconds(Utc).ToString("O", CultureInfo.InvariantCulture),
        ["ms"] = Ms,
        ["good"] = IsGood,
        ["whole"] = IsWhole,
        ["checks"] = new JsonArray([.. Findings.Select(finding => (JsonNode)new JsonObject
        {
            ["number"] = finding.Check.Number,
            ["section"] = finding.Check.Section,
            ["rows"] = new JsonArray([.. finding.Check.Rows.Select(row => (JsonNode)row)]),
            ["what"] = finding.Check.What,
            ["result"] = Mark(finding.Verdict).Replace(' ', '-'),
            ["why"] = finding.Why,
        })]),
    }.ToJsonString();

    private static string Mark(Verdict verdict) => verdict switch
    {
        Verdict.Passed => "passed",
        Verdict.Failed => "FAILED",
        _ => "not shown",
    };

    private static string List(IReadOnlyList<string>? words) => words is { Count: > 0 } ? string.Join(", ", words) : "none";

    private static string Escaped(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace('\n', ' ');
}
