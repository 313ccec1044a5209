using FabLab.Host.Cli;

namespace FabLab.Host.Tests.Cli;

public sealed class CommandLineTests : IDisposable
{
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();
    private readonly List<Invocation> _ran = [];

    public void Dispose()
    {
        _out.Dispose();
        _error.Dispose();
    }

    [Theory]
    [InlineData("docter", "doctor")]
    [InlineData("tpa", "tap")]
    [InlineData("bnech", "bench")]
    public async Task An_unknown_verb_is_refused_and_the_nearest_one_is_named(string typed, string meant)
    {
        var code = await RunAsync(typed);

        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains($"'{typed}'", _error.ToString(), StringComparison.Ordinal);
        Assert.Contains($"Did you mean {meant}", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_word_that_resembles_nothing_gets_no_suggestion()
    {
        Assert.Equal(ExitCodes.Usage, await RunAsync("cornemuse"));

        Assert.DoesNotContain("Did you mean", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_verb_at_all_prints_the_overview_and_is_an_error()
    {
        Assert.Equal(ExitCodes.Usage, await RunAsync());

        Assert.Contains("fablab tap", _error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("help")]
    public async Task Help_lists_every_verb(string asked)
    {
        Assert.Equal(ExitCodes.Success, await RunAsync(asked));

        Assert.All(Fake(), verb => Assert.Contains($"fablab {verb.Name}", _out.ToString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("tap", "--help")]
    [InlineData("help", "tap")]
    [InlineData("tap", "A", "B", "-h")]
    public async Task Help_of_a_verb_shows_its_options_and_runs_nothing(params string[] typed)
    {
        Assert.Equal(ExitCodes.Success, await RunAsync(typed));

        Assert.Contains("--data DIR", _out.ToString(), StringComparison.Ordinal);
        Assert.Empty(_ran);
    }

    [Theory]
    [InlineData("it needs MACHINE CODE", "tap", "LAS-1")]
    [InlineData("'M02' is one word too many", "tap", "LAS-1", "M01", "M02")]
    [InlineData("there is no option --jason", "tap", "LAS-1", "M01", "--jason")]
    [InlineData("--data needs a value", "tap", "LAS-1", "M01", "--data")]
    [InlineData("--data needs a value", "tap", "LAS-1", "M01", "--data", "--json")]
    [InlineData("--json takes no value", "tap", "LAS-1", "M01", "--json=yes")]
    [InlineData("there is no option --Gateway:Name", "tap", "LAS-1", "M01", "--Gateway:Name", "x")]
    public async Task A_wrong_command_line_says_what_is_wrong_and_runs_nothing(string said, params string[] typed)
    {
        Assert.Equal(ExitCodes.Usage, await RunAsync(typed));

        Assert.Contains(said, _error.ToString(), StringComparison.Ordinal);
        Assert.Empty(_ran);
    }

    [Fact]
    public async Task Options_may_stand_anywhere_and_carry_their_value_either_way()
    {
        await RunAsync("tap", "--data=/tmp/a b", "LAS-1", "--json", "M01");

        var ran = Assert.Single(_ran);
        Assert.Equal(["LAS-1", "M01"], ran.Arguments);
        Assert.True(ran.Has("--json"));
        Assert.Equal("/tmp/a b", ran.Value("--data"));
        Assert.Equal("/tmp/a b", ran.Settings["FabLab:Data"]);
    }

    [Fact]
    public async Task Any_setting_can_be_given_where_settings_are_taken()
    {
        await RunAsync("up", "--Booking:TimeZone", "Europe/Brussels", "--Gateway:Name=atelier");

        var ran = Assert.Single(_ran);
        Assert.Equal("Europe/Brussels", ran.Settings["Booking:TimeZone"]);
        Assert.Equal("atelier", ran.Settings["Gateway:Name"]);
    }

    [Fact]
    public async Task A_group_of_verbs_lists_its_members()
    {
        Assert.Equal(ExitCodes.Usage, await RunAsync("bench", "tpa"));

        Assert.Contains("'tpa'", _error.ToString(), StringComparison.Ordinal);
        Assert.Contains("fablab bench tap", _error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1001")]
    [InlineData("many")]
    [InlineData("1e2")]
    public async Task A_number_out_of_bounds_is_refused_with_its_bounds(string typed)
    {
        Assert.Equal(ExitCodes.Usage, await RunAsync("bench", "tap", "--machines", typed));

        Assert.Contains("from 1 to 1000", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_verb_of_the_program_has_a_summary_and_its_options_are_told_apart()
    {
        Assert.All(Verbs.All, verb =>
        {
            Assert.NotEmpty(verb.Summary);
            Assert.Distinct(verb.Options.Select(option => option.Name));
            Assert.All(verb.Options, option => Assert.NotEmpty(option.Help));
        });
        Assert.Distinct(Verbs.All.Select(verb => verb.Name));
    }

    private Task<int> RunAsync(params string[] typed) =>
        new CommandLine(Fake(), _out, _error).RunAsync(typed, TestContext.Current.CancellationToken);

    private List<Verb> Fake()
    {
        VerbOption data = new("--data", "DIR", "the folder", "FabLab:Data");
        return
        [
            new("up", "", 0, 0, "all of it", "", [data], true, Remember),
            new("tap", "MACHINE CODE", 2, 2, "taps", "", [data, new("--json", null, "for a script")], false, Remember),
            new("doctor", "", 0, 0, "looks", "", [], false, Remember),
            new("bench tap", "", 0, 0, "measures", "", [new("--machines", "N", "how many")], false, (invocation, _) =>
            {
                invocation.Number("--machines", 100, 1, 1000);
                return Task.FromResult(ExitCodes.Success);
            }),
        ];
    }

    private Task<int> Remember(Invocation invocation, CancellationToken cancellationToken)
    {
        _ran.Add(invocation);
        return Task.FromResult(ExitCodes.Success);
    }
}
