using System.Text.Json.Nodes;
using FabLab.Host.Cli;
using FabLab.Host.Devices;
using FabLab.Protocol.Messages;
using FabLab.Testing;

namespace FabLab.Host.Tests.Cli;

/// <summary>What an author types to sign a firmware, what a lab types to give it to a device, and what both can get wrong.</summary>
public sealed class FirmwareVerbTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_author_makes_a_key_once_and_signs_files_that_a_device_can_check()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder.File("fw"), new byte[1_000], Cancel);

        var (made, key) = await RunAsync("device", "sign", "--new-key", folder.File("key"), "--json");
        var known = Convert.FromHexString((string)JsonNode.Parse(key)!["public"]!);
        var (again, _) = await RunAsync("device", "sign", "--new-key", folder.File("key"));
        var (signed, said) = await RunAsync("device", "sign", "--file", folder.File("fw"), "--firmware", "1.5.0", "--model", "box", "--key", folder.File("key"));

        Assert.Equal((ExitCodes.Success, ExitCodes.Failure, ExitCodes.Success), (made, again, signed));
        Assert.Equal($"{folder.File("fw")}.sig: 1.5.0 for box, 1000 bytes.", said.Trim());
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.File("key")));
        var offer = FirmwareSigning.TryOffer(await File.ReadAllTextAsync(folder.File("fw.sig"), Cancel))!;
        Assert.True(offer.Fits(new byte[1_000]));
        Assert.Equal(("1.5.0", "box", "0"), (offer.Version, offer.Model, offer.Lowest));
        Assert.Equal(32, known.Length);
        Assert.True(new Org.BouncyCastle.Crypto.Parameters.Ed25519PublicKeyParameters(known).Verify(
            Org.BouncyCastle.Math.EC.Rfc8032.Ed25519.Algorithm.Ed25519, null, offer.BytesToSign(), 0, offer.BytesToSign().Length, offer.SignatureOf(), 0));
    }

    [Theory]
    [InlineData("device sign")]
    [InlineData("device sign --file {nothing} --firmware 1 --model m --key {key}")]
    [InlineData("device sign --file {empty} --firmware 1 --model m --key {key}")]
    [InlineData("device sign --file {fw} --model m --key {key}")]
    [InlineData("device sign --file {fw} --firmware 1 --key {key}")]
    [InlineData("device sign --file {fw} --firmware 1 --model m")]
    [InlineData("device sign --file {fw} --firmware 1 --model m --key {fw}")]
    [InlineData("device sign --file {fw} --firmware 1.2.3.4.5.6.7 --model m --key {key}")]
    [InlineData("device sign --file {fw} --firmware 1 --model Board --key {key}")]
    [InlineData("device update X --file {fw} --key {key} --firmware 1 --model m")]
    [InlineData("device update las-1 --file {fw}")]
    [InlineData("device update las-1 --file {fw} --signature {fw}")]
    [InlineData("device update las-1 --file {other} --signature {sig}")]
    [InlineData("device update las-1 --file {fw} --signature {sig} --key {key}")]
    [InlineData("conformance --claim {claim} --tty /dev/null --firmware-file {fw}")]
    [InlineData("conformance --claim {claim} --tty /dev/null --firmware-file {other} --firmware-signature {sig}")]
    public async Task A_slip_is_told_before_anything_is_asked(string line)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder.File("fw"), [1, 2, 3], Cancel);
        await File.WriteAllBytesAsync(folder.File("other"), [1, 2, 4], Cancel);
        await File.WriteAllBytesAsync(folder.File("empty"), [], Cancel);
        await File.WriteAllTextAsync(folder.File("key"), System.Buffers.Text.Base64Url.EncodeToString(AuthorKey.Secret), Cancel);
        await File.WriteAllBytesAsync(folder.File("sig"), FirmwareSigning.Sign(FirmwareOffer.Of("1", "m", "0", [1, 2, 3]), AuthorKey.Secret).ToJson(), Cancel);
        await File.WriteAllBytesAsync(folder.File("claim"), new Claim(Protocol.DeviceId.Parse("las-1"), 1, Protocol.DeviceKey.Create()).ToJson(), Cancel);

        var (exit, said) = await RunAsync([.. line.Split(' ').Select(word => word.StartsWith('{') ? folder.File(word[1..^1]) : word)]);

        Assert.True(exit == ExitCodes.Usage, said);
        Assert.NotEmpty(said);
    }

    [Fact]
    public async Task Where_nothing_runs_the_command_says_so()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder.File("fw"), [1, 2, 3], Cancel);
        await File.WriteAllBytesAsync(folder.File("sig"), FirmwareSigning.Sign(FirmwareOffer.Of("1", "m", "0", [1, 2, 3]), AuthorKey.Secret).ToJson(), Cancel);

        var (exit, said) = await RunAsync("device", "update", "las-1", "--data", folder.Path, "--file", folder.File("fw"), "--signature", folder.File("sig"));

        Assert.Equal(ExitCodes.Failure, exit);
        Assert.Contains("FabLab does not run on this folder.", said, StringComparison.Ordinal);
    }

    private static async Task<(int Exit, string Said)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exit = await new CommandLine(Verbs.All, output, error).RunAsync(arguments, Cancel);
        return (exit, output.ToString() + error);
    }
}
