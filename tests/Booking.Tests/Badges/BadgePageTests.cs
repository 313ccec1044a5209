using System.Net;
using FabLab.Booking.Features.People;
using FabLab.Booking.Tests.Pages;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Tests.Badges;

public sealed class BadgePageTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lost_is_one_tap_and_undone_by_one_tap()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        PageAnswer page = await staff.GetAsync($"/people/{lab.Marc}/badges", Cancel);

        PageAnswer done = await staff.SubmitAsync(page, "form:has(input[value=Lost])", null, Cancel);
        PageAnswer after = await staff.FollowAsync(done, Cancel);

        Assert.Equal(HttpStatusCode.Redirect, done.Status);
        Assert.Contains("Le badge est déclaré perdu. Il ne marche plus.", after.Text, StringComparison.Ordinal);
        Assert.Equal(BadgeState.Lost, await StateAsync(host, lab));
        await staff.SubmitAsync(after, ".notice form", null, Cancel);
        Assert.Equal(BadgeState.Active, await StateAsync(host, lab));
    }

    [Fact]
    public async Task A_badge_that_may_be_two_peoples_is_shown_on_both_pages()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);

        PageAnswer ines = await staff.GetAsync($"/people/{lab.Ines}/badges", Cancel);
        PageAnswer marc = await staff.GetAsync($"/people/{lab.Marc}/badges", Cancel);

        Assert.Contains("Ce badge peut être le même que celui de Marc Delmas", ines.TextOf("[role=alert]"), StringComparison.Ordinal);
        Assert.Contains("Ce badge peut être le même que celui de Inès Aubry", marc.TextOf("[role=alert]"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_number_typed_on_a_French_keyboard_gives_the_badge_and_is_nowhere_on_the_page()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        PageAnswer page = await staff.GetAsync($"/people/{lab.Lou}/badges", Cancel);
        var typed = new Dictionary<string, string> { ["number"] = "à&ééààà-&qc", ["kind"] = "em-hex10" };

        PageAnswer wrong = await staff.SubmitAsync(page, "form[action$='/enrol']", typed, Cancel);
        PageAnswer right = await staff.SubmitAsync(page, "form[action$='/enrol']", new Dictionary<string, string>(typed) { ["number"] = "à&ééààà-&q" }, Cancel);
        PageAnswer twice = await staff.SubmitAsync(page, "form[action$='/enrol']", new Dictionary<string, string>(typed) { ["number"] = "012200061A" }, Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, wrong.Status);
        Assert.Contains("Vérifiez le numéro", wrong.TextOf(".wrong"), StringComparison.Ordinal);
        Assert.DoesNotContain("à&ééààà", wrong.Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, right.Status);
        Assert.Equal(HttpStatusCode.Conflict, twice.Status);
        Assert.Contains("Cette personne a déjà ce badge.", twice.TextOf(".wrong"), StringComparison.Ordinal);
        PageAnswer after = await staff.FollowAsync(right, Cancel);
        await staff.SubmitAsync(after, ".notice form", null, Cancel);
        Assert.Equal(0, await CountAsync(host, lab.Lou));
    }

    [Fact]
    public async Task A_badge_of_somebody_else_is_told_with_whose_it_is()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        PageAnswer given = await staff.SubmitAsync(
            await staff.GetAsync($"/people/{lab.Marc}/badges", Cancel), "form[action$='/enrol']", new Dictionary<string, string> { ["number"] = "em:0C000621A5" }, Cancel);
        Assert.Equal(HttpStatusCode.Redirect, given.Status);

        PageAnswer page = await staff.SubmitAsync(
            await staff.GetAsync($"/people/{lab.Lou}/badges", Cancel), "form[action$='/enrol']", new Dictionary<string, string> { ["number"] = "em:0C000621A5" }, Cancel);

        Assert.Equal(HttpStatusCode.Conflict, page.Status);
        Assert.Equal("Ce badge est déjà à Marc Delmas. Reprenez-le d’abord sur sa page.", page.TextOf(".wrong"));
    }

    [Fact]
    public async Task Enrol_waits_at_one_reader_and_can_be_stopped()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        PageAnswer page = await staff.GetAsync($"/people/{lab.Marc}/badges", Cancel);

        PageAnswer busy = await staff.SubmitAsync(page, "form[action$='/wait']", new Dictionary<string, string> { ["reader"] = "lecteur-accueil/0" }, Cancel);
        PageAnswer nonsense = await staff.SubmitAsync(page, "form[action$='/wait']", new Dictionary<string, string> { ["reader"] = "x/y/z" }, Cancel);
        PageAnswer begun = await staff.SubmitAsync(page, "form[action$='/wait']", new Dictionary<string, string> { ["reader"] = "noeud-las-1/0" }, Cancel);
        PageAnswer waits = await staff.FollowAsync(begun, Cancel);
        PageAnswer stopped = await staff.FollowAsync(await staff.SubmitAsync(waits, "form[action$='/stop']", null, Cancel), Cancel);

        Assert.Equal(HttpStatusCode.Conflict, busy.Status);
        Assert.Contains("attend déjà le badge d’une autre personne", busy.TextOf(".wrong"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, nonsense.Status);
        Assert.Equal("Touchez le lecteur avec le badge", waits.TextOf("h1"));
        Assert.Equal("every 1s", waits.Document.QuerySelector("#wait")!.GetAttribute("hx-trigger"));
        Assert.Contains("L’attente est arrêtée", stopped.Text, StringComparison.Ordinal);
        Assert.False(stopped.Document.QuerySelector("#wait")!.HasAttribute("hx-trigger"));
    }

    private static async Task<BadgeState> StateAsync(PagesHost host, SampleLab lab)
    {
        Badge? found = null;
        await host.Writer.WriteAsync(async (write, cancel) => found = await write.Db.Badges.AsNoTracking().SingleAsync(b => b.PersonId == lab.Marc, cancel), Cancel);
        return found!.State;
    }

    private static async Task<int> CountAsync(PagesHost host, Core.PersonId person)
    {
        int count = -1;
        await host.Writer.WriteAsync(async (write, cancel) => count = await write.Db.Badges.CountAsync(b => b.PersonId == person, cancel), Cancel);
        return count;
    }
}
