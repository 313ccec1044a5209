using NodaTime;

namespace FabLab.Core.Scheduling;

/// <summary>What becomes of a pool booking when its owner taps at a machine of the pool. A closed set.</summary>
public abstract record PoolClaim
{
    private PoolClaim()
    {
    }

    /// <summary>The booking is for this machine, or moves to it: it is free for the rest of the booking.</summary>
    public sealed record Here : PoolClaim;

    /// <summary>The booking moves to this machine, and the bookings that were here go to the machine it was on.</summary>
    /// <param name="Moved">The bookings that go to the other machine; at least one.</param>
    public sealed record Swap(ValueList<BookingId> Moved) : PoolClaim;

    /// <summary>This machine is taken, and what takes it cannot move.</summary>
    /// <param name="By">When it is taken.</param>
    public sealed record Taken(Interval By) : PoolClaim;
}

/// <summary>
/// Pools: "any free printer". A pool booking is kept on one machine of the pool from the moment it is made, because the database
/// refuses overlaps machine by machine; it floats until its owner taps, and then goes to the machine tapped if that can be.
/// </summary>
public static class PoolRules
{
    /// <summary>Decides for a pool: the machine on which the booking leaves the smallest gaps, so that long stretches stay whole for others.</summary>
    /// <param name="members">The same wish asked of each machine of the pool, in the order in which they are preferred when all else is equal; at least one.</param>
    /// <returns>The acceptance for the machine in its facts; or the refusal of the machine that came nearest, with <see cref="BookingReason.PoolFull"/> when it is merely taken.</returns>
    /// <exception cref="ArgumentException">The pool has no machine.</exception>
    public static BookingDecision Decide(IReadOnlyList<BookingFacts> members)
    {
        ArgumentNullException.ThrowIfNull(members);
        if (members.Count == 0)
        {
            throw new ArgumentException("A pool has machines.", nameof(members));
        }

        BookingDecision.Accepted? best = null;
        Duration smallest = Duration.MaxValue;
        BookingDecision.Refused? nearest = null;
        foreach (BookingFacts facts in members)
        {
            switch (BookingRules.Decide(facts))
            {
                case BookingDecision.Accepted accepted:
                    Duration gap = GapAround(facts);
                    if (best is null || gap < smallest)
                    {
                        (best, smallest) = (accepted, gap);
                    }

                    break;
                case BookingDecision.Refused refused:
                    nearest = Nearer(nearest, refused);
                    break;
            }
        }

        if (best is not null)
        {
            return best;
        }

        return nearest!.Reason is BookingReason.Blocked or BookingReason.BookingOverlap or BookingReason.SetUpTime
            ? nearest with { Reason = BookingReason.PoolFull }
            : nearest;
    }

    /// <summary>Decides where a pool booking goes when its owner taps.</summary>
    /// <param name="now">The present instant.</param>
    /// <param name="booking">The booking; its <see cref="BusyTime.Booking"/> is set.</param>
    /// <param name="here">What takes the machine tapped.</param>
    /// <param name="there">What takes the machine the booking is kept on now; null when that is the machine tapped.</param>
    /// <param name="setUp">Set-up time between bookings of the pool.</param>
    public static PoolClaim Claim(
        Instant now, BusyTime booking, IReadOnlyList<BusyTime> here, IReadOnlyList<BusyTime>? there, Duration setUp)
    {
        ArgumentNullException.ThrowIfNull(booking);
        ArgumentNullException.ThrowIfNull(here);
        if (there is null)
        {
            return new PoolClaim.Here();
        }

        // Only what is left of the booking has to fit: it may be claimed late.
        Instant from = Instant.Max(now, booking.Start);
        BusyTime[] inTheWay = [.. here.Where(b => b.Start < b.End && Collide(b, from, booking.End, setUp))];
        if (inTheWay.Length == 0)
        {
            return new PoolClaim.Here();
        }

        BusyTime[] stay = [.. there.Where(b => b.Booking != booking.Booking && b.Start < b.End)];
        foreach (BusyTime other in inTheWay)
        {
            bool fits = other is { Floats: true, Booking: not null, Kind: BusyKind.Booking }
                && other.Start > now
                && !stay.Any(s => Collide(s, other.Start, other.End, setUp));
            if (!fits)
            {
                return new PoolClaim.Taken(new Interval(other.Start, other.End));
            }
        }

        return new PoolClaim.Swap([.. inTheWay.Select(static b => b.Booking!.Value)]);
    }

    private static bool Collide(BusyTime busy, Instant start, Instant end, Duration setUp)
    {
        Duration between = busy.Kind == BusyKind.Booking ? setUp : Duration.Zero;
        return busy.Start < end + between && start < busy.End + between;
    }

    private static Duration GapAround(BookingFacts facts)
    {
        BookingWish wish = facts.Wish;
        if (facts.Hours.Count == 0)
        {
            return Duration.Zero;
        }

        // As if the present and the notice were no limit: a gap is a gap also when it can no longer be booked.
        BookingFacts bare = facts with { Now = facts.Hours[0].Start, Terms = facts.Terms with { Notice = Duration.Zero, StartGrace = Duration.Zero } };
        Interval all = new(facts.Hours[0].Start, Instant.Max(facts.Hours[^1].End, wish.End));
        foreach (Interval free in FreeTimes.Of(bare, all))
        {
            if (free.Contains(wish.Start))
            {
                return free.Duration - (wish.End - wish.Start);
            }
        }

        return Duration.Zero;
    }

    private static BookingDecision.Refused Nearer(BookingDecision.Refused? nearest, BookingDecision.Refused next)
    {
        if (nearest is null || next.Reason > nearest.Reason)
        {
            return next;
        }

        // Equally near: the one that is free soonest is the more useful answer.
        return next.Reason == nearest.Reason && next.Detail.NextFree is { } soon
            && (nearest.Detail.NextFree is not { } later || soon.Start < later.Start)
            ? next
            : nearest;
    }
}
