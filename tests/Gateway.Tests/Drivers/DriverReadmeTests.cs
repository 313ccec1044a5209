using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace FabLab.Gateway.Tests.Drivers;

/// <summary>The README beside each driver: wiring, settings, tier, tests; and the table that somebody buys from says the same tier.</summary>
public sealed partial class DriverReadmeTests
{
    private static readonly string[] Tiers = ["bronze", "silver", "gold", "platinum"];

    private static readonly string Root = Path.GetFullPath(Path.Combine(Here(), "..", "..", ".."));

    /// <summary>Every driver, with the folder it lies in.</summary>
    public static TheoryData<string, string> Kinds
    {
        get
        {
            var kinds = new TheoryData<string, string>();
            foreach (var file in Directory.EnumerateFiles(Path.Combine(Root, "src", "Gateway", "Drivers"), "*Driver.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                if (KindLine().Match(File.ReadAllText(file)) is { Success: true } kind)
                    kinds.Add(kind.Groups[1].Value, Path.GetFileName(Path.GetDirectoryName(file))!);
            }
            return kinds;
        }
    }

    [Fact]
    public void Every_driver_is_found() => Assert.True(Kinds.Count >= 21, string.Join(", ", Kinds.Select(kind => kind.Data.Item1)));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_driver_says_its_wiring_its_settings_its_tests_and_the_tier_of_the_table(string kind, string folder)
    {
        var readme = File.ReadAllText(Path.Combine(Root, "src", "Gateway", "Drivers", folder, "README.md"));

        Assert.Contains("**Wiring", readme, StringComparison.Ordinal);
        Assert.Matches($@"\| `driver` \| `{kind}` \|", readme);
        Assert.Contains("**What", readme, StringComparison.Ordinal);
        var paths = RepositoryPath().Matches(readme).Select(match => match.Groups[1].Value).ToList();
        Assert.Contains(paths, path => path.StartsWith("tests/", StringComparison.Ordinal));
        Assert.All(paths, path => Assert.True(Path.Exists(Path.Combine(Root, path)), $"{folder}: there is no {path}"));

        var said = TierOf(TierLine().Match(readme).Groups[1].Value.Split(". ")[0]);
        var sold = Sold(kind).ToList();
        Assert.NotEmpty(sold);
        Assert.NotEmpty(said);
        Assert.Equal(sold.SelectMany(TierOf).Distinct().Order(StringComparer.Ordinal), said.Order(StringComparer.Ordinal));
    }

    /// <summary>What the table to buy from says of a driver's tier, a line of it each.</summary>
    private static IEnumerable<string> Sold(string kind)
    {
        int driver = -1, tier = -1;
        foreach (var line in File.ReadLines(Path.Combine(Root, "docs", "hardware.md")))
        {
            var cells = line.Split('|').Select(cell => cell.Trim()).ToList();
            if (cells.Contains("Driver"))
                (driver, tier) = (cells.IndexOf("Driver"), cells.IndexOf("Tier"));
            else if (driver > 0 && tier > 0 && cells.Count > Math.Max(driver, tier) && cells[driver] == $"`{kind}`")
                yield return cells[tier];
        }
    }

    private static List<string> TierOf(string text) => [.. Tiers.Where(tier => Regex.IsMatch(text, $@"\b{tier}\b"))];

    private static string Here([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;

    [GeneratedRegex("Kind => \"([a-z0-9-]+)\"")]
    private static partial Regex KindLine();

    [GeneratedRegex(@"\*\*Tier:\*\*([^\n]*)")]
    private static partial Regex TierLine();

    [GeneratedRegex("`((?:tests/[A-Z]|samples/|docs/)[A-Za-z0-9./-]+)`")]
    private static partial Regex RepositoryPath();
}
