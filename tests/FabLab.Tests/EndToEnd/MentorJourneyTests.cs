using System.Globalization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Minors;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Programmes;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Visits;
using FabLab.Booking.Tests.Pages.Browser;
using FabLab.Core;
using FabLab.Core.Visits;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using NodaTime;
using NodaTime.Text;
using Visit = FabLab.Booking.Tests.Pages.Browser.Visit;

namespace FabLab.Host.Tests.EndToEnd;

/// <summary>
/// A mentor with a phone among young people who badge in at the door and at the machines: kiosk, broker, gateway and virtual readers are
/// as they run in a lab.
/// </summary>
[Collection(typeof(LeapingLabTests))]
public sealed class MentorJourneyTests(LeapingLab leaping, BrowserFixture browser)
{
    /// <summary>Ten of the sample people, 10 to 14 years old: the machines want somebody beside nearly all of them.</summary>
    private static readonly string[] Codes = ["M43", "M44", "M45", "M46", "M47", "M48", "M49", "M50", "M51", "M52"];

    /// <summary>Who uses which machine, one after the other at each.</summary>
    private static readonly (string Machine, string[] Young)[] Uses = [("IMP-1", ["M43", "M46"]), ("VIN-1", ["M44", "M47"]), ("BRO-1", ["M45", "M48"])];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private LabHandle Lab => leaping.Lab;

    [Fact]
    public async Task A_mentors_Wednesday_with_ten_young_people_and_three_machines_from_the_list_to_the_funders_report()
    {
        var day = (await leaping.BeginAsync(new LocalTime(9, 0))).PlusDays(1);
        await leaping.LeapAsync(day, new LocalTime(14, 5));
        var (mentor, young, aunt) = await SeedAsync();
        await using var visit = await leaping.SignInAsync("m02", Look.Phone);
        var page = visit.Page;

        // The list: the group, and one first name.
        await visit.GoAsync("/sessions/new");
        await page.FillAsync("#title", "Mercredi des lampes");
        await page.SelectOptionAsync("#group", new SelectOptionValue { Label = "Mercredi" });
        await page.FillAsync("#day", LocalDatePattern.Iso.Format(day));
        await page.FillAsync("#hour", "14:00");
        await page.FillAsync("#minutes", "120");
        foreach (var (machine, _) in Uses)
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
        var path = new Uri(page.Url).AbsolutePath;
        var session = await leaping.ReadAsync(db => db.GroupSessions.Select(s => s.Id).SingleAsync(Cancel));
        var lines = await leaping.ReadAsync(db => db.Attendees.Where(a => a.PersonId != null).ToDictionaryAsync(a => a.PersonId!.Value, a => a.Id, Cancel));

        // Before it is open the mentor is beside nobody: the machine wants a second badge, and goes without when the first comes again.
        Assert.Equal("waiting", (await Lab.TapAsync("BRO-1", "M45", Cancel)).Outcome);
        Assert.Equal("second_badge_given_up", (await Lab.TapAsync("BRO-1", "M45", Cancel)).Code);
        await page.GetByRole(AriaRole.Button, new() { Name = "Ouvrir la séance" }).ClickAsync();
        await Assertions.Expect(page.Locator("#ratio")).ToContainTextAsync("Encadrement suffisant");

        // Seven badge in at the door, where the séance is shown to them; one is ticked, one tick is taken back, one is excused.
        await ComeInAsync(young);
        await Eventually.IsAsync(
            () => leaping.ReadAsync(db => db.Attendees.CountAsync(a => a.SessionId == session && a.Status == AttendanceStatus.Present && a.Way == AttendanceWay.Door, Cancel)),
            present => present == 7, "the badges are on the sheet", Cancel);
        await visit.GoAsync(path);
        foreach (var person in young.Take(7))
            await Assertions.Expect(page.Locator($"#Present-{lines[person.Id]}")).ToHaveAttributeAsync("aria-pressed", "true");
        foreach (var person in young.Skip(7).Take(2))
        {
            var button = page.Locator($"#Present-{lines[person.Id]}");
            Assert.True((await button.BoundingBoxAsync())!.Height >= 44);
            await button.ClickAsync();
            await Assertions.Expect(button).ToHaveAttributeAsync("aria-pressed", "true");
        }
        await page.Locator($"#Present-{lines[young[8].Id]}").ClickAsync();
        await Assertions.Expect(page.Locator($"#Present-{lines[young[8].Id]}")).ToHaveAttributeAsync("aria-pressed", "false");
        await page.Locator($"#Excused-{lines[young[9].Id]}").ClickAsync();
        await Assertions.Expect(page.Locator($"#Excused-{lines[young[9].Id]}")).ToHaveAttributeAsync("aria-pressed", "true");
        await visit.PictureAsync("journey-seance-open");
        Assert.Empty(await visit.AccessibilityFaultsAsync());
        Assert.True(await visit.SidewaysAsync() <= 0);

        // Three machines at once and by turns, with nobody's badge but their own. The last one is still on when the séance ends.
        for (var turn = 0; turn < 2; turn++)
        {
            foreach (var (machine, people) in Uses)
                await Lab.GrantedAsync(machine, people[turn], Cancel);
            foreach (var (machine, people) in Uses.Where(use => turn == 0 || use.Machine != "BRO-1"))
                await Lab.EndedAsync(machine, people[turn], Cancel);
        }
        await leaping.LeapAsync(day, new LocalTime(15, 50));

        // Fetched by the one who may; without leave the page offers nothing else.
        await visit.GoAsync(path);
        var leaving = page.Locator($"#a-{lines[young[0].Id]} details.leaving");
        await leaving.Locator("summary").ClickAsync();
        await leaving.GetByRole(AriaRole.Button, new() { Name = "Avec Sa tante" }).ClickAsync();
        await Assertions.Expect(page.Locator($"#a-{lines[young[0].Id]}")).ToContainTextAsync("Encore là");
        Assert.Equal(aunt, await leaping.ReadAsync(db => db.Attendees.Where(a => a.Id == lines[young[0].Id]).Select(a => a.LeftWith).SingleAsync(Cancel)));

        // The end: the machine that is on goes off by itself, and no new use begins.
        Assert.True(await Lab.IsOnAsync("BRO-1", Cancel));
        await page.GetByRole(AriaRole.Button, new() { Name = "Terminer la séance" }).ClickAsync();
        await Assertions.Expect(page.Locator("#did")).ToBeVisibleAsync();
        await Eventually.IsAsync(() => Lab.IsOnAsync("BRO-1", Cancel), on => !on, "the machine is off", Cancel);
        await Eventually.IsAsync(
            async () =>
            {
                var tapped = await Lab.TapAsync("VIN-1", "M44", Cancel);
                Assert.NotEqual("granted", tapped.Outcome);
                return tapped.Outcome;
            },
            outcome => outcome == "waiting", "a second badge is wanted again", Cancel);

        // Three lines, and the machine time that is there already, of each.
        await page.FillAsync("#did", "Sept lampes découpées et montées.");
        await page.FillAsync("#learned", "Dessiner pour le laser, se répartir le travail.");
        await page.FillAsync("#next", "Peindre, puis exposer.");
        await page.GetByLabel("Dessiner pour le laser").CheckAsync();
        await page.GetByLabel("J’ai vérifié qui ne doit pas être sur les photos").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Enregistrer" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = $"{young[1].Name} : Dessiner pour le laser" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = $"{young[1].Name} : Dessiner pour le laser" })).ToHaveAttributeAsync("aria-pressed", "true");
        var ledger = await LedgerAsync(day);
        await visit.GoAsync(path);
        Assert.Equal(
            ledger.GroupBy(row => (row.Name, row.Machine)).Select(use => $"{use.Key.Name}|{use.Key.Machine}|{Exact(Duration.FromMilliseconds(use.Sum(row => row.PoweredMs)))}").Order(StringComparer.Ordinal),
            (await TableAsync(page, "[aria-labelledby=machines]")).Order(StringComparer.Ordinal));
        await visit.PictureAsync("journey-seance-end");
        Assert.Empty(await visit.AccessibilityFaultsAsync());

        // The sheet: badges are proof; a signature with the finger for who was ticked.
        await page.GetByRole(AriaRole.Link, new() { Name = "Ouvrir la feuille d’émargement" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = $"Signer : {young[7].Name}" }).First.ClickAsync();
        var pad = (await page.Locator("canvas").BoundingBoxAsync())!;
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
        var held = await leaping.ReadAsync(db => db.GroupSessions.SingleAsync(Cancel));
        Assert.Equal((GroupSessionState.Done, mentor, true, "Peindre, puis exposer."), (held.State, held.ClosedBy!.Value, held.PhotosChecked, held.Next));

        // One more thing of somebody who is only a first name: who brought her.
        var lina = await leaping.ReadAsync(db => db.Attendees.Where(a => a.FirstName == "Lina").Select(a => a.Id).SingleAsync(Cancel));
        await visit.GoAsync(path);
        await page.GetByRole(AriaRole.Link, new() { Name = "Précisions sur Lina" }).ClickAsync();
        await page.FillAsync("#with", "sa mère");
        await page.SelectOptionAsync("#area", "Yes");
        await visit.PictureAsync("journey-seance-line");
        Assert.Empty(await visit.AccessibilityFaultsAsync());
        await page.GetByRole(AriaRole.Button, new() { Name = "Enregistrer" }).ClickAsync();
        await Assertions.Expect(page.Locator($"#a-{lina}")).ToContainTextAsync("sa mère");
        Assert.Empty(visit.Complaints);

        await ReportAsync(day, held, ledger, [.. young.Select(one => one.Name), "Lina", "Karim Rabot"]);
    }

    /// <summary>Seven hold their badge before the reader of the kiosk, which types its number.</summary>
    private async Task ComeInAsync(IReadOnlyList<Young> young)
    {
        await using var door = await Visit.OpenAsync(browser, await leaping.DoorAsync(), Look.Door);
        await door.GoAsync("/");
        foreach (var (person, place) in young.Take(7).Select((person, place) => (person, place)))
        {
            await door.Page.Keyboard.TypeAsync(person.Number);
            await door.Page.Keyboard.PressAsync("Enter");
            await Assertions.Expect(door.Page.Locator("h1")).ToHaveTextAsync($"Bonjour {person.Name.Split(' ')[0]}");
            if (place == 0)
            {
                await Assertions.Expect(door.Page.Locator(".door-mine")).ToContainTextAsync("Mercredi des lampes");
                await door.PictureAsync("journey-seance-door");
                Assert.Empty(await door.AccessibilityFaultsAsync());
                await door.Page.Locator(".door-tile", new PageLocatorOptions { HasText = "Atelier" }).ClickAsync();
                await Assertions.Expect(door.Page.Locator("h1")).ToContainTextAsync("Merci");
            }
            await door.GoAsync("/");
        }
        Assert.Empty(door.Complaints);
    }

    /// <summary>The front desk reads the day's report, whose figures are those of the rows, and makes a link; the funder reads the same on a phone, and nobody's name.</summary>
    private async Task ReportAsync(LocalDate day, GroupSession held, IReadOnlyList<LedgerRow> ledger, string[] names)
    {
        // Added up once more, from the rows alone.
        var there = await leaping.ReadAsync(db => db.Attendees.Where(a => a.SessionId == held.Id && a.Status == AttendanceStatus.Present).ToListAsync(Cancel));
        var visits = await leaping.ReadAsync(db => db.Visits.ToListAsync(Cancel));
        var (from, until) = (LeapingLab.At(day, LocalTime.Midnight), LeapingLab.At(day.PlusDays(1), LocalTime.Midnight));
        visits = [.. visits.Where(v => v.ArrivedAt >= from && v.ArrivedAt < until && !v.TakenOut)];
        Assert.Equal((8, 7), (there.Count, there.Count(a => a.Way == AttendanceWay.Door)));
        Assert.Equal(7, visits.Count(v => v.Way == VisitWay.Badge));
        Assert.Equal(there.Select(a => a.PersonId).Order(Comparer<PersonId?>.Create((a, b) => a!.Value.Value.CompareTo(b!.Value.Value))), visits.Select(v => v.PersonId).Order(Comparer<PersonId?>.Create((a, b) => a!.Value.Value.CompareTo(b!.Value.Value))));
        var hours = there.Aggregate(Duration.Zero, (sum, a) => sum + ((a.LeftAt ?? held.ClosedAt!.Value) - a.ArrivedAt!.Value));
        var powered = Exact(Duration.FromMilliseconds(ledger.Sum(row => row.PoweredMs)));

        await using var desk = await leaping.SignInAsync("m01", Look.Phone);
        var today = LocalDatePattern.Iso.Format(day);
        await desk.GoAsync($"/reports?from={today}&through={today}");
        await ShowsAsync(desk.Page);
        await desk.PictureAsync("journey-report");
        Assert.True(await desk.SidewaysAsync() <= 0);
        // Behind the figure of the machines are the rows that the readers made.
        var kinds = await desk.Page.Locator("[aria-labelledby=machines] tbody tr").CountAsync();
        Assert.Equal(ledger.Select(row => row.Kind).Distinct().Count(), kinds);
        await desk.Page.GetByRole(AriaRole.Link, new() { Name = "Liens pour les financeurs" }).ClickAsync();
        await desk.Page.FillAsync("#forWhom", "Métropole");
        await desk.Page.GetByRole(AriaRole.Button, new() { Name = "Faire un lien" }).ClickAsync();
        await desk.PictureAsync("journey-report-link");
        Assert.Empty(await desk.AccessibilityFaultsAsync());
        var address = new Uri((await desk.Page.Locator("code.code").TextContentAsync())!).AbsolutePath;
        await using var funder = await Visit.OpenAsync(browser, leaping.Web, Look.Phone);
        await funder.GoAsync(address);
        await funder.PictureAsync("journey-funder");
        await ShowsAsync(funder.Page);
        var read = (await funder.Page.Locator("main").TextContentAsync())!;
        Assert.All(names, name => Assert.DoesNotContain(name, read, StringComparison.Ordinal));
        Assert.Empty(await funder.AccessibilityFaultsAsync());
        Assert.True(await funder.SidewaysAsync() <= 0);
        Assert.Empty(desk.Complaints.Concat(funder.Complaints));

        async Task ShowsAsync(IPage page)
        {
            var figures = await TableAsync(page, "[aria-labelledby=figures]");
            Assert.Contains($"Passages|{there.Count}", figures);
            Assert.Contains($"Personnes différentes connues du lieu|{there.Select(a => a.PersonId).Distinct().Count()}", figures);
            Assert.Contains("Séances tenues|1", figures);
            Assert.Contains($"Heures de présence en séance|{Exact(hours)}", figures);
            Assert.Equal([$"Total|{ledger.Count}|{powered}|{Exact(Duration.FromMilliseconds(ledger.Sum(row => row.WorkingMs)))}|"], await TableAsync(page, "[aria-labelledby=machines]", "tfoot tr"));
        }
    }

    /// <summary>What the readers of the three machines left on the ledger that day, once the last use is there: a row each.</summary>
    private async Task<IReadOnlyList<LedgerRow>> LedgerAsync(LocalDate day)
    {
        var from = LeapingLab.At(day, LocalTime.Midnight);
        var rows = await Eventually.IsAsync(
            () => leaping.ReadAsync(db => (
                from row in db.Ledger
                where row.Start >= @from
                join person in db.People on row.PersonId equals person.Id
                join machine in db.Machines on row.MachineId equals machine.Id
                from project in db.Projects.Where(p => p.Id == row.ProjectId).DefaultIfEmpty()
                select new LedgerRow(person.DisplayName ?? "", machine.Code, row.PoweredMs, row.WorkingMs, project == null ? null : project.Type)).ToListAsync(Cancel)),
            found => found.Count == 6, "six uses are on the ledger", Cancel);
        Assert.All(rows, row => Assert.True(row.PoweredMs > 0));
        return rows;
    }

    /// <summary>The cells of each row of a table, with bars between them.</summary>
    private static async Task<string[]> TableAsync(IPage page, string part, string rows = "tbody tr") => await page.Locator($"{part} {rows}").EvaluateAllAsync<string[]>(
        "rows => rows.map(row => Array.from(row.cells, cell => cell.textContent.trim().replace(/\\s+/g, ' ')).join('|'))");

    /// <summary>1 h 05 min 09 s, as totals are written.</summary>
    private static string Exact(Duration length)
    {
        var seconds = (long)length.TotalSeconds;
        return seconds switch
        {
            < 60 => string.Create(CultureInfo.InvariantCulture, $"{seconds} s"),
            < 3600 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60} min {seconds % 60:00} s"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600} h {seconds % 3600 / 60:00} min {seconds % 60:00} s"),
        };
    }

    /// <summary>A group of ten with Karim as its mentor, somebody who may fetch the first of them, and a skill to work at.</summary>
    private async Task<(PersonId Mentor, IReadOnlyList<Young> Young, Guid Aunt)> SeedAsync()
    {
        var (mentor, aunt) = (default(PersonId), Guid.CreateVersion7());
        IReadOnlyList<Young> young = [];
        var numbers = Codes.Zip(["2E84FC0829", "8102C7A65D", "1C79D8AA4D", "463A1AB472", "49CCF0C85E", "7E6D541345", "38F4193DD3", "542643BE49", "67F89CBBCC", "92950222F8"]).ToDictionary();
        await leaping.WriteAsync(async (write, cancel) =>
        {
            var karim = await write.Db.People.SingleAsync(p => p.ShortCode == "M02", cancel);
            (mentor, (await write.Db.StaffAccounts.SingleAsync(a => a.Id == karim.Id, cancel)).Role) = (karim.Id, Role.Mentor);
            var known = await write.Db.People.Where(p => Codes.Contains(p.ShortCode)).OrderBy(p => p.ShortCode).ToListAsync(cancel);
            // What a reader types: the last four bytes of the tag as a number of ten digits.
            young = [.. known.Select(p => new Young(p.Id, p.DisplayName ?? "", uint.Parse(numbers[p.ShortCode][2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture).ToString("D10", CultureInfo.InvariantCulture)))];
            var group = new PersonGroup { Id = Guid.CreateVersion7(), Name = "Mercredi" };
            write.Db.PersonGroups.Add(group);
            write.Db.GroupPlaces.Add(new GroupPlace { GroupId = group.Id, PersonId = mentor, Part = GroupPart.LooksAfter });
            write.Db.GroupPlaces.AddRange(known.Select(p => new GroupPlace { GroupId = group.Id, PersonId = p.Id, Part = GroupPart.Member }));
            write.Db.MinorContacts.Add(new MinorContact { Id = aunt, PersonId = known[0].Id, Name = "Sa tante", MayFetch = true, AddedAt = write.Now });
            write.Db.Skills.Add(new Skill { Id = SkillId.New(write.Now), NameFr = "Dessiner pour le laser", NameEn = "Draw for the laser", Version = 1 });
        });
        return (mentor, young, aunt);
    }

    /// <summary>One of the ten.</summary>
    private sealed record Young(PersonId Id, string Name, string Number);

    /// <summary>A use on the ledger.</summary>
    private sealed record LedgerRow(string Name, string Machine, long PoweredMs, long WorkingMs, string? Kind);
}
