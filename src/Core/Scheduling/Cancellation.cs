using NodaTime;

namespace FabLab.Core.Scheduling;

/// <summary>The answer to "may this booking be cancelled".</summary>
/// <param name="Refused">Why not; null when it is cancelled.</param>
/// <param name="Late">Whether it comes too late and therefore still counts in quotas.</param>
public sealed record CancellationDecision(BookingDecision.Refused? Refused, bool Late);

/// <summary>Decides cancellations. Freed time is always better than time nobody uses, so a late cancellation is taken and counted unless the lab has chosen otherwise.</summary>
public static class CancellationRules
{
    /// <summary>How long a cancellation can be taken back.</summary>
    public static readonly Duration UndoWithin = Duration.FromMinutes(10);

    // What other people have done since. What concerns the person was right when it was booked.
    private static readonly BookingReason[] TakenSince =
        [BookingReason.NoDuration, BookingReason.MachineUnknown, BookingReason.Blocked, BookingReason.BookingOverlap, BookingReason.SetUpTime];

    /// <summary>Decides whether a cancellation is taken back: soon enough, and nobody has taken the time since.</summary>
    /// <param name="facts">The facts; the wish is the booking as it was, with itself as <see cref="BookingWish.Before"/>.</param>
    /// <param name="cancelledAt">When it was cancelled.</param>
    /// <returns>Why not; null when it stands again.</returns>
    /// <exception cref="ArgumentException">The facts name no booking.</exception>
    public static BookingDecision.Refused? Undo(BookingFacts facts, Instant cancelledAt)
    {
        ArgumentNullException.ThrowIfNull(facts);
        BookingBefore booking = facts.Wish.Before ?? throw new ArgumentException("The wish names no booking.", nameof(facts));
        if (facts.Wish.Actor == BookingActor.Self && !booking.Yours)
        {
            return new BookingDecision.Refused(facts, BookingReason.NotYours, RefusalDetail.None);
        }

        if (facts.Now > cancelledAt + UndoWithin || booking.End <= facts.Now)
        {
            return new BookingDecision.Refused(facts, BookingReason.BookingOver, RefusalDetail.None);
        }

        foreach (BookingReason reason in TakenSince)
        {
            if (BookingRules.Applies(reason, facts) is { } detail)
            {
                return new BookingDecision.Refused(facts, reason, detail);
            }
        }

        return null;
    }

    /// <summary>Decides from the same facts as a booking; the booking is <see cref="BookingWish.Before"/>, the times of the wish are ignored.</summary>
    /// <param name="facts">The facts.</param>
    /// <exception cref="ArgumentException">The facts name no booking.</exception>
    public static CancellationDecision Decide(BookingFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        BookingBefore booking = facts.Wish.Before ?? throw new ArgumentException("The wish names no booking.", nameof(facts));
        if (facts.Wish.Actor == BookingActor.Self && !booking.Yours)
        {
            return No(BookingReason.NotYours, RefusalDetail.None);
        }

        if (booking.Over || booking.End <= facts.Now)
        {
            return No(BookingReason.BookingOver, RefusalDetail.None);
        }

        bool late = facts.Wish.Actor == BookingActor.Self && booking.Start - facts.Now < facts.Terms.ChangeBefore;
        return late && facts.Terms.RefuseLateCancellation
            ? No(BookingReason.TooLateToChange, new() { Length = facts.Terms.ChangeBefore })
            : new CancellationDecision(null, late);

        CancellationDecision No(BookingReason reason, RefusalDetail detail) => new(new BookingDecision.Refused(facts, reason, detail), false);
    }
}

/// <summary>A booking that new hours have left without open time.</summary>
/// <param name="Facts">The booking, as the wish of facts whose hours are the new ones.</param>
/// <param name="Reason">What keeps it out now.</param>
/// <param name="Part">The first part of it that is kept out.</param>
public sealed record HitBooking(BookingFacts Facts, BookingReason Reason, Interval Part);

/// <summary>Finds whom a change of hours concerns, before it is made.</summary>
public static class ScheduleChange
{
    private static readonly BookingReason[] HourReasons =
        [BookingReason.OutsideHours, BookingReason.StaffTime, BookingReason.GroupTime, BookingReason.OpenLabTime];

    // What terms say of the booking itself; not what they say of its owner's other bookings.
    private static readonly BookingReason[] TermsReasons =
    [
        BookingReason.NotBookable, BookingReason.NoticeTooShort, BookingReason.TooFarAhead, BookingReason.TooShort, BookingReason.TooLong, BookingReason.OffStep,
        BookingReason.TooManyPlaces, .. HourReasons, BookingReason.BookingOverlap, BookingReason.SetUpTime,
    ];

    /// <summary>The bookings that fit the hours until now and not the new ones, in the order given. One that never fitted (staff had waived the rule) is not hit again.</summary>
    /// <param name="standing">The bookings, each as the wish of facts with the hours until now.</param>
    /// <param name="hoursAfter">The new hours of a machine; they reach over all its bookings.</param>
    public static IEnumerable<HitBooking> Hits(
        IEnumerable<BookingFacts> standing, Func<MachineId, IReadOnlyList<OpeningPeriod>> hoursAfter)
    {
        ArgumentNullException.ThrowIfNull(standing);
        ArgumentNullException.ThrowIfNull(hoursAfter);
        Dictionary<MachineId, ValueList<OpeningPeriod>> hours = [];
        foreach (BookingFacts before in standing)
        {
            if (before.Machine is not { } machine || before.Wish.End <= before.Wish.Start)
            {
                continue;
            }

            if (!hours.TryGetValue(machine.Id, out ValueList<OpeningPeriod>? now))
            {
                hours[machine.Id] = now = [.. hoursAfter(machine.Id)];
            }

            BookingFacts after = before with { Hours = now };
            if (KeptOut(after) is { } kept && KeptOut(before) is null)
            {
                yield return new HitBooking(after, kept.Reason, kept.Part);
            }
        }
    }

    /// <summary>The first rule by which a booking could be made until now and could not by new terms; null when it does not come to that. It stands all the same.</summary>
    /// <param name="before">The booking, as the wish for a new one, of facts with the terms until now and with whatever else takes the machine.</param>
    /// <param name="termsAfter">The new terms of its machine.</param>
    public static BookingReason? HitByTerms(BookingFacts before, BookingTerms termsAfter)
    {
        ArgumentNullException.ThrowIfNull(before);
        if (before.Machine is null || before.Wish.End <= before.Wish.Start || before.Terms == termsAfter)
        {
            return null;
        }

        BookingFacts after = before with { Terms = termsAfter };
        foreach (BookingReason reason in TermsReasons)
        {
            if (BookingRules.Applies(reason, after) is not null && BookingRules.Applies(reason, before) is null)
            {
                return reason;
            }
        }

        return null;
    }

    /// <summary>What keeps a booking that stands out of the hours of its facts, with the first part of it that is kept out; null while it lies in open time.</summary>
    /// <param name="facts">The booking, as the wish of facts with the hours that are asked about.</param>
    public static (BookingReason Reason, Interval Part)? KeptOut(BookingFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        // Most lie within one period that they may lie in.
        foreach (OpeningPeriod period in facts.Hours.AsSpan())
        {
            if (period.Start <= facts.Wish.Start && facts.Wish.End <= period.End && BookingHours.KeptFrom(facts, period) is null)
            {
                return null;
            }
        }

        foreach (BookingReason reason in HourReasons)
        {
            if (BookingHours.FirstPart(facts, reason) is { } part)
            {
                return (reason, part);
            }
        }

        return null;
    }
}
