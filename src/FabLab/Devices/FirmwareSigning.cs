using System.Buffers.Text;
using System.Security.Cryptography;
using FabLab.Host.Cli;
using FabLab.Protocol.Messages;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace FabLab.Host.Devices;

/// <summary>The author's side of an update: keys, signatures, and the files they are kept in. firmware-protocol.md, section 19.</summary>
internal static class FirmwareSigning
{
    /// <summary>A new secret key, for <see cref="Sign"/>.</summary>
    /// <returns>32 bytes.</returns>
    public static byte[] NewKey() => RandomNumberGenerator.GetBytes(Ed25519.SecretKeySize);

    /// <summary>What the firmware has built in.</summary>
    /// <param name="secret">The secret key.</param>
    /// <returns>32 bytes.</returns>
    public static byte[] PublicOf(byte[] secret) => new Ed25519PrivateKeyParameters(secret).GeneratePublicKey().GetEncoded();

    public static FirmwareOffer Sign(FirmwareOffer offer, byte[] secret)
    {
        var signature = new byte[FirmwareOffer.SignatureBytes];
        var signed = offer.BytesToSign();
        new Ed25519PrivateKeyParameters(secret).Sign(Ed25519.Algorithm.Ed25519, null, signed, 0, signed.Length, signature, 0);
        return offer with { Signature = Base64Url.EncodeToString(signature) };
    }

    /// <summary>Reads the secret key of a file: 43 characters of base64url.</summary>
    /// <exception cref="UsageException">There is no such file, or it holds no key.</exception>
    public static async Task<byte[]> ReadKeyAsync(string option, string file, CancellationToken cancellationToken)
    {
        var text = (await TextAsync(option, file, cancellationToken)).Trim();
        var key = new byte[Ed25519.SecretKeySize];
        if (text.Length != 43 || !text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') || Base64Url.DecodeFromChars(text, key, out _, out var length) != System.Buffers.OperationStatus.Done || length != key.Length)
            throw new UsageException($"{option}: {file} holds no key: 43 characters, as fablab device sign --new-key writes them.");
        return key;
    }

    /// <summary>Reads the offer of a signature file.</summary>
    /// <exception cref="UsageException">There is no such file, or it holds no offer.</exception>
    public static async Task<FirmwareOffer> ReadOfferAsync(string option, string file, CancellationToken cancellationToken) =>
        TryOffer(await TextAsync(option, file, cancellationToken)) ?? throw new UsageException($"{option}: {file} is no signature, as fablab device sign writes it.");

    /// <summary>The offer in a text; null when it is none.</summary>
    public static FirmwareOffer? TryOffer(string text) =>
        MessageReader.Read(Protocol.TopicKind.Command, System.Text.Encoding.UTF8.GetBytes(text.Trim())).TryGet(out var message, out _) ? message as FirmwareOffer : null;

    /// <summary>The firmware file, when it is one that a device could take.</summary>
    /// <exception cref="UsageException">It is not.</exception>
    public static async Task<byte[]> ReadFileAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var file = invocation.Value("--file") ?? throw new UsageException("--file is needed: the firmware.");
        if (!File.Exists(file))
            throw new UsageException($"--file: there is no file {file}.");
        var length = new FileInfo(file).Length;
        return length is > 0 and <= Protocol.Limits.FirmwareBytes
            ? await File.ReadAllBytesAsync(file, cancellationToken)
            : throw new UsageException($"--file: {file} has {length} bytes, and a firmware has 1 to {Protocol.Limits.FirmwareBytes}.");
    }

    /// <summary>The signed offer that a command line describes.</summary>
    /// <exception cref="UsageException">Something is missing, or no device could read it.</exception>
    public static async Task<FirmwareOffer> SignAsync(Invocation invocation, byte[] bytes, CancellationToken cancellationToken)
    {
        var version = invocation.Value("--firmware") ?? throw new UsageException("--firmware is needed: the version that the firmware says of itself.");
        var model = invocation.Value("--model") ?? throw new UsageException("--model is needed: the board that the firmware is for.");
        var key = await ReadKeyAsync("--key", invocation.Value("--key") ?? throw new UsageException("--key is needed: the file with the author's key."), cancellationToken);
        var offer = Sign(FirmwareOffer.Of(version, model, invocation.Value("--lowest") ?? "0", bytes), key);
        return offer.Wrong() is { } wrong
            ? throw new UsageException($"No device could read this: {wrong}. A version has 1 to 12 printable ASCII characters, a board 1 to 16 of a-z, 0-9 and dash.")
            : offer;
    }

    private static async Task<string> TextAsync(string option, string file, CancellationToken cancellationToken) =>
        File.Exists(file) && new FileInfo(file).Length <= 4_096 ? await File.ReadAllTextAsync(file, cancellationToken) : throw new UsageException($"{option}: there is no such file {file}, or it is too long for one.");
}
