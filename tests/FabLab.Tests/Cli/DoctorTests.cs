using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using FabLab.Host.Cli;
using FabLab.Host.Doctor;
using FabLab.Host.Running;
using FabLab.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FabLab.Host.Tests.Cli;

/// <summary>What doctor finds when something is wrong; each fault with what to do about it.</summary>
public sealed class DoctorTests : IDisposable
{
    private readonly TemporaryFolder _data = new();
    private readonly Dictionary<string, int> _ports = new[] { "web", "kiosk", "mqtt" }
        .Zip(EndToEnd.DemoLab.FreePorts(3)).ToDictionary(p => p.First, p => int.Parse(p.Second, System.Globalization.CultureInfo.InvariantCulture));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Where_nothing_is_wrong_it_says_so_and_exits_0()
    {
        var (exit, report) = await LookAsync();

        Assert.Equal(ExitCodes.Success, exit);
        Assert.True(report["healthy"]!.GetValue<bool>());
        Assert.DoesNotContain(Findings(report), f => f.Verdict == "fault");
    }

    [Fact]
    public async Task A_busy_port_is_a_fault_that_names_its_holder_and_the_option()
    {
        using var other = new TcpListener(IPAddress.Loopback, _ports["kiosk"]);
        other.Start();

        var (exit, report) = await LookAsync();

        Assert.Equal(ExitCodes.Failure, exit);
        var fault = Only(report, "kiosk-port");
        Assert.Contains($"process {Environment.ProcessId}", fault.What, StringComparison.Ordinal);
        Assert.Contains("--kiosk-port", fault.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_fault_of_the_settings_is_told_with_its_key()
    {
        var (exit, report) = await LookAsync("--Gateway:Language", "de", "--Booking:SignInHours", "0", "--listen", "here");

        Assert.Equal(ExitCodes.Failure, exit);
        Assert.Equal(
            ["Booking:SignInHours", "FabLab:Listen", "Gateway:Language"],
            Findings(report).Where(f => f is { Check: "settings", Verdict: "fault" }).Select(f => f.What[..f.What.IndexOf(": ", StringComparison.Ordinal)]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_written_is_a_fault_even_for_root()
    {
        var (exit, report) = await LookAsync("--data", "/proc/fablab");

        Assert.Equal(ExitCodes.Failure, exit);
        Assert.Contains("--data", Only(report, "data-folder").Remedy, StringComparison.Ordinal);
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task A_key_that_others_can_read_is_a_fault_and_the_remedy_is_a_command()
    {
        await File.WriteAllTextAsync(_data.File("badge.key"), "secret", Cancel);
        File.SetUnixFileMode(_data.File("badge.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        var (_, report) = await LookAsync();

        Assert.Equal($"chmod 600 '{_data.File("badge.key")}'", Only(report, "secrets").Remedy);
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task A_missing_and_a_broken_broker_are_faults_that_say_what_to_install()
    {
        var missing = await InstalledChecks.BrokerProgramAsync([_data.File("mosquitto")], Cancel);
        await File.WriteAllTextAsync(_data.File("mosquitto"), "no program", Cancel);
        var broken = await InstalledChecks.BrokerProgramAsync([_data.File("mosquitto")], Cancel);

        Assert.Equal((Verdict.Fault, Verdict.Fault), (missing.Verdict, broken.Verdict));
        Assert.Contains("apt-get install mosquitto", missing.Remedy, StringComparison.Ordinal);
        Assert.Contains("--reinstall", broken.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_of_somebody_else_that_is_away_is_a_fault_and_its_port_is_not_ours_to_find_free()
    {
        var (_, away) = await LookAsync("--Gateway:Broker:ExternalHost", "127.0.0.1");
        using var broker = new TcpListener(IPAddress.Loopback, _ports["mqtt"]);
        broker.Start();
        var (exit, there) = await LookAsync("--Gateway:Broker:ExternalHost", "127.0.0.1");

        Assert.Contains("Gateway:Broker:ExternalHost", Only(away, "broker").Remedy, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Success, exit);
        Assert.DoesNotContain(Findings(there), f => f.Check == "mqtt-port");
    }

    [Fact]
    public async Task A_program_that_holds_the_folder_and_does_not_answer_is_a_fault()
    {
        using var held = RunFile.TryHold(_data.Path, new RunningProgram(Environment.ProcessId, "up", _ports["web"], _ports["kiosk"], _ports["mqtt"]));

        var (exit, report) = await LookAsync();

        Assert.Equal(ExitCodes.Failure, exit);
        Assert.Equal(["booking", "gateway", "kiosk"], Findings(report).Where(f => f.Verdict == "fault").Select(f => f.Check).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_lab_that_cannot_write_has_lost_a_device_and_is_out_of_step_says_each_of_it()
    {
        var lab = new Stub(
            Health: (503, """{"status":"storage_failure"}"""),
            Ready: (503, "storage_failure: full\n"),
            Status: """{"devices":[{"device":"las-1","online":true},{"device":"imp-2","online":false}],"alarms":[{"code":"record_set_aside","subject":"journal","detail":"One line."}],"broker":"port 1883 is taken"}""",
            Metrics: "fablab_policy_revision 7\nfablab_policy_age_seconds 4000\nfablab_journal_waiting 12\n");
        await using var app = await lab.StartAsync(_ports["web"], Cancel);
        using var held = RunFile.TryHold(_data.Path, new RunningProgram(Environment.ProcessId, "up", _ports["web"], null, null));

        var (exit, report) = await LookAsync();

        Assert.Equal(ExitCodes.Failure, exit);
        Assert.Equal(["booking", "broker", "gateway"], Findings(report).Where(f => f.Verdict == "fault").Select(f => f.Check).Order(StringComparer.Ordinal));
        Assert.Contains("space", Only(report, "gateway").Remedy, StringComparison.Ordinal);
        Assert.Contains("imp-2", Only(report, "devices").What, StringComparison.Ordinal);
        Assert.DoesNotContain("las-1", Only(report, "devices").What, StringComparison.Ordinal);
        Assert.Contains("record_set_aside on journal", Only(report, "alarm").What, StringComparison.Ordinal);
        Assert.Equal(("warning", true), (Only(report, "in-step").Verdict, Only(report, "in-step").What.Contains("4000 s ago", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_lab_that_is_well_has_no_fault()
    {
        var lab = new Stub((200, """{"status":"ok"}"""), (200, "ready\n"), """{"devices":[],"alarms":[]}""", "fablab_policy_age_seconds 3\n");
        await using var app = await lab.StartAsync(_ports["web"], Cancel);
        using var held = RunFile.TryHold(_data.Path, new RunningProgram(Environment.ProcessId, "up", _ports["web"], null, null));

        var (exit, report) = await LookAsync();

        Assert.Equal(ExitCodes.Success, exit);
        Assert.All(["booking", "gateway", "devices", "in-step", "web-port"], check => Assert.Equal("good", Only(report, check).Verdict));
    }

    [Fact]
    public async Task For_people_every_fault_stands_with_its_remedy_under_it()
    {
        using var other = new TcpListener(IPAddress.Loopback, _ports["web"]);
        other.Start();
        await using var output = new StringWriter();

        var exit = await RunAsync(output, []);

        Assert.Equal(ExitCodes.Failure, exit);
        var lines = output.ToString().Split('\n');
        var at = Array.FindIndex(lines, line => line.StartsWith("FAULT", StringComparison.Ordinal));
        Assert.Contains("web-port", lines[at], StringComparison.Ordinal);
        Assert.Contains("-> Stop it, or choose another port with --web-port.", lines[at + 1], StringComparison.Ordinal);
        Assert.Contains("1 fault(s)", output.ToString(), StringComparison.Ordinal);
    }

    private static Found Only(JsonNode report, string check) => Assert.Single(Findings(report), f => f.Check == check);

    private static List<Found> Findings(JsonNode report)
    {
        List<Found> findings = [.. report["findings"]!.AsArray().Select(f => new Found(
            f!["check"]!.GetValue<string>(), f["verdict"]!.GetValue<string>(), f["what"]!.GetValue<string>(), f["remedy"]?.GetValue<string>()))];
        // Nothing is wrong without something to do about it.
        Assert.DoesNotContain(findings, f => f.Verdict is "fault" or "warning" && string.IsNullOrEmpty(f.Remedy));
        return findings;
    }

    private async Task<(int Exit, JsonNode Report)> LookAsync(params string[] more)
    {
        await using var output = new StringWriter();
        var exit = await RunAsync(output, [.. more, "--json"]);
        return (exit, JsonNode.Parse(output.ToString())!);
    }

    private Task<int> RunAsync(StringWriter output, string[] more) => new CommandLine(Verbs.All, output, output).RunAsync(
        ["doctor", .. more.Contains("--data") ? Array.Empty<string>() : ["--data", _data.Path], .. _ports.SelectMany(p => new[] { $"--{p.Key}-port", $"{p.Value}" }), .. more], Cancel);

    private sealed record Found(string Check, string Verdict, string What, string? Remedy);

    /// <summary>What a running lab answers.</summary>
    private sealed record Stub((int Code, string Text) Health, (int Code, string Text) Ready, string Status, string Metrics)
    {
        public async Task<WebApplication> StartAsync(int port, CancellationToken cancellationToken)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
            var app = builder.Build();
            app.MapGet("/health", () => Results.Text(Health.Text, statusCode: Health.Code));
            app.MapGet("/health/ready", () => Results.Text(Ready.Text, statusCode: Ready.Code));
            app.MapGet("/gateway/status", () => Results.Text(Status, "application/json"));
            app.MapGet("/metrics", () => Results.Text(Metrics));
            await app.StartAsync(cancellationToken);
            return app;
        }
    }
}
