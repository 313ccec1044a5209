using System.Text.Json.Nodes;
using FabLab.Host.Cli;
using FabLab.Host.Conformance;
using FabLab.Protocol.Messages;
using FabLab.Testing;

namespace FabLab.Host.Tests.Conformance;

/// <summary>The suite as makers start it, against real programs on a real broker and a real tty.</summary>
public sealed class ConformanceVerbTests
{
    /// <summary>Some of each part, those that cost little time: the whole suite runs on a clock that is moved.</summary>
    private const string Some = "1,8,20,30,45,50,65";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_device_in_c_passes_every_check_under_the_sanitizers()
    {
        using var folder = new TemporaryFolder();
        var program = await CDevice.BuildAsync(folder, "lockstep", line: true, "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "test/lockstep.c");
        await using var bench = new VirtualLine(new CLineDevice(program));

        var report = await Suite.RunAsync(bench, VirtualWorkbench.Keys, VirtualWorkbench.Tags, null, quick: false, null, Cancel, VirtualWorkbench.Update);

        Assert.True(report.IsGood && report.IsWhole, string.Join('\n', report.Findings.Where(finding => finding.Verdict != Verdict.Passed).Select(ConformanceReport.Line)));
    }

    [Fact]
    public async Task The_device_in_c_passes_on_a_broker_and_the_report_can_be_published()
    {
        using var folder = new TemporaryFolder();
        var program = await CDevice.BuildAsync(folder, "device-c-mqtt", line: false, "host/mqtt.c", "host/board.c", "host/slots.c", "-l:libmosquitto.so.1");
        await using var broker = await MosquittoFixture.StartAsync(Cancel);
        var claim = await ClaimAsync(folder);
        var page = folder.File("report.md");

        var (exit, said) = await RunAsync(
            "conformance", "--device", "las-1", "--claim", claim, "--broker", $"127.0.0.1:{broker.Port}",
            "--run", $"{program} {claim} {folder.File("flash")} 127.0.0.1:{broker.Port}", "--only", Some + ",2", "--out", page, "--json");

        Assert.True(exit == ExitCodes.Success, said);
        var report = JsonNode.Parse(said)!;
        Assert.Equal(("MQTT", "c-1.1.0", true), ((string)report["wire"]!, (string)report["firmware"]!, (bool)report["good"]!));
        Assert.All(report["checks"]!.AsArray(), check => Assert.Equal("passed", (string)check!["result"]!));
        Assert.Contains("| Firmware | c-1.1.0 |", await File.ReadAllTextAsync(page, Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_device_in_c_and_the_smallest_device_pass_on_a_tty()
    {
        using var folder = new TemporaryFolder();
        var claim = await ClaimAsync(folder);
        var c = await CDevice.BuildAsync(folder, "device-c", line: true, "host/main.c", "host/board.c", "host/slots.c");
        var tiny = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "TinyDevice", new DirectoryInfo(AppContext.BaseDirectory).Name, "FabLab.TinyDevice.dll"));
        await using var cable = new NullModem();
        await EnrolAsync(cable, c, folder, claim);

        foreach (var command in new[] { $"{c} {cable.Device} {folder.File("flash")}", $"dotnet {tiny} {cable.Device} --memory {folder.File("memory.json")} --claim {claim}" })
        {
            var (exit, said) = await RunAsync("conformance", "--claim", claim, "--tty", cable.Gateway, "--run", command, "--only", "20,30,45,90,91");

            Assert.True(exit == ExitCodes.Success, said);
            Assert.Contains("5 passed, 0 failed, 0 not shown", said, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_device_that_never_answers_is_a_failure_and_slips_are_told()
    {
        using var folder = new TemporaryFolder();
        var claim = await ClaimAsync(folder);
        Assert.Equal(ExitCodes.Usage, (await RunAsync("conformance", "--claim", claim)).Exit);
        Assert.Equal(ExitCodes.Usage, (await RunAsync("conformance", "--tty", "/dev/null")).Exit);
        Assert.Equal(ExitCodes.Usage, (await RunAsync("conformance", "--claim", claim, "--device", "other", "--tty", "/dev/null")).Exit);
        Assert.Equal(ExitCodes.Usage, (await RunAsync("conformance", "--claim", claim, "--tty", "/dev/null", "--only", "1000")).Exit);
        var (exit, said) = await RunAsync("conformance", "--list");
        Assert.Equal((ExitCodes.Success, Checks.All.Count), (exit, said.Trim().Split('\n').Length));
        Assert.Equal(ExitCodes.Failure, (await RunAsync("conformance", "--claim", claim, "--tty", "/dev/null", "--run", folder.File("no-such-program"))).Exit);
    }

    // A device on a line is enrolled over it.
    private static async Task EnrolAsync(NullModem cable, string program, TemporaryFolder folder, string claim)
    {
        using var hands = new ProgramHands(program, [cable.Device, folder.File("flash")]);
        await using var bench = new SerialWorkbench(cable.Gateway, 115_200, hands, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        bench.Claim(await File.ReadAllBytesAsync(claim, Cancel));
        while (await bench.NextAsync(bench.Now + 20_000, Cancel) is { } heard)
        {
            if (heard.Kind == HeardKind.Claimed)
            {
                Assert.True(MessageReader.ReadClaimed(heard.Payload).Value.Proves(VirtualWorkbench.Keys));
                return;
            }
            if (heard.Kind == HeardKind.Hello)
                bench.Claim(await File.ReadAllBytesAsync(claim, Cancel));
        }
        Assert.Fail("The device did not answer its claim.");
    }

    private static async Task<string> ClaimAsync(TemporaryFolder folder)
    {
        var file = folder.File("claim.json");
        await File.WriteAllBytesAsync(file, new Claim(VirtualWorkbench.Device, 1, VirtualWorkbench.Key) { TagKey = VirtualWorkbench.Tags }.ToJson(), Cancel);
        return file;
    }

    private static async Task<(int Exit, string Said)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exit = await new CommandLine(Verbs.All, output, error).RunAsync(arguments, Cancel);
        return (exit, output.ToString() + error);
    }

    /// <summary>Two ttys joined back to back, as a cable joins two computers.</summary>
    private sealed class NullModem : IAsyncDisposable
    {
        private readonly PseudoTerminal _left = new();
        private readonly PseudoTerminal _right = new();
        private readonly CancellationTokenSource _end = new();
        private readonly Task _carrying;

        public NullModem() => _carrying = Task.WhenAll(CarryAsync(_left, _right), CarryAsync(_right, _left));

        public string Device => _left.Path;

        public string Gateway => _right.Path;

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await _carrying;
            _end.Dispose();
            _left.Dispose();
            _right.Dispose();
        }

        private async Task CarryAsync(PseudoTerminal from, PseudoTerminal to)
        {
            try
            {
                while (await from.ReadAsync(_end.Token) is { Length: > 0 } bytes)
                    to.Write(bytes);
            }
            catch (OperationCanceledException)
            {
                // The cable is put away.
            }
        }
    }
}
