using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using FabLab.Booking.Features;
using FabLab.Booking.Features.Details;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Privacy;
using FabLab.Booking.Features.Reports;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Visits;
using FabLab.Booking.Tests.Hosting;
using FabLab.Core;
using FabLab.Core.Visits;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Details;

/// <summary>What people say of themselves for the figures: optional, theirs, and counted.</summary>
public sealed class DetailsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Somebody_says_it_themselves_takes_it_back_and_it_goes_with_them()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await RoleLab.InAsync(host);
        var member = lab.People[Role.Member];
        using var own = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.Member));
        using var desk = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.FrontDesk));
        using var mentor = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.Mentor));
        var at = host.Time.Now;
        await host.WriteAsync(write => write.Db.Visits.Add(new Visit { Id = VisitId.New(at), PersonId = member, ArrivedAt = at, LeftAt = at + Duration.FromHours(1), Way = VisitWay.Badge, Version = 1 }));

        // Nothing is chosen for them.
        var page = await PageAsync(own, $"/people/{member}/details");
        Assert.Equal(["NotSaid", "NotSaid", "NotSaid"], page.QuerySelectorAll("main option[selected]").Select(option => option.GetAttribute("value")));
        using var said = await PostAsync(own, $"/people/{member}/details", new() { ["gender"] = "Female", ["occupation"] = "Jobless", ["area"] = "Yes", ["version"] = "0" });
        Assert.Equal(HttpStatusCode.Redirect, said.StatusCode);
        Assert.Equal((Gender.Female, Occupation.Jobless, PriorityArea.Yes), await CountedAsync(host, at));
        Assert.Contains("\"priority_area\": \"Yes\"", (await own.GetFromJsonAsync<JsonElement>($"api/v1/people/{member}/data", Cancel)).ToString().Replace("\":\"", "\": \"", StringComparison.Ordinal), StringComparison.Ordinal);
        // The front desk reads it; who looks after people does not.
        Assert.Equal(["Female", "Jobless", "Yes"], (await PageAsync(desk, $"/people/{member}/details")).QuerySelectorAll("main option[selected]").Select(option => option.GetAttribute("value")));
        using var refused = await mentor.GetAsync($"/people/{member}/details", Cancel);
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        using var stale = await PostAsync(desk, $"/people/{member}/details", new() { ["gender"] = "Male", ["occupation"] = "NotSaid", ["area"] = "NotSaid", ["version"] = "0" });
        Assert.Equal(HttpStatusCode.Conflict, stale.StatusCode);

        // The notice on the next page takes it back.
        var next = await PageAsync(own, $"/people/{member}");
        var undo = next.QuerySelectorAll(".notice form input[type=hidden]").OfType<IHtmlInputElement>().Where(field => field.Name is not null && !field.Name.Contains("Token", StringComparison.OrdinalIgnoreCase)).ToDictionary(field => field.Name!, field => field.Value);
        using var undone = await PostAsync(own, $"/people/{member}/details", undo);
        Assert.Equal((Gender.NotSaid, Occupation.NotSaid, PriorityArea.NotSaid), await CountedAsync(host, at));
        // The audit says that, and not what.
        Assert.All(await host.ReadAsync(db => (from entry in db.Audit join value in db.AuditValues on entry.Seq equals value.Seq where entry.Action == "person.details_set" select value.Detail).ToListAsync(Cancel)), detail => Assert.True(string.IsNullOrEmpty(detail)));

        Assert.True((await host.Services.GetRequiredService<ErasePerson>().HandleAsync(
            member, new ErasureRequest(await host.ReadAsync(db => db.People.Where(p => p.Id == member).Select(p => p.ShortCode).SingleAsync(Cancel))), new StaffActor(lab.People[Role.Manager], Role.Manager), Cancel)).Done);
        Assert.False(await host.ReadAsync(db => db.PersonDetails.AnyAsync(Cancel)));
    }

    [Fact]
    public async Task A_line_of_a_seance_is_described_by_form_and_counts_before_what_the_person_said()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await RoleLab.InAsync(host);
        // Under the mentor's own id: their séance, and one line of it.
        var session = lab.People[Role.Mentor];
        using var mentor = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.Mentor));
        await host.Services.GetRequiredService<SetDetails>().HandleAsync(
            lab.InGroup, new DetailsToBe(0, Gender.Female, Occupation.School, PriorityArea.Yes), new StaffActor(lab.People[Role.Manager], Role.Manager), Cancel);
        await host.Writer.WriteAsync(
            async (write, cancel) =>
            {
                (await write.Db.GroupSessions.SingleAsync(s => s.Id == new GroupSessionId(session.Value), cancel)).State = GroupSessionState.Open;
                var line = await write.Db.Attendees.SingleAsync(a => a.Id == new AttendeeId(session.Value), cancel);
                (line.PersonId, line.FirstName, line.Status, line.ArrivedAt) = (lab.InGroup, "", AttendanceStatus.Present, write.Now);
                return true;
            },
            Cancel);

        var before = await CountedAsync(host, host.Time.Now);
        using var described = await PostAsync(mentor, $"/sessions/{session}/line", new()
        {
            ["line"] = $"{session}", ["with"] = "sa mère", ["band"] = "From12To17", ["gender"] = "Male", ["occupation"] = "NotSaid", ["area"] = "No", ["known"] = "true",
        });
        var form = await PageAsync(mentor, $"/sessions/{session}/line?line={session}");
        var line = await host.ReadAsync(db => db.Attendees.SingleAsync(a => a.Id == new AttendeeId(session.Value), Cancel));

        Assert.Equal((Gender.Female, Occupation.School, PriorityArea.Yes), before);
        Assert.Equal(HttpStatusCode.Redirect, described.StatusCode);
        Assert.Equal(("sa mère", AgeBand.From12To17, true), (line.CameWith, line.Band!.Value, line.Known!.Value));
        Assert.Equal("sa mère", form.QuerySelector("#with")!.GetAttribute("value"));
        Assert.Contains("sa mère", (await PageAsync(mentor, $"/sessions/{session}")).QuerySelector($"#a-{session}")!.TextContent, StringComparison.Ordinal);
        Assert.Equal((Gender.Male, Occupation.School, PriorityArea.No), await CountedAsync(host, host.Time.Now));
        using var foreign = await mentor.GetAsync($"/sessions/{session}/line?line={lab.Stranger}", Cancel);
        Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
    }

    /// <summary>How the only passage of the day with a name counts.</summary>
    private static async Task<(Gender, Occupation, PriorityArea)> CountedAsync(BookingHost host, Instant at)
    {
        var scope = new ReportScope(at - Duration.FromHours(12), at + Duration.FromHours(12));
        var passage = Assert.Single((await host.ReadAsync(db => new ReportQueries(db).ReadAsync(scope, DateTimeZone.Utc, Cancel))).Passages, p => p.Person is not null);
        return (passage.Gender, passage.Occupation, passage.Area);
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient browser, string path, Dictionary<string, string> form) => browser.PostAsync(path, new FormUrlEncodedContent(form), Cancel);

    private static async Task<IHtmlDocument> PageAsync(HttpClient browser, string path) => await new HtmlParser().ParseDocumentAsync(await browser.GetStringAsync(path, Cancel), Cancel);
}
