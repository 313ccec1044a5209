using System.Net;
using FabLab.Booking.Features.Floor;
using FabLab.Booking.Features.Floor.Pages;
using FabLab.Core.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Pages;

public sealed class FloorPageTests(SharedLab shared) : IClassFixture<SharedLab>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Floor_shows_each_machine_with_a_word_and_an_icon_for_its_state()
    {
        SampleLab lab = shared.Lab;
        using PageClient nobody = shared.Host.NewClient();

        PageAnswer floor = await nobody.GetAsync("/", Cancel);

        Assert.Equal(HttpStatusCode.OK, floor.Status);
        Assert.Equal(lab.Machines.Count, floor.Document.QuerySelectorAll("article.machine").Length);
        foreach (var machine in floor.Document.QuerySelectorAll("article.machine"))
        {
            Assert.NotNull(machine.QuerySelector(".state svg"));
            Assert.NotEqual("", machine.QuerySelector(".state")!.TextContent.Trim());
        }

        Assert.Equal("En marche", floor.TextOf("#m-LAS-1 .state"));
        Assert.Equal("Attend le 2e badge", floor.TextOf("#m-LAS-2 .state"));
        Assert.Equal("Libre", floor.TextOf("#m-IMP-2 .state"));
        Assert.Equal("Hors ligne", floor.TextOf("#m-IMP-5 .state"));
        Assert.Equal("Allumée", floor.TextOf("#m-VIN-1 .state"));
        Assert.Equal("Consignée", floor.TextOf("#m-BRO-1 .state"));
        Assert.Equal("Refroidit", floor.TextOf("#m-CNC-1 .state"));
        Assert.Equal("En panne", floor.TextOf("#m-ELE-1 .state"));
        Assert.Contains("Aiguille cassée", floor.TextOf("#m-BRO-1"), StringComparison.Ordinal);
        Assert.StartsWith("42 min", floor.TextOf("#m-LAS-1 [data-since]"), StringComparison.Ordinal);
        Assert.Contains("Réservée de 16 h 00 à 18 h 00", floor.TextOf("#m-IMP-2"), StringComparison.Ordinal);
        Assert.Contains("La personne qui accompagne pose son badge.", floor.TextOf("#m-LAS-2"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Staff_see_who_uses_a_machine_and_for_which_project()
    {
        PageClient staff = shared.Staff;

        PageAnswer floor = await staff.GetAsync("/", Cancel);

        Assert.Contains("Lou avec Inès Aubry · Bibliothèque de rue", floor.TextOf("#m-IMP-1"), StringComparison.Ordinal);
        Assert.Contains("Marc Delmas · Projet pas encore choisi", floor.TextOf("#m-VIN-1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Floor_without_machines_says_so()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        using PageClient nobody = host.NewClient();

        Assert.Equal("Aucune machine pour le moment", (await nobody.GetAsync("/", Cancel)).TextOf(".empty strong"));
        Assert.Equal("No machine yet", (await nobody.GetAsync("/?lang=en", Cancel)).TextOf(".empty strong"));
    }

    [Fact]
    public async Task What_has_nothing_to_switch_is_free_and_a_machine_nobody_has_heard_of_is_unknown()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        var (desk, silent) = (lab.Machines["IMP-2"], lab.Machines["VIN-1"]);
        await host.Writer.WriteAsync(
            async (write, cancel) =>
            {
                await write.Db.MachinesNow.Where(m => m.MachineId == desk || m.MachineId == silent).ExecuteDeleteAsync(cancel);
                await write.Db.MachineDevices.Where(m => m.MachineId == desk).ExecuteDeleteAsync(cancel);
            },
            Cancel);
        using PageClient nobody = host.NewClient();

        PageAnswer floor = await nobody.GetAsync("/", Cancel);

        Assert.Equal("Libre", floor.TextOf("#m-IMP-2 .state"));
        Assert.Equal("État inconnu", floor.TextOf("#m-VIN-1 .state"));
    }

    [Fact]
    public async Task A_gateway_that_fell_silent_has_no_news_of_its_machines()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        await SampleLab.SeedAsync(host, Cancel);
        await host.Writer.WriteAsync(
            (write, cancel) => write.Db.Gateways.ExecuteUpdateAsync(
                set => set.SetProperty(g => g.LastSeenAt, write.Now - Duration.FromMinutes(20)), cancel),
            Cancel);
        using PageClient nobody = host.NewClient();

        PageAnswer floor = await nobody.GetAsync("/", Cancel);

        Assert.Equal("Hors ligne", floor.TextOf("#m-LAS-1 .state"));
        Assert.Contains("Pas de nouvelles depuis 14 h 52.", floor.TextOf("#m-LAS-1"), StringComparison.Ordinal);
        // What Booking itself knows stays true.
        Assert.Equal("Consignée", floor.TextOf("#m-BRO-1 .state"));
        Assert.Equal("En panne", floor.TextOf("#m-ELE-1 .state"));
    }

    [Fact]
    public async Task A_state_of_a_newer_version_is_shown_as_unknown_and_the_rest_goes_on()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        await host.Writer.WriteAsync(
            (write, cancel) => write.Db.MachinesNow.Where(m => m.MachineId == lab.Machines["LAS-1"])
                .ExecuteUpdateAsync(set => set.SetProperty(m => m.State, """{"t":"levitating"}"""), cancel),
            Cancel);
        using PageClient nobody = host.NewClient();

        PageAnswer floor = await nobody.GetAsync("/", Cancel);

        Assert.Equal("État inconnu", floor.TextOf("#m-LAS-1 .state"));
        Assert.Equal("Libre", floor.TextOf("#m-IMP-2 .state"));
    }

    [Fact]
    public async Task A_change_reaches_an_open_page_as_a_hint_without_any_name()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        using HttpResponseMessage stream = await staff.Http.GetAsync("/live", HttpCompletionOption.ResponseHeadersRead, Cancel);
        Assert.Equal("text/event-stream", stream.Content.Headers.ContentType?.MediaType);
        using var lines = new StreamReader(await stream.Content.ReadAsStreamAsync(Cancel));
        Assert.Equal("event: sync", await NextEventAsync(lines));

        await lab.TellAsync(host, "IMP-2", new MachineState.Running(new MachineTracks(), SampleLab.SessionOf(lab.Marc, PagesHost.Start), new DeviceTime(1, 0, PagesHost.Start)), Cancel);

        Assert.Equal($"event: m-{lab.Machines["IMP-2"]}", await NextEventAsync(lines));
        PageAnswer part = await staff.GetAsync("/live/machines/IMP-2", Cancel, fragment: true);
        Assert.Equal("En marche", part.TextOf(".state"));
        Assert.Null(part.Document.QuerySelector("nav"));
    }

    [Fact]
    public async Task Many_changes_at_once_are_told_as_one()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient nobody = host.NewClient();
        using HttpResponseMessage stream = await nobody.Http.GetAsync("/live", HttpCompletionOption.ResponseHeadersRead, Cancel);
        using var lines = new StreamReader(await stream.Content.ReadAsStreamAsync(Cancel));
        Assert.Equal("event: sync", await NextEventAsync(lines));

        var changes = host.Services.GetRequiredService<FloorChanges>();
        for (int i = 0; i < 40; i++)
            changes.Announce(new FloorChange(FloorTopic.State, Core.MachineId.New(PagesHost.Start + Duration.FromMilliseconds(i))));

        Assert.Equal("event: floor", await NextEventAsync(lines));
    }

    [Fact]
    public async Task An_open_stream_does_not_hold_up_the_end_of_the_program()
    {
        PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        using PageClient nobody = host.NewClient();
        using HttpResponseMessage stream = await nobody.Http.GetAsync("/live", HttpCompletionOption.ResponseHeadersRead, Cancel);
        using var lines = new StreamReader(await stream.Content.ReadAsStreamAsync(Cancel));
        Assert.Equal("event: sync", await NextEventAsync(lines));
        var live = host.Services.GetRequiredService<LiveStream>();
        Assert.Equal(1, live.Open);

        await host.DisposeAsync();

        // The stream came to its end by itself and left nothing behind.
        Assert.Equal(0, live.Open);
    }

    private static async Task<string?> NextEventAsync(StreamReader lines)
    {
        while (await lines.ReadLineAsync(Cancel) is { } line)
        {
            if (line.StartsWith("event:", StringComparison.Ordinal) && line is not "event: beat")
                return line;
        }

        return null;
    }
}
