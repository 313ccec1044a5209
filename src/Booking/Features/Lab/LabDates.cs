using System.Globalization;
using System.Text.RegularExpressions;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Booking.Features.Lab;

/// <summary>Days and moments of a lab description: "2026-03-12", "2026-03-12 18:00", or counted from the day of the import: "+9d", "-120d", "+3d 18:00".</summary>
internal sealed partial class LabDates(Instant now, DateTimeZone zone)
{
    public LocalDate Today { get; } = now.InZone(zone).Date;

    public (LocalDate Day, bool Relative)? Day(LabFields fields, string name, string text)
    {
        if (Split(text) is { Time: null } found)
            return (found.Day, found.Relative);
        fields.Fault(fields.Node.Members[name], "A day is written 2026-03-12, or +9d from the day of the import.");
        return null;
    }

    public Instant? Moment(LabFields fields, string name, string text)
    {
        if (Split(text) is { } found)
            return (found.Day + (found.Time ?? LocalTime.Midnight)).InZoneLeniently(zone).ToInstant();
        fields.Fault(fields.Node.Members[name], "A moment is written 2026-03-12 18:00, or +9d 18:00 from the day of the import.");
        return null;
    }

    private (LocalDate Day, LocalTime? Time, bool Relative)? Split(string text)
    {
        var parts = Form().Match(text);
        if (!parts.Success)
            return null;
        LocalTime? time = null;
        if (parts.Groups["time"] is { Success: true } clock)
        {
            if (!LocalTimePattern.CreateWithInvariantCulture("HH:mm").Parse(clock.Value).TryGetValue(default, out var read))
                return null;
            time = read;
        }
        if (parts.Groups["days"] is { Success: true } days)
            return (Today.PlusDays(int.Parse(days.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)), time, true);
        return LocalDatePattern.Iso.Parse(parts.Groups["date"].Value).TryGetValue(default, out var day) && day.Year is >= 1900 and <= 2200
            ? (day, time, false)
            : null;
    }

    [GeneratedRegex(@"^(?:(?<days>[+-]\d{1,5})d|(?<date>\d{4}-\d{2}-\d{2}))(?: (?<time>\d{2}:\d{2}))?$", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
