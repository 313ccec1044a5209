using NodaTime;

namespace FabLab.Gateway.Drivers;

/// <summary>Who may use the channels of one device while nobody answers.</summary>
/// <param name="Version">Strictly increasing; 0 is the empty list of a new device.</param>
/// <param name="At">When it was made; the device judges its age by it.</param>
/// <param name="TagKeyId">The key of the site its hashes were made with, 1 to 255.</param>
/// <param name="Entries">Who is on it.</param>
public sealed record OfflineList(uint Version, Instant At, byte TagKeyId, IReadOnlyList<OfflineListEntry> Entries);

/// <summary>One badge of an <see cref="OfflineList"/>.</summary>
/// <param name="BadgeHash">16 bytes: the keyed hash of the badge number as this device's reader gives it; never the number.</param>
/// <param name="Until">When this entry ends: membership or habilitation, whichever is first; null for never.</param>
/// <param name="Channels">Bit n set: may use channel n.</param>
public sealed record OfflineListEntry(ReadOnlyMemory<byte> BadgeHash, Instant? Until, uint Channels);
