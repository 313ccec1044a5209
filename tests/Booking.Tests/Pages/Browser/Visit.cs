using System.Text.Json;
using Microsoft.Playwright;

namespace FabLab.Booking.Tests.Pages.Browser;

/// <summary>How a page is looked at.</summary>
public sealed record Look(string Name, int Width, int Height, ColorScheme Scheme, string Language)
{
    public static Look Phone { get; } = new("phone", 390, 844, ColorScheme.Light, "fr");

    public static Look NarrowPhone { get; } = new("narrow", 360, 640, ColorScheme.Light, "fr");

    public static Look Desk { get; } = new("desk", 1280, 800, ColorScheme.Light, "fr");

    public static Look DeskDark { get; } = new("desk-dark", 1280, 800, ColorScheme.Dark, "en");

    public static Look PhoneDark { get; } = new("phone-dark", 390, 844, ColorScheme.Dark, "en");

    public static Look Door { get; } = new("door", 1080, 1920, ColorScheme.Light, "fr");

    public static Look DoorDark { get; } = new("door-dark", 1080, 1920, ColorScheme.Dark, "en");
}

/// <summary>One browser window on one app, and what is asked of every page: no accessibility fault, no sideways scroll, no script or policy error.</summary>
public sealed class Visit : IAsyncDisposable
{
    private static readonly Lazy<Task<string>> AxeText = new(() => File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "axe.min.js")));

    private readonly IBrowserContext _context;
    private readonly List<string> _complaints = [];
    private bool _hasAxe;

    private Visit(IBrowserContext context, IPage page, Look look) => (_context, Page, Look) = (context, page, look);

    public IPage Page { get; }

    public Look Look { get; }

    /// <summary>What the browser complained about: script errors, refusals of the content security policy.</summary>
    public IReadOnlyList<string> Complaints => _complaints;

    public static async Task<Visit> OpenAsync(BrowserFixture fixture, Uri address, Look look, PageClient? signedInAs = null, bool script = true)
    {
        IBrowser browser = await fixture.BrowserAsync();
        IBrowserContext context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = address.ToString(),
            ViewportSize = new ViewportSize { Width = look.Width, Height = look.Height },
            ColorScheme = look.Scheme,
            Locale = look.Language == "fr" ? "fr-FR" : "en-GB",
            ReducedMotion = ReducedMotion.Reduce,
            JavaScriptEnabled = script,
        });
        if (signedInAs is not null)
        {
            await context.AddCookiesAsync(signedInAs.Cookies.GetAllCookies().Select(c => new Microsoft.Playwright.Cookie
            {
                Name = c.Name,
                Value = c.Value,
                Url = address.ToString(),
            }));
        }

        IPage page = await context.NewPageAsync();
        var visit = new Visit(context, page, look);
        page.PageError += (_, error) => visit._complaints.Add(error);
        page.Console += (_, line) =>
        {
            if (line.Type is "error" && !line.Text.Contains("ERR_INCOMPLETE_CHUNKED_ENCODING", StringComparison.Ordinal))
                visit._complaints.Add(line.Text);
        };
        return visit;
    }

    public async Task GoAsync(string path)
    {
        await Page.GotoAsync(path, new PageGotoOptions { WaitUntil = WaitUntilState.Load });
        await Page.EvaluateAsync("document.fonts.ready");
    }

    /// <summary>Serious and critical findings of axe, one a line.</summary>
    public async Task<IReadOnlyList<string>> AccessibilityFaultsAsync()
    {
        // Evaluated by the debugger and not as a script of the page, which the policy would refuse. Who asks of one page asks of the
        // next one too: there the browser has it already, unless it runs no script.
        if (!await Page.EvaluateAsync<bool>("'axe' in window"))
        {
            string axe = await AxeText.Value;
            await Page.EvaluateAsync(axe);
            if (!_hasAxe)
                await Page.AddInitScriptAsync(axe);
            _hasAxe = true;
        }

        string json = await Page.EvaluateAsync<string>(
            "async () => JSON.stringify((await axe.run(document, { resultTypes: ['violations'] })).violations)");
        using var document = JsonDocument.Parse(json);
        return
        [
            .. document.RootElement.EnumerateArray()
                .Where(v => v.GetProperty("impact").GetString() is "serious" or "critical")
                .Select(v => $"{v.GetProperty("id").GetString()}: {v.GetProperty("help").GetString()} at "
                    + string.Join("; ", v.GetProperty("nodes").EnumerateArray().Take(4).Select(n => n.GetProperty("target").ToString() + " " + n.GetProperty("failureSummary").GetString()))),
        ];
    }

    /// <summary>How many pixels the page is wider than the window.</summary>
    public Task<int> SidewaysAsync() => Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");

    /// <summary>Saves a picture when somebody wants pictures.</summary>
    public async Task PictureAsync(string name)
    {
        if (BrowserFixture.PictureFolder is { } folder)
        {
            Directory.CreateDirectory(folder);
            await Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"{name}-{Look.Name}-{Look.Language}.png"), FullPage = true });
        }
    }

    public async ValueTask DisposeAsync() => await _context.CloseAsync();
}
