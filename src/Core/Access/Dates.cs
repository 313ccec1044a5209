using System.Globalization;
using NodaTime;

namespace FabLab.Core.Access;

/// <summary>Dates and hours as they are said, without leaning on the cultures of the host.</summary>
internal static class Dates
{
    private static readonly string[] French =
    [
        "janvier", "février", "mars", "avril", "mai", "juin",
        "juillet", "août", "septembre", "octobre", "novembre", "décembre",
    ];

    private static readonly string[] English =
    [
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ];

    /// <summary>"12 mars", "12 March"; with the year when it is not that of <paramref name="now"/>.</summary>
    public static Words Day(Instant at, Instant now, string zone)
    {
        DateTimeZone where = Zone(zone);
        LocalDate day = at.InZone(where).Date;
        string year = day.Year == now.InZone(where).Year ? "" : string.Create(CultureInfo.InvariantCulture, $" {day.Year}");
        string first = day.Day == 1 ? "1er" : day.Day.ToString(CultureInfo.InvariantCulture);
        return new Words(
            $"{first} {French[day.Month - 1]}{year}",
            string.Create(CultureInfo.InvariantCulture, $"{day.Day} {English[day.Month - 1]}{year}"));
    }

    /// <summary>"14 h 30", "14:30".</summary>
    public static Words Hour(Instant at, string zone)
    {
        LocalTime time = at.InZone(Zone(zone)).TimeOfDay;
        string minutes = time.Minute == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" {time.Minute:00}");
        return new Words(
            string.Create(CultureInfo.InvariantCulture, $"{time.Hour} h{minutes}"),
            string.Create(CultureInfo.InvariantCulture, $"{time.Hour}:{time.Minute:00}"));
    }

    /// <summary>The hour, and the day before it when it is not today.</summary>
    public static Words Moment(Instant at, Instant now, string zone)
    {
        DateTimeZone where = Zone(zone);
        Words hour = Hour(at, zone);
        if (at.InZone(where).Date == now.InZone(where).Date)
        {
            return new Words($"à {hour.Fr}", $"at {hour.En}");
        }

        Words day = Day(at, now, zone);
        return new Words($"le {day.Fr} à {hour.Fr}", $"on {day.En} at {hour.En}");
    }

    private static DateTimeZone Zone(string zone) => DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) ?? DateTimeZone.Utc;
}
