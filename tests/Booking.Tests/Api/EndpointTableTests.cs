using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FabLab.Booking.Tests.Hosting;
using FabLab.Contracts;
using FabLab.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace FabLab.Booking.Tests.Api;

/// <summary>Every endpoint there is, called as nobody, as staff and as a manager, with good and with broken bodies.</summary>
public sealed class EndpointTableTests
{
    /// <summary>Who may call what. A new endpoint fails the test until it has a line here.</summary>
    private static readonly Dictionary<string, Who> Table = new(StringComparer.Ordinal)
    {
        ["GET /api/v1/gateways/{gateway}/policy"] = Who.Gateway,
        ["POST /api/v1/gateways/{gateway}/journal"] = Who.Gateway,
        ["GET /api/v1/place"] = Who.Anybody,
        ["GET /api/v1/session"] = Who.Anybody,
        ["POST /api/v1/sign-in/link"] = Who.Anybody,
        ["POST /api/v1/sign-in/password"] = Who.Anybody,
        ["POST /api/v1/sign-in/demo"] = Who.Anybody,
        ["POST /api/v1/sign-out"] = Who.Anybody,
        ["PUT /api/v1/account/password"] = Who.Staff,
        ["POST /api/v1/people"] = Who.Staff,
        ["PUT /api/v1/people/{id:guid}"] = Who.Staff,
        ["POST /api/v1/people/{id:guid}/badges"] = Who.Staff,
        ["PUT /api/v1/badges/{id:guid}"] = Who.Staff,
        ["POST /api/v1/people/{id:guid}/habilitations"] = Who.Staff,
        ["POST /api/v1/habilitations/{id:guid}/suspend"] = Who.Staff,
        ["POST /api/v1/habilitations/{id:guid}/resume"] = Who.Staff,
        ["POST /api/v1/habilitations/{id:guid}/withdraw"] = Who.Staff,
        ["POST /api/v1/machines/{id:guid}/lock-outs"] = Who.Staff,
        ["POST /api/v1/lock-outs/{id:guid}/release"] = Who.Staff,
        ["PUT /api/v1/machines/{id:guid}/service"] = Who.Staff,
        ["PUT /api/v1/machines/{id:guid}/devices"] = Who.Staff,
        ["POST /api/v1/ledger/{id:guid}/corrections"] = Who.Staff,
        ["PUT /api/v1/people/{id:guid}/presence"] = Who.Staff,
        ["DELETE /api/v1/people/{id:guid}/presence"] = Who.Staff,
        ["POST /api/v1/bookings"] = Who.Staff,
        ["DELETE /api/v1/bookings/{id:guid}"] = Who.Staff,
        ["POST /api/v1/alarms/seen"] = Who.Staff,
        ["POST /api/v1/sign-in-links"] = Who.Manager,
        ["POST /api/v1/lab/import"] = Who.Manager,
    };

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_endpoint_lets_in_exactly_whom_the_table_says()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        await host.WriteAsync(write =>
        {
            write.Db.StaffAccounts.Add(new Features.SignIn.StaffAccount { Id = lab.Ada, LoginName = "m01", Role = Features.SignIn.StaffRole.Staff, Stamp = Guid.NewGuid() });
        });
        using var nobody = host.Browser();
        await BookingHost.TakeTokenAsync(nobody);
        using var gateway = host.WithGatewayKey();
        using var staff = await host.StaffBrowserAsync("m01");
        using var manager = await host.StaffBrowserAsync("g01");

        Assert.Equal(Table.Keys.Order(StringComparer.Ordinal), Endpoints(host).Order(StringComparer.Ordinal));
        // Last, because it ends the sign-in of the browser.
        foreach (var (endpoint, who) in Table.OrderBy(line => line.Key is "POST /api/v1/sign-out"))
        {
            Assert.True((who == Who.Anybody) == await LetsInAsync(nobody, endpoint), $"nobody: {endpoint}");
            Assert.True((who is Who.Anybody or Who.Staff) == await LetsInAsync(staff, endpoint), $"staff: {endpoint}");
            Assert.True((who is Who.Anybody or Who.Staff or Who.Manager) == await LetsInAsync(manager, endpoint), $"manager: {endpoint}");
            if (who is Who.Gateway or Who.Staff or Who.Manager)
                Assert.True((who == Who.Gateway) == await LetsInAsync(gateway, endpoint), $"gateway: {endpoint}");
        }
    }

    [Fact]
    public async Task A_broken_body_gets_a_client_error_with_a_code_and_never_a_fault()
    {
        await using var host = await BookingHost.StartAsync();
        await SmallLab.InAsync(host);
        using var manager = await host.StaffBrowserAsync("g01");
        using var gateway = host.WithGatewayKey();
        string[] bodies =
        [
            "", "nonsense", "[]", "\"text\"", "null", "{}", "{\"version\":\"one\"}", "{\"version\":-1}", "{\"evidence\":17}",
            "{\"machine\":\"00000000-0000-0000-0000-000000000000\",\"start\":-99999999999999,\"end\":-1}", "{\"start\":99999999999999999999}",
            "{\"level\":\"emperor\"}", "{\"number\":\"\\ud800\"}", "{\"devices\":[null]}", "{\"records\":[null],\"epoch\":1}", "{\"epoch\":-1,\"records\":[]}",
            "{\"shortCode\":\"\\u0000\"}", "{\"displayName\":\"" + new string('x', 500) + "\"}", "{\"reason\":\"\\u0007\"}",
            string.Concat(Enumerable.Repeat("{\"a\":", 200)) + "1" + new string('}', 200),
        ];

        foreach (var endpoint in Table.Keys.Where(key => !key.StartsWith("GET", StringComparison.Ordinal) && key is not "POST /api/v1/sign-out"))
        {
            foreach (var body in bodies)
            {
                using var content = new StringContent(body, Encoding.UTF8, "application/json");
                using var answer = await SendAsync(Table[endpoint] == Who.Gateway ? gateway : manager, endpoint, content);
                Assert.True((int)answer.StatusCode < 500, $"{endpoint} with {body[..Math.Min(body.Length, 60)]} gave {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancel)}");
                if (!answer.IsSuccessStatusCode)
                    Assert.False(string.IsNullOrEmpty((await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("code").GetString()), endpoint);
            }
        }
    }

    [Fact]
    public async Task An_oversized_body_is_refused_before_it_is_read()
    {
        await using var host = await BookingHost.StartAsync();
        await SmallLab.InAsync(host);
        using var manager = await host.StaffBrowserAsync("g01");
        using var gateway = host.WithGatewayKey();

        using var person = await manager.PostAsync("api/v1/people", new StringContent("{\"displayName\":\"" + new string('x', 200_000) + "\"}", Encoding.UTF8, "application/json"), Cancel);
        using var journal = await gateway.PostAsync("api/v1/gateways/lab/journal", new ByteArrayContent(new byte[JournalBatch.MaxBytes + 1]), Cancel);
        using var chunked = new HttpRequestMessage(HttpMethod.Post, "api/v1/people") { Content = new StringContent("{\"displayName\":\"" + new string('x', 200_000) + "\"}", Encoding.UTF8, "application/json") };
        chunked.Headers.TransferEncodingChunked = true;
        using var unannounced = await manager.SendAsync(chunked, Cancel);

        Assert.All(new[] { person, journal, unannounced }, answer => Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode));
        Assert.Equal(ProblemCodes.TooLarge, (await person.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Unknown_ids_and_addresses_and_methods_have_their_codes()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        using var manager = await host.StaffBrowserAsync("g01");
        var nothing = Guid.NewGuid();

        Assert.Equal("person_unknown", await CodeAsync(manager.PutAsync($"api/v1/people/{nothing}/presence", null, Cancel)));
        Assert.Equal("machine_unknown", await CodeAsync(manager.PostAsJsonAsync($"api/v1/machines/{nothing}/lock-outs", new { cause = "x" }, Cancel)));
        Assert.Equal("training_unknown", await CodeAsync(manager.PostAsJsonAsync($"api/v1/people/{lab.Ada}/habilitations", new { training = nothing, level = "autonomous", evidence = "x" }, Cancel)));
        Assert.Equal("ledger_row_unknown", await CodeAsync(manager.PostAsJsonAsync($"api/v1/ledger/{nothing}/corrections", new { reason = "x" }, Cancel)));
        Assert.Equal("not_found", await CodeAsync(manager.GetAsync("api/v1/no-such-thing", Cancel)));
        Assert.Equal("method_not_allowed", await CodeAsync(manager.DeleteAsync("api/v1/people", Cancel)));
        Assert.Equal("media_type", await CodeAsync(manager.PostAsync("api/v1/people", new StringContent("{}", Encoding.UTF8, "text/plain"), Cancel)));
    }

    [Fact]
    public async Task A_gateway_key_opens_only_its_own_gateway()
    {
        await using var host = await BookingHost.StartAsync(settings: new Dictionary<string, string?> { ["Booking:Gateways:1"] = "annexe" });
        using var wrong = host.WithGatewayKey("annexe");
        using var none = host.Browser();
        using var nonsense = host.Browser();
        nonsense.DefaultRequestHeaders.Authorization = new("Bearer", new string('a', 64));

        Assert.Equal(ProblemCodes.GatewayUnknown, await CodeAsync(wrong.GetAsync("api/v1/gateways/lab/policy", Cancel)));
        Assert.Equal(ProblemCodes.GatewayUnknown, await CodeAsync(none.GetAsync("api/v1/gateways/lab/policy", Cancel)));
        Assert.Equal(ProblemCodes.GatewayUnknown, await CodeAsync(nonsense.GetAsync("api/v1/gateways/lab/policy", Cancel)));
        using var right = await wrong.GetAsync("api/v1/gateways/annexe/policy", Cancel);
        Assert.Equal(HttpStatusCode.OK, right.StatusCode);
    }

    [Fact]
    public async Task A_bad_question_to_the_feed_is_refused()
    {
        await using var host = await BookingHost.StartAsync();
        using var gateway = host.WithGatewayKey();

        foreach (var query in new[] { "since=-1", "wait=-1", "wait=61", "since=abc", "since=99999999999999999999", "wait=1.5" })
        {
            using var answer = await gateway.GetAsync($"api/v1/gateways/lab/policy?{query}", Cancel);
            Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, query);
        }
    }

    [Fact]
    public async Task The_document_of_the_api_is_the_approved_one()
    {
        await using var host = await BookingHost.StartAsync();
        using var browser = host.Browser();

        var document = await browser.GetFromJsonAsync<JsonNode>("openapi/v1.json", Cancel);

        // The shape is the contract; how its words are explained may change freely.
        DropDescriptions(document!);
        Assert.Null(await Approved.DifferenceAsync(JsonSerializer.Serialize(document, Readable), "openapi", "json"));
    }

    private static void DropDescriptions(JsonNode node)
    {
        if (node is JsonObject thing)
        {
            if (thing["description"] is JsonValue)
                thing.Remove("description");
            foreach (var (_, child) in thing.ToList())
            {
                if (child is not null)
                    DropDescriptions(child);
            }
        }
        else if (node is JsonArray list)
        {
            foreach (var child in list.OfType<JsonNode>())
                DropDescriptions(child);
        }
    }

    private static IEnumerable<string> Endpoints(BookingHost host) =>
        from endpoint in host.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
        let pattern = "/" + endpoint.RoutePattern.RawText!.TrimStart('/')
        where pattern.StartsWith("/api/", StringComparison.Ordinal)
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
        select $"{method} {pattern}";

    private static async Task<bool> LetsInAsync(HttpClient client, string endpoint)
    {
        using var content = new StringContent("{}", Encoding.UTF8, "application/json");
        using var answer = await SendAsync(client, endpoint, content);
        if (answer.IsSuccessStatusCode)
            return true;
        var code = (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("code").GetString();
        return code is not (ProblemCodes.SignInNeeded or ProblemCodes.NotAllowed or ProblemCodes.GatewayUnknown or ProblemCodes.ForgeryToken);
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, string endpoint, HttpContent content)
    {
        var parts = endpoint.Split(' ');
        var address = parts[1].Replace("{gateway}", BookingHost.Gateway, StringComparison.Ordinal).Replace("{id:guid}", Guid.NewGuid().ToString(), StringComparison.Ordinal);
        return client.SendAsync(new HttpRequestMessage(new HttpMethod(parts[0]), address.TrimStart('/')) { Content = parts[0] is "GET" or "DELETE" ? null : content }, Cancel);
    }

    private static async Task<string?> CodeAsync(Task<HttpResponseMessage> asked)
    {
        using var answer = await asked;
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("code").GetString();
    }

    private enum Who
    {
        Anybody,
        Gateway,
        Staff,
        Manager,
    }
}
