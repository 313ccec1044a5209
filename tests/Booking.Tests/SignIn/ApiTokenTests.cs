using System.Net;
using System.Net.Http.Json;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.SignIn;

/// <summary>Keys for programs.</summary>
public sealed class ApiTokenTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_token_acts_with_the_rights_of_its_role_without_a_forgery_token_and_under_its_own_id(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var made = await MakeAsync(host, new NewApiToken("poste de l’accueil", Role.FrontDesk, null, 30));
        using var program = With(host, made.Secret);

        using var added = await program.PostAsJsonAsync("api/v1/people", new { displayName = "Ada" }, Cancel);
        using var refused = await program.PostAsJsonAsync("api/v1/lab/import", new { }, Cancel);
        var by = await host.ReadAsync(db => db.AuditValues.Where(value => db.Audit.Any(entry => entry.Seq == value.Seq && entry.Action == "person.added")).Select(value => value.By).SingleAsync(Cancel));
        var token = await host.ReadAsync(db => db.ApiTokens.SingleAsync(Cancel));

        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal(made.Id, by);
        Assert.Equal(host.Time.Now, token.LastUsedAt);
    }

    [Fact]
    public async Task A_scope_leaves_only_the_rights_it_names()
    {
        await using var host = await BookingHost.StartAsync();
        var made = await MakeAsync(host, new NewApiToken("pointage", Role.FrontDesk, [Right.CheckIn], 30));
        using var program = With(host, made.Secret);

        using var refused = await program.PostAsJsonAsync("api/v1/people", new { displayName = "Ada" }, Cancel);
        using var allowed = await program.PutAsync($"api/v1/people/{Guid.NewGuid()}/presence", null, Cancel);

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, allowed.StatusCode);
    }

    [Fact]
    public async Task A_token_ends_when_it_expires_and_when_it_is_revoked()
    {
        await using var host = await BookingHost.StartAsync();
        var tokens = host.Services.GetRequiredService<IApiTokens>();
        var expiring = await MakeAsync(host, new NewApiToken("un jour", Role.Manager, null, 1));
        var revoked = await MakeAsync(host, new NewApiToken("retiré", Role.Manager, null, 30));
        using var one = With(host, expiring.Secret);
        using var other = With(host, revoked.Secret);

        var before = (await StatusAsync(one), await StatusAsync(other));
        Assert.True(await tokens.RevokeAsync(revoked.Id, Cancel));
        Assert.False(await tokens.RevokeAsync(revoked.Id, Cancel));
        host.Time.Leap(Duration.FromDays(1));

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), before);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (await StatusAsync(one), await StatusAsync(other)));
        var acts = await host.ReadAsync(db => db.Audit.Where(entry => db.AuditValues.Any(value => value.Seq == entry.Seq && value.Subject == revoked.Id.Value)).OrderBy(entry => entry.Seq).Select(entry => entry.Action).ToListAsync(Cancel));
        Assert.Equal(["token.made", "token.revoked"], acts.Order());
    }

    [Fact]
    public async Task A_token_opens_no_page_and_no_account_and_no_gateway_and_is_stored_only_as_a_hash()
    {
        await using var host = await BookingHost.StartAsync();
        var made = await MakeAsync(host, new NewApiToken("tout", Role.Manager, null, 30));
        using var program = With(host, made.Secret);

        using var page = await program.GetAsync("people", Cancel);
        using var password = await program.PutAsJsonAsync("api/v1/account/password", new { password = "une phrase facile" }, Cancel);
        using var gateway = await program.GetAsync("api/v1/gateways/lab/policy", Cancel);
        var stored = string.Concat(Directory.GetFiles(host.Folder, "booking.db*").Select(file => File.ReadAllText(file)));

        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, password.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, gateway.StatusCode);
        Assert.DoesNotContain(made.Secret, stored, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fablab_")]
    [InlineData("fablab_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("nonsense")]
    public async Task What_is_no_token_is_refused(string secret)
    {
        await using var host = await BookingHost.StartAsync();
        using var program = With(host, secret);

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(program));
    }

    [Fact]
    public async Task A_token_that_makes_no_sense_is_not_made()
    {
        await using var host = await BookingHost.StartAsync();
        var tokens = host.Services.GetRequiredService<IApiTokens>();

        NewApiToken[] wrong =
        [
            new("", Role.Manager, null, 30), new(new string('x', 81), Role.Manager, null, 30), new("x", Role.None, null, 30), new("x", Role.Observer | Role.Manager, null, 30),
            new("x", Role.Manager, null, 0), new("x", Role.Manager, null, 367), new("x", Role.Manager, [], 30), new("x", Role.Observer, [Right.SeePeople], 30),
        ];
        foreach (var request in wrong)
        {
            var (made, fault) = await tokens.CreateAsync(request, Cancel);
            Assert.Null(made);
            Assert.False(string.IsNullOrEmpty(fault));
        }
    }

    private static async Task<ApiTokenMade> MakeAsync(BookingHost host, NewApiToken request) =>
        (await host.Services.GetRequiredService<IApiTokens>().CreateAsync(request, Cancel)).Made!;

    private static HttpClient With(BookingHost host, string secret)
    {
        var client = host.Browser();
        client.DefaultRequestHeaders.Authorization = new("Bearer", secret);
        return client;
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client)
    {
        using var answer = await client.PostAsJsonAsync("api/v1/people", new { }, Cancel);
        return answer.StatusCode;
    }
}
