using System.Net;
using AngleSharp.Dom;
using FabLab.Ui;

namespace FabLab.Booking.Tests.Pages;

/// <summary>What holds for every page, whoever looks.</summary>
public sealed class EveryPageTests(SharedLab shared) : IClassFixture<SharedLab>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nobody_who_is_not_signed_in_reads_a_name()
    {
        SampleLab lab = shared.Lab;
        using PageClient nobody = shared.Host.NewClient();
        string[] paths =
        [
            .. Public(lab), .. Staff(lab), "/live/floor", "/live/counts", .. lab.Machines.Keys.Select(code => $"/live/machines/{code}"),
            .. lab.Machines.Keys.Select(code => $"/machines/{code}"), "/api/v1/place", "/api/v1/people", "/openapi/v1.json",
        ];

        foreach (string path in paths)
        {
            PageAnswer answer = await nobody.GetAsync(path, Cancel);
            foreach (string name in SampleLab.Names)
                Assert.DoesNotContain(name, answer.Html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Pages_for_staff_ask_to_sign_in_and_come_back()
    {
        SampleLab lab = shared.Lab;
        using PageClient nobody = shared.Host.NewClient();

        foreach (string path in Staff(lab))
        {
            PageAnswer answer = await nobody.GetAsync(path, Cancel);
            Assert.Equal(HttpStatusCode.Redirect, answer.Status);
            Assert.Contains("/sign-in?ReturnUrl=" + Uri.EscapeDataString(path.Split('?')[0]), answer.Location!.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task No_page_has_a_script_or_style_of_its_own_and_each_forbids_them()
    {
        SampleLab lab = shared.Lab;
        using PageClient nobody = shared.Host.NewClient();
        PageClient staff = shared.Staff;
        IEnumerable<(PageClient Who, string Path)> pages =
            Public(lab).Select(path => (nobody, path)).Concat(Staff(lab).Concat(Public(lab)).Select(path => (staff, path)));

        foreach ((PageClient who, string path) in pages)
        {
            PageAnswer page = await who.GetAsync(path, Cancel);
            Assert.Equal(SecurityHeadersMiddleware.ContentSecurityPolicy, Assert.Single(page.Message.Headers.GetValues("Content-Security-Policy")));
            Assert.DoesNotContain("unsafe", SecurityHeadersMiddleware.ContentSecurityPolicy, StringComparison.Ordinal);
            Assert.All(page.Document.Scripts, script => Assert.StartsWith("/assets/", script.GetAttribute("src"), StringComparison.Ordinal));
            Assert.Empty(page.Document.QuerySelectorAll("style, [style]"));
            Assert.DoesNotContain(page.Document.All, element => element.Attributes.Any(a => a.Name.StartsWith("on", StringComparison.OrdinalIgnoreCase)));
            Assert.Contains("no-store", page.Message.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Each_page_has_one_heading_its_language_and_a_way_past_the_menu()
    {
        SampleLab lab = shared.Lab;
        PageClient staff = shared.Staff;

        foreach (string path in Public(lab).Concat(Staff(lab)))
        {
            PageAnswer page = await staff.GetAsync(path, Cancel);
            if (page.Status == HttpStatusCode.Redirect)
                continue;
            Assert.Single(page.Document.QuerySelectorAll("h1"));
            Assert.Equal("fr", page.Document.DocumentElement.GetAttribute("lang"));
            Assert.Equal("#content", page.Document.QuerySelector("body > a")!.GetAttribute("href"));
            Assert.Equal(page.Document.All.Count(e => e.Id is not null), page.Document.All.Where(e => e.Id is not null).Select(e => e.Id).Distinct().Count());
        }
    }

    [Theory]
    [InlineData(null, "fr")]
    [InlineData("en-GB,en;q=0.9", "en")]
    [InlineData("de,fr;q=0.5,en;q=0.8", "en")]
    [InlineData("de", "fr")]
    [InlineData("xx;q=abc", "fr")]
    public async Task A_first_visit_speaks_the_browsers_language_and_French_otherwise(string? accepts, string expected)
    {
        using PageClient nobody = shared.Host.NewClient();

        PageAnswer page = await nobody.GetAsync("/", Cancel, accepts);

        Assert.Equal(expected, page.Document.DocumentElement.GetAttribute("lang"));
    }

    [Fact]
    public async Task A_chosen_language_is_kept()
    {
        using PageClient nobody = shared.Host.NewClient();

        PageAnswer first = await nobody.GetAsync("/?lang=en", Cancel);
        PageAnswer second = await nobody.GetAsync("/sign-in", Cancel, "fr-FR");

        Assert.Equal("en", first.Document.DocumentElement.GetAttribute("lang"));
        Assert.Equal("en", second.Document.DocumentElement.GetAttribute("lang"));
        Assert.Equal("/sign-in?lang=fr", second.Document.QuerySelector("[hreflang=fr]")!.GetAttribute("href"));
    }

    [Theory]
    [InlineData("/nowhere", HttpStatusCode.NotFound, "Cette page n’existe pas")]
    [InlineData("/machines/XYZ-9", HttpStatusCode.NotFound, "Cette page n’existe pas")]
    [InlineData("/machines/%00%ff", HttpStatusCode.BadRequest, null)]
    [InlineData("/live/machines/XYZ-9", HttpStatusCode.NotFound, "Cette page n’existe pas")]
    public async Task A_wrong_address_gets_a_page_in_plain_words(string path, HttpStatusCode status, string? heading)
    {
        using PageClient nobody = shared.Host.NewClient();

        PageAnswer page = await nobody.GetAsync(path, Cancel);

        Assert.True(page.Status == status || heading is null && page.Status == HttpStatusCode.NotFound, page.Status.ToString());
        if (heading is not null)
            Assert.Equal(heading, page.TextOf("h1"));
    }

    [Fact]
    public async Task When_the_database_fails_the_page_says_so_and_shows_nothing_of_the_inside()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        await host.Writer.WriteAsync(
            async (write, cancel) => await Microsoft.EntityFrameworkCore.RelationalDatabaseFacadeExtensions.ExecuteSqlRawAsync(
                write.Db.Database, "ALTER TABLE machine RENAME TO machine_away", cancel),
            Cancel);
        using PageClient nobody = host.NewClient();

        PageAnswer page = await nobody.GetAsync("/", Cancel);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, page.Status);
        Assert.Equal("Quelque chose n’a pas marché", page.TextOf("h1"));
        Assert.DoesNotContain("machine_away", page.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", page.Html, StringComparison.Ordinal);
        Assert.Single(page.Message.Headers.GetValues("Content-Security-Policy"));
    }

    [Fact]
    public async Task A_form_without_its_token_changes_nothing()
    {
        SampleLab lab = shared.Lab;
        PageClient staff = shared.Staff;
        string[] posts =
        [
            "/machines/LAS-1/lock-out", "/machines/BRO-1/release", $"/people/{lab.Lou}/habilitations/grant", $"/people/{lab.Lou}/habilitations/withdraw",
            "/habilitations", "/habilitations/set", "/habilitations/undo", "/habilitations/renew", "/machines/LAS-1/train", "/machines/LAS-1/train/cancel",
            "/machines/LAS-1/rules", "/machines/LAS-1/rules/ratio", "/machines/LAS-1/options",
            $"/ledger/{lab.FirstUse}/correct", "/people", "/alarms/seen", "/account/password", "/sign-out", "/sign-in", "/sign-in/link", "/sign-in/demo",
            "/sign-in/second", "/sign-in/short-code", "/account/passkeys/remove", "/account/totp", "/account/totp/on", "/account/totp/off", "/account/sign-out-others",
            "/messages/read", "/messages/unread", "/messages/settings", "/webhooks", "/account/calendar", "/account/calendar/revoke",
            .. new[] { "", "/secret", "/test", "/remove", "/restore", "/resend" }.Select(act => $"/webhooks/{Guid.Empty}{act}"),
            $"/trainings/{lab.Laser}/sessions", "/trainings/new", $"/trainings/{lab.Laser}/edit",
            .. new[] { "find", "enrol", "leave", "add", "attendance", "give", "give/undo", "change", "cancel", "resume" }.Select(act => $"/trainings/sessions/{lab.Session}/{act}"),
            $"/people/{lab.Lou}/sign-in", $"/people/{lab.Lou}/account",
            "/book/for", "/book/IMP-1", "/book/IMP-1/wait", "/book/IMP-1/series", "/book/IMP-1/series/book",
            .. new[] { "change", "end", "cancel", "restore", "waive" }.Select(act => $"/bookings/{lab.Ines}/{act}"),
            $"/bookings/series/{lab.Ines}/cancel", $"/bookings/waits/{lab.Ines}/take", $"/bookings/waits/{lab.Ines}/leave",
            "/machines/LAS-1/care", "/machines/LAS-1/maintenance", "/machines/LAS-1/service", "/machines/LAS-1/fault-close", "/machines/LAS-1/fault",
            $"/people/{lab.Lou}/badges/wait", $"/people/{lab.Lou}/badges/wait/{lab.Wait}/stop", $"/people/{lab.Lou}/badges/enrol", $"/people/{lab.Lou}/badges/change", "/device-enrolment", "/device-discovery", "/devices/bind", "/devices/unbind", "/devices/replace", "/devices/withdraw", "/devices/test", "/devices/firmware", "/devices/allow",
            "/hours/day", "/hours/closures", "/hours/closures/remove", "/hours/undo", "/hours/week", "/hours/school", "/hours/school/remove",
            "/machines/LAS-1/hours", "/machines/LAS-1/hours/undo", "/machines/LAS-1/terms", "/booking-rules/terms", "/booking-rules/quota", "/booking-rules/quota/remove",
            "/resources", "/resources/room", "/resources/pool",
            "/sessions/new", "/programmes", "/programmes/catalogue", $"/programmes/{lab.Group}", $"/programmes/{lab.Group}/step", $"/people/{lab.Lou}/pathway",
            .. new[]
            {
                "find", "edit", "cancel", "resume", "add", "remove", "accept", "open", "end", "undo", "mentor", "mark", "leave", "back", "count", "notes", "skill", "correct", "sign", "unsign", "grant",
            }.Select(act => $"/sessions/{lab.Group}/{act}"),
            "/people/new", "/groups", $"/groups/{lab.Group}/find", $"/groups/{lab.Group}/place", $"/groups/{lab.Group}/remove", $"/groups/{lab.Group}/set",
            "/traces/check", $"/people/{lab.Lou}/erase", $"/people/{lab.Lou}/minor", $"/people/{lab.Lou}/minor/contacts", $"/people/{lab.Lou}/minor/consents",
        ];

        foreach (string path in posts)
        {
            PageAnswer answer = await staff.PostAsync(path, new Dictionary<string, string> { ["cause"] = "x", ["evidence"] = "x" }, Cancel);
            Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
            Assert.Equal("La demande n’a pas été comprise", answer.TextOf("h1"));
        }

        Assert.Equal(HttpStatusCode.OK, (await staff.GetAsync("/account", Cancel)).Status);
        Assert.Equal("En marche", (await staff.GetAsync("/machines/LAS-1", Cancel)).TextOf(".now .state"));
    }

    [Fact]
    public async Task Nobody_can_post_what_staff_may_do()
    {
        SampleLab lab = shared.Lab;
        using PageClient nobody = shared.Host.NewClient();

        foreach (string path in new[] { "/machines/LAS-1/lock-out", "/machines/BRO-1/release", $"/people/{lab.Lou}/habilitations/grant", $"/ledger/{lab.FirstUse}/correct", "/alarms/seen", "/account/password", "/machines/LAS-1/care", "/machines/LAS-1/service", $"/people/{lab.Lou}/badges/enrol", "/devices/withdraw" })
        {
            PageAnswer answer = await nobody.PostAsync(path, new Dictionary<string, string> { ["cause"] = "x" }, Cancel);
            Assert.Equal(HttpStatusCode.Redirect, answer.Status);
            Assert.StartsWith("/sign-in", answer.Location!.IsAbsoluteUri ? answer.Location.PathAndQuery : answer.Location.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_part_fetched_after_the_sign_in_has_ended_sends_the_whole_page_to_the_sign_in()
    {
        using PageClient nobody = shared.Host.NewClient();

        PageAnswer answer = await nobody.GetAsync("/alarms", Cancel, fragment: true);

        Assert.Equal(HttpStatusCode.NoContent, answer.Status);
        Assert.Equal("/sign-in", Assert.Single(answer.Message.Headers.GetValues("HX-Redirect")));
    }

    [Fact]
    public async Task Assets_are_kept_for_ever_under_their_version_and_only_then()
    {
        using PageClient nobody = shared.Host.NewClient();
        PageAnswer page = await nobody.GetAsync("/", Cancel);
        string[] assets = [.. page.Document.QuerySelectorAll("script[src], link[href]").Select(e => e.GetAttribute("src") ?? e.GetAttribute("href")!)];
        Assert.Contains(assets, a => a.EndsWith("htmx.min.js", StringComparison.Ordinal));

        foreach (string asset in assets)
        {
            using HttpResponseMessage answer = await nobody.Http.GetAsync(asset, Cancel);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(TimeSpan.FromDays(365), answer.Headers.CacheControl!.MaxAge);
        }

        using HttpResponseMessage old = await nobody.Http.GetAsync("/assets/0123456789ab/css/app.css", Cancel);
        Assert.True(old.Headers.CacheControl!.NoCache);
        using HttpResponseMessage missing = await nobody.Http.GetAsync("/assets/0123456789ab/../../booking.db", Cancel);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    private static string[] Public(SampleLab lab) =>
        ["/planning/public", "/planning/wall", "/", .. lab.Machines.Keys.Order(StringComparer.Ordinal).Take(4).Select(code => $"/machines/{code}"), "/machines/LAS-1/sheet", "/machines/LAS-1/fault", "/hours", "/sign-in", "/sign-in/link?code=abc", "/sign-in/link", "/sign-in/short-code", "/reports/shared/abc", "/recognition/verify", "/nowhere"];

    private static string[] Staff(SampleLab lab) =>
        ["/book", "/book/IMP-1", "/book/LAS-1?for=block", "/bookings/mine", "/planning", "/planning?view=week", "/people", $"/people/{lab.Ines}", $"/people/{lab.Lou}", "/ledger", "/ledger?from=2031-01-01", "/reports", "/reports?from=2031-01-01", "/reports/rows?from=2026-03-01", "/reports/rows?from=2026-03-01&people=1", "/reports/uses?from=2026-03-01&kind=*none", "/reports/links", "/volunteering", $"/people/{lab.Ines}/recognition", "/recognition/keys", $"/people/{lab.Ines}/volunteering", $"/people/{lab.Ines}/details", "/ledger?by=person", "/ledger?by=machine", $"/ledger/{lab.FirstUse}/correct", "/alarms", "/account", "/messages", "/messages/settings", "/webhooks", "/account/calendar", "/account/door-code", "/front-desk", "/front-desk/evacuation", "/front-desk/pin", "/front-desk/reasons", $"/people/{lab.Lou}/account", $"/people/{lab.Ines}/badges", $"/people/{lab.Lou}/badges/wait/{lab.Wait}", "/machines/LAS-1/care", "/machines/IMP-1/jobs", "/machines/LAS-1/jobs", "/devices", "/devices/noeud-las-1", "/device-enrolment", "/device-discovery",
            "/habilitations", "/habilitations?type=zzz", "/habilitations/expiring", $"/people/{lab.Ines}/passport", "/machines/LAS-1/train", "/machines/LAS-1/rules",
            "/trainings", $"/trainings/{lab.Laser}", "/trainings/new", $"/trainings/{lab.Laser}/edit", $"/trainings/sessions/{lab.Session}",
            "/sessions", "/sessions/new", "/programmes", $"/people/{lab.Lou}/pathway", $"/people/{lab.Lou}/attendance",
            "/hours/manage", "/hours/week", "/machines/LAS-1/hours", "/booking-rules", "/booking-rules/terms", "/resources",
            "/traces", "/people/import", "/people/new", "/groups", $"/groups/{lab.Group}", $"/people/{lab.Ines}/data", $"/people/{lab.Ines}/minor"];
}
