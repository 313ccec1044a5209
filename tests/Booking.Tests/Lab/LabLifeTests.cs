using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Lab;
using FabLab.Booking.Features.Trainings;
using FabLab.Booking.Tests.Hosting;
using FabLab.Booking.Tests.Pages;
using FabLab.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Lab;

/// <summary>The sample lab has a past and days to come, on whatever day it is shown.</summary>
public sealed class LabLifeTests
{
    private static readonly DateTimeZone Paris = DateTimeZoneProviders.Tzdb["Europe/Paris"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseKind.Sqlite, "2026-03-10 14:12")]
    [InlineData(DatabaseKind.Postgres, "2026-03-10 14:12")]
    [InlineData(DatabaseKind.Sqlite, "2026-03-29 03:10")]
    [InlineData(DatabaseKind.Sqlite, "2026-12-31 23:55")]
    public async Task Whatever_the_day_it_fits_together_and_a_second_start_adds_nothing(DatabaseKind kind, string at)
    {
        var now = Paris.AtStrictly(NodaTime.Text.LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm").Parse(at).GetValueOrThrow()).ToInstant();
        await using var host = await BookingHost.StartAsync(kind, time: new ManualTime(now));

        Assert.True(await BringInAsync(host.Services));
        Assert.False(await BringInAsync(host.Services));

        var states = await host.ReadAsync(db => db.GroupSessions.GroupBy(s => s.State).Select(g => g.Key).ToListAsync(Cancel));
        Assert.All(new[] { GroupSessionState.Open, GroupSessionState.Planned, GroupSessionState.Proposed, GroupSessionState.Locked }, state => Assert.Contains(state, states));
        // Nothing of the past lies ahead, and whoever is in has come.
        Assert.False(await host.ReadAsync(db => db.Visits.AnyAsync(v => v.ArrivedAt > now || v.LeftAt > now || v.LeftAt < v.ArrivedAt, Cancel)));
        var inside = await host.ReadAsync(db => db.Visits.Where(v => v.LeftAt == null && v.PersonId != null).Select(v => v.PersonId!.Value).OrderBy(p => p).ToListAsync(Cancel));
        Assert.Equal(9, inside.Count);
        Assert.Equal(inside, await host.ReadAsync(db => db.Presence.Select(p => p.PersonId).OrderBy(p => p).ToListAsync(Cancel)));
        // Somebody waits for a place, and what was given at a training stands in the register with that session as its ground.
        var coming = await host.ReadAsync(db => db.TrainingSessions.Where(s => s.Start > now).ToListAsync(Cancel));
        var enrolments = await host.ReadAsync(db => db.Enrolments.ToListAsync(Cancel));
        Assert.Contains(coming, s => Seats.Of(s.Places, enrolments.Where(e => e.SessionId == s.Id)).Any(seat => seat.Waiting > 0));
        var given = enrolments.Where(e => e.HabilitationId != null).ToList();
        Assert.Equal(6, given.Count);
        foreach (var one in given)
            Assert.True(await host.ReadAsync(db => db.HabilitationActs.AnyAsync(a => a.HabilitationId == one.HabilitationId && a.Number == one.Act && a.EvidenceId == one.SessionId.Value, Cancel)));
        // A refusal names the next date of the training that is missing: the one that stands in the catalogue.
        Assert.Equal(coming.Min(s => s.Start), await host.ReadAsync(db => db.Trainings.Where(t => t.Code == "securite").Select(t => t.NextSession!.Value).SingleAsync(Cancel)));
        // Every booking keeps its places, and those of a séance are known as its own.
        Assert.False(await host.ReadAsync(db => db.Reservations.AnyAsync(r => !db.BookingSlots.Any(s => s.BookingId == r.Id && s.Live), Cancel)));
        Assert.Equal(2, await host.ReadAsync(db => db.SessionMachines.CountAsync(m => m.BookingId != null, Cancel)));
    }

    [Fact]
    public async Task The_pages_of_the_demonstration_are_not_empty()
    {
        await using var host = await PagesHost.StartAsync(demo: true, Cancel);
        await BringInAsync(host.Services);
        PageClient staff = await host.NewStaffAsync(Cancel);
        string open = await host.ReadAsync(async db => (await db.GroupSessions.SingleAsync(s => s.State == GroupSessionState.Open, Cancel)).Id.ToString());
        string programme = await host.ReadAsync(async db => (await db.Programmes.SingleAsync(p => p.NameFr == "Initiation", Cancel)).Id.ToString());
        string full = await host.ReadAsync(async db => (await db.TrainingSessions.SingleAsync(s => db.Enrolments.Count(e => e.SessionId == s.Id) > s.Places && s.Places == 6, Cancel)).Id.ToString());

        var seen = new Dictionary<string, string[]>
        {
            ["/trainings"] = ["Prise en main impression 3D", "Habilitation laser niveau 1"],
            [$"/trainings/sessions/{full}"] = ["Fatou Goupille", "Salomé Vernis", "en attente, n° 2"],
            ["/sessions"] = ["Atelier ouvert du groupe", "Imprimer le boîtier"],
            [$"/sessions/{open}"] = ["Nour", "Zoé Mortaise", "Margaux Maillet"],
            ["/programmes"] = ["Découverte", "Initiation", "Professionnalisation"],
            [$"/programmes/{programme}"] = ["Électronique", "Souder une lampe"],
            ["/front-desk"] = ["Karim Rabot", "Jeanne Ourlet"],
            ["/habilitations/expiring"] = ["Rayan Bouton"],
            ["/planning"] = ["Ilyès Calque", "Malle itinérante"],
            ["/reports"] = ["Politique de la Ville"],
        };
        foreach ((string path, string[] words) in seen)
        {
            PageAnswer page = await staff.GetAsync(path, Cancel);
            foreach (string word in words)
                Assert.True(page.Text.Contains(word, StringComparison.Ordinal), $"{path} does not show '{word}'.");
        }
    }

    private static async Task<bool> BringInAsync(IServiceProvider services)
    {
        var lab = await services.GetRequiredService<LabImport>().RunAsync(await File.ReadAllBytesAsync(SampleFile("lab.json"), Cancel), Cancel);
        Assert.Empty(lab.Faults);
        return await services.GetRequiredService<LabLife>().RunAsync(await File.ReadAllBytesAsync(SampleFile("life.json"), Cancel), Cancel);
    }

    private static string SampleFile(string name, [System.Runtime.CompilerServices.CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../samples/lab", name));
}
