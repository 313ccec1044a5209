using Microsoft.Playwright;
using NodaTime;

namespace FabLab.Host.Tests.EndToEnd;

/// <summary>Bookings from the browser to the relay where days pass: who does not come, and a day on which it is closed.</summary>
[Collection(typeof(LeapingLabTests))]
public sealed class BookingJourneyTests(LeapingLab leaping)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private LabHandle Lab => leaping.Lab;

    private IPage Page => leaping.Page;

    [Fact]
    public async Task Who_does_not_come_is_released_to_the_waiting_list_and_who_waited_taps()
    {
        var day = await leaping.BeginAsync(new LocalTime(14, 20));
        var missed = await leaping.BookAsync("LAS-1", "M02", day, new LocalTime(14, 30), 120);
        await leaping.BookAsync("LAS-1", "M03", day, new LocalTime(16, 30), 90);
        // Nothing is left of the day: Inès waits for an hour.
        await Page.GotoAsync($"/book/LAS-1?day={day:uuuu-MM-dd}&length=60");
        await Page.Locator("form[action='/book/LAS-1/wait'] button").ClickAsync();
        await Assertions.Expect(Page.Locator("section:has(#waits)")).ToContainTextAsync("En attente");
        Assert.Equal(0, await Page.Locator(".offer").CountAsync());

        // A quarter of an hour after the start nobody has come.
        await leaping.LeapAsync(day, new LocalTime(14, 46));
        await Eventually.IsAsync(
            async () =>
            {
                await Page.GotoAsync("/bookings/mine");
                return await Page.Locator(".offer").CountAsync();
            },
            offers => offers == 1, "the time is offered to who waits", Cancel);
        await Assertions.Expect(Page.Locator(".offer")).ToContainTextAsync("15 h");
        await Page.Locator(".offer form[action$='/take'] button").ClickAsync();
        await Assertions.Expect(Page.Locator(".notice").First).ToContainTextAsync("C’est réservé");
        await Page.GotoAsync(missed);
        await Assertions.Expect(Page.Locator(".head")).ToContainTextAsync("Non venu·e");

        // In that hour the machine is hers and nobody else's.
        await leaping.LeapAsync(day, new LocalTime(15, 3));
        var late = await Eventually.IsAsync(
            async () =>
            {
                var tapped = await Lab.TapAsync("LAS-1", "M02", Cancel);
                Assert.NotEqual("granted", tapped.Outcome);
                return tapped;
            },
            tapped => tapped.Code == "reserved_by_other", "who came too late is told that somebody else has the time", Cancel);
        Assert.Equal("refused", late.Outcome);
        Assert.False(await Lab.IsOnAsync("LAS-1", Cancel));
        await Lab.GrantedAsync("LAS-1", "M01", Cancel);
        Assert.True(await Lab.IsOnAsync("LAS-1", Cancel));
        await Eventually.IsAsync(
            async () =>
            {
                await Page.GotoAsync("/bookings/mine");
                return await Page.Locator("section:has(#running)").InnerTextAsync();
            },
            running => running.Contains("En cours", StringComparison.Ordinal), "the tap has claimed the booking", Cancel);
        await Lab.EndedAsync("LAS-1", "M01", Cancel);
        Assert.False(await Lab.IsOnAsync("LAS-1", Cancel));
    }

    [Fact]
    public async Task Closing_a_Friday_tells_three_people_and_shows_their_bookings_as_hit()
    {
        var tuesday = await leaping.BeginAsync(new LocalTime(14, 20));
        var friday = tuesday.PlusDays(3);
        var people = new[] { "M01", "M02", "M03" };
        foreach (var person in people)
            await leaping.WantsMailAsync(person, $"{person.ToLowerInvariant()}@example.org");
        await leaping.BookAsync("IMP-5", null, friday, new LocalTime(14, 0), 60);
        await leaping.BookAsync("LAS-1", "M02", friday, new LocalTime(14, 0), 60);
        var other = await leaping.BookAsync("LAS-1", "M03", friday, new LocalTime(15, 0), 60);
        var before = leaping.Mail.Mails.Count;

        // The page says whom it concerns before it is done.
        await Page.GotoAsync("/hours/manage");
        var row = Page.Locator($"section:has(#close) li:has(input[value='{friday:uuuu-MM-dd}'])");
        await Assertions.Expect(row).ToContainTextAsync("3 réservations");
        await row.Locator("button[value=close]").ClickAsync();
        await Assertions.Expect(Page.Locator(".notice").First).ToContainTextAsync("3 réservations touchées. Les personnes sont prévenues.");

        // Each has a mail, and a message on the site.
        var closing = await Eventually.IsAsync(
            () => Task.FromResult(leaping.Mail.Mails.Where(mail => mail.Message.TextBody!.Contains("sera fermé pendant", StringComparison.Ordinal)).ToList()),
            mails => mails.Count >= 3, $"three people have a mail ({before} before)", Cancel);
        Assert.Equal(people.Select(person => $"{person.ToLowerInvariant()}@example.org"), closing.Select(mail => mail.To).Order());
        await Page.GotoAsync("/messages");
        await Assertions.Expect(Page.Locator("section:has(#unread)")).ToContainTextAsync("horaires", new LocatorAssertionsToContainTextOptions { IgnoreCase = true });

        // The bookings stand, and are shown as outside the hours: to who booked, and on the planning.
        await Page.GotoAsync("/bookings/mine");
        await Assertions.Expect(Page.Locator("section:has(#to-come)")).ToContainTextAsync("Hors des heures d’ouverture");
        await Page.GotoAsync(other);
        await Assertions.Expect(Page.Locator(".notice")).ToContainTextAsync("Hors des heures d’ouverture");
        await Page.GotoAsync($"/planning?day={friday:uuuu-MM-dd}");
        Assert.Equal(3, await Page.Locator("#plan .plan-outside").CountAsync());

        // On that Friday the machine that keeps the hours stays off, booked or not.
        await leaping.LeapAsync(friday, new LocalTime(14, 5));
        var refused = await Eventually.IsAsync(() => Lab.TapAsync("IMP-5", "M01", Cancel), tapped => tapped.Code == "closed_now", "the machine is closed", Cancel);
        Assert.Equal("refused", refused.Outcome);
        Assert.False(await Lab.IsOnAsync("IMP-5", Cancel));
    }
}
