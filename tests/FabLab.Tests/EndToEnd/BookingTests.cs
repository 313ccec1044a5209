using Microsoft.Playwright;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Host.Tests.EndToEnd;

/// <summary>A booking made in the browser is in force at the relay: Chromium, the whole demonstration as a process, its real broker and its virtual devices.</summary>
public sealed class BookingTests : IAsyncLifetime
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
        // The first manager of the demonstration is Inès, M01, who uses the laser like the others.
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
    public async Task A_maker_books_and_taps_and_nobody_else_gets_the_machine()
    {
        // Before: whoever is habilitated walks up.
        await Lab.GrantedAsync("LAS-1", "M02", Cancel);
        await Lab.EndedAsync("LAS-1", "M02", Cancel);
        await Page.GotoAsync("/book");
        await Page.Locator("a[href='/book/LAS-1']").First.ClickAsync();
        var paris = DateTimeZoneProviders.Tzdb["Europe/Paris"];
        var now = Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow()).InZone(paris).LocalDateTime;
        var until = now.PlusMinutes(60);
        await Page.Locator("details:has(input[name=fromDay]) > summary").ClickAsync();
        foreach (var (name, value) in new[] { ("fromDay", Day(now)), ("fromTime", Clock(now)), ("untilDay", Day(until)), ("untilTime", Clock(until)) })
            await Page.Locator($"input[name={name}]").FillAsync(value);
        await Page.Locator("form:has(input[name=fromDay]) button").ClickAsync();
        await Assertions.Expect(Page.Locator(".notice").First).ToBeVisibleAsync();
        await Page.WaitForLoadStateAsync(LoadState.DOMContentLoaded);
        // Whatever the hour at which this runs: outside the hours of the place its team sets them aside.
        for (var rules = 1; rules <= 3 && await Page.Locator("form:has(input[name=waive])").CountAsync() > 0; rules++)
        {
            await Page.Locator("form:has(input[name=waive]) input[name=why]").FillAsync("soirée d’essai");
            await Page.Locator("form:has(input[name=waive]) button").ClickAsync();
            // The next page sets one rule more aside, or says that it is done.
            await Assertions.Expect(Page.Locator("input[name=waive]")).Not.ToHaveCountAsync(rules);
            await Page.WaitForLoadStateAsync(LoadState.DOMContentLoaded);
        }
        await Assertions.Expect(Page.Locator(".notice").First).ToContainTextAsync("est réservée");

        var other = await Eventually.IsAsync(
            async () =>
            {
                var tapped = await Lab.TapAsync("LAS-1", "M02", Cancel);
                if (tapped.Outcome == "granted")
                    await Lab.EndedAsync("LAS-1", "M02", Cancel);
                return tapped;
            },
            tapped => tapped.Code == "reserved_by_other", "the booking holds at the machine", Cancel);
        Assert.Equal("refused", other.Outcome);
        Assert.False(await Lab.IsOnAsync("LAS-1", Cancel));
        await Lab.GrantedAsync("LAS-1", "M01", Cancel);
        Assert.True(await Lab.IsOnAsync("LAS-1", Cancel));
        await Page.GotoAsync("/planning/wall");
        await Assertions.Expect(Page.Locator(".wall-tiles > li").Filter(new LocatorFilterOptions { HasText = "LAS-1" })).ToContainTextAsync("Allumée");
        await Lab.EndedAsync("LAS-1", "M01", Cancel);
    }

    private static string Day(LocalDateTime at) => LocalDatePattern.Iso.Format(at.Date);

    private static string Clock(LocalDateTime at) => LocalTimePattern.CreateWithInvariantCulture("HH':'mm").Format(at.TimeOfDay);
}
