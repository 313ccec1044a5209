using FabLab.Booking.Features.Machines;
using FabLab.Core.Scheduling;
using NodaTime;

namespace FabLab.Booking.Features.Reservations;

/// <summary>The hours of a place that has not said any: it can be booked day and night.</summary>
internal static class ImpliedHours
{
    private const string Utc = "UTC";

    public static SiteTimetable Of(Site? site) => new()
    {
        Zone = LocalClock.Find(site?.Rule.Zone) is { } known ? known.Id : Utc,
        ClosedOnPublicHolidays = false,
        Weekly = [new WeeklyOpening { Days = WeekDays.All, Window = new(LocalTime.Midnight, LocalTime.Midnight, OpeningKind.Booked) }],
    };
}
