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
    /// <summary>The only key a lab has so far; the number leaves room for a change of key.</summary>
    private const ushort KeyId = 1;

    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private volatile BadgeHasher? _hasher;
    private long _lookedAt;
    private bool _looked;

    /// <returns>The badge, and the hash by which refused taps are counted also when it is unknown; no hash without a key.</returns>
    public (BadgeMatch Match, BadgeHash? Hash) Find(LabPolicy policy, BadgeNumber number, ReaderProfile profile) =>
        Print(number) is { } print ? (policy.Badges.Find(print, profile.Truncates), print.Full) : (new BadgeMatch.Unknown(), null);

    /// <summary>The keyed hashes of a number; null without a key.</summary>
    public BadgePrint? Print(BadgeNumber number) => Hasher()?.Print(number);

    /// <summary>
    /// In a lab that starts for the first time Booking makes the key a moment after us. Machines and readers ask at the same time:
    /// who comes while another one reads the key waits for it, else the first tap of the day would be nobody's.
    /// </summary>
    private BadgeHasher? Hasher()
    {
        if (_hasher is { } known)
            return known;
        lock (_gate)
            return _hasher ?? Look();
    }

    private BadgeHasher? Look()
    {
        if (_looked && time.GetElapsedTime(_lookedAt) < LookAgain)
            return null;
        (_looked, _lookedAt) = (true, time.GetTimestamp());
        try
        {
            var text = File.ReadAllText(options.Value.BadgeKeyPath).Trim();
            return _hasher = new BadgeHasher(KeyId, Convert.FromHexString(text));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or ArgumentException)
        {
            Log.NoKey(logger, string.Create(CultureInfo.InvariantCulture, $"{options.Value.BadgeKeyPath}: {e.Message}"));
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4401, LogLevel.Error, "The key for badge hashes cannot be read, so no badge is known ({Cause})")]
        public static partial void NoKey(ILogger logger, string cause);
    }
}
