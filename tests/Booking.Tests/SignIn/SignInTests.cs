using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.SignIn;

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class SignInTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_one_time_link_signs_in_once()
    {
        await using var host = await BookingHost.StartAsync();
        var link = await host.Services.GetRequiredService<IOneTimeLinks>().CreateAsync(null, Cancel);
        using var first = host.Browser();
        using var second = host.Browser();
        await BookingHost.TakeTokenAsync(first);
        await BookingHost.TakeTokenAsync(second);

        using var good = await first.PostAsJsonAsync("api/v1/sign-in/link", new { code = link!.Secret }, Cancel);
        using var again = await second.PostAsJsonAsync("api/v1/sign-in/link", new { code = link.Secret }, Cancel);

        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
        Assert.Equal(("link_spent", HttpStatusCode.Forbidden), await CodeAsync(again));
        var session = await first.GetFromJsonAsync<JsonElement>("api/v1/session", Cancel);
        Assert.Equal("manager", session.GetProperty("role").GetString());
    }

    [Fact]
    public async Task Of_two_browsers_that_use_a_link_at_once_one_gets_in()
    {
        await using var host = await BookingHost.StartAsync();
        var link = await host.Services.GetRequiredService<IOneTimeLinks>().CreateAsync(null, Cancel);
        var browsers = Enumerable.Range(0, 6).Select(_ => host.Browser()).ToList();
        foreach (var browser in browsers)
            await BookingHost.TakeTokenAsync(browser);

        var answers = await Task.WhenAll(browsers.Select(browser => browser.PostAsJsonAsync("api/v1/sign-in/link", new { code = link!.Secret }, Cancel)));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_link_expires()
    {
        await using var host = await BookingHost.StartAsync();
        var link = await host.Services.GetRequiredService<IOneTimeLinks>().CreateAsync(null, Cancel);
        using var browser = host.Browser();
        await BookingHost.TakeTokenAsync(browser);
        host.Time.Advance(Duration.FromMinutes(61));

        using var late = await browser.PostAsJsonAsync("api/v1/sign-in/link", new { code = link!.Secret }, Cancel);

        Assert.Equal(("link_spent", HttpStatusCode.Forbidden), await CodeAsync(late));
    }

    [Fact]
    public async Task Neither_link_nor_gateway_key_nor_password_is_stored_readable()
    {
        await using var host = await BookingHost.StartAsync();
        using var browser = await host.StaffBrowserAsync();
        using var set = await browser.PutAsJsonAsync("api/v1/account/password", new { password = "correct horse battery" }, Cancel);
        var link = await host.Services.GetRequiredService<IOneTimeLinks>().CreateAsync(null, Cancel);
        var key = (await File.ReadAllTextAsync(Path.Combine(host.Folder, "gateway-lab.key"), Cancel)).Trim();

        var stored = string.Concat(Directory.GetFiles(host.Folder, "booking.db*").Select(file => File.ReadAllText(file)));

        Assert.Equal(HttpStatusCode.OK, set.StatusCode);
        Assert.DoesNotContain(link!.Secret, stored, StringComparison.Ordinal);
        Assert.DoesNotContain(key, stored, StringComparison.Ordinal);
        Assert.DoesNotContain("correct horse", stored, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(host.Folder, "gateway-lab.key")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(host.Folder, "badge.key")));
    }

    [Fact]
    public async Task A_new_password_signs_the_other_browsers_of_the_account_out()
    {
        await using var host = await BookingHost.StartAsync();
        using var other = await host.StaffBrowserAsync();
        using var browser = await host.StaffBrowserAsync();

        using var set = await browser.PutAsJsonAsync("api/v1/account/password", new { password = "a long enough one" }, Cancel);

        Assert.Equal(HttpStatusCode.OK, set.StatusCode);
        Assert.True((await browser.GetFromJsonAsync<JsonElement>("api/v1/session", Cancel)).TryGetProperty("person", out _));
        Assert.False((await other.GetFromJsonAsync<JsonElement>("api/v1/session", Cancel)).TryGetProperty("person", out _));
    }

    [Fact]
    public async Task Too_many_wrong_passwords_from_one_place_do_not_lock_a_known_browser_out()
    {
        await using var host = await BookingHost.StartAsync();
        using var known = await host.StaffBrowserAsync();
        using var set = await known.PutAsJsonAsync("api/v1/account/password", new { password = "a long enough one" }, Cancel);
        var login = await host.ReadAsync(db => db.StaffAccounts.Select(account => account.LoginName).SingleAsync(Cancel));
        using var stranger = host.Browser();
        await BookingHost.TakeTokenAsync(stranger);

        var codes = new List<string>();
        for (var guess = 0; guess < SignInAttempts.Limit + 2; guess++)
        {
            using var answer = await stranger.PostAsJsonAsync("api/v1/sign-in/password", new { login, password = $"guess number {guess}" }, Cancel);
            codes.Add((await CodeAsync(answer)).Code);
        }
        await BookingHost.TakeTokenAsync(known);
        using var mine = await known.PostAsJsonAsync("api/v1/sign-in/password", new { login, password = "a long enough one" }, Cancel);
        host.Time.Advance(Duration.FromMinutes(11));
        using var later = await stranger.PostAsJsonAsync("api/v1/sign-in/password", new { login, password = "one more guess" }, Cancel);

        Assert.Equal(HttpStatusCode.OK, set.StatusCode);
        Assert.Equal(["sign_in_wrong", "too_many_attempts"], codes.Distinct());
        Assert.Equal(HttpStatusCode.OK, mine.StatusCode);
        Assert.Equal("sign_in_wrong", (await CodeAsync(later)).Code);
    }

    [Fact]
    public async Task There_is_no_default_password_and_an_unknown_name_gets_the_same_answer()
    {
        await using var host = await BookingHost.StartAsync();
        var login = await host.ReadAsync(db => db.StaffAccounts.Select(account => account.LoginName).SingleAsync(Cancel));
        using var browser = host.Browser();
        await BookingHost.TakeTokenAsync(browser);

        var answers = new List<string>();
        foreach (var (name, password) in new[] { (login, "admin"), (login, login), (login, ""), ("nobody", "admin"), ("", "") })
        {
            using var answer = await browser.PostAsJsonAsync("api/v1/sign-in/password", new { login = name, password }, Cancel);
            answers.Add(await answer.Content.ReadAsStringAsync(Cancel));
        }

        Assert.Single(answers.Select(answer => JsonDocument.Parse(answer).RootElement.GetProperty("detail").GetString()).Distinct());
    }

    [Fact]
    public async Task A_change_without_the_anti_forgery_token_is_refused()
    {
        await using var host = await BookingHost.StartAsync();
        using var browser = await host.StaffBrowserAsync();
        browser.DefaultRequestHeaders.Remove(BookingAuth.ForgeryHeader);

        using var answer = await browser.PutAsJsonAsync("api/v1/account/password", new { password = "a long enough one" }, Cancel);

        Assert.Equal(("forgery_token", HttpStatusCode.BadRequest), await CodeAsync(answer));
    }

    [Fact]
    public async Task Only_a_demonstration_lets_anybody_in()
    {
        await using var host = await BookingHost.StartAsync();
        await using var demo = await BookingHost.StartAsync(settings: new Dictionary<string, string?> { ["Booking:Demo"] = "true" });
        using var browser = host.Browser();
        using var visitor = demo.Browser();
        await BookingHost.TakeTokenAsync(browser);
        await BookingHost.TakeTokenAsync(visitor);

        using var refused = await browser.PostAsync("api/v1/sign-in/demo", null, Cancel);
        using var let = await visitor.PostAsync("api/v1/sign-in/demo", null, Cancel);

        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        Assert.Equal(HttpStatusCode.OK, let.StatusCode);
    }

    [Fact]
    public async Task A_restart_signs_nobody_out_and_makes_no_new_keys()
    {
        using var folder = new FabLab.Testing.TemporaryFolder();
        var time = new FabLab.Testing.ManualTime();
        var cookies = new CookieContainer();
        string key;
        await using (var before = await BookingHost.StartAsync(folder: folder, time: time))
        {
            var link = await before.Services.GetRequiredService<IOneTimeLinks>().CreateAsync(null, Cancel);
            using var browser = new HttpClient(new SocketsHttpHandler { CookieContainer = cookies }) { BaseAddress = before.Address };
            await BookingHost.TakeTokenAsync(browser);
            (await browser.PostAsJsonAsync("api/v1/sign-in/link", new { code = link!.Secret }, Cancel)).EnsureSuccessStatusCode();
            key = await File.ReadAllTextAsync(Path.Combine(folder.Path, "gateway-lab.key"), Cancel);
        }
        await using var after = await BookingHost.StartAsync(folder: folder, time: time);
        using var same = new HttpClient(new SocketsHttpHandler { CookieContainer = cookies }) { BaseAddress = after.Address };

        Assert.True((await same.GetFromJsonAsync<JsonElement>("api/v1/session", Cancel)).TryGetProperty("person", out _));
        Assert.Equal(key, await File.ReadAllTextAsync(Path.Combine(folder.Path, "gateway-lab.key"), Cancel));
    }

    private static async Task<(string Code, HttpStatusCode Status)> CodeAsync(HttpResponseMessage answer)
    {
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        return (problem.GetProperty("code").GetString()!, answer.StatusCode);
    }
}
