using FabLab.Core.Badges;

namespace FabLab.Booking.Features.People;

/// <summary>The lab's secret, under which badge numbers are hashed. Read from its file once, when first needed.</summary>
internal sealed class BadgeKeys(BookingFiles files)
{
    /// <summary>The id of the only key there is so far.</summary>
    public const ushort KeyId = 1;

    private readonly Lazy<BadgeHasher> _hasher = new(() => new BadgeHasher(KeyId, Convert.FromHexString(BookingFiles.ReadOrMakeSecret(files.BadgeKey))));

    public BadgeHasher Hasher => _hasher.Value;
}
