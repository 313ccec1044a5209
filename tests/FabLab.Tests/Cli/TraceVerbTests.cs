using System.Text.Json.Nodes;
using FabLab.Host.Cli;

namespace FabLab.Host.Tests.Cli;

/// <summary>The trace and the list of people at the console, over a data folder on which no program runs.</summary>
public sealed class TraceVerbTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fablab-trace-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_trace_is_verified_and_a_head_kept_elsewhere_is_found_in_it()
    {
        var (_, empty, _) = await RunAsync("audit", "verify", "--json");
        var before = JsonNode.Parse(empty)!["head"]!.GetValue<string>();
        await RunAsync("token", "create", "--role", "observer", "--name", "rapport");

        var (sound, answer, _) = await RunAsync("audit", "verify", "--json", "--head", before);
        var (said, words, _) = await RunAsync("audit", "verify");
        var (foreign, other, _) = await RunAsync("audit", "verify", "--json", "--head", new string('b', 64));

        Assert.Equal((ExitCodes.Success, ExitCodes.Success, ExitCodes.Failure), (sound, said, foreign));
        var report = JsonNode.Parse(answer)!;
        Assert.True(report["sound"]!.GetValue<bool>());
        Assert.Equal((1L, 0L), (report["entries"]!.GetValue<long>(), report["keptHeadAt"]!.GetValue<long>()));
        Assert.NotEqual(before, report["head"]!.GetValue<string>());
        Assert.Contains(report["head"]!.GetValue<string>(), words, StringComparison.Ordinal);
        Assert.Equal("kept_head_missing", JsonNode.Parse(other)!["faults"]![0]!["code"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_new_key_for_badges_is_made_shown_and_in_the_trace_and_no_key_is_said()
    {
        var (made, answer, _) = await RunAsync("badge-key", "rotate", "--json");
        var (shown, words, _) = await RunAsync("badge-key", "show");
        var (_, audit, _) = await RunAsync("audit", "verify", "--json");

        Assert.Equal((ExitCodes.Success, ExitCodes.Success), (made, shown));
        var standing = JsonNode.Parse(answer)!;
        Assert.Equal((2, 0, 0, 2), (standing["key"]!.GetValue<int>(), standing["badges"]!.GetValue<int>(), standing["underOlderKeys"]!.GetValue<int>(), standing["keys"]!.GetValue<int>()));
        Assert.StartsWith("Key 2 is in use.", words, StringComparison.Ordinal);
        Assert.Equal(1, JsonNode.Parse(audit)!["entries"]!.GetValue<int>());
        var file = Directory.GetFiles(_folder.FullName, "badge.key", SearchOption.AllDirectories).Single();
        var lines = await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken);
        Assert.Equal(["2", "1"], lines.Select(line => line.Split(' ')[0]));
        Assert.All(lines, line => Assert.DoesNotContain(line.Split(' ')[1], answer + words, StringComparison.Ordinal));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task A_head_that_is_none_is_a_slip()
    {
        var (code, answer, said) = await RunAsync("audit", "verify", "--head", "abc");

        Assert.Equal(ExitCodes.Usage, code);
        Assert.Empty(answer);
        Assert.Contains("64 hexadecimal digits", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_of_people_is_tried_then_brought_in_or_refused_as_a_whole()
    {
        var file = Path.Combine(_folder.FullName, "personnes.csv");
        await File.WriteAllTextAsync(file, "prénom;nom;code court\nLéonie;Vasseur;L1\n", TestContext.Current.CancellationToken);

        var (tried, _, _) = await RunAsync("import-people", file, "--dry-run");
        var (done, answer, _) = await RunAsync("import-people", file, "--json");
        await File.AppendAllTextAsync(file, "Zoé;Ménard;L2\n;;x y\n", TestContext.Current.CancellationToken);
        var (refused, lines, why) = await RunAsync("import-people", file);
        var (missing, _, none) = await RunAsync("import-people", file + ".nowhere");

        Assert.Equal((ExitCodes.Success, ExitCodes.Success, ExitCodes.Failure, ExitCodes.Failure), (tried, done, refused, missing));
        Assert.Equal(1, JsonNode.Parse(answer)!["added"]!.GetValue<int>());
        Assert.Contains("4 ", lines, StringComparison.Ordinal);
        Assert.Contains("Nothing was brought in.", why, StringComparison.Ordinal);
        Assert.Contains("there is no file", none, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Out, string Error)> RunAsync(params string[] words)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var code = await new CommandLine(Verbs.All, output, error).RunAsync([.. words, "--data", _folder.FullName], TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
