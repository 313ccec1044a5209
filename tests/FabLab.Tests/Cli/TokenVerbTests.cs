using System.Text.Json.Nodes;
using FabLab.Host.Cli;

namespace FabLab.Host.Tests.Cli;

/// <summary>Tokens at the console, over a data folder on which no program runs.</summary>
public sealed class TokenVerbTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fablab-token-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_token_is_made_listed_without_its_secret_and_ended()
    {
        var (made, answer, _) = await RunAsync("token", "create", "--role", "front-desk", "--name", "poste de l’accueil", "--scope", "CheckIn,SeePeople", "--days", "7", "--json");
        var token = JsonNode.Parse(answer)!;
        var id = token["id"]!.GetValue<string>();
        var (_, list, _) = await RunAsync("token", "list", "--json");
        var (ended, _, _) = await RunAsync("token", "revoke", id);
        var (again, _, why) = await RunAsync("token", "revoke", id);
        var (_, after, _) = await RunAsync("token", "list");

        Assert.Equal((ExitCodes.Success, ExitCodes.Success, ExitCodes.Failure), (made, ended, again));
        Assert.StartsWith("fablab_", token["token"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.DoesNotContain(token["token"]!.GetValue<string>(), list, StringComparison.Ordinal);
        var line = JsonNode.Parse(list)!["tokens"]![0]!;
        Assert.Equal(("FrontDesk", "SeePeople CheckIn", "good"), (line["role"]!.GetValue<string>(), line["scope"]!.GetValue<string>(), line["state"]!.GetValue<string>()));
        Assert.Contains("token list", why, StringComparison.Ordinal);
        Assert.Contains("revoked", after, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_json_the_secret_alone_stands_on_standard_output()
    {
        var (_, answer, said) = await RunAsync("token", "create", "--role", "observer", "--name", "rapport");

        Assert.StartsWith("fablab_", Assert.Single(answer.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Contains("shown this once", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_reads_nothing_but_the_answer_on_standard_output()
    {
        var start = new System.Diagnostics.ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "fablab")) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var word in new[] { "token", "create", "--role", "observer", "--name", "rapport", "--json", "--data", _folder.FullName })
            start.ArgumentList.Add(word);
        using var process = System.Diagnostics.Process.Start(start)!;

        var said = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var answer = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.StartsWith("fablab_", JsonNode.Parse(answer)!["token"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("No manager can sign in yet", await said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--role is needed", "token", "create", "--name", "x")]
    [InlineData("--name is needed", "token", "create", "--role", "manager")]
    [InlineData("'manger' is no role. Did you mean", "token", "create", "--role", "manger", "--name", "x")]
    [InlineData("'CheckOn' is no right. Did you mean CheckIn", "token", "create", "--role", "manager", "--name", "x", "--scope", "CheckOn")]
    [InlineData("is not a whole number from 1 to 366", "token", "create", "--role", "manager", "--name", "x", "--days", "400")]
    public async Task A_slip_is_named_and_nothing_is_made(string expected, params string[] words)
    {
        var (code, answer, said) = await RunAsync(words);

        Assert.Equal(ExitCodes.Usage, code);
        Assert.Empty(answer);
        Assert.Contains(expected, said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Roles_that_do_not_go_together_are_refused()
    {
        var (code, _, said) = await RunAsync("token", "create", "--role", "observer,manager", "--name", "x");

        Assert.Equal(ExitCodes.Failure, code);
        Assert.Contains("do not go together", said, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Out, string Error)> RunAsync(params string[] words)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var code = await new CommandLine(Verbs.All, output, error).RunAsync([.. words, "--data", _folder.FullName], TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
