using System.Net;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using FabLab.Booking.Features;
using FabLab.Booking.Features.Privacy;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Volunteering;
using FabLab.Booking.Features.Volunteering.Pages;
using FabLab.Booking.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Booking.Tests.Volunteering;

/// <summary>Time that volunteers give: noted, summed for the year, valued where the place wants it.</summary>
public sealed class VolunteeringTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("2", 120)]
    [InlineData("1,5", 90)]
    [InlineData(" 1.5 ", 90)]
    [InlineData("1:30", 90)]
    [InlineData("1h", 60)]
    [InlineData("2h05", 125)]
    [InlineData("24", 1440)]
    [InlineData("0,1", 6)]
    [InlineData("25", null)]
    [InlineData("1:75", null)]
    [InlineData("-1", null)]
    [InlineData("deux", null)]
    [InlineData("1:2:3", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Hours_are_read_as_people_write_them(string? written, int? minutes) => Assert.Equal(minutes, VolunteeringQueries.Minutes(written));

    [Fact]
    public async Task Hours_are_noted_by_volunteers_or_for_them_summed_valued_and_kept_without_a_name()
    {
        await using var host = await BookingHost.StartAsync(settings: new Dictionary<string, string?> { ["Booking:VolunteerHourCents"] = "1188" });
        var lab = await RoleLab.InAsync(host);
        await host.Writer.WriteAsync(async (write, cancel) => await write.Db.VolunteerHours.ExecuteDeleteAsync(cancel), Cancel);
        var (member, manager) = (lab.People[Role.Member], new StaffActor(lab.People[Role.Manager], Role.Manager));
        using var own = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.Member));
        using var desk = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.FrontDesk));
        var today = host.Time.Now.InUtc().Date;

        using var noted = await AddAsync(own, today, "1,5", "Workshop", "Aidé Lou à souder");
        using var forThem = await AddAsync(desk, today.PlusDays(-1), "2:15", "Governance", "");
        foreach (var (day, hours, field) in new[] { (today.PlusDays(1), "1", "day"), (today, "beaucoup", "hours"), (today, "0", "hours") })
        {
            using var refused = await AddAsync(own, day, hours, "Desk", "");
            Assert.Equal((HttpStatusCode.BadRequest, field), (refused.StatusCode, (await ReadAsync(refused)).QuerySelector("[aria-invalid='true']")!.Id));
        }
        using var full = await AddAsync(own, today, "23", "Desk", "");
        Assert.Equal(HttpStatusCode.Conflict, full.StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, noted.StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, forThem.StatusCode);

        // One's own, and all of them; a year from January to December.
        var mine = await PageAsync(own, "/volunteering");
        var all = await PageAsync(desk, "/volunteering");
        string[] sums = ["3 h 45 min 00 s", "44,55 €"];
        Assert.Equal(sums, Cells(mine, "#by-kind ~ .card tfoot td.num"));
        Assert.Equal(sums, Cells(all, "#by-person ~ .card tbody td.num"));
        Assert.Equal(2, mine.QuerySelectorAll("#hours-rows tbody tr").Length);
        Assert.Empty(Cells(await PageAsync(desk, $"/volunteering?from={today.Year - 1}-01-01&through={today.Year - 1}-12-31"), "#hours-rows tbody tr"));
        var file = await desk.GetStringAsync("/volunteering.csv", Cancel);
        string[] lines = file.TrimStart('\uFEFF').Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("Nom;Code;Jour;Activité;Ce qui a été fait;Durée (h);Taux horaire (€);Total (€)", lines[0]);
        Assert.EndsWith(";Atelier;Aidé Lou à souder;1,50;11,88;17,82", lines[1], StringComparison.Ordinal);
        Assert.Equal(3, lines.Length);

        // Taken out and back.
        var row = await host.ReadAsync(db => db.VolunteerHours.SingleAsync(h => h.Kind == VolunteeringKind.Governance, Cancel));
        using var taken = await PostAsync(own, "/volunteering/take-out", new() { ["row"] = $"{row.Id}" });
        var less = Cells(await PageAsync(own, "/volunteering"), "#by-kind ~ .card tfoot td.num");
        using var back = await PostAsync(own, "/volunteering/restore", new() { ["row"] = $"{row.Id}" });
        Assert.Equal(["1 h 30 min 00 s", "17,82 €"], less);
        Assert.Equal(sums, Cells(await PageAsync(own, "/volunteering"), "#by-kind ~ .card tfoot td.num"));

        // The year's account stays when somebody goes; who it was and what was written do not.
        var code = await host.ReadAsync(db => db.People.Where(p => p.Id == member).Select(p => p.ShortCode).SingleAsync(Cancel));
        Assert.True((await host.Services.GetRequiredService<ErasePerson>().HandleAsync(member, new ErasureRequest(code), manager, Cancel)).Done);
        var kept = await host.ReadAsync(db => db.VolunteerHours.ToListAsync(Cancel));
        Assert.Equal(225, kept.Sum(h => h.Minutes));
        Assert.All(kept, h => Assert.True(h.PersonId != member && h.AddedBy != member && h.Note.Length == 0));
        Assert.Equal(sums, Cells(await PageAsync(desk, "/volunteering"), "#by-kind ~ .card tfoot td.num"));

        Task<HttpResponseMessage> AddAsync(HttpClient browser, LocalDate day, string hours, string kind, string note) =>
            PostAsync(browser, $"/people/{member}/volunteering", new() { ["day"] = LocalDatePattern.Iso.Format(day), ["hours"] = hours, ["kind"] = kind, ["note"] = note });
    }

    private static string[] Cells(IHtmlDocument page, string selector) => [.. page.QuerySelectorAll(selector).Select(cell => cell.TextContent.Trim().Replace('\u00a0', ' ').Replace('\u202f', ' '))];

    private static Task<HttpResponseMessage> PostAsync(HttpClient browser, string path, Dictionary<string, string> form) => browser.PostAsync(path, new FormUrlEncodedContent(form), Cancel);

    private static async Task<IHtmlDocument> ReadAsync(HttpResponseMessage answer) => await new HtmlParser().ParseDocumentAsync(await answer.Content.ReadAsStringAsync(Cancel), Cancel);

    private static async Task<IHtmlDocument> PageAsync(HttpClient browser, string path) => await new HtmlParser().ParseDocumentAsync(await browser.GetStringAsync(path, Cancel), Cancel);
}
