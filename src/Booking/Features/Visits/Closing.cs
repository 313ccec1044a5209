using FabLab.Booking.Features.Hours;
using FabLab.Core.Scheduling;
using NodaTime;

namespace FabLab.Booking.Features.Visits;

/// <summary>When the place closes upon somebody who came at some moment: what ends a visit that nobody ended.</summary>
internal sealed class Closing(LabHours hours)
{
    /// <summary>
    /// The last closing of the day on which they came, past midnight when the evening goes on so long; where there is none, the end of
    /// that day. A pause at noon sends nobody away, and hours of the team count: who is in with them is in.
    /// </summary>
    /// <param name="arrived">When they came.</param>
    public Instant After(Instant arrived)
    {
        var zone = hours.Schedule.Zone;
        var day = LocalClock.DateOf(arrived, zone);
        var (morning, midnight) = (day.AtStartOfDayInZone(zone).ToInstant(), day.PlusDays(1).AtStartOfDayInZone(zone).ToInstant());
        if (!hours.SiteHasHours)
            return midnight;
        var left = hours.Schedule.Over(hours.Schedule.Days(day.PlusDays(-1), day.PlusDays(2))).ForMachine(MachineTimetable.SameAsSite)
            .Where(period => period.End > arrived && period.Start < midnight).ToList();
        // It is after midnight and last evening is not over.
        var late = left.Where(period => period.Start < morning && period.Start <= arrived).ToList();
        return (late.Count > 0 ? late : left).Select(period => period.End).DefaultIfEmpty(midnight).Max();
    }
}
