using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Policy;
using FabLab.Gateway.Tests.Flow;
using FabLab.Gateway.Tests.Links;
using FabLab.Gateway.Uploading;
using FabLab.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Tests.Supervision;

/// <summary>What a gateway says of itself over HTTP, beside somebody else's broker that speaks TLS.</summary>
public sealed class HealthTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private WebApplication? _app;
    private HttpClient? _http;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        if (_app is not null)
            await _app.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Ready_while_the_broker_answers_over_TLS_and_not_while_it_is_down()
    {
        var (certificate, key) = Certificate("broker");
        await using var broker = await BrokerAsync(certificate, key);
        await StartAsync(broker.Port, certificate);

        await ReadyAsync("ready\n", HttpStatusCode.OK);
        Assert.Equal((HttpStatusCode.OK, "live\n"), await GetAsync("health/live"));
        var metrics = await _http!.GetAsync(new Uri("metrics", UriKind.Relative), Cancelled);
        Assert.Equal("text/plain", metrics.Content.Headers.ContentType?.MediaType);
        var text = await metrics.Content.ReadAsStringAsync(Cancelled);
        Assert.Contains("# TYPE fablab_journal_failing gauge\nfablab_journal_failing 0\n", text, StringComparison.Ordinal);
        Assert.All(text.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches("^(# (HELP|TYPE) fablab_\\w+ .+|fablab_\\w+({.*})? [-+0-9.eE]+|fablab_\\w+({.*})? \\+?Inf)$", line));

        await broker.KillAsync();
        await Until.TrueAsync(async () => (await GetAsync("health/ready")).Code == HttpStatusCode.ServiceUnavailable);
        Assert.StartsWith("broker: ", (await GetAsync("health/ready")).Text, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, "live\n"), await GetAsync("health/live"));

        await broker.StartAsync(Cancelled);
        await ReadyAsync("ready\n", HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_broker_with_a_certificate_of_another_authority_is_refused_and_the_reason_said()
    {
        var (certificate, key) = Certificate("broker");
        var (other, _) = Certificate("other");
        await using var broker = await BrokerAsync(certificate, key);
        await StartAsync(broker.Port, other);

        await Until.TrueAsync(async () => (await GetAsync("health/ready")).Text.Contains("certificate", StringComparison.Ordinal));

        var (code, text) = await GetAsync("health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, code);
        Assert.Contains($"broker: localhost:{broker.Port} does not show a certificate that the authority in {other} has signed", text, StringComparison.Ordinal);
        Assert.DoesNotContain(broker.Log, line => line.Contains("fablab-main", StringComparison.Ordinal));
    }

    private static Task<MosquittoFixture> BrokerAsync(string certificate, string key) =>
        MosquittoFixture.StartAsync(Cancelled, "allow_anonymous true", $"certfile {certificate}", $"keyfile {key}", "tls_version tlsv1.2");

    private async Task StartAsync(int port, string authority)
    {
        await File.WriteAllTextAsync(_folder.File("badge.key"), Convert.ToHexStringLower(SampleLab.BadgeKey), Cancelled);
        var booking = new FakeBooking(new ManualTime());
        booking.Put(SampleLab.Rules);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Gateway:Name"] = "main",
            ["Gateway:DataFolder"] = _folder.Path,
            ["Gateway:BookingAddress"] = "http://127.0.0.1:1/",
            ["Gateway:LookOnNetwork"] = "false",
            ["Gateway:Broker:ExternalHost"] = "localhost",
            ["Gateway:Broker:ExternalCaFile"] = authority,
            ["Gateway:Broker:Port"] = $"{port}",
        });
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddSingleton<IJournalIntake>(booking);
        builder.Services.AddSingleton<IPolicySource>(booking);
        builder.Services.AddSingleton<IDeviceDesk>(booking);
        builder.Services.AddGatewayDevices(builder.Configuration).AddGateway(builder.Configuration);
        _app = builder.Build();
        _app.MapGateway();
        await _app.StartAsync(Cancelled);
        _http = new HttpClient { BaseAddress = new Uri(_app.Urls.Single() + "/") };
    }

    private async Task ReadyAsync(string text, HttpStatusCode code)
    {
        await Until.TrueAsync(async () => (await GetAsync("health/ready")).Code == code);
        Assert.Equal((code, text), await GetAsync("health/ready"));
    }

    private async Task<(HttpStatusCode Code, string Text)> GetAsync(string path)
    {
        using var answer = await _http!.GetAsync(new Uri(path, UriKind.Relative), Cancelled);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancelled));
    }

    /// <summary>A certificate for localhost that is its own authority.</summary>
    private (string Certificate, string Key) Certificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        var (certificateFile, keyFile) = (_folder.File(name + ".crt"), _folder.File(name + ".key"));
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        return (certificateFile, keyFile);
    }
}
