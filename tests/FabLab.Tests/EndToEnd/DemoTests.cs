using System.Text.Json.Nodes;
using FabLab.Host.Cli;

namespace FabLab.Host.Tests.EndToEnd;

/// <summary>One demonstration, used by all tests of this class one after the other, each at machines of its own.</summary>
public sealed class DemoFixture : IAsyncLifetime
{
    private DemoLab? _demo;

    internal DemoLab Demo => _demo ?? throw new InvalidOperationException("The demonstration has not been started.");

    public async ValueTask InitializeAsync() => _demo = await DemoLab.StartAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_demo is { } demo)
            await demo.DisposeAsync();
    }
}

public sealed class DemoTests(DemoFixture fixture) : IClassFixture<DemoFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private LabHandle Lab => fixture.Demo.Lab;

    [Fact]
    public async Task A_granted_tap_switches_the_machine_on_and_the_next_one_ends_it_and_the_ledger_has_the_milliseconds()
    {
        await Lab.GrantedAsync("LAS-1", "M01", Cancel);
        Assert.True(await Lab.IsOnAsync("LAS-1", Cancel));

        await Lab.EndedAsync("LAS-1", "M01", Cancel);

        Assert.False(await Lab.IsOnAsync("LAS-1", Cancel));
        await Lab.LedgerAddsUpAsync("LAS-1", rows: 1, Cancel);
    }

    [Theory]
    [InlineData("M04", "training_missing")]
    [InlineData("M05", "training_expired")]
    [InlineData("M06", "membership_ended")]
    [InlineData("M07", "badge_lost")]
    [InlineData("M08", "badge_suspended")]
    [InlineData("M09", "person_inactive")]
    [InlineData("M41", "too_young")]
    [InlineData("0102030405", "unknown_badge")]
    public async Task A_refused_tap_exits_3_and_says_why_in_plain_words(string person, string code)
    {
        var tapped = await Lab.TapAsync("LAS-1", person, Cancel);

        Assert.Equal(ExitCodes.Refused, tapped.Exit);
        Assert.Equal("refused", tapped.Outcome);
        Assert.Equal(code, tapped.Code);
        Assert.NotEmpty(tapped.Text!);
        Assert.False(await Lab.IsOnAsync("LAS-1", Cancel));
    }

    [Fact]
    public async Task A_refused_tap_leaves_the_running_use_alone()
    {
        await Lab.GrantedAsync("BRO-1", "M13", Cancel);

        var refused = await Lab.TapAsync("BRO-1", "M06", Cancel);

        Assert.Equal(ExitCodes.Refused, refused.Exit);
        Assert.True(await Lab.IsOnAsync("BRO-1", Cancel));
        await Lab.EndedAsync("BRO-1", "M13", Cancel);
        await Lab.LedgerAddsUpAsync("BRO-1", rows: 1, Cancel);
    }

    [Fact]
    public async Task A_tap_by_somebody_else_with_the_right_hands_the_machine_over_and_it_stays_on()
    {
        await Lab.GrantedAsync("LAS-2", "M01", Cancel);

        var tapped = await Lab.TapAsync("LAS-2", "M02", Cancel);

        Assert.Equal((ExitCodes.Success, "handed-over"), (tapped.Exit, tapped.Outcome));
        Assert.True(await Lab.IsOnAsync("LAS-2", Cancel));
        await Lab.EndedAsync("LAS-2", "M02", Cancel);
        await Lab.LedgerAddsUpAsync("LAS-2", rows: 2, Cancel);
    }

    [Fact]
    public async Task A_learner_waits_for_the_second_badge_and_the_companion_starts_the_machine()
    {
        var waiting = await Lab.TapAsync("IMP-1", "M11", Cancel);
        Assert.Equal((ExitCodes.Refused, "waiting"), (waiting.Exit, waiting.Outcome));

        await Lab.GrantedAsync("IMP-1", "M01", Cancel);

        await Lab.EndedAsync("IMP-1", "M11", Cancel);
        await Lab.LedgerAddsUpAsync("IMP-1", rows: 1, Cancel);
    }

    [Theory]
    [InlineData("LAS-9", "M01", "unknown-machine")]
    [InlineData("LAS-1", "M99", "unknown-person")]
    public async Task A_machine_or_person_that_is_not_there_is_an_error_and_not_a_refusal(string machine, string person, string error)
    {
        var tapped = await Lab.TapAsync(machine, person, Cancel);

        Assert.Equal(ExitCodes.Failure, tapped.Exit);
        Assert.Equal(error, tapped.Said["error"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_relay_is_tried_from_the_command_line_opens_by_itself_and_is_on_nobodys_ledger()
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();

        var exit = await new CommandLine(Verbs.All, output, error).RunAsync(["device", "test", "imp-5", "--data", Lab.Data, "--json"], Cancel);

        Assert.True(exit == ExitCodes.Success, output.ToString() + error);
        var said = JsonNode.Parse(output.ToString())!;
        Assert.Equal(("imp-5", "Passed", "virtual-1.0"), ((string)said["device"]!, (string)said["outcome"]!, (string)said["firmware"]!));
        // A lease of five seconds, renewed at three; the machine's own rule, to finish when it is left alone, is put aside for that long.
        Assert.InRange(await Lab.OnTimeAsync("IMP-5", Cancel), 7_500, 9_500);
        Assert.Equal(0, (await Lab.LedgerAsync("IMP-5", Cancel)).Rows);
        Assert.Equal(ExitCodes.Failure, await new CommandLine(Verbs.All, output, error).RunAsync(["device", "test", "cnc-99", "--data", Lab.Data], Cancel));
    }

    [Fact]
    public async Task A_serial_cable_pulled_and_put_back_in_mid_use_loses_no_millisecond()
    {
        await Lab.GrantedAsync("CNC-2", "M14", Cancel);
        await Lab.DoAsync("unplug", "CNC-2", Cancel);
        await Eventually.IsAsync(() => Lab.IsConnectedAsync("cnc-2", Cancel), there => !there, "CNC-2 is unplugged", Cancel);

        await Lab.DoAsync("plug", "CNC-2", Cancel);

        var ended = await Eventually.IsAsync(() => Lab.TapAsync("CNC-2", "M14", Cancel), tapped => tapped.Outcome != "refused", "CNC-2 hears the gateway again", Cancel);
        Assert.Equal("ended", ended.Outcome);
        await Lab.LedgerAddsUpAsync("CNC-2", rows: 1, Cancel);
    }

    [Fact]
    public async Task A_broker_that_is_killed_in_mid_use_comes_back_and_the_ledger_adds_up()
    {
        await Lab.GrantedAsync("VIN-1", "M12", Cancel);
        var broker = Assert.Single(fixture.Demo.Process.Children(), child => File.ReadAllText($"/proc/{child}/comm").Trim() == "mosquitto");

        System.Diagnostics.Process.GetProcessById(broker).Kill();

        await Eventually.IsAsync(() => Task.FromResult(fixture.Demo.Process.Children()), children => !children.Contains(broker), "the broker is gone", Cancel);
        await Eventually.IsAsync(() => Lab.IsConnectedAsync("vin-1", Cancel), there => there, "VIN-1 is connected again", Cancel);
        var ended = await Eventually.IsAsync(() => Lab.TapAsync("VIN-1", "M12", Cancel), tapped => tapped.Outcome != "refused", "VIN-1 hears the gateway again", Cancel);
        Assert.Equal("ended", ended.Outcome);
        await Lab.LedgerAddsUpAsync("VIN-1", rows: 1, Cancel);
    }

    [Fact]
    public async Task A_plug_without_a_clock_and_a_reader_that_sends_ghosts_still_make_an_honest_row()
    {
        await Lab.DoAsync(new JsonObject { ["do"] = "misbehave", ["device"] = "lecteur-imp-4", ["how"] = "ghost" }, Cancel);
        Assert.False(await Lab.IsOnAsync("IMP-4", Cancel));

        await Lab.GrantedAsync("IMP-4", "M02", Cancel);
        await Lab.EndedAsync("IMP-4", "M02", Cancel);

        // The plug has no clock: the gateway's stands in, from the plug's word that it is on to its word that it is off.
        var onTime = await Lab.OnTimeAsync("IMP-4", Cancel);
        var ledger = await Eventually.IsAsync(() => Lab.LedgerAsync("IMP-4", Cancel), sum => sum.Rows == 1, "IMP-4 is on the ledger", Cancel);
        Assert.InRange(ledger.RelayMs, onTime - 500, onTime + 500);
    }

    [Fact]
    public async Task The_words_at_the_terminal_say_granted_handed_over_and_ended()
    {
        var granted = await Lab.TapInWordsAsync("ELE-1", "M01", Cancel);
        var handedOver = await Lab.TapInWordsAsync("ELE-1", "M02", Cancel);
        var ended = await Lab.TapInWordsAsync("ELE-1", "M02", Cancel);

        Assert.Equal((0, 0, 0), (granted.Exit, handedOver.Exit, ended.Exit));
        Assert.Matches(@"^ELE-1 M01: granted, the machine is on \(\d+ ms\)", granted.Said);
        Assert.Matches(@"^ELE-1 M02: handed over, the machine stays on \(\d+ ms\) \[handed_over\]\n  « .+ »\n$", handedOver.Said);
        Assert.Matches(@"^ELE-1 M02: ended, the machine is off \(\d+ ms\)", ended.Said);
    }

    [Fact]
    public async Task The_words_at_the_terminal_say_refused_and_the_sentence_of_the_reader()
    {
        var (exit, said) = await Lab.TapInWordsAsync("LAS-1", "M04", Cancel);

        Assert.Equal(ExitCodes.Refused, exit);
        Assert.Matches(@"^LAS-1 M04: refused \(\d+ ms\) \[training_missing\]\n  « .+ »\n$", said);
    }

    [Fact]
    public void A_visitor_is_told_at_once_what_is_being_started() =>
        Assert.StartsWith("fablab: starting the broker, the services and 15 virtual devices…", fixture.Demo.Process.Said, StringComparison.Ordinal);

    [Theory]
    [InlineData("imp-2", "garbage", "BadTrailer")]
    [InlineData("imp-2", "oversized", "TooLong")]
    [InlineData("imp-3", "wrong-mac", "BadCode")]
    [InlineData("imp-2", "replay", "OldCounter")]
    public async Task A_device_that_speaks_nonsense_disturbs_nobody_and_one_line_says_what_it_was(string device, string how, string said)
    {
        await Lab.DoAsync(new JsonObject { ["do"] = "misbehave", ["device"] = device, ["how"] = how }, Cancel);

        await fixture.Demo.Process.WaitForAsync($"{device}: a message on Event was refused: {said}", Cancel);
        var tapped = await Lab.TapAsync("COU-1", "M06", Cancel);
        Assert.Contains(tapped.Outcome, new[] { "granted", "ended" });
    }

    [Fact]
    public async Task The_pages_and_the_health_check_answer()
    {
        using var http = new HttpClient { BaseAddress = fixture.Demo.Web };

        Assert.Contains("LAS-1", await http.GetStringAsync(new Uri("/", UriKind.Relative), Cancel), StringComparison.Ordinal);
        Assert.Equal("ready", (await http.GetStringAsync(new Uri("/health/ready", UriKind.Relative), Cancel)).Trim());
    }
}
