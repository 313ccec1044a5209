using System.Globalization;
using System.Text;
using NodaTime;
using NodaTime.TimeZones;

namespace FabLab.Booking.Features.Calendar;

/// <summary>One event of a calendar.</summary>
/// <param name="Uid">The same for the same event, for ever.</param>
/// <param name="Sequence">Grows with each change.</param>
/// <param name="Start">Included.</param>
/// <param name="End">Excluded; after the start.</param>
/// <param name="Summary">What it is.</param>
/// <param name="Location">Where; empty for nothing.</param>
/// <param name="Description">More words; empty for none.</param>
/// <param name="Cancelled">It does not take place.</param>
/// <param name="Busy">Whether it fills the time of who has it in the calendar.</param>
public sealed record IcsEvent(
    string Uid, long Sequence, Instant Start, Instant End, string Summary, string Location = "", string Description = "", bool Cancelled = false, bool Busy = true);

/// <summary>
/// Writes RFC 5545: lines end with CRLF and are folded before the 76th octet, text is escaped, times are local with the zone and
/// its transitions beside them, so that a program without tables of its own is right too.
/// </summary>
public static class IcsWriter
{
    private const int LongestLine = 75;

    /// <param name="name">What the calendar is called.</param>
    /// <param name="events">The events.</param>
    /// <param name="zone">The zone of the place.</param>
    /// <param name="now">When it is made.</param>
    public static string Write(string name, IReadOnlyList<IcsEvent> events, DateTimeZone zone, Instant now)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(zone);
        var ics = new StringBuilder();
        Line(ics, "BEGIN:VCALENDAR");
        Line(ics, "VERSION:2.0");
        Line(ics, "PRODID:-//FabLab//Booking 1//FR");
        Line(ics, "CALSCALE:GREGORIAN");
        Line(ics, "METHOD:PUBLISH");
        Line(ics, "X-WR-CALNAME:" + Escape(name));
        Line(ics, "NAME:" + Escape(name));
        Line(ics, "REFRESH-INTERVAL;VALUE=DURATION:PT1H");
        Line(ics, "X-PUBLISHED-TTL:PT1H");
        Zone(ics, zone, events.Select(one => one.Start).Append(now).Min(), events.Select(one => one.End).Append(now).Max());
        foreach (var one in events)
            Event(ics, one, zone, now);
        Line(ics, "END:VCALENDAR");
        return ics.ToString();
    }

    private static void Event(StringBuilder ics, IcsEvent one, DateTimeZone zone, Instant now)
    {
        Line(ics, "BEGIN:VEVENT");
        Line(ics, "UID:" + Escape(one.Uid));
        Line(ics, "DTSTAMP:" + Utc(now));
        Line(ics, "SEQUENCE:" + one.Sequence.ToString(CultureInfo.InvariantCulture));
        Line(ics, "DTSTART" + Time(one.Start, zone));
        Line(ics, "DTEND" + Time(one.End, zone));
        Line(ics, "SUMMARY:" + Escape(one.Summary));
        if (one.Location.Length > 0)
            Line(ics, "LOCATION:" + Escape(one.Location));
        if (one.Description.Length > 0)
            Line(ics, "DESCRIPTION:" + Escape(one.Description));
        Line(ics, one.Cancelled ? "STATUS:CANCELLED" : "STATUS:CONFIRMED");
        Line(ics, one.Busy && !one.Cancelled ? "TRANSP:OPAQUE" : "TRANSP:TRANSPARENT");
        Line(ics, "END:VEVENT");
    }

    /// <summary>
    /// Every transition from a year before the first event to a year after the last one, each with its own line: no rule has to be
    /// guessed, and one that a law changes next year is simply another line.
    /// </summary>
    private static void Zone(StringBuilder ics, DateTimeZone zone, Instant first, Instant last)
    {
        Line(ics, "BEGIN:VTIMEZONE");
        Line(ics, "TZID:" + Escape(zone.Id));
        var intervals = zone.GetZoneIntervals(first - Duration.FromDays(366), last + Duration.FromDays(366)).ToList();
        foreach (var interval in intervals)
            Observance(ics, zone, interval);
        Line(ics, "END:VTIMEZONE");
    }

    private static void Observance(StringBuilder ics, DateTimeZone zone, ZoneInterval interval)
    {
        var before = interval.HasStart ? zone.GetUtcOffset(interval.Start - Duration.Epsilon) : interval.WallOffset;
        // The onset is told on the clock that is about to change.
        var onset = interval.HasStart ? interval.Start.WithOffset(before).LocalDateTime : new LocalDateTime(1970, 1, 1, 0, 0);
        var kind = interval.Savings == Offset.Zero ? "STANDARD" : "DAYLIGHT";
        Line(ics, $"BEGIN:{kind}");
        Line(ics, "DTSTART:" + Local(onset));
        Line(ics, "TZOFFSETFROM:" + OffsetOf(before));
        Line(ics, "TZOFFSETTO:" + OffsetOf(interval.WallOffset));
        Line(ics, "TZNAME:" + Escape(interval.Name));
        Line(ics, $"END:{kind}");
    }

    /// <summary>Local with its zone; the hour that the clock shows twice is told in UTC the second time, because local would mean the first.</summary>
    private static string Time(Instant at, DateTimeZone zone)
    {
        var local = at.InZone(zone).LocalDateTime;
        var mapping = zone.MapLocal(local);
        return mapping.Count > 1 && mapping.First().ToInstant() != at ? ":" + Utc(at) : $";TZID={zone.Id}:{Local(local)}";
    }

    private static string Utc(Instant at) => Local(at.InUtc().LocalDateTime) + "Z";

    private static string Local(LocalDateTime time) => time.ToString("uuuuMMdd'T'HHmmss", CultureInfo.InvariantCulture);

    private static string OffsetOf(Offset offset)
    {
        var seconds = Math.Abs(offset.Seconds);
        var sign = offset.Seconds < 0 ? '-' : '+';
        var text = string.Create(CultureInfo.InvariantCulture, $"{sign}{seconds / 3600:00}{seconds / 60 % 60:00}");
        return seconds % 60 == 0 ? text : text + (seconds % 60).ToString("00", CultureInfo.InvariantCulture);
    }

    private static string Escape(string text)
    {
        var safe = new StringBuilder(text.Length);
        foreach (var sign in text.Replace("\r\n", "\n", StringComparison.Ordinal))
        {
            _ = sign switch
            {
                '\\' or ';' or ',' => safe.Append('\\').Append(sign),
                '\n' => safe.Append("\\n"),
                _ when char.IsControl(sign) => safe.Append(' '),
                _ => safe.Append(sign),
            };
        }
        return safe.ToString();
    }

    /// <summary>At most 75 octets a line, the leading blank of the next one counted, and no character torn apart.</summary>
    private static void Line(StringBuilder ics, string line)
    {
        var octets = 0;
        foreach (var rune in line.EnumerateRunes())
        {
            if (octets + rune.Utf8SequenceLength > LongestLine)
            {
                ics.Append("\r\n ");
                octets = 1;
            }
            ics.Append(rune.ToString());
            octets += rune.Utf8SequenceLength;
        }
        ics.Append("\r\n");
    }
}
