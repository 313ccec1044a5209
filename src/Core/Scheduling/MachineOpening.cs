using FabLab.Core.Policy;

namespace FabLab.Core.Scheduling;

/// <summary>Makes of a machine's hours what the relay goes by.</summary>
public static class MachineOpening
{
    /// <summary>The rule for the relay.</summary>
    /// <param name="periods">The open periods of the next days, in order; null = the place has no hours.</param>
    /// <param name="terms">How the machine is booked.</param>
    public static OpeningRule Of(IReadOnlyList<OpeningPeriod>? periods, BookingTerms terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        if (periods is null || !terms.KeepsHours)
        {
            return new OpeningRule.Always();
        }

        ValueList<OpenInterval> intervals = [.. Joined(periods.Select(period => Of(period, terms)))];
        return new OpeningRule.Within(intervals, terms.RunsWhileClosed);
    }

    private static OpenInterval Of(OpeningPeriod period, BookingTerms terms)
    {
        // Booked hours in which everybody may use what nobody has booked are open hours for the relay: bookings keep others away by themselves.
        OpeningKind kind = period.Kind == OpeningKind.Booked && (terms.WalkUpInBookedHours || !terms.Bookable) ? OpeningKind.OpenLab : period.Kind;
        return new OpenInterval(period.Start, period.End, kind, kind == OpeningKind.Groups ? period.Group : null);
    }

    private static List<OpenInterval> Joined(IEnumerable<OpenInterval> intervals)
    {
        List<OpenInterval> joined = [];
        foreach (OpenInterval interval in intervals)
        {
            if (joined.Count > 0 && joined[^1] is var last && last.Until == interval.From && last.Kind == interval.Kind && last.Group == interval.Group)
            {
                joined[^1] = last with { Until = interval.Until };
            }
            else
            {
                joined.Add(interval);
            }
        }

        return joined;
    }
}
