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

/// <summary>The weekly opening hours of the place: kept as they are written, for the calendar.</summary>
internal static class LabOpening
{
    private static readonly string[] Days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

    /// <summary>The hours as JSON, or null when there are none.</summary>
    public static string? Read(LabFields site)
    {
        if (site.Object("opening") is not { } week)
            return null;
        var hours = new SortedDictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var day in Days)
        {
            var spans = week.List(day);
            var last = LocalTime.MinValue;
            foreach (var span in spans)
            {
                if (Read(span.Text) is not { } read || read.From >= read.Until || read.From < last)
                {
                    week.Fault(span, "Hours are written 14:00-18:00, in order and without overlap.");
                    continue;
                }
                last = read.Until;
            }
            if (spans.Count > 0)
                hours[day] = [.. spans.Select(span => span.Text ?? "")];
        }
        week.Finish();
        return System.Text.Json.JsonSerializer.Serialize(hours);
    }

    private static (LocalTime From, LocalTime Until)? Read(string? text)
    {
        var pattern = LocalTimePattern.CreateWithInvariantCulture("HH:mm");
        var parts = text?.Split('-') ?? [];
        return parts.Length == 2
            && pattern.Parse(parts[0]).TryGetValue(default, out var from) && pattern.Parse(parts[1]).TryGetValue(default, out var until)
                ? (from, until)
                : null;
    }
}
