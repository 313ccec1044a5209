using System.Globalization;
using System.Net;
using FabLab.Booking.Features.Floor;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.Visits;
using FabLab.Booking.Tests.Hosting;
using FabLab.Booking.Tests.Pages;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Visits;
using FabLab.Kiosk.Storage;
using FabLab.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Visits;

/// <summary>The door, from a badge to the row in Booking, with the line as it is in life.</summary>
public sealed class DoorTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_badge_is_greeted_by_first_name_with_the_line_cut_and_the_visit_arrives_once_it_is_back()
    {
        await using var lab = await Lab.StartAsync();
        await lab.Door.FetchAsync();
        lab.Door.Line.Cut = true;
        await lab.Door.FetchAsync();
        using var screen = lab.Door.Browser();

        var hello = await Lab.BadgeAsync(screen);
        var reason = await screen.SubmitAsync(hello, "form[action$='/reason']", null, Cancel);
        var thanks = await screen.FollowAsync(reason, Cancel);
        var mine = await screen.GetAsync(hello.Document.QuerySelector("[hx-get$='/mine']")!.GetAttribute("hx-get")!, Cancel, fragment: true);
        var undelivered = await lab.Door.DeliverAsync();
        lab.Host.Time.Advance(Duration.FromMinutes(10));
        lab.Door.Line.Cut = false;
        var delivered = await lab.Door.DeliverAsync();

        Assert.Equal("Bonjour Ada", hello.TextOf("h1"));
        Assert.Contains("Merci Ada", thanks.TextOf("h1"), StringComparison.Ordinal);
        Assert.Contains("Nous gardons votre visite", thanks.TextOf(".lead"), StringComparison.Ordinal);
        Assert.Contains("Internet ne marche pas", mine.Text, StringComparison.Ordinal);
        Assert.Equal((false, true), (undelivered, delivered));
        var visit = await lab.VisitAsync();
        Assert.Equal((lab.Small.Ada, "machine", lab.Host.Time.Now - Duration.FromMinutes(10)), (visit.PersonId!.Value, visit.Reason, visit.ArrivedAt));
    }

    [Theory]
    [InlineData("3808980205")]
    [InlineData("\"à_à")]
    [InlineData("E3086CED")]
    [InlineData("e3086ced")]
    public async Task A_reader_is_understood_whatever_keyboard_the_computer_has(string typed)
    {
        await using var lab = await Lab.StartAsync();
        await lab.Door.FetchAsync();
        // What the digits of that number become on a French keyboard.
        if (typed == "\"à_à")
            typed = string.Concat(DoorHost.AdasBadge.Select(digit => "à&é\"'(-è_ç"[digit - '0']));
        using var screen = lab.Door.Browser();

        var answer = await screen.PostAsync("/read", new Dictionary<string, string> { ["text"] = typed }, Cancel);

        Assert.Equal("Bonjour Ada", (await screen.FollowAsync(answer, Cancel)).TextOf("h1"));
    }

    [Fact]
    public async Task A_qr_code_is_as_good_as_a_badge_and_a_short_code_tells_no_name()
    {
        await using var lab = await Lab.StartAsync();
        await lab.Door.FetchAsync();
        var key = Convert.FromHexString(File.ReadAllText(Path.Combine(lab.Host.Folder, "badge.key")).Trim());
        using var screen = lab.Door.Browser();

        var byQr = await screen.FollowAsync(await screen.PostAsync("/read", new Dictionary<string, string> { ["text"] = DoorCodes.QrOf(key, lab.Small.Ada) }, Cancel), Cancel);
        var code = await screen.PostAsync("/code", new Dictionary<string, string> { ["typed"] = "m02", ["key"] = "done" }, Cancel);
        var byCode = await screen.FollowAsync(code, Cancel);
        await lab.Door.DeliverAsync();

        Assert.Equal("Bonjour Ada", byQr.TextOf("h1"));
        Assert.Equal("Bonjour", byCode.TextOf("h1"));
        Assert.Null(byCode.Document.QuerySelector("[hx-get]"));
        var ways = await lab.Host.ReadAsync(db => db.Visits.ToDictionaryAsync(v => v.PersonId!.Value, v => v.Way, Cancel));
        Assert.Equal((VisitWay.Qr, VisitWay.ShortCode), (ways[lab.Small.Ada], ways[lab.Small.Bob]));
    }

    [Fact]
    public async Task The_keys_on_the_screen_write_a_code_without_a_keyboard_and_without_script()
    {
        await using var lab = await Lab.StartAsync();
        await lab.Door.FetchAsync();
        using var screen = lab.Door.Browser();
        var page = await screen.GetAsync("/code", Cancel);

        foreach (var key in new[] { "M", "0", "9", "erase", "2" })
            page = await screen.SubmitAsync(page, ".door-keys", new Dictionary<string, string> { ["key"] = key }, Cancel);
        var typed = page.Document.QuerySelector("#typed")!.GetAttribute("value");
        var sent = await screen.SubmitAsync(page, ".door-keys", new Dictionary<string, string> { ["key"] = "done" }, Cancel);

        Assert.Equal("M02", typed);
        Assert.StartsWith("/hello/", sent.Location!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_badge_may_come_in_all_the_same()
    {
        await using var lab = await Lab.StartAsync();
        await lab.Door.FetchAsync();
        using var screen = lab.Door.Browser();

        var unknown = await screen.PostAsync("/read", new Dictionary<string, string> { ["text"] = "1234567890" }, Cancel);

        Assert.Equal("Je ne reconnais pas ce badge ou ce code", unknown.TextOf("h1"));
        Assert.NotNull(unknown.Document.QuerySelector("a.door-tile[href='/visit']"));
        Assert.Equal(0, lab.Door.Store.Count);
    }

    [Fact]
    public async Task A_badge_given_out_a_moment_ago_is_known_at_once()
    {
        await using var lab = await Lab.StartAsync();
        await lab.Door.FetchAsync();
        await DoorHost.EnrolAsync(lab.Host, lab.Small.Bob, lab.Small.Manager, "3808980206");
        using var screen = lab.Door.Browser();

        var answer = await screen.PostAsync("/read", new Dictionary<string, string> { ["text"] = "3808980206" }, Cancel);

        Assert.Equal(HttpStatusCode.SeeOther, answer.Status);
    }

    [Fact]
    public async Task A_badge_twice_in_three_seconds_is_one_arrival_and_later_it_offers_to_leave()
    {
        await using var lab = await Lab.StartAsync();
        await lab.Door.FetchAsync();
        using var screen = lab.Door.Browser();

        await Lab.BadgeAsync(screen);
        lab.Host.Time.Advance(Duration.FromSeconds(3));
        var again = await Lab.BadgeAsync(screen);
        lab.Host.Time.Advance(Duration.FromMinutes(30));
        var later = await Lab.BadgeAsync(screen);
        var bye = await screen.FollowAsync(await screen.SubmitAsync(later, "form[action$='/leave']", null, Cancel), Cancel);

        Assert.Null(again.Document.QuerySelector("form[action$='/leave']"));
        Assert.Equal("Au revoir Ada", bye.TextOf("h1"));
        Assert.Equal(2, lab.Door.Store.Count);
        await lab.Door.DeliverAsync();
        Assert.Equal(lab.Host.Time.Now, (await lab.VisitAsync()).LeftAt);
    }

    [Fact]
    public async Task Who_says_that_they_leave_may_think_again()
    {
        await using var lab = await Lab.StartAsync();
        await lab.Door.FetchAsync();
        using var screen = lab.Door.Browser();
        await Lab.BadgeAsync(screen);
        lab.Host.Time.Advance(Duration.FromMinutes(30));

        var bye = await Lab.BadgeAsync(screen, leaving: true);
        await screen.SubmitAsync(bye, "form[action$='/stay']", null, Cancel);
        await lab.Door.DeliverAsync();

        Assert.Null((await lab.VisitAsync()).LeftAt);
        Assert.Equal(1, await lab.Host.ReadAsync(db => db.Presence.CountAsync(Cancel)));
    }

    [Fact]
    public async Task What_is_mine_shows_what_I_booked_and_may_use_and_is_gone_when_the_screen_was_left()
    {
        await using var lab = await Lab.StartAsync();
        await lab.Host.Services.GetRequiredService<BookMachine>().BookAsync(
            new NewReservation(lab.Small.Machine, lab.Small.Ada, lab.Host.Time.Now + Duration.FromHours(1), lab.Host.Time.Now + Duration.FromHours(2)), lab.Small.Manager, Cancel);
        await lab.Door.FetchAsync();
        using var screen = lab.Door.Browser();
        var hello = await Lab.BadgeAsync(screen);
        var address = hello.Document.QuerySelector("[hx-get$='/mine']")!.GetAttribute("hx-get")!;

        var mine = await screen.GetAsync(address, Cancel, fragment: true);
        lab.Host.Time.Advance(Duration.FromMinutes(3));
        var over = await screen.GetAsync(address, Cancel, fragment: true);

        Assert.Contains("Vous avez réservé : Découpeuse laser, aujourd’hui à 11 h 00, jusqu’à 12 h 00.", WebUtility.HtmlDecode(mine.Html).Replace('\u00a0', ' '), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Gone, over.Status);
        Assert.DoesNotContain("Ada", over.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Three_taps_count_a_visit_without_a_name_and_a_form_sent_twice_counts_once()
    {
        await using var lab = await Lab.StartAsync();
        await lab.Door.FetchAsync();
        using var screen = lab.Door.Browser();

        var why = await screen.GetAsync("/visit", Cancel);
        var age = await screen.GetAsync(why.Document.QuerySelector("a.door-tile[href*='discover']")!.GetAttribute("href")!, Cancel);
        var form = age.Document.QuerySelectorAll("form[action='/visit']").Single(one => one.QuerySelector("input[name='band']")!.GetAttribute("value") == nameof(AgeBand.From70));
        var fields = form.QuerySelectorAll("input").ToDictionary(input => input.GetAttribute("name")!, input => input.GetAttribute("value")!);
        await screen.PostAsync("/visit", fields, Cancel);
        var sent = await screen.PostAsync("/visit", fields, Cancel);
        await lab.Door.DeliverAsync();

        Assert.Equal("Merci", (await screen.FollowAsync(sent, Cancel)).TextOf("h1"));
        var visit = await lab.VisitAsync();
        Assert.Equal((null, "discover", AgeBand.From70, VisitWay.NoName), (visit.PersonId, visit.Reason, visit.AgeBand!.Value, visit.Way));
    }

    [Fact]
    public async Task A_first_visit_leaves_a_first_name_for_the_front_desk_and_makes_nobody_a_person_of_the_lab()
    {
        await using var lab = await Lab.StartAsync();
        await lab.Door.FetchAsync();
        using var screen = lab.Door.Browser();
        using var changes = lab.Host.Services.GetRequiredService<FloorChanges>().Subscribe();
        var people = await lab.Host.ReadAsync(db => db.People.CountAsync(Cancel));

        var sent = await screen.PostAsync("/first/name", new Dictionary<string, string> { ["typed"] = "ANNE-LISE", ["key"] = "done" }, Cancel);
        var why = await screen.FollowAsync(sent, Cancel);
        lab.Door.Line.Cut = true;
        var cut = await screen.FollowAsync(await screen.PostAsync("/first/name", new Dictionary<string, string> { ["typed"] = "ZOE", ["key"] = "done" }, Cancel), Cancel);

        Assert.Contains("Nous avons prévenu l’équipe", why.TextOf(".notice"), StringComparison.Ordinal);
        Assert.Contains("L’appel ne marche pas", cut.TextOf(".notice"), StringComparison.Ordinal);
        var call = await lab.Host.ReadAsync(db => db.DoorRequests.SingleAsync(Cancel));
        Assert.Equal(("Anne-Lise", "door"), (call.FirstName, call.Kiosk));
        Assert.Equal(FloorTopic.Door, (await changes.Changes.ReadAsync(Cancel)).Topic);
        Assert.Equal(people, await lab.Host.ReadAsync(db => db.People.CountAsync(Cancel)));
        lab.Host.Time.Leap(Duration.FromHours(25));
        await lab.Host.Writer.WriteAsync(lab.Host.Services.GetRequiredService<Keeper>().RoundAsync, Cancel);
        Assert.Equal(0, await lab.Host.ReadAsync(db => db.DoorRequests.CountAsync(Cancel)));
    }

    [Fact]
    public async Task Help_is_called_from_every_screen_and_says_plainly_when_nobody_hears()
    {
        await using var lab = await Lab.StartAsync();
        await lab.Door.FetchAsync();
        using var screen = lab.Door.Browser();
        string[] screens = ["/", "/code", "/visit", "/visit/age?reason=other", "/first", "/first/name", "/leave", "/machines", "/how", "/help", "/thanks", "/nowhere", (await Lab.BadgeAsync(screen)).Document.QuerySelector("[hx-get$='/mine']")!.GetAttribute("hx-get")!];

        foreach (var path in screens)
            Assert.NotNull((await screen.GetAsync(path, Cancel)).Document.QuerySelector("form[action='/help'] button"));
        var called = await screen.PostAsync("/help", new Dictionary<string, string>(), Cancel);
        lab.Door.Line.Cut = true;
        var cut = await screen.PostAsync("/help", new Dictionary<string, string>(), Cancel);

        Assert.Contains("Une personne de l’équipe vient", called.TextOf(".notice"), StringComparison.Ordinal);
        Assert.Contains("Allez à l’accueil", cut.TextOf(".notice"), StringComparison.Ordinal);
        Assert.Equal(1, await lab.Host.ReadAsync(db => db.DoorRequests.CountAsync(Cancel)));
    }

    [Fact]
    public async Task The_team_reads_the_evacuation_list_after_badge_and_pin_and_nobody_else_does()
    {
        await using var lab = await Lab.StartAsync();
        await DoorHost.EnrolAsync(lab.Host, lab.Small.Manager.Id, lab.Small.Manager, "3808980207");
        await lab.Host.Services.GetRequiredService<SetDoorPin>().HandleAsync(new DoorPinToBe("470815"), lab.Small.Manager, Cancel);
        await lab.Door.FetchAsync();
        lab.Door.Line.Cut = true;
        using var screen = lab.Door.Browser();
        var ada = await Lab.BadgeAsync(screen);
        Assert.Null(ada.Document.QuerySelector("a[href^='/staff/']"));
        var token = ada.Document.QuerySelector("form[action$='/reason']")!.GetAttribute("action")!.Split('/')[2];
        Assert.Equal(HttpStatusCode.Gone, (await screen.GetAsync($"/staff/{token}/list", Cancel)).Status);

        var hello = await Lab.BadgeAsync(screen, "3808980207");
        var address = hello.Document.QuerySelector("a[href^='/staff/']")!.GetAttribute("href")!;
        var before = await screen.GetAsync(address + "/list", Cancel);
        var wrong = await screen.PostAsync(address, new Dictionary<string, string> { ["typed"] = "123456" }, Cancel);
        var list = await screen.FollowAsync(await screen.PostAsync(address, new Dictionary<string, string> { ["before"] = "4708", ["typed"] = "1", ["key"] = "5" }, Cancel), Cancel);
        var left = await screen.FollowAsync(await screen.SubmitAsync(list, "form[action$='/left']", null, Cancel), Cancel);
        await screen.SubmitAsync(left, "form[action$='/back']", null, Cancel);
        lab.Door.Line.Cut = false;
        await lab.Door.DeliverAsync();

        Assert.Equal(HttpStatusCode.Gone, before.Status);
        Assert.Contains("n’est pas le bon", wrong.TextOf(".wrong"), StringComparison.Ordinal);
        Assert.Contains("Avec un nom ou un code : 2", list.Text, StringComparison.Ordinal);
        Assert.Contains("Ada", list.TextOf(".door-list"), StringComparison.Ordinal);
        Assert.Contains("Noté : Ada est parti·e.", left.Text, StringComparison.Ordinal);
        Assert.Equal(2, await lab.Host.ReadAsync(db => db.Presence.CountAsync(Cancel)));
        Assert.Equal(2, await lab.Host.ReadAsync(db => db.AuditValues.CountAsync(value => value.By == lab.Small.Manager.Id && db.Audit.Any(entry => entry.Seq == value.Seq && entry.Action.StartsWith("visit.")), Cancel)));
    }

    [Fact]
    public async Task After_five_wrong_pins_the_right_one_waits_too()
    {
        await using var lab = await Lab.StartAsync();
        await lab.Host.Services.GetRequiredService<SetDoorPin>().HandleAsync(new DoorPinToBe("470815"), lab.Small.Manager, Cancel);
        await DoorHost.EnrolAsync(lab.Host, lab.Small.Manager.Id, lab.Small.Manager, "3808980207");
        await lab.Door.FetchAsync();
        using var screen = lab.Door.Browser();
        var address = (await Lab.BadgeAsync(screen, "3808980207")).Document.QuerySelector("a[href^='/staff/']")!.GetAttribute("href")!;

        for (var wrong = 0; wrong < 5; wrong++)
            await screen.PostAsync(address, new Dictionary<string, string> { ["typed"] = "111222" }, Cancel);
        var right = await screen.PostAsync(address, new Dictionary<string, string> { ["typed"] = "470815" }, Cancel);

        Assert.Equal(HttpStatusCode.OK, right.Status);
        Assert.NotNull(right.Document.QuerySelector(".wrong"));
    }

    [Fact]
    public async Task A_door_that_was_killed_in_mid_delivery_sends_the_rest_and_nothing_counts_twice()
    {
        using var folder = new TemporaryFolder();
        await using var lab = await Lab.StartAsync(folder);
        await lab.Door.FetchAsync();
        lab.Door.Line.Cut = true;
        using (var screen = lab.Door.Browser())
        {
            await Lab.BadgeAsync(screen);
            foreach (var band in new[] { AgeBand.Under12, AgeBand.From70 })
                await screen.PostAsync("/visit", new Dictionary<string, string> { ["visit"] = VisitId.New(lab.Host.Time.Now).ToString(), ["reason"] = "discover", ["band"] = band.ToString() }, Cancel);
        }
        // Booking stores the batch, the answer gets lost, and then the power goes: what is on the disk at that moment is all there is.
        lab.Door.Line.Cut = false;
        lab.Door.Line.LoseAnswers = 2;
        Assert.False(await lab.Door.DeliverAsync());
        using var killed = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(folder.Path))
            File.Copy(file, killed.File(Path.GetFileName(file)));

        await using var again = await DoorHost.StartAsync(lab.Host, folder: killed);
        var waiting = again.Store.Count;
        Assert.True(again.Memory.IsIn(lab.Small.Ada));
        lab.Host.Time.Leap(Duration.FromHours(2));
        Assert.True(await again.DeliverAsync());

        Assert.Equal(3, waiting);
        Assert.Equal(3, await lab.Host.ReadAsync(db => db.Visits.CountAsync(Cancel)));
        Assert.Equal((0, 0), (again.Store.Count, again.Store.SetAsideCount));
    }

    [Fact]
    public async Task A_clock_set_right_between_a_tap_and_its_delivery_moves_no_visit()
    {
        await using var lab = await Lab.StartAsync();
        await lab.Door.FetchAsync();
        var clock = lab.Host.Time.Now;
        using var screen = lab.Door.Browser();
        // The door has a clock of its own in life; here one clock serves both, so it is turned for the tap alone.
        lab.Host.Time.SetWallClock(clock - Duration.FromHours(20));
        await screen.PostAsync("/visit", new Dictionary<string, string> { ["visit"] = VisitId.New(clock).ToString(), ["reason"] = "other", ["band"] = "From70" }, Cancel);
        lab.Host.Time.Advance(Duration.FromMinutes(7));
        lab.Host.Time.SetWallClock(clock + Duration.FromMinutes(7));

        await lab.Door.DeliverAsync();

        var visit = await lab.VisitAsync();
        Assert.Equal((clock, null), (visit.ArrivedAt, visit.ClockOff));
    }

    [Fact]
    public async Task What_is_known_of_people_is_sealed_on_the_disk_and_forgotten_after_three_days_alone()
    {
        using var folder = new TemporaryFolder();
        await using var lab = await Lab.StartAsync(folder);
        await lab.Door.FetchAsync();
        var disk = Directory.GetFiles(folder.Path, "kiosk.db*").Select(File.ReadAllBytes).SelectMany(bytes => bytes).ToArray();
        Assert.True(disk.AsSpan().IndexOf("Ada"u8) < 0);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.File("kiosk-seal.key")));
        lab.Door.Line.Cut = true;
        using var screen = lab.Door.Browser();

        lab.Host.Time.Leap(Duration.FromHours(71));
        var known = await Lab.BadgeAsync(screen);
        lab.Host.Time.Leap(Duration.FromHours(2));
        var forgotten = await screen.PostAsync("/read", new Dictionary<string, string> { ["text"] = DoorHost.AdasBadge }, Cancel);

        Assert.Equal("Bonjour Ada", known.TextOf("h1"));
        Assert.Equal("Je ne reconnais pas ce badge ou ce code", forgotten.TextOf("h1"));
        Assert.Null(lab.Door.Memory.Last!.People);
        // Reasons and hours are nobody's: the door still counts.
        Assert.Equal(8, lab.Door.Memory.Reasons.Count);
    }

    [Fact]
    public async Task Somebody_switched_off_is_nobody_at_the_next_look()
    {
        await using var lab = await Lab.StartAsync();
        await lab.Door.FetchAsync();
        await lab.Host.Writer.WriteAsync(async (write, cancel) => (await write.Db.People.SingleAsync(p => p.Id == lab.Small.Ada, cancel)).Active = false, Cancel);

        await lab.Door.FetchAsync();

        Assert.Null(lab.Door.Memory.Find(DoorHost.AdasBadge));
    }

    [Fact]
    public async Task A_page_of_another_site_sends_nothing_here_and_no_screen_is_kept()
    {
        await using var lab = await Lab.StartAsync();
        await lab.Door.FetchAsync();
        using var screen = lab.Door.Browser();
        using var foreign = new HttpRequestMessage(HttpMethod.Post, "/read") { Content = new FormUrlEncodedContent([new("text", DoorHost.AdasBadge)]) };
        foreign.Headers.Add("Origin", "http://evil.example");

        using var answer = await screen.Http.SendAsync(foreign, Cancel);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal(0, lab.Door.Store.Count);
        Assert.True((await Lab.BadgeAsync(screen)).Message.Headers.CacheControl!.NoStore);
    }

    [Fact]
    public async Task No_screen_is_heavier_than_a_hundred_kilobytes()
    {
        await using var lab = await Lab.StartAsync();
        await lab.Door.FetchAsync();
        using var screen = lab.Door.Browser();
        screen.Http.DefaultRequestHeaders.Add("Accept-Encoding", "gzip");
        var weights = new SortedDictionary<string, long>(StringComparer.Ordinal);

        foreach (var path in new[] { "/", "/code", "/visit", "/visit/age?reason=other" })
        {
            using var page = await screen.Http.GetAsync(path, Cancel);
            var html = await page.Content.ReadAsStringAsync(Cancel);
            long weight = html.Length;
            foreach (var asset in System.Text.RegularExpressions.Regex.Matches(html, "(?:src|href)=\"(/assets/[^\"]+)\"").Select(match => match.Groups[1].Value).Distinct())
                weight += (await screen.Http.GetByteArrayAsync(asset, Cancel)).Length;
            weights[path] = weight;
        }

        Assert.All(weights, page => Assert.True(page.Value <= 100_000, string.Create(CultureInfo.InvariantCulture, $"{page.Key}: {page.Value} bytes")));
    }

    /// <summary>A Booking with Ada's badge, and a door at it.</summary>
    private sealed class Lab : IAsyncDisposable
    {
        public required BookingHost Host { get; init; }

        public required SmallLab Small { get; init; }

        public required DoorHost Door { get; init; }

        public static async Task<Lab> StartAsync(TemporaryFolder? folder = null)
        {
            var host = await BookingHost.StartAsync();
            var small = await SmallLab.InAsync(host);
            await DoorHost.EnrolAsync(host, small.Ada, small.Manager);
            return new Lab { Host = host, Small = small, Door = await DoorHost.StartAsync(host, folder: folder) };
        }

        /// <summary>A badge on the reader, and the screen it leads to.</summary>
        public static async Task<PageAnswer> BadgeAsync(PageClient screen, string badge = DoorHost.AdasBadge, bool leaving = false)
        {
            var fields = new Dictionary<string, string> { ["text"] = badge };
            if (leaving)
                fields["leaving"] = "true";
            return await screen.FollowAsync(await screen.PostAsync("/read", fields, Cancel), Cancel);
        }

        public Task<Visit> VisitAsync() => Host.ReadAsync(db => db.Visits.SingleAsync(Cancel));

        public async ValueTask DisposeAsync()
        {
            await Door.DisposeAsync();
            await Host.DisposeAsync();
        }
    }
}
