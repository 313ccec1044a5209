using System.Text.Json.Nodes;
using FabLab.Core;
using FabLab.Host.Cli;
using FabLab.Protocol.Messages;
using FabLab.Testing;

namespace FabLab.Host.Tests.Cli;

public sealed class DeviceKeyVerbTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_claim_for_the_device_and_a_code_for_the_page_hold_the_same_key()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("claim.json");

        var (exit, said) = await RunAsync("device", "key", "las-9", "--out", file, "--key-id", "4", "--host", "lab.local", "--port", "1883", "--json");

        Assert.Equal(ExitCodes.Success, exit);
        Assert.True(MessageReader.ReadClaim(await File.ReadAllBytesAsync(file, Cancel)).TryGet(out var claim, out _));
        var code = ClaimCode.Read(JsonNode.Parse(said)!["code"]!.GetValue<string>(), new DeviceId("las-9"), out _)!;
        Assert.Equal(((byte)4, "lab.local", (int?)1883), (claim!.KeyId, claim.Host, claim.Port));
        Assert.Equal((4, claim.Key.ToBase64Url()), (code.KeyId, System.Buffers.Text.Base64Url.EncodeToString(code.Key)));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        // The only copy of a key is not written over.
        Assert.Equal(ExitCodes.Failure, (await RunAsync("device", "key", "las-9", "--out", file)).Exit);
    }

    [Theory]
    [InlineData("LAS_9", "--out", "x")]
    [InlineData("las-9", "--key-id", "0")]
    public async Task What_cannot_be_a_device_is_said_at_once(string name, string option, string value) =>
        Assert.Equal(ExitCodes.Usage, (await RunAsync("device", "key", name, option, value)).Exit);

    private static async Task<(int Exit, string Out)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        return (await new CommandLine(Verbs.All, output, error).RunAsync(arguments, Cancel), output.ToString());
    }
}
