using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Api;
using FabLab.Booking.Tests.Hosting;
using FabLab.Ui;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Booking.Tests.SignIn;

/// <summary>What holds for every answer, whoever asks.</summary>
public sealed class SecurityFloorTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_change_without_the_anti_forgery_token_is_refused()
    {
        await using var host = await BookingHost.StartAsync();
        await RoleLab.InAsync(host);
        using var manager = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.Manager));
        manager.DefaultRequestHeaders.Remove(BookingAuth.ForgeryHeader);

        foreach (var (endpoint, needed) in EndpointTableTests.Table.Where(line => !line.Key.StartsWith("GET ", StringComparison.Ordinal) && line.Value is { Gateway: false, Kiosk: false }))
        {
            var parts = endpoint.Split(' ');
            var address = parts[1].Replace("{id:guid}", Guid.NewGuid().ToString(), StringComparison.Ordinal).Replace("{code}", "LAS-1", StringComparison.Ordinal)
                .Replace("{number:int}", "1", StringComparison.Ordinal).Replace("{wait:guid}", Guid.NewGuid().ToString(), StringComparison.Ordinal);
            using HttpContent content = address.StartsWith("/api/", StringComparison.Ordinal) ? JsonContent.Create(new { }) : new FormUrlEncodedContent([]);
            using var answer = await manager.SendAsync(new HttpRequestMessage(new HttpMethod(parts[0]), new Uri(host.Address, address)) { Content = content }, Cancel);
            Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{endpoint} ({needed.Right}) gave {answer.StatusCode}");
        }
    }

    [Fact]
    public async Task Cookies_are_for_this_site_and_out_of_reach_of_scripts()
    {
        await using var host = await BookingHost.StartAsync();
        var link = await host.Services.GetRequiredService<IOneTimeLinks>().CreateAsync(null, Cancel);
        using var browser = host.Browser();
        using var session = await browser.GetAsync("api/v1/session", Cancel);
        await BookingHost.TakeTokenAsync(browser);
        using var entered = await browser.PostAsJsonAsync("api/v1/sign-in/link", new { code = link!.Secret }, Cancel);
        using var asked = await browser.PostAsync("api/v1/sign-in/passkey/question", null, Cancel);

        var cookies = session.Headers.GetValues("Set-Cookie").Concat(entered.Headers.GetValues("Set-Cookie")).ToList();
        Assert.Equal(["fablab-browser", "fablab-forgery", "fablab-staff"], cookies.Select(cookie => cookie.Split('=')[0]).Order(StringComparer.Ordinal));
        Assert.All(cookies, cookie => Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase));
        Assert.All(cookies, cookie => Assert.Matches("(?i)samesite=(strict|lax)", cookie));
    }

    [Fact]
    public async Task Every_answer_forbids_frames_and_scripts_of_others()
    {
        await using var host = await BookingHost.StartAsync();
        await RoleLab.InAsync(host);
        using var nobody = host.Browser();

        foreach (var address in new[] { "", "sign-in", "sign-in/short-code", "people", "api/v1/session", "api/v1/nothing", "nowhere", "openapi/v1.json", "health" })
        {
            using var answer = await nobody.GetAsync(address, Cancel);
            var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
            Assert.Equal(SecurityHeadersMiddleware.ContentSecurityPolicy, policy);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        }
    }

    [Fact]
    public async Task Who_is_not_signed_in_may_not_ask_without_end_and_that_holds_up_nobody_else()
    {
        await using var host = await BookingHost.StartAsync(settings: new Dictionary<string, string?> { ["Booking:AnonymousPerMinute"] = "10" });
        using var staff = await host.StaffBrowserAsync();
        host.Time.Advance(Duration.FromMinutes(1));
        using var nobody = host.Browser();
        using var gateway = host.WithGatewayKey();

        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 12; i++)
        {
            using var answer = await nobody.GetAsync("api/v1/place", Cancel);
            statuses.Add(answer.StatusCode);
        }
        using var page = await nobody.GetAsync("", Cancel);
        using var mine = await staff.GetAsync("people", Cancel);
        using var policy = await gateway.GetAsync("api/v1/gateways/lab/policy", Cancel);
        host.Time.Advance(Duration.FromMinutes(1));
        using var later = await nobody.GetAsync("api/v1/place", Cancel);

        Assert.Equal([.. Enumerable.Repeat(HttpStatusCode.OK, 10), HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests], statuses);
        Assert.Equal(HttpStatusCode.TooManyRequests, page.StatusCode);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK), (mine.StatusCode, policy.StatusCode, later.StatusCode));
    }

    [Fact]
    public async Task Who_only_reads_figures_never_sees_a_name()
    {
        await using var host = await BookingHost.StartAsync();
        await RoleLab.InAsync(host);
        using var observer = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.Observer));

        foreach (var endpoint in EndpointTableTests.Table.Keys.Where(key => key.StartsWith("GET /", StringComparison.Ordinal) && key != "GET /live" && !key.Contains("{version}", StringComparison.Ordinal)))
        {
            var address = endpoint.Split(' ')[1].Replace("{code}", "LAS-1", StringComparison.Ordinal).Replace("{documentName}", "v1", StringComparison.Ordinal)
                .Replace("{gateway}", BookingHost.Gateway, StringComparison.Ordinal).Replace("{id:guid}", Guid.NewGuid().ToString(), StringComparison.Ordinal)
                .Replace("{wait:guid}", Guid.NewGuid().ToString(), StringComparison.Ordinal);
            using var answer = await observer.GetAsync(new Uri(host.Address, address), Cancel);
            var text = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Cancel));
            Assert.DoesNotContain(RoleLab.InGroupName, text, StringComparison.Ordinal);
            Assert.DoesNotContain(RoleLab.StrangerName, text, StringComparison.Ordinal);
            Assert.All(Rights.Roles, role => Assert.DoesNotContain($"Qui {role}", text, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task No_name_password_code_or_secret_is_logged()
    {
        var log = new Kept();
        await using var host = await BookingHost.StartAsync(services: services => services.AddSingleton<ILoggerProvider>(log));
        var lab = await RoleLab.InAsync(host);
        using var desk = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.FrontDesk));
        using var given = await desk.PostAsync($"api/v1/people/{lab.Stranger}/sign-in", null, Cancel);
        var access = await given.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        using var browser = host.Browser();
        await BookingHost.TakeTokenAsync(browser);

        using var wrong = await browser.PostAsJsonAsync("api/v1/sign-in/password", new { login = "r-manager", password = "un mot très secret" }, Cancel);
        using var guessed = await browser.PostAsJsonAsync("api/v1/sign-in/short-code", new { code = "ABCDEFGH" }, Cancel);
        using var people = await desk.GetAsync("people", Cancel);

        Assert.Contains(log.Lines, line => line.Contains("A sign-in failed", StringComparison.Ordinal));
        string[] secrets =
        [
            RoleLab.StrangerName, RoleLab.InGroupName, "r-manager", "un mot très secret", "ABCDEFGH", access.GetProperty("code").GetString()!, access.GetProperty("path").GetString()!.Split('=')[1],
        ];
        foreach (var secret in secrets)
            Assert.DoesNotContain(log.Lines, line => line.Contains(secret, StringComparison.Ordinal));
    }

    private sealed class Kept : ILoggerProvider, ILogger
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> _lines = new();

        public IReadOnlyCollection<string> Lines => _lines;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
            // It holds nothing.
        }
    }
}
