using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using FabLab.Booking.Features.Idempotency;
using FabLab.Booking.Features.Messages;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Api;
using FabLab.Booking.Tests.Hosting;
using FabLab.Core.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace FabLab.Booking.Tests.Reservations;

/// <summary>What is done or read on a page about bookings can be done and read over the API, by whoever may open the page.</summary>
public sealed class ApiOfPagesTests
{
    /// <summary>Where the pages about bookings lie.</summary>
    private static readonly string[] Places = ["/book", "/bookings", "/planning", "/hours", "/booking-rules", "/resources", "/account/calendar", "/messages", "/webhooks"];

    /// <summary>Parts of the pages of a machine that are about bookings.</summary>
    private static readonly string[] OfMachine = ["hours", "terms", "booking-end"];

    /// <summary>For each page and each form on it: what a program calls instead. A new one fails the test until it has a line here.</summary>
    private static readonly Dictionary<string, string[]> Acts = new(StringComparer.Ordinal)
    {
        ["GET /book"] = ["GET bookables", "GET machines/{id:guid}/free-times", "GET pools/{id:guid}/free-times"],
        ["POST /book/for"] = ["POST bookings/for"],
        ["GET /book/{key}"] = ["GET machines/{id:guid}/free-times", "GET pools/{id:guid}/free-times"],
        ["POST /book/{key}"] = ["POST bookings"],
        ["POST /book/{key}/wait"] = ["POST booking-waits"],
        ["POST /book/{key}/series"] = ["POST booking-series/preview"],
        ["POST /book/{key}/series/book"] = ["POST booking-series"],
        ["GET /bookings/mine"] = ["GET bookings", "GET booking-waits"],
        ["GET /bookings/{id:guid}"] = ["GET bookings/{id:guid}"],
        ["POST /bookings/{id:guid}/change"] = ["PATCH bookings/{id:guid}"],
        ["POST /bookings/{id:guid}/end"] = ["PATCH bookings/{id:guid}"],
        ["POST /bookings/{id:guid}/cancel"] = ["DELETE bookings/{id:guid}"],
        ["POST /bookings/{id:guid}/restore"] = ["POST bookings/{id:guid}/restore"],
        ["POST /bookings/{id:guid}/waive"] = ["POST bookings/{id:guid}/waive"],
        ["POST /bookings/series/{id:guid}/cancel"] = ["DELETE booking-series/{id:guid}"],
        ["POST /bookings/waits/{id:guid}/take"] = ["POST booking-waits/{id:guid}/answer"],
        ["POST /bookings/waits/{id:guid}/leave"] = ["DELETE booking-waits/{id:guid}", "POST booking-waits/{id:guid}/answer"],
        ["GET /planning"] = ["GET bookings", "GET bookables"],
        ["GET /planning/public"] = ["GET planning"],
        ["GET /planning/wall"] = ["GET planning"],
        ["GET /hours"] = ["GET hours"],
        ["GET /hours/manage"] = ["GET hours/timetable"],
        ["POST /hours/day"] = ["PUT hours"],
        ["POST /hours/closures"] = ["PUT hours"],
        ["POST /hours/closures/remove"] = ["PUT hours"],
        ["POST /hours/undo"] = ["POST hours/undo"],
        ["GET /hours/week"] = ["GET hours/timetable"],
        ["POST /hours/week"] = ["PUT hours"],
        ["POST /hours/school"] = ["PUT hours/school-holidays"],
        ["POST /hours/school/remove"] = ["DELETE hours/school-holidays"],
        ["GET /machines/{code}/hours"] = ["GET machines/{id:guid}/hours", "GET booking-terms/{scope}", "GET machines/{id:guid}/booking-end"],
        ["POST /machines/{code}/hours"] = ["PUT machines/{id:guid}/hours"],
        ["POST /machines/{code}/hours/undo"] = ["POST machines/{id:guid}/hours/undo"],
        ["POST /machines/{code}/hours/day"] = ["PUT machines/{id:guid}/hours"],
        ["POST /machines/{code}/terms"] = ["PUT booking-terms/{scope}"],
        ["POST /machines/{code}/booking-end"] = ["PUT machines/{id:guid}/booking-end"],
        ["GET /booking-rules"] = ["GET booking-quotas", "GET site/claim-window"],
        ["GET /booking-rules/terms"] = ["GET booking-terms/{scope}"],
        ["POST /booking-rules/terms"] = ["PUT booking-terms/{scope}"],
        ["POST /booking-rules/claim"] = ["PUT site/claim-window"],
        ["POST /booking-rules/quota"] = ["PUT booking-quotas/{id:guid}"],
        ["POST /booking-rules/quota/remove"] = ["DELETE booking-quotas/{id:guid}"],
        ["GET /resources"] = ["GET resources"],
        ["POST /resources"] = ["PUT resources/{id:guid}"],
        ["POST /resources/room"] = ["PUT machines/{id:guid}/room"],
        ["POST /resources/pool"] = ["PUT pools/{id:guid}"],
        ["GET /account/calendar"] = ["GET calendar"],
        ["POST /account/calendar"] = ["POST calendar"],
        ["POST /account/calendar/revoke"] = ["DELETE calendar"],
        ["GET /messages"] = ["GET messages"],
        ["POST /messages/read"] = ["POST messages/{id:guid}/read", "POST messages/read"],
        ["POST /messages/unread"] = ["POST messages/{id:guid}/unread", "POST messages/unread"],
        ["GET /messages/settings"] = ["GET messages/settings"],
        ["POST /messages/settings"] = ["PUT messages/settings"],
        ["GET /webhooks"] = ["GET webhooks"],
        ["POST /webhooks"] = ["POST webhooks"],
        ["GET /webhooks/{id:guid}"] = ["GET webhooks", "GET webhooks/{id:guid}/deliveries"],
        ["POST /webhooks/{id:guid}"] = ["PUT webhooks/{id:guid}"],
        ["POST /webhooks/{id:guid}/secret"] = ["POST webhooks/{id:guid}/secret"],
        ["POST /webhooks/{id:guid}/test"] = ["POST webhooks/{id:guid}/test"],
        ["POST /webhooks/{id:guid}/remove"] = ["DELETE webhooks/{id:guid}"],
        ["POST /webhooks/{id:guid}/restore"] = ["POST webhooks/{id:guid}/restore"],
        ["POST /webhooks/{id:guid}/resend"] = ["POST webhook-deliveries/{id:guid}/resend"],
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_page_and_every_form_about_bookings_has_its_call_for_whoever_may_open_it()
    {
        var pages = EndpointTableTests.Table.Where(line => IsOfBookings(line.Key.Split(' ')[1])).ToDictionary(StringComparer.Ordinal);

        Assert.Equal(pages.Keys.Order(StringComparer.Ordinal), Acts.Keys.Order(StringComparer.Ordinal));
        foreach (var (page, calls) in Acts)
        {
            Assert.NotEmpty(calls);
            foreach (var call in calls)
            {
                var known = EndpointTableTests.Table.TryGetValue(call.Replace(" ", $" {Features.Endpoints.Root}/", StringComparison.Ordinal), out var needed);
                Assert.True(known, $"{page}: there is no {call}");
                Assert.All(Rights.Roles.Where(role => May(role, pages[page])), role => Assert.True(May(role, needed!), $"{role} may {page} and not {call}"));
            }
        }

        static bool May(Role role, EndpointTableTests.Needed needed) => needed.Right is not { } right || Rights.Of(role, right) != Reach.None;
    }

    [Fact]
    public async Task Every_post_takes_a_key_but_where_secrets_pass_and_where_devices_number_what_they_tell()
    {
        await using var host = await BookingHost.StartAsync();

        var posts = (from endpoint in host.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
                     where endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("POST") == true
                     let pattern = "/" + endpoint.RoutePattern.RawText!.TrimStart('/')
                     where pattern.StartsWith(Features.Endpoints.Root, StringComparison.Ordinal)
                     let name = pattern[(Features.Endpoints.Root.Length + 1)..]
                     select (Name: name, Terms: endpoint.Metadata.GetMetadata<IdempotencyTerms>())).ToList();

        Assert.Equal(
            new[]
            {
                "account/passkeys", "account/passkeys/question", "calendar", "people/{id:guid}/sign-in", "sign-in-links", "sign-in/code", "sign-in/demo", "sign-in/link", "sign-in/passkey",
                "sign-in/passkey/question", "sign-in/password", "sign-in/short-code", "sign-out", "webhooks", "webhooks/{id:guid}/secret",
            }.Order(StringComparer.Ordinal),
            posts.Where(post => post.Terms is { Takes: false }).Select(post => post.Name).Order(StringComparer.Ordinal));
        // A record of a gateway and a visit of a door have numbers of their own; a call from a door is one until somebody goes; a code for a phone is a secret and is never given twice.
        Assert.Equal(
            ["door/calls", "door/sign-ins", "gateways/{gateway}/journal", "visits"], posts.Where(post => post.Terms is null).Select(post => post.Name).Order(StringComparer.Ordinal));
        Assert.All(EndpointTableTests.Table.Keys.Where(key => key.StartsWith("POST /api/", StringComparison.Ordinal)), key => Assert.Contains(posts, post => key.EndsWith($"/{post.Name}", StringComparison.Ordinal)));
        using var nobody = host.Browser();
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/sign-in/password") { Content = JsonContent.Create(new { login = "a" }) };
        request.Headers.Add(IdempotencyKeys.Header, "k");
        using var answer = await nobody.SendAsync(request, Cancel);
        Assert.Equal("idempotency_not_here", (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("code").GetString());
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task What_is_read_is_what_is_sent_back_to_change_it(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await BookingLab.InAsync(host);
        await host.WriteAsync(write => write.Db.StaffAccounts.Single(account => account.LoginName == "d01").Role = Role.Manager);
        using var manager = await host.StaffBrowserAsync("d01");

        await RoundTripAsync("hours/timetable", "hours", read => read["timetable"] = JsonNode.Parse("""{"zone":"Europe/Paris","weekly":[]}"""));
        await RoundTripAsync("hours/timetable", "hours", _ => { });
        await RoundTripAsync($"machines/{lab.Saw}/hours", $"machines/{lab.Saw}/hours", read => read["timetable"] = JsonNode.Parse("""{"hours":"instead","weekly":[]}"""));
        await RoundTripAsync($"machines/{lab.Saw}/hours", $"machines/{lab.Saw}/hours", _ => { });
        await RoundTripAsync($"machines/{lab.Saw}/booking-end", $"machines/{lab.Saw}/booking-end", read => read["capMinutes"] = 7);
        await RoundTripAsync($"booking-terms/machine:{lab.Saw}", $"booking-terms/machine:{lab.Saw}", read => read["terms"] = JsonNode.Parse("""{"capacity":2}"""));
        await RoundTripAsync($"booking-terms/machine:{lab.Room}", $"booking-terms/machine:{lab.Room}", read => read["terms"]!["capacity"] = 5);
        await RoundTripAsync("site/claim-window", "site/claim-window", read => read["minutes"] = 20);
        using var made = await PutAsync($"booking-quotas/{Guid.CreateVersion7()}", new { quota = new { period = "week", count = 3 }, version = 0 });
        Assert.True(made.IsSuccessStatusCode);
        var quota = (await ReadAsync("booking-quotas"))[0]!;
        await PutBackAsync($"booking-quotas/{quota["id"]}", quota["quota"]!, wish => wish["quota"]!["count"] = 4);
        var resources = await ReadAsync("resources");
        var (room, saw, pool) = (resources["resources"]![0]!, resources["machines"]!.AsArray().Single(one => one!["code"]!.ToString() == "SCI-1")!, resources["pools"]![0]!);
        await PutBackAsync($"resources/{room["id"]}", room["resource"]!, wish => wish["nameFr"] = "Grande salle");
        await PutBackAsync($"machines/{saw["id"]}/room", saw["place"]!, wish => wish["room"] = null);
        await PutBackAsync($"pools/{pool["id"]}", pool["pool"]!, wish => wish["nameFr"] = "Les imprimantes");

        resources = await ReadAsync("resources");
        Assert.Equal(7, (int)(await ReadAsync($"machines/{lab.Saw}/booking-end"))["capMinutes"]!);
        Assert.Equal(5, (int)(await ReadAsync($"booking-terms/machine:{lab.Room}"))["terms"]!["capacity"]!);
        Assert.Equal(20, (int)(await ReadAsync("site/claim-window"))["minutes"]!);
        Assert.Equal(4, (int)(await ReadAsync("booking-quotas"))[0]!["quota"]!["quota"]!["count"]!);
        Assert.Equal("Grande salle", (string)resources["resources"]![0]!["resource"]!["nameFr"]!);
        Assert.All(resources["machines"]!.AsArray(), one => Assert.Null(one!["place"]!["room"]));
        Assert.Equal(("Les imprimantes", 2), ((string)resources["pools"]![0]!["pool"]!["nameFr"]!, resources["pools"]![0]!["pool"]!["machines"]!.AsArray().Count));

        async Task RoundTripAsync(string from, string to, Action<JsonNode> change) => await PutBackAsync(to, await ReadAsync(from), change);

        async Task PutBackAsync(string to, JsonNode read, Action<JsonNode> change)
        {
            var wish = read.DeepClone();
            change(wish);
            using var answer = await PutAsync(to, wish);
            Assert.True(answer.IsSuccessStatusCode, $"{to}: {wish.ToJsonString()} gave {await answer.Content.ReadAsStringAsync(Cancel)}");
            // The version that was read is past now: nobody's change is lost.
            using var stale = await PutAsync(to, wish);
            Assert.Equal((to, HttpStatusCode.Conflict), (to, stale.StatusCode));
        }

        async Task<JsonNode> ReadAsync(string address) => (await manager.GetFromJsonAsync<JsonNode>($"api/v1/{address}", Cancel))!;

        Task<HttpResponseMessage> PutAsync(string address, object body) => manager.PutAsJsonAsync($"api/v1/{address}", body, CoreJson.Options, Cancel);
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Anybody_reads_when_a_machine_is_taken_and_nobody_by_whom_and_messages_are_marked_all_at_once(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await BookingLab.InAsync(host);
        var made = await lab.BookAsync(lab.Ada, lab.Laser, BookingLab.Tomorrow(14), BookingLab.Tomorrow(16));
        using var nobody = host.Browser();
        using var ada = await host.StaffBrowserAsync("a01");

        var day = await nobody.GetStringAsync("api/v1/planning?day=2026-03-11", Cancel);
        using var nonsense = await nobody.GetAsync("api/v1/planning?day=demain", Cancel);
        var none = await ada.GetFromJsonAsync<JsonElement>("api/v1/calendar", Cancel);
        (await ada.PostAsJsonAsync("api/v1/calendar", new { }, Cancel)).Dispose();
        var one = await ada.GetFromJsonAsync<JsonElement>("api/v1/calendar", Cancel);
        using var read = await ada.PostAsJsonAsync("api/v1/messages/read", new { }, Cancel);
        var marked = await read.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        var unreadThen = await UnreadAsync();
        using var back = await ada.PostAsJsonAsync("api/v1/messages/unread", new { at = marked.GetProperty("at").GetInt64() }, Cancel);
        using var wrong = await ada.PostAsJsonAsync("api/v1/messages/unread", new { at = -1 }, Cancel);

        var laser = JsonSerializer.Deserialize<JsonElement>(day).GetProperty("machines").EnumerateArray().Single(line => line.GetProperty("code").GetString() == "LAS-1");
        var taken = Assert.Single(laser.GetProperty("taken").EnumerateArray());
        Assert.Equal((made.Value.Start.ToUnixTimeMilliseconds(), made.Value.End.ToUnixTimeMilliseconds()), (taken.GetProperty("start").GetInt64(), taken.GetProperty("end").GetInt64()));
        Assert.DoesNotContain("A01", day, StringComparison.Ordinal);
        Assert.DoesNotContain(made.Value.Id.ToString(), day, StringComparison.Ordinal);
        Assert.DoesNotContain(lab.Ada.Id.ToString(), day, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, nonsense.StatusCode);
        Assert.False(none.TryGetProperty("madeAt", out var never) && never.ValueKind != JsonValueKind.Null);
        Assert.Equal(host.Time.Now.ToUnixTimeMilliseconds(), one.GetProperty("madeAt").GetInt64());
        Assert.Equal((1, 0, 1), (marked.GetProperty("count").GetInt32(), unreadThen, await UnreadAsync()));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.BadRequest), (back.StatusCode, wrong.StatusCode));

        async Task<int> UnreadAsync() => (await ada.GetFromJsonAsync<List<MessageLine>>("api/v1/messages", CoreJson.Options, Cancel))!.Count(message => message.ReadAt is null);
    }

    private static bool IsOfBookings(string address) => !address.StartsWith("/api/", StringComparison.Ordinal)
        && (Places.Any(place => address == place || address.StartsWith(place + "/", StringComparison.Ordinal))
            || (address.StartsWith("/machines/{code}/", StringComparison.Ordinal) && OfMachine.Contains(address.Split('/')[3])));
}
