using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace FabLab.Protocol;

/// <summary>
/// Canonical text of a badge as one reader sees it: family, colon, upper-case hex of whole bytes, most significant first.
/// <c>em:62E3086CED</c> (a 125 kHz tag: 5 bytes, or the 4 or 3 a reader left of it), <c>iso:04A1…</c> (4, 7 or 10 bytes), <c>w:086CED</c> (3 or 4 bytes over Wiegand wires).
/// It is an identifier that anybody can copy, never a secret.
/// </summary>
public static class Tag
{
    private static readonly (string Family, int[] Bytes)[] Families = [("em", [3, 4, 5]), ("iso", [4, 7, 10]), ("w", [3, 4])];

    /// <summary>Whether a text is a canonical tag. All zeros and all ones are what a broken reader says, and no tag.</summary>
    /// <param name="text">The text.</param>
    /// <returns>Whether family, length and digits are right.</returns>
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

        if (!digits.ContainsAnyExcept('0') || !digits.ContainsAnyExcept('F'))
            return false;
        foreach (var (family, bytes) in Families)
        {
            if (text.AsSpan(0, colon).SequenceEqual(family))
                return digits.Length % 2 == 0 && bytes.Contains(digits.Length / 2);
        }

        return false;
    }

    /// <summary>The texts under which a tag may stand on the offline list: the whole, then its last four bytes, then its last three. Which of them are there is the gateway's choice: ends only where a reader drops bytes and one badge alone fits.</summary>
    /// <param name="tag">Canonical tag text.</param>
    /// <returns>One to three texts, in the order to look for them.</returns>
    public static IReadOnlyList<string> ListTexts(string tag)
    {
        ArgumentNullException.ThrowIfNull(tag);
        var hex = tag[(tag.IndexOf(':', StringComparison.Ordinal) + 1)..];
        return hex.Length >= 8 ? [tag, "*4:" + hex[^8..], "*3:" + hex[^6..]] : hex.Length >= 6 ? [tag, "*3:" + hex[^6..]] : [tag];
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

    /// <summary>Hash for the list: the first 16 bytes of HMAC-SHA256(key, text in ASCII).</summary>
    /// <param name="text">One of <see cref="Tag.ListTexts"/>.</param>
    /// <returns>16 bytes.</returns>
    public byte[] Hash(string text) => HMACSHA256.HashData(_bytes, Encoding.ASCII.GetBytes(text))[..HashLength];

    /// <summary>Says that it is a key, never which.</summary>
    /// <returns>A text without secrets.</returns>
    public override string ToString() => $"TagKey({Id})";
}
