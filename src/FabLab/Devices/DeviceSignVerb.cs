using System.Buffers.Text;
using System.Text.Json.Nodes;
using FabLab.Host.Cli;

namespace FabLab.Host.Devices;

/// <summary>For the author of a firmware: makes the key once, and a signature for each file. Nothing of a lab is touched.</summary>
internal static class DeviceSignVerb
{
    public static readonly Verb Verb = new(
        "device sign", "", 0, 0, "sign a firmware for our own devices, as its author",
        "Once: --new-key makes the author's key; what it prints is built into the firmware. For each file: --file, --firmware, --model and --key.\nThe secret key stays with the author; a lab gets the file and its signature. firmware-protocol.md, section 19.",
        [
            new("--new-key", "FILE", "make a key; the file is readable by you alone"), new("--file", "FILE", "the firmware"),
            new("--firmware", "VERSION", "the version it says of itself"), new("--model", "NAME", "the board it is for"),
            new("--lowest", "VERSION", "lowest version it may replace (any)"), new("--key", "FILE", "the author's key"),
            new("--out", "FILE", "where the signature goes (the file with .sig)"), new("--json", null, "for a script: JSON on standard output"),
        ],
        false, RunAsync);

    private static async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        try
        {
            return invocation.Value("--new-key") is { } key ? await MakeKeyAsync(invocation, key, cancellationToken) : await SignAsync(invocation, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            invocation.Error.WriteLine($"Nothing was written: {e.Message}");
            return ExitCodes.Failure;
        }
    }

    private static async Task<int> MakeKeyAsync(Invocation invocation, string file, CancellationToken cancellationToken)
    {
        var secret = FirmwareSigning.NewKey();
        // Never over another one: it may be the only copy.
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using (var to = new FileStream(file, options))
            await to.WriteAsync(System.Text.Encoding.ASCII.GetBytes(Base64Url.EncodeToString(secret) + "\n"), cancellationToken);
        var known = Convert.ToHexStringLower(FirmwareSigning.PublicOf(secret));
        if (invocation.Has("--json"))
            invocation.Out.WriteLine(new JsonObject { ["public"] = known, ["key"] = Path.GetFullPath(file) }.ToJsonString());
        else
        {
            invocation.Out.WriteLine(known);
            invocation.Error.WriteLine($"Build this public key into the firmware. Keep {file} where nobody else comes to it: whoever has it writes firmware for your devices.");
        }
        return ExitCodes.Success;
    }

    private static async Task<int> SignAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var bytes = await FirmwareSigning.ReadFileAsync(invocation, cancellationToken);
        var offer = await FirmwareSigning.SignAsync(invocation, bytes, cancellationToken);
        var file = invocation.Value("--out") ?? invocation.Value("--file") + ".sig";
        await File.WriteAllBytesAsync(file, [.. offer.ToJson(), (byte)'\n'], cancellationToken);
        if (invocation.Has("--json"))
            invocation.Out.WriteLine(new JsonObject { ["signature"] = Path.GetFullPath(file), ["firmware"] = offer.Version, ["model"] = offer.Model, ["lowest"] = offer.Lowest, ["size"] = offer.Size, ["sha256"] = offer.Hash }.ToJsonString());
        else
            invocation.Out.WriteLine($"{file}: {offer.Version} for {offer.Model}, {offer.Size} bytes.");
        return ExitCodes.Success;
    }
}
