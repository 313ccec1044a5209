using FabLab.Core;
using FabLab.Core.Scheduling;
using NodaTime;

namespace FabLab.Booking.Features.Reservations;

/// <summary>
/// Tells of bookings whether they lie in open time, as the hours are now: they may have been changed since, or staff have set them
/// aside for one. The hours of each machine are read once.
/// </summary>
/// <param name="settings">Hours and terms.</param>
/// <param name="range">From the first start to the last end of what is asked about.</param>
/// <param name="now">The present: what is over is not asked about any more.</param>
internal sealed class OpenTime(BookingSettings settings, Interval range, Instant now)
{
    private readonly Dictionary<MachineId, BookingFacts?> _known = [];

    /// <summary>Whether a booking that stands lies outside the time that it may lie in.</summary>
    /// <param name="machine">Its machine.</param>
    /// <param name="start">Its start.</param>
    /// <param name="end">Its end.</param>
    /// <param name="group">The group it is for; null for none.</param>
    /// <param name="byStaff">Whether staff made it for somebody.</param>
    public bool Misses(MachineId machine, Instant start, Instant end, Guid? group, bool byStaff)
    {
        if (end <= now || end <= start)
            return false;
        if (!_known.TryGetValue(machine, out var facts))
            _known[machine] = facts = Facts(machine);
        return facts is not null && ScheduleChange.KeptOut(facts with { Wish = Wish(start, end, group, byStaff) }) is not null;
    }

    /// <summary>A booking that stands as the wish of facts about hours.</summary>
    public static BookingWish Wish(Instant start, Instant end, Guid? group, bool byStaff) =>
        new(start, end) { Group = group?.ToString("D"), Actor = byStaff ? BookingActor.Staff : BookingActor.Self };

    private BookingFacts? Facts(MachineId machine) => settings.Resources.TryGetValue(machine, out var resource)
        ? new BookingFacts
        {
            Now = now,
            Zone = settings.Zone.Id,
            Wish = new BookingWish(range.Start, range.End),
            Machine = resource.ToBooked(),
            Terms = resource.Terms,
            Hours = [.. settings.HoursOf(resource, range)],
        }
        : null;
}
