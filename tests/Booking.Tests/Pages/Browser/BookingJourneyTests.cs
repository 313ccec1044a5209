using FabLab.Booking.Features;
using FabLab.Booking.Features.Hours;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.SignIn;
using FabLab.Core.Scheduling;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace FabLab.Booking.Tests.Pages.Browser;

/// <summary>Booking with a thumb, moving with a mouse, and the screen on the wall.</summary>
public sealed class BookingJourneyTests(BrowserFixture browser)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_free_machine_is_booked_in_three_taps_on_a_narrow_phone_with_script_and_without(bool script)
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        await BookingSample.SeedAsync(host, lab, Cancel);
        await using Visit visit = await Visit.OpenAsync(browser, host.Address, Look.NarrowPhone, staff, script);
        IPage page = visit.Page;
        await visit.GoAsync("/book");

        await page.Locator("a.reserve-line[href='/book/VIN-1']").ClickAsync();
        await page.Locator(".start").Last.ClickAsync();
        await page.Locator(".reserve-do button").ClickAsync();

        await Assertions.Expect(page.Locator(".notice").First).ToContainTextAsync("Découpeuse vinyle est réservée");
        Assert.Equal(2, await host.ReadAsync(db => db.Reservations.CountAsync(r => r.MachineId == lab.Machines["VIN-1"] && r.PersonId != lab.Ines && r.PersonId != lab.Marc && r.PersonId != lab.Lou, Cancel)));
        if (script)
        {
            Assert.Empty(visit.Complaints);
            Assert.True(await visit.SidewaysAsync() <= 0);
        }
    }

    [Fact]
    public async Task On_the_planning_a_booking_is_dragged_to_another_time_and_length_and_back_by_the_undo()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        await BookingSample.SeedAsync(host, lab, Cancel);
        // What is locked out is not booked, nor moved.
        await host.Writer.WriteAsync(
            async (write, cancel) =>
            {
                var row = await write.Db.LockOuts.SingleAsync(l => l.MachineId == lab.Machines["BRO-1"] && l.ReleasedAt == null, cancel);
                row.ReleasedAt = write.Now;
                write.Db.BookingTerms.Add(new TermsRow { Scope = TermsRow.Site, Terms = new BookingTerms { OwnOverlapAllowed = true } });
            },
            Cancel);
        Reservation before = await host.ReadAsync(db => db.Reservations.SingleAsync(r => r.MachineId == lab.Machines["BRO-1"] && r.End < PagesHost.Start + NodaTime.Duration.FromHours(4), Cancel));
        await using Visit visit = await Visit.OpenAsync(browser, host.Address, Look.Desk, staff);
        IPage page = visit.Page;
        await visit.GoAsync("/planning");
        ILocator bar = page.Locator("#plan-timeline .ec-event[title^='15:30']").First;
        await bar.ScrollIntoViewIfNeededAsync();
        LocatorBoundingBoxResult box = (await bar.BoundingBoxAsync())!;
        await visit.PictureAsync("planning-before");

        // As wide as the hour it lasts: two hours to the right.
        await page.Mouse.MoveAsync(box.X + 20, box.Y + (box.Height / 2));
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(box.X + 60, box.Y + (box.Height / 2), new MouseMoveOptions { Steps = 4 });
        await page.Mouse.MoveAsync(box.X + 20 + (2 * box.Width), box.Y + (box.Height / 2), new MouseMoveOptions { Steps = 6 });
        await page.Mouse.UpAsync();

        await Assertions.Expect(page.Locator(".notice").First).ToContainTextAsync("La réservation est changée");
        Assert.Equal(before.Start + NodaTime.Duration.FromHours(2), (await RowAsync()).Start);
        await visit.PictureAsync("planning-moved");
        await page.Locator(".notice form button").ClickAsync();
        await Assertions.Expect(page.Locator(".notice").First).ToContainTextAsync("La réservation est changée");
        Assert.Equal(before.Start, (await RowAsync()).Start);

        // Its edge, half an hour to the right.
        await ByTheEdgeAsync(0.5);
        await Assertions.Expect(page.Locator(".notice").First).ToContainTextAsync("La réservation est changée");
        Reservation longer = await RowAsync();
        Assert.Equal((before.Start, before.End + NodaTime.Duration.FromMinutes(30)), (longer.Start, longer.End));
        Assert.Empty(visit.Complaints);

        // Somebody else changes it while this page is open: it lies where it was, and the page says why.
        await host.Writer.WriteAsync(async (write, cancel) => (await write.Db.Reservations.SingleAsync(r => r.Id == before.Id, cancel)).Version++, Cancel);
        await ByTheEdgeAsync(0.5);
        await Assertions.Expect(page.Locator(".notice").First).ToContainTextAsync("rien n’a été déplacé");
        await Assertions.Expect(page.Locator("#plan-timeline .ec-event[title^='15:30 – 17:00']")).ToHaveCountAsync(1);
        Assert.Equal(longer.End, (await RowAsync()).End);

        // The arrow keys move it, with Shift they change its end; it is said, Escape puts it back and Enter sends it as a drag does.
        ILocator said = page.Locator("#plan-said");
        ILocator focused = page.Locator("#plan-timeline .ec-event:focus");
        await page.Locator("#plan-timeline .ec-event[title^='15:30']").First.PressAsync("ArrowRight");
        await Assertions.Expect(said).ToContainTextAsync("15:45 – 17:15");
        await focused.PressAsync("Escape");
        await Assertions.Expect(said).ToHaveTextAsync("");
        await Assertions.Expect(page.Locator("#plan-timeline .ec-event[title^='15:30 – 17:00']")).ToHaveCountAsync(1);
        await focused.PressAsync("ArrowLeft");
        await Assertions.Expect(said).ToContainTextAsync("15:15 – 16:45");
        await focused.PressAsync("Shift+ArrowRight");
        await Assertions.Expect(said).ToContainTextAsync("15:15 – 17:00, BRO-1");
        await focused.PressAsync("Enter");
        await Assertions.Expect(page.Locator(".notice").First).ToContainTextAsync("La réservation est changée");
        Assert.Equal((before.Start - NodaTime.Duration.FromMinutes(15), longer.End), ((await RowAsync()).Start, (await RowAsync()).End));
        await page.Locator(".notice form button").ClickAsync();
        await Assertions.Expect(page.Locator("#plan-timeline .ec-event[title^='15:30 – 17:00']")).ToHaveCountAsync(1);

        // The keyboard opens the booking, where a form does the same: the end an hour earlier.
        await page.Locator("#plan-timeline .ec-event[title^='15:30']").First.PressAsync("Enter");
        ILocator until = page.Locator("form[action$='/change'] [name=untilTime]");
        await until.FillAsync("16:00");
        await until.PressAsync("Enter");
        await Assertions.Expect(page.Locator(".notice").First).ToContainTextAsync("La réservation est changée");
        Assert.Equal((before.Start, before.End - NodaTime.Duration.FromMinutes(30)), ((await RowAsync()).Start, (await RowAsync()).End));

        async Task ByTheEdgeAsync(double hours)
        {
            ILocator now = page.Locator("#plan-timeline .ec-event[title^='15:30']").First;
            await now.ScrollIntoViewIfNeededAsync();
            LocatorBoundingBoxResult there = (await now.BoundingBoxAsync())!;
            var (right, middle) = (there.X + there.Width - 2, there.Y + (there.Height / 2));
            await page.Mouse.MoveAsync(right, middle);
            await page.Mouse.DownAsync();
            await page.Mouse.MoveAsync(right + (float)(hours * box.Width / 2), middle, new MouseMoveOptions { Steps = 4 });
            await page.Mouse.MoveAsync(right + (float)(hours * box.Width), middle, new MouseMoveOptions { Steps = 4 });
            await page.Mouse.UpAsync();
        }

        Task<Reservation> RowAsync() => host.ReadAsync(db => db.Reservations.SingleAsync(r => r.Id == before.Id, Cancel));
    }

    [Fact]
    public async Task The_wall_shows_a_booking_by_itself_and_says_so_when_the_network_is_gone()
    {
        PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        await BookingSample.SeedAsync(host, lab, Cancel);
        await host.Writer.WriteAsync(
            async (write, cancel) =>
            {
                var mended = await write.Db.Machines.SingleAsync(m => m.Code == "ELE-1", cancel);
                (mended.BrokenCause, mended.BrokenSince) = (null, null);
            },
            Cancel);
        var faults = new List<string>();
        foreach (Look look in new[] { Look.Door, Look.Door with { Name = "wall-wide", Width = 1920, Height = 1080, Scheme = ColorScheme.Dark, Language = "en" } })
        {
            await using Visit wall = await Visit.OpenAsync(browser, host.Address, look);
            await wall.GoAsync("/planning/wall");
            await wall.PictureAsync("wall");
            faults.AddRange((await wall.AccessibilityFaultsAsync()).Select(f => $"{look.Name}: {f}"));
            if (await wall.SidewaysAsync() > 0)
                faults.Add($"{look.Name}: wider than the screen");
            faults.AddRange(wall.Complaints);
        }
        Assert.Empty(faults);
        await using Visit visit = await Visit.OpenAsync(browser, host.Address, Look.Door);
        await visit.GoAsync("/planning/wall");
        ILocator tile = visit.Page.Locator(".wall-tiles > li").Filter(new LocatorFilterOptions { HasText = "ELE-1" });
        await Assertions.Expect(tile).ToContainTextAsync("Libre jusqu’à 16");

        var manager = await host.ReadAsync(db => db.StaffAccounts.OrderBy(a => a.CreatedAt).Select(a => a.Id).FirstAsync(Cancel));
        var kept = await host.Services.GetRequiredService<BookMachine>().BookAsync(
            new NewReservation(lab.Machines["ELE-1"], null, PagesHost.Start - NodaTime.Duration.FromMinutes(2), PagesHost.Start + NodaTime.Duration.FromMinutes(28)) { Block = true, Why = "démonstration" },
            new StaffActor(manager, Role.Manager), Cancel);
        Assert.True(kept.Done, kept.Refusal?.Code);

        await Assertions.Expect(tile).ToContainTextAsync("Pas disponible jusqu’à 15 h 40");
        await host.DisposeAsync();
        await Assertions.Expect(visit.Page.Locator("#link-lost")).ToBeVisibleAsync();
        await Assertions.Expect(visit.Page.Locator("#link-lost")).ToContainTextAsync("La liaison est coupée");
    }
}
