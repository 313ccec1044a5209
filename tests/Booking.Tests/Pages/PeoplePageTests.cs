using System.Net;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Messages;
using FabLab.Booking.Features.People;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace FabLab.Booking.Tests.Pages;

public sealed class PeoplePageTests(SharedLab shared) : IClassFixture<SharedLab>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("inès", "Inès Aubry")]
    [InlineData("INES a", "Inès Aubry")]
    [InlineData("m02", "Marc Delmas")]
    [InlineData(" lou ", "Lou")]
    public async Task Somebody_is_found_by_a_part_of_the_name_or_the_short_code(string search, string expected)
    {
        PageAnswer page = await SearchAsync(search);

        Assert.Equal(expected, Assert.Single(page.Document.QuerySelectorAll("tbody th a")).TextContent);
    }

    [Theory]
    [InlineData("zzz")]
    [InlineData("%")]
    [InlineData("<b>'; DROP TABLE person")]
    public async Task A_search_without_a_result_says_so(string search)
    {
        PageAnswer page = await SearchAsync(search);

        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains(search, page.TextOf(".empty"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("محمد العربي")]
    [InlineData("山田 太郎")]
    [InlineData("Zoë O’Connor-Đặng")]
    [InlineData("<b>Léa</b>")]
    public async Task A_name_in_any_script_is_registered_and_found_as_it_was_written(string name)
    {
        PageAnswer form = await shared.Staff.GetAsync("/people/new", Cancel);

        PageAnswer added = await shared.Staff.FollowAsync(
            await shared.Staff.SubmitAsync(form, "form[action='/people/new']", new Dictionary<string, string> { ["name"] = $"  {name} " }, Cancel), Cancel);

        Assert.Contains(name, added.TextOf("h1") + added.Text, StringComparison.Ordinal);
        Assert.Equal(name, (await SearchAsync(name)).TextOf("tbody th a"));
    }

    [Fact]
    public async Task A_name_of_three_hundred_letters_and_a_day_that_is_none_come_back_with_one_sentence_and_nothing_is_lost()
    {
        PageAnswer form = await shared.Staff.GetAsync("/people/new", Cancel);
        string name = new('é', 300);

        PageAnswer tooLong = await SendAsync(new() { ["name"] = name, ["code"] = "LONG1" });
        PageAnswer noDay = await SendAsync(new() { ["name"] = "Une personne", ["age"] = "minor", ["birth"] = "31/02/2012" });
        PageAnswer never = await SendAsync(new() { ["name"] = "Une personne", ["age"] = "minor", ["birth"] = "2190-01-01" });

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (tooLong.Status, noDay.Status, never.Status));
        Assert.Contains("Ce nom est trop long.", tooLong.TextOf("#name-error"), StringComparison.Ordinal);
        Assert.Equal((name, "LONG1"), (tooLong.Document.QuerySelector("#name")!.GetAttribute("value"), tooLong.Document.QuerySelector("#code")!.GetAttribute("value")));
        Assert.All([noDay, never], page => Assert.Contains("Cette date de naissance ne peut pas être.", page.TextOf("#birth-error"), StringComparison.Ordinal));
        Assert.Equal("Une personne", noDay.Document.QuerySelector("#name")!.GetAttribute("value"));
        Assert.Equal(0, await shared.Host.ReadAsync(db => db.People.CountAsync(p => p.ShortCode == "LONG1" || p.DisplayName == "Une personne", Cancel)));

        Task<PageAnswer> SendAsync(Dictionary<string, string> values) => shared.Staff.SubmitAsync(form, "form[action='/people/new']", values, Cancel);
    }

    [Fact]
    public async Task A_person_reads_what_they_may_use_what_is_missing_and_the_next_step()
    {
        PageAnswer page = await shared.Staff.GetAsync($"/people/{shared.Lab.Ines}", Cancel);

        var groups = page.Document.QuerySelectorAll(".rights > li");
        Assert.Equal("Oui", groups[0].QuerySelector(".state")!.TextContent.Trim());
        Assert.Contains("LAS-1", groups[0].TextContent, StringComparison.Ordinal);
        Assert.Contains(groups, g => g.TextContent.Contains("BRO-1", StringComparison.Ordinal) && g.TextContent.Contains("consignée", StringComparison.Ordinal));
        PageAnswer ended = await shared.Staff.GetAsync($"/people/{shared.Lab.Marc}", Cancel);
        Assert.Contains("adhésion", ended.TextOf(".rights"), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Time_per_project_adds_up_to_its_total()
    {
        PageAnswer page = await shared.Staff.GetAsync($"/people/{shared.Lab.Ines}", Cancel);

        string[] Cells(string row) => [.. page.Document.QuerySelectorAll(row + " > *").Select(cell => cell.TextContent.Replace('\u00a0', ' '))];
        Assert.Equal(["Bibliothèque de rue", "0 s", "0 s", "6 h 00 min 00 s", "5 h 49 min 00 s", "Enseigne du café", "0 s", "0 s", "30 min 37 s", "21 min 02 s"], Cells("tbody tr"));
        Assert.Equal(["Total", "0 s", "0 s", "6 h 30 min 37 s", "6 h 10 min 02 s"], Cells("tfoot tr"));
    }

    [Fact]
    public async Task A_person_without_anything_yet_is_told_how_to_begin()
    {
        PageAnswer page = await shared.Staff.GetAsync($"/people/{shared.Lab.Marc}", Cancel);

        Assert.Contains("Une formation donne une habilitation.", page.TextOf(".empty"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_grant_opens_the_machines_and_can_be_taken_back()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        PageAnswer before = await staff.GetAsync($"/people/{lab.Lou}", Cancel);

        PageAnswer done = await staff.SubmitAsync(
            before, "form[action$='/grant']",
            new Dictionary<string, string> { ["training"] = lab.Laser.ToString(), ["level"] = nameof(HabilitationLevel.Autonomous), ["evidence"] = "Formation du 10 mars" }, Cancel);
        PageAnswer after = await staff.FollowAsync(done, Cancel);

        Assert.Contains("L’habilitation « Habilitation laser niveau 1 » est donnée.", after.TextOf(".notice"), StringComparison.Ordinal);
        Assert.Equal(2, after.Document.QuerySelectorAll(".habilitations li").Length);
        HabilitationStanding laser = await StandingAsync(host, lab, cancel: Cancel);
        Assert.Equal(HabilitationLevel.Autonomous, laser.Level);

        PageAnswer undone = await staff.FollowAsync(await staff.SubmitAsync(after, ".notice form", null, Cancel), Cancel);
        Assert.Single(undone.Document.QuerySelectorAll(".habilitations li"));
        Assert.Equal(HabilitationLevel.None, (await StandingAsync(host, lab, cancel: Cancel)).Level);
    }

    [Fact]
    public async Task The_front_desk_notes_a_mail_address_and_takes_it_back()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        string form = $"form[action='/people/{lab.Ines}/contact']";
        PageAnswer page = await staff.GetAsync($"/people/{lab.Ines}", Cancel);

        PageAnswer wrong = await staff.SubmitAsync(page, form, new Dictionary<string, string> { ["email"] = "ines chez exemple" }, Cancel);
        Assert.Equal(MessageText.EmailWrong.French, wrong.TextOf("#email-error"));
        Assert.Equal("ines chez exemple", wrong.Document.QuerySelector("#email")!.GetAttribute("value"));
        PageAnswer missing = await staff.SubmitAsync(page, form, new Dictionary<string, string> { ["consent"] = "on" }, Cancel);
        Assert.Equal(MessageText.EmailMissing.French, missing.TextOf("#email-error"));
        PageAnswer saved = await staff.FollowAsync(await staff.SubmitAsync(page, form, new Dictionary<string, string> { ["email"] = "ines@example.org", ["consent"] = "on" }, Cancel), Cancel);
        Assert.Contains("L’adresse est enregistrée.", saved.Text, StringComparison.Ordinal);
        Person noted = await host.ReadAsync(db => db.People.SingleAsync(p => p.Id == lab.Ines, Cancel));
        Assert.Equal(("ines@example.org", true), (noted.Email, noted.MailConsentAt is not null));
        Assert.Equal(HttpStatusCode.Conflict, (await staff.SubmitAsync(page, form, new Dictionary<string, string> { ["email"] = "autre@example.org" }, Cancel)).Status);

        await staff.SubmitAsync(saved, ".notice form, form.notice", null, Cancel);
        Person before = await host.ReadAsync(db => db.People.SingleAsync(p => p.Id == lab.Ines, Cancel));
        Assert.Equal((null, null), (before.Email, before.MailConsentAt));
    }

    [Fact]
    public async Task A_withdrawal_can_be_taken_back_with_the_same_level_and_end()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        HabilitationStanding before = await StandingAsync(host, lab, printing: true, Cancel);
        PageAnswer page = await staff.GetAsync($"/people/{lab.Lou}", Cancel);

        PageAnswer after = await staff.FollowAsync(
            await staff.SubmitAsync(page, "form[action$='/withdraw']", new Dictionary<string, string> { ["evidence"] = "À revoir" }, Cancel), Cancel);

        Assert.Empty(after.Document.QuerySelectorAll(".habilitations li"));
        Assert.Equal(HabilitationLevel.None, (await StandingAsync(host, lab, printing: true, Cancel)).Level);
        await staff.SubmitAsync(after, ".notice form", null, Cancel);
        HabilitationStanding restored = await StandingAsync(host, lab, printing: true, Cancel);
        Assert.Equal((before.Level, before.ValidFrom, before.ValidUntil), (restored.Level, restored.ValidFrom, restored.ValidUntil));
        // Nothing was rewritten: the three acts are all there.
        Assert.Equal(3, restored.LastAct);
    }

    [Fact]
    public async Task A_withdrawal_on_an_old_page_is_refused_in_words()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        PageAnswer page = await staff.GetAsync($"/people/{lab.Lou}", Cancel);
        await staff.SubmitAsync(page, "form[action$='/withdraw']", new Dictionary<string, string> { ["evidence"] = "Une fois" }, Cancel);

        PageAnswer second = await staff.SubmitAsync(page, "form[action$='/withdraw']", new Dictionary<string, string> { ["evidence"] = "Deux fois" }, Cancel);

        Assert.Equal(HttpStatusCode.Conflict, second.Status);
        Assert.Contains("Quelqu’un a changé cette habilitation", second.TextOf(".notice"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("training", "", "Choisissez une formation")]
    [InlineData("training", "nonsense", "Choisissez une formation")]
    [InlineData("evidence", " ", "Écrivez sur quelle base")]
    public async Task A_grant_with_a_fault_says_it_beside_the_field(string field, string value, string expected)
    {
        PageAnswer page = await shared.Staff.GetAsync($"/people/{shared.Lab.Marc}", Cancel);
        var values = new Dictionary<string, string> { ["training"] = shared.Lab.Laser.ToString(), ["evidence"] = "Vu", [field] = value };

        PageAnswer answer = await shared.Staff.SubmitAsync(page, "form[action$='/grant']", values, Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(expected, answer.TextOf($"#{field}-error"), StringComparison.Ordinal);
    }

    private static async Task<HabilitationStanding> StandingAsync(PagesHost host, SampleLab lab, bool printing = false, CancellationToken cancel = default)
    {
        await using var scope = host.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BookingDbContext>();
        var training = printing ? lab.Printing : lab.Laser;
        return (await HabilitationQueries.StandingsAsync(db, null, lab.Lou, cancel)).Single(s => s.Training == training);
    }

    [Fact]
    public async Task What_is_searched_for_never_stands_in_an_address()
    {
        PageAnswer page = await shared.Staff.GetAsync("/people", Cancel);

        var form = page.Document.QuerySelector("form.search")!;
        Assert.Equal("post", form.GetAttribute("method"));
        Assert.All(form.QuerySelectorAll("*"), element => Assert.False(element.HasAttribute("hx-get") || element.HasAttribute("hx-push-url")));
    }

    private async Task<PageAnswer> SearchAsync(string search) => await shared.Staff.SubmitAsync(
        await shared.Staff.GetAsync("/people", Cancel), "form.search", new Dictionary<string, string> { ["q"] = search }, Cancel);
}
