using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FabLab.Booking.Features;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.SignIn;

/// <summary>One-time passwords, and a team that must have a second factor.</summary>
public sealed class SecondFactorTests
{
    private const string Password = "une phrase facile";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_password_alone_is_not_enough_once_codes_are_in_use_and_a_code_counts_once()
    {
        await using var host = await BookingHost.StartAsync();
        var (login, key) = await WithCodesAsync(host);
        using var browser = host.Browser();
        await BookingHost.TakeTokenAsync(browser);

        var half = await CodeAsync(browser.PostAsJsonAsync("api/v1/sign-in/password", new { login, password = Password }, Cancel));
        var inside = await SessionTests.SignedInAsync(browser);
        var wrong = await CodeAsync(browser.PostAsJsonAsync("api/v1/sign-in/code", new { code = "000000" }, Cancel));
        host.Time.Advance(Duration.FromSeconds(60));
        var code = Totp.Code(key, host.Time.Now.ToUnixTimeSeconds() / 30);
        using var right = await browser.PostAsJsonAsync("api/v1/sign-in/code", new { code }, Cancel);
        using var second = host.Browser();
        await BookingHost.TakeTokenAsync(second);
        var again = await CodeAsync(second.PostAsJsonAsync("api/v1/sign-in/password", new { login, password = Password, code }, Cancel));

        Assert.Equal(SignInService.CodeNeeded, half);
        Assert.False(inside);
        Assert.Equal("code_wrong", wrong);
        Assert.Equal(HttpStatusCode.OK, right.StatusCode);
        Assert.True(await SessionTests.SignedInAsync(browser));
        Assert.Equal("code_wrong", again);
    }

    [Fact]
    public async Task A_wrong_password_does_not_say_that_there_would_be_a_code()
    {
        await using var host = await BookingHost.StartAsync();
        var (login, key) = await WithCodesAsync(host);
        using var browser = host.Browser();
        await BookingHost.TakeTokenAsync(browser);
        host.Time.Advance(Duration.FromSeconds(60));

        var code = await CodeAsync(browser.PostAsJsonAsync("api/v1/sign-in/password", new { login, password = "une autre phrase", code = Totp.Code(key, host.Time.Now.ToUnixTimeSeconds() / 30) }, Cancel));
        var alone = await CodeAsync(browser.PostAsJsonAsync("api/v1/sign-in/code", new { code = Totp.Code(key, host.Time.Now.ToUnixTimeSeconds() / 30) }, Cancel));

        Assert.Equal(("sign_in_wrong", "sign_in_wrong"), (code, alone));
    }

    [Fact]
    public async Task Codes_cannot_be_guessed_in_a_row_and_the_half_way_ends_after_minutes()
    {
        await using var host = await BookingHost.StartAsync();
        var (login, _) = await WithCodesAsync(host);
        using var browser = host.Browser();
        await BookingHost.TakeTokenAsync(browser);
        await CodeAsync(browser.PostAsJsonAsync("api/v1/sign-in/password", new { login, password = Password }, Cancel));

        var codes = new List<string>();
        for (var guess = 0; guess < SignInAttempts.Limit + 2; guess++)
            codes.Add(await CodeAsync(browser.PostAsJsonAsync("api/v1/sign-in/code", new { code = $"{guess:D6}" }, Cancel)));
        host.Time.Advance(Duration.FromMinutes(11));
        var late = await CodeAsync(browser.PostAsJsonAsync("api/v1/sign-in/code", new { code = "123456" }, Cancel));

        Assert.Equal(["code_wrong", "too_many_attempts"], codes.Distinct());
        Assert.Equal("sign_in_wrong", late);
    }

    [Fact]
    public async Task The_key_of_the_codes_is_not_readable_in_the_database()
    {
        await using var host = await BookingHost.StartAsync();
        var (_, key) = await WithCodesAsync(host);

        var stored = await host.ReadAsync(db => db.StaffAccounts.Select(account => account.TotpKey).SingleAsync(Cancel));

        Assert.NotNull(stored);
        Assert.DoesNotContain(Convert.ToBase64String(key), stored, StringComparison.Ordinal);
        Assert.DoesNotContain(Totp.Spell(key), stored, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_team_needs_a_second_factor_nothing_else_is_open_until_there_is_one()
    {
        await using var host = await BookingHost.StartAsync(settings: new Dictionary<string, string?> { ["Booking:TeamNeedsSecondFactor"] = "true" });
        var lab = await RoleLab.InAsync(host);
        using var desk = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.FrontDesk));
        using var member = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.Member));

        using var people = await desk.GetAsync("people", Cancel);
        using var account = await desk.GetAsync("account", Cancel);
        var change = await CodeAsync(desk.PostAsJsonAsync("api/v1/people", new { }, Cancel));
        using var own = await member.GetAsync($"people/{lab.People[Role.Member]}", Cancel);
        var key = await EnrolAsync(host, desk, RoleLab.LoginOf(Role.FrontDesk));
        using var opened = await desk.GetAsync("people", Cancel);

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.OK), (people.StatusCode, account.StatusCode));
        Assert.Equal("not_allowed", change);
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
        Assert.Equal(20, key.Length);
        Assert.Equal(HttpStatusCode.OK, opened.StatusCode);
    }

    /// <summary>Somebody with a password and codes in use.</summary>
    private static async Task<(string Login, byte[] Key)> WithCodesAsync(BookingHost host)
    {
        using var browser = await host.StaffBrowserAsync();
        using var set = await browser.PutAsJsonAsync("api/v1/account/password", new { password = Password }, Cancel);
        set.EnsureSuccessStatusCode();
        var login = await host.ReadAsync(db => db.StaffAccounts.Select(account => account.LoginName).SingleAsync(Cancel));
        return (login, await EnrolAsync(host, browser, login));
    }

    private static async Task<byte[]> EnrolAsync(BookingHost host, HttpClient browser, string login)
    {
        var form = await FormAsync(browser);
        using var started = await browser.PostAsync("account/totp", new FormUrlEncodedContent([form]), Cancel);
        started.EnsureSuccessStatusCode();
        var stored = await host.ReadAsync(db => db.StaffAccounts.Where(account => account.LoginName == login).Select(account => account.TotpKey).SingleAsync(Cancel));
        var key = host.Services.GetRequiredService<TotpKeys>().Open(stored)!;
        Assert.Contains(string.Join(' ', Totp.Spell(key).Chunk(4).Select(part => new string(part))), await started.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        using var confirmed = await browser.PostAsync(
            "account/totp/on", new FormUrlEncodedContent([form, KeyValuePair.Create("code", Totp.Code(key, host.Time.Now.ToUnixTimeSeconds() / 30))]), Cancel);
        Assert.Equal(HttpStatusCode.Redirect, confirmed.StatusCode);
        return key;
    }

    private static async Task<KeyValuePair<string, string>> FormAsync(HttpClient browser) => KeyValuePair.Create(
        BookingAuth.ForgeryHeader,
        new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await browser.GetStringAsync("account", Cancel))
            .QuerySelector($"input[name='{BookingAuth.ForgeryHeader}']")!.GetAttribute("value")!);

    private static async Task<string> CodeAsync(Task<HttpResponseMessage> asked)
    {
        using var answer = await asked;
        return answer.IsSuccessStatusCode ? "" : (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("code").GetString()!;
    }
}
