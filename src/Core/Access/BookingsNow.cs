using FabLab.Core.Policy;
using FabLab.Core.Scheduling;
using NodaTime;

namespace FabLab.Core.Access;

/// <summary>The bookings of a machine as they matter to who stands before it.</summary>
/// <param name="Own">The person's own booking, now or about to begin.</param>
/// <param name="OwnUntil">The end of it and of the own bookings that follow without a gap.</param>
/// <param name="From">The machine of the pool from which a tap brings it here; null when it is here.</param>
/// <param name="Swaps">The bookings that go there instead.</param>
/// <param name="ReservedUntil">The end of somebody else's booking that holds the machine now.</param>
/// <param name="ReleasedAt">When that one is given up if nobody comes.</param>
/// <param name="NextAt">The start of somebody else's next booking.</param>
internal sealed record BookingsNow(
    BookingRule? Own, Instant? OwnUntil, MachineId? From, ValueList<BookingId> Swaps, Instant? ReservedUntil, Instant? ReleasedAt, Instant? NextAt)
{
    public static BookingsNow Of(LabPolicy policy, MachineRule machine, PersonId? person, ValueList<BookingClaim> claims, Instant now)
    {
        List<BookingRule> here = At(policy, machine.Id, claims);
        Instant soon = now + policy.Site.ClaimBefore;
        PersonRule? who = person is { } id ? policy.Person(id) : null;
        BookingRule? own = here.Find(b => IsOwn(b, who, soon, now));
        MachineId? from = null;
        ValueList<BookingId> swaps = [];
        if (own is null && machine.Pool is { } pool && Brought(policy, machine, pool, who, claims, here, soon, now) is { } brought)
        {
            (own, from, swaps) = brought;
            here.RemoveAll(b => swaps.AsSpan().Contains(b.Id));
            here.Add(own);
            here.Sort(ByStart);
        }

        Instant? reservedUntil = null;
        Instant? releasedAt = null;
        Instant? nextAt = null;
        Instant? ownUntil = own?.End;
        foreach (BookingRule booking in here)
        {
            if (booking.End <= now)
            {
                continue;
            }

            if (booking.IsFor(who))
            {
                ownUntil = booking.Start <= ownUntil && booking.End > ownUntil ? booking.End : ownUntil;
            }
            else if (booking.Start > now)
            {
                nextAt ??= booking.Start;
            }
            else if (!(booking.ReleasedAt <= now) && !(own is { ClaimedAt: not null } && own.Start <= now))
            {
                // Two bookings at one time are a conflict that only a cut line brings: who has come first goes on.
                (reservedUntil, releasedAt) = (booking.End, booking.ReleasedAt);
            }
        }

        return new BookingsNow(own, ownUntil, from, swaps, reservedUntil, releasedAt, nextAt);
    }

    /// <summary>The bookings of a machine by their start, with what was claimed and moved at machines and the policy does not know yet.</summary>
    public static List<BookingRule> At(LabPolicy policy, MachineId machine, ValueList<BookingClaim> claims)
    {
        List<BookingRule> here = [.. policy.Bookings(machine)];
        foreach (BookingClaim claim in claims)
        {
            // Once the policy knows of the claim it also knows what Booking made of it.
            if (policy.Booking(claim.Booking) is not { ClaimedAt: null } claimed)
            {
                continue;
            }

            if (claim.From is null)
            {
                if (here.FindIndex(b => b.Id == claim.Booking) is >= 0 and var place)
                {
                    here[place] = claimed with { ClaimedAt = claim.At, ReleasedAt = null };
                }

                continue;
            }

            here.RemoveAll(b => b.Id == claim.Booking || claim.Swapped.AsSpan().Contains(b.Id));
            if (claim.Machine == machine)
            {
                here.Add(claimed with { Machine = machine, ClaimedAt = claim.At, ReleasedAt = null });
            }
            else if (claim.From == machine)
            {
                foreach (BookingId swapped in claim.Swapped)
                {
                    if (policy.Booking(swapped) is { } other)
                    {
                        here.Add(other with { Machine = machine });
                    }
                }
            }
        }

        here.Sort(ByStart);
        return here;
    }

    /// <summary>Whether a booking of the machine, or one of the person's in its pool, has begun or come near since.</summary>
    public static bool Begins(LabPolicy policy, MachineRule machine, PersonId person, Instant since, Instant now)
    {
        Duration before = policy.Site.ClaimBefore;
        PersonRule? who = policy.Person(person);
        foreach (BookingRule booking in policy.Bookings(machine.Id))
        {
            if (Passed(booking.Start) || Passed(booking.Start - before))
            {
                return true;
            }
        }

        return machine.Pool is { } pool && policy.MachinesOf(pool).Any(mate => policy.Bookings(mate.Id).Any(
            b => b.IsFor(who) && (Passed(b.Start) || Passed(b.Start - before))));

        bool Passed(Instant at) => since < at && at <= now;
    }

    /// <summary>A booking of the person on another machine of the pool that comes here with the tap.</summary>
    private static (BookingRule Own, MachineId From, ValueList<BookingId> Swaps)? Brought(
        LabPolicy policy, MachineRule machine, PoolId pool, PersonRule? person, ValueList<BookingClaim> claims,
        List<BookingRule> here, Instant soon, Instant now)
    {
        (BookingRule Own, MachineId From, ValueList<BookingId> Swaps)? first = null;
        foreach (MachineRule mate in policy.MachinesOf(pool))
        {
            if (mate.Id == machine.Id)
            {
                continue;
            }

            List<BookingRule> there = At(policy, mate.Id, claims);
            foreach (BookingRule booking in there)
            {
                bool comes = booking.Pool == pool && booking.ClaimedAt is null && IsOwn(booking, person, soon, now)
                    && !(booking.Start >= first?.Own.Start);
                if (comes && Claim(booking, here, there, now) is { } swaps)
                {
                    first = (booking with { Machine = machine.Id }, mate.Id, swaps);
                }
            }
        }

        return first;
    }

    /// <summary>What goes the other way when the booking comes here; null when it cannot come.</summary>
    private static ValueList<BookingId>? Claim(BookingRule booking, List<BookingRule> here, List<BookingRule> there, Instant now)
    {
        Duration setUp = booking.SetUp;
        foreach (BookingRule other in here)
        {
            setUp = Duration.Max(setUp, other.SetUp);
        }

        return PoolRules.Claim(now, Busy(booking, now), [.. here.Where(Holds).Select(b => Busy(b, now))], [.. there.Where(Holds).Select(b => Busy(b, now))], setUp) switch
        {
            PoolClaim.Here => [],
            PoolClaim.Swap swap => swap.Moved,
            _ => null,
        };

        bool Holds(BookingRule b) => !(b.ReleasedAt <= now);
    }

    private static BusyTime Busy(BookingRule booking, Instant now) => new(
        booking.Start,
        booking.End,
        booking.People.Count == 0 && booking.Group is null ? BusyKind.Block : BusyKind.Booking,
        Booking: booking.Id,
        Floats: booking.Pool is not null && booking.ClaimedAt is null && booking.Start > now);

    private static bool IsOwn(BookingRule booking, PersonRule? person, Instant soon, Instant now) =>
        booking.Start <= soon && booking.End > now && !(booking.ReleasedAt <= now) && booking.IsFor(person);

    private static int ByStart(BookingRule one, BookingRule two) =>
        one.Start.CompareTo(two.Start) is var order and not 0 ? order : one.Id.Value.CompareTo(two.Id.Value);
}
