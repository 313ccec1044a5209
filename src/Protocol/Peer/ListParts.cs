using FabLab.Protocol.Messages;

namespace FabLab.Protocol.Peer;

/// <summary>Cuts an offline list into parts.</summary>
public static class ListParts
{
    /// <summary>A list in full.</summary>
    /// <param name="version">Its version, above 0 and above all earlier ones.</param>
    /// <param name="tagKeyId">Number of the tag key its hashes were made with.</param>
    /// <param name="at">When it was made, seconds since 1970.</param>
    /// <param name="entries">Its entries, each hash once, rights above 0.</param>
    /// <returns>The parts, at least one.</returns>
    public static IReadOnlyList<ListChunk> Full(uint version, byte tagKeyId, uint at, IReadOnlyCollection<ListEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        return Cut(version, 0, tagKeyId, at, entries.Count, entries);
    }

    /// <summary>What changed since the list the device holds.</summary>
    /// <param name="baseVersion">Version it holds.</param>
    /// <param name="before">Entries of that version.</param>
    /// <param name="version">The new version.</param>
    /// <param name="tagKeyId">Number of the tag key, the same for both.</param>
    /// <param name="at">When it was made, seconds since 1970.</param>
    /// <param name="after">Entries of the new version.</param>
    /// <returns>The parts, at least one.</returns>
    public static IReadOnlyList<ListChunk> Difference(
        uint baseVersion, IEnumerable<ListEntry> before, uint version, byte tagKeyId, uint at, IReadOnlyCollection<ListEntry> after)
    {
        ArgumentNullException.ThrowIfNull(after);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(baseVersion, version);
        ArgumentOutOfRangeException.ThrowIfZero(baseVersion);
        var old = before.ToDictionary(entry => entry.Hash);
        var changes = new List<ListEntry>();
        foreach (var entry in after)
        {
            if (!old.Remove(entry.Hash, out var was) || was != entry)
                changes.Add(entry);
        }

        changes.AddRange(old.Values.Select(gone => gone with { Expires = 0, Rights = 0 }));
        return Cut(version, baseVersion, tagKeyId, at, after.Count, changes);
    }

    private static List<ListChunk> Cut(uint version, uint baseVersion, byte tagKeyId, uint at, int count, IReadOnlyCollection<ListEntry> entries)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(entries.Count, Limits.ListChunks * Limits.ListChunkEntries, nameof(entries));
        ArgumentOutOfRangeException.ThrowIfZero(version);
        var parts = entries.Count == 0 ? [[]] : entries.Chunk(Limits.ListChunkEntries).ToArray();
        return [.. parts.Select((part, index) => new ListChunk(version, baseVersion, index, parts.Length, tagKeyId, at, count, part))];
    }
}
