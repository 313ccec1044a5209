using System.Diagnostics;
using FabLab.Core.Access;
using NodaTime;

namespace FabLab.Core.Scheduling;

/// <summary>
/// The one place where it is decided what may be booked. The page, the front desk, the API and the series ask here.
/// Pure. It does not replace the database's own refusal of two bookings that overlap: between the facts and the write
/// somebody else may have booked.
/// </summary>
public static class BookingRules
{
    /// <summary>Beyond this nothing is booked, whoever asks.</summary>
    public static readonly Duration FurthestAhead = Duration.FromDays(731);

    /// <summary>Decides: the first reason of <see cref="BookingReasons.All"/> that applies and is not waived, else yes.</summary>
    /// <param name="facts">The facts, fresh or stored.</param>
    public static BookingDecision Decide(BookingFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        List<BookingReason> waived = [];
        foreach (BookingReason reason in BookingReasons.All)
        {
            if (Applies(reason, facts) is not { } detail)
            {
                continue;
            }

            if (!IsWaived(reason, facts))
            {
                return new BookingDecision.Refused(facts, reason, WithNextFree(reason, detail, facts));
            }

            waived.Add(reason);
        }

        bool running = facts.Wish.Before is { } before && before.Start <= facts.Now;
        return new BookingDecision.Accepted(
            facts,
            [.. waived],
            facts.Access is AccessDecision.Denied denied ? denied.Reason : null,
            running ? null : NoShowRules.ReleaseAt(facts.Wish.Start, facts.Wish.End, facts.Terms.NoShow));
    }

    /// <summary>Every reason that applies, waived or not, in order: for staff who are about to waive, to see all of it. After one that makes the question itself void, no more are looked for.</summary>
    /// <param name="facts">The facts.</param>
    public static ValueList<BookingReason> Refusals(BookingFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        List<BookingReason> reasons = [];
        foreach (BookingReason reason in BookingReasons.All)
        {
            if (Applies(reason, facts) is not null)
            {
                reasons.Add(reason);
                if (reason is BookingReason.NoDuration or BookingReason.InThePast or BookingReason.BeyondLimit or BookingReason.MachineUnknown)
                {
                    break;
                }
            }
        }

        return [.. reasons];
    }

    private static bool IsWaived(BookingReason reason, BookingFacts facts) =>
        facts.Wish.Actor == BookingActor.Staff && reason.CanBeWaived() && facts.Wish.Waive.Contains(reason);

    /// <summary>What is in the way for one reason; null when it does not apply. Reasons that come first keep the later ones from nonsense: they can take a start before an end for granted.</summary>
    internal static RefusalDetail? Applies(BookingReason reason, BookingFacts facts)
    {
        BookingWish wish = facts.Wish;
        BookingTerms terms = facts.Terms;
        Duration length = wish.End - wish.Start;
        bool sameStart = wish.Before is { } before && before.Start == wish.Start;
        bool shortens = sameStart && wish.End <= wish.Before!.End;
        return reason switch
        {
            BookingReason.NoDuration => When(wish.End <= wish.Start),
            BookingReason.InThePast => When(wish.End <= facts.Now || (!sameStart && wish.Start < facts.Now - terms.StartGrace)),
            BookingReason.BeyondLimit => When(wish.End > facts.Now + FurthestAhead),
            BookingReason.MachineUnknown => When(facts.Machine is null),
            BookingReason.NotYours => When(wish is { Actor: BookingActor.Self, Before.Yours: false }),
            BookingReason.BookingOver => When(wish.Before is { } old && (old.Over || old.End <= facts.Now)),
            BookingReason.AlreadyBegun => When(wish.Before is { } begun && begun.Start <= facts.Now && (!sameStart || begun.Elsewhere)),
            BookingReason.NotBookable => When(!terms.Bookable),
            BookingReason.NotAllowed => When(
                facts.Access is AccessDecision.Denied denied && !(denied.AsksForCompanion && terms.AccompaniedMayBook)),
            BookingReason.WalkUpOnly => When(
                wish.Before is null && facts.Person?.WalkUpOnlyUntil > facts.Now, new() { At = facts.Person?.WalkUpOnlyUntil }),
            BookingReason.NoticeTooShort => When(
                !sameStart && terms.Notice > Duration.Zero && wish.Start < facts.Now + terms.Notice, new() { Length = terms.Notice, At = facts.Now + terms.Notice }),
            BookingReason.TooFarAhead => When(
                !sameStart && terms.Horizon is { } ahead && wish.Start > facts.Now + ahead,
                new() { Length = terms.Horizon, At = terms.Horizon is { } reach && terms.Horizon < FurthestAhead ? wish.Start - reach : null }),
            BookingReason.TooLateToChange => When(
                wish.Before is { } soon && soon.Start > facts.Now && !sameStart && soon.Start - facts.Now < terms.ChangeBefore, new() { Length = terms.ChangeBefore }),
            BookingReason.TooShort => When(!shortens && length < terms.MinLength, new() { Length = terms.MinLength }),
            BookingReason.TooLong => When(length > terms.MaxLength, new() { Length = terms.MaxLength }),
            BookingReason.OffStep => OffStep(facts, sameStart, shortens),
            BookingReason.TooManyPlaces => When(wish.Places < 1 || wish.Places > terms.Capacity, new() { Number = terms.Capacity }),
            BookingReason.OutsideHours or BookingReason.StaffTime or BookingReason.GroupTime or BookingReason.OpenLabTime =>
                BookingHours.FirstPart(facts, reason) is { } part ? new() { Range = part } : null,
            BookingReason.Blocked => Blocked(facts),
            BookingReason.BookingOverlap => Overlap(facts, Duration.Zero),
            BookingReason.SetUpTime => terms.SetUp > Duration.Zero ? Overlap(facts, terms.SetUp) : null,
            BookingReason.OwnOverlap => OwnOverlap(facts),
            BookingReason.TooManyUpcoming => TooManyUpcoming(facts),
            BookingReason.QuotaUsed => QuotaRules.Used(facts),
            BookingReason.PoolFull => null,
            _ => throw new UnreachableException(),
        };
    }

    private static RefusalDetail? When(bool applies, RefusalDetail? detail = null) => applies ? detail ?? RefusalDetail.None : null;

    private static RefusalDetail? OffStep(BookingFacts facts, bool sameStart, bool shortens)
    {
        if (facts.Terms.Step is not { } step)
        {
            return null;
        }

        DateTimeZone zone = BookingHours.ZoneOf(facts);
        bool fits = (sameStart || FreeTimes.IsOnStep(facts.Wish.Start, step, zone)) && (shortens || FreeTimes.IsOnStep(facts.Wish.End, step, zone));
        return When(!fits, new() { Length = step });
    }

    private static RefusalDetail? Blocked(BookingFacts facts)
    {
        IntervalSet blocks = MachineLoad.Blocks(facts.Busy);
        Interval wish = new(facts.Wish.Start, facts.Wish.End);
        return blocks.Overlaps(wish) ? new() { Range = blocks.First(b => b.Start < wish.End && wish.Start < b.End) } : null;
    }

    private static RefusalDetail? Overlap(BookingFacts facts, Duration setUp)
    {
        BookingWish wish = facts.Wish;
        Instant end = wish.End + setUp;
        if (wish.Places > facts.Terms.Capacity
            || MachineLoad.Peak(facts.Busy, wish.Start, end, setUp, wish.Before?.Id) + wish.Places <= facts.Terms.Capacity)
        {
            return null;
        }

        BusyTime? first = facts.Busy
            .Where(b => b.Kind == BusyKind.Booking && (wish.Before is null || b.Booking != wish.Before.Id) && b.Start < end && wish.Start < b.End + setUp && b.Start < b.End)
            .OrderBy(static b => b.Start)
            .FirstOrDefault();
        return new()
        {
            Range = first is null ? null : new Interval(first.Start, first.End),
            Length = setUp > Duration.Zero ? setUp : null,
        };
    }

    private static RefusalDetail? OwnOverlap(BookingFacts facts)
    {
        BookingWish wish = facts.Wish;
        if (facts.Terms.OwnOverlapAllowed)
        {
            return null;
        }

        foreach (OwnBooking own in facts.Own)
        {
            if (own.State == OwnBookingState.Active && own.Id != wish.Before?.Id && own.Start < wish.End && wish.Start < own.End)
            {
                return new() { Range = new Interval(own.Start, own.End) };
            }
        }

        return null;
    }

    private static RefusalDetail? TooManyUpcoming(BookingFacts facts)
    {
        if (facts.Terms.MaxUpcoming is not { } most || facts.Wish.Before is not null)
        {
            return null;
        }

        int upcoming = facts.Own.Count(o => o.State == OwnBookingState.Active && o.End > facts.Now);
        return When(upcoming + 1 > most, new() { Number = most });
    }

    // The next free time costs a walk through the hours, so only the reasons that it answers ask for it.
    private static RefusalDetail WithNextFree(BookingReason reason, RefusalDetail detail, BookingFacts facts) => reason is
        BookingReason.OutsideHours or BookingReason.StaffTime or BookingReason.GroupTime or BookingReason.OpenLabTime or BookingReason.Blocked
        or BookingReason.BookingOverlap or BookingReason.SetUpTime
        ? detail with { NextFree = FreeTimes.Next(facts, Instant.Max(facts.Now, facts.Wish.Start), facts.Wish.End - facts.Wish.Start) }
        : detail;
}
