using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using FabLab.Core.Json;

namespace FabLab.Core.Badges;

/// <summary>The keyed hash of one form of a badge number: HMAC-SHA256 cut to its first 128 bits, with the id of the key.</summary>
/// <param name="KeyId">Which key of the site made it; hashes under different keys never match.</param>
/// <param name="Value">The first 16 bytes of the HMAC, read big-endian.</param>
[JsonConverter(typeof(BadgeHashConverter))]
public readonly record struct BadgeHash(ushort KeyId, UInt128 Value)
{
    /// <summary>The 16 bytes, as an offline list carries them.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, Value);
        return bytes;
    }

    /// <summary>Reads "key id.32 hex digits".</summary>
    /// <param name="text">The text, or null.</param>
    /// <param name="hash">The hash read, or the default.</param>
    public static bool TryParse(string? text, out BadgeHash hash)
    {
        hash = default;
        int point = text?.IndexOf('.', StringComparison.Ordinal) ?? -1;
        if (point < 1
            || text!.Length != point + 33
            || !ushort.TryParse(text.AsSpan(0, point), NumberStyles.None, CultureInfo.InvariantCulture, out ushort keyId)
            || !UInt128.TryParse(text.AsSpan(point + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out UInt128 value))
        {
            return false;
        }

        hash = new BadgeHash(keyId, value);
        return true;
    }

    /// <summary>"key id.32 hex digits".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{KeyId}.{Value:x32}");
}

/// <summary>All that is kept of a badge number: the hash of its full form and, when it is long enough, of its last four and last three bytes.</summary>
/// <param name="Family">The family, in clear.</param>
/// <param name="Bytes">How many bytes the number had, in clear.</param>
/// <param name="Full">The hash of the canonical form.</param>
/// <param name="Last4">The hash of the last four bytes; null when there are fewer.</param>
/// <param name="Last3">The hash of the last three bytes.</param>
public sealed record BadgePrint(BadgeFamily Family, int Bytes, BadgeHash Full, BadgeHash? Last4, BadgeHash Last3);

/// <summary>Turns badge numbers into what may be stored, under one key of the site. Safe to use from several threads.</summary>
public sealed class BadgeHasher
{
    private readonly byte[] _key;

    /// <summary>A hasher under a key.</summary>
    /// <param name="keyId">The id under which the key is known.</param>
    /// <param name="key">The secret, at least 16 bytes; copied.</param>
    /// <exception cref="ArgumentException">The key is shorter than 16 bytes.</exception>
    public BadgeHasher(ushort keyId, ReadOnlySpan<byte> key)
    {
        if (key.Length < 16)
        {
            throw new ArgumentException("A badge key has at least 16 bytes.", nameof(key));
        }

        KeyId = keyId;
        _key = key.ToArray();
    }

    /// <summary>The id of the key.</summary>
    public ushort KeyId { get; }

    /// <summary>The hashes of a number.</summary>
    /// <param name="number">The number as read.</param>
    public BadgePrint Print(BadgeNumber number)
    {
        ArgumentNullException.ThrowIfNull(number);
        return new BadgePrint(
            number.Family,
            number.Bytes,
            Hash(number.Canonical),
            number.Suffix(4) is { } four ? Hash("*4:" + four) : null,
            Hash("*3:" + number.Suffix(3)));
    }

    private BadgeHash Hash(string form)
    {
        Span<byte> text = stackalloc byte[32];
        int length = Encoding.ASCII.GetBytes(form, text);
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, text[..length], mac);
        return new BadgeHash(KeyId, System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(mac));
    }
}
