using FabLab.Booking.Features.People;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Badges;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;

namespace FabLab.Booking.Tests.Pages.Browser;

/// <summary>The front desk, and a manager who is asked why.</summary>
public sealed class FrontDeskJourneyTests(BrowserFixture browser)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_front_desk_registers_a_newcomer_and_enrols_a_badge_at_a_reader(bool desk)
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        await SampleLab.SeedAsync(host, Cancel);
        // The only desk reader waits for nobody else.
        await host.Writer.WriteAsync((write, cancel) => write.Db.BadgeEnrolments.ExecuteDeleteAsync(cancel), Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        Look look = desk ? Look.DeskDark : Look.Phone;
        bool french = look.Language == "fr";
        await using Visit visit = await Visit.OpenAsync(browser, host.Address, look, staff);
        IPage page = visit.Page;

        await visit.GoAsync("/people");
        await page.Locator("a[href='/people/new']").ClickAsync();
        await page.FillAsync("#name", "Awa Diallo");
        await page.FillAsync("#birth", "2012-05-04");
        await page.Locator("input[name=age][value=minor]").CheckAsync();
        await FitsAsync(visit, "journey-newcomer-form");
        await page.Locator("form[action='/people/new'] button").ClickAsync();

        await Assertions.Expect(page.Locator(".notice").First).ToContainTextAsync(french ? "Awa Diallo est inscrit·e avec le code court M03" : "Awa Diallo is registered with the short code M03");
        await FitsAsync(visit, "journey-newcomer-badges");
        PersonId awa = await host.ReadAsync(db => db.People.Where(p => p.DisplayName == "Awa Diallo").Select(p => p.Id).SingleAsync(Cancel));
        await page.Locator("#reader").SelectOptionAsync("lecteur-accueil/0");
        await page.Locator($"form[action='/people/{awa}/badges/wait'] button").ClickAsync();
        await Assertions.Expect(page.Locator("#wait h1")).ToBeVisibleAsync();
        await FitsAsync(visit, "journey-newcomer-wait");

        // The tap at the reader, as a gateway hands it in.
        BadgePrint print = new BadgeHasher(1, new byte[32]).Print(BadgeNumber.Parse("em:0A0B0C0D0E")!);
        await host.Writer.WriteAsync(
            (write, cancel) => BadgeEnrolments.TapAsync(write, new BadgeSeen(new DeviceId("lecteur-accueil"), 0, print, false), write.Now, cancel), Cancel);

        await Assertions.Expect(page.Locator("#wait .notice")).ToBeVisibleAsync(new LocatorAssertionsToBeVisibleOptions { Timeout = 15_000 });
        await FitsAsync(visit, "journey-newcomer-done");
        await page.Locator("#wait a.button").ClickAsync();
        Assert.Equal(1, await page.Locator("article[aria-labelledby^='badge-']").CountAsync());
        Assert.Equal(awa, await host.ReadAsync(db => db.Badges.Where(b => b.Full == print.Full).Select(b => b.PersonId).SingleAsync(Cancel)));
        Assert.Empty(visit.Complaints);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_manager_finds_out_why_a_maker_was_refused_and_grants_what_was_missing(bool desk)
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        // A member who lacks the training and nothing else.
        await host.Writer.WriteAsync(
            async (write, cancel) => (await write.Db.People.SingleAsync(p => p.Id == lab.Lou, cancel)).MemberThrough = write.Now.InUtc().Date.PlusMonths(6), Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        Look look = desk ? Look.DeskDark : Look.Phone;
        bool french = look.Language == "fr";
        await using Visit visit = await Visit.OpenAsync(browser, host.Address, look, staff);
        IPage page = visit.Page;

        await visit.GoAsync("/");
        await page.Locator("a[href='/machines/LAS-1']").First.ClickAsync();
        ILocator refusal = page.Locator(".refusals li", new PageLocatorOptions { HasText = "Lou" });
        await Assertions.Expect(refusal.Locator(".strong")).Not.ToBeEmptyAsync();
        Assert.True(await refusal.Locator("p").CountAsync() >= 3, "when and who, why, and what next");
        await FitsAsync(visit, "journey-refused-machine");
        await refusal.Locator("a.button").ClickAsync();

        // The missing training is chosen already.
        await Assertions.Expect(page.Locator("#training")).ToHaveValueAsync(lab.Laser.ToString());
        await Assertions.Expect(page.Locator(".rights li", new PageLocatorOptions { HasText = "LAS-1" }).First).ToContainTextAsync(french ? "Avec quelqu’un" : "With somebody");
        await FitsAsync(visit, "journey-refused-person");
        await page.FillAsync("#evidence", french ? "Essai au poste" : "Test at the machine");
        await page.Locator($"form[action='/people/{lab.Lou}/habilitations/grant'] button").ClickAsync();

        await Assertions.Expect(page.Locator(".notice").First).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator(".rights > li", new PageLocatorOptions { HasText = "LAS-1" }).First).ToContainTextAsync(french ? "Oui" : "Yes");
        await FitsAsync(visit, "journey-refused-granted");
        Assert.Empty(visit.Complaints);
    }

    private static async Task FitsAsync(Visit visit, string name)
    {
        await visit.PictureAsync(name);
        Assert.Empty(await visit.AccessibilityFaultsAsync());
        Assert.True(await visit.SidewaysAsync() <= 0, $"{name} is wider than the window");
    }
}
