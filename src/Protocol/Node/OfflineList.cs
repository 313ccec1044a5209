using FabLab.Protocol.Messages;

namespace FabLab.Protocol.Node;

/// <summary>The list a device decides by while the gateway is away. Parts are gathered beside it and take effect all at once.</summary>
public sealed class OfflineList
{
    private Dictionary<string, ListEntry> _entries = [];
    private Dictionary<string, ListEntry>? _next;
    private int _due;

    /// <summary>Version held; 0 for none.</summary>
    public uint Version { get; private set; }

    /// <summary>When the gateway last vouched for it, seconds since 1970; 0 for never.</summary>
    public uint At { get; private set; }

    /// <summary>Entries held.</summary>
    public IReadOnlyCollection<ListEntry> Entries => _entries.Values;

    /// <summary>Looks a tag up: whole, then by its end, see <see cref="Tag.ListTexts"/>.</summary>
    /// <param name="key">Tag key.</param>
    /// <param name="tag">Canonical tag text.</param>
    /// <returns>Its entry, or null.</returns>
    public ListEntry? Find(TagKey key, string tag)
    {
        ArgumentNullException.ThrowIfNull(key);
        foreach (var text in Tag.ListTexts(tag))
        {
            if (_entries.TryGetValue(Convert.ToHexStringLower(key.Hash(text)), out var entry))
                return entry;
        }

        return null;
    }

    /// <summary>Takes a part. A list that ends up with another number of entries than said is not taken over.</summary>
    /// <param name="chunk">The part.</param>
    /// <param name="complete">Whether the list took effect.</param>
    /// <returns>The code to answer: <c>ok</c>, <c>base</c>, <c>chunk</c> or <c>count</c>.</returns>
    public string Take(ListChunk chunk, out bool complete)
    {
        ArgumentNullException.ThrowIfNull(chunk);
        complete = false;
        // The last part again, because the answer to it was lost.
        if (chunk.Version == Version && chunk.Index == chunk.Of - 1 && _next is null)
            return ReplyCode.Ok;
        if (chunk.Base != 0 && chunk.Base != Version)
            return Drop(ReplyCode.Base);
        if (chunk.Index == 0)
        {
            _next = chunk.Base == 0 ? [] : new(_entries);
            _due = 0;
        }
        else if (_next is not null && chunk.Index == _due - 1)
        {
            return ReplyCode.Ok;
        }

        if (_next is null || chunk.Index != _due)
            return Drop(ReplyCode.Chunk);
        foreach (var entry in chunk.Entries)
        {
            if (entry.Rights == 0)
                _next.Remove(entry.Hash);
            else
                _next[entry.Hash] = entry;
        }

        if (++_due < chunk.Of)
            return ReplyCode.Ok;
        if (_next.Count != chunk.Count)
            return Drop(ReplyCode.Count);
        (_entries, _next, Version, At) = (_next, null, chunk.Version, chunk.At);
        complete = true;
        return ReplyCode.Ok;
    }

    /// <summary>The gateway says that this version is valid at this time.</summary>
    /// <param name="version">The version.</param>
    /// <param name="at">Seconds since 1970.</param>
    /// <returns>Whether it is the version held.</returns>
    public bool Vouch(uint version, uint at)
    {
        if (version != Version || version == 0)
            return false;
        At = Math.Max(At, at);
        return true;
    }

    internal void Load(uint version, uint at, IEnumerable<ListEntry> entries) =>
        (Version, At, _entries) = (version, at, entries.ToDictionary(entry => entry.Hash));

    private string Drop(string code)
    {
        _next = null;
        return code;
    }
}
