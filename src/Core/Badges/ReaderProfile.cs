using System.Collections.Frozen;
using System.Globalization;

namespace FabLab.Core.Badges;

/// <summary>How a reader writes the number of a tag.</summary>
public enum BadgeSpelling
{
    /// <summary>Hex digits, with or without "-", ":" or blanks between the bytes.</summary>
    Hex,

    /// <summary>One decimal number, with or without leading zeros.</summary>
    DecimalNumber,

    /// <summary>"008,27885": one byte and a two-byte number, both decimal.</summary>
    FacilityAndCard,

    /// <summary>Each byte as a decimal number, "13-70-0-33-19".</summary>
    DecimalBytes,
}

/// <summary>What is known about the numbers of one model of reader, so that every spelling of a tag leads to the same badge.</summary>
/// <param name="Code">The stable name kept in settings.</param>
/// <param name="Family">The tags it reads.</param>
/// <param name="Spelling">How it writes a number.</param>
/// <param name="Bytes">How many bytes it gives; 0 when the tag decides (ISO: 4, 7 or 10).</param>
/// <param name="Truncates">Whether it drops leading bytes of the tag. Only then may a badge be found by the end of its number.</param>
/// <param name="Reversed">Whether it gives the least significant byte first.</param>
public sealed record ReaderProfile(
    string Code, BadgeFamily Family, BadgeSpelling Spelling, int Bytes, bool Truncates, bool Reversed = false)
{
    /// <summary>RDM6300, RDM630, Grove and ID-12LA/20LA on a serial line: the whole EM number, "62E3086CED".</summary>
    public static ReaderProfile EmHex { get; } = new("em-hex10", BadgeFamily.Em, BadgeSpelling.Hex, 5, Truncates: false);

    /// <summary>Tasmota with an RDM6300: the version byte is dropped, "E3086CED".</summary>
    public static ReaderProfile EmHex8 { get; } = new("em-hex8", BadgeFamily.Em, BadgeSpelling.Hex, 4, Truncates: true);

    /// <summary>ESPHome with an RDM6300, and most USB readers: the last four bytes as a decimal number, "3808980205".</summary>
    public static ReaderProfile EmDecimal { get; } = new("em-dec10", BadgeFamily.Em, BadgeSpelling.DecimalNumber, 4, Truncates: true);

    /// <summary>USB readers and printed tags: the last three bytes as facility and card, "008,27885".</summary>
    public static ReaderProfile EmFacilityAndCard { get; } = new("em-fc", BadgeFamily.Em, BadgeSpelling.FacilityAndCard, 3, Truncates: true);

    /// <summary>Wiegand 26 as hex: only 24 bits, so two tags of one lab can have the same number.</summary>
    public static ReaderProfile Wiegand26Hex { get; } = new("w26-hex", BadgeFamily.Wiegand, BadgeSpelling.Hex, 3, Truncates: true);

    /// <summary>Wiegand 26 as a decimal number, as ESPHome writes it, "552173".</summary>
    public static ReaderProfile Wiegand26Decimal { get; } = new("w26-dec", BadgeFamily.Wiegand, BadgeSpelling.DecimalNumber, 3, Truncates: true);

    /// <summary>Wiegand 26 as facility and card, "008,27885".</summary>
    public static ReaderProfile Wiegand26FacilityAndCard { get; } = new("w26-fc", BadgeFamily.Wiegand, BadgeSpelling.FacilityAndCard, 3, Truncates: true);

    /// <summary>Wiegand 34 as hex: 32 bits.</summary>
    public static ReaderProfile Wiegand34Hex { get; } = new("w34-hex", BadgeFamily.Wiegand, BadgeSpelling.Hex, 4, Truncates: true);

    /// <summary>Wiegand 34 as a decimal number.</summary>
    public static ReaderProfile Wiegand34Decimal { get; } = new("w34-dec", BadgeFamily.Wiegand, BadgeSpelling.DecimalNumber, 4, Truncates: true);

    /// <summary>PN532, MFRC522, PC/SC and the like: the whole UID in hex, "94D8FC5F", "74-10-37-94".</summary>
    public static ReaderProfile IsoHex { get; } = new("iso-hex", BadgeFamily.Iso, BadgeSpelling.Hex, 0, Truncates: false);

    /// <summary>The whole UID in hex with the bytes in the other order.</summary>
    public static ReaderProfile IsoHexReversed { get; } = new("iso-hex-rev", BadgeFamily.Iso, BadgeSpelling.Hex, 0, Truncates: false, Reversed: true);

    /// <summary>The whole UID as decimal bytes, "116-16-55-148".</summary>
    public static ReaderProfile IsoDecimalBytes { get; } = new("iso-dec-bytes", BadgeFamily.Iso, BadgeSpelling.DecimalBytes, 0, Truncates: false);

    /// <summary>USB readers of ISO cards: the first four bytes as one decimal number.</summary>
    public static ReaderProfile IsoDecimal { get; } = new("iso-dec10", BadgeFamily.Iso, BadgeSpelling.DecimalNumber, 4, Truncates: true);

    /// <summary>The profiles of this file.</summary>
    public static IReadOnlyList<ReaderProfile> All { get; } =
    [
        EmHex, EmHex8, EmDecimal, EmFacilityAndCard,
        Wiegand26Hex, Wiegand26Decimal, Wiegand26FacilityAndCard, Wiegand34Hex, Wiegand34Decimal,
        IsoHex, IsoHexReversed, IsoDecimalBytes, IsoDecimal,
    ];

    private static readonly FrozenDictionary<string, ReaderProfile> ByCode = All.ToFrozenDictionary(profile => profile.Code);

    /// <summary>The profile of that code, or null.</summary>
    /// <param name="code">A <see cref="Code"/>; case matters.</param>
    public static ReaderProfile? Find(string? code) => code is null ? null : ByCode.GetValueOrDefault(code);

    /// <summary>All the numbers that a text may be, when one does not know which of some readers wrote it: as each of them writes, and as Booking itself does.</summary>
    /// <param name="text">What arrived, at most 64 characters.</param>
    /// <param name="readers">The readers that may have written it.</param>
    public static IEnumerable<(BadgeNumber Number, bool Truncates)> Readings(string text, IEnumerable<ReaderProfile> readers) =>
        readers.Select(reader => (Number: reader.Parse(text), reader.Truncates)).Append((Number: BadgeNumber.Parse(text), Truncates: false))
            .Where(way => way.Number is not null).Select(way => (way.Number!, way.Truncates));

    /// <summary>Reads a number as this reader writes it. Blanks and line ends around it are ignored.</summary>
    /// <param name="text">What the reader sent, at most 64 characters.</param>
    /// <returns>The canonical number, or null when this reader would not write that.</returns>
    public BadgeNumber? Parse(string? text)
    {
        if (text is null || text.Length > 64)
        {
            return null;
        }

        ReadOnlySpan<char> trimmed = text.AsSpan().Trim();
        Span<byte> buffer = stackalloc byte[10];
        int length = Spelling switch
        {
            BadgeSpelling.Hex => ReadHex(trimmed, buffer),
            BadgeSpelling.DecimalNumber => ReadDecimal(trimmed, buffer),
            BadgeSpelling.FacilityAndCard => ReadFacilityAndCard(trimmed, buffer),
            _ => ReadDecimalBytes(trimmed, buffer),
        };
        bool fits = Bytes == 0 ? length is 4 or 7 or 10 : length == Bytes;
        if (!fits)
        {
            return null;
        }

        Span<byte> bytes = buffer[..length];
        if (Reversed)
        {
            bytes.Reverse();
        }

        return BadgeNumber.FromBytes(Family, bytes);
    }

    private static int ReadHex(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        int digits = 0;
        foreach (char c in text)
        {
            if (c is '-' or ':' or ' ')
            {
                // A separator stands between whole bytes.
                if (digits == 0 || digits % 2 != 0)
                {
                    return -1;
                }

                continue;
            }

            if (!char.IsAsciiHexDigit(c) || digits == 20)
            {
                return -1;
            }

            int value = char.IsAsciiDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
            bytes[digits / 2] = (byte)(digits % 2 == 0 ? value << 4 : bytes[digits / 2] | value);
            digits++;
        }

        return digits % 2 == 0 ? digits / 2 : -1;
    }

    private int ReadDecimal(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        if (text.Length > 20
            || !ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)
            || number >> (8 * Bytes) != 0)
        {
            return -1;
        }

        for (int i = Bytes - 1; i >= 0; i--, number >>= 8)
        {
            bytes[i] = (byte)number;
        }

        return Bytes;
    }

    private static int ReadFacilityAndCard(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        int comma = text.IndexOf(',');
        if (comma < 0
            || !byte.TryParse(text[..comma], NumberStyles.None, CultureInfo.InvariantCulture, out byte facility)
            || !ushort.TryParse(text[(comma + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out ushort card))
        {
            return -1;
        }

        bytes[0] = facility;
        bytes[1] = (byte)(card >> 8);
        bytes[2] = (byte)card;
        return 3;
    }

    private static int ReadDecimalBytes(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        int length = 0;
        foreach (Range part in text.Split('-'))
        {
            if (length == bytes.Length
                || !byte.TryParse(text[part], NumberStyles.None, CultureInfo.InvariantCulture, out bytes[length]))
            {
                return -1;
            }

            length++;
        }

        return length;
    }
}
