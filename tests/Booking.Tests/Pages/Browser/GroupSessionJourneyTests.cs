using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Programmes;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using NodaTime;

namespace FabLab.Booking.Tests.Pages.Browser;

/// <summary>A class with its teacher in an open day, on phones.</summary>
public sealed class GroupSessionJourneyTests(BrowserFixture browser)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

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

    private static Task SeedAsync(PagesHost host) => host.Writer.WriteAsync(
        (write, _) =>
        {
            var teacher = new Person { Id = PersonId.New(write.Now), ShortCode = "CAROLE", DisplayName = "Carole du collège", IsAdult = true, CreatedAt = write.Now };
            write.Db.People.Add(teacher);
            write.Db.StaffAccounts.Add(new StaffAccount { Id = teacher.Id, LoginName = "carole", Role = Role.Partner, Stamp = Guid.NewGuid(), CreatedAt = write.Now });
            var partner = new Partner { Id = PartnerId.New(write.Now), Name = "Collège Jean-Macé", Version = 1 };
            write.Db.Partners.Add(partner);
            write.Db.PartnerPeople.Add(new PartnerPerson { PartnerId = partner.Id, PersonId = teacher.Id });
            return Task.CompletedTask;
        },
        Cancel);
}
