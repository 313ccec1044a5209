using FabLab.Booking.Features.Visits;
using FabLab.Booking.Tests.Hosting;
using FabLab.Booking.Tests.Pages.Browser;
using FabLab.Core.Visits;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using NodaTime;
using Look = FabLab.Booking.Tests.Pages.Browser.Look;
using Window = FabLab.Booking.Tests.Pages.Browser.Visit;

namespace FabLab.Booking.Tests.Visits;

/// <summary>People at the door, in a real browser at the size of a kiosk and of a phone.</summary>
public sealed class DoorJourneyTests(BrowserFixture browser)
{
    /// <summary>Words smaller than 20 px, and things to touch that are lower than 72 px.</summary>
    private const string TooSmall = """
        () => {
          const seen = (e) => e.getClientRects().length > 0 && !e.closest('.hush, .skip, dialog');
          const small = [];
          for (const e of document.querySelectorAll('main *')) {
            const own = Array.from(e.childNodes).some((n) => n.nodeType === 3 && n.textContent.trim());
            if (own && seen(e) && parseFloat(getComputedStyle(e).fontSize) < 20) small.push('text ' + getComputedStyle(e).fontSize + ': ' + e.textContent.trim().slice(0, 40));
          }
          for (const e of document.querySelectorAll('main a, main button, main input:not([type=hidden])')) {
            if (seen(e) && e.getBoundingClientRect().height < 71.5) small.push('target ' + e.getBoundingClientRect().height + ': ' + (e.textContent.trim() || e.id).slice(0, 40));
          }
          return small;
        }
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Sizes => [nameof(Look.Door), nameof(Look.Phone)];

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task A_visitor_of_82_alone_at_the_door(string size)
    {
        await using var host = await BookingHost.StartAsync();
        await SmallLab.InAsync(host);
        await using var door = await DoorHost.StartAsync(host);
        await door.FetchAsync();
        await using var visit = await Window.OpenAsync(browser, door.Address, Of(size));
        var page = visit.Page;
        var faults = new List<string>();

        await visit.GoAsync("/");
        await LookAsync(visit, "82-1-home", faults);
        // First she wants somebody, who is told at once.
        await page.Locator(".door-bar form button").ClickAsync();
        await Assertions.Expect(page.Locator(".notice")).ToContainTextAsync("Une personne de l’équipe vient");
        await LookAsync(visit, "82-2-help", faults);
        await page.Locator(".door-back").ClickAsync();
        // Then three taps: no name, why, how old.
        await page.Locator("a.door-tile", new PageLocatorOptions { HasText = "Je préfère ne pas dire mon nom" }).ClickAsync();
        await LookAsync(visit, "82-3-why", faults);
        await page.Locator(".door-tile", new PageLocatorOptions { HasText = "Découvrir" }).ClickAsync();
        await LookAsync(visit, "82-4-age", faults);
        await page.Locator(".door-tile", new PageLocatorOptions { HasText = "70 ans et plus" }).ClickAsync();
        await Assertions.Expect(page.Locator("h1")).ToContainTextAsync("Merci");
        await LookAsync(visit, "82-5-thanks", faults);
        await door.DeliverAsync();

        Assert.Empty(faults);
        Assert.Empty(visit.Complaints);
        Assert.Equal(("discover", AgeBand.From70), await host.ReadAsync(db => db.Visits.Select(v => new ValueTuple<string, AgeBand>(v.Reason!, v.AgeBand!.Value)).SingleAsync(Cancel)));
        Assert.Equal(1, await host.ReadAsync(db => db.DoorRequests.CountAsync(Cancel)));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task Two_hours_without_network(string size)
    {
        // An address that a phone can reach, so that there is a square to look at.
        await using var host = await BookingHost.StartAsync(settings: new Dictionary<string, string?> { ["Booking:PublicAddress"] = "https://lab.example.org" });
        var lab = await SmallLab.InAsync(host);
        await DoorHost.EnrolAsync(host, lab.Ada, lab.Manager);
        await using var door = await DoorHost.StartAsync(host);
        await door.FetchAsync();
        await using var visit = await Window.OpenAsync(browser, door.Address, Of(size));
        var page = visit.Page;
        var faults = new List<string>();
        var began = host.Time.Now;
        await visit.GoAsync("/");
        await page.Keyboard.TypeAsync(DoorHost.AdasBadge);
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("form[action$='/phone'] button").ClickAsync();
        await Assertions.Expect(page.Locator(".door-qr")).ToBeVisibleAsync();
        await LookAsync(visit, "phone-1-code", faults);
        await visit.GoAsync("/");
        door.Line.Cut = true;
        await door.FetchAsync();

        // A reader types the badge, whatever has the focus.
        await page.Locator("a.door-tile").First.FocusAsync();
        await page.Keyboard.TypeAsync(DoorHost.AdasBadge);
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Bonjour Ada");
        await Assertions.Expect(page.Locator(".door-mine")).ToContainTextAsync("Internet ne marche pas");
        await LookAsync(visit, "cut-1-hello", faults);
        await page.Locator("form[action$='/phone'] button").ClickAsync();
        await Assertions.Expect(page.Locator(".lead").First).ToContainTextAsync("Internet ne marche pas");
        await LookAsync(visit, "phone-2-cut", faults);
        await page.GoBackAsync();
        await page.Locator(".door-tile", new PageLocatorOptions { HasText = "Utiliser une machine" }).ClickAsync();
        await Assertions.Expect(page.Locator(".lead").First).ToContainTextAsync("Nous gardons votre visite");
        await LookAsync(visit, "cut-2-thanks", faults);
        host.Time.Leap(Duration.FromHours(1));
        await CountAsync(page, "Atelier", "Moins de 12 ans");
        await page.GotoAsync("/help");
        await page.Locator(".door-bar form button").ClickAsync();
        await Assertions.Expect(page.Locator(".notice")).ToContainTextAsync("Allez à l’accueil");
        await LookAsync(visit, "cut-3-help", faults);
        host.Time.Leap(Duration.FromHours(1));
        await page.GotoAsync("/leave");
        await page.Keyboard.TypeAsync(DoorHost.AdasBadge);
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Au revoir Ada");
        await LookAsync(visit, "cut-4-bye", faults);
        var nothing = await host.ReadAsync(db => db.Visits.CountAsync(Cancel));
        door.Line.Cut = false;
        await door.DeliverAsync();

        Assert.Equal(0, nothing);
        Assert.Empty(faults);
        Assert.Empty(visit.Complaints);
        var visits = await host.ReadAsync(db => db.Visits.OrderBy(v => v.ArrivedAt).ToListAsync(Cancel));
        Assert.Equal(
            [(began, began + Duration.FromHours(2), "machine"), (began + Duration.FromHours(1), (Instant?)null, "workshop")],
            visits.Select(v => (v.ArrivedAt, v.LeftAt, v.Reason!)));
    }

    [Fact]
    public async Task The_screen_asks_for_more_time_is_read_aloud_and_shows_more_contrast_with_the_keyboard_alone()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        await DoorHost.EnrolAsync(host, lab.Manager.Id, lab.Manager);
        await Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions.GetRequiredService<SetDoorPin>(host.Services).HandleAsync(new DoorPinToBe("470815"), lab.Manager, Cancel);
        await using var door = await DoorHost.StartAsync(host);
        await door.FetchAsync();
        var faults = new List<string>();
        foreach (var look in new[] { Look.Door, Look.DoorDark })
        {
            await using var visit = await Window.OpenAsync(browser, door.Address, look);
            var page = visit.Page;
            await page.Clock.InstallAsync();
            // A voice that writes down what it is to say, on whatever machine the browser runs.
            await page.AddInitScriptAsync("""
                window.SpeechSynthesisUtterance = function (text) { this.text = text; };
                Object.defineProperty(window, "speechSynthesis", { value: { cancel() { }, speak(words) { window.said = `${words.lang}: ${words.text}`; } } });
                """);
            await visit.GoAsync("/visit?contrast=more");
            var title = await page.Locator("#screen h1").InnerTextAsync();
            await page.Locator("[data-read-aloud]").PressAsync("Enter");
            var said = await page.EvaluateAsync<string>("window.said");
            Assert.StartsWith(await page.Locator("html").GetAttributeAsync("lang") == "fr" ? "fr-FR: " : "en-GB: ", said, StringComparison.Ordinal);
            Assert.Contains(title, said, StringComparison.Ordinal);
            await LookAsync(visit, "contrast", faults);
            await Assertions.Expect(page.Locator("body")).ToHaveClassAsync(new System.Text.RegularExpressions.Regex("contrast"));
            await page.Clock.FastForwardAsync(61_000);
            await Assertions.Expect(page.Locator("#more-time")).ToBeVisibleAsync();
            await LookAsync(visit, "more-time", faults);
            await page.Keyboard.PressAsync("Enter");
            await Assertions.Expect(page.Locator("#more-time")).ToBeHiddenAsync();
            await page.Clock.FastForwardAsync(61_000);
            await page.Clock.FastForwardAsync(21_000);
            await page.WaitForURLAsync("**/?lang=fr&contrast=less");
            await Assertions.Expect(page.Locator("body")).Not.ToHaveClassAsync(new System.Text.RegularExpressions.Regex("contrast"));
            faults.AddRange(visit.Complaints);
        }
        await using var staff = await Window.OpenAsync(browser, door.Address, Look.Door);
        await staff.GoAsync("/");
        await staff.Page.Keyboard.TypeAsync(DoorHost.AdasBadge);
        await staff.Page.Keyboard.PressAsync("Enter");
        await staff.Page.Locator("a[href^='/staff/']").ClickAsync();
        await LookAsync(staff, "staff-pin", faults);
        foreach (var digit in "470815")
            await staff.Page.Locator(".door-keyboard button", new PageLocatorOptions { HasText = digit.ToString() }).ClickAsync();
        await Assertions.Expect(staff.Page.Locator("h1")).ToHaveTextAsync("Liste d’évacuation");
        await LookAsync(staff, "staff-list", faults);

        Assert.Empty(faults);
    }

    private static async Task CountAsync(IPage page, string reason, string age)
    {
        await page.GotoAsync("/visit");
        await page.Locator(".door-tile", new PageLocatorOptions { HasText = reason }).First.ClickAsync();
        await page.Locator(".door-tile", new PageLocatorOptions { HasText = age }).ClickAsync();
        await Assertions.Expect(page.Locator("h1")).ToContainTextAsync("Merci");
    }

    private static async Task LookAsync(Window visit, string name, List<string> faults)
    {
        await visit.PictureAsync($"door-{name}");
        faults.AddRange((await visit.AccessibilityFaultsAsync()).Select(fault => $"{name}: {fault}"));
        if (await visit.SidewaysAsync() is > 0 and int wider)
            faults.Add($"{name}: {wider} px wider than the window");
        faults.AddRange((await visit.Page.EvaluateAsync<string[]>(TooSmall)).Select(small => $"{name}: {small}"));
    }

    private static Look Of(string size) => size == nameof(Look.Phone) ? Look.Phone : Look.Door;
}
