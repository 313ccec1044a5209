using System.Globalization;
using System.Security.Cryptography;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Core;
using FabLab.Core.Badges;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.People;

/// <summary>How the key of badge hashes stands.</summary>
/// <param name="Key">Number of the key in use.</param>
/// <param name="Badges">Badges there are.</param>
/// <param name="UnderOlderKeys">Those of them still known under a key before it: nobody has read them since.</param>
/// <param name="Keys">How many keys are kept.</param>
public sealed record BadgeKeyStanding(int Key, int Badges, int UnderOlderKeys, int Keys);

/// <summary>The key of badge hashes, for the console.</summary>
public interface IBadgeKeys
{
    /// <summary>How it stands.</summary>
    Task<BadgeKeyStanding> StandingAsync(CancellationToken cancellationToken);

    /// <summary>Makes a new key the one in use. Keys under which no badge is known any more are forgotten.</summary>
    Task<BadgeKeyStanding> RotateAsync(CancellationToken cancellationToken);
}

/// <summary>
/// The lab's secrets, under which badge numbers are hashed. Read from their file, and read again when the file has changed: another
/// copy of this program may have made a new key.
/// </summary>
internal sealed class BadgeKeys(BookingFiles files, BookingWriter writer) : IBadgeKeys
{
    private static PersonId Console => default;

    private readonly Lock _gate = new();
    private BadgeKeyRing? _ring;
    private DateTime _written;

    public BadgeKeyRing Ring
    {
        get
        {
            lock (_gate)
            {
                var text = BookingFiles.ReadOrMakeSecret(files.BadgeKey);
                var written = File.GetLastWriteTimeUtc(files.BadgeKey);
                if (_ring is { } known && written == _written)
                    return known;
                _written = written;
                return _ring = BadgeKeyRing.Read(text);
            }
        }
    }

    public BadgeHasher Hasher => Ring.Current;

    /// <summary>A badge whose whole number is at hand and that is known under a key before the one in use is stored under that one.</summary>
    public async Task RenewAsync(BookingWrite write, IReadOnlyCollection<BadgeNumber> numbers, CancellationToken cancellationToken)
    {
        var ring = Ring;
        foreach (var number in ring.Hashers.Count > 1 ? numbers : [])
        {
            var older = ring.Hashers.Skip(1).Select(hasher => hasher.Print(number).Full).ToList();
            if (await write.Db.Badges.FirstOrDefaultAsync(badge => older.Contains(badge.Full), cancellationToken) is { } badge)
                badge.Renew(ring.Current.Print(number));
        }
        await write.Db.SaveChangesAsync(cancellationToken);
    }

    public async Task<BadgeKeyStanding> StandingAsync(CancellationToken cancellationToken) =>
        await writer.WriteAsync((write, cancel) => StandingAsync(write, cancel), cancellationToken);

    public Task<BadgeKeyStanding> RotateAsync(CancellationToken cancellationToken) => writer.WriteAsync(
        async (write, cancel) =>
        {
            await write.OneAtATimeAsync("badge key", cancel);
            var used = (await write.Db.Badges.Select(badge => badge.Full).ToListAsync(cancel)).Select(full => full.KeyId).ToHashSet();
            Rotate(used);
            write.Audit(Console, "badge_key.rotated", Guid.Empty, Ring.Current.KeyId.ToString(CultureInfo.InvariantCulture));
            return await StandingAsync(write, cancel);
        },
        cancellationToken);

    private async Task<BadgeKeyStanding> StandingAsync(BookingWrite write, CancellationToken cancellationToken)
    {
        var ring = Ring;
        var keys = (await write.Db.Badges.Select(badge => badge.Full).ToListAsync(cancellationToken)).Select(full => full.KeyId).ToList();
        return new BadgeKeyStanding(ring.Current.KeyId, keys.Count, keys.Count(key => key != ring.Current.KeyId), ring.Hashers.Count);
    }

    private void Rotate(HashSet<ushort> used)
    {
        lock (_gate)
        {
            var ring = BadgeKeyRing.Read(BookingFiles.ReadOrMakeSecret(files.BadgeKey));
            var lines = BookingFiles.ReadOrMakeSecret(files.BadgeKey).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            var next = ring.Hashers.Max(hasher => hasher.KeyId) + 1;
            if (next > ushort.MaxValue)
                throw new InvalidOperationException("There are no numbers left for keys.");
            var kept = ring.Hashers.Zip(lines).Where(pair => used.Contains(pair.First.KeyId) || pair.First.KeyId == ring.Current.KeyId)
                .Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.First.KeyId} {pair.Second[(pair.Second.IndexOf(' ', StringComparison.Ordinal) + 1)..]}"));
            BookingFiles.ReplaceSecret(
                files.BadgeKey, [string.Create(CultureInfo.InvariantCulture, $"{next} {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))}"), .. kept]);
            _ring = null;
        }
    }

    /// <summary>The key in use itself, for the codes of the door.</summary>
    public byte[] Secret => BadgeKeyRing.KeyOf(BookingFiles.ReadOrMakeSecret(files.BadgeKey));
}
