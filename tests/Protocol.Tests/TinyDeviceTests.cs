using System.Diagnostics;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Peer;
using FabLab.Testing;

namespace FabLab.Protocol.Tests;

/// <summary>The sample device as a program of its own, on a real tty, against the gateway's side of the contract.</summary>
public sealed class TinyDeviceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_device_is_enrolled_used_left_alone_and_unplugged_in_mid_use()
    {
        using var folder = new TemporaryFolder();
        using var terminal = new PseudoTerminal();
        await using var gateway = new SerialGateway(terminal);
        var memory = Path.Combine(folder.Path, "memory.json");

        using (var device = TinyProcess.Start(terminal.Path, "--memory", memory))
        {
            Assert.Equal("?", await gateway.HelloAsync(Token));
            var claimed = await gateway.EnrolAsync(new Claim(Pair.Device, 1, Pair.Key), Token);
            Assert.True(claimed.Proves(Vectors.Keys));
            Assert.Equal("las-1", await gateway.HelloAsync(Token));
            await gateway.NextAsync<PeerOutput.Ready>(Token);

            device.Type(Pair.Maker);
            var tap = await gateway.RecordAsync<BadgeRecord>(Token);
            Assert.True(tap.Live);
            Assert.Equal(Pair.Maker, ((BadgeRecord)tap.Record).Tag);

            await gateway.LeaseAsync("s1", 1_000, start: true);
            await device.SaysAsync("relay 0 closed", Token);
            await gateway.RecordAsync<OnRecord>(Token);

            // Nobody renews: the device lets go by itself.
            await device.SaysAsync("relay 0 open", Token);
            var off = (OffRecord)(await gateway.RecordAsync<OffRecord>(Token)).Record;
            Assert.Equal((OffWhy.Lease, "s1"), (off.Why, off.Session));
            Assert.InRange(off.Ms, 1_000, 20_000);

            await gateway.LeaseAsync("s2", 3_600_000, start: true);
            await device.SaysAsync("relay 0 closed", Token);
            await gateway.RecordAsync<OnRecord>(Token);
        }

        // The power was cut in mid-use. Nothing starts by itself, and the end of the use is told as unknown.
        using (var device = TinyProcess.Start(terminal.Path, "--memory", memory))
        {
            await device.SaysAsync("relay 0 open", Token);
            var boot = (BootRecord)(await gateway.RecordAsync<BootRecord>(Token, record => record.Boot == 2)).Record;
            Assert.Equal((1u, 1), (boot.LastBoot, boot.On));
            var online = await gateway.NextAsync<PeerOutput.Online>(Token, online => online.Birth.Boot == 2);
            Assert.Empty(online.Birth.Closed);

            device.Type("quit");
            await device.EndsAsync(0, Token);
        }
    }

    [Fact]
    public async Task A_device_can_be_enrolled_from_a_file_and_says_no_to_a_file_that_is_none()
    {
        using var folder = new TemporaryFolder();
        using var terminal = new PseudoTerminal();
        await using var gateway = new SerialGateway(terminal);
        var good = Path.Combine(folder.Path, "claim.json");
        await File.WriteAllBytesAsync(good, new Claim(Pair.Device, 1, Pair.Key).ToJson(), Token);
        var bad = Path.Combine(folder.Path, "bad.json");
        await File.WriteAllTextAsync(bad, "{}", Token);

        using var refused = TinyProcess.Start(terminal.Path, "--memory", Path.Combine(folder.Path, "a.json"), "--claim", bad);
        await refused.EndsAsync(2, Token);
        using var device = TinyProcess.Start(terminal.Path, "--memory", Path.Combine(folder.Path, "b.json"), "--claim", good);

        Assert.Equal("las-1", await gateway.HelloAsync(Token));
        device.Type("quit");
        await device.EndsAsync(0, Token);
    }

    [Fact]
    public async Task Help_says_how_to_run_it_and_a_line_that_is_none_is_named()
    {
        using var help = TinyProcess.Start("--help");
        await help.SaysAsync("TinyDevice TTY [--memory FILE] [--claim FILE]", Token);
        await help.EndsAsync(0, Token);

        using var folder = new TemporaryFolder();
        using var none = TinyProcess.Start(Path.Combine(folder.Path, "tty"), "--memory", Path.Combine(folder.Path, "m"));
        await none.EndsAsync(2, Token);
    }

    /// <summary>The program, its keyboard and what it prints.</summary>
    private sealed class TinyProcess : IDisposable
    {
        private readonly Process _process;

        private TinyProcess(Process process) => _process = process;

        public static TinyProcess Start(params string[] args)
        {
            var program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "TinyDevice", new DirectoryInfo(AppContext.BaseDirectory).Name, "FabLab.TinyDevice.dll"));
            return new TinyProcess(Process.Start(new ProcessStartInfo("dotnet", [program, .. args]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!);
        }

        public void Type(string line) => _process.StandardInput.WriteLine(line);

        public async Task SaysAsync(string wanted, CancellationToken token)
        {
            while (await _process.StandardOutput.ReadLineAsync(token) is { } line)
            {
                if (line.Trim() == wanted)
                    return;
            }

            Assert.Fail($"It never said: {wanted}\n{await _process.StandardError.ReadToEndAsync(token)}");
        }

        public async Task EndsAsync(int code, CancellationToken token)
        {
            await _process.WaitForExitAsync(token);
            Assert.Equal(code, _process.ExitCode);
        }

        public void Dispose()
        {
            if (!_process.HasExited)
                _process.Kill();
            _process.Dispose();
        }
    }
}
