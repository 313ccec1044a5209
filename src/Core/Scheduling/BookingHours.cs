using NodaTime;

namespace FabLab.Core.Scheduling;

/// <summary>Which open time a wish may lie in.</summary>
internal static class BookingHours
{
    internal static DateTimeZone ZoneOf(BookingFacts facts) => LocalClock.Find(facts.Zone) ?? DateTimeZone.Utc;

    /// <summary>The reason that keeps a booking out of a period, or null when it may lie in it.</summary>
    internal static BookingReason? KeptFrom(BookingFacts facts, OpeningPeriod period) => period.Kind switch
    {
        OpeningKind.Booked => null,
        OpeningKind.OpenLab => facts.Terms.BookableInOpenLab ? null : BookingReason.OpenLabTime,
        OpeningKind.Groups => facts.Wish.Group is { } group && (period.Group is null || period.Group == group) ? null : BookingReason.GroupTime,
        OpeningKind.StaffOnly => facts.Wish.Actor == BookingActor.Staff ? null : BookingReason.StaffTime,
        _ => BookingReason.OutsideHours,
    };

    /// <summary>The time in which a booking may start.</summary>
    internal static IntervalSet Startable(BookingFacts facts) => OpeningPeriods.Where(facts.Hours, p => KeptFrom(facts, p) is null);

    /// <summary>The time in which a booking may lie; with <see cref="BookingTerms.RunsWhileClosed"/> closed time too.</summary>
    internal static IntervalSet Usable(BookingFacts facts, Interval range) => facts.Terms.RunsWhileClosed
        ? IntervalSet.Of(range).Except(OpeningPeriods.Where(facts.Hours, p => KeptFrom(facts, p) is not null))
        : Startable(facts).Within(range);

    /// <summary>The first part of the wish that one reason keeps it out of, or null.</summary>
    internal static Interval? FirstPart(BookingFacts facts, BookingReason reason)
    {
        Interval wish = new(facts.Wish.Start, facts.Wish.End);
        if (reason != BookingReason.OutsideHours)
        {
            IntervalSet kept = OpeningPeriods.Where(facts.Hours, p => KeptFrom(facts, p) == reason).Within(wish);
            return kept.IsEmpty ? null : kept[0];
        }

        IntervalSet closed = IntervalSet.Of(wish).Except(OpeningPeriods.Where(facts.Hours, static _ => true));
        return closed.IsEmpty || (facts.Terms.RunsWhileClosed && closed[0].Start > wish.Start) ? null : closed[0];
    }
}
