using System.Buffers.Text;
using System.Diagnostics;
using System.Text.Json.Nodes;
using FabLab.Gateway.Drivers;
using FabLab.Host.Cli;
using FabLab.Host.Tests.Conformance;
using FabLab.Protocol;
using FabLab.Protocol.Messages;
using FabLab.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace FabLab.Host.Tests.EndToEnd;

/// <summary>A gateway as somebody starts it, the device in C on its broker, and the commands of the author and of the lab.</summary>
public sealed class FirmwareUpdateTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_device_takes_the_firmware_its_author_signed_no_other_and_comes_back_from_one_that_does_not_run()
    {
        using var folder = new TemporaryFolder();
        var data = Directory.CreateDirectory(folder.File("data")).FullName;
        var ports = DemoLab.FreePorts(4);
        var key = DeviceKey.Create();
        var registry = new DeviceRegistry(data, NullLogger<DeviceRegistry>.Instance);
        registry.Refresh();
        registry.Put(new DeviceSettings { Id = "las-9", Driver = "node", Key = key.ToBase64Url(), Channels = 2 });
        var building = CDevice.BuildAsync(folder, "device-c-mqtt", line: false, "host/mqtt.c", "host/board.c", "host/slots.c", "-l:libmosquitto.so.1");
        await using var gateway = LabProcess.Start(
            "gateway", "--data", data, "--web-port", ports[0], "--kiosk-port", ports[1], "--mqtt-port", ports[2], "--gateway-port", ports[3]);
        var program = await building;
        await File.WriteAllBytesAsync(folder.File("claim"), new Claim(Protocol.DeviceId.Parse("las-9"), 1, key).ToJson(), Cancel);
        await File.WriteAllTextAsync(folder.File("author"), Base64Url.EncodeToString(AuthorKey.Secret), Cancel);
        await File.WriteAllTextAsync(folder.File("other"), Base64Url.EncodeToString(new byte[32]), Cancel);
        await File.WriteAllTextAsync(folder.File("none"), "This is no program.\n", Cancel);
        // The same program under another version.
        var next = await File.ReadAllBytesAsync(program, Cancel);
        "c-1.1.9"u8.CopyTo(next.AsSpan(next.AsSpan().IndexOf("c-1.1.0"u8)));
        await File.WriteAllBytesAsync(folder.File("next"), next, Cancel);
        await gateway.WaitForAsync("The gateway is running.", Cancel);
        using var device = Process.Start(new ProcessStartInfo(program, [folder.File("claim"), folder.File("flash"), $"127.0.0.1:{ports[2]}"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        device.BeginOutputReadLine();
        try
        {
            using var http = new HttpClient { BaseAddress = new Uri($"http://localhost:{ports[3]}/") };
            Task<string> StatusAsync() => http.GetStringAsync(new Uri("gateway/status", UriKind.Relative), Cancel);
            await Eventually.IsAsync(StatusAsync, status => status.Contains("\"firmware\":\"c-1.1.0\"", StringComparison.Ordinal), "the device answers", Cancel);

            Assert.Equal((1, "Refused", "sig"), await UpdateAsync(data, "--file", folder.File("next"), "--key", folder.File("other"), "--firmware", "c-1.1.9", "--model", "host"));
            Assert.Equal((1, "WentBack", null), await UpdateAsync(data, "--file", folder.File("none"), "--key", folder.File("author"), "--firmware", "c-1.1.5", "--model", "host"));

            var (signed, said) = await RunAsync("device", "sign", "--file", folder.File("next"), "--firmware", "c-1.1.9", "--model", "host", "--lowest", "c-1.1", "--key", folder.File("author"));
            Assert.True(signed == ExitCodes.Success, said);
            Assert.Equal((0, "Applied", null), await UpdateAsync(data, "--file", folder.File("next"), "--signature", folder.File("next.sig")));
            Assert.Contains("\"online\":true", await Eventually.IsAsync(StatusAsync, status => status.Contains("\"firmware\":\"c-1.1.9\"", StringComparison.Ordinal), "the new firmware runs", Cancel), StringComparison.Ordinal);
            Assert.Equal((1, "Refused", "down"), await UpdateAsync(data, "--file", folder.File("next"), "--signature", folder.File("next.sig")));

            var metrics = await http.GetStringAsync(new Uri("metrics", UriKind.Relative), Cancel);
            Assert.All(["applied", "down", "sig", "went-back"], outcome => Assert.Contains($"fablab_firmware_updates_total{{outcome=\"{outcome}\"}} 1\n", metrics, StringComparison.Ordinal));
        }
        finally
        {
            device.Kill();
        }
    }

    private static async Task<(int Exit, string? Outcome, string? Code)> UpdateAsync(string data, params string[] arguments)
    {
        var (exit, said) = await RunAsync(["device", "update", "las-9", "--data", data, "--json", .. arguments]);
        var answer = said.StartsWith('{') ? JsonNode.Parse(said.Split('\n')[0])! : throw new InvalidDataException(said);
        return (exit, (string?)answer["outcome"], (string?)answer["code"]);
    }

    private static async Task<(int Exit, string Said)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exit = await new CommandLine(Verbs.All, output, error).RunAsync(arguments, Cancel);
        return (exit, output.ToString() + error);
    }
}
