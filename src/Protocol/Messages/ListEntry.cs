using System.Buffers.Binary;
using System.Buffers.Text;
using System.Collections.ObjectModel;

namespace FabLab.Protocol.Messages;

/// <summary>One badge on the offline list. On the wire 21 bytes: hash (16), expiry (4, big endian), rights (1).</summary>
/// <param name="Hash">Hash of one of the tag's <see cref="Protocol.Tag.ListTexts"/>, 16 bytes in lower-case hex; see <see cref="TagKey.Hash"/>.</param>
/// <param name="Expires">When the right ends, seconds since 1970; 0 for never.</param>
/// <param name="Rights">Channels it may start: bit 0 is channel 0. In a difference, 0 removes the entry.</param>
public readonly record struct ListEntry(string Hash, uint Expires, byte Rights)
{
    /// <summary>An entry for a tag.</summary>
    /// <param name="key">Tag key of the site.</param>
    /// <param name="text">One of the tag's <see cref="Protocol.Tag.ListTexts"/>.</param>
    /// <param name="expires">When the right ends, seconds since 1970; 0 for never.</param>
    /// <param name="rights">Channels, bit 0 is channel 0.</param>
    /// <returns>The entry.</returns>
    public static ListEntry For(TagKey key, string text, uint expires, byte rights)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new(Convert.ToHexStringLower(key.Hash(text)), expires, rights);
    }

    internal static string Pack(IReadOnlyList<ListEntry> entries)
    {
        var bytes = new byte[entries.Count * Limits.ListEntryBytes];
        for (var i = 0; i < entries.Count; i++)
        {
            var place = bytes.AsSpan(i * Limits.ListEntryBytes, Limits.ListEntryBytes);
            Convert.FromHexString(entries[i].Hash).CopyTo(place);
            BinaryPrimitives.WriteUInt32BigEndian(place[16..], entries[i].Expires);
            place[20] = entries[i].Rights;
        }

        return Base64Url.EncodeToString(bytes);
    }

    // 21 bytes are 28 characters, so a text has no padding and one spelling.
    internal static ReadOnlyCollection<ListEntry>? Unpack(string text)
    {
        if (text.Length % 28 != 0 || text.Length / 28 > Limits.ListChunkEntries)
            return null;
        var count = text.Length / 28;
        if (count == 0)
            return ReadOnlyCollection<ListEntry>.Empty;
        if (!Base64UrlText.TryDecode(text, count * Limits.ListEntryBytes, out var bytes))
            return null;
        var entries = new ListEntry[count];
        for (var i = 0; i < count; i++)
        {
            var place = bytes.AsSpan(i * Limits.ListEntryBytes, Limits.ListEntryBytes);
            var rights = place[20];
            if (rights >= 1 << Limits.Relays)
                return null;
            entries[i] = new ListEntry(Convert.ToHexStringLower(place[..16]), BinaryPrimitives.ReadUInt32BigEndian(place[16..]), rights);
        }

        return entries.AsReadOnly();
    }
}
