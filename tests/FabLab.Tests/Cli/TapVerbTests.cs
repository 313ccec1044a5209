using System.Text.Json.Nodes;
using FabLab.Host.Cli;

namespace FabLab.Host.Tests.Cli;

/// <summary>The tap at the console where there is nothing to tap at. Taps in a running demonstration are in <c>DemoTests</c>.</summary>
public sealed class TapVerbTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fablab-tap-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Without_a_demonstration_it_says_how_to_start_one()
    {
        var (exit, said, error) = await RunAsync("tap", "LAS-1", "M01", "--data", _folder.FullName);

        Assert.Equal(ExitCodes.Failure, exit);
        Assert.Empty(said);
        Assert.Equal($"fablab tap: no demonstration runs on {_folder.FullName}. Start one with: ./fablab demo --data DIR\n", error);
    }

    [Fact]
    public async Task Without_a_demonstration_a_script_is_told_the_same_as_json()
    {
        var (exit, said, error) = await RunAsync("tap", "las-1", "m01", "--data", _folder.FullName, "--json");

        Assert.Equal(ExitCodes.Failure, exit);
        Assert.Empty(error);
        var report = JsonNode.Parse(said)!;
        Assert.Equal(
            ("LAS-1", "M01", "error", "no-demo", ExitCodes.Failure),
            (report["machine"]!.GetValue<string>(), report["person"]!.GetValue<string>(), report["outcome"]!.GetValue<string>(), report["error"]!.GetValue<string>(), report["exit"]!.GetValue<int>()));
    }

    [Fact]
    public async Task Its_help_names_every_exit_code()
    {
        var (exit, said, _) = await RunAsync("tap", "--help");

        Assert.Equal(ExitCodes.Success, exit);
        foreach (var code in new[] { $"Exit code {ExitCodes.Success}: granted", $"{ExitCodes.Refused}: refused", $"{ExitCodes.Failure}: no demonstration", $"{ExitCodes.Usage}: " })
            Assert.Contains(code, said, StringComparison.Ordinal);
    }

    private static async Task<(int Exit, string Said, string Error)> RunAsync(params string[] arguments)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var exit = await new CommandLine(Verbs.All, output, error).RunAsync(arguments, TestContext.Current.CancellationToken);
        return (exit, output.ToString(), error.ToString());
    }
}
