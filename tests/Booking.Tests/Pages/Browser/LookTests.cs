using Microsoft.Playwright;

namespace FabLab.Booking.Tests.Pages.Browser;

/// <summary>Every page, in both languages, light and dark, on a phone and on a desk.</summary>
public sealed class LookTests(BrowserFixture browser)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public Task On_a_phone_every_page_is_free_of_serious_accessibility_faults_and_fits_its_window() =>
        EveryLook.AtAsync(browser, BrowserFixture.PictureFolder is null ? [Look.Phone] : [Look.Phone, Look.NarrowPhone, Look.PhoneDark]);

    [Fact]
    public async Task Every_screen_of_the_door_is_free_of_serious_accessibility_faults_and_fits()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: true, Cancel);
        await SampleLab.SeedAsync(host, Cancel);
        (var app, Uri address) = await KioskTests.StartDoorAsync(host.Address.ToString(), Cancel);
        var faults = new List<string>();
        await using (app)
        {
            foreach (Look look in new[] { Look.Door, Look.DoorDark, Look.NarrowPhone })
            {
                await using Visit visit = await Visit.OpenAsync(browser, address, look);
                foreach (string path in new[] { "/", "/machines", "/how", "/help", "/code", "/visit", "/visit/age?reason=other", "/first", "/first/name", "/leave", "/thanks" })
                {
                    await visit.GoAsync(path);
                    await visit.PictureAsync("door" + path.Split('?')[0].Replace('/', '-'));
                    if (await visit.SidewaysAsync() is > 0 and int wider)
                        faults.Add($"{path} at {look.Name}: {wider} px wider than the window");
                    if (look != Look.NarrowPhone)
                        faults.AddRange((await visit.AccessibilityFaultsAsync()).Select(f => $"{path} at {look.Name}: {f}"));
                    // Tiles are for fingers.
                    foreach (ILocator tile in await visit.Page.Locator(".door-tile, .langs a").AllAsync())
                    {
                        if (await tile.BoundingBoxAsync() is { Height: < 72 } box)
                            faults.Add($"{path} at {look.Name}: a target is {box.Height} px high");
                    }
                }

                faults.AddRange(visit.Complaints);
            }
        }

        Assert.Empty(faults);
    }
}
