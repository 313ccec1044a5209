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
        async ([selector, until, step]) => {
            const box = document.querySelector(selector), took = [];
            box.scrollIntoView({ block: 'end' });
            let last = await new Promise(requestAnimationFrame);
            // Where the next rows are still on their way it waits at the end, a frame at a time.
            for (let i = 0; i < 6000 && box.scrollTop < until; i++) {
                box.scrollTop += step;
                const now = await new Promise(requestAnimationFrame);
                took.push(now - last);
                last = now;
            }
            return { took, rows: document.querySelectorAll('.matrix tbody tr').length, nodes: document.querySelectorAll('*').length };
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
        var floor = await page.EvaluateAsync<JsonElement>(Scroll, new object[] { "#floor", 11000, 40 });
        await page.GotoAsync("/habilitations");
        var within = await page.EvaluateAsync<JsonElement>(Scroll, new object[] { ".matrix-scroll", 12000, 40 });
        await page.GotoAsync("/habilitations");
        var (through, tasks) = await TracedAsync(page, () => page.EvaluateAsync<JsonElement>(Scroll, new object[] { ".matrix-scroll", 60_000, 40 }));

        foreach (var (name, told) in new[] { ("floor", floor), ("some 200 rows", within), ("some 1,000 rows", through) })
            TestContext.Current.TestOutputHelper!.WriteLine(Line(name, told));
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"processor's time of one task of the page, through some 1,000 rows: over 50 ms {tasks.Count(one => one > 50)}, longest {tasks.Max():0.0} ms"));
        Assert.True(through.GetProperty("rows").GetInt32() >= 500);
    }

    /// <summary>What was done, and the processor's time in milliseconds of each task of the page's thread meanwhile: what a busy computer does not change.</summary>
    private static async Task<(JsonElement Told, List<double> Tasks)> TracedAsync(IPage page, Func<Task<JsonElement>> act)
    {
        var devTools = await page.Context.NewCDPSessionAsync(page);
        var (events, whole) = (new List<JsonElement>(), new TaskCompletionSource());
        devTools.Event("Tracing.dataCollected").OnEvent += (_, told) => events.AddRange(told!.Value.GetProperty("value").EnumerateArray().Select(one => one.Clone()));
        devTools.Event("Tracing.tracingComplete").OnEvent += (_, _) => whole.TrySetResult();
        await devTools.SendAsync("Tracing.start", new Dictionary<string, object> { ["transferMode"] = "ReportEvents", ["traceConfig"] = new { includedCategories = new[] { "toplevel" } } });
        var told = await act();
        await devTools.SendAsync("Tracing.end");
        await whole.Task.WaitAsync(Cancel);
        var threads = events.Where(one => one.GetProperty("name").GetString() == "thread_name" && one.GetProperty("args").GetProperty("name").GetString() == "CrRendererMain").Select(Thread).ToHashSet();
        return (told, [.. events.Where(one => one.TryGetProperty("tdur", out _) && threads.Contains(Thread(one))).Select(one => one.GetProperty("tdur").GetDouble() / 1000)]);

        static (int, int) Thread(JsonElement one) => (one.GetProperty("pid").GetInt32(), one.GetProperty("tid").GetInt32());
    }

    private static string Line(string name, JsonElement told)
    {
        double[] took = [.. told.GetProperty("took").EnumerateArray().Select(one => one.GetDouble()).Order()];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {took.Length} frames, over 50 ms {took.Count(one => one > 50)}, median {took[took.Length / 2]:0.0} ms, 95 % {took[took.Length * 95 / 100]:0.0} ms, longest {took[^1]:0.0} ms; {told.GetProperty("rows").GetInt32()} rows, {told.GetProperty("nodes").GetInt32()} nodes");
    }
}
