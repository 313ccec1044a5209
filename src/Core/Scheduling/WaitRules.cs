using FabLab.Core.Access;
using NodaTime;

namespace FabLab.Core.Scheduling;

/// <summary>The waiting list: who would take time on a machine if it became free.</summary>
public static class WaitRules
{
    /// <summary>How long an offer is held for the first who waits, before the next one gets it.</summary>
    public static readonly Duration Hold = Duration.FromMinutes(15);

    /// <summary>After so many offers without an answer somebody waits no more.</summary>
    public const int MostLapses = 2;

    // Beyond this a day full of refusals for reasons of the person (a quota) is not searched to its end.
    private const int MostTries = 100;

    /// <summary>The first time within a window that can be booked for so long, or null.</summary>
    /// <param name="facts">The facts of the person and the machine; hours and bookings reach over the window, the times of the wish are ignored.</param>
    /// <param name="window">When it would suit.</param>
    /// <param name="length">How long it is needed.</param>
    /// <param name="access">The access decision at a start; null to keep that of the facts.</param>
    public static BookingDecision.Accepted? FirstFit(
        BookingFacts facts, Interval window, Duration length, Func<Instant, AccessDecision?>? access = null)
    {
        ArgumentNullException.ThrowIfNull(facts);
        if (length <= Duration.Zero)
        {
            return null;
        }

        BookingFacts fitting = facts with { Terms = facts.Terms with { MinLength = Duration.Max(length, facts.Terms.MinLength) } };
        foreach (FreeStart free in FreeTimes.Each(fitting, window).Take(MostTries))
        {
            Instant end = free.Start + length;
            if (end > window.End)
            {
                break;
            }

            BookingFacts asked = facts with
            {
                Wish = facts.Wish with { Start = free.Start, End = end },
                Access = access is null ? facts.Access : access(free.Start),
            };
            if (BookingRules.Decide(asked) is BookingDecision.Accepted accepted)
            {
                return accepted;
            }
        }

        return null;
    }
}
