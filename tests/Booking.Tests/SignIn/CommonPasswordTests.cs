using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Hosting;
using FabLab.Booking.Tests.Pages;

namespace FabLab.Booking.Tests.SignIn;

public sealed class CommonPasswordTests
{
    private static readonly string[] Context = ["Fablab des Tanneries", "Inès Aubry", "inesa", "M01"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("motdepasse")]
    [InlineData("MotDePasse2026!")]
    [InlineData("M0td3p@sse1234")]
    [InlineData("azertyuiop")]
    [InlineData("azerty123456")]
    [InlineData("Qwertyuiop1!")]
    [InlineData("1234567890")]
    [InlineData("0123456789")]
    [InlineData("aaaaaaaaaaaa")]
    [InlineData("abcdefghijkl")]
    [InlineData("chatchatchatchat")]
    [InlineData("Soleil12345!")]
    [InlineData("JeT'aime2025")]
    [InlineData("Fablab-Fablab-2026")]
    [InlineData("tanneries2026")]
    [InlineData("Ines.Aubry.85")]
    [InlineData("inèsaubry1985")]
    [InlineData("septembre2026")]
    [InlineData("Password!Password")]
    public void What_is_guessed_first_is_refused(string password) => Assert.True(CommonPasswords.Has(password, Context));

    [Theory]
    [InlineData("correct horse battery")]
    [InlineData("une phrase facile")]
    [InlineData("quatre mots sans aucun lien")]
    [InlineData("k7#Vq!pz2Lw9")]
    [InlineData("le hérisson boit du thé")]
    [InlineData("грибы растут в лесу")]
    public void What_takes_some_guessing_is_taken(string password) => Assert.False(CommonPasswords.Has(password, Context));

    [Fact]
    public void The_longest_password_is_looked_at_in_no_time()
    {
        Assert.True(CommonPasswords.Has(new string('a', OwnAccount.MaxPassword), Context));
        Assert.False(CommonPasswords.Has(string.Concat(Enumerable.Range(0, OwnAccount.MaxPassword / 2).Select(i => $"{(char)('a' + (i * 7 % 26))}{(char)('a' + (i * i % 26))}")), Context));
    }

    [Fact]
    public async Task The_page_says_why_and_what_to_take_instead_and_the_api_has_a_code_for_it()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        PageAnswer account = await staff.GetAsync("/account", Cancel);

        PageAnswer refused = await staff.SubmitAsync(account, "form[action='/account/password']", new Dictionary<string, string> { ["password"] = "Tanneries-2026" }, Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains("trop facile à deviner", refused.Text, StringComparison.Ordinal);
        Assert.Contains("Quatre mots sans lien", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_api_refuses_it_with_a_code_of_its_own()
    {
        await using var host = await BookingHost.StartAsync();
        await SmallLab.InAsync(host);
        using var manager = await host.StaffBrowserAsync("g01");

        using var answer = await manager.PutAsJsonAsync("api/v1/account/password", new { password = "motdepasse2026" }, Cancel);

        Assert.Equal("password_common", (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("code").GetString());
    }
}
