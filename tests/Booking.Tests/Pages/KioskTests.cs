using FabLab.Booking.Features.Hours;
using FabLab.Core.Scheduling;
using FabLab.Kiosk;
using FabLab.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NodaTime;

namespace FabLab.Booking.Tests.Pages;

public sealed class KioskTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The door of a Booking at an address.</summary>
    public static async Task<(WebApplication App, Uri Address)> StartDoorAsync(
        string bookingAddress, CancellationToken cancellationToken, TimeProvider? time = null)
    {
        var folder = new TemporaryFolder();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Kiosk:BookingAddress"] = bookingAddress, ["Kiosk:DataFolder"] = folder.Path });
        builder.Services.AddSingleton(time ?? new ManualTime(PagesHost.Start));
        builder.Services.AddKiosk(builder.Configuration);
        // Made here, so that it goes after what has files in it.
        builder.Services.AddSingleton(_ => folder);
        WebApplication app = builder.Build();
        app.Services.GetRequiredService<TemporaryFolder>();
        app.MapKiosk();
        await app.StartAsync(cancellationToken);
        return (app, new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()));
    }

    [Fact]
    public async Task The_door_shows_whether_the_place_is_open_and_what_is_free_and_no_name()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        await host.Writer.WriteAsync(
            (write, _) =>
            {
                write.Db.SiteTimetables.Add(new SiteTimetableRow
                {
                    Timetable = new SiteTimetable
                    {
                        Zone = "Europe/Paris",
                        Weekly = [new WeeklyOpening { Days = WeekDays.All, Window = new(new LocalTime(10, 0), new LocalTime(19, 0), OpeningKind.OpenLab) }],
                    },
                });
                return Task.CompletedTask;
            },
            Cancel);
        (WebApplication app, Uri address) = await StartDoorAsync(host.Address.ToString(), Cancel);
        await using (app)
        {
            using var visitor = new PageClient(address);

            PageAnswer home = await visitor.GetAsync("/", Cancel);
            PageAnswer machines = await visitor.GetAsync("/machines", Cancel);
            PageAnswer english = await visitor.GetAsync("/?lang=en", Cancel);

            Assert.Equal("Bienvenue", home.TextOf("h1"));
            Assert.Contains("C’est ouvert jusqu’à 19 h 00", home.TextOf("#now"), StringComparison.Ordinal);
            Assert.Contains("1 machine libre", home.TextOf("#now"), StringComparison.Ordinal);
            Assert.Equal(lab.Machines.Count, machines.Document.QuerySelectorAll(".door-list li").Length);
            Assert.Contains("We are open until 19:00", english.TextOf("#now"), StringComparison.Ordinal);
            foreach (string name in SampleLab.Names)
                Assert.DoesNotContain(name, home.Html + machines.Html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_door_goes_on_with_what_it_knew_when_booking_does_not_answer()
    {
        PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        await SampleLab.SeedAsync(host, Cancel);
        var time = new ManualTime(PagesHost.Start);
        (WebApplication app, Uri address) = await StartDoorAsync(host.Address.ToString(), Cancel, time);
        await using (app)
        {
            using var visitor = new PageClient(address);
            await visitor.GetAsync("/", Cancel);
            await host.DisposeAsync();
            // An answer is kept for a few seconds, so that many screens are one question.
            time.Advance(Duration.FromSeconds(10));

            PageAnswer home = await visitor.GetAsync("/", Cancel);

            Assert.Contains("1 machine libre", home.TextOf("#now"), StringComparison.Ordinal);
            Assert.Contains("Ces informations datent de", home.TextOf("#now"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_door_that_never_reached_booking_says_so_and_still_helps()
    {
        (WebApplication app, Uri address) = await StartDoorAsync("http://127.0.0.1:9", Cancel);
        await using (app)
        {
            using var visitor = new PageClient(address);

            Assert.Contains("Il n’y a pas d’informations", (await visitor.GetAsync("/", Cancel)).TextOf("#now"), StringComparison.Ordinal);
            Assert.Contains("Il n’y a pas d’informations", (await visitor.GetAsync("/machines", Cancel)).TextOf(".empty"), StringComparison.Ordinal);
            Assert.Equal("Une personne peut vous aider", (await visitor.GetAsync("/help", Cancel)).TextOf("h1"));
            PageAnswer missing = await visitor.GetAsync("/nowhere", Cancel);
            Assert.Equal(System.Net.HttpStatusCode.NotFound, missing.Status);
            Assert.Equal("Cette page n’existe pas", missing.TextOf("h1"));
        }
    }

    [Fact]
    public async Task A_door_without_the_address_of_booking_does_not_start_and_names_the_key()
    {
        var fault = await Assert.ThrowsAsync<OptionsValidationException>(() => StartDoorAsync("", Cancel));

        Assert.Contains("Kiosk:BookingAddress", fault.Message, StringComparison.Ordinal);
    }
}
