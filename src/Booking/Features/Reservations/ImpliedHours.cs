using System.Text.Json;
using FabLab.Booking.Features.Machines;
using FabLab.Core.Scheduling;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Booking.Features.Reservations;

/// <summary>The hours of a place that has not said any in the pages: those its description brought in, else open day and night.</summary>
internal static class ImpliedHours
{
    private const string Utc = "UTC";
    private static readonly LocalTimePattern Minutes = LocalTimePattern.CreateWithInvariantCulture("HH:mm");

    public static SiteTimetable Of(Site? site)
    {
        var zone = LocalClock.Find(site?.Rule.Zone) is { } known ? known.Id : Utc;
        if (site?.Opening is not { } opening || JsonSerializer.Deserialize<Dictionary<string, string[]>>(opening) is not { Count: > 0 } week)
        {
            return new SiteTimetable
            {
                Zone = zone,
                ClosedOnPublicHolidays = false,
                Weekly = [new WeeklyOpening { Days = WeekDays.All, Window = new(LocalTime.Midnight, LocalTime.Midnight, OpeningKind.Booked) }],
            };
        }
        return new SiteTimetable
        {
            Zone = zone,
            Weekly =
            [
                .. from day in week
                   from span in day.Value
                   let parts = span.Split('-')
                   select new WeeklyOpening
                   {
                       Days = Enum.Parse<WeekDays>(day.Key, ignoreCase: true),
                       Window = new(Minutes.Parse(parts[0]).Value, Minutes.Parse(parts[1]).Value, OpeningKind.Booked),
                   },
            ],
        };
    }
}
