using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FabLab.Booking.Data;
using FabLab.Booking.Features.SignIn;
using FabLab.Contracts;
using FabLab.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace FabLab.Booking.Tests.Hosting;

public enum DatabaseKind
{
    Sqlite,
    Postgres,
}

/// <summary>Booking as it runs: Kestrel on a free port, a real database, its own data folder. Time stands still unless moved.</summary>
public sealed class BookingHost : IAsyncDisposable
{
    public const string Gateway = "lab";
    public const string Kiosk = "door";

    private readonly TemporaryFolder _folder;
    private readonly bool _ownsFolder;
    private readonly WebApplication _app;

    private BookingHost(TemporaryFolder folder, bool ownsFolder, WebApplication app, ManualTime time)
    {
        _folder = folder;
        _ownsFolder = ownsFolder;
        _app = app;
        Time = time;
        Address = new Uri(app.Urls.Single() + "/");
    }

    public Uri Address { get; }

    public ManualTime Time { get; }

    public string Folder => _folder.Path;

    public IServiceProvider Services => _app.Services;

    public BookingWriter Writer => Services.GetRequiredService<BookingWriter>();

    public static TheoryData<DatabaseKind> BothDatabases => [DatabaseKind.Sqlite, DatabaseKind.Postgres];

    /// <summary>The connection string of a fresh, empty PostgreSQL database; skips the test where there is none, and fails it in CI.</summary>
    public static Task<string> PostgresAsync(CancellationToken cancellationToken) => PostgresAsync(server => server.DatabaseAsync(cancellationToken));

    private static async Task<string> PostgresAsync(Func<PostgresServer, Task<(string? ConnectionString, string Why)>> ask)
    {
        var server = (PostgresServer)(await TestContext.Current.GetFixture(typeof(PostgresServer)))!;
        var (database, why) = await ask(server);
        if (database is null && Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail(why);
        Assert.SkipWhen(database is null, why);
        return database!;
    }

    public static async Task<BookingHost> StartAsync(
        DatabaseKind kind = DatabaseKind.Sqlite,
        IReadOnlyDictionary<string, string?>? settings = null,
        Action<IServiceCollection>? services = null,
        TemporaryFolder? folder = null,
        ManualTime? time = null)
    {
        var cancel = TestContext.Current.CancellationToken;
        var database = kind == DatabaseKind.Postgres ? await PostgresAsync(server => server.CopyAsync(MigratedFile.MigratePostgresAsync, cancel)) : "";
        var ownsFolder = folder is null;
        folder ??= new TemporaryFolder();
        time ??= new ManualTime();
        if (kind == DatabaseKind.Sqlite && ownsFolder)
            await MigratedFile.PutAsync(folder.Path, cancel);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Booking:DataFolder"] = folder.Path,
            ["Booking:Database"] = database,
            ["Booking:Gateways:0"] = Gateway,
            ["Booking:Kiosks:0"] = Kiosk,
        });
        if (settings is not null)
            builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddBooking(builder.Configuration);
        services?.Invoke(builder.Services);
        var app = builder.Build();
        app.UseRouting();
        app.UseBooking();
        app.MapBooking();
        try
        {
            await app.StartAsync(cancel);
        }
        catch
        {
            await app.DisposeAsync();
            if (ownsFolder)
                folder.Dispose();
            throw;
        }
        return new BookingHost(folder, ownsFolder, app, time);
    }

    /// <summary>A browser of its own: keeps cookies, follows no redirect.</summary>
    public HttpClient Browser() =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = Address };

    public HttpClient WithGatewayKey(string gateway = Gateway)
    {
        var client = Browser();
        client.DefaultRequestHeaders.Authorization = new("Bearer", File.ReadAllText(Path.Combine(Folder, $"gateway-{gateway}.key")).Trim());
        return client;
    }

    public HttpClient WithKioskKey(string kiosk = Kiosk)
    {
        var client = Browser();
        client.DefaultRequestHeaders.Authorization = new("Bearer", File.ReadAllText(Path.Combine(Folder, $"kiosk-{kiosk}.key")).Trim());
        return client;
    }

    public KioskClient KioskClient(string kiosk = Kiosk) =>
        new(new HttpClient { BaseAddress = Address }, File.ReadAllText(Path.Combine(Folder, $"kiosk-{kiosk}.key")).Trim());

    public GatewayClient GatewayClient(string gateway = Gateway) =>
        new(new HttpClient { BaseAddress = Address }, gateway, File.ReadAllText(Path.Combine(Folder, $"gateway-{gateway}.key")).Trim());

    /// <summary>A browser in which a manager (or staff, by login name) is signed in; changes carry the anti-forgery token.</summary>
    public async Task<HttpClient> StaffBrowserAsync(string? loginName = null)
    {
        var cancel = TestContext.Current.CancellationToken;
        var link = await Services.GetRequiredService<IOneTimeLinks>().CreateAsync(loginName, cancel);
        var browser = Browser();
        await TakeTokenAsync(browser);
        using var answer = await browser.PostAsJsonAsync("api/v1/sign-in/link", new { code = link!.Secret }, cancel);
        answer.EnsureSuccessStatusCode();
        // The token belongs to who is signed in: take the new one.
        await TakeTokenAsync(browser);
        return browser;
    }

    public static async Task TakeTokenAsync(HttpClient browser)
    {
        var session = await browser.GetFromJsonAsync<JsonElement>("api/v1/session", TestContext.Current.CancellationToken);
        browser.DefaultRequestHeaders.Remove(BookingAuth.ForgeryHeader);
        browser.DefaultRequestHeaders.Add(BookingAuth.ForgeryHeader, session.GetProperty("forgeryToken").GetString());
    }

    public async Task<T> ReadAsync<T>(Func<BookingDbContext, Task<T>> read)
    {
        await using var db = await Services.GetRequiredService<IDbContextFactory<BookingDbContext>>().CreateDbContextAsync(TestContext.Current.CancellationToken);
        return await read(db);
    }

    public Task WriteAsync(Action<BookingWrite> work) => Writer.WriteAsync(
        (write, _) =>
        {
            work(write);
            return Task.CompletedTask;
        },
        TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        if (_ownsFolder)
            _folder.Dispose();
    }
}
