using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(FabLab.Booking.Tests.Pages.Browser.BrowserFixture))]

namespace FabLab.Booking.Tests.Pages.Browser;

/// <summary>One Chromium for all browser tests: the one Debian installs, nothing is downloaded.</summary>
public sealed class BrowserFixture : IAsyncDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>Where pictures go when somebody wants to look: set FABLAB_PICTURES to a folder. Null otherwise.</summary>
    public static string? PictureFolder { get; } = Environment.GetEnvironmentVariable("FABLAB_PICTURES") is { Length: > 0 } folder ? folder : null;

    /// <summary>Started at the first use, so that the other tests of this assembly do not wait for it.</summary>
    public async Task<IBrowser> BrowserAsync()
    {
        await _one.WaitAsync();
        try
        {
            _playwright ??= await Playwright.CreateAsync();
            return _browser ??= await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
            {
                ExecutablePath = Find(),
                Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage", "--force-color-profile=srgb"],
            });
        }
        finally
        {
            _one.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.CloseAsync();
        _playwright?.Dispose();
        _one.Dispose();
    }

    private static string Find()
    {
        string[] places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
        return places.FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("The browser tests need Chromium (Debian and Ubuntu: the package chromium).");
    }
}
