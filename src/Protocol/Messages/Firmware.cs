using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace FabLab.Protocol.Messages;

/// <summary>Offers a device a new firmware: what it is, and its author's signature. firmware-protocol.md, section 19.</summary>
/// <param name="Version">Its version, 1 to 12 printable ASCII characters.</param>
/// <param name="Model">The board it is made for, 1 to 16 of a–z, 0–9 and hyphen.</param>
/// <param name="Lowest">Lowest version it may replace, 1 to 12 printable ASCII characters; <c>0</c> for any.</param>
/// <param name="Size">Bytes of the file, 1 to 16 777 216.</param>
/// <param name="Hash">SHA-256 of the file, 43 characters of base64url.</param>
/// <param name="Signature">Ed25519 signature over <see cref="BytesToSign"/>, 86 characters of base64url.</param>
public sealed record FirmwareOffer(string Version, string Model, string Lowest, int Size, string Hash, string Signature) : DownMessage
{
    /// <summary>Bytes of a signature.</summary>
    public const int SignatureBytes = 64;

    /// <summary>Bytes of a public key.</summary>
    public const int PublicKeyBytes = 32;

    /// <inheritdoc/>
    public override TopicKind Topic => TopicKind.Command;

    /// <summary>An offer of a file, not signed yet.</summary>
    /// <param name="version">Its version.</param>
    /// <param name="model">The board.</param>
    /// <param name="lowest">Lowest version it may replace.</param>
    /// <param name="file">The file.</param>
    /// <returns>The offer, its signature empty.</returns>
    public static FirmwareOffer Of(string version, string model, string lowest, ReadOnlySpan<byte> file) =>
        new(version, model, lowest, file.Length, Base64Url.EncodeToString(SHA256.HashData(file)), "");

    /// <summary>The bytes the author signs.</summary>
    /// <returns>The bytes.</returns>
    public byte[] BytesToSign()
    {
        var size = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(size, Size);
        return [.. Encoding.ASCII.GetBytes($"fablab firmware 1\0{Model}\0{Version}\0{Lowest}\0"), .. size, .. Base64Url.DecodeFromChars(Hash)];
    }

    /// <summary>The signature's bytes.</summary>
    /// <returns>64 bytes.</returns>
    public byte[] SignatureOf() => Base64Url.DecodeFromChars(Signature);

    /// <summary>Whether these bytes are the file.</summary>
    /// <param name="file">The bytes.</param>
    /// <returns>Whether size and hash fit.</returns>
    public bool Fits(ReadOnlySpan<byte> file) => file.Length == Size && Base64Url.EncodeToString(SHA256.HashData(file)) == Hash;

    /// <summary>Why a device would refuse this as unreadable; null when it would not.</summary>
    /// <returns>The fault, for a person.</returns>
    public string? Wrong() => MessageReader.Read(Topic, ToJson()).TryGet(out _, out var fault) ? null : fault.ToString();

    internal override void WriteTo(Utf8JsonWriter json)
    {
        json.WriteString("m", "ota");
        json.WriteString("fw", Version);
        json.WriteString("md", Model);
        json.WriteString("min", Lowest);
        json.WriteNumber("size", Size);
        json.WriteString("sha", Hash);
        json.WriteString("sig", Signature);
    }
}

/// <summary>A piece of the firmware that a device asked for.</summary>
/// <param name="Offset">Where in the file it begins, a multiple of 512.</param>
/// <param name="Bytes">The bytes, 1 to 512.</param>
public sealed record FirmwarePart(int Offset, ReadOnlyMemory<byte> Bytes) : DownMessage
{
    /// <inheritdoc/>
    public override TopicKind Topic => TopicKind.Command;

    internal override void WriteTo(Utf8JsonWriter json)
    {
        json.WriteString("m", "part");
        json.WriteNumber("o", Offset);
        json.WriteString("b", Base64Url.EncodeToString(Bytes.Span));
    }
}

/// <summary>The firmware that runs on trial is good: the device keeps it.</summary>
/// <param name="Version">Its version.</param>
public sealed record FirmwareConfirm(string Version) : DownMessage
{
    /// <inheritdoc/>
    public override TopicKind Topic => TopicKind.Command;

    internal override void WriteTo(Utf8JsonWriter json)
    {
        json.WriteString("m", "confirm");
        json.WriteString("fw", Version);
    }
}

/// <summary>A firmware and the offer that goes with it.</summary>
public sealed class FirmwareFile
{
    /// <summary>A firmware.</summary>
    /// <param name="offer">The signed offer.</param>
    /// <param name="bytes">The file.</param>
    /// <exception cref="ArgumentException">The offer is not of this file, or no device could read it.</exception>
    public FirmwareFile(FirmwareOffer offer, ReadOnlyMemory<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(offer);
        if (offer.Wrong() is { } wrong)
            throw new ArgumentException($"No device could read this offer: {wrong}.", nameof(offer));
        if (!offer.Fits(bytes.Span))
            throw new ArgumentException("The offer is not of this file: its size or its hash is another.", nameof(bytes));
        (Offer, Bytes) = (offer, bytes);
    }

    /// <summary>The offer.</summary>
    public FirmwareOffer Offer { get; }

    /// <summary>The file.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The piece at an offset.</summary>
    /// <param name="offset">Where it begins.</param>
    /// <returns>The piece; null when none begins there.</returns>
    public FirmwarePart? Piece(uint offset) => offset % Limits.FirmwarePieceBytes != 0 || offset >= Bytes.Length
        ? null
        : new FirmwarePart((int)offset, Bytes.Slice((int)offset, Math.Min(Limits.FirmwarePieceBytes, Bytes.Length - (int)offset)));
}

/// <summary>The order of firmware versions: by the whole numbers in them, from the left; what stands between counts for nothing.</summary>
public static class FirmwareVersion
{
    /// <summary>Compares two versions.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>Below 0 when the left one is lower, 0 when they are the same, above 0 when it is higher.</returns>
    public static int Compare(string left, string right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        var (l, r) = (0, 0);
        while (true)
        {
            var (a, b) = (Next(left, ref l), Next(right, ref r));
            if (a is null && b is null)
                return 0;
            if ((a ?? 0).CompareTo(b ?? 0) is var order and not 0)
                return order;
        }
    }

    private static long? Next(string text, ref int at)
    {
        while (at < text.Length && !char.IsAsciiDigit(text[at]))
            at++;
        if (at == text.Length)
            return null;
        var number = 0L;
        // A version has at most 12 characters.
        for (; at < text.Length && char.IsAsciiDigit(text[at]); at++)
            number = Math.Min((number * 10) + text[at] - '0', long.MaxValue / 16);
        return number;
    }
}
