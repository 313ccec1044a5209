using System.Globalization;
using FabLab.Core.Badges;
using FabLab.Core.Policy;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FabLab.Gateway.Flow;

/// <summary>
/// STEP 2. Whose badge is it? Numbers are compared as keyed hashes; the number itself goes no further than this file.
/// </summary>
internal sealed partial class ResolveBadge(IOptions<GatewayOptions> options, TimeProvider time, ILogger<ResolveBadge> logger)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private volatile BadgeKeyRing? _ring;
    private DateTime _written;
    private long _lookedAt;
    private bool _looked;

    /// <returns>The badge, and the hash by which refused taps are counted also when it is unknown; no hash without a key.</returns>
    public (BadgeMatch Match, BadgeHash? Hash) Find(LabPolicy policy, BadgeNumber number, ReaderProfile profile) =>
        FindPrint(policy, number, profile) is var (match, print, _) ? (match, print.Full) : (new BadgeMatch.Unknown(), null);

    /// <summary>The badge, the keyed hashes of its number, and whether they must take the place of those Booking has; null without a key.</summary>
    public (BadgeMatch Match, BadgePrint Print, bool Outdated)? FindPrint(LabPolicy policy, BadgeNumber number, ReaderProfile profile) =>
        Ring()?.Find(policy.Badges, number, profile.Truncates);

    /// <summary>The keyed hashes of a number; null without a key.</summary>
    public BadgePrint? Print(BadgeNumber number) => Ring()?.Current.Print(number);

    /// <summary>
    /// In a lab that starts for the first time Booking makes the key a moment after us, and later it may make another one. Machines and
    /// readers ask at the same time: who comes while another one reads the key waits for it, else the first tap of the day would be nobody's.
    /// </summary>
    private BadgeKeyRing? Ring()
    {
        if (_ring is { } known && time.GetElapsedTime(Volatile.Read(ref _lookedAt)) < LookAgain)
            return known;
        lock (_gate)
            return Look();
    }

    private BadgeKeyRing? Look()
    {
        if (_looked && time.GetElapsedTime(_lookedAt) < LookAgain)
            return _ring;
        _looked = true;
        Volatile.Write(ref _lookedAt, time.GetTimestamp());
        try
        {
            var written = File.GetLastWriteTimeUtc(options.Value.BadgeKeyPath);
            if (_ring is { } same && written == _written)
                return same;
            var ring = BadgeKeyRing.Read(File.ReadAllText(options.Value.BadgeKeyPath));
            _written = written;
            return _ring = ring;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or ArgumentException or OverflowException)
        {
            // Keys that were good go on being good.
            Log.NoKey(logger, string.Create(CultureInfo.InvariantCulture, $"{options.Value.BadgeKeyPath}: {e.Message}"));
            return _ring;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4401, LogLevel.Error, "The keys for badge hashes cannot be read; without any, no badge is known ({Cause})")]
        public static partial void NoKey(ILogger logger, string cause);
    }
}
