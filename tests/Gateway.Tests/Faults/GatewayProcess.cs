using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Json;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Policy;
using FabLab.Gateway.Tests.Drivers.Node;
using FabLab.Gateway.Tests.Flow;
using FabLab.Gateway.Uploading;
using FabLab.Protocol;
using FabLab.Protocol.Messages;
using FabLab.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace FabLab.Gateway.Tests.Faults;

/// <summary>
/// The gateway as a real process between a real broker, a node of our own and Booking over HTTP. The process can be killed; the
/// rest goes on.
/// </summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _output = [];
    private readonly Claim _claim = new(Protocol.DeviceId.Parse(SampleLab.LaserBox.Value), 1, DeviceKey.Create());
    private WebApplication? _booking;
    private MosquittoFixture? _broker;
    private Process? _process;

    public FakeBooking Booking { get; } = new(new ManualTime(Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow())));

    public MqttTestNode Node { get; private set; } = null!;

    public IReadOnlyList<string> Output
    {
        get { lock (_output) return [.. _output]; }
    }

    public string JournalFile => _folder.File("gateway.db");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<GatewayProcess> StartedAsync(Duration lease)
    {
        var gateway = new GatewayProcess();
        await gateway.PrepareAsync(lease);
        await gateway.StartAsync();
        return gateway;
    }

    /// <summary>Starts the process, and waits until it has the rules and its device is with it.</summary>
    public async Task StartAsync()
    {
        lock (_output)
            _output.Clear();
        _process = Process.Start(Command())!;
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await UntilAsync(() => Output.Any(l => l.Contains("started with rules", StringComparison.Ordinal)));
    }

    /// <summary>Starts another gateway on the same folder, and waits until it has given up.</summary>
    public async Task<(int Code, string[] Output)> SecondAsync()
    {
        using var second = Process.Start(Command())!;
        var output = second.StandardOutput.ReadToEndAsync(Cancelled);
        var errors = second.StandardError.ReadToEndAsync(Cancelled);
        await second.WaitForExitAsync(Cancelled);
        return (second.ExitCode, [await output, await errors]);
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync(Cancelled);
        _process.Dispose();
        _process = null;
    }

    /// <summary>Asks it to end, and waits until it has.</summary>
    public async Task<int> StopAsync()
    {
        await SayAsync("stop");
        await _process!.WaitForExitAsync(Cancelled);
        var code = _process.ExitCode;
        _process.Dispose();
        _process = null;
        return code;
    }

    /// <summary>From now on no file of the process grows beyond what the journal has, plus a little.</summary>
    public Task FillDiskAsync() => SayAsync($"limit {new FileInfo(JournalFile + "-wal").Length + 100}");

    public Task FreeDiskAsync() => SayAsync("free");

    public void Tap(SampleLab.Person person) => Node.Badge(0, $"em:{person.Badge}");

    /// <summary>Taps until the relay is as wanted: a tap while nobody listens is lost, as it is for a person.</summary>
    public async Task TapUntilAsync(SampleLab.Person person, bool closed)
    {
        var began = TimeProvider.System.GetTimestamp();
        for (var tries = 0; Node.IsClosed(0) != closed; tries++)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, $"Tapped in vain for a relay that is {(closed ? "closed" : "open")}.");
            if (tries % 500 == 0)
                Tap(person);
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancelled);
        }
    }

    public LedgerProjection Ledger() => LedgerProjection.Of(Booking.Events);

    /// <summary>Waits until Booking has every line of the gateway's journal.</summary>
    public async Task DrainAsync()
    {
        var before = Output.Count(line => line == "drained");
        await SayAsync("drain");
        await UntilAsync(() => Output.Count(line => line == "drained") > before);
    }

    public static async Task UntilAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, $"Waited in vain: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancelled);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
            await KillAsync();
        if (Node is not null)
            await Node.DisposeAsync();
        if (_broker is not null)
            await _broker.DisposeAsync();
        Booking.Down = true;
        if (_booking is not null)
            await _booking.DisposeAsync();
        _folder.Dispose();
    }

    private string Address => _booking!.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/";

    private ProcessStartInfo Command()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        var host = Path.Combine(here.Parent!.Parent!.FullName, "GatewayHost", here.Name, "FabLab.GatewayHost");
        return new ProcessStartInfo(host, [_folder.Path, Address, _broker!.Port.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
    }

    private async Task PrepareAsync(Duration lease)
    {
        await File.WriteAllTextAsync(_folder.File("badge.key"), Convert.ToHexStringLower(SampleLab.BadgeKey), Cancelled);
        await File.WriteAllTextAsync(_folder.File("gateway-main.key"), "a key for a test", Cancelled);
        Booking.Put(SampleLab.Rules);
        Booking.Put(SampleLab.Laser with { Lease = lease });
        new DeviceRegistry(_folder.Path, NullLogger<DeviceRegistry>.Instance).Put(
            new DeviceSettings { Id = SampleLab.LaserBox.Value, Driver = "node", Key = _claim.Key.ToBase64Url(), Channels = 2, ProvenFirmware = "1.0.0" });
        _booking = StartBooking();
        await _booking.StartAsync(Cancelled);
        _broker = await MosquittoFixture.StartAsync(Cancelled);
        Node = new MqttTestNode(_claim, new Gateway.Links.MqttLinkOptions { Port = _broker.Port, ClientId = "node" });
        Node.Connect();
    }

    private WebApplication StartBooking()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<Microsoft.Extensions.Hosting.IHostLifetime, NoLifetime>();
        builder.Logging.Services.AddSingleton<Microsoft.Extensions.Logging.ILoggerFactory>(NullLoggerFactory.Instance);
        var app = builder.Build();
        app.MapGet("/api/v1/gateways/main/policy", async (long since, int wait, HttpContext http) =>
            await Booking.AskAsync(since, TimeSpan.FromSeconds(wait), http.RequestAborted) is FeedAnswer.Received { Feed: var feed }
                ? Results.Json(feed, CoreJson.Options)
                : Results.StatusCode(503));
        app.MapPost("/api/v1/gateways/main/journal", async (HttpContext http) =>
        {
            var batch = await JsonSerializer.DeserializeAsync<JournalBatch>(http.Request.Body, CoreJson.Options, http.RequestAborted);
            return await Booking.SendAsync(batch!, http.RequestAborted) is IntakeAnswer.Received { Receipt: var receipt }
                ? Results.Json(receipt, CoreJson.Options)
                : Results.StatusCode(503);
        });
        return app;
    }

    private async Task SayAsync(string line)
    {
        await _process!.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync(Cancelled);
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is { } text)
        {
            lock (_output)
                _output.Add(text);
        }
    }
}
