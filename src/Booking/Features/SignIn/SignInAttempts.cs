using System.Collections.Concurrent;
using System.Net;

namespace FabLab.Booking.Features.SignIn;

/// <summary>
/// Limits guesses without letting anybody lock somebody else out. Failures are counted for the place they come from, never for
/// the account alone; and a browser that signed in before has a count of its own, so that a stranger behind the same address
/// cannot spend it.
/// </summary>
internal sealed class SignInAttempts(TimeProvider time)
{
    public const int Limit = 8;
    private const int MostPlaces = 10_000;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, Count> _failures = new(StringComparer.Ordinal);

    /// <summary>How long this place has to wait, or null when it may try.</summary>
    public TimeSpan? MustWait(string place)
    {
        if (!_failures.TryGetValue(place, out var count))
            return null;
        var left = count.Since + Window - time.GetUtcNow();
        return count.Failures >= Limit && left > TimeSpan.Zero ? left : null;
    }

    /// <summary>Counts a try as failed before it is made, so that a hundred at once are not one.</summary>
    public void Charge(string place)
    {
        var now = time.GetUtcNow();
        if (_failures.Count >= MostPlaces)
            Sweep(now);
        _failures.AddOrUpdate(
            place,
            _ => new Count(1, now),
            (_, old) => old.Since + Window <= now ? new Count(1, now) : old with { Failures = old.Failures + 1 });
    }

    public void Forget(string place) => _failures.TryRemove(place, out _);

    /// <summary>A place is a known browser, else an IPv4 address or an IPv6 network of one household (/64).</summary>
    public static string Place(IPAddress? address, Guid? knownBrowser)
    {
        if (knownBrowser is { } browser)
            return $"browser {browser:N}";
        if (address is null)
            return "unknown";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        return Convert.ToHexString(bytes.AsSpan(0, Math.Min(8, bytes.Length)));
    }

    private void Sweep(DateTimeOffset now)
    {
        foreach (var (place, count) in _failures)
        {
            if (count.Since + Window <= now)
                _failures.TryRemove(place, out _);
        }
        // Still full: that many places at once is an attack from a network of machines. Counting starts anew rather than memory grows.
        if (_failures.Count >= MostPlaces)
            _failures.Clear();
    }

    private sealed record Count(int Failures, DateTimeOffset Since);
}
