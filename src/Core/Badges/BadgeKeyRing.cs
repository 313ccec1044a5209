using System.Globalization;

namespace FabLab.Core.Badges;

/// <summary>
/// The keys of a site for badge hashes: the one in use, and those before it under which some badges are still known. As text: one key
/// a line, "number hexadecimal", the one in use first; a line without a number is key 1. Immutable.
/// </summary>
public sealed class BadgeKeyRing
{
    private BadgeKeyRing(IReadOnlyList<BadgeHasher> hashers) => Hashers = hashers;

    /// <summary>A hasher for each key, the one in use first.</summary>
    public IReadOnlyList<BadgeHasher> Hashers { get; }

    /// <summary>The hasher of the key in use: with it new badges are stored.</summary>
    public BadgeHasher Current => Hashers[0];

    /// <summary>Reads the keys.</summary>
    /// <param name="text">What the file holds.</param>
    /// <returns>The keys.</returns>
    /// <exception cref="FormatException">A line is none, a number is there twice, or there is no key at all.</exception>
    public static BadgeKeyRing Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var hashers = new List<BadgeHasher>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var blank = line.IndexOf(' ', StringComparison.Ordinal);
            var id = blank < 0 ? (ushort)1 : ushort.Parse(line.AsSpan(0, blank), NumberStyles.None, CultureInfo.InvariantCulture);
            if (hashers.Any(hasher => hasher.KeyId == id))
                throw new FormatException("A key number is there twice.");
            try
            {
                hashers.Add(new BadgeHasher(id, Convert.FromHexString(line.AsSpan(blank + 1).Trim())));
            }
            catch (ArgumentException fault)
            {
                throw new FormatException("A key is too short.", fault);
            }
        }
        return hashers.Count > 0 ? new BadgeKeyRing(hashers) : throw new FormatException("There is no key.");
    }

    /// <summary>The key in use, as it stands in the text.</summary>
    /// <param name="text">What the file holds.</param>
    /// <exception cref="FormatException">There is none.</exception>
    public static byte[] KeyOf(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var line = text.AsSpan().Trim();
        line = line[..(line.IndexOf('\n') is var end and >= 0 ? end : line.Length)].Trim();
        return Convert.FromHexString(line[(line.IndexOf(' ') + 1)..].Trim());
    }

    /// <summary>Whose badge a number is, looked for under each key.</summary>
    /// <param name="badges">The badges.</param>
    /// <param name="number">The number.</param>
    /// <param name="truncates">Whether the reader drops leading bytes.</param>
    /// <returns>The match; the hashes under the key in use; and whether the badge, all of its number read, is known only under a key before it.</returns>
    public (BadgeMatch Match, BadgePrint Print, bool Outdated) Find(BadgeIndex badges, BadgeNumber number, bool truncates)
    {
        ArgumentNullException.ThrowIfNull(badges);
        var print = Current.Print(number);
        var match = badges.Find(print, truncates);
        for (var i = 1; i < Hashers.Count && match is BadgeMatch.Unknown; i++)
        {
            match = badges.Find(Hashers[i].Print(number), truncates);
            if (match is BadgeMatch.Known { BySuffix: false })
                return (match, print, true);
        }
        return (match, print, false);
    }
}
