using System.Net;
using FabLab.Booking.Features;
using FabLab.Booking.Features.People;
using FabLab.Booking.Tests.Hosting;
using FabLab.Booking.Tests.Pages;
using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Kiosk;
using FabLab.Kiosk.Door;
using FabLab.Kiosk.Link;
using FabLab.Kiosk.Storage;
using FabLab.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Booking.Tests.Visits;

/// <summary>
/// A kiosk as it runs, on a port and in a folder of its own, at a Booking. What it does by the clock a test does by hand, so that a test
/// knows when it is done; its line can be cut.
/// </summary>
internal sealed class DoorHost : IAsyncDisposable
{
    public const string AdasBadge = "3808980205";

    private readonly WebApplication _app;
    private readonly TemporaryFolder? _own;

    private DoorHost(WebApplication app, TemporaryFolder? own, Line line)
    {
        (_app, _own, Line) = (app, own, line);
        Address = new Uri(app.Urls.Single() + "/");
    }

    public Uri Address { get; }

    public Line Line { get; }

    public KioskStore Store => _app.Services.GetRequiredService<KioskStore>();

    public DoorMemory Memory => _app.Services.GetRequiredService<DoorMemory>();

    public static async Task<DoorHost> StartAsync(BookingHost booking, TimeProvider? time = null, TemporaryFolder? folder = null, string kiosk = BookingHost.Kiosk, int site = 1)
    {
        var own = folder is null ? new TemporaryFolder() : null;
        var path = (folder ?? own!).Path;
        foreach (var key in new[] { "badge.key", $"kiosk-{kiosk}.key" })
            File.Copy(Path.Combine(booking.Folder, key), Path.Combine(path, key), overwrite: true);
        var line = new Line();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Kiosk:BookingAddress"] = booking.Address.ToString(), ["Kiosk:DataFolder"] = path, ["Kiosk:Name"] = kiosk, ["Kiosk:Site"] = $"{site}",
        });
        builder.Services.AddSingleton(time ?? booking.Time);
        var before = builder.Services.Count;
        builder.Services.AddKiosk(builder.Configuration);
        foreach (var byTheClock in builder.Services.Skip(before).Where(service => service.ServiceType == typeof(IHostedService)).ToList())
            builder.Services.Remove(byTheClock);
        // Both ways to Booking are the one line.
        builder.Services.AddHttpClient(BookingLink.HttpName).ConfigurePrimaryHttpMessageHandler(() => line.Handler());
        builder.Services.AddHttpClient(nameof(Contracts.PlaceClient)).ConfigurePrimaryHttpMessageHandler(() => line.Handler());
        var app = builder.Build();
        app.MapKiosk();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new DoorHost(app, own, line);
    }

    /// <summary>Gives Ada the badge <see cref="AdasBadge"/>, as the front desk does.</summary>
    public static async Task EnrolAsync(BookingHost booking, PersonId person, StaffActor by, string number = AdasBadge)
    {
        var given = await booking.Services.GetRequiredService<EnrolBadge>().HandleAsync(
            person, new BadgeToEnrol(number, ReaderProfile.EmDecimal.Code, default), by, TestContext.Current.CancellationToken);
        Assert.True(given.Done, given.Refusal?.Detail);
    }

    public Task<bool> FetchAsync() => _app.Services.GetRequiredService<DoorFetcher>().FetchAsync(TestContext.Current.CancellationToken);

    /// <summary>Sends what waits, as often as a kiosk would try.</summary>
    /// <returns>Whether nothing waits any more.</returns>
    public async Task<bool> DeliverAsync()
    {
        var uploader = _app.Services.GetRequiredService<VisitUploader>();
        while (Store.Count > 0)
        {
            if (!await uploader.SendAsync(TestContext.Current.CancellationToken))
                return false;
        }
        return true;
    }

    public PageClient Browser() => new(Address);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _own?.Dispose();
    }
}

/// <summary>The line between a kiosk and Booking.</summary>
internal sealed class Line
{
    /// <summary>Nothing gets through.</summary>
    public bool Cut { get; set; }

    /// <summary>The next answers to what is handed in get lost, after Booking has stored it.</summary>
    public int LoseAnswers { get; set; }

    public HttpMessageHandler Handler() => new Cable(this);

    private sealed class Cable(Line line) : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (line.Cut)
                throw new HttpRequestException("The line is cut.");
            var answer = await base.SendAsync(request, cancellationToken);
            if (line.LoseAnswers > 0 && request.Method == HttpMethod.Post)
            {
                line.LoseAnswers--;
                answer.Dispose();
                throw new HttpRequestException("The answer got lost.");
            }
            return answer;
        }
    }
}
