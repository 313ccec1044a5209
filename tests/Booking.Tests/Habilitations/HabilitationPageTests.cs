using System.Net;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Habilitations.Pages;
using FabLab.Booking.Tests.Pages;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NodaTime;

namespace FabLab.Booking.Tests.Habilitations;

/// <summary>The matrix, what ends soon, the passport, the rules of a machine and the induction, as a browser without script sees them.</summary>
public sealed class HabilitationPageTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_touch_grants_and_one_more_takes_it_back()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        PageAnswer page = await staff.SubmitAsync(
            await staff.GetAsync("/habilitations", Cancel), "form[role=search]", new Dictionary<string, string> { ["q"] = "lou" }, Cancel);
        Assert.Single(page.Document.QuerySelectorAll(".matrix tbody tr"));

        PageAnswer after = await staff.FollowAsync(await TouchAsync(staff, page, "J03", "LAS-1", "autonomous"), Cancel);

        Assert.Contains("Lou : « Habilitation laser niveau 1 » est donnée", after.TextOf(".notice"), StringComparison.Ordinal);
        Assert.Contains("Autonome", Cell(after, "J03", "LAS-1").GetAttribute("aria-label"), StringComparison.Ordinal);
        // Both machines ask for the same training.
        Assert.Contains("Autonome", Cell(after, "J03", "LAS-2").GetAttribute("aria-label"), StringComparison.Ordinal);
        HabilitationAct act = (await ActsAsync(host, lab)).Last();
        Assert.Equal("Tableau des habilitations", act.Evidence);

        PageAnswer undone = await staff.FollowAsync(await staff.SubmitAsync(after, ".notice form", null, Cancel), Cancel);

        Assert.Contains("C’est annulé", undone.TextOf(".notice"), StringComparison.Ordinal);
        // The search is as it was, through the touch and through its undo.
        Assert.Equal(["lou", "lou"], new[] { after, undone }.Select(page => page.Document.QuerySelector("input[type=search]")!.GetAttribute("value")));
        Assert.Contains("pas habilité", Cell(undone, "J03", "LAS-1").GetAttribute("aria-label"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("suspend", "suspendue")]
    [InlineData("withdraw", "pas habilité·e")]
    [InlineData("trainer", "peut former")]
    [InlineData("accompanied", "accompagné")]
    public async Task Each_act_does_what_it_says(string act, string state)
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        PageAnswer page = await staff.GetAsync("/habilitations", Cancel);

        PageAnswer after = await staff.FollowAsync(await TouchAsync(staff, page, "M01", "LAS-1", act), Cancel);

        Assert.Contains(state, Cell(after, "M01", "LAS-1").GetAttribute("aria-label"), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_second_click_a_stale_page_and_nonsense_are_told_and_change_nothing()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        PageAnswer page = await staff.GetAsync("/habilitations", Cancel);
        await TouchAsync(staff, page, "J03", "LAS-1", "autonomous");
        int acts = (await ActsAsync(host, lab)).Count;

        PageAnswer twice = await TouchAsync(staff, page, "J03", "LAS-1", "autonomous");
        PageAnswer stale = await TouchAsync(staff, page, "J03", "LAS-1", "withdraw");
        PageAnswer nothing = await TouchAsync(staff, page, "M02", "CNC-1", "withdraw");
        PageAnswer nonsense = await staff.SubmitAsync(page, "form[action='/habilitations/set']", new Dictionary<string, string> { ["cell"] = "J03/XYZ/zero" }, Cancel);

        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.Conflict, HttpStatusCode.Conflict, HttpStatusCode.BadRequest), (twice.Status, stale.Status, nothing.Status, nonsense.Status));
        Assert.Contains("entre-temps", twice.TextOf(".notice"), StringComparison.Ordinal);
        Assert.Contains("entre-temps", stale.TextOf(".notice"), StringComparison.Ordinal);
        // Who was faster, with what and when.
        Assert.Contains("Habilitation donnée, par vous-même, aujourd’hui à", stale.TextOf(".notice"), StringComparison.Ordinal);
        Assert.Contains("rien à suspendre", nothing.TextOf(".notice"), StringComparison.Ordinal);
        Assert.Contains("n’a pas été comprise", nonsense.TextOf(".notice"), StringComparison.Ordinal);
        Assert.Equal(acts, (await ActsAsync(host, lab)).Count);
    }

    [Fact]
    public async Task The_matrix_filters_and_goes_on_page_by_page_without_losing_anybody()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        await SampleLab.SeedAsync(host, Cancel);
        await host.Writer.WriteAsync(
            (write, _) =>
            {
                for (int i = 0; i < 70; i++)
                    write.Db.People.Add(new Features.People.Person { Id = Core.PersonId.New(write.Now), ShortCode = $"X{i}", IsAdult = true });
                return Task.CompletedTask;
            },
            Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        string? next = "/habilitations";
        int pages = 0;
        while (next is not null && pages++ < 10)
        {
            PageAnswer page = await staff.GetAsync(next, Cancel);
            foreach (var link in page.Document.QuerySelectorAll(".matrix tbody th a[href^='/people/']"))
                Assert.True(seen.Add(link.GetAttribute("href")!));
            next = page.Document.QuerySelector("#matrix-more a")?.GetAttribute("href");
        }

        int people = await ReadAsync(host, db => db.People.CountAsync(Cancel));
        Assert.Equal((people, 3), (seen.Count, pages));
        // What a script fetches while it scrolls: fewer rows, whose cells a browser need not look through for a form's button.
        PageAnswer rows = await staff.GetAsync("/habilitations?page=1&from=5", Cancel, fragment: true);
        Assert.Equal(MatrixQueries.ScrollSize, Part(rows).QuerySelectorAll("tr th a[href^='/people/']").Length);
        Assert.Empty(Part(rows).QuerySelectorAll("button:not([type=button]), h1"));
        Assert.Equal($"/habilitations?type=&page=1&from={5 + MatrixQueries.ScrollSize}", Part(rows).QuerySelector("#matrix-more")!.GetAttribute("hx-get"));
        PageAnswer last = await staff.GetAsync($"/habilitations?from={people - 1}", Cancel, fragment: true);
        Assert.Equal((1, null), (Part(last).QuerySelectorAll("tr").Length, Part(last).QuerySelector("#matrix-more")));
        Assert.Empty(Part(await staff.GetAsync("/habilitations?from=-1", Cancel, fragment: true)).QuerySelectorAll("h1"));
        Assert.Equal(seen.Take(5), (await staff.GetAsync("/habilitations?from=50", Cancel)).Document.QuerySelectorAll(".matrix tbody th a[href^='/people/']").Take(5).Select(a => a.GetAttribute("href")));

        PageAnswer lasers = await staff.GetAsync("/habilitations?type=laser&holders=true", Cancel);
        Assert.Equal(["LAS-1", "LAS-2"], lasers.Document.QuerySelectorAll(".matrix thead a").Select(a => a.TextContent));
        Assert.Equal(2, lasers.Document.QuerySelectorAll(".matrix tbody tr").Length);
    }

    [Fact]
    public async Task What_ends_soon_is_listed_before_its_end_and_renewed_in_one_touch()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        HabilitationStanding before = await PrintingOfLouAsync(host, lab);
        PageAnswer sooner = await staff.GetAsync("/habilitations/expiring?days=30", Cancel);
        PageAnswer page = await staff.GetAsync("/habilitations/expiring?days=90", Cancel);

        Assert.Equal("Rien ne finit bientôt", sooner.TextOf(".empty strong"));
        Assert.Contains("Lou", Assert.Single(page.Document.QuerySelectorAll("tbody tr")).TextContent, StringComparison.Ordinal);
        PageAnswer after = await staff.FollowAsync(await staff.SubmitAsync(page, "form[action='/habilitations/renew']", null, Cancel), Cancel);
        PageAnswer twice = await staff.SubmitAsync(page, "form[action='/habilitations/renew']", null, Cancel);

        Assert.Contains("est renouvelée", after.TextOf(".notice"), StringComparison.Ordinal);
        HabilitationStanding renewed = await PrintingOfLouAsync(host, lab);
        Assert.True(renewed.ValidUntil > before.ValidUntil);
        Assert.Equal(before.Level, renewed.Level);
        Assert.Equal(HttpStatusCode.Conflict, twice.Status);
        await staff.SubmitAsync(after, ".notice form", null, Cancel);
        Assert.Equal(before.ValidUntil, (await PrintingOfLouAsync(host, lab)).ValidUntil);
    }

    [Fact]
    public async Task A_passport_says_what_one_may_use_every_act_and_where_to_look_today()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);

        PageAnswer page = await staff.GetAsync($"/people/{lab.Lou}/passport", Cancel);

        Assert.Contains("Passeport machines de Lou", page.TextOf("h1"), StringComparison.Ordinal);
        Assert.Contains("IMP-1", page.TextOf("tbody"), StringComparison.Ordinal);
        var acts = page.Document.QuerySelectorAll("section")[1];
        Assert.Contains("donnée, Accompagné", acts.TextContent, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Inès Aubry", acts.TextContent, StringComparison.Ordinal);
        Assert.Contains("Formation suivie, première pièce vue.", acts.TextContent, StringComparison.Ordinal);
        string path = page.Document.QuerySelector(".qr path")!.GetAttribute("d")!;
        Assert.Equal(QrPicture.Of($"{host.Address.GetLeftPart(UriPartial.Authority)}/people/{lab.Lou}/passport").Path, path);
        Assert.Equal(HttpStatusCode.NotFound, (await staff.GetAsync($"/people/{Guid.NewGuid()}/passport", Cancel)).Status);

        // What is printed is read from elsewhere: where the place has an address, it is that one.
        host.Services.GetRequiredService<IOptions<BookingOptions>>().Value.PublicAddress = "https://lab.example.org/";
        foreach (var printed in new[] { "passport", "pathway" })
        {
            page = await staff.GetAsync($"/people/{lab.Lou}/{printed}", Cancel);
            Assert.Equal(QrPicture.Of($"https://lab.example.org/people/{lab.Lou}/{printed}").Path, page.Document.QuerySelector(".qr path")!.GetAttribute("d"));
        }
    }

    [Fact]
    public async Task Rules_are_saved_and_a_fault_loses_nothing_that_was_written()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        PageAnswer page = await staff.GetAsync("/machines/LAS-1/rules", Cancel);
        var values = new Dictionary<string, string>
        {
            ["level"] = "Red", ["ageAccompanied"] = "14", ["ageAlone"] = "12", ["row1"] = lab.Printing.ToString(),
            ["option0code"] = "rotatif", ["option0fr"] = "Axe rotatif", ["option0en"] = "Rotary axis", ["option0age"] = "18",
        };

        PageAnswer wrong = await staff.SubmitAsync(page, "form[action='/machines/LAS-1/rules']", values, Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, wrong.Status);
        Assert.Contains("n’est pas plus bas", wrong.TextOf("#ageAlone-error"), StringComparison.Ordinal);
        Assert.Equal("Axe rotatif", wrong.Document.QuerySelector("[name=option0fr]")!.GetAttribute("value"));
        values["ageAlone"] = "16";
        PageAnswer saved = await staff.FollowAsync(await staff.SubmitAsync(wrong, "form[action='/machines/LAS-1/rules']", values, Cancel), Cancel);

        Assert.Contains("sont enregistrées", saved.TextOf(".notice"), StringComparison.Ordinal);
        MachineRule rule = (await ReadAsync(host, db => db.Machines.SingleAsync(m => m.Code == "LAS-1", Cancel))).Rule;
        Assert.Equal((MachineLevel.Red, 14, 16), (rule.Level, rule.AgeAccompanied, rule.AgeAlone));
        Assert.Equal([[lab.Laser], [lab.Printing]], TrainingNeeds.Rows(rule.Requirement)!);
        PageAnswer stale = await staff.SubmitAsync(page, "form[action='/machines/LAS-1/rules']", values, Cancel);
        Assert.Equal(HttpStatusCode.Conflict, stale.Status);
        Assert.Contains("Quelqu’un a changé ces règles", stale.TextOf(".notice"), StringComparison.Ordinal);

        PageAnswer fitted = await staff.FollowAsync(await staff.SubmitAsync(saved, "form[action='/machines/LAS-1/options']", null, Cancel), Cancel);
        Assert.Contains("est notée montée", fitted.TextOf(".notice"), StringComparison.Ordinal);
        await staff.SubmitAsync(fitted, ".notice form", null, Cancel);
        Assert.False((await ReadAsync(host, db => db.Machines.SingleAsync(m => m.Code == "LAS-1", Cancel))).Rule.Options.Single().Fitted);
    }

    [Fact]
    public async Task Who_is_no_trainer_is_told_so_and_a_trainer_arms_and_calls_off()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        PageAnswer refused = await staff.GetAsync("/machines/LAS-1/train", Cancel);
        Assert.Contains("il faut être formateur", refused.TextOf(".empty"), StringComparison.Ordinal);
        string me = await ReadAsync(host, async db =>
        {
            var account = await db.StaffAccounts.SingleAsync(Cancel);
            return (await db.People.SingleAsync(p => p.Id == account.Id, Cancel)).ShortCode;
        });
        PageAnswer matrix = await staff.GetAsync("/habilitations", Cancel);
        await TouchAsync(staff, matrix, me, "LAS-1", "trainer");

        PageAnswer page = await staff.GetAsync("/machines/LAS-1/train", Cancel);
        PageAnswer armed = await staff.FollowAsync(await staff.SubmitAsync(
            page, "form[action='/machines/LAS-1/train']",
            new Dictionary<string, string> { ["training"] = page.Document.QuerySelector("[name=training] option")!.GetAttribute("value")! }, Cancel), Cancel);

        Assert.Contains("Passez votre badge à LAS-1", armed.TextOf("#armed"), StringComparison.Ordinal);
        PageAnswer off = await staff.FollowAsync(await staff.SubmitAsync(armed, "form[action$='/cancel']", null, Cancel), Cancel);
        Assert.Contains("est annulée", off.TextOf(".notice"), StringComparison.Ordinal);
        Assert.Null(off.Document.QuerySelector("#armed"));
    }

    private static Task<PageAnswer> TouchAsync(PageClient staff, PageAnswer page, string person, string machine, string act) => staff.SubmitAsync(
        page, "form[action='/habilitations/set']",
        new Dictionary<string, string> { ["do"] = act, ["cell"] = Cell(page, person, machine).GetAttribute("value")! }, Cancel);

    private static AngleSharp.Dom.IElement Cell(PageAnswer page, string person, string machine) =>
        page.Document.QuerySelector($"button[name=cell][value^='{person}/{machine}/']") ?? throw new InvalidOperationException($"There is no cell {person} {machine}.");

    /// <summary>Rows alone, read as a browser reads them where they are put in: outside a table they would be dropped.</summary>
    private static AngleSharp.Dom.IDocument Part(PageAnswer rows) => new AngleSharp.Html.Parser.HtmlParser().ParseDocument($"<table>{rows.Html}</table>");

    private static async Task<T> ReadAsync<T>(PagesHost host, Func<BookingDbContext, Task<T>> read)
    {
        await using var scope = host.Services.CreateAsyncScope();
        return await read(scope.ServiceProvider.GetRequiredService<BookingDbContext>());
    }

    private static Task<List<HabilitationAct>> ActsAsync(PagesHost host, SampleLab lab) => ReadAsync(host, db => db.HabilitationActs
        .Where(a => db.Habilitations.Any(h => h.Id == a.HabilitationId && h.PersonId == lab.Lou)).OrderBy(a => a.At).ThenBy(a => a.Number).ToListAsync(Cancel));

    private static Task<HabilitationStanding> PrintingOfLouAsync(PagesHost host, SampleLab lab) => ReadAsync(
        host, async db => (await HabilitationQueries.StandingsAsync(db, null, lab.Lou, Cancel)).Single(s => s.Training == lab.Printing));
}
