using System.Net;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Ledger;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Pages;

public sealed class MachinePageTests(SharedLab shared) : IClassFixture<SharedLab>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Totals_of_today_are_the_sum_of_the_ledger_rows_of_today()
    {
        PageAnswer page = await shared.Staff.GetAsync("/machines/LAS-1", Cancel);

        // 1 837 s + 624 s of today; the use of yesterday is not in it.
        Assert.Equal(["41 min 01 s", "29 min 02 s", "410 Wh", "2"], [.. page.Document.QuerySelectorAll(".figure b").Select(b => b.TextContent.Replace('\u00a0', ' ')).Where(t => t != "0 s").OrderBy(t => Array.IndexOf(["41 min 01 s", "29 min 02 s", "410 Wh", "2"], t))]);
    }

    [Fact]
    public async Task Recent_uses_say_when_how_long_and_why_they_ended_and_to_staff_who()
    {
        using PageClient nobody = shared.Host.NewClient();

        PageAnswer open = await nobody.GetAsync("/machines/LAS-1", Cancel);
        PageAnswer staff = await shared.Staff.GetAsync("/machines/LAS-1", Cancel);

        Assert.Equal(3, open.Document.QuerySelectorAll(".uses li").Length);
        Assert.Contains("aujourd’hui à 10 h 12", open.TextOf(".uses"), StringComparison.Ordinal);
        Assert.Contains("Arrêt avec le badge.", open.TextOf(".uses"), StringComparison.Ordinal);
        Assert.DoesNotContain("Inès", open.Text, StringComparison.Ordinal);
        Assert.Contains("Inès Aubry · Enseigne du café", staff.TextOf(".uses"), StringComparison.Ordinal);
        Assert.Contains("Lou avec Inès Aubry", staff.TextOf(".uses"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_tap_says_why_and_what_to_do_next()
    {
        using PageClient nobody = shared.Host.NewClient();

        PageAnswer french = await nobody.GetAsync("/machines/LAS-1", Cancel);
        PageAnswer english = await nobody.GetAsync("/machines/LAS-1?lang=en", Cancel);

        Assert.Contains("La formation Habilitation laser niveau 1 manque.", french.TextOf(".refusals"), StringComparison.Ordinal);
        Assert.Contains("Prochaine date : le 12 mars.", french.TextOf(".refusals"), StringComparison.Ordinal);
        Assert.Contains("Laser habilitation level 1", english.TextOf(".refusals"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_refusal_says_of_a_person_is_for_staff_only()
    {
        using PageClient nobody = shared.Host.NewClient();

        PageAnswer open = await nobody.GetAsync("/machines/LAS-1", Cancel);
        PageAnswer staff = await shared.Staff.GetAsync("/machines/LAS-1", Cancel);

        Assert.Contains("Le badge n’a pas été accepté.", open.TextOf(".refusals"), StringComparison.Ordinal);
        Assert.DoesNotContain("adhésion", open.TextOf(".refusals"), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("adhésion", staff.TextOf(".refusals"), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_machine_that_was_never_used_says_so()
    {
        using PageClient nobody = shared.Host.NewClient();

        PageAnswer page = await nobody.GetAsync("/machines/CNC-1", Cancel);

        Assert.Equal(["Pas encore d’utilisation", "Aucun refus récent"], page.Document.QuerySelectorAll(".empty strong").Select(e => e.TextContent));
    }

    [Fact]
    public async Task Devices_and_lock_out_are_for_staff()
    {
        using PageClient nobody = shared.Host.NewClient();

        PageAnswer open = await nobody.GetAsync("/machines/LAS-1", Cancel);
        PageAnswer staff = await shared.Staff.GetAsync("/machines/LAS-1", Cancel);

        Assert.Empty(open.Document.QuerySelectorAll("form"));
        Assert.DoesNotContain("noeud-las-1", open.Text, StringComparison.Ordinal);
        Assert.Contains("noeud-las-1", staff.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Staff_lock_a_machine_out_and_take_it_back()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        PageAnswer page = await staff.GetAsync("/machines/IMP-2", Cancel);

        PageAnswer locked = await staff.SubmitAsync(page, "form[action$='/lock-out']", new Dictionary<string, string> { ["cause"] = "Buse <bouchée>" }, Cancel);

        Assert.Equal(HttpStatusCode.Redirect, locked.Status);
        PageAnswer after = await staff.FollowAsync(locked, Cancel);
        Assert.Contains("La machine IMP-2 est consignée.", after.TextOf(".wrap > .notice"), StringComparison.Ordinal);
        Assert.Equal("Consignée", after.TextOf(".now .state"));
        Assert.Contains("Buse <bouchée>", after.TextOf(".locked"), StringComparison.Ordinal);
        using PageClient nobody = host.NewClient();
        Assert.Contains("Buse <bouchée>", (await nobody.GetAsync("/", Cancel)).TextOf("#m-IMP-2"), StringComparison.Ordinal);

        PageAnswer undone = await staff.SubmitAsync(after, ".wrap > .notice form", null, Cancel);
        PageAnswer back = await staff.FollowAsync(undone, Cancel);
        Assert.Equal("Libre", back.TextOf(".now .state"));
        Assert.Contains("levée", back.TextOf(".wrap > .notice"), StringComparison.Ordinal);

        // The release can be taken back too: the same cause comes back.
        PageAnswer again = await staff.FollowAsync(await staff.SubmitAsync(back, ".wrap > .notice form", null, Cancel), Cancel);
        Assert.Contains("Buse <bouchée>", again.TextOf(".locked"), StringComparison.Ordinal);
        await using var scope = host.Services.CreateAsyncScope();
        var rows = await scope.ServiceProvider.GetRequiredService<BookingDbContext>().LockOuts.Where(l => l.MachineId == lab.Machines["IMP-2"]).ToListAsync(Cancel);
        Assert.Equal([true, false], rows.OrderBy(r => r.Since).Select(r => r.ReleasedAt is not null));
    }

    [Fact]
    public async Task A_notice_is_told_once()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        PageAnswer page = await staff.GetAsync("/machines/BRO-1", Cancel);

        PageAnswer released = await staff.FollowAsync(await staff.SubmitAsync(page, "form[action$='/release']", null, Cancel), Cancel);
        PageAnswer reloaded = await staff.GetAsync("/machines/BRO-1", Cancel);

        Assert.NotNull(released.Document.QuerySelector(".wrap > .notice"));
        Assert.Null(reloaded.Document.QuerySelector(".wrap > .notice"));
    }

    [Theory]
    [InlineData("", "Écrivez la cause en une phrase.")]
    [InlineData("   ", "Écrivez la cause en une phrase.")]
    [InlineData("long", "C’est trop long")]
    public async Task A_lock_out_needs_a_cause_and_the_fault_is_said_beside_the_field(string cause, string expected)
    {
        PageAnswer page = await shared.Staff.GetAsync("/machines/VIN-1", Cancel);

        PageAnswer answer = await shared.Staff.SubmitAsync(
            page, "form[action$='/lock-out']",
            new Dictionary<string, string> { ["cause"] = cause == "long" ? new string('x', 301) : cause, ["mode"] = "WhenIdle", ["rule"] = "Manager" }, Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(expected, answer.TextOf("#cause-error"), StringComparison.Ordinal);
        Assert.Equal("true", answer.Document.QuerySelector("#cause")!.GetAttribute("aria-invalid"));
        // What was chosen is still chosen.
        Assert.NotNull(answer.Document.QuerySelector("input[value=WhenIdle][checked]"));
        Assert.NotNull(answer.Document.QuerySelector("option[value=Manager][selected]"));
        Assert.Equal("Allumée", answer.TextOf(".now .state"));
    }

    [Fact]
    public async Task A_lock_out_somebody_else_made_meanwhile_is_said_and_not_doubled()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        PageAnswer page = await staff.GetAsync("/machines/IMP-2", Cancel);
        await staff.SubmitAsync(page, "form[action$='/lock-out']", new Dictionary<string, string> { ["cause"] = "Une fois" }, Cancel);

        PageAnswer second = await staff.SubmitAsync(page, "form[action$='/lock-out']", new Dictionary<string, string> { ["cause"] = "Deux fois" }, Cancel);

        Assert.Equal(HttpStatusCode.Conflict, second.Status);
        Assert.Contains("La machine est déjà consignée.", second.TextOf(".wrap > .notice"), StringComparison.Ordinal);
        Assert.Single(second.Document.QuerySelectorAll(".locked"));
    }
}
