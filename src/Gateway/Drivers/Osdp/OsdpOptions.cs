using FabLab.Core.Badges;
using NodaTime;

namespace FabLab.Gateway.Drivers.Osdp;

/// <summary>What the settings say of one reader.</summary>
internal sealed record OsdpOptions
{
    /// <summary>The longest time for which the key of the factory may be spoken.</summary>
    public static readonly Duration LongestInstall = Duration.FromHours(1);

    /// <summary>Its address on the line, 0 to 126.</summary>
    public required int Address { get; init; }

    /// <summary>Bits a second.</summary>
    public required int Baud { get; init; }

    /// <summary>Its own key, 16 bytes.</summary>
    public required byte[] Key { get; init; }

    /// <summary>What a number of whole bytes is.</summary>
    public ReaderProfile Profile { get; init; } = ReaderProfile.IsoHex;

    /// <summary>Until when a reader that still has the factory's key is given its own; null for never.</summary>
    public Instant? InstallUntil { get; init; }
}
