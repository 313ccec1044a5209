using System.Text.Json.Serialization;
using NodaTime;

namespace FabLab.Core.Scheduling;

/// <summary>What happens to bookings nobody comes to.</summary>
public sealed record NoShowPolicy
{
    /// <summary>How long after its start a booking without a tap is released; null = never.</summary>
    // Written when it is null too: what is left out would be read as the default.
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public Duration? ReleaseAfter { get; init; } = Duration.FromMinutes(15);

    /// <summary>How many no-shows in <see cref="Within"/> bring <see cref="WalkUpOnlyFor"/>; 0 = never.</summary>
    public int Limit { get; init; } = 3;

    /// <summary>The stretch they are counted over.</summary>
    public Duration Within { get; init; } = Duration.FromDays(60);

    /// <summary>How long the person then uses machines only when they are free, without booking.</summary>
    public Duration WalkUpOnlyFor { get; init; } = Duration.FromDays(30);
}

/// <summary>A booking nobody came to.</summary>
/// <param name="At">When it was released, or when it started if it was not.</param>
/// <param name="Waived">Whether staff have set it aside, with a reason that is kept.</param>
public sealed record NoShow(Instant At, bool Waived = false);

/// <summary>How somebody stands after their no-shows.</summary>
/// <param name="Counted">The no-shows that count now and have brought nothing yet.</param>
/// <param name="WalkUpOnlyUntil">Until when the person cannot book; null when they can.</param>
public sealed record NoShowStanding(int Counted, Instant? WalkUpOnlyUntil);

/// <summary>Counts the bookings nobody came to.</summary>
public static class NoShowRules
{
    /// <summary>When a booking is released if nobody has tapped; null = never. Not later than its end.</summary>
    /// <param name="start">Its start.</param>
    /// <param name="end">Its end.</param>
    /// <param name="policy">The rule.</param>
    public static Instant? ReleaseAt(Instant start, Instant end, NoShowPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return policy.ReleaseAfter is { } after ? Instant.Min(start + after, end) : null;
    }

    /// <summary>How a person stands. No-shows that have brought a pause are used up and do not count again.</summary>
    /// <param name="noShows">The person's no-shows, in any order.</param>
    /// <param name="now">The present instant; later no-shows are ignored.</param>
    /// <param name="policy">The rule.</param>
    public static NoShowStanding Standing(IEnumerable<NoShow> noShows, Instant now, NoShowPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(noShows);
        ArgumentNullException.ThrowIfNull(policy);
        Queue<Instant> counted = new();
        Instant? until = null;
        foreach (Instant at in noShows.Where(n => !n.Waived && n.At <= now).Select(static n => n.At).Order())
        {
            Forget(counted, at, policy);
            counted.Enqueue(at);
            if (policy.Limit > 0 && counted.Count >= policy.Limit)
            {
                counted.Clear();
                Instant paused = at + policy.WalkUpOnlyFor;
                until = until > paused ? until : paused;
            }
        }

        Forget(counted, now, policy);
        return new NoShowStanding(counted.Count, until > now ? until : null);
    }

    private static void Forget(Queue<Instant> counted, Instant now, NoShowPolicy policy)
    {
        while (counted.TryPeek(out Instant oldest) && now - oldest >= policy.Within)
        {
            counted.Dequeue();
        }
    }
}
