using NodaTime;
using NodaTime.TimeZones;

namespace FabLab.Booking.Features.Reservations.Pages;

/// <summary>
/// What the clock on the wall shows at many instants one after the other. A planning asks for tens of thousands, and nearly all of
/// them lie between the same two changes of the clock.
/// </summary>
/// <param name="zone">Whose clock.</param>
internal sealed class WallClock(DateTimeZone zone)
{
    /// <summary>A minute, an hour and a day on the wall, in milliseconds.</summary>
    public const int Minute = 60_000, Hour = 60 * Minute, Day = 24 * Hour;

    private static readonly LocalDate Epoch = new(1970, 1, 1);

    private ZoneInterval? _known;

    /// <summary>The days since 1970-01-01 and the milliseconds since midnight.</summary>
    public (int Day, int Time) At(Instant at)
    {
        if (_known is null || !_known.Contains(at))
            _known = zone.GetZoneInterval(at);
        var shown = at.ToUnixTimeMilliseconds() + _known.WallOffset.Milliseconds;
        var day = (int)Math.Floor(shown / (double)Day);
        return (day, (int)(shown - ((long)day * Day)));
    }

    /// <summary>A date as <see cref="At"/> counts days.</summary>
    public static int NumberOf(LocalDate date) => Period.DaysBetween(Epoch, date);

    /// <summary>The date of a number of days.</summary>
    public static LocalDate DateOf(int day) => Epoch.PlusDays(day);
}
