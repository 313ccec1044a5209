using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Trainings;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;

namespace FabLab.Booking.Tests.Pages.Browser;

/// <summary>A trainer with a phone in the workshop.</summary>
public sealed class TrainingJourneyTests(BrowserFixture browser)
{
    private static readonly string[] Learners = ["Awa Diallo", "Bruno Petit", "Chloé Martin", "Denis", "Emma Roche", "Farid Haddad", "Gaëlle Le Goff"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task A_trainer_gives_eight_habilitations_after_a_session_on_a_phone(ColorScheme scheme)
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        List<PersonId> learners = [];
        await host.Writer.WriteAsync(
            async (write, cancel) =>
            {
                (await write.Db.TrainingSessions.SingleAsync(s => s.Id == lab.Session, cancel)).Places = 10;
                foreach ((string name, int i) in Learners.Select((name, i) => (name, i)))
                {
                    var person = new Person { Id = PersonId.New(write.Now), ShortCode = $"A{i}", DisplayName = name, IsAdult = true };
                    learners.Add(person.Id);
                    write.Db.People.Add(person);
                    write.Db.Enrolments.Add(new Enrolment { SessionId = lab.Session, PersonId = person.Id, Number = 10 + i, EnrolledAt = write.Now, EnrolledBy = lab.Ines });
                }
                var late = new Person { Id = PersonId.New(write.Now), ShortCode = "A9", DisplayName = "Hugo Tardif", IsAdult = true };
                learners.Add(late.Id);
                write.Db.People.Add(late);
            },
            Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        Look look = scheme == ColorScheme.Light ? Look.Phone : Look.PhoneDark;
        bool french = look.Language == "fr";
        await using Visit visit = await Visit.OpenAsync(browser, host.Address, look, staff);
        IPage page = visit.Page;
        await visit.GoAsync($"/trainings/sessions/{lab.Session}");
        await visit.PictureAsync("journey-session-start");

        foreach (PersonId learner in learners.Take(7))
        {
            ILocator button = page.Locator($"#Present-{learner}");
            Assert.True((await button.BoundingBoxAsync())!.Height >= 56);
            await button.ClickAsync();
            await Assertions.Expect(page.Locator($"#Present-{learner}")).ToHaveAttributeAsync("aria-pressed", "true");
        }
        await page.Locator($"#Absent-{lab.Marc}").ClickAsync();
        await Assertions.Expect(page.Locator($"#Absent-{lab.Marc}")).ToHaveAttributeAsync("aria-pressed", "true");
        // A slip, and its undo: the same button once more.
        await page.Locator($"#Present-{lab.Lou}").ClickAsync();
        await Assertions.Expect(page.Locator($"#Present-{lab.Lou}")).ToHaveAttributeAsync("aria-pressed", "true");
        await page.Locator($"#Present-{lab.Lou}").ClickAsync();
        await Assertions.Expect(page.Locator($"#Present-{lab.Lou}")).ToHaveAttributeAsync("aria-pressed", "false");

        await page.FillAsync("#q", "tardif");
        await page.Locator($"#found form:has(input[value='{learners[7]}']) button").ClickAsync();
        await Assertions.Expect(page.Locator($"#Present-{learners[7]}")).ToHaveAttributeAsync("aria-pressed", "true");
        await visit.PictureAsync("journey-session-marked");
        Assert.Empty(await visit.AccessibilityFaultsAsync());
        Assert.True(await visit.SidewaysAsync() <= 0);

        await page.Locator(".give .button-wide").ClickAsync();

        await Assertions.Expect(page.Locator(".notice").First).ToContainTextAsync(french ? "à 8 personnes" : "to 8 people");
        await visit.PictureAsync("journey-session-given");
        Assert.Empty(await visit.AccessibilityFaultsAsync());
        Assert.Equal(8, await GivenAsync());
        // The back button, and the same click again.
        await page.GoBackAsync();
        if (await page.Locator(".give .button-wide").CountAsync() > 0)
            await page.Locator(".give .button-wide").ClickAsync();
        Assert.Equal(8, await GivenAsync());
        await visit.GoAsync($"/trainings/sessions/{lab.Session}");
        await page.Locator("form[action$='/give/undo'] button").First.ClickAsync();
        await Assertions.Expect(page.Locator(".notice").First).ToContainTextAsync(french ? "annulé pour tout le monde" : "Taken back for everybody");
        Assert.Equal(0, await host.ReadAsync(db => db.Enrolments.CountAsync(e => e.Batch != null, Cancel)));
        Assert.Empty(visit.Complaints);

        Task<int> GivenAsync() => host.ReadAsync(db => db.HabilitationActs.CountAsync(a => a.Ground == EvidenceKind.Session && a.EvidenceId == lab.Session.Value, Cancel));
    }
}
