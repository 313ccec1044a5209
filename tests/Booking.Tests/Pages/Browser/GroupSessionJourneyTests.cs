using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Minors;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Programmes;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using NodaTime;

namespace FabLab.Booking.Tests.Pages.Browser;

/// <summary>A mentor with a phone among young people.</summary>
public sealed class GroupSessionJourneyTests(BrowserFixture browser)
{
    private static readonly string[] Names = ["Awa", "Bilal", "Chloé", "Denis", "Emma", "Farid", "Gaëlle", "Hugo", "Inaya", "Jules"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mentors_Wednesday_with_ten_young_people_and_three_machines_from_the_list_to_the_funders_report()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        await SampleLab.SeedAsync(host, Cancel);
        (PersonId mentor, List<PersonId> young, Guid aunt) = await SeedAsync(host);
        using PageClient staff = await host.NewStaffAsync(Cancel, "malik");
        await using Visit visit = await Visit.OpenAsync(browser, host.Address, Look.Phone, staff);
        IPage page = visit.Page;

        // The list: the group, and one first name.
        await visit.GoAsync("/sessions/new");
        await page.FillAsync("#title", "Mercredi des lampes");
        await page.SelectOptionAsync("#group", new SelectOptionValue { Label = "Mercredi" });
        LocalDateTime local = Local(host);
        await page.FillAsync("#day", NodaTime.Text.LocalDatePattern.Iso.Format(local.Date));
        await page.FillAsync("#hour", local.TimeOfDay.ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture));
        await page.FillAsync("#minutes", "120");
        foreach (string machine in new[] { "IMP-1", "VIN-1", "BRO-1" })
            await page.GetByLabel($"{machine} ·", new() { Exact = false }).First.CheckAsync();
        await page.GetByLabel("Les réserver pour le groupe").UncheckAsync();
        await visit.PictureAsync("journey-seance-form");
        Assert.Empty(await visit.AccessibilityFaultsAsync());
        await page.Locator("button.button-wide").ClickAsync();
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Mercredi des lampes");
        await page.FillAsync("#names", "Lina\nLina");
        await page.GetByRole(AriaRole.Button, new() { Name = "Mettre sur la liste" }).ClickAsync();
        await Assertions.Expect(page.Locator(".notice").First).ToContainTextAsync("Déjà là, comptés une fois : Lina");
        await visit.PictureAsync("journey-seance-list");

        // One tap opens it; one tap each, and one more takes it back.
        await page.GetByRole(AriaRole.Button, new() { Name = "Ouvrir la séance" }).ClickAsync();
        await Assertions.Expect(page.Locator("#ratio")).ToContainTextAsync("Encadrement suffisant");
        Dictionary<PersonId, AttendeeId> lines = await host.ReadAsync(db => db.Attendees.Where(a => a.PersonId != null).ToDictionaryAsync(a => a.PersonId!.Value, a => a.Id, Cancel));
        foreach (PersonId person in young.Take(9))
        {
            ILocator button = page.Locator($"#Present-{lines[person]}");
            Assert.True((await button.BoundingBoxAsync())!.Height >= 44);
            await button.ClickAsync();
            await Assertions.Expect(page.Locator($"#Present-{lines[person]}")).ToHaveAttributeAsync("aria-pressed", "true");
        }
        await page.Locator($"#Present-{lines[young[8]]}").ClickAsync();
        await Assertions.Expect(page.Locator($"#Present-{lines[young[8]]}")).ToHaveAttributeAsync("aria-pressed", "false");
        await page.Locator($"#Excused-{lines[young[9]]}").ClickAsync();
        await Assertions.Expect(page.Locator($"#Excused-{lines[young[9]]}")).ToHaveAttributeAsync("aria-pressed", "true");
        await visit.PictureAsync("journey-seance-open");
        Assert.Empty(await visit.AccessibilityFaultsAsync());
        Assert.True(await visit.SidewaysAsync() <= 0);

        // Fetched by the one who may; without leave the page offers nothing else.
        ILocator leaving = page.Locator($"#a-{lines[young[0]]} details.leaving");
        await leaving.Locator("summary").ClickAsync();
        await leaving.GetByRole(AriaRole.Button, new() { Name = "Avec Sa tante" }).ClickAsync();
        await Assertions.Expect(page.Locator($"#a-{lines[young[0]]}")).ToContainTextAsync("Encore là");
        Assert.Equal(aunt, await host.ReadAsync(db => db.Attendees.Where(a => a.Id == lines[young[0]]).Select(a => a.LeftWith).SingleAsync(Cancel)));

        // The end, and three lines.
        await page.GetByRole(AriaRole.Button, new() { Name = "Terminer la séance" }).ClickAsync();
        await page.FillAsync("#did", "Sept lampes découpées et montées.");
        await page.FillAsync("#learned", "Dessiner pour le laser, se répartir le travail.");
        await page.FillAsync("#next", "Peindre, puis exposer.");
        await page.GetByLabel("Dessiner pour le laser").CheckAsync();
        await page.GetByLabel("J’ai vérifié qui ne doit pas être sur les photos").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Enregistrer" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = $"{Names[1]} : Dessiner pour le laser" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = $"{Names[1]} : Dessiner pour le laser" })).ToHaveAttributeAsync("aria-pressed", "true");
        await visit.PictureAsync("journey-seance-end");
        Assert.Empty(await visit.AccessibilityFaultsAsync());

        // The sheet, and a signature with the finger.
        await page.GetByRole(AriaRole.Link, new() { Name = "Ouvrir la feuille d’émargement" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = $"Signer : {Names[1]}" }).First.ClickAsync();
        LocatorBoundingBoxResult pad = (await page.Locator("canvas").BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(pad.X + 20, pad.Y + 20);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(pad.X + 120, pad.Y + 60, new() { Steps = 8 });
        await page.Mouse.UpAsync();
        Assert.Empty(await visit.AccessibilityFaultsAsync());
        await page.GetByRole(AriaRole.Button, new() { Name = "Signer" }).ClickAsync();
        await Assertions.Expect(page.Locator("svg.signature")).ToHaveCountAsync(1);
        await visit.PictureAsync("journey-seance-sheet");
        Assert.Empty(await visit.AccessibilityFaultsAsync());
        Assert.True(await visit.SidewaysAsync() <= 0);
        GroupSession held = await host.ReadAsync(db => db.GroupSessions.SingleAsync(Cancel));
        Assert.Equal((GroupSessionState.Done, mentor, true, "Peindre, puis exposer."), (held.State, held.ClosedBy!.Value, held.PhotosChecked, held.Next));
        Assert.Equal(8, await host.ReadAsync(db => db.Attendees.CountAsync(a => a.Status == AttendanceStatus.Present, Cancel)));

        // One more thing of somebody who is only a first name: who brought her.
        AttendeeId lina = await host.ReadAsync(db => db.Attendees.Where(a => a.FirstName == "Lina").Select(a => a.Id).SingleAsync(Cancel));
        await visit.GoAsync($"/sessions/{held.Id}");
        await page.GetByRole(AriaRole.Link, new() { Name = "Précisions sur Lina" }).ClickAsync();
        await page.FillAsync("#with", "sa mère");
        await page.SelectOptionAsync("#area", "Yes");
        await visit.PictureAsync("journey-seance-line");
        Assert.Empty(await visit.AccessibilityFaultsAsync());
        await page.GetByRole(AriaRole.Button, new() { Name = "Enregistrer" }).ClickAsync();
        await Assertions.Expect(page.Locator($"#a-{lina}")).ToContainTextAsync("sa mère");
        Assert.Empty(visit.Complaints);

        // The front desk makes a link of the month's report, and the funder reads it on a phone: figures, and nobody.
        using PageClient manager = await host.NewStaffAsync(Cancel);
        await using Visit desk = await Visit.OpenAsync(browser, host.Address, Look.Phone, manager);
        string today = NodaTime.Text.LocalDatePattern.Iso.Format(local.Date);
        await desk.GoAsync($"/reports?from={today}&through={today}");
        await desk.PictureAsync("journey-report");
        Assert.True(await desk.SidewaysAsync() <= 0);
        await desk.Page.GetByRole(AriaRole.Link, new() { Name = "Liens pour les financeurs" }).ClickAsync();
        await desk.Page.FillAsync("#forWhom", "Métropole");
        await desk.Page.GetByRole(AriaRole.Button, new() { Name = "Faire un lien" }).ClickAsync();
        await desk.PictureAsync("journey-report-link");
        Assert.Empty(await desk.AccessibilityFaultsAsync());
        string address = new Uri((await desk.Page.Locator("code.code").TextContentAsync())!).AbsolutePath;
        await using Visit funder = await Visit.OpenAsync(browser, host.Address, Look.Phone);
        await funder.GoAsync(address);
        await funder.PictureAsync("journey-funder");
        string read = (await funder.Page.Locator("main").TextContentAsync())!;
        Assert.Contains("Séances tenues", read, StringComparison.Ordinal);
        Assert.All([.. Names, "Lina", "Malik"], name => Assert.DoesNotContain(name, read, StringComparison.Ordinal));
        Assert.Empty(await funder.AccessibilityFaultsAsync());
        Assert.True(await funder.SidewaysAsync() <= 0);
        Assert.Empty(desk.Complaints.Concat(funder.Complaints));
    }

    [Fact]
    public async Task A_school_class_of_twenty_four_in_an_open_day_is_proposed_by_its_teacher_and_counted_by_the_lab()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        await SampleLab.SeedAsync(host, Cancel);
        await SeedAsync(host);
        using PageClient teacher = await host.NewStaffAsync(Cancel, "carole");
        await using Visit proposing = await Visit.OpenAsync(browser, host.Address, Look.Phone, teacher);
        await proposing.GoAsync("/sessions/new");
        await proposing.Page.FillAsync("#title", "Portes ouvertes, 5e B");
        LocalDateTime local = Local(host);
        await proposing.Page.FillAsync("#day", NodaTime.Text.LocalDatePattern.Iso.Format(local.Date));
        await proposing.Page.FillAsync("#hour", local.TimeOfDay.ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture));
        await proposing.Page.FillAsync("#minutes", "90");
        await proposing.Page.FillAsync("#expected", "24");
        await proposing.Page.Locator("button.button-wide").ClickAsync();
        await Assertions.Expect(proposing.Page.Locator("#held")).ToContainTextAsync("Cette séance est une proposition");
        await proposing.PictureAsync("journey-class-proposed");
        Assert.Empty(await proposing.AccessibilityFaultsAsync());
        Assert.Empty(proposing.Complaints);
        string path = new Uri(proposing.Page.Url).AbsolutePath;

        using PageClient desk = await host.NewStaffAsync(Cancel);
        await using Visit visit = await Visit.OpenAsync(browser, host.Address, Look.Phone, desk);
        IPage page = visit.Page;
        await visit.GoAsync(path);
        await page.GetByRole(AriaRole.Button, new() { Name = "Accepter la proposition" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Ouvrir la séance" }).ClickAsync();
        // Counted in one go: the number that was expected stands there already.
        await page.GetByRole(AriaRole.Button, new() { Name = "Noter ce nombre" }).ClickAsync();
        await Assertions.Expect(page.Locator(".notice").First).ToContainTextAsync("24 personnes comptées");
        await page.GetByRole(AriaRole.Button, new() { Name = "Terminer la séance" }).ClickAsync();
        await visit.PictureAsync("journey-class-done");
        Assert.Empty(await visit.AccessibilityFaultsAsync());
        Assert.True(await visit.SidewaysAsync() <= 0);
        AttendanceCount counted = await host.ReadAsync(db => db.AttendanceCounts.SingleAsync(Cancel));
        Assert.Equal((24, Core.Visits.AgeBand.From12To17, Occupation.School), (counted.Number, counted.Band, counted.Occupation));
        // The teacher's own phone shows that it was held, and no note of the lab.
        await proposing.GoAsync(path);
        await Assertions.Expect(proposing.Page.Locator(".state").First).ToContainTextAsync("Terminée");
        Assert.Equal(0, await proposing.Page.Locator("#did").CountAsync());
        Assert.Empty(visit.Complaints);
    }

    private static LocalDateTime Local(PagesHost host) =>
        Instant.FromDateTimeOffset(host.Services.GetRequiredService<TimeProvider>().GetUtcNow()).InZone(DateTimeZoneProviders.Tzdb["Europe/Paris"]).LocalDateTime;

    private static async Task<(PersonId Mentor, List<PersonId> Young, Guid Aunt)> SeedAsync(PagesHost host)
    {
        List<PersonId> young = [];
        (PersonId mentor, PersonId teacher, Guid aunt) = (default, default, Guid.CreateVersion7());
        await host.Writer.WriteAsync(
            (write, _) =>
            {
                mentor = Account("Malik", "malik", Role.Mentor);
                teacher = Account("Carole du collège", "carole", Role.Partner);
                var group = new PersonGroup { Id = Guid.CreateVersion7(), Name = "Mercredi" };
                write.Db.PersonGroups.Add(group);
                write.Db.GroupPlaces.Add(new GroupPlace { GroupId = group.Id, PersonId = mentor, Part = GroupPart.LooksAfter });
                foreach ((string name, int i) in Names.Select((name, i) => (name, i)))
                {
                    var person = new Person { Id = PersonId.New(write.Now), ShortCode = $"Y{i}", DisplayName = name, BirthDate = write.Now.InUtc().Date.PlusYears(-14), CreatedAt = write.Now };
                    young.Add(person.Id);
                    write.Db.People.Add(person);
                    write.Db.GroupPlaces.Add(new GroupPlace { GroupId = group.Id, PersonId = person.Id, Part = GroupPart.Member });
                }
                write.Db.MinorContacts.Add(new MinorContact { Id = aunt, PersonId = young[0], Name = "Sa tante", MayFetch = true, AddedAt = write.Now });
                write.Db.Skills.Add(new Skill { Id = SkillId.New(write.Now), NameFr = "Dessiner pour le laser", NameEn = "Draw for the laser", Version = 1 });
                var partner = new Partner { Id = PartnerId.New(write.Now), Name = "Collège Jean-Macé", Version = 1 };
                write.Db.Partners.Add(partner);
                write.Db.PartnerPeople.Add(new PartnerPerson { PartnerId = partner.Id, PersonId = teacher });
                return Task.CompletedTask;

                PersonId Account(string name, string login, Role role)
                {
                    var person = new Person { Id = PersonId.New(write.Now), ShortCode = login.ToUpperInvariant(), DisplayName = name, IsAdult = true, MayAccompany = true, CreatedAt = write.Now };
                    write.Db.People.Add(person);
                    write.Db.StaffAccounts.Add(new StaffAccount { Id = person.Id, LoginName = login, Role = role, Stamp = Guid.NewGuid(), CreatedAt = write.Now });
                    return person.Id;
                }
            },
            Cancel);
        return (mentor, young, aunt);
    }
}
