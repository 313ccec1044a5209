using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace FabLab.Protocol;

/// <summary>
/// Canonical text of a badge as one reader sees it: prefix, colon, upper-case hex of whole bytes, most significant first.
/// <c>em:62E3086CED</c> (5 bytes of a 125 kHz tag), <c>em4:E3086CED</c> (the last 4), <c>w26:086CED</c> (the last 3), <c>w34:E3086CED</c>, <c>iso:04A1…</c> (4, 7 or 10 bytes), <c>raw:…</c> (anything else).
/// It is an identifier that anybody can copy, never a secret.
/// </summary>
public static class Tag
{
    private static readonly (string Prefix, int[] Bytes)[] Forms =
    [
        ("em", [5]), ("em4", [4]), ("w26", [3]), ("w34", [4]), ("iso", [4, 7, 10]), ("raw", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    ];

    /// <summary>Whether a text is a canonical tag.</summary>
    /// <param name="text">The text.</param>
    /// <returns>Whether prefix, length and digits are right.</returns>
    public static bool IsCanonical([NotNullWhen(true)] string? text)
    {
        if (text is null || text.Length > Limits.TagBytes)
            return false;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            return false;
        var digits = text.AsSpan(colon + 1);
        foreach (var c in digits)
        {
            if (!(char.IsAsciiDigit(c) || c is >= 'A' and <= 'F'))
                return false;
        }

        foreach (var (prefix, bytes) in Forms)
        {
            if (text.AsSpan(0, colon).SequenceEqual(prefix))
                return digits.Length % 2 == 0 && bytes.Contains(digits.Length / 2);
        }

        return false;
    }
}

/// <summary>The site's key under which tags are hashed in the offline list, so that a stolen device yields no badge numbers at once. Given at enrolment.</summary>
public sealed class TagKey
{
    /// <summary>Length of a hash in the list.</summary>
    public const int HashLength = 16;

    private readonly byte[] _bytes;

    private TagKey(byte id, byte[] bytes)
    {
        Id = id;
        _bytes = bytes;
    }

    /// <summary>Number of the key, 1 to 255; the list says which it was made with.</summary>
    public byte Id { get; }

    /// <summary>A key from its bytes.</summary>
    /// <param name="id">Its number, 1 to 255.</param>
    /// <param name="bytes">Exactly 32 bytes.</param>
    /// <returns>The key.</returns>
    /// <exception cref="ArgumentException">The length or the number is wrong.</exception>
    public static TagKey FromBytes(byte id, ReadOnlySpan<byte> bytes) =>
        bytes.Length == DeviceKey.Length && id > 0
            ? new TagKey(id, bytes.ToArray())
            : throw new ArgumentException("A tag key has 32 bytes and a number above 0.", nameof(bytes));

    /// <summary>The key's bytes, for the enrolment message.</summary>
    /// <returns>32 bytes.</returns>
    public ReadOnlySpan<byte> AsSpan() => _bytes;

    /// <summary>Hash of a tag: the first 16 bytes of HMAC-SHA256(key, canonical text in ASCII).</summary>
    /// <param name="tag">Canonical tag text exactly as the reader of the device gives it.</param>
    /// <returns>16 bytes.</returns>
    public byte[] Hash(string tag) => HMACSHA256.HashData(_bytes, Encoding.ASCII.GetBytes(tag))[..HashLength];

    /// <summary>Says that it is a key, never which.</summary>
    /// <returns>A text without secrets.</returns>
    public override string ToString() => $"TagKey({Id})";
}
