using System.Net;
using System.Text.RegularExpressions;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using FabLab.Booking.Features.Programmes;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Booking.Tests.Reports;

/// <summary>A funder with a link reads totals of one report and nothing else, as long as the lab lets it.</summary>
public sealed class ReportLinkTests
{
    private const string Days = "from=2026-01-05&through=2026-02-20";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_has_the_link_reads_the_totals_without_a_name_a_code_or_a_row_until_it_is_stopped_or_expires()
    {
        await using var host = await BookingHost.StartAsync();
        await RoleLab.InAsync(host);
        var lab = await ReportLab.InAsync(host);
        using var desk = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.FrontDesk));
        using var nobody = host.Browser();
        var today = host.Time.Now.InUtc().Date;

        var secret = await MakeAsync(desk, "Métropole", $"programme:{lab.Beginners}", today.PlusMonths(2));
        using var answer = await nobody.GetAsync(secret, Cancel);
        var html = await answer.Content.ReadAsStringAsync(Cancel);
        var page = await new HtmlParser().ParseDocumentAsync(html, Cancel);
        var own = await PageAsync(desk, $"/reports?{Days}&of=programme:{lab.Beginners}");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        Assert.Equal("no-referrer", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        Assert.Contains("noindex", Assert.Single(answer.Headers.GetValues("X-Robots-Tag")), StringComparison.Ordinal);
        // The same figures as the lab sees, where they are shown at all.
        Assert.Contains("Initiation", page.QuerySelector("h1")!.TextContent, StringComparison.Ordinal);
        string[] figures = Figures(page), theirs = Figures(own);
        Assert.Equal(theirs.Length, figures.Length);
        Assert.All(figures.Zip(theirs), pair => Assert.True(pair.First == pair.Second || pair.First == "caché", $"{pair.First} for {pair.Second}"));
        Assert.Contains(figures, figure => figure != "caché");
        // No name, no short code, no id, no row, no file, no form that changes the days.
        Assert.DoesNotContain(ReportLab.Name, html, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\bP[0-9]{2}\b", html);
        Assert.All(await host.ReadAsync(db => db.People.Select(p => new { p.Id, p.DisplayName, p.ShortCode }).ToListAsync(Cancel)), person =>
        {
            Assert.DoesNotContain(person.Id.ToString(), html, StringComparison.OrdinalIgnoreCase);
            Assert.False(person.DisplayName is { } name && html.Contains(WebUtility.HtmlEncode(name), StringComparison.Ordinal), person.DisplayName);
            Assert.DoesNotMatch($@"\b{Regex.Escape(person.ShortCode)}\b", page.QuerySelector("main")!.TextContent);
        });
        Assert.Empty(page.QuerySelectorAll("main a, main form, main input"));
        // Kept only as a hash, and that it was read.
        var link = await host.ReadAsync(db => db.ReportLinks.SingleAsync(Cancel));
        Assert.Equal((32, host.Time.Now), (link.SecretHash.Length, link.ReadAt!.Value));
        Assert.DoesNotContain(secret.Split('/')[^1], (await PageAsync(desk, "/reports/links")).DocumentElement.OuterHtml, StringComparison.Ordinal);

        // Who reads it as somebody of the team sees no more.
        Assert.Empty((await PageAsync(desk, secret)).QuerySelectorAll("main a"));

        // Stopped, and taken back.
        using var stop = await PostAsync(desk, "/reports/links/revoke", new() { ["link"] = $"{link.Id}" });
        using var stopped = await nobody.GetAsync(secret, Cancel);
        using var undo = await PostAsync(desk, "/reports/links/restore", new() { ["link"] = $"{link.Id}" });
        using var again = await nobody.GetAsync(secret, Cancel);
        host.Time.Leap(Duration.FromDays(64));
        using var expired = await nobody.GetAsync(secret, Cancel);
        using var guessed = await nobody.GetAsync(secret[..^1] + (secret[^1] == 'A' ? 'E' : 'A'), Cancel);
        using var nonsense = await nobody.GetAsync("/reports/shared/abc", Cancel);

        Assert.Equal([HttpStatusCode.NotFound, HttpStatusCode.OK], [stopped.StatusCode, again.StatusCode]);
        Assert.All([expired, guessed, nonsense], dead => Assert.Equal(HttpStatusCode.NotFound, dead.StatusCode));
        // Nobody learns from the answer whether there was a link.
        string[] words = await Task.WhenAll(new[] { stopped, expired, guessed, nonsense }.Select(async dead => (await new HtmlParser().ParseDocumentAsync(await dead.Content.ReadAsStringAsync(Cancel), Cancel)).QuerySelector("main")!.TextContent));
        Assert.Single(words.Distinct());
        Assert.Equal(["report_link.made", "report_link.restored", "report_link.revoked"], await host.ReadAsync(db => db.Audit.Where(a => a.Action.StartsWith("report_link.")).Select(a => a.Action).Order().ToListAsync(Cancel)));
    }

    [Fact]
    public async Task A_link_is_for_somebody_lasts_a_year_at_most_and_cannot_be_tried_without_end()
    {
        await using var host = await BookingHost.StartAsync(settings: new Dictionary<string, string?> { ["Booking:AnonymousPerMinute"] = "10" });
        await RoleLab.InAsync(host);
        using var manager = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.Manager));
        host.Time.Advance(Duration.FromMinutes(1));
        using var nobody = host.Browser();
        var today = host.Time.Now.InUtc().Date;

        foreach (var (whom, until) in new[] { ("", today), ("Région", today.PlusDays(-1)), ("Région", today.PlusYears(1).PlusDays(1)), (new string('x', 81), today) })
        {
            using var refused = await PostAsync(manager, "/reports/links", Form(whom, "", until));
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.Single((await new HtmlParser().ParseDocumentAsync(await refused.Content.ReadAsStringAsync(Cancel), Cancel)).QuerySelectorAll("[aria-invalid='true']"));
        }
        using var unknown = await PostAsync(manager, "/reports/links", Form("Région", $"strand:{StrandId.New(host.Time.Now)}", today));
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        await MakeAsync(manager, "Région", "", today.PlusYears(1));

        var statuses = new List<HttpStatusCode>();
        for (var time = 0; time < 11; time++)
        {
            using var guess = await nobody.GetAsync($"/reports/shared/{new string((char)('a' + time), 43)}", Cancel);
            statuses.Add(guess.StatusCode);
        }

        Assert.Equal([.. Enumerable.Repeat(HttpStatusCode.NotFound, 10), HttpStatusCode.TooManyRequests], statuses);
        Assert.Single(await host.ReadAsync(db => db.ReportLinks.ToListAsync(Cancel)));
    }

    private static string[] Figures(IHtmlDocument page) => [.. page.QuerySelectorAll("main td.num").Select(cell => cell.TextContent.Trim())];

    private static Dictionary<string, string> Form(string whom, string of, LocalDate until) => new()
    {
        ["forWhom"] = whom, ["of"] = of, ["from"] = "2026-01-05", ["through"] = "2026-02-20", ["until"] = LocalDatePattern.Iso.Format(until),
    };

    /// <summary>The path of a new link, as it is shown once.</summary>
    private static async Task<string> MakeAsync(HttpClient browser, string whom, string of, LocalDate until)
    {
        using var made = await PostAsync(browser, "/reports/links", Form(whom, of, until));
        var page = await new HtmlParser().ParseDocumentAsync(await made.Content.ReadAsStringAsync(Cancel), Cancel);
        return new Uri(page.QuerySelector("code.code")!.TextContent).AbsolutePath;
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient browser, string path, Dictionary<string, string> form) => browser.PostAsync(path, new FormUrlEncodedContent(form), Cancel);

    private static async Task<IHtmlDocument> PageAsync(HttpClient browser, string path) => await new HtmlParser().ParseDocumentAsync(await browser.GetStringAsync(path, Cancel), Cancel);
}
