namespace FabLab.Booking.Tests.Pages;

public sealed class AlarmPageTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_alarm_is_counted_in_the_menu_until_somebody_has_seen_it()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        Assert.Equal("Rien à regarder", (await staff.GetAsync("/alarms", Cancel)).TextOf(".empty strong"));
        await SampleLab.SeedAsync(host, Cancel);

        PageAnswer page = await staff.GetAsync("/alarms", Cancel);
        PageAnswer seen = await staff.FollowAsync(await staff.SubmitAsync(page, ".alarms form", null, Cancel), Cancel);

        Assert.Equal("Alarmes (1)", page.TextOf("a[aria-current=page]"));
        Assert.Contains("Le relais ne s’est pas fermé.", page.Text, StringComparison.Ordinal);
        Assert.Equal("Alarmes", seen.TextOf("a[aria-current=page]"));
        Assert.Empty(seen.Document.QuerySelectorAll(".alarms form"));
    }
}
