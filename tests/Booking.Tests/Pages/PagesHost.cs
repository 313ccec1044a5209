using System.Net;
using FabLab.Booking.Data;
using FabLab.Booking.Features.SignIn;
using FabLab.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Booking.Tests.Pages;

/// <summary>Booking alone, on a real port and a real SQLite file.</summary>
public sealed class PagesHost : IAsyncDisposable
{
    /// <summary>A Tuesday in March, 15:12 in Lyon.</summary>
    public static readonly Instant Start = Instant.FromUtc(2026, 3, 10, 14, 12);

    private readonly TemporaryFolder _folder = new();
    private readonly WebApplication _app;

    private PagesHost(WebApplication app, TemporaryFolder folder) => (_app, _folder) = (app, folder);

    public IServiceProvider Services => _app.Services;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public BookingWriter Writer => Services.GetRequiredService<BookingWriter>();

    public static async Task<PagesHost> StartAsync(bool demo, CancellationToken cancellationToken, IReadOnlyDictionary<string, string?>? settings = null)
    {
        var folder = new TemporaryFolder();
        await Hosting.MigratedFile.PutAsync(folder.Path, cancellationToken);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Booking:DataFolder"] = folder.Path,
            ["Booking:Demo"] = demo ? "true" : "false",
            ["Booking:Gateways:0"] = SampleLab.Gateway,
        });
        builder.Configuration.AddInMemoryCollection(settings ?? new Dictionary<string, string?>());
        builder.Services.AddSingleton<TimeProvider>(new ShiftedTime(Start));
        builder.Services.AddBooking(builder.Configuration);
        WebApplication app = builder.Build();
        app.UseBooking();
        app.MapBooking();
        var host = new PagesHost(app, folder);
        await app.StartAsync(cancellationToken);
        return host;
    }

    public async Task<T> ReadAsync<T>(Func<BookingDbContext, Task<T>> read)
    {
        await using BookingDbContext db = await Services.GetRequiredService<Microsoft.EntityFrameworkCore.IDbContextFactory<BookingDbContext>>().CreateDbContextAsync();
        return await read(db);
    }

    /// <summary>A browser without script: it keeps cookies and does not follow redirects by itself.</summary>
    public PageClient NewClient() => new(Address);

    /// <summary>The same, signed in through a one-time link: as a manager, or as who has that login.</summary>
    public async Task<PageClient> NewStaffAsync(CancellationToken cancellationToken, string? login = null)
    {
        PageClient client = NewClient();
        SignInLink link = (await Services.GetRequiredService<IOneTimeLinks>().CreateAsync(login, cancellationToken))!;
        PageAnswer landing = await client.GetAsync(link.Path, cancellationToken);
        PageAnswer entered = await client.SubmitAsync(landing, "form[action='/sign-in/link']", null, cancellationToken);
        Assert.Equal(HttpStatusCode.Redirect, entered.Status);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }
}
