using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.SignIn;

/// <summary>Ways in for people without e-mail, roles, charges, groups.</summary>
public sealed class AccessTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_person_with_a_first_name_only_gets_in_by_link_or_by_code_and_sees_their_own_page_alone()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await RoleLab.InAsync(host);
        using var desk = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.FrontDesk));

        var given = await GiveAsync(desk, lab.Stranger.Value);
        using var phone = host.Browser();
        await BookingHost.TakeTokenAsync(phone);
        var typed = $" {given.Code[..4].ToLowerInvariant()}-{given.Code[4..]} ";
        using var entered = await phone.PostAsJsonAsync("api/v1/sign-in/short-code", new { code = typed }, Cancel);
        using var own = await phone.GetAsync($"people/{lab.Stranger}", Cancel);
        using var other = await phone.GetAsync($"people/{lab.InGroup}", Cancel);
        using var late = host.Browser();
        await BookingHost.TakeTokenAsync(late);
        using var spent = await late.PostAsJsonAsync("api/v1/sign-in/link", new { code = given.Path.Split('=')[1] }, Cancel);

        Assert.Equal("j02", given.Login);
        Assert.Equal(HttpStatusCode.OK, entered.StatusCode);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (own.StatusCode, other.StatusCode));
        Assert.Equal(HttpStatusCode.Forbidden, spent.StatusCode);
    }

    [Fact]
    public async Task A_short_code_is_good_for_a_quarter_of_an_hour_and_cannot_be_guessed_in_a_row()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await RoleLab.InAsync(host);
        using var desk = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.FrontDesk));
        var given = await GiveAsync(desk, lab.Stranger.Value);
        host.Time.Advance(Duration.FromMinutes(16));
        using var browser = host.Browser();
        await BookingHost.TakeTokenAsync(browser);

        using var late = await browser.PostAsJsonAsync("api/v1/sign-in/short-code", new { code = given.Code }, Cancel);
        HttpStatusCode last = default;
        for (var guess = 0; guess < SignInAttempts.Limit; guess++)
        {
            using var answer = await browser.PostAsJsonAsync("api/v1/sign-in/short-code", new { code = "ABCDEFGH" }, Cancel);
            last = answer.StatusCode;
        }
        using var link = await browser.PostAsJsonAsync("api/v1/sign-in/link", new { code = given.Path.Split('=')[1] }, Cancel);

        Assert.Equal(HttpStatusCode.Forbidden, late.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, last);
        Assert.Equal(HttpStatusCode.OK, link.StatusCode);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("ABC")]
    [InlineData("ABCDEFGHI")]
    [InlineData("ABCDEFG0")]
    [InlineData("é/=<>&%$")]
    public void What_cannot_be_a_short_code_is_none(string? typed) => Assert.Null(ShortCode.Normal(typed));

    [Fact]
    public async Task The_last_manager_stays_one_and_two_at_once_do_not_overwrite_each_other()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await RoleLab.InAsync(host);
        // The first manager, made for the sign-in link at the start, is closed so that one is left.
        await host.WriteAsync(write =>
        {
            foreach (var other in write.Db.StaffAccounts.Where(account => account.LoginName.StartsWith("gestion")))
                other.Active = false;
        });
        using var manager = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.Manager));
        var me = lab.People[Role.Manager].Value;

        var last = await SetAsync(manager, me, new { version = 0, roles = new[] { "frontDesk" } });
        var closed = await SetAsync(manager, me, new { version = 0, roles = new[] { "manager" }, active = false });
        var made = await SetAsync(manager, lab.Stranger.Value, new { version = 0, roles = new[] { "trainer", "machineLead" }, leads = new[] { lab.OwnMachine.Value }, trains = new[] { lab.OtherMachine.Value } });
        var stale = await SetAsync(manager, lab.Stranger.Value, new { version = 0, roles = new[] { "member" } });
        var unfit = await SetAsync(manager, lab.Stranger.Value, new { version = 1, roles = new[] { "observer", "manager" } });
        var none = await SetAsync(manager, lab.Stranger.Value, new { version = 1, roles = Array.Empty<string>() });
        var unknown = await SetAsync(manager, lab.Stranger.Value, new { version = 1, roles = new[] { "trainer" }, trains = new[] { Guid.NewGuid() } });
        var duties = await host.ReadAsync(db => db.MachineDuties.Where(d => d.PersonId == lab.Stranger).Select(d => d.Duty).ToListAsync(Cancel));

        Assert.Equal(("last_manager", "last_manager", "", "stale"), (last, closed, made, stale));
        Assert.Equal(("bad_value", "bad_value", "machine_unknown"), (unfit, none, unknown));
        Assert.Equal([Duty.Leads, Duty.Trains], duties.Order());
    }

    [Fact]
    public async Task Who_looks_after_a_group_sees_its_people_and_sees_them_no_more_when_they_have_left_it()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await RoleLab.InAsync(host);
        using var desk = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.FrontDesk));
        using var mentor = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.Mentor));
        var id = Guid.CreateVersion7();
        object Group(long version, params Guid[] members) => new { version, name = "Stage", members, lookedAfterBy = new[] { lab.People[Role.Mentor].Value } };

        using var before = await mentor.GetAsync($"people/{lab.Stranger}", Cancel);
        using var made = await desk.PutAsJsonAsync($"api/v1/groups/{id}", Group(0, lab.Stranger.Value), Cancel);
        using var during = await mentor.GetAsync($"people/{lab.Stranger}", Cancel);
        using var stale = await desk.PutAsJsonAsync($"api/v1/groups/{id}", Group(0), Cancel);
        using var left = await desk.PutAsJsonAsync($"api/v1/groups/{id}", Group(1), Cancel);
        using var after = await mentor.GetAsync($"people/{lab.Stranger}", Cancel);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Conflict, HttpStatusCode.OK), (made.StatusCode, stale.StatusCode, left.StatusCode));
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.OK, HttpStatusCode.NotFound), (before.StatusCode, during.StatusCode, after.StatusCode));
    }

    private static async Task<AccessGiven> GiveAsync(HttpClient desk, Guid person)
    {
        using var answer = await desk.PostAsync($"api/v1/people/{person}/sign-in", null, Cancel);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var given = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        return new AccessGiven(
            given.GetProperty("login").GetString()!, given.GetProperty("path").GetString()!, given.GetProperty("code").GetString()!,
            Instant.FromUnixTimeMilliseconds(given.GetProperty("expiresAt").GetInt64()));
    }

    private static async Task<string> SetAsync(HttpClient manager, Guid person, object account)
    {
        using var answer = await manager.PutAsJsonAsync($"api/v1/people/{person}/account", account, Cancel);
        return answer.IsSuccessStatusCode ? "" : (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("code").GetString()!;
    }
}
