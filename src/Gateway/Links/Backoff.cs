namespace FabLab.Gateway.Links;

/// <summary>How the wait between attempts grows.</summary>
public sealed record BackoffOptions
{
    public TimeSpan First { get; init; } = TimeSpan.FromMilliseconds(100);

    public TimeSpan Longest { get; init; } = TimeSpan.FromSeconds(5);

    public double Factor { get; init; } = 2;
}

/// <summary>
/// The wait before the next attempt: doubles up to the longest, each time shortened by up to a quarter at random, so
/// that what broke together does not come back together. Not thread-safe.
/// </summary>
public sealed class Backoff
{
    private readonly BackoffOptions _options;
    private TimeSpan _next;

    public Backoff(BackoffOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.First, TimeSpan.Zero, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Longest, options.First, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Factor, 1, nameof(options));
        _options = options;
        _next = options.First;
    }

    /// <summary>Attempts since the last <see cref="Reset"/>.</summary>
    public int Attempts { get; private set; }

    public TimeSpan Next()
    {
        var wait = _next;
        Attempts++;
        var grown = _next * _options.Factor;
        _next = grown > _options.Longest ? _options.Longest : grown;
        return wait * (1 - (Random.Shared.NextDouble() / 4));
    }

    public void Reset()
    {
        Attempts = 0;
        _next = _options.First;
    }
}
