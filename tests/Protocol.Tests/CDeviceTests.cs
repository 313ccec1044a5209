using System.Diagnostics;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Peer;
using FabLab.Testing;

namespace FabLab.Protocol.Tests;

/// <summary>
/// The device written in C from the contract's page alone: its own run of the vectors, and the program on a real tty against
/// the gateway's side. Needs a C compiler; without one it is skipped on a laptop and fails in CI.
/// </summary>
public sealed class CDeviceTests
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", ".."));
    private static readonly string Sources = Path.Combine(Root, "samples", "device-c");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_device_in_c_passes_every_vector_that_concerns_a_device()
    {
        using var folder = new TemporaryFolder();
        var program = await BuildAsync(folder, "test/vectors.c", "test/scenarios.c", "test/dom.c");

        var (code, said) = await RunAsync(program, Path.Combine(Root, "tests", "Protocol.Vectors"));

        Assert.True(code == 0, said);
        Assert.EndsWith(" 0 complaints", said.Trim(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_device_in_c_can_be_built_without_updates()
    {
        using var folder = new TemporaryFolder();
        await BuildAsync(folder, "-DFL_OTA=0", "-fsyntax-only");
    }

    [Fact]
    public async Task The_device_in_c_withstands_random_bytes_bent_messages_and_power_cuts()
    {
        using var folder = new TemporaryFolder();
        var program = await BuildAsync(folder, "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "test/fuzz.c");

        var (code, said) = await RunAsync(program, "2", "20260101");

        Assert.True(code == 0, said);
    }

    [Fact]
    public async Task The_device_in_c_is_enrolled_used_left_alone_and_cut_off_in_mid_use()
    {
        using var folder = new TemporaryFolder();
        var program = await BuildAsync(folder, "-Ihost", "host/main.c", "host/board.c", "host/slots.c");
        var memory = Path.Combine(folder.Path, "memory");
        using var terminal = new PseudoTerminal();
        await using var gateway = new SerialGateway(terminal);
        uint stored;

        using (var device = new Device(program, terminal.Path, memory))
        {
            Assert.Equal("?", await gateway.HelloAsync(Token));
            var claimed = await gateway.EnrolAsync(new Claim(Pair.Device, 1, Pair.Key) { TagKey = Pair.Tags }, Token);
            Assert.True(claimed.Proves(Vectors.Keys));
            Assert.Equal("las-1", await gateway.HelloAsync(Token));
            await gateway.NextAsync<PeerOutput.Ready>(Token);

            device.Type($"tap {Pair.Maker}");
            await device.SaysAsync("show 0 wait asking Un instant…", Token);
            var tap = await gateway.RecordAsync<BadgeRecord>(Token);
            Assert.True(tap.Live);
            Assert.Equal((Pair.Maker, false), (((BadgeRecord)tap.Record).Tag, ((BadgeRecord)tap.Record).Off));

            await gateway.LeaseAsync("s1", 3_600_000, start: true);
            await device.SaysAsync("relay 0 closed", Token);
            await gateway.RecordAsync<OnRecord>(Token);
            await gateway.NextAsync<PeerOutput.Replied>(Token, replied => replied.Reply is { To: "lease", Code: ReplyCode.Ok });

            // The renewal is short and the last: the device lets go by itself.
            await gateway.LeaseAsync("s1", 2_000, start: false);
            await gateway.NextAsync<PeerOutput.Replied>(Token, replied => replied.Reply is { To: "lease", Code: ReplyCode.Ok });
            await device.SaysAsync("relay 0 open", Token);
            var off = (OffRecord)(await gateway.RecordAsync<OffRecord>(Token)).Record;
            Assert.Equal((OffWhy.Lease, "s1"), (off.Why, off.Session));

            await DecideAloneAsync(gateway, device);

            await gateway.LeaseAsync("s2", 3_600_000, start: true);
            await device.SaysAsync("relay 0 closed", Token);
            var on = await gateway.RecordAsync<OnRecord>(Token, record => record.Session == "s2");
            // A line keeps its order: once this is answered, what was acknowledged before it is forgotten.
            var renewal = await gateway.LeaseAsync("s2", 3_600_000, start: false);
            await gateway.NextAsync<PeerOutput.Replied>(Token, replied => replied.Reply.N == renewal);
            stored = on.Record.Seq;
        }

        // The power was cut in mid-use. Nothing starts by itself, and the end of the use is told as unknown.
        using (var device = new Device(program, terminal.Path, memory))
        {
            await device.SaysAsync("relay 0 open", Token);
            var boot = (BootRecord)(await gateway.RecordAsync<BootRecord>(Token, record => record.Boot == 2)).Record;
            Assert.Equal((1u, 1), (boot.LastBoot, boot.On));
            var online = await gateway.NextAsync<PeerOutput.Online>(Token, online => online.Birth.Boot == 2);
            Assert.Empty(online.Birth.Closed);
            Assert.InRange(online.Birth.Journal.First, stored, stored + 1);
            Assert.Equal(7u, online.Birth.ConfigVersion);
            Assert.Equal(3u, online.Birth.ListVersion);

            // What the device recorded while it decided alone came through once, and nothing was lost.
            Assert.Equal(0u, online.Birth.Journal.Lost);
        }
    }

    [Fact]
    public async Task The_device_in_c_is_updated_over_its_line_and_goes_back_from_what_is_no_firmware()
    {
        using var folder = new TemporaryFolder();
        var program = await BuildAsync(folder, "-Ihost", "host/main.c", "host/board.c", "host/slots.c");
        var memory = Path.Combine(folder.Path, "memory");
        using var terminal = new PseudoTerminal();
        await using var gateway = new SerialGateway(terminal);
        // The same program under another version: what is in the slot runs for real.
        var next = await File.ReadAllBytesAsync(program, Token);
        "c-1.1.9"u8.CopyTo(next.AsSpan(next.AsSpan().IndexOf("c-1.1.0"u8)));
        var update = Author.File("c-1.1.9", "host", next);

        using (new Device(program, terminal.Path, memory))
        {
            await gateway.HelloAsync(Token);
            await gateway.EnrolAsync(new Claim(Pair.Device, 1, Pair.Key) { TagKey = Pair.Tags }, Token);
            await gateway.NextAsync<PeerOutput.Ready>(Token);

            gateway.Update(new FirmwareFile(update.Offer with { Version = "c-1.2.0" }, next));
            Assert.Equal(ReplyCode.Signature, (await EndAsync(gateway, UpdateStage.Refused)).Code);

            gateway.Update(Author.File("c-1.1.1", "host", Author.Bytes(700)));
            await EndAsync(gateway, UpdateStage.WentBack);
            Assert.Equal(BootWhy.Back, ((BootRecord)(await gateway.RecordAsync<BootRecord>(Token, record => record.Boot == 2)).Record).Why);

            gateway.Update(update);
            await gateway.NextAsync<PeerOutput.Updating>(Token, updating => updating is { Stage: UpdateStage.Pulling, Held: > 5_000 });
        }

        // The power was cut in mid-download; the offer stands.
        using (new Device(program, terminal.Path, memory))
        {
            await EndAsync(gateway, UpdateStage.Applied);
            var online = await gateway.NextAsync<PeerOutput.Online>(Token, online => online.Birth.Firmware == "c-1.1.9");
            Assert.True(online.Birth.OnTrial);
            Assert.Equal(BootWhy.Update, ((BootRecord)(await gateway.RecordAsync<BootRecord>(Token, record => record.Boot == online.Birth.Boot)).Record).Why);
        }

        // It is kept.
        using (new Device(program, terminal.Path, memory))
            Assert.Equal(("c-1.1.9", false), await gateway.NextAsync<PeerOutput.Online>(Token, online => online.Birth.Boot == 5) is { Birth: var birth } ? (birth.Firmware, birth.OnTrial) : default);
    }

    private static Task<PeerOutput.Updating> EndAsync(SerialGateway gateway, UpdateStage stage) =>
        gateway.NextAsync<PeerOutput.Updating>(Token, updating => updating.Stage == stage);

    private static async Task DecideAloneAsync(SerialGateway gateway, Device device)
    {
        gateway.Configure(new Config(7, 60, 60, 300, 10, "en", [new(LostLink.Open, 0, 0, 0, OfflineUse.List, 86_400, 3_600)], [0]));
        await gateway.NextAsync<PeerOutput.Replied>(Token, replied => replied.Reply is { To: "config", Code: ReplyCode.Ok });
        var now = (uint)TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        gateway.Offer(ListParts.Full(3, Pair.Tags.Id, now, [ListEntry.For(Pair.Tags, Pair.Maker, 0, 1)]));
        await gateway.NextAsync<PeerOutput.ListHeld>(Token, held => held.Version == 3);

        gateway.Leave();
        await device.SaysAsync("log gateway off", Token);
        device.Type($"tap {Pair.Other}");
        await device.SaysAsync("show 0 no unknown This badge cannot start this machine while the connection is down.", Token);
        device.Type($"tap {Pair.Maker}");
        await device.SaysAsync("show 0 yes granted You can use the machine.", Token);

        gateway.ComeBack();
        var deny = (DenyRecord)(await gateway.RecordAsync<DenyRecord>(Token)).Record;
        Assert.Equal((DenyWhy.Unknown, Pair.Other), (deny.Why, deny.Tag));
        var grant = (GrantRecord)(await gateway.RecordAsync<GrantRecord>(Token)).Record;
        Assert.Equal((Pair.Maker, 3u, 3_600), (grant.Tag, grant.List, grant.MaxSeconds));
        var on = (OnRecord)(await gateway.RecordAsync<OnRecord>(Token)).Record;
        Assert.Equal((grant.Session, 3u), (on.Session, on.List));

        // The gateway takes the use over and ends it.
        await gateway.LeaseAsync(grant.Session, 0, start: false);
        var off = (OffRecord)(await gateway.RecordAsync<OffRecord>(Token)).Record;
        Assert.Equal((OffWhy.Told, grant.Session, true), (off.Why, off.Session, off.Off));
        await device.SaysAsync("relay 0 open", Token);
    }

    private static async Task<string> BuildAsync(TemporaryFolder folder, params string[] more)
    {
        var compiler = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(path => Path.Combine(path, "cc")).FirstOrDefault(File.Exists);
        if (compiler is null && Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail("There is no C compiler (cc) on this machine, and CI must have one.");
        Assert.SkipWhen(compiler is null, "There is no C compiler (cc) on this machine.");
        var program = Path.Combine(folder.Path, "program");
        var (code, said) = await RunAsync(
            compiler!,
            ["-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic", "-O1", "-Isrc", "-o", program, .. Directory.GetFiles(Path.Combine(Sources, "src"), "*.c"), .. more]);
        Assert.True(code == 0, said);
        return program;
    }

    private static async Task<(int Code, string Said)> RunAsync(string program, params string[] args)
    {
        using var process = Process.Start(new ProcessStartInfo(program, args) { WorkingDirectory = Sources, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (said, complained) = (process.StandardOutput.ReadToEndAsync(Token), process.StandardError.ReadToEndAsync(Token));
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, await complained + await said);
    }

    /// <summary>The program, its keyboard and what it prints.</summary>
    private sealed class Device(string program, params string[] args) : IDisposable
    {
        private readonly Process _process =
            Process.Start(new ProcessStartInfo(program, args) { RedirectStandardInput = true, RedirectStandardOutput = true })!;

        public void Type(string line) => _process.StandardInput.WriteLine(line);

        public async Task SaysAsync(string wanted, CancellationToken token)
        {
            while (await _process.StandardOutput.ReadLineAsync(token) is { } line)
            {
                if (line.Trim() == wanted)
                    return;
            }

            Assert.Fail($"It never said: {wanted}");
        }

        public void Dispose()
        {
            _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
        }
    }
}
