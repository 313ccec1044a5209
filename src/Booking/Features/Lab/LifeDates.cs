using System.Globalization;
using System.Text.RegularExpressions;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Booking.Features.Lab;

/// <summary>
/// Days and moments of a sample lab's life, seen from the day it is brought in: "+9d 18:00", "next tue 14:00" (the first one after
/// that day), "last tue -1w 14:00" (a week before the last one before it), "-40min" (back to the quarter of an hour).
/// </summary>
internal sealed partial class LifeDates(Instant now, DateTimeZone zone)
{
    private static readonly string[] Names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    /// <summary>A quarter of an hour, to which what began a while ago is set back.</summary>
    private const int QuarterMs = 15 * 60 * 1000;

    public LocalDate Today { get; } = now.InZone(zone).Date;

    /// <summary>The day of the week that three letters stand for.</summary>
    /// <exception cref="FormatException">They stand for none.</exception>
    public static IsoDayOfWeek Weekday(string name) =>
        Array.IndexOf(Names, name) is >= 0 and var at ? (IsoDayOfWeek)(at + 1) : throw new FormatException($"'{name}' is no day of the week.");

    /// <exception cref="FormatException">It is no day.</exception>
    public LocalDate Day(string text) => Read(text).Day;

    /// <exception cref="FormatException">It is no moment.</exception>
    public Instant Moment(string text)
    {
        if (Ago().Match(text) is { Success: true } ago)
        {
            var at = (now + Duration.FromMinutes(int.Parse(ago.Groups["minutes"].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture))).ToUnixTimeMilliseconds();
            return Instant.FromUnixTimeMilliseconds(at - (at % QuarterMs));
        }
        var (day, time) = Read(text);
        return At(day, time);
    }

    public Instant At(LocalDate day, LocalTime time) => zone.AtLeniently(day + time).ToInstant();

    private (LocalDate Day, LocalTime Time) Read(string text)
    {
        if (Form().Match(text) is not { Success: true } parts)
            throw new FormatException($"'{text}' is no moment.");
        var time = parts.Groups["time"] is { Success: true } clock ? LocalTimePattern.CreateWithInvariantCulture("HH:mm").Parse(clock.Value).GetValueOrThrow() : LocalTime.Midnight;
        if (parts.Groups["days"] is { Success: true } days)
            return (Today.PlusDays(int.Parse(days.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)), time);
        var weekday = Weekday(parts.Groups["name"].Value);
        var day = parts.Groups["which"].Value == "next" ? Today.Next(weekday) : Today.Previous(weekday);
        return (parts.Groups["weeks"] is { Success: true } weeks ? day.PlusWeeks(int.Parse(weeks.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)) : day, time);
    }

    [GeneratedRegex(@"^(?:(?<days>[+-]\d{1,4})d|(?<which>next|last) (?<name>[a-z]{3})(?: (?<weeks>[+-]\d)w)?)(?: (?<time>\d{2}:\d{2}))?$", RegexOptions.CultureInvariant)]
    private static partial Regex Form();

    [GeneratedRegex(@"^(?<minutes>-\d{1,4})min$", RegexOptions.CultureInvariant)]
    private static partial Regex Ago();
}
