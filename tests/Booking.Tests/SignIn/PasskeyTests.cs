using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Hosting;
using FabLab.Booking.Tests.Pages;
using FabLab.Booking.Tests.Pages.Browser;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace FabLab.Booking.Tests.SignIn;

/// <summary>Passkeys in a real browser with a virtual authenticator.</summary>
public sealed class PasskeyTests(BrowserFixture fixture)
{
    private const string Password = "une phrase facile";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_passkey_is_added_satisfies_the_duty_of_the_team_is_used_to_sign_in_and_removed()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel, new Dictionary<string, string?> { ["Booking:TeamNeedsSecondFactor"] = "true" });
        using PageClient manager = await host.NewStaffAsync(Cancel);
        PageAnswer before = await manager.GetAsync("/people", Cancel);
        string login = await host.ReadAsync(db => db.StaffAccounts.Select(account => account.LoginName).SingleAsync(Cancel));
        await BookingHost.TakeTokenAsync(manager.Http);
        using HttpResponseMessage set = await manager.Http.PutAsJsonAsync("/api/v1/account/password", new { password = Password }, Cancel);
        using PageClient alone = host.NewClient();
        await BookingHost.TakeTokenAsync(alone.Http);
        using HttpResponseMessage byPassword = await alone.Http.PostAsJsonAsync("/api/v1/sign-in/password", new { login, password = Password }, Cancel);
        PageAnswer withPassword = await alone.GetAsync("/people", Cancel);
        await using Visit visit = await OpenAsync(host, manager, verified: true);

        await visit.GoAsync("/account");
        await visit.Page.FillAsync("#passkey-name", "clé bleue");
        await visit.Page.ClickAsync("form[data-passkey=add] button");
        await visit.Page.WaitForSelectorAsync("text=clé bleue");
        IResponse? after = await visit.Page.GotoAsync("/people");
        await BookingHost.TakeTokenAsync(alone.Http);
        using HttpResponseMessage stolen = await alone.Http.PostAsJsonAsync("/api/v1/sign-in/password", new { login, password = Password }, Cancel);
        await visit.GoAsync("/account");
        await visit.Page.ClickAsync("form[action='/sign-out'] button");
        await visit.Page.WaitForURLAsync("**/");
        await visit.GoAsync("/sign-in?ReturnUrl=%2Fpeople");
        await visit.Page.ClickAsync("form[data-passkey=enter] button");
        await visit.Page.WaitForURLAsync("**/people");
        Passkey kept = await host.ReadAsync(db => db.Passkeys.SingleAsync(Cancel));
        await visit.GoAsync("/account");
        await visit.Page.ClickAsync("form[action='/account/passkeys/remove'] button");
        await visit.Page.WaitForSelectorAsync("text=La clé d’accès est retirée.");
        await visit.Page.ClickAsync("form[action='/sign-out'] button");
        await visit.Page.WaitForURLAsync("**/");
        await visit.GoAsync("/sign-in");
        await visit.Page.ClickAsync("form[data-passkey=enter] button");
        await visit.Page.WaitForSelectorAsync("[data-passkey-fault]:not([hidden])");

        // A link or a password lets the team do nothing but set one up; the passkey opens the rest, and then a password alone no longer does anything.
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (set.StatusCode, byPassword.StatusCode));
        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (before.Status, withPassword.Status));
        Assert.Equal(200, after!.Status);
        Assert.Equal(SignInService.PasskeyNeeded, (await stolen.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("code").GetString());
        Assert.True(kept.SignCount > 0);
        Assert.True(kept.IsUserVerified);
        Assert.Equal(0, await host.ReadAsync(db => db.Passkeys.CountAsync(Cancel)));
        Assert.Equal(["sign_in.link", "sign_in.link", "sign_in.passkey", "sign_in.passkey", "sign_in.passkey_added", "sign_in.passkey_removed", "sign_in.password", "sign_in.password_set"],
            (await host.ReadAsync(db => db.Audit.Where(entry => entry.Action.StartsWith("sign_in.")).Select(entry => entry.Action).ToListAsync(Cancel))).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_authenticator_that_does_not_ask_for_finger_face_or_pin_is_not_enough()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        using PageClient manager = await host.NewStaffAsync(Cancel);
        await using Visit visit = await OpenAsync(host, manager, verified: false);

        await visit.GoAsync("/account");
        await visit.Page.ClickAsync("form[data-passkey=add] button");
        await visit.Page.WaitForSelectorAsync("[data-passkey-fault]:not([hidden])");

        Assert.Equal(0, await host.ReadAsync(db => db.Passkeys.CountAsync(Cancel)));
    }

    private async Task<Visit> OpenAsync(PagesHost host, PageClient signedIn, bool verified)
    {
        // Browsers make passkeys for names only, and trust plain http for this one.
        var address = new UriBuilder(host.Address) { Host = "localhost" }.Uri;
        Visit visit = await Visit.OpenAsync(fixture, address, Look.Desk, signedIn);
        ICDPSession session = await visit.Page.Context.NewCDPSessionAsync(visit.Page);
        await session.SendAsync("WebAuthn.enable");
        await session.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2",
                ["transport"] = "internal",
                ["hasResidentKey"] = true,
                ["hasUserVerification"] = verified,
                ["isUserVerified"] = verified,
                ["automaticPresenceSimulation"] = true,
            },
        });
        return visit;
    }
}
