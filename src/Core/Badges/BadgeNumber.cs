using System.Globalization;

namespace FabLab.Core.Badges;

/// <summary>What kind of tag a number came from.</summary>
public enum BadgeFamily
{
    /// <summary>125 kHz EM4100 and its clones: five bytes on the tag.</summary>
    Em,

    /// <summary>ISO 14443 (MIFARE, NTAG, bank and transport cards): 4, 7 or 10 bytes.</summary>
    Iso,

    /// <summary>A number that came over Wiegand wires; which kind of tag it was is not known.</summary>
    Wiegand,
}

/// <summary>
/// One badge number in canonical form: its family and its bytes, most significant first.
/// A reader that drops bytes gives a shorter number of the same tag. It is personal data and not a secret: many tags can be copied.
/// </summary>
public sealed record BadgeNumber
{
    private BadgeNumber(BadgeFamily family, string hex) => (Family, Hex) = (family, hex);

    /// <summary>The family.</summary>
    public BadgeFamily Family { get; }

    /// <summary>The bytes as upper-case hex digits, two a byte.</summary>
    public string Hex { get; }

    /// <summary>How many bytes: 3 to 5 for <see cref="BadgeFamily.Em"/>, 3 to 10 otherwise.</summary>
    public int Bytes => Hex.Length / 2;

    /// <summary>The one spelling under which a badge is hashed: "em:62E3086CED", "iso:94D8FC5F", "w:086CED".</summary>
    public string Canonical => $"{Prefix(Family)}:{Hex}";

    /// <summary>A number from its bytes.</summary>
    /// <param name="family">The family.</param>
    /// <param name="bytes">The bytes, most significant first: 3 to 5 for <see cref="BadgeFamily.Em"/>, 3 to 10 otherwise. All zero is what a broken reader says and is refused.</param>
    /// <returns>The number, or null when the bytes cannot be one.</returns>
    public static BadgeNumber? FromBytes(BadgeFamily family, ReadOnlySpan<byte> bytes)
    {
        bool fits = bytes.Length >= 3 && bytes.Length <= (family == BadgeFamily.Em ? 5 : 10);
        return fits && bytes.ContainsAnyExcept((byte)0) && bytes.ContainsAnyExcept((byte)0xFF)
            ? new BadgeNumber(family, Convert.ToHexString(bytes))
            : null;
    }

    /// <summary>Reads the canonical spelling back.</summary>
    /// <param name="text">Such as "em:62E3086CED"; null is not a number.</param>
    public static BadgeNumber? Parse(string? text)
    {
        int colon = text?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        if (colon < 0 || text!.Length > 24)
        {
            return null;
        }

        BadgeFamily? family = text[..colon] switch
        {
            "em" => BadgeFamily.Em,
            "iso" => BadgeFamily.Iso,
            "w" => BadgeFamily.Wiegand,
            _ => null,
        };
        string hex = text[(colon + 1)..];
        return family is { } known && hex.Length % 2 == 0 && IsHex(hex)
            ? FromBytes(known, Convert.FromHexString(hex))
            : null;
    }

    /// <summary>The 26 bits of a Wiegand frame: even parity over the first 13, odd over the last 13, 24 bits of number between.</summary>
    /// <param name="frame">The frame, first bit received at bit 25.</param>
    /// <returns>A number of three bytes, or null when a parity is wrong or a higher bit is set.</returns>
    public static BadgeNumber? FromWiegand26(ulong frame) => FromWiegand(frame, 26);

    /// <summary>The 34 bits of a Wiegand frame: even parity over the first 17, odd over the last 17, 32 bits of number between.</summary>
    /// <param name="frame">The frame, first bit received at bit 33.</param>
    /// <returns>A number of four bytes, or null when a parity is wrong or a higher bit is set.</returns>
    public static BadgeNumber? FromWiegand34(ulong frame) => FromWiegand(frame, 34);

    /// <summary>The family and the length only: a badge number is never written to a log.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Prefix(Family)}:({Bytes} bytes)");

    /// <summary>The last bytes of the number, which is what a reader that drops bytes gives; null when the number is shorter.</summary>
    /// <param name="bytes">How many bytes.</param>
    internal string? Suffix(int bytes) => Bytes >= bytes ? Hex[^(2 * bytes)..] : null;

    private static BadgeNumber? FromWiegand(ulong frame, int bits)
    {
        int half = bits / 2;
        ulong low = frame & ((1UL << half) - 1);
        ulong high = frame >> half;
        if (high >> half != 0
            || ulong.PopCount(high) % 2 != 0
            || ulong.PopCount(low) % 2 != 1)
        {
            return null;
        }

        ulong number = (frame >> 1) & ((1UL << (bits - 2)) - 1);
        Span<byte> bytes = stackalloc byte[(bits - 2) / 8];
        for (int i = bytes.Length - 1; i >= 0; i--, number >>= 8)
        {
            bytes[i] = (byte)number;
        }

        return FromBytes(BadgeFamily.Wiegand, bytes);
    }

    private static bool IsHex(string text)
    {
        foreach (char c in text)
        {
            if (!char.IsAsciiHexDigit(c))
            {
                return false;
            }
        }

        return true;
    }

    private static string Prefix(BadgeFamily family) => family switch
    {
        BadgeFamily.Em => "em",
        BadgeFamily.Iso => "iso",
        _ => "w",
    };
}
