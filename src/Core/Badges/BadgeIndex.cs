using System.Collections.Immutable;

namespace FabLab.Core.Badges;

/// <summary>Finds the badge of a number among those the lab knows. Immutable; adding and removing cost the logarithm of the number of badges.</summary>
public sealed class BadgeIndex
{
    private readonly ImmutableDictionary<BadgeHash, ImmutableList<Entry>> _byHash;

    private BadgeIndex(ImmutableDictionary<BadgeHash, ImmutableList<Entry>> byHash) => _byHash = byHash;

    /// <summary>The index of no badges.</summary>
    public static BadgeIndex Empty { get; } = new(ImmutableDictionary<BadgeHash, ImmutableList<Entry>>.Empty);

    /// <summary>The index of many badges, made at once.</summary>
    /// <param name="badges">The badges with their hashes; no badge twice.</param>
    public static BadgeIndex Of(IEnumerable<(BadgeId Badge, BadgePrint Print)> badges)
    {
        ArgumentNullException.ThrowIfNull(badges);
        Dictionary<BadgeHash, List<Entry>> lists = [];
        foreach ((BadgeId badge, BadgePrint print) in badges)
        {
            Entry entry = new(badge, print);
            foreach (BadgeHash hash in Hashes(print))
            {
                if (!lists.TryGetValue(hash, out List<Entry>? list))
                {
                    lists[hash] = list = [];
                }

                list.Add(entry);
            }
        }

        return new BadgeIndex(lists.ToImmutableDictionary(pair => pair.Key, pair => pair.Value.ToImmutableList()));
    }

    /// <summary>This index with one more badge.</summary>
    /// <param name="badge">The badge; not in the index.</param>
    /// <param name="print">Its hashes.</param>
    public BadgeIndex Add(BadgeId badge, BadgePrint print)
    {
        ArgumentNullException.ThrowIfNull(print);
        Entry entry = new(badge, print);
        ImmutableDictionary<BadgeHash, ImmutableList<Entry>>.Builder hashes = _byHash.ToBuilder();
        foreach (BadgeHash hash in Hashes(print))
        {
            hashes[hash] = hashes.TryGetValue(hash, out ImmutableList<Entry>? list) ? list.Add(entry) : [entry];
        }

        return new BadgeIndex(hashes.ToImmutable());
    }

    /// <summary>This index without a badge.</summary>
    /// <param name="badge">The badge.</param>
    /// <param name="print">The hashes it was added with.</param>
    public BadgeIndex Remove(BadgeId badge, BadgePrint print)
    {
        ArgumentNullException.ThrowIfNull(print);
        Entry entry = new(badge, print);
        ImmutableDictionary<BadgeHash, ImmutableList<Entry>>.Builder hashes = _byHash.ToBuilder();
        foreach (BadgeHash hash in Hashes(print))
        {
            if (hashes.TryGetValue(hash, out ImmutableList<Entry>? list))
            {
                ImmutableList<Entry> rest = list.Remove(entry);
                if (rest.IsEmpty)
                {
                    hashes.Remove(hash);
                }
                else
                {
                    hashes[hash] = rest;
                }
            }
        }

        return new BadgeIndex(hashes.ToImmutable());
    }

    /// <summary>
    /// Finds a badge: by its full form; else, if one of the two numbers was cut short by a reader, by the end of the number.
    /// The end counts only when one badge alone fits it.
    /// </summary>
    /// <param name="read">The hashes of what was read, under the key of the index.</param>
    /// <param name="truncates">Whether the reader drops leading bytes (<see cref="ReaderProfile.Truncates"/>).</param>
    public BadgeMatch Find(BadgePrint read, bool truncates)
    {
        ArgumentNullException.ThrowIfNull(read);
        BadgeMatch exact = Only(read.Full, read, (stored, asked) => stored.Full == asked.Full, bySuffix: false);
        if (exact is not BadgeMatch.Unknown)
        {
            return exact;
        }

        BadgeHash end = read is { Bytes: >= 4, Last4: { } four } ? four : read.Last3;
        BadgeMatch found = truncates
            ? Only(end, read, (stored, asked) => stored.Bytes > asked.Bytes || stored.Family != asked.Family, bySuffix: true)
            : new BadgeMatch.Unknown();
        return found is BadgeMatch.Unknown ? FindShort(read) : found;
    }

    /// <summary>The badge was enrolled at a reader that drops bytes, and this reader gives more of it.</summary>
    private BadgeMatch FindShort(BadgePrint read)
    {
        if (read.Last4 is { } four
            && Only(four, read, (stored, _) => stored.Bytes == 4 && CutShort(stored), bySuffix: true) is var byFour and not BadgeMatch.Unknown)
        {
            return byFour;
        }

        return Only(read.Last3, read, (stored, _) => stored.Bytes == 3, bySuffix: true);
    }

    // Four bytes are a whole ISO number; of an EM tag or over Wiegand they are what a reader left of it.
    private static bool CutShort(BadgePrint stored) => stored.Family != BadgeFamily.Iso;

    private BadgeMatch Only(BadgeHash hash, BadgePrint read, Func<BadgePrint, BadgePrint, bool> fits, bool bySuffix)
    {
        if (!_byHash.TryGetValue(hash, out ImmutableList<Entry>? entries))
        {
            return new BadgeMatch.Unknown();
        }

        BadgeId? only = null;
        foreach (Entry entry in entries)
        {
            if (!SameFamily(entry.Print, read) || !fits(entry.Print, read))
            {
                continue;
            }

            if (only is { } other && other != entry.Badge)
            {
                return new BadgeMatch.Ambiguous();
            }

            only = entry.Badge;
        }

        return only is { } badge ? new BadgeMatch.Known(badge, bySuffix) : new BadgeMatch.Unknown();
    }

    private static bool SameFamily(BadgePrint stored, BadgePrint read) =>
        stored.Family == read.Family || stored.Family == BadgeFamily.Wiegand || read.Family == BadgeFamily.Wiegand;

    private static IEnumerable<BadgeHash> Hashes(BadgePrint print)
    {
        yield return print.Full;
        if (print.Last4 is { } four)
        {
            yield return four;
        }

        yield return print.Last3;
    }

    private sealed record Entry(BadgeId Badge, BadgePrint Print);
}
