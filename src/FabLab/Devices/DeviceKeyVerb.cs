using System.Buffers.Text;
using System.Text.Json.Nodes;
using FabLab.Core;
using FabLab.Host.Cli;
using FabLab.Protocol;
using FabLab.Protocol.Messages;

namespace FabLab.Host.Devices;

/// <summary>A new key for one of our own devices: the claim for whoever holds the device in hand, and the code to type on the page of devices.</summary>
internal static class DeviceKeyVerb
{
    private const int LongestHost = 64;
    private const int LongestSsid = 32;

    public static async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var name = invocation.Arguments[0];
        if (!Protocol.DeviceId.TryParse(name, out var device))
            throw new UsageException($"'{name}' is no device name: 3 to 24 of a-z, 0-9 and dash, no dash at either end.");
        var file = invocation.Value("--out") ?? throw new UsageException("--out is needed: the file for the claim.");
        var keyId = (byte)invocation.Number("--key-id", 1, 1, 255);
        var key = DeviceKey.Create();
        var claim = new Claim(device, keyId, key)
        {
            Host = Bounded(invocation, "--host", LongestHost),
            Port = invocation.Has("--port") ? invocation.Number("--port", 1883, 1, 65535) : null,
            Ssid = Bounded(invocation, "--ssid", LongestSsid),
            TagKey = invocation.Has("--tag-key") ? TagKey.FromBytes(1, System.Security.Cryptography.RandomNumberGenerator.GetBytes(DeviceKey.Length)) : null,
            WifiPassword = invocation.Value("--wifi-password-file") is { } secret ? (await File.ReadAllTextAsync(secret, cancellationToken)).TrimEnd('\r', '\n') : null,
        };
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            // Never over another one: it may hold the only copy of a key.
            await using var to = new FileStream(file, options);
            await to.WriteAsync(claim.ToJson(), cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            invocation.Error.WriteLine($"The claim could not be written: {e.Message}");
            return ExitCodes.Failure;
        }
        var code = ClaimCode.Write(new Core.DeviceId(name), keyId, Base64Url.DecodeFromChars(key.ToBase64Url()));
        if (invocation.Has("--json"))
            invocation.Out.WriteLine(new JsonObject { ["device"] = name, ["keyId"] = keyId, ["code"] = code, ["claim"] = Path.GetFullPath(file) }.ToJsonString());
        else
        {
            invocation.Out.WriteLine(code);
            invocation.Error.WriteLine($"Give {file} to the device over its own USB or service line, then delete it. Type the code on the page of devices. It is shown this once.");
        }
        return ExitCodes.Success;
    }

    private static string? Bounded(Invocation invocation, string option, int longest) =>
        invocation.Value(option) is { } text && System.Text.Encoding.UTF8.GetByteCount(text) is var bytes
            ? bytes > 0 && bytes <= longest ? text : throw new UsageException($"{option}: 1 to {longest} bytes.")
            : null;
}
