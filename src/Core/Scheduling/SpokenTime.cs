using System.Globalization;
using NodaTime;

namespace FabLab.Core.Scheduling;

/// <summary>Times in sentences, in both languages. Written out here and not by culture data, so that a decision reads the same on every machine.</summary>
public static class SpokenTime
{
    private static readonly string[] DaysFr = ["", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
    private static readonly string[] DaysEn = ["", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

    private static readonly string[] MonthsFr =
        ["", "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"];

    private static readonly string[] MonthsEn =
        ["", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

    /// <summary>"mardi 24 novembre", "Tuesday 24 November".</summary>
    /// <param name="date">The date.</param>
    public static Words Date(LocalDate date) => new(
        $"{DaysFr[(int)date.DayOfWeek]} {(date.Day == 1 ? "1er" : Number(date.Day))} {MonthsFr[date.Month]}",
        $"{DaysEn[(int)date.DayOfWeek]} {Number(date.Day)} {MonthsEn[date.Month]}");

    /// <summary>"mardi 24 novembre à 14:00", "Tuesday 24 November at 14:00".</summary>
    /// <param name="instant">The instant.</param>
    /// <param name="zone">Whose clock.</param>
    public static Words Moment(Instant instant, DateTimeZone zone)
    {
        LocalDateTime local = instant.InZone(zone).LocalDateTime;
        Words date = Date(local.Date);
        return new($"{date.Fr} à {Clock(local)}", $"{date.En} at {Clock(local)}");
    }

    /// <summary>"mardi 24 novembre de 14:00 à 15:30"; names both days when it runs past midnight.</summary>
    /// <param name="interval">The interval; it has a start and an end.</param>
    /// <param name="zone">Whose clock.</param>
    public static Words Range(Interval interval, DateTimeZone zone)
    {
        LocalDateTime start = interval.Start.InZone(zone).LocalDateTime;
        LocalDateTime end = interval.End.InZone(zone).LocalDateTime;
        Words first = Date(start.Date);
        if (start.Date == end.Date)
        {
            return new(
                $"{first.Fr} de {Clock(start)} à {Clock(end)}",
                $"{first.En} from {Clock(start)} to {Clock(end)}");
        }

        Words last = Date(end.Date);
        return new(
            $"du {first.Fr} à {Clock(start)} au {last.Fr} à {Clock(end)}",
            $"from {first.En} at {Clock(start)} to {last.En} at {Clock(end)}");
    }

    /// <summary>"30 min", "2 h", "1 h 30", "14 jours": rounded down to the minute, whole days from two on.</summary>
    /// <param name="duration">The length; less than a minute is "0 min".</param>
    public static Words Length(Duration duration)
    {
        long minutes = Math.Max(0, (long)duration.TotalMinutes);
        if (minutes >= 2880 && minutes % 1440 == 0)
        {
            return new($"{Number(minutes / 1440)} jours", $"{Number(minutes / 1440)} days");
        }

        if (minutes < 60)
        {
            return new($"{Number(minutes)} min", $"{Number(minutes)} min");
        }

        string text = minutes % 60 == 0
            ? $"{Number(minutes / 60)} h"
            : string.Create(CultureInfo.InvariantCulture, $"{minutes / 60} h {minutes % 60:00}");
        return new(text, text);
    }

    private static string Clock(LocalDateTime time) => string.Create(CultureInfo.InvariantCulture, $"{time.Hour:00}:{time.Minute:00}");

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
