using System.Diagnostics;
using FabLab.Host.Cli;
using Microsoft.Playwright;

namespace FabLab.Host.Tests.EndToEnd;

/// <summary>
/// What staff do in the browser is in force at the relay: Chromium, the whole demonstration as a process, its real broker and its
/// virtual devices. The times are told and not asserted.
/// </summary>
public sealed class HabilitationTests : IAsyncLifetime
{
    private DemoLab? _demo;
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private IPage? _page;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private LabHandle Lab => _demo!.Lab;

    private IPage Page => _page!;

    public async ValueTask InitializeAsync()
    {
        _demo = await DemoLab.StartAsync(Cancel);
        _playwright = await Playwright.CreateAsync();
        string[] places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = places.FirstOrDefault(File.Exists) ?? throw new InvalidOperationException("The browser tests need Chromium (Debian and Ubuntu: the package chromium)."),
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"],
        });
        _page = await _browser.NewPageAsync(new BrowserNewPageOptions { BaseURL = _demo.Web.ToString(), Locale = "fr-FR" });
        // The first manager of the demonstration is Inès, M01, who is also a trainer.
        await Page.GotoAsync("/sign-in");
        await Page.Locator("form[action='/sign-in/demo'] button").ClickAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        if (_demo is not null)
            await _demo.DisposeAsync();
    }

    [Fact]
    public async Task A_grant_and_a_withdrawal_in_the_browser_hold_at_the_relay()
    {
        Assert.Equal("training_missing", (await Lab.TapAsync("LAS-1", "M04", Cancel)).Code);
        await Page.GotoAsync("/habilitations");
        await Page.Locator("#q").FillAsync("M04");
        await Page.Locator("form[role=search] button").ClickAsync();

        // The second half of a double click is no second act, and the keyboard stays where it was.
        await Page.Locator(Cell("M04", "LAS-1")).DblClickAsync();
        var granted = await UntilAsync(async () => (await Lab.TapAsync("LAS-1", "M04", Cancel)).Outcome == "granted");
        Assert.True(await Lab.IsOnAsync("LAS-1", Cancel));
        await Assertions.Expect(Page.Locator(Cell("M04", "LAS-1"))).ToBeFocusedAsync();
        await Assertions.Expect(Page.Locator(Cell("M04", "LAS-1"))).ToHaveAttributeAsync("value", "M04/LAS-1/1");

        await Page.GetByLabel("Retirer", new PageGetByLabelOptions { Exact = true }).CheckAsync();
        await Page.Locator(Cell("M04", "LAS-1")).ClickAsync();
        var ended = await UntilAsync(async () => !await Lab.IsOnAsync("LAS-1", Cancel));
        // The display may still be saying that the use was ended; whatever it says, no tap is granted.
        var refused = await Eventually.IsAsync(
            async () =>
            {
                var tapped = await Lab.TapAsync("LAS-1", "M04", Cancel);
                Assert.NotEqual("granted", tapped.Outcome);
                return tapped;
            },
            tapped => tapped.Code == "training_missing", "a new tap is refused", Cancel);
        Assert.Equal(ExitCodes.Refused, refused.Exit);
        Assert.False(await Lab.IsOnAsync("LAS-1", Cancel));

        // The undo brings the right back; the acts all stay in the passport.
        await Page.Locator("#matrix-done form button").ClickAsync();
        var again = await UntilAsync(async () => (await Lab.TapAsync("LAS-1", "M04", Cancel)).Outcome == "granted");
        await Lab.EndedAsync("LAS-1", "M04", Cancel);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"click to granted tap {granted.TotalMilliseconds:0} ms; click to relay open {ended.TotalMilliseconds:0} ms; undo to granted tap {again.TotalMilliseconds:0} ms");
    }

    [Fact]
    public async Task An_induction_at_the_machine_gives_the_habilitation_and_a_normal_tap_of_the_trainer_does_not()
    {
        // Not armed: a trainer's tap starts the machine, and the next person is refused as ever.
        await Lab.GrantedAsync("LAS-1", "M01", Cancel);
        Assert.Equal("refused", (await Lab.TapAsync("LAS-1", "M04", Cancel)).Outcome);
        await Lab.EndedAsync("LAS-1", "M01", Cancel);
        Assert.Equal("training_missing", (await Lab.TapAsync("LAS-1", "M04", Cancel)).Code);

        await Page.GotoAsync("/machines/LAS-1/train");
        await Page.Locator("form[action='/machines/LAS-1/train'] button").ClickAsync();
        await Assertions.Expect(Page.Locator("#armed")).ToBeVisibleAsync();
        var begun = await Eventually.IsAsync(
            () => Lab.TapAsync("LAS-1", "M01", Cancel), tapped => tapped.Code == "induction_trainee_please", "the trainer's tap begins the induction", Cancel);
        Assert.False(await Lab.IsOnAsync("LAS-1", Cancel));

        var given = await Lab.TapAsync("LAS-1", "M04", Cancel);
        var inForce = await UntilAsync(async () => (await Lab.TapAsync("LAS-1", "M04", Cancel)).Outcome == "granted");

        Assert.Equal(("induction_given", "done"), (given.Code, given.Outcome));
        await Assertions.Expect(Page.Locator("#induction .notice")).ToContainTextAsync("a maintenant l’habilitation");
        await Lab.EndedAsync("LAS-1", "M04", Cancel);
        // One arming, one induction: the trainer's badge starts the machine again.
        await Lab.GrantedAsync("LAS-1", "M01", Cancel);
        await Lab.EndedAsync("LAS-1", "M01", Cancel);
        TestContext.Current.TestOutputHelper?.WriteLine($"trainee's tap to granted tap {inForce.TotalMilliseconds:0} ms; {begun.Text} {given.Text}");
    }

    private static string Cell(string person, string machine) => $"button[name=cell][value^='{person}/{machine}/']";

    /// <summary>How long it took, up to 20 s.</summary>
    private static async Task<TimeSpan> UntilAsync(Func<Task<bool>> holds)
    {
        var from = Stopwatch.GetTimestamp();
        await Eventually.IsAsync(holds, done => done, "what was done in the browser holds at the machine", Cancel);
        return Stopwatch.GetElapsedTime(from);
    }
}
