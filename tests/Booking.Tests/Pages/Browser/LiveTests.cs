using FabLab.Core.Sessions;
using Microsoft.Playwright;
using NodaTime;

namespace FabLab.Booking.Tests.Pages.Browser;

/// <summary>What a real browser does with the pages.</summary>
public sealed class LiveTests(BrowserFixture browser)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_open_floor_changes_by_itself_ticks_and_is_spoken_without_a_reload()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        await using Visit visit = await Visit.OpenAsync(browser, host.Address, Look.Desk);
        Task live = visit.Page.WaitForRequestAsync("**/live/floor").WaitAsync(Cancel);
        await visit.GoAsync("/");
        // The page has caught up after its connection: from here on a change is a hint and one part fetched again.
        await live;
        await visit.Page.EvaluateAsync("window.notReloaded = true");
        ILocator tile = visit.Page.Locator("#m-IMP-2");
        await Assertions.Expect(tile.Locator(".state")).ToHaveTextAsync("Libre");

        Instant started = PagesHost.Start;
        await lab.TellAsync(host, "IMP-2", new MachineState.Running(new MachineTracks(), SampleLab.SessionOf(lab.Marc, started), new DeviceTime(1, 0, started)), Cancel);

        await Assertions.Expect(tile.Locator(".state")).ToHaveTextAsync("En marche");
        await Assertions.Expect(visit.Page.Locator("#spoken")).ToHaveTextAsync("Imprimante 3D : En marche");
        await Assertions.Expect(visit.Page.Locator("#counts")).ToContainTextAsync("0 libres");
        ILocator counter = tile.Locator("[data-since]");
        string before = await counter.InnerTextAsync();
        await Assertions.Expect(counter).Not.ToHaveTextAsync(before);
        Assert.True(await visit.Page.EvaluateAsync<bool>("window.notReloaded === true"));
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_floor_that_was_fetched_before_a_change_and_comes_after_it_does_not_stay()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        await using Visit visit = await Visit.OpenAsync(browser, host.Address, Look.Desk);
        var (fetched, told) = (new TaskCompletionSource(), new TaskCompletionSource());
        await visit.Page.RouteAsync("**/live/floor", async route =>
        {
            IAPIResponse old = await route.FetchAsync();
            fetched.TrySetResult();
            await told.Task;
            await route.FulfillAsync(new RouteFulfillOptions { Response = old });
        });
        await visit.GoAsync("/");
        await fetched.Task.WaitAsync(Cancel);
        ILocator state = visit.Page.Locator("#m-IMP-2 .state");
        Instant started = PagesHost.Start;
        await lab.TellAsync(host, "IMP-2", new MachineState.Running(new MachineTracks(), SampleLab.SessionOf(lab.Marc, started), new DeviceTime(1, 0, started)), Cancel);
        await Assertions.Expect(state).ToHaveTextAsync("En marche");

        Task late = visit.Page.WaitForResponseAsync("**/live/floor");
        Task again = visit.Page.WaitForRequestAsync("**/live/floor");
        told.SetResult();
        await late.WaitAsync(Cancel);
        await again.WaitAsync(Cancel);

        await Assertions.Expect(state).ToHaveTextAsync("En marche");
        await visit.Page.UnrouteAllAsync();
    }

    [Fact]
    public async Task A_machine_page_changes_while_a_form_on_it_is_being_filled_in()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        await using Visit visit = await Visit.OpenAsync(browser, host.Address, Look.Desk, staff);
        await visit.GoAsync("/machines/LAS-1");
        await visit.Page.FillAsync("#cause", "Lentille sale");

        await lab.TellAsync(host, "LAS-1", MachineState.New, Cancel);

        await Assertions.Expect(visit.Page.Locator(".now .state")).ToHaveTextAsync("Libre");
        Assert.Equal("Lentille sale", await visit.Page.InputValueAsync("#cause"));
    }

    [Fact]
    public async Task A_page_whose_link_is_lost_says_that_it_is_old()
    {
        PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        await SampleLab.SeedAsync(host, Cancel);
        await using Visit visit = await Visit.OpenAsync(browser, host.Address, Look.Phone);
        await visit.GoAsync("/");
        ILocator lost = visit.Page.Locator("#link-lost");
        await Assertions.Expect(lost).ToBeHiddenAsync();

        await host.DisposeAsync();

        await Assertions.Expect(lost).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Staff_sign_in_and_lock_a_machine_out_without_script_and_with_the_keyboard()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: true, Cancel);
        await SampleLab.SeedAsync(host, Cancel);
        await using Visit visit = await Visit.OpenAsync(browser, host.Address, Look.Phone, script: false);
        IPage page = visit.Page;
        await page.GotoAsync("/sign-in?returnUrl=/machines/IMP-2");

        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Entrer comme gestionnaire" }).PressAsync("Enter");
        await page.GotoAsync("/machines/IMP-2");
        await page.GetByLabel("Pourquoi ?").FillAsync("Buse bouchée");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Consigner", Exact = true }).PressAsync("Enter");

        await Assertions.Expect(page.Locator(".now .state")).ToHaveTextAsync("Consignée");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Annuler cette action" }).PressAsync("Enter");
        await Assertions.Expect(page.Locator(".now .state")).ToHaveTextAsync("Libre");
    }

    [Fact]
    public async Task The_first_stop_of_the_keyboard_skips_the_menu()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        await using Visit visit = await Visit.OpenAsync(browser, host.Address, Look.Desk);
        await visit.GoAsync("/");

        await visit.Page.Keyboard.PressAsync("Tab");
        Assert.Equal("Aller au contenu", await visit.Page.EvaluateAsync<string>("document.activeElement.textContent"));
        await visit.Page.Keyboard.PressAsync("Enter");

        Assert.Equal("content", await visit.Page.EvaluateAsync<string>("document.activeElement.id"));
    }
}
