using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Tests.SignIn;

/// <summary>When a sign-in is over, and what is over with it.</summary>
public sealed class SessionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_copy_of_the_cookie_is_worth_nothing_after_the_sign_out()
    {
        await using var host = await BookingHost.StartAsync();
        var cookies = new CookieContainer();
        using var browser = new HttpClient(new SocketsHttpHandler { CookieContainer = cookies }) { BaseAddress = host.Address };
        await EnterAsync(host, browser);
        using var thief = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = host.Address };
        thief.DefaultRequestHeaders.Add("Cookie", cookies.GetCookieHeader(host.Address));

        var before = await SignedInAsync(thief);
        using var left = await browser.PostAsync("api/v1/sign-out", null, Cancel);

        Assert.True(before);
        Assert.Equal(HttpStatusCode.NoContent, left.StatusCode);
        Assert.False(await SignedInAsync(thief));
    }

    [Fact]
    public async Task A_browser_that_is_not_used_is_signed_out_and_one_that_is_used_is_not()
    {
        await using var host = await BookingHost.StartAsync(settings: new Dictionary<string, string?> { ["Booking:SignInHours"] = "2" });
        using var idle = await host.StaffBrowserAsync();
        using var used = await host.StaffBrowserAsync();

        for (var quarter = 0; quarter < 10; quarter++)
        {
            host.Time.Advance(Duration.FromMinutes(15));
            Assert.True(await SignedInAsync(used));
        }

        Assert.False(await SignedInAsync(idle));
    }

    [Fact]
    public async Task However_much_it_is_used_a_browser_signs_in_anew_after_a_month()
    {
        await using var host = await BookingHost.StartAsync(settings: new Dictionary<string, string?> { ["Booking:SignInHours"] = "720" });
        using var browser = await host.StaffBrowserAsync();

        for (var day = 0; day < 29; day++)
        {
            host.Time.Leap(Duration.FromDays(1));
            Assert.True(await SignedInAsync(browser));
        }
        host.Time.Leap(Duration.FromDays(1) + Duration.FromMinutes(1));

        Assert.False(await SignedInAsync(browser));
    }

    [Fact]
    public async Task A_role_taken_away_holds_at_the_next_request()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await RoleLab.InAsync(host);
        using var desk = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.FrontDesk));
        using var manager = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.Manager));
        using var before = await desk.GetAsync("people", Cancel);

        using var set = await manager.PutAsJsonAsync($"api/v1/people/{lab.People[Role.FrontDesk]}/account", new { version = 0, roles = new[] { "member" } }, Cancel);
        using var after = await desk.GetAsync("people", Cancel);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (before.StatusCode, set.StatusCode));
        Assert.Equal(HttpStatusCode.Redirect, after.StatusCode);
    }

    [Fact]
    public async Task Open_streams_end_with_the_sign_in()
    {
        await using var host = await BookingHost.StartAsync();
        using var browser = await host.StaffBrowserAsync();
        using var other = await host.StaffBrowserAsync();
        await using var opened = await browser.GetStreamAsync("live", Cancel);
        using var stream = new StreamReader(opened);
        await stream.ReadLineAsync(Cancel);

        using var set = await other.PutAsJsonAsync("api/v1/account/password", new { password = "a long enough one" }, Cancel);

        Assert.Equal(HttpStatusCode.OK, set.StatusCode);
        // The server closes it: reading comes to an end without anything else happening in the lab.
        await stream.ReadToEndAsync(Cancel);
    }

    [Fact]
    public async Task Signing_the_other_devices_out_keeps_this_one()
    {
        await using var host = await BookingHost.StartAsync();
        using var mine = await host.StaffBrowserAsync();
        using var other = await host.StaffBrowserAsync();
        var page = await mine.GetStringAsync("account", Cancel);
        var token = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(page).QuerySelector($"input[name='{BookingAuth.ForgeryHeader}']")!.GetAttribute("value")!;

        using var done = await mine.PostAsync("account/sign-out-others", new FormUrlEncodedContent([KeyValuePair.Create(BookingAuth.ForgeryHeader, token)]), Cancel);

        Assert.Equal(HttpStatusCode.Redirect, done.StatusCode);
        Assert.True(await SignedInAsync(mine));
        Assert.False(await SignedInAsync(other));
    }

    [Fact]
    public async Task Changing_a_password_asks_for_the_present_one()
    {
        await using var host = await BookingHost.StartAsync();
        using var first = await host.StaffBrowserAsync();
        using var set = await first.PutAsJsonAsync("api/v1/account/password", new { password = "la première phrase" }, Cancel);
        var login = await host.ReadAsync(db => db.StaffAccounts.Select(account => account.LoginName).SingleAsync(Cancel));
        using var browser = host.Browser();
        await BookingHost.TakeTokenAsync(browser);
        using var entered = await browser.PostAsJsonAsync("api/v1/sign-in/password", new { login, password = "la première phrase" }, Cancel);
        await BookingHost.TakeTokenAsync(browser);

        using var without = await browser.PutAsJsonAsync("api/v1/account/password", new { password = "la deuxième phrase" }, Cancel);
        using var wrong = await browser.PutAsJsonAsync("api/v1/account/password", new { password = "la deuxième phrase", present = "une autre phrase" }, Cancel);
        using var right = await browser.PutAsJsonAsync("api/v1/account/password", new { password = "la deuxième phrase", present = "la première phrase" }, Cancel);

        Assert.Equal(HttpStatusCode.OK, entered.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, without.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Equal(HttpStatusCode.OK, right.StatusCode);
    }

    [Fact]
    public async Task Every_way_in_is_written_in_the_audit()
    {
        await using var host = await BookingHost.StartAsync();
        using var browser = await host.StaffBrowserAsync();

        var acts = await host.ReadAsync(db => db.Audit.Select((AuditEntry entry) => entry.Action).ToListAsync(Cancel));

        Assert.Contains("sign_in.link", acts);
    }

    internal static async Task EnterAsync(BookingHost host, HttpClient browser, string? login = null)
    {
        var link = await Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions.GetRequiredService<IOneTimeLinks>(host.Services).CreateAsync(login, Cancel);
        await BookingHost.TakeTokenAsync(browser);
        using var answer = await browser.PostAsJsonAsync("api/v1/sign-in/link", new { code = link!.Secret }, Cancel);
        answer.EnsureSuccessStatusCode();
        await BookingHost.TakeTokenAsync(browser);
    }

    internal static async Task<bool> SignedInAsync(HttpClient browser) =>
        (await browser.GetFromJsonAsync<JsonElement>("api/v1/session", Cancel)).TryGetProperty("person", out _);
}
