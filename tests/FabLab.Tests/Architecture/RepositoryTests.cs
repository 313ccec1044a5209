using System.Text.RegularExpressions;

namespace FabLab.Host.Tests.Architecture;

/// <summary>Promises about the files of the repository.</summary>
public sealed partial class RepositoryTests
{
    [Fact]
    public void Every_link_in_the_documents_leads_somewhere()
    {
        var dead = from document in Documents()
                   from Match link in Link().Matches(WithoutCode(File.ReadAllText(document)))
                   let target = Uri.UnescapeDataString(link.Groups["target"].Value.Split('#')[0])
                   where target.Length > 0 && !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal)
                   let path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(document)!, target))
                   where !File.Exists(path) && !Directory.Exists(path)
                   select $"{Path.GetRelativePath(Repository.Root, document)} -> {target}";

        Assert.Empty(dead);
    }

    [Fact]
    public void Every_driver_folder_has_a_readme_and_tests()
    {
        var drivers = Repository.File("src", "Gateway", "Drivers");
        var tests = Repository.File("tests", "Gateway.Tests", "Drivers");
        foreach (var folder in Directory.EnumerateDirectories(drivers))
        {
            var name = Path.GetFileName(folder);
            Assert.True(File.Exists(Path.Combine(folder, "README.md")), $"src/Gateway/Drivers/{name} has no README.md.");
            // A folder of its own, or tests that several drivers of one sort share.
            Assert.True(
                Directory.EnumerateFiles(tests, "*.cs", SearchOption.AllDirectories)
                    .Any(file => Path.GetFileName(Path.GetDirectoryName(file)) == name || File.ReadAllText(file).Contains($"Drivers.{name};", StringComparison.Ordinal)),
                $"No test in tests/Gateway.Tests/Drivers uses {name}.");
        }
    }

    [Fact]
    public void A_decision_record_has_its_own_number()
    {
        var numbers = Directory.EnumerateFiles(Repository.File("docs", "adr"), "*.md").Select(file => Path.GetFileName(file)[..4]);

        Assert.Distinct(numbers);
    }

    private static IEnumerable<string> Documents() =>
        Directory.EnumerateFiles(Repository.Root, "*.md", new EnumerationOptions { RecurseSubdirectories = true })
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}node_modules{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
                && !file.StartsWith(Repository.File("artifacts"), StringComparison.Ordinal));

    private static string WithoutCode(string text) => Code().Replace(text, "");

    [GeneratedRegex(@"\[[^\]]*\]\((?<target>[^)\s]+)(\s+""[^""]*"")?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"```.*?```|`[^`\n]*`", RegexOptions.Singleline)]
    private static partial Regex Code();
}
