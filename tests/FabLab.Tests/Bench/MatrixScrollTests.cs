using System.Globalization;
using System.Text.Json;
using FabLab.Booking.Data;
using FabLab.Host.Bench;
using FabLab.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace FabLab.Host.Tests.Bench;

/// <summary>How smoothly the matrix people × machines scrolls. A measurement and no promise of a busy computer: it runs when asked for alone. bench/README.md says how.</summary>
public sealed class MatrixScrollTests
{
    /// <summary>Scrolls a frame's worth at each frame through so many rows, and notes how long each frame took.</summary>
    private const string Scroll = """
        async ([selector, rows, step]) => {
            const box = document.querySelector(selector), took = [];
            const count = () => document.querySelectorAll('#matrix-rows tr').length;
            // Its end must be in the window for the next page to be asked for.
            box.scrollIntoView({ block: 'end' });
            let last = await new Promise(requestAnimationFrame);
            for (let i = 0; i < 4000 && (count() < rows || box.scrollTop + box.clientHeight < box.scrollHeight - 200); i++) {
                box.scrollTop += step;
                const now = await new Promise(requestAnimationFrame);
                took.push(now - last);
                last = now;
                if (rows === 0 && box.scrollTop + box.clientHeight >= box.scrollHeight - 1)
                    break;
            }
            return { took, rows: count(), nodes: document.querySelectorAll('*').length };
        }
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact(Explicit = true)]
    public async Task How_long_frames_take_while_the_matrix_scrolls()
    {
        using var folder = new TemporaryFolder();
        await using var app = await MatrixBench.StartAsync(folder.Path, Cancel);
        await MatrixBench.FillAsync(app.Services.GetRequiredService<BookingWriter>(), 2000, 60, 6, Cancel);
        string[] places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = places.First(File.Exists), Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
        var page = await browser.NewPageAsync(new BrowserNewPageOptions { BaseURL = app.Urls.Single(), ViewportSize = new ViewportSize { Width = 1280, Height = 800 } });
        await page.GotoAsync("/sign-in");
        await page.ClickAsync("form[action='/sign-in/demo'] button");
        await page.WaitForURLAsync("**/");

        // The floor: the same scrolling of as much empty height.
        await page.GotoAsync("/habilitations");
        await page.EvaluateAsync("() => { const box = document.createElement('div'); box.id = 'floor'; box.style.height = '600px'; box.style.overflow = 'auto'; box.innerHTML = '<div></div>'; document.body.replaceChildren(box); box.firstChild.style.height = '12000px'; }");
        var floor = await page.EvaluateAsync<JsonElement>(Scroll, new object[] { "#floor", 0, 40 });
        await page.GotoAsync("/habilitations");
        var within = await page.EvaluateAsync<JsonElement>(Scroll, new object[] { ".matrix-scroll", 0, 40 });
        await page.GotoAsync("/habilitations");
        var through = await page.EvaluateAsync<JsonElement>(Scroll, new object[] { ".matrix-scroll", 300, 40 });

        foreach (var (name, told) in new[] { ("floor", floor), ("one page", within), ("ten pages", through) })
            TestContext.Current.TestOutputHelper!.WriteLine(Line(name, told));
        Assert.True(through.GetProperty("rows").GetInt32() >= 300);
    }

    private static string Line(string name, JsonElement told)
    {
        double[] took = [.. told.GetProperty("took").EnumerateArray().Select(one => one.GetDouble()).Order()];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {took.Length} frames, over 50 ms {took.Count(one => one > 50)}, median {took[took.Length / 2]:0.0} ms, 95 % {took[took.Length * 95 / 100]:0.0} ms, longest {took[^1]:0.0} ms; {told.GetProperty("rows").GetInt32()} rows, {told.GetProperty("nodes").GetInt32()} nodes");
    }
}
