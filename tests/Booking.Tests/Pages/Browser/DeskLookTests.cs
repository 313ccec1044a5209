namespace FabLab.Booking.Tests.Pages.Browser;

/// <summary>Every page on a desk. A class of its own, so that it is looked at beside the phone and not after it.</summary>
public sealed class DeskLookTests(BrowserFixture browser)
{
    [Fact]
    public Task On_a_desk_every_page_is_free_of_serious_accessibility_faults_and_fits_its_window() =>
        EveryLook.AtAsync(browser, BrowserFixture.PictureFolder is null ? [Look.DeskDark] : [Look.Desk, Look.DeskDark]);
}
