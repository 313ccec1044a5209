using System.Net;
using FabLab.Booking.Data;
using FabLab.Booking.Features;
using FabLab.Booking.Features.Minors;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Privacy;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Hosting;
using FabLab.Booking.Tests.Pages;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Minors;

public sealed class MinorPageTests(SharedLab shared) : IClassFixture<SharedLab>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_team_notes_grown_ups_and_consents_and_can_take_each_back()
    {
        var minor = await NewMinorAsync(shared.Host, "Nino", Cancel);
        var path = $"/people/{minor}/minor";
        PageAnswer page = await shared.Staff.GetAsync(path, Cancel);
        Assert.Contains("Manque : Participer aux activités", page.Text, StringComparison.Ordinal);
        Assert.Contains("Manque : Soins en cas d’urgence", page.Text, StringComparison.Ordinal);
        Assert.Contains("Date de naissance : 12 mars 2012", page.Text, StringComparison.Ordinal);

        await PostAsync(page, path + "/contacts", new() { ["name"] = "Salomé Roux", ["phone"] = "06 00 00 00 00", ["guardian"] = "true", ["fetch"] = "true", ["call"] = "true" });
        page = await shared.Staff.GetAsync(path, Cancel);
        Assert.Contains("Salomé Roux est noté·e.", page.Text, StringComparison.Ordinal);
        Assert.Contains("à prévenir en premier · responsable légal·e · peut venir chercher", page.Text, StringComparison.Ordinal);
        await PostAsync(page, path + "/consents", new() { ["kind"] = "TakePart", ["by"] = "Salomé Roux", ["on"] = "2026-03-01", ["until"] = "" });
        page = await shared.Staff.GetAsync(path, Cancel);
        Assert.Contains("Donnée par Salomé Roux, 1er mars 2026. Jusqu’au 1er mars 2027.", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Manque : Participer", page.Text, StringComparison.Ordinal);
        await PostAsync(page, path, new() { ["version"] = "0", ["alone"] = "yes" });
        page = await shared.Staff.GetAsync(path, Cancel);
        Assert.Equal("yes", page.Document.QuerySelector("#alone option[selected]")!.GetAttribute("value"));

        // Taken away, and back by one press.
        await shared.Staff.SubmitAsync(page, $"form[action='{path}/contacts/remove']", null, Cancel);
        page = await shared.Staff.GetAsync(path, Cancel);
        Assert.Contains("Aucun adulte n’est noté", page.Text, StringComparison.Ordinal);
        await shared.Staff.SubmitAsync(page, $".notice form[action='{path}/contacts']", null, Cancel);
        page = await shared.Staff.GetAsync(path, Cancel);
        Assert.Contains("06 00 00 00 00", page.Text, StringComparison.Ordinal);
        await shared.Staff.SubmitAsync(page, $"form[action='{path}/consents/withdraw']", null, Cancel);
        page = await shared.Staff.GetAsync(path, Cancel);
        Assert.Contains("Manque : Participer", page.Text, StringComparison.Ordinal);
        await shared.Staff.SubmitAsync(page, $".notice form[action='{path}/consents/restore']", null, Cancel);
        Assert.DoesNotContain("Manque : Participer", (await shared.Staff.GetAsync(path, Cancel)).Text, StringComparison.Ordinal);

        // Photos for one use, with its own end.
        await PostAsync(page, path + "/consents", new() { ["kind"] = "Photo", ["use"] = "le journal du quartier", ["by"] = "Salomé Roux", ["on"] = "2026-03-01", ["until"] = "2026-06-30" });
        page = await shared.Staff.GetAsync(path, Cancel);
        Assert.Contains("le journal du quartier", page.TextOf("#consents + ul"), StringComparison.Ordinal);
        Assert.Contains("Jusqu’au 30 juin 2026.", page.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("contacts", "name", "", "Écrivez un nom")]
    [InlineData("contacts", "name", "300", "Écrivez un nom")]
    [InlineData("contacts", "call", "true", "il faut un numéro de téléphone")]
    [InlineData("contacts", "name", "Sans case", "Cochez au moins une case")]
    [InlineData("consents", "kind", "Photo", "à quoi serviront les photos")]
    [InlineData("consents", "by", "", "Écrivez un nom")]
    [InlineData("consents", "on", "2031-01-01", "cinq dernières années")]
    [InlineData("consents", "on", "hier", "cinq dernières années")]
    [InlineData("consents", "until", "2020-01-01", "après le début")]
    [InlineData("consents", "until", "plus tard", "après le début")]
    public async Task A_bad_form_comes_back_with_what_was_written_and_one_sentence(string form, string field, string value, string says)
    {
        var minor = await NewMinorAsync(shared.Host, "Mina", Cancel);
        var path = $"/people/{minor}/minor";
        PageAnswer page = await shared.Staff.GetAsync(path, Cancel);
        Dictionary<string, string> fields = form == "contacts" ? new() { ["name"] = "Un adulte" } : new() { ["kind"] = "Care", ["by"] = "Une adulte", ["on"] = "2026-03-01" };
        fields[field] = value == "300" ? new string('é', 300) : value;

        PageAnswer answer = await PostAsync(page, $"{path}/{form}", fields);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(says, answer.Text, StringComparison.Ordinal);
        if (form == "consents" && field != "by")
            Assert.Equal("Une adulte", answer.Document.QuerySelector("#by")!.GetAttribute("value"));
        Assert.Contains("Aucun", (await shared.Staff.GetAsync(path, Cancel)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_an_adult_nothing_is_kept_and_a_stale_form_is_told()
    {
        PageAnswer adult = await shared.Staff.GetAsync($"/people/{shared.Lab.Ines}/minor", Cancel);
        Assert.Contains("Cette personne est majeure", adult.Text, StringComparison.Ordinal);
        var handler = shared.Host.Services.GetRequiredService<KeepMinor>();
        var by = await ManagerAsync(shared.Host, Cancel);
        Assert.Equal("is_adult", (await handler.AddContactAsync(shared.Lab.Ines, new NewContact("Un adulte", IsGuardian: true), by, Cancel)).Refusal?.Code);

        var minor = await NewMinorAsync(shared.Host, "Nour", Cancel);
        Assert.True((await handler.SetLeaveAloneAsync(minor, new LeaveAloneChange(0, true), by, Cancel)).Done);
        PageAnswer page = await shared.Staff.GetAsync($"/people/{minor}/minor", Cancel);
        PageAnswer stale = await PostAsync(page, $"/people/{minor}/minor", new() { ["version"] = "0", ["alone"] = "no" });
        Assert.Equal(HttpStatusCode.Conflict, stale.Status);
        Assert.Contains("Quelqu’un a changé cette page", stale.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_the_eighteenth_birthday_all_of_it_is_erased_by_itself()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var handler = host.Services.GetRequiredService<KeepMinor>();
        var lou = (await host.Services.GetRequiredService<AddPerson>().HandleAsync(new NewPerson(BirthDate: new LocalDate(2008, 3, 12)), lab.Manager, Cancel)).Value.Id;
        await handler.SetLeaveAloneAsync(lou, new LeaveAloneChange(0, true), lab.Manager, Cancel);
        await handler.AddContactAsync(lou, new NewContact("Un adulte", "06", CallFirst: true), lab.Manager, Cancel);
        await handler.AddConsentAsync(lou, new NewConsent(ConsentKind.Photo, "Un adulte", Use: "affiche"), lab.Manager, Cancel);
        var keeper = host.Services.GetRequiredService<Keeper>();

        await host.Writer.WriteAsync(keeper.RoundAsync, Cancel);
        Assert.Equal(3, await CountAsync());
        host.Time.Leap(Duration.FromDays(2));
        await host.Writer.WriteAsync(keeper.RoundAsync, Cancel);

        Assert.Equal(0, await CountAsync());
        // What the audit keeps of it names no grown-up.
        Assert.DoesNotContain(await host.ReadAsync(db => db.AuditValues.Select(value => value.Detail).ToListAsync(Cancel)), detail => detail?.Contains("adulte", StringComparison.Ordinal) == true);

        Task<int> CountAsync() => host.ReadAsync(async db => await db.MinorSheets.CountAsync(Cancel) + await db.MinorContacts.CountAsync(Cancel) + await db.MinorConsents.CountAsync(Cancel));
    }

    /// <summary>Somebody under 18 with a grown-up and two consents, and somebody erased: for pictures.</summary>
    public static async Task<(PersonId Minor, Guid Receipt)> SeedAsync(PagesHost host, SampleLab lab, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(lab);
        var minor = await NewMinorAsync(host, "Nino", cancellationToken);
        var by = await ManagerAsync(host, cancellationToken);
        var keep = host.Services.GetRequiredService<KeepMinor>();
        await keep.AddContactAsync(minor, new NewContact("Salomé Roux", "06 00 00 00 00", IsGuardian: true, MayFetch: true, CallFirst: true), by, cancellationToken);
        await keep.AddConsentAsync(minor, new NewConsent(ConsentKind.TakePart, "Salomé Roux"), by, cancellationToken);
        await keep.AddConsentAsync(minor, new NewConsent(ConsentKind.Photo, "Salomé Roux", Use: "affiche de la porte ouverte"), by, cancellationToken);
        var gone = await NewMinorAsync(host, "Parti", cancellationToken);
        var code = await CodeAsync(host, gone, cancellationToken);
        var erased = await host.Services.GetRequiredService<ErasePerson>().HandleAsync(gone, new ErasureRequest(code), by, cancellationToken);
        return (minor, erased.Value.Receipt);
    }

    public static async Task<PersonId> NewMinorAsync(PagesHost host, string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(host);
        return (await host.Services.GetRequiredService<AddPerson>().HandleAsync(
            new NewPerson(DisplayName: name, BirthDate: new LocalDate(2012, 3, 12)), await ManagerAsync(host, cancellationToken), cancellationToken)).Value.Id;
    }

    public static async Task<StaffActor> ManagerAsync(PagesHost host, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(host);
        await using var db = await host.Services.GetRequiredService<IDbContextFactory<BookingDbContext>>().CreateDbContextAsync(cancellationToken);
        return new StaffActor((await db.StaffAccounts.FirstAsync(account => account.Role == Role.Manager, cancellationToken)).Id, Role.Manager);
    }

    private static async Task<string> CodeAsync(PagesHost host, PersonId person, CancellationToken cancellationToken)
    {
        await using var db = await host.Services.GetRequiredService<IDbContextFactory<BookingDbContext>>().CreateDbContextAsync(cancellationToken);
        return await db.People.Where(p => p.Id == person).Select(p => p.ShortCode).SingleAsync(cancellationToken);
    }

    private Task<PageAnswer> PostAsync(PageAnswer page, string action, Dictionary<string, string> fields) =>
        shared.Staff.SubmitAsync(page, $"form[action='{action}']", fields, Cancel);
}
