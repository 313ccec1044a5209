using FabLab.Booking.Data;
using FabLab.Booking.Features;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Sites;
using FabLab.Booking.Features.Visits;
using FabLab.Booking.Tests.GroupSessions;
using FabLab.Booking.Tests.Hosting;
using FabLab.Booking.Tests.Pages;
using FabLab.Booking.Tests.Visits;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Visits;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Sites;

/// <summary>A lab with a house and an annexe.</summary>
public sealed class SiteTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_manager_makes_an_annexe_and_moves_a_machine_and_a_door_there_and_each_act_can_be_taken_back()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        await SampleLab.SeedAsync(host, Cancel);
        await host.Writer.WriteAsync((write, _) =>
        {
            write.Db.Devices.Add(new Device { Id = new DeviceId("lecteur-porte"), Driver = "pn532", AtDoor = true, Label = "Porte du fond", Version = 1 });
            return Task.CompletedTask;
        }, Cancel);
        using PageClient manager = await host.NewStaffAsync(Cancel);
        PageAnswer page = await manager.GetAsync("/sites", Cancel);
        Assert.Contains("Tout est dans un seul site", page.Text, StringComparison.Ordinal);
        Assert.Null(page.Document.QuerySelector("#things"));

        PageAnswer bad = await manager.SubmitAsync(page, "form[action='/sites']", new Dictionary<string, string> { ["name"] = "Annexe", ["insee"] = "69" }, Cancel);
        Assert.Contains("cinq signes", bad.TextOf(".notice"), StringComparison.Ordinal);
        page = await manager.FollowAsync(await manager.SubmitAsync(page, "form[action='/sites']", new Dictionary<string, string> { ["name"] = "L’annexe", ["commune"] = "Bron", ["insee"] = "69029" }, Cancel), Cancel);
        Assert.Contains("Site n° 2", page.TextOf("[aria-labelledby=site-2]"), StringComparison.Ordinal);
        PageAnswer named = await manager.FollowAsync(await manager.SubmitAsync(page, "form[action='/sites/1']", new Dictionary<string, string> { ["name"] = "La maison" }, Cancel), Cancel);
        Assert.Contains("La maison", named.TextOf("#site-1"), StringComparison.Ordinal);
        named = await manager.FollowAsync(await manager.SubmitAsync(named, ".notice form", null, Cancel), Cancel);
        Assert.DoesNotContain("La maison", named.TextOf("#site-1"), StringComparison.Ordinal);
        // Who had the page open before is told.
        Assert.Contains("a changé entre-temps", (await manager.SubmitAsync(page, "form[action='/sites/1']", new Dictionary<string, string> { ["name"] = "Autre" }, Cancel)).TextOf(".notice"), StringComparison.Ordinal);

        var machine = named.Document.QuerySelector("select[name^='m-']")!.GetAttribute("name")!;
        page = await manager.FollowAsync(await manager.SubmitAsync(named, "form[action='/sites/things']", new Dictionary<string, string> { [machine] = "2", ["d-lecteur-porte"] = "2" }, Cancel), Cancel);
        Assert.Contains("2 machines ou lecteurs", page.TextOf(".notice"), StringComparison.Ordinal);
        Assert.Equal((1, 1), await AtAnnexeAsync());
        page = await manager.FollowAsync(await manager.SubmitAsync(page, ".notice form", null, Cancel), Cancel);
        Assert.Equal((0, 0), await AtAnnexeAsync());
        page = await manager.FollowAsync(await manager.SubmitAsync(page, "[aria-labelledby=things] form", null, Cancel), Cancel);
        Assert.Contains("Rien n’a changé", page.TextOf(".notice"), StringComparison.Ordinal);
        // The forms of séances, of the desk and of volunteers ask where, now that there is a choice.
        foreach (var path in new[] { "/sessions/new", "/front-desk", "/volunteering" })
            Assert.Equal("L’annexe", (await manager.GetAsync(path, Cancel)).Document.QuerySelector("select[name=site] option[value='2']")!.TextContent);

        Task<(int, int)> AtAnnexeAsync() => host.ReadAsync(async db => (await db.Machines.CountAsync(m => m.Site == 2, Cancel), await db.Devices.CountAsync(d => d.Site == 2, Cancel)));
    }

    [Fact]
    public async Task A_visit_is_at_the_site_of_its_kiosk_its_session_or_its_desk_and_a_site_nobody_made_loses_none()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await YouthLab.InAsync(host);
        var sites = host.Services.GetRequiredService<SetSites>();
        Assert.Equal(2, (await sites.AddAsync(new SiteToBe(0, "L’annexe"), lab.Manager, Cancel)).Value.Number);
        Assert.Equal("first_site", (await sites.ChangeAsync(1, new SiteToBe(0, "La maison", Closed: true), lab.Manager, Cancel)).Refusal!.Code);
        Assert.Equal(ProblemCodes.Stale, (await sites.ChangeAsync(2, new SiteToBe(7, "Autre"), lab.Manager, Cancel)).Refusal!.Code);
        Assert.NotNull((await sites.MoveAsync(new SiteThings([new MachineAtSite(lab.Machines[0], 3)]), lab.Manager, Cancel)).Refusal);

        var now = host.Time.Now;
        VisitItem Came(PersonId? who, int? site) => new(Guid.CreateVersion7(), VisitAct.Arrived, VisitId.New(now), now) { Person = who, Way = who is null ? VisitWay.NoName : VisitWay.Badge, Site = site };
        await host.KioskClient().VisitsAsync(new VisitBatch(now, [Came(lab.Young[0], 2), Came(null, 2), Came(lab.Young[1], 9), Came(lab.Young[2], null), Came(null, -1)]), Cancel);
        Assert.Null((await host.Services.GetRequiredService<CountVisitor>().HandleAsync(new VisitorToCount(null, null, false, 2), lab.Manager, Cancel)).Refusal);
        Assert.Equal("site", (await host.Services.GetRequiredService<CountVisitor>().HandleAsync(new VisitorToCount(null, null, false, 9), lab.Manager, Cancel)).Refusal!.Field);
        Assert.NotNull((await lab.Set.AddAsync(lab.Wednesday() with { Site = 9 }, lab.Mentor, Cancel)).Refusal);
        var session = await lab.OpenAsync(lab.Wednesday() with { Machines = [], Site = 2 });
        await lab.PresentAsync(session, lab.Young[3]);

        Assert.Equal((3, 4), await host.ReadAsync(async db => (await db.Visits.CountAsync(v => v.Site == 1, Cancel), await db.Visits.CountAsync(v => v.Site == 2, Cancel))));
        Assert.Equal(2, await host.ReadAsync(db => db.Visits.Where(v => v.PersonId == lab.Young[3]).Select(v => v.Site).SingleAsync(Cancel)));
        // A change that names no site moves nothing, and at the door one reads where it is.
        var version = (await lab.SessionAsync(session)).Version;
        Assert.Null((await lab.Set.ChangeAsync(session, lab.Wednesday(now) with { Machines = [], Version = version }, lab.Mentor, Cancel)).Refusal);
        Assert.Equal(2, (await lab.SessionAsync(session)).Site);
        await using var scope = host.Services.CreateAsyncScope();
        Assert.Contains("Le lieu : L’annexe.", (await scope.ServiceProvider.GetRequiredService<DoorSource>().NewsAsync(lab.Young[3], Cancel))!.Lines.Select(line => line.Fr));
        // A site that is closed is offered no more and keeps what it has.
        Assert.Null((await sites.ChangeAsync(2, new SiteToBe(1, "L’annexe", Closed: true), lab.Manager, Cancel)).Refusal);
        Assert.NotNull((await lab.Set.AddAsync(lab.Wednesday() with { Site = 2 }, lab.Mentor, Cancel)).Refusal);
        Assert.Equal(4, await host.ReadAsync(db => db.Visits.CountAsync(v => v.Site == 2, Cancel)));
    }

    [Fact]
    public async Task A_kiosk_tells_at_which_door_it_stands_also_of_what_waited_without_network()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        await host.WriteAsync(write => write.Db.LabSites.Add(new LabSite { Number = 2, Name = "L’annexe" }));
        await DoorHost.EnrolAsync(host, lab.Ada, lab.Manager);
        await using var door = await DoorHost.StartAsync(host, site: 2);
        await door.FetchAsync();
        door.Line.Cut = true;
        using var browser = door.Browser();

        await browser.PostAsync("/read", [new("text", DoorHost.AdasBadge)], Cancel);
        await browser.PostAsync("/visit", [new("visit", $"{VisitId.New(host.Time.Now)}"), new("reason", "discover"), new("band", nameof(AgeBand.From70))], Cancel);
        door.Line.Cut = false;
        Assert.True(await door.DeliverAsync());

        Assert.Equal([2, 2], await host.ReadAsync(db => db.Visits.Select(v => v.Site).ToListAsync(Cancel)));
    }
}
