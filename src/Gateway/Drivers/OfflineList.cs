using NodaTime;

namespace FabLab.Gateway.Drivers;

/// <summary>Who may use the channels of one device while nobody answers.</summary>
/// <param name="Version">Strictly increasing; 0 is the empty list of a new device.</param>
/// <param name="ValidUntil">After this the device refuses everybody.</param>
/// <param name="Entries">Who is on it.</param>
public sealed record OfflineList(uint Version, Instant ValidUntil, IReadOnlyList<OfflineListEntry> Entries);

/// <summary>One badge of an <see cref="OfflineList"/>.</summary>
/// <param name="BadgeHash">The first 16 bytes of the keyed hash of the canonical badge number; never the number.</param>
/// <param name="Until">When this entry ends: membership, habilitation or the list, whichever is first.</param>
/// <param name="Channels">Bit n set: may use channel n.</param>
public sealed record OfflineListEntry(ReadOnlyMemory<byte> BadgeHash, Instant Until, uint Channels);
