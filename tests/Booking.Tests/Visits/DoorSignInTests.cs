using System.Net;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Hosting;
using FabLab.Booking.Tests.Pages;
using FabLab.Core;
using FabLab.Testing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Tests.Visits;

/// <summary>The way in on one's own phone that the kiosk shows after a badge: for whom, how long, and what it does not open.</summary>
public sealed class DoorSignInTests
{
    private static readonly Dictionary<string, string?> Public = new() { ["Booking:PublicAddress"] = "https://lab.example.org" };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_a_badge_the_screen_shows_a_code_that_signs_a_member_in_once_and_changes_no_way_in()
    {
        await using var host = await BookingHost.StartAsync(settings: Public);
        var (small, door) = await StartAsync(host);
        await using var _ = door;
        using var screen = door.Browser();
        using var phone = new PageClient(host.Address);

        var hello = await BadgeAsync(screen);
        var shown = await screen.SubmitAsync(hello, "form[action$='/phone']", null, Cancel);
        var code = shown.TextOf(".door-code");
        var entered = await SignInAsync(phone, code);
        var again = await SignInAsync(new PageClient(host.Address), code);

        Assert.NotNull(shown.Document.QuerySelector(".door-qr path"));
        Assert.Contains("https://lab.example.org/sign-in/short-code", shown.Text, StringComparison.Ordinal);
        Assert.Equal($"/people/{small.Ada}", entered.Location!.ToString());
        Assert.Equal(HttpStatusCode.Forbidden, again.Status);
        Assert.Equal(Role.Member, await host.ReadAsync(db => db.StaffAccounts.Where(a => a.Id == small.Ada).Select(a => a.Role).SingleAsync(Cancel)));
        Assert.Equal(SignInWay.Door, await host.ReadAsync(db => db.StaffSessions.Where(s => s.AccountId == small.Ada).Select(s => s.Way).SingleAsync(Cancel)));

        // A copied badge must not become an account for good.
        var account = await phone.GetAsync("/account", Cancel);
        Assert.Contains("code de la borne", account.Text, StringComparison.Ordinal);
        Assert.Null(account.Document.QuerySelector("form[action='/account/password'], form[data-passkey], form[action='/account/totp']"));
        var token = account.Document.QuerySelector("form[action='/sign-out'] input")!;
        await phone.PostAsync("/account/password", new Dictionary<string, string> { [token.GetAttribute("name")!] = token.GetAttribute("value")!, ["password"] = "quatre mots sans lien" }, Cancel);
        Assert.Null(await host.ReadAsync(db => db.StaffAccounts.Where(a => a.Id == small.Ada).Select(a => a.PasswordHash).SingleAsync(Cancel)));

        // Nor may it take away what the member has made safe elsewhere meanwhile.
        var passkey = Guid.NewGuid();
        await host.WriteAsync(write => write.Db.Passkeys.Add(new Passkey
        {
            Id = passkey, CredentialId = [1], AccountId = small.Ada, PublicKey = [2], Transports = "", AttestationObject = [3], ClientDataJson = [4], CreatedAt = write.Now,
        }));
        Assert.Null((await phone.GetAsync("/account", Cancel)).Document.QuerySelector("form[action='/account/passkeys/remove']"));
        await phone.PostAsync("/account/passkeys/remove", new Dictionary<string, string> { [token.GetAttribute("name")!] = token.GetAttribute("value")!, ["id"] = passkey.ToString() }, Cancel);
        Assert.True(await host.ReadAsync(db => db.Passkeys.AnyAsync(p => p.Id == passkey, Cancel)));

        string[] acts = await host.ReadAsync(db => db.Audit.Where(e => e.Action.StartsWith("sign_in.") || e.Action.StartsWith("account.")).Select(e => e.Action).ToArrayAsync(Cancel));
        Assert.Equal(["account.opened", "sign_in.door", "sign_in.given_at_door"], acts.Intersect(["account.opened", "sign_in.door", "sign_in.given_at_door"]).Order());
    }

    [Fact]
    public async Task The_code_is_good_for_five_minutes()
    {
        await using var host = await BookingHost.StartAsync(settings: Public);
        var (_, door) = await StartAsync(host);
        await using var started = door;
        using var screen = door.Browser();
        var shown = await screen.SubmitAsync(await BadgeAsync(screen), "form[action$='/phone']", null, Cancel);

        host.Time.Leap(Duration.FromMinutes(5));

        Assert.Equal(HttpStatusCode.Forbidden, (await SignInAsync(new PageClient(host.Address), shown.TextOf(".door-code"))).Status);
    }

    [Fact]
    public async Task What_others_may_know_offers_no_code()
    {
        await using var host = await BookingHost.StartAsync(settings: Public);
        var (small, door) = await StartAsync(host);
        await using var started = door;
        using var screen = door.Browser();
        string code = await host.ReadAsync(db => db.People.Where(p => p.Id == small.Ada).Select(p => p.ShortCode).SingleAsync(Cancel));
        string qr = Contracts.DoorCodes.QrOf(Core.Badges.BadgeKeyRing.KeyOf(await File.ReadAllTextAsync(Path.Combine(host.Folder, "badge.key"), Cancel)), small.Ada);

        var byCode = await BadgeAsync(screen, code);
        var byQr = await BadgeAsync(screen, qr);
        // The number that is printed on the badge, typed on the screen.
        var typed = await screen.FollowAsync(await screen.PostAsync("/code", new Dictionary<string, string> { ["typed"] = DoorHost.AdasBadge, ["key"] = "done" }, Cancel), Cancel);

        foreach (var hello in new[] { byCode, byQr, typed })
        {
            Assert.Contains("Bonjour", hello.TextOf("h1"), StringComparison.Ordinal);
            Assert.Null(hello.Document.QuerySelector("form[action$='/phone']"));
            var token = hello.Document.QuerySelector("form[action^='/hello/']")!.GetAttribute("action")!.Split('/')[2];
            Assert.Equal(HttpStatusCode.Gone, (await screen.PostAsync($"/hello/{token}/phone", [], Cancel)).Status);
        }
        Assert.False(await host.ReadAsync(db => db.OneTimeLinks.AnyAsync(link => link.AccountId == small.Ada, Cancel)));
    }

    [Fact]
    public async Task Who_has_a_role_or_a_second_factor_gets_none_and_none_that_was_given_before_works()
    {
        await using var host = await BookingHost.StartAsync(settings: Public);
        var (small, door) = await StartAsync(host);
        await using var started = door;
        using var screen = door.Browser();
        var early = await screen.SubmitAsync(await BadgeAsync(screen), "form[action$='/phone']", null, Cancel);

        await SetAsync(host, small.Ada, account => account.TotpOn = true);
        var second = await screen.SubmitAsync(await BadgeAsync(screen), "form[action$='/phone']", null, Cancel);
        await SetAsync(host, small.Ada, account => (account.TotpOn, account.Role) = (false, Role.Member | Role.FrontDesk));
        var team = await screen.SubmitAsync(await BadgeAsync(screen), "form[action$='/phone']", null, Cancel);

        foreach (var refused in new[] { second, team })
        {
            Assert.Contains("La borne ne donne pas de code", refused.TextOf(".lead"), StringComparison.Ordinal);
            Assert.Null(refused.Document.QuerySelector(".door-code"));
        }
        Assert.Equal(HttpStatusCode.Forbidden, (await SignInAsync(new PageClient(host.Address), early.TextOf(".door-code"))).Status);
    }

    [Fact]
    public async Task With_the_line_cut_it_says_that_it_is_not_possible_and_a_badge_that_is_off_or_asked_too_often_gets_none()
    {
        await using var host = await BookingHost.StartAsync(settings: Public);
        var (small, door) = await StartAsync(host);
        await using var started = door;
        using var screen = door.Browser();
        var hello = await BadgeAsync(screen);
        door.Line.Cut = true;
        var cut = await screen.SubmitAsync(hello, "form[action$='/phone']", null, Cancel);
        door.Line.Cut = false;

        Assert.Contains("Internet ne marche pas", cut.TextOf(".lead"), StringComparison.Ordinal);
        for (var i = 0; i < GiveAccessAtDoor.MostForOne; i++)
            Assert.NotNull((await screen.SubmitAsync(hello, "form[action$='/phone']", null, Cancel)).Document.QuerySelector(".door-code"));
        Assert.Contains("Attendez 10 minutes", (await screen.SubmitAsync(hello, "form[action$='/phone']", null, Cancel)).TextOf(".lead"), StringComparison.Ordinal);

        await host.Writer.WriteAsync((write, cancel) => write.Db.Badges.Where(b => b.PersonId == small.Ada).ExecuteUpdateAsync(set => set.SetProperty(b => b.State, Core.Policy.BadgeState.Lost), cancel), Cancel);
        host.Time.Leap(Duration.FromMinutes(10));
        // The kiosk has not looked yet: Booking does not take its word.
        var lost = await screen.SubmitAsync(await BadgeAsync(screen), "form[action$='/phone']", null, Cancel);
        Assert.Null(lost.Document.QuerySelector(".door-code"));
    }

    private static async Task<(SmallLab Small, DoorHost Door)> StartAsync(BookingHost host)
    {
        var small = await SmallLab.InAsync(host);
        await DoorHost.EnrolAsync(host, small.Ada, small.Manager);
        var door = await DoorHost.StartAsync(host);
        await door.FetchAsync();
        return (small, door);
    }

    private static async Task<PageAnswer> BadgeAsync(PageClient screen, string typed = DoorHost.AdasBadge) =>
        await screen.FollowAsync(await screen.PostAsync("/read", new Dictionary<string, string> { ["text"] = typed }, Cancel), Cancel);

    private static async Task<PageAnswer> SignInAsync(PageClient phone, string code) =>
        await phone.SubmitAsync(await phone.GetAsync("/sign-in/short-code", Cancel), "form[action='/sign-in/short-code']", new Dictionary<string, string> { ["code"] = code }, Cancel);

    private static Task SetAsync(BookingHost host, PersonId person, Action<StaffAccount> set) => host.Writer.WriteAsync(
        async (write, cancel) => set(await write.Db.StaffAccounts.SingleAsync(account => account.Id == person, cancel)), Cancel);
}
