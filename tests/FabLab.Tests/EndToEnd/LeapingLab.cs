using System.Globalization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Lab;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Pages.Browser;
using FabLab.Gateway;
using FabLab.Host.Demo;
using FabLab.Host.Hosting;
using FabLab.Host.Running;
using FabLab.Host.Settings;
using FabLab.Kiosk.Door;
using FabLab.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using NodaTime;

namespace FabLab.Host.Tests.EndToEnd;

/// <summary>The tests that share one <see cref="LeapingLab"/>: each takes a week of its own.</summary>
[CollectionDefinition]
public sealed class LeapingLabTests : ICollectionFixture<LeapingLab>;

/// <summary>
/// The sample lab with its real broker, gateway and virtual devices, at a time that the test lets leap: Booking and gateway run in
/// this process, the devices in theirs. Its mail goes to a server of the test, its pages to a browser.
/// </summary>
public sealed class LeapingLab(BrowserFixture browser) : IAsyncLifetime
{
    // A Tuesday in March, far from holidays and far enough ahead that no browser forgets a cookie of then.
    private static readonly LocalDate FirstDay = new(2035, 3, 6);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fablab-leap-");
    private LeapingTime? _time;
    private ProgramConfiguration? _configuration;
    private RunFile? _held;
    private VirtualLabProcess? _devices;
    private LabRunner? _runner;
    private LabRunner? _door;
    private HostSocket? _socket;
    private IPage? _page;
    private LocalDate _week = FirstDay.PlusDays(-7);

    internal LabHandle Lab => new(_folder.FullName);

    internal IPage Page => _page!;

    internal SmtpSink Mail { get; } = new();

    internal Uri Web => _configuration!.Options.Web;

    internal static DateTimeZone Zone => DateTimeZoneProviders.Tzdb["Europe/Paris"];

    private IServiceProvider Services => _runner!.Services("lab");

    public async ValueTask InitializeAsync()
    {
        var cancel = TestContext.Current.CancellationToken;
        _time = new LeapingTime(At(FirstDay, new LocalTime(9, 0)));
        var ports = DemoLab.FreePorts(3);
        var settings = new Dictionary<string, string?>(Mail.Settings())
        {
            ["FabLab:Data"] = _folder.FullName, ["FabLab:WebPort"] = ports[0], ["FabLab:KioskPort"] = ports[1], ["FabLab:MqttPort"] = ports[2],
            ["Logging:LogLevel:FabLab.Gateway.Drivers.Node"] = "Warning",
        };
        settings.Remove("Booking:PublicAddress");
        var configuration = _configuration = ProgramConfiguration.Build(settings, "leap");
        Assert.Empty(configuration.Faults);
        var options = configuration.Options;
        var error = TextWriter.Synchronized(new StringWriter());
        var files = DemoFiles.Find(error) ?? throw new InvalidOperationException(error.ToString());
        _held = RunFile.TryHold(options.Data, new RunningProgram(Environment.ProcessId, "demo", options.WebPort, options.KioskPort, options.MqttPort));
        var (devices, _) = DemoDevices.Enrol(files.Lab, options.Data);
        _runner = new LabRunner([LabApps.Lab(configuration, demo: true, _time)], error);
        _devices = VirtualLabProcess.Start(files.Program, files.Lab, devices, options.Data, options.MqttPort, quietDay: true, TimeProvider.System, error);
        Assert.True(await _runner.StartAsync(cancel), error.ToString());
        var import = await Services.GetRequiredService<LabImport>().RunAsync(await File.ReadAllBytesAsync(files.Lab, cancel), cancel);
        Assert.True(import.Done, string.Join(" ", import.Faults));
        await _devices.Ready.WaitAsync(cancel);
        await DemoVerb.DevicesAnswerAsync(Services.GetRequiredService<GatewayStatus>(), cancel);
        _socket = new HostSocket(options.Data, (question, stop) => HostAnswers.AnswerAsync(question, Services, options, stop));

        _page = await (await browser.BrowserAsync()).NewPageAsync(new BrowserNewPageOptions { BaseURL = options.Web.ToString(), Locale = "fr-FR" });
    }

    /// <summary>A Tuesday that no test has used yet, at a time of day; the manager Inès, M01, who uses the machines like the others, has just signed in.</summary>
    /// <returns>The Tuesday.</returns>
    internal async Task<LocalDate> BeginAsync(LocalTime time)
    {
        _week = _week.PlusWeeks(1);
        await LeapAsync(_week, time);
        return _week;
    }

    /// <summary>Lets time pass until then. Whoever was signed in for too long signs in again.</summary>
    internal async Task LeapAsync(LocalDate day, LocalTime time)
    {
        var moment = At(day, time);
        var far = moment - _time!.Now > Duration.FromHours(2);
        _time.LeapTo(moment);
        if (far)
        {
            await Page.Context.ClearCookiesAsync();
            await Page.GotoAsync("/sign-in");
            await Page.Locator("form[action='/sign-in/demo'] button").ClickAsync();
        }
    }

    internal static Instant At(LocalDate day, LocalTime time) => Zone.AtStrictly(day + time).ToInstant();

    /// <summary>The kiosk at the door, as the program runs it beside the lab; started by the first test that goes there.</summary>
    /// <returns>Its address, once it knows the badges of the lab.</returns>
    internal async Task<Uri> DoorAsync()
    {
        if (_door is null)
        {
            var error = TextWriter.Synchronized(new StringWriter());
            _door = new LabRunner([LabApps.Kiosk(_configuration!, demo: true, _time)], error);
            Assert.True(await _door.StartAsync(TestContext.Current.CancellationToken), error.ToString());
        }
        var memory = _door.Services("kiosk").GetRequiredService<DoorMemory>();
        await Eventually.IsAsync(() => Task.FromResult(memory.Version), version => version is not null, "the door knows the badges", TestContext.Current.CancellationToken);
        return new Uri($"http://localhost:{_configuration!.Options.KioskPort}/");
    }

    /// <summary>Looks into Booking's data.</summary>
    internal async Task<T> ReadAsync<T>(Func<BookingDbContext, Task<T>> read)
    {
        await using var db = await Services.GetRequiredService<IDbContextFactory<BookingDbContext>>().CreateDbContextAsync(TestContext.Current.CancellationToken);
        return await read(db);
    }

    /// <summary>Puts something into Booking's data that no test is about.</summary>
    internal Task WriteAsync(Func<BookingWrite, CancellationToken, Task> write) =>
        Services.GetRequiredService<BookingWriter>().WriteAsync(write, TestContext.Current.CancellationToken);

    /// <summary>A window of its own on Booking, in which who has that login has signed in with a link that works once.</summary>
    internal async Task<Visit> SignInAsync(string login, Look look)
    {
        var visit = await Visit.OpenAsync(browser, Web, look);
        var link = await Services.GetRequiredService<IOneTimeLinks>().CreateAsync(login, TestContext.Current.CancellationToken);
        await visit.GoAsync(link!.Path);
        await visit.Page.Locator("form[action='/sign-in/link'] button").ClickAsync();
        return visit;
    }

    /// <summary>Somebody wants mail at an address.</summary>
    internal Task WantsMailAsync(string person, string address) => Services.GetRequiredService<BookingWriter>().WriteAsync(
        async (write, cancel) =>
        {
            var found = await write.Db.People.SingleAsync(p => p.ShortCode == person, cancel);
            (found.Email, found.MailConsentAt) = (address, write.Now);
        },
        TestContext.Current.CancellationToken);

    /// <summary>Books in the browser, as a manager does for somebody; null: for herself.</summary>
    /// <returns>The address of the page one is on then: the booking's, when it is for somebody else.</returns>
    internal async Task<string> BookAsync(string machine, string? person, LocalDate day, LocalTime start, int minutes)
    {
        var length = minutes.ToString(CultureInfo.InvariantCulture);
        await Page.GotoAsync($"/book/{machine}?day={day.ToString("uuuu-MM-dd", CultureInfo.InvariantCulture)}&length={length}");
        if (person is not null)
        {
            await Page.Locator("details.who-for > summary").ClickAsync();
            await Page.Locator("details.who-for input[name=q]").FillAsync(person);
            await Page.Locator("details.who-for form button").ClickAsync();
            await Page.Locator("details.who-for .chips a[href*='for=']").First.ClickAsync();
        }
        await Page.Locator($"label:has(input[name=start][value='{At(day, start)}'])").ClickAsync();
        await Page.Locator(".reserve-do button").ClickAsync();
        await Assertions.Expect(Page.Locator(".notice").First).ToContainTextAsync("est réservée");
        return new Uri(Page.Url).AbsolutePath;
    }

    public async ValueTask DisposeAsync()
    {
        if (_page is not null)
            await _page.Context.CloseAsync();
        if (_socket is not null)
            await _socket.DisposeAsync();
        if (_door is not null)
            await _door.DisposeAsync();
        if (_runner is not null)
            await _runner.DisposeAsync();
        if (_devices is not null)
            await _devices.DisposeAsync();
        _held?.Dispose();
        await Mail.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
