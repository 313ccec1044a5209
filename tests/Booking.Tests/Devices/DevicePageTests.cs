using System.Net;
using FabLab.Booking.Tests.Pages;

namespace FabLab.Booking.Tests.Devices;

public sealed class DevicePageTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Staff_bind_replace_and_withdraw_a_device_and_see_which_answer()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        PageAnswer page = await staff.GetAsync("/devices", Cancel);
        Assert.Equal("Répond", page.TextOf("[aria-labelledby=d-lecteur-accueil] .state"));
        Assert.Equal("Retiré", page.TextOf("[aria-labelledby=d-noeud-vieux] .state"));

        PageAnswer bound = await staff.FollowAsync(
            await staff.SubmitAsync(
                page, "[aria-labelledby=d-lecteur-accueil] form[action='/devices/bind']",
                new Dictionary<string, string> { ["machine"] = lab.Machines["IMP-1"].ToString(), ["role"] = "Reader", ["channel"] = "0" }, Cancel),
            Cancel);
        Assert.Contains("Le boîtier lecteur-accueil est relié à IMP-1.", bound.Text, StringComparison.Ordinal);
        PageAnswer undone = await staff.FollowAsync(await staff.SubmitAsync(bound, ".notice form", null, Cancel), Cancel);
        Assert.Contains("n’est plus relié à IMP-1", undone.Text, StringComparison.Ordinal);

        PageAnswer taken = await staff.SubmitAsync(
            undone, "[aria-labelledby=d-noeud-las-1] form[action='/devices/bind']",
            new Dictionary<string, string> { ["machine"] = lab.Machines["IMP-1"].ToString(), ["role"] = "Relay", ["channel"] = "0" }, Cancel);
        Assert.Equal(HttpStatusCode.Conflict, taken.Status);
        Assert.Contains("commande déjà une autre machine", taken.TextOf("[role=alert]"), StringComparison.Ordinal);

        PageAnswer replaced = await staff.FollowAsync(
            await staff.SubmitAsync(undone, "[aria-labelledby=d-noeud-las-1] form[action='/devices/replace']", new Dictionary<string, string> { ["by"] = "lecteur-accueil" }, Cancel), Cancel);
        Assert.Contains("Le boîtier noeud-las-1 est remplacé par lecteur-accueil.", replaced.Text, StringComparison.Ordinal);
        PageAnswer withdrawn = await staff.FollowAsync(
            await staff.SubmitAsync(replaced, "[aria-labelledby=d-noeud-las-2] form[action='/devices/withdraw']", null, Cancel), Cancel);
        Assert.Equal("Retiré", withdrawn.TextOf("[aria-labelledby=d-noeud-las-2] .state"));
        Assert.Equal(HttpStatusCode.Conflict, (await staff.SubmitAsync(replaced, "[aria-labelledby=d-noeud-las-2] form[action='/devices/withdraw']", null, Cancel)).Status);
    }
}
