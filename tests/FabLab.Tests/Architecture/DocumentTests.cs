using System.Text.RegularExpressions;

namespace FabLab.Host.Tests.Architecture;

/// <summary>Documents that name the test which shows a claim name one that exists: a test renamed or removed takes its claim with it.</summary>
public sealed partial class DocumentTests
{
    private static readonly Dictionary<string, List<string>> Classes = ClassesOfTests();

    [Theory]
    [InlineData("SECURITY.md", 30)]
    [InlineData("docs/privacy.md", 0)]
    [InlineData("docs/operations.md", 0)]
    [InlineData("README.md", 0)]
    [InlineData("bench/README.md", 0)]
    [InlineData("docs/hardware.md", 15)]
    public void Every_test_a_document_names_exists(string document, int atLeast)
    {
        List<Match> named = Named().Matches(File.ReadAllText(Repository.File(document.Split('/')))).ToList();

        Assert.True(named.Count >= atLeast, $"{document} names {named.Count} tests.");
        Assert.Empty(named.Where(name => !Exists(name.Groups["project"].Value, name.Groups["class"].Value, name.Groups["method"].Value)).Select(name => name.Value).Distinct());
    }

    private static bool Exists(string project, string name, string method)
    {
        if (project.Length > 0)
            return Directory.Exists(Repository.File("tests", project));
        return Classes.TryGetValue(name, out var sources)
            && (method.Length == 0 || sources.Exists(source => Regex.IsMatch(source, $@"\[(Fact|Theory)[^\n]*\n(?:[^\n]*\n)*?[^\n]*\b{method}\(")));
    }

    /// <summary>The source of every class of tests, by its name.</summary>
    private static Dictionary<string, List<string>> ClassesOfTests()
    {
        var classes = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(Repository.File("tests"), "*.cs", SearchOption.AllDirectories))
        {
            var source = File.ReadAllText(file);
            foreach (Match found in Class().Matches(source))
            {
                if (!classes.TryGetValue(found.Groups[1].Value, out var sources))
                    classes[found.Groups[1].Value] = sources = [];
                sources.Add(source);
            }
        }
        return classes;
    }

    /// <summary>`SignInTests`, `SignInTests.A_link_expires`, `Gateway.Tests`.</summary>
    [GeneratedRegex("`(?:(?<project>[A-Z][A-Za-z]*\\.Tests)|(?<class>[A-Z][A-Za-z0-9]*Tests)(?:\\.(?<method>[A-Z][A-Za-z0-9_]*))?)`")]
    private static partial Regex Named();

    [GeneratedRegex(@"\bclass ([A-Z][A-Za-z0-9]*Tests)\b")]
    private static partial Regex Class();
}
