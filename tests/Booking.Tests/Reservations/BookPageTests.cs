using System.Net;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Hosting;
using FabLab.Booking.Tests.Pages;
using FabLab.Core;
using FabLab.Core.Scheduling;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Reservations;

/// <summary>Booking on the pages, as a browser without script does it.</summary>
public sealed class BookPageTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_free_machine_is_booked_by_choosing_it_a_start_and_saying_so()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await BookingLab.InAsync(host);
        using var bob = await SignedInAsync(host, "b01");

        var list = await bob.GetAsync("/book", Cancel);
        var machine = list.Document.QuerySelector("a.reserve-line[href='/book/SCI-1']")!;
        var day = await bob.GetAsync(machine.GetAttribute("href")!, Cancel);

        // Today and an hour are chosen already; the start is left to say.
        Assert.Equal("date", day.Document.QuerySelector(".pick-days a")!.GetAttribute("aria-current"));
        Assert.Contains("1", day.TextOf(".pick-lengths [aria-current]"), StringComparison.Ordinal);
        Assert.DoesNotContain("€", day.Text, StringComparison.Ordinal);
        Assert.Empty(day.Document.QuerySelectorAll("input[name=start][checked]"));
        var start = day.Document.QuerySelectorAll("input[name=start]").Skip(1).First().GetAttribute("value")!;
        var booked = await bob.SubmitAsync(day, "form[method=post][action='/book/SCI-1']", new Dictionary<string, string> { ["start"] = start, ["note"] = "étagère" }, Cancel);

        Assert.Equal("/bookings/mine", booked.Location!.ToString());
        var row = await host.ReadAsync(db => db.Reservations.SingleAsync(Cancel));
        Assert.Equal((lab.Bob.Id, lab.Saw, Duration.FromHours(1), "étagère"), (row.PersonId!.Value, row.MachineId, row.End - row.Start, row.Note));
        Assert.Equal(start, NodaTime.Text.InstantPattern.General.Format(row.Start));
        var mine = await bob.FollowAsync(booked, Cancel);
        Assert.Contains("SCI-1 est réservée aujourd’hui à", mine.TextOf(".notice"), StringComparison.Ordinal);
        Assert.Contains("étagère", mine.TextOf(".bookings"), StringComparison.Ordinal);
        // The floor and the machine's page say the same, though a time of release may be written ahead.
        using var nobody = new PageClient(host.Address);
        Assert.Contains("Réservée de", (await nobody.GetAsync("/", Cancel)).TextOf("#m-SCI-1"), StringComparison.Ordinal);
        Assert.Contains("aujourd’hui à", (await nobody.GetAsync("/machines/SCI-1", Cancel)).TextOf("[aria-labelledby=bookings]"), StringComparison.Ordinal);
        Assert.Equal("/book/SCI-1", (await bob.GetAsync("/machines/SCI-1", Cancel)).Document.QuerySelector("[aria-labelledby=bookings] a.button")!.GetAttribute("href"));

        // Undone, and the undo undone.
        var undone = await bob.SubmitAsync(mine, ".notice form", null, Cancel);
        Assert.NotNull((await host.ReadAsync(db => db.Reservations.SingleAsync(Cancel))).CancelledAt);
        var cancelled = await bob.FollowAsync(undone, Cancel);
        Assert.Contains("La réservation est annulée", cancelled.TextOf(".notice"), StringComparison.Ordinal);
        await bob.SubmitAsync(cancelled, ".notice form", null, Cancel);
        Assert.Null((await host.ReadAsync(db => db.Reservations.SingleAsync(Cancel))).CancelledAt);
        await BookingLab.AssertNoOverlapAsync(host);
    }

    [Fact]
    public async Task On_a_day_that_is_open_to_all_the_page_says_to_come_and_offers_no_waiting_list()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await BookingLab.InAsync(host);
        await lab.OpenAsync(new WeeklyOpening { Days = WeekDays.All, Window = new(LocalTime.Midnight, LocalTime.Midnight, OpeningKind.OpenLab) });
        await lab.TermsAsync(lab.Printers[0], new BookingTerms { BookableInOpenLab = true });
        using var bob = await SignedInAsync(host, "b01");

        var walkUp = await bob.GetAsync("/book/SCI-1", Cancel);
        var booked = await bob.GetAsync("/book/IMP-1", Cancel);

        Assert.Contains("Ce jour-là, on vient sans réserver", walkUp.Text, StringComparison.Ordinal);
        Assert.Null(walkUp.Document.QuerySelector("form[action='/book/SCI-1/wait']"));
        Assert.NotEmpty(booked.Document.QuerySelectorAll("input[name=start]"));
        Assert.NotNull(booked.Document.QuerySelector("form[action='/book/IMP-1/wait']"));
    }

    [Fact]
    public async Task What_one_may_not_use_is_apart_with_the_reason_and_the_way_to_it()
    {
        await using var host = await BookingHost.StartAsync();
        await BookingLab.InAsync(host);
        using var bob = await SignedInAsync(host, "b01");
        using var ada = await SignedInAsync(host, "a01");

        var list = await bob.GetAsync("/book", Cancel);
        var laser = await bob.GetAsync("/book/LAS-1", Cancel);

        Assert.Null(list.Document.QuerySelector("a.reserve-line[href='/book/LAS-1']"));
        Assert.Contains("La formation découpe laser manque.", list.TextOf(".reserve-not"), StringComparison.Ordinal);
        Assert.Equal("/trainings", list.Document.QuerySelector(".reserve-not > a")!.GetAttribute("href"));
        Assert.Contains("La formation découpe laser manque.", laser.TextOf(".notice"), StringComparison.Ordinal);
        Assert.Null(laser.Document.QuerySelector("input[name=start]"));
        Assert.NotNull((await ada.GetAsync("/book", Cancel)).Document.QuerySelector("a.reserve-line[href='/book/LAS-1']"));
        // Any of the printers is offered before the printers one by one.
        Assert.Contains("Imprimantes", list.TextOf("[aria-labelledby=pools] a"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_tabs_want_the_same_hour_and_the_second_reads_why_and_when_instead()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await BookingLab.InAsync(host);
        using var ada = await SignedInAsync(host, "a01");
        using var bob = await SignedInAsync(host, "b01");
        var first = await ada.GetAsync("/book/SCI-1?day=2026-03-11", Cancel);
        var second = await bob.GetAsync("/book/SCI-1?day=2026-03-11", Cancel);
        var wished = new Dictionary<string, string> { ["start"] = "2026-03-11T13:00:00Z", ["note"] = "banc" };

        Assert.Equal(HttpStatusCode.Redirect, (await ada.SubmitAsync(first, "form[method=post][action='/book/SCI-1']", wished, Cancel)).Status);
        var refused = await bob.SubmitAsync(second, "form[method=post][action='/book/SCI-1']", wished, Cancel);

        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        var notice = refused.Document.QuerySelector(".notice[role=alert]")!;
        Assert.Contains("réservée", notice.TextContent, StringComparison.Ordinal);
        Assert.Contains("Prochain moment libre", notice.TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain(refused.Document.QuerySelectorAll("input[name=start]"), i => i.GetAttribute("value") == wished["start"]);
        // Nothing that was written is lost, and the way on is a link.
        Assert.Equal("banc", refused.Document.QuerySelector("textarea[name=note]")!.TextContent);
        var next = await bob.GetAsync(notice.QuerySelector("a")!.GetAttribute("href")!, Cancel);
        Assert.NotNull(next.Document.QuerySelector("input[name=start][checked]"));

        // Or wait for it.
        var waits = await bob.SubmitAsync(refused, "form[action='/book/SCI-1/wait']", null, Cancel);
        Assert.Equal("/bookings/mine", waits.Location!.ToString());
        var wait = await host.ReadAsync(db => db.BookingWaits.SingleAsync(Cancel));
        Assert.Equal((lab.Bob.Id, lab.Saw, Duration.FromHours(1)), (wait.PersonId, wait.MachineId!.Value, wait.Length));
        // The page sent again (the back button): told, and nothing is double.
        var again = await ada.SubmitAsync(first, "form[method=post][action='/book/SCI-1']", wished, Cancel);
        Assert.Equal(HttpStatusCode.Conflict, again.Status);
        Assert.Equal(1, await host.ReadAsync(db => db.Reservations.CountAsync(r => r.Kind == ReservationKind.Booking, Cancel)));
    }

    [Fact]
    public async Task An_offer_is_held_with_its_deadline_and_taken_with_one_button()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await BookingLab.InAsync(host);
        var start = BookingLab.Tomorrow(14);
        var taken = (await lab.BookAsync(lab.Ada, lab.Saw, BookingLab.Tomorrow(0), BookingLab.Tomorrow(24))).Value;
        await lab.Get<WaitForTime>().JoinAsync(new NewWait(start, start + Duration.FromHours(2), Duration.FromHours(1)) { Machine = lab.Saw }, lab.Bob, Cancel);
        using var bob = await SignedInAsync(host, "b01");
        Assert.Contains("En attente", (await bob.GetAsync("/bookings/mine", Cancel)).TextOf("[aria-labelledby=waits]"), StringComparison.Ordinal);

        await lab.CancelAsync(lab.Ada, taken.Id);
        await lab.RoundAsync();
        var offered = await bob.GetAsync("/bookings/mine", Cancel);
        var answered = await bob.SubmitAsync(offered, ".offer form[action$='/take']", null, Cancel);

        Assert.Contains("Gardée pour vous jusqu’à", offered.TextOf(".offer"), StringComparison.Ordinal);
        Assert.Equal("/bookings/mine", answered.Location!.ToString());
        var row = await host.ReadAsync(db => db.Reservations.SingleAsync(r => r.PersonId == lab.Bob.Id && r.Kind == ReservationKind.Booking, Cancel));
        Assert.Equal(start, row.Start);
    }

    [Fact]
    public async Task Staff_book_for_somebody_for_a_group_block_a_machine_and_set_a_rule_aside_with_a_reason()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await BookingLab.InAsync(host);
        await lab.TermsAsync(lab.Saw, new BookingTerms { MaxLength = Duration.FromHours(2) });
        using var desk = await SignedInAsync(host, "d01");

        // Found by name, without the name in an address.
        var list = await desk.GetAsync("/book/SCI-1?day=2026-03-11", Cancel);
        var found = await desk.SubmitAsync(list, "form[action='/book/for']", new Dictionary<string, string> { ["q"] = "b0" }, Cancel);
        var forBob = found.Document.QuerySelectorAll(".who-for .chips a").Single(a => a.TextContent == "B01").GetAttribute("href")!;
        Assert.Contains($"for={lab.Bob.Id}", forBob, StringComparison.Ordinal);
        var page = await desk.GetAsync(forBob, Cancel);
        var long3 = new Dictionary<string, string> { ["fromDay"] = "2026-03-11", ["fromTime"] = "10:00", ["untilDay"] = "2026-03-11", ["untilTime"] = "13:00" };
        var refused = await desk.SubmitAsync(page, "form:has(input[name=fromDay])", long3, Cancel);

        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        var aside = await desk.SubmitAsync(refused, "form:has(input[name=waive])", new Dictionary<string, string> { ["why"] = "" }, Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, aside.Status);
        Assert.Contains("Dites pourquoi", aside.Text, StringComparison.Ordinal);
        var done = await desk.SubmitAsync(aside, "form:has(input[name=waive])", new Dictionary<string, string> { ["why"] = "grande commande" }, Cancel);
        Assert.Equal(HttpStatusCode.Redirect, done.Status);
        var one = await desk.FollowAsync(done, Cancel);
        Assert.Contains("grande commande", one.TextOf(".facts"), StringComparison.Ordinal);
        Assert.Contains("B01", one.TextOf(".facts"), StringComparison.Ordinal);
        var row = await host.ReadAsync(db => db.Reservations.SingleAsync(Cancel));
        Assert.Equal((lab.Bob.Id, Duration.FromHours(3), "grande commande"), (row.PersonId!.Value, row.End - row.Start, row.Why));

        await BookForAsync($"g-{lab.Group:D}", "2026-03-12T09:00:00Z", []);
        await BookForAsync("block", "2026-03-12T13:00:00Z", new() { ["why"] = "entretien" });
        var rows = await host.ReadAsync(db => db.Reservations.OrderBy(r => r.Start).ToListAsync(Cancel));
        Assert.Equal(lab.Group, rows[1].GroupId);
        Assert.Equal((ReservationKind.Block, "entretien"), (rows[2].Kind, rows[2].Why));
        // Two rules in the way: the second one is set aside beside the first, not instead of it.
        await lab.TermsAsync(lab.Saw, new BookingTerms { MaxLength = Duration.FromHours(2), Notice = Duration.FromDays(10) });
        var twice = await desk.SubmitAsync(page, "form:has(input[name=fromDay])", new Dictionary<string, string>(long3) { ["fromTime"] = "14:00", ["untilTime"] = "17:00" }, Cancel);
        twice = await desk.SubmitAsync(twice, "form:has(input[name=waive])", new Dictionary<string, string> { ["why"] = "grande commande" }, Cancel);
        Assert.Equal(2, twice.Document.QuerySelectorAll("form.card input[name=waive]").Length);
        twice = await desk.SubmitAsync(twice, "form:has(input[name=waive])", null, Cancel);
        Assert.Equal(HttpStatusCode.Redirect, twice.Status);

        // A member does none of this.
        using var bob = await SignedInAsync(host, "b01");
        foreach (var whom in new[] { "block", $"g-{lab.Group:D}", lab.Ada.Id.ToString() })
            Assert.Equal(HttpStatusCode.NotFound, (await bob.GetAsync($"/book/SCI-1?for={whom}", Cancel)).Status);

        async Task BookForAsync(string whom, string start, Dictionary<string, string> fields)
        {
            var day = await desk.GetAsync($"/book/SCI-1?day=2026-03-12&for={whom}", Cancel);
            fields["start"] = start;
            Assert.Equal(HttpStatusCode.Redirect, (await desk.SubmitAsync(day, "form:has(input[name=start])", fields, Cancel)).Status);
        }
    }

    [Fact]
    public async Task A_series_is_looked_at_first_and_booked_without_its_conflicts()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await BookingLab.InAsync(host);
        // The third Wednesday is taken.
        var third = BookingLab.Tomorrow(18) + Duration.FromDays(14);
        await lab.BookAsync(lab.Ada, lab.Saw, third, third + Duration.FromHours(1));
        using var bob = await SignedInAsync(host, "b01");
        var page = await bob.GetAsync("/book/SCI-1?day=2026-03-11", Cancel);
        var form = page.Document.QuerySelector("form[method=post][action='/book/SCI-1']")!.QuerySelectorAll("input, select, textarea")
            .Where(f => f.GetAttribute("type") is not "radio").ToDictionary(f => f.GetAttribute("name")!, f => f.GetAttribute("value") ?? "");
        (form["start"], form["every"], form["times"]) = ("2026-03-11T17:00:00Z", "week", "6");

        var preview = await bob.PostAsync("/book/SCI-1/series", form, Cancel);

        Assert.Equal(HttpStatusCode.OK, preview.Status);
        Assert.Equal(1, await host.ReadAsync(db => db.Reservations.CountAsync(Cancel)));
        Assert.Contains("5 dates libres sur 6", preview.TextOf("[role=status]"), StringComparison.Ordinal);
        Assert.Contains("mercredi 25 mars", preview.TextOf(".series-not"), StringComparison.Ordinal);
        Assert.Contains("réservée", preview.TextOf(".series-not"), StringComparison.Ordinal);
        var done = await bob.SubmitAsync(preview, "form[action$='/series/book']", null, Cancel);
        Assert.Equal("/bookings/mine", done.Location!.ToString());
        Assert.Equal(5, await host.ReadAsync(db => db.Reservations.CountAsync(r => r.PersonId == lab.Bob.Id, Cancel)));
        // Weekly 18:00 stays 18:00 when the clocks change on the 29th of March.
        var mine = await bob.FollowAsync(done, Cancel);
        Assert.Equal(5, mine.Document.QuerySelectorAll(".bookings > li").Count(li => li.TextContent.Contains("18\u00a0h\u00a000", StringComparison.Ordinal)));
        var undone = await bob.SubmitAsync(mine, ".notice form", null, Cancel);
        Assert.Equal("/bookings/mine", undone.Location!.ToString());
        Assert.Equal(0, await host.ReadAsync(db => db.Reservations.CountAsync(r => r.PersonId == lab.Bob.Id && r.CancelledAt == null, Cancel)));
    }

    [Fact]
    public async Task A_stale_page_is_told_in_one_sentence_and_loses_nothing()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await BookingLab.InAsync(host);
        var made = (await lab.BookAsync(lab.Bob, lab.Saw, BookingLab.Tomorrow(10), BookingLab.Tomorrow(11))).Value;
        using var bob = await SignedInAsync(host, "b01");
        var path = $"/bookings/{made.Id}";
        var tab = await bob.GetAsync(path, Cancel);
        await lab.MoveAsync(lab.Bob, made.Id, new BookingChange { Start = BookingLab.Tomorrow(12), End = BookingLab.Tomorrow(13) });

        var stale = await bob.SubmitAsync(tab, $"form[action='{path}/change']", new Dictionary<string, string> { ["untilTime"] = "11:30", ["note"] = "lames" }, Cancel);

        Assert.Equal(HttpStatusCode.Conflict, stale.Status);
        Assert.Contains("a changé entre-temps", stale.TextOf(".notice"), StringComparison.Ordinal);
        Assert.Contains("12\u00a0h\u00a000", stale.Document.QuerySelector("h1 + .lead")!.TextContent, StringComparison.Ordinal);
        Assert.Equal("lames", stale.Document.QuerySelector("textarea[name=note]")!.TextContent);
        Assert.Equal(BookingLab.Tomorrow(12), (await lab.RowAsync(made.Id)).Start);
        // Sent once more, it is what the person wants.
        var done = await bob.SubmitAsync(stale, $"form[action='{path}/change']", null, Cancel);
        Assert.True(done.Location is not null, done.Text);
        Assert.Equal(path, done.Location!.ToString());
        var row = await lab.RowAsync(made.Id);
        Assert.Equal((BookingLab.Tomorrow(10), BookingLab.Tomorrow(11.5), "lames"), (row.Start, row.End, row.Note));
        // And back to where it was.
        var page = await bob.FollowAsync(done, Cancel);
        await bob.SubmitAsync(page, ".notice form", null, Cancel);
        Assert.Equal(BookingLab.Tomorrow(12), (await lab.RowAsync(made.Id)).Start);
        // Nobody else finds it.
        using var ada = await SignedInAsync(host, "a01");
        Assert.Equal(HttpStatusCode.NotFound, (await ada.GetAsync(path, Cancel)).Status);
    }

    [Fact]
    public async Task A_running_booking_is_extended_as_far_as_it_is_free_and_ended()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await BookingLab.InAsync(host);
        var now = lab.Now;
        var made = (await lab.BookAsync(lab.Bob, lab.Saw, now, now + Duration.FromHours(1))).Value;
        await lab.BookAsync(lab.Ada, lab.Saw, now + Duration.FromMinutes(90), now + Duration.FromHours(3));
        using var bob = await SignedInAsync(host, "b01");

        var page = await bob.GetAsync($"/bookings/{made.Id}", Cancel);
        var ends = page.Document.QuerySelectorAll("button[name=end]").Select(b => b.GetAttribute("value")!).ToArray();

        Assert.Equal(2, ends.Length);
        var extended = await bob.SubmitAsync(page, "form:has(button[name=end])", new Dictionary<string, string> { ["end"] = ends[1] }, Cancel);
        Assert.Equal(now + Duration.FromMinutes(90), (await lab.RowAsync(made.Id)).End);
        var after = await bob.FollowAsync(extended, Cancel);
        Assert.Contains("On ne peut pas prolonger.", after.Text, StringComparison.Ordinal);
        host.Time.Advance(Duration.FromMinutes(5));
        var ended = await bob.SubmitAsync(await bob.GetAsync("/bookings/mine", Cancel), $"form[action='/bookings/{made.Id}/end']", null, Cancel);
        Assert.Equal("/bookings/mine", ended.Location!.ToString());
        Assert.True((await lab.RowAsync(made.Id)).End <= lab.Now + Duration.FromMinutes(1));
    }

    [Fact]
    public async Task After_no_shows_the_page_says_what_it_means_and_staff_can_lift_it()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await BookingLab.InAsync(host);
        List<BookingId> missed = [];
        foreach (var hour in new[] { 1, 2, 3 })
        {
            var start = lab.Now + Duration.FromHours(hour);
            missed.Add((await lab.BookAsync(lab.Ada, lab.Laser, start, start + Duration.FromMinutes(30))).Value.Id);
        }
        await lab.RoundAsync(Duration.FromHours(4));
        using var ada = await SignedInAsync(host, "a01");
        using var desk = await SignedInAsync(host, "d01");

        var mine = await ada.GetAsync("/bookings/mine", Cancel);
        var list = await ada.GetAsync("/book", Cancel);

        Assert.Contains("Pas de réservation jusqu’au", mine.TextOf(".notice"), StringComparison.Ordinal);
        Assert.Equal(3, mine.Document.QuerySelectorAll("[aria-labelledby=past] .state").Count(s => s.TextContent.Contains("Non venu·e", StringComparison.Ordinal)));
        Assert.Empty(list.Document.QuerySelectorAll("a.reserve-line"));
        Assert.Contains("sans réservation", list.TextOf(".reserve-not"), StringComparison.Ordinal);
        var page = await desk.GetAsync($"/bookings/{missed[0]}", Cancel);
        var waived = await desk.SubmitAsync(page, "form[action$='/waive']", new Dictionary<string, string> { ["why"] = "panne de bus" }, Cancel);
        Assert.Equal(HttpStatusCode.Redirect, waived.Status);
        var again = await ada.GetAsync("/bookings/mine", Cancel);
        Assert.DoesNotContain("Pas de réservation jusqu’au", again.Text, StringComparison.Ordinal);
        Assert.Contains("Non venu·e : 2 fois", again.TextOf(".notice"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task The_planning_names_for_staff_and_the_public_one_and_the_wall_do_not(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await BookingLab.InAsync(host);
        await host.Writer.WriteAsync(async (write, cancel) => (await write.Db.People.SingleAsync(p => p.Id == lab.Bob.Id, cancel)).DisplayName = "Basile Quentin", Cancel);
        var made = (await lab.BookAsync(lab.Bob, new NewReservation(lab.Saw, null, BookingLab.Tomorrow(10), BookingLab.Tomorrow(11)) { Note = "secret" })).Value;
        await lab.BookAsync(lab.Desk, new NewReservation(lab.Laser, null, BookingLab.Tomorrow(9), BookingLab.Tomorrow(18)) { Block = true, Why = "entretien" });
        var night = (await lab.BookAsync(lab.Bob, lab.Printers[0], BookingLab.Tomorrow(22), BookingLab.Tomorrow(26))).Value;
        var evening = (await lab.BookAsync(lab.Ada, lab.Printers[1], BookingLab.Tomorrow(22), BookingLab.Tomorrow(24))).Value;
        using var desk = await SignedInAsync(host, "d01");
        using var nobody = new PageClient(host.Address);

        var day = await desk.GetAsync("/planning?day=2026-03-11", Cancel);
        var week = await desk.GetAsync("/planning?day=2026-03-11&view=week", Cancel);
        foreach (var page in new[] { day, week })
        {
            var item = page.Document.QuerySelector($"tr[data-c=SCI-1] a[href='/bookings/{made.Id}']")!;
            Assert.Contains("10h00–11h00", item.TextContent, StringComparison.Ordinal);
            Assert.Contains("Basile Quentin", item.TextContent, StringComparison.Ordinal);
            Assert.Equal("2026-03-11T10:00/2026-03-11T11:00", item.GetAttribute("data-t"));
            Assert.Contains("bloquée : entretien", page.TextOf("tr[data-c=LAS-1]"), StringComparison.Ordinal);
        }
        Assert.Equal(7, week.Document.QuerySelectorAll("tr[data-c=SCI-1] td").Length);
        // A night lies in two days and is one booking to the script; what ends at midnight lies in one.
        Assert.Equal(["22h00–2h00", "22h00–2h00"], week.Document.QuerySelectorAll($"a[href='/bookings/{night.Id}'] b").Select(b => b.TextContent));
        Assert.Equal("2026-03-11T22:00/2026-03-12T02:00", Assert.Single(week.Document.QuerySelectorAll($"a[href='/bookings/{night.Id}'][data-t]")).GetAttribute("data-t"));
        var after = await desk.GetAsync("/planning?day=2026-03-12", Cancel);
        Assert.Equal("2026-03-11T22:00/2026-03-12T02:00", after.Document.QuerySelector($"a[href='/bookings/{night.Id}']")!.GetAttribute("data-t"));
        Assert.Equal("2026-03-11T22:00/2026-03-12T00:00", Assert.Single(week.Document.QuerySelectorAll($"a[href='/bookings/{evening.Id}']")).GetAttribute("data-t"));
        Assert.Equal(("0", "24"), (after.Document.QuerySelector("#plan")!.GetAttribute("data-opens"), after.Document.QuerySelector("#plan")!.GetAttribute("data-closes")));
        var open = await nobody.GetAsync("/planning/public?day=2026-03-11", Cancel);
        host.Time.Advance(BookingLab.Tomorrow(10.5) - lab.Now);
        var wall = await nobody.GetAsync("/planning/wall", Cancel);
        Assert.Contains("Réservée de 10 h 00 à 11 h 00", open.Text, StringComparison.Ordinal);
        Assert.Contains("Réservée jusqu’à 11 h 00", wall.Text, StringComparison.Ordinal);
        Assert.Contains("Pas disponible jusqu’à 18 h 00", wall.Text, StringComparison.Ordinal);
        foreach (var page in new[] { open, wall, await nobody.GetAsync("/", Cancel), await nobody.GetAsync("/machines/SCI-1", Cancel) })
        {
            foreach (var hidden in new[] { "Basile", "B01", "secret", made.Id.ToString(), "entretien" })
                Assert.DoesNotContain(hidden, page.Html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_move_on_the_planning_leads_back_to_it_with_the_undo_or_with_why_not()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await BookingLab.InAsync(host);
        var made = (await lab.BookAsync(lab.Bob, lab.Saw, BookingLab.Tomorrow(10), BookingLab.Tomorrow(11))).Value;
        await lab.BookAsync(lab.Bob, lab.Saw, BookingLab.Tomorrow(15), BookingLab.Tomorrow(16));
        using var desk = await SignedInAsync(host, "d01");
        var planning = await desk.GetAsync("/planning?day=2026-03-11", Cancel);

        var moved = await DropAsync(planning, "12:00", "13:00", made.Version);
        Assert.True(moved.Location is not null, moved.Text);
        Assert.Equal("/planning?day=2026-03-11", moved.Location!.ToString());
        Assert.Equal(BookingLab.Tomorrow(12), (await lab.RowAsync(made.Id)).Start);
        var shown = await desk.FollowAsync(moved, Cancel);
        Assert.Contains("La réservation est changée", shown.TextOf(".notice"), StringComparison.Ordinal);
        var undone = await desk.SubmitAsync(shown, ".notice form", null, Cancel);
        Assert.Equal("/planning?day=2026-03-11", undone.Location!.ToString());
        Assert.Equal(BookingLab.Tomorrow(10), (await lab.RowAsync(made.Id)).Start);

        var version = (await lab.RowAsync(made.Id)).Version;
        var refused = await DropAsync(shown, "14:30", "15:30", version);
        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.NotNull(refused.Document.QuerySelector(".notice[role=alert]"));
        Assert.Equal("2026-03-11T10:00/2026-03-11T11:00", refused.Document.QuerySelector($"a[href='/bookings/{made.Id}']")!.GetAttribute("data-t"));

        async Task<PageAnswer> DropAsync(PageAnswer page, string from, string until, long version)
        {
            var fields = page.Document.QuerySelector("#plan-move")!.QuerySelectorAll("input").ToDictionary(i => i.GetAttribute("name")!, i => i.GetAttribute("value") ?? "");
            foreach (var (name, value) in new[] { ("fromDay", "2026-03-11"), ("fromTime", from), ("untilDay", "2026-03-11"), ("untilTime", until), ("version", version.ToString(System.Globalization.CultureInfo.InvariantCulture)) })
                fields[name] = value;
            return await desk.PostAsync($"/bookings/{made.Id}/change", fields, Cancel);
        }
    }

    [Theory]
    [InlineData("/book/NOPE", HttpStatusCode.NotFound)]
    [InlineData("/book/SCI-1?day=never&length=abc", HttpStatusCode.OK)]
    [InlineData("/book/SCI-1?day=1992-01-01", HttpStatusCode.OK)]
    [InlineData("/book/SCI-1?day=2199-12-31&length=99999999", HttpStatusCode.OK)]
    [InlineData("/book/SCI-1?day=2028-02-29", HttpStatusCode.OK)]
    [InlineData("/book/SCI-1?for=g-nonsense", HttpStatusCode.NotFound)]
    [InlineData("/planning/public?day=2199-12-31", HttpStatusCode.OK)]
    [InlineData("/planning/public?day=1991-01-01", HttpStatusCode.OK)]
    [InlineData("/bookings/0190a1a0-0000-7000-8000-000000000000", HttpStatusCode.NotFound)]
    public async Task Addresses_with_nonsense_get_a_page(string path, HttpStatusCode status)
    {
        await using var host = await BookingHost.StartAsync();
        await BookingLab.InAsync(host);
        using var bob = await SignedInAsync(host, "b01");

        Assert.Equal(status, (await bob.GetAsync(path, Cancel)).Status);
    }

    [Fact]
    public async Task Nonsense_in_the_forms_is_answered_with_words_beside_the_field()
    {
        await using var host = await BookingHost.StartAsync();
        await BookingLab.InAsync(host);
        using var bob = await SignedInAsync(host, "b01");
        var page = await bob.GetAsync("/book/SCI-1?day=2026-03-11", Cancel);
        const string Choose = "form[method=post][action='/book/SCI-1']";
        const string Other = "form:has(input[name=fromDay])";

        Assert.Contains("Choisissez une heure de début.", (await Send(Choose, ("start", "yesterday"))).Text, StringComparison.Ordinal);
        Assert.Contains("Choisissez une heure de début.", (await Send(Choose, ("start", "9998-01-01T00:00:00Z"))).Text, StringComparison.Ordinal);
        Assert.Contains("500 caractères", (await Send(Choose, ("start", "2026-03-11T13:00:00Z"), ("note", new string('x', 501)))).Text, StringComparison.Ordinal);
        Assert.Contains("Écrivez un jour", (await Send(Other, ("fromDay", "demain"), ("fromTime", "10:00"), ("untilDay", "2026-03-11"), ("untilTime", "11:00"))).Text, StringComparison.Ordinal);
        // The end before the start, and no length at all: the sentence of the rules.
        foreach (var until in new[] { "09:00", "10:00" })
        {
            var answer = await Send(Other, ("fromDay", "2026-03-11"), ("fromTime", "10:00"), ("untilDay", "2026-03-11"), ("untilTime", until));
            Assert.Contains("L'heure de fin doit être après l'heure de début.", answer.TextOf(".notice"), StringComparison.Ordinal);
            Assert.Equal(until, answer.Document.QuerySelector("input[name=untilTime]")!.GetAttribute("value"));
        }
        Assert.Equal(0, await host.ReadAsync(db => db.Reservations.CountAsync(Cancel)));

        async Task<PageAnswer> Send(string form, params (string Name, string Value)[] fields)
        {
            var answer = await bob.SubmitAsync(page, form, fields.ToDictionary(f => f.Name, f => f.Value), Cancel);
            Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
            return answer;
        }
    }

    private static async Task<PageClient> SignedInAsync(BookingHost host, string login)
    {
        var client = new PageClient(host.Address);
        var link = (await host.Services.GetRequiredService<IOneTimeLinks>().CreateAsync(login, Cancel))!;
        var landing = await client.GetAsync(link.Path, Cancel);
        Assert.Equal(HttpStatusCode.Redirect, (await client.SubmitAsync(landing, "form[action='/sign-in/link']", null, Cancel)).Status);
        return client;
    }
}
