using System.Net;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using Microsoft.Extensions.DependencyInjection;

namespace FabLab.Booking.Tests.Pages;

public sealed class SignInPageTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_link_works_once_and_a_preview_of_it_does_not_use_it_up()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SignInLink link = (await host.Services.GetRequiredService<IOneTimeLinks>().CreateAsync(null, Cancel))!;
        using PageClient preview = host.NewClient();
        await preview.GetAsync(link.Path, Cancel);
        await preview.GetAsync(link.Path, Cancel);
        using PageClient manager = host.NewClient();
        PageAnswer landing = await manager.GetAsync(link.Path, Cancel);

        PageAnswer entered = await manager.SubmitAsync(landing, "form[action='/sign-in/link']", null, Cancel);

        Assert.Equal("/account", entered.Location!.ToString());
        PageAnswer account = await manager.FollowAsync(entered, Cancel);
        Assert.Contains("Choisir un mot de passe", account.Text, StringComparison.Ordinal);
        using PageClient late = host.NewClient();
        PageAnswer again = await late.SubmitAsync(await late.GetAsync(link.Path, Cancel), "form[action='/sign-in/link']", null, Cancel);
        Assert.Equal(HttpStatusCode.Forbidden, again.Status);
        Assert.Equal("Ce lien ne marche plus", again.TextOf("h1"));
    }

    [Fact]
    public async Task A_password_is_set_used_and_a_wrong_one_is_refused_without_saying_which_part_is_wrong()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        using PageClient manager = await host.NewStaffAsync(Cancel);
        PageAnswer account = await manager.GetAsync("/account", Cancel);
        string login = account.Document.QuerySelector("input[name=username]")!.GetAttribute("value")!;

        PageAnswer tooShort = await manager.SubmitAsync(account, "form[action='/account/password']", new Dictionary<string, string> { ["password"] = "court" }, Cancel);
        Assert.Equal("Il faut au moins 10 signes.", tooShort.TextOf("#password-error"));
        Assert.DoesNotContain("court\"", tooShort.Html, StringComparison.Ordinal);
        PageAnswer saved = await manager.SubmitAsync(tooShort, "form[action='/account/password']", new Dictionary<string, string> { ["password"] = "une phrase facile" }, Cancel);
        Assert.Contains("Le mot de passe est enregistré.", (await manager.FollowAsync(saved, Cancel)).Text, StringComparison.Ordinal);

        using PageClient other = host.NewClient();
        PageAnswer form = await other.GetAsync("/people", Cancel);
        form = await other.FollowAsync(form, Cancel);
        PageAnswer wrong = await other.SubmitAsync(form, "form[action='/sign-in']", new Dictionary<string, string> { ["name"] = login, ["password"] = "une autre phrase" }, Cancel);
        PageAnswer nobody = await other.SubmitAsync(form, "form[action='/sign-in']", new Dictionary<string, string> { ["name"] = "personne", ["password"] = "une autre phrase" }, Cancel);
        Assert.Equal(wrong.TextOf(".notice"), nobody.TextOf(".notice"));
        PageAnswer entered = await other.SubmitAsync(form, "form[action='/sign-in']", new Dictionary<string, string> { ["name"] = login, ["password"] = "une phrase facile" }, Cancel);
        Assert.Equal("/people", entered.Location!.ToString());
    }

    [Fact]
    public async Task Signing_out_ends_it()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        using PageClient manager = await host.NewStaffAsync(Cancel);

        await manager.SubmitAsync(await manager.GetAsync("/account", Cancel), "form[action='/sign-out']", null, Cancel);

        Assert.Equal(HttpStatusCode.Redirect, (await manager.GetAsync("/people", Cancel)).Status);
    }

    [Fact]
    public async Task Only_a_demonstration_says_how_to_enter_without_a_password()
    {
        await using PagesHost demo = await PagesHost.StartAsync(demo: true, Cancel);
        await using PagesHost real = await PagesHost.StartAsync(demo: false, Cancel);
        using PageClient visitor = demo.NewClient();
        using PageClient stranger = real.NewClient();

        PageAnswer open = await visitor.GetAsync("/sign-in", Cancel);
        PageAnswer shut = await stranger.GetAsync("/sign-in", Cancel);

        Assert.Contains("Ceci est une démonstration", open.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await visitor.SubmitAsync(open, "form[action='/sign-in/demo']", null, Cancel)).Status);
        Assert.DoesNotContain("démonstration", shut.Html, StringComparison.Ordinal);
        var fields = new Dictionary<string, string> { [BookingAuth.ForgeryHeader] = shut.Document.QuerySelector($"input[name='{BookingAuth.ForgeryHeader}']")!.GetAttribute("value")! };
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.PostAsync("/sign-in/demo", fields, Cancel)).Status);
    }

    [Theory]
    [InlineData("/people?q=a", "/people?q=a")]
    [InlineData("https://example.org/", "/")]
    [InlineData("//example.org", "/")]
    [InlineData("/\\example.org", "/")]
    [InlineData("/a\r\nX: y", "/")]
    [InlineData("", "/")]
    [InlineData(null, "/")]
    public void A_redirect_never_leaves_this_app(string? asked, string expected) => Assert.Equal(expected, Web.Pages.Local(asked));
}
