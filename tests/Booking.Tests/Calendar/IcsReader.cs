using System.Globalization;
using System.Text;
using NodaTime;

namespace FabLab.Booking.Tests.Calendar;

/// <summary>A line of a calendar: its name, its parameters, its value.</summary>
internal sealed record IcsLine(string Name, IReadOnlyDictionary<string, string> Parameters, string Value);

/// <summary>A component with what is in it.</summary>
internal sealed record IcsPart(string Name, List<IcsLine> Lines, List<IcsPart> Parts)
{
    public string One(string name) => Lines.Single(line => line.Name == name).Value;

    public IEnumerable<IcsPart> All(string name) => Parts.Where(part => part.Name == name);
}

/// <summary>Reads calendars strictly after the grammar of RFC 5545, and times only by the transitions written in them.</summary>
internal static class IcsReader
{
    public static IcsPart Read(string text)
    {
        Assert.EndsWith("\r\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', text.Replace("\r\n", "", StringComparison.Ordinal));
        Assert.DoesNotContain('\r', text.Replace("\r\n", "", StringComparison.Ordinal));
        foreach (var line in text.Split("\r\n"))
            Assert.True(Encoding.UTF8.GetByteCount(line) <= 75, line);
        var root = new IcsPart("", [], []);
        var open = new Stack<IcsPart>([root]);
        foreach (var line in text.Replace("\r\n ", "", StringComparison.Ordinal).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(Line))
        {
            if (line.Name == "BEGIN")
            {
                var part = new IcsPart(line.Value, [], []);
                open.Peek().Parts.Add(part);
                open.Push(part);
            }
            else if (line.Name == "END")
                Assert.Equal(open.Pop().Name, line.Value);
            else
                open.Peek().Lines.Add(line);
        }
        Assert.Single(open);
        return Assert.Single(root.All("VCALENDAR"));
    }

    public static string Unescape(string value)
    {
        var text = new StringBuilder();
        for (var at = 0; at < value.Length; at++)
        {
            if (value[at] != '\\')
            {
                Assert.DoesNotContain(value[at], ";,");
                text.Append(value[at]);
                continue;
            }
            at++;
            Assert.Contains(value[at], "\\;,nN");
            text.Append(value[at] is 'n' or 'N' ? '\n' : value[at]);
        }
        return text.ToString();
    }

    /// <summary>The instant of DTSTART or DTEND, by the VTIMEZONE of the calendar and nothing else.</summary>
    public static Instant Time(IcsPart calendar, IcsPart one, string name)
    {
        var line = one.Lines.Single(l => l.Name == name);
        if (line.Value.EndsWith('Z'))
            return Local(line.Value[..^1]).InUtc().ToInstant();
        var zone = calendar.All("VTIMEZONE").Single(z => z.One("TZID") == line.Parameters["TZID"]);
        var local = Local(line.Value);
        // The observance whose onset is the latest that is not later. In the hour that comes twice, that is the first of them.
        var last = zone.Parts.Where(o => Onset(o) <= local)
            .MaxBy(Onset) ?? throw new InvalidOperationException("No observance covers " + line.Value);
        var by = Offset(last, "TZOFFSETTO");
        // At the end of summer the onset is told on the clock before it is put back: what is shown twice still belongs to summer.
        return (local - Period.FromSeconds(by)).InUtc().ToInstant();
    }

    private static LocalDateTime Onset(IcsPart observance) => Local(observance.One("DTSTART"));

    private static LocalDateTime Local(string value) =>
        NodaTime.Text.LocalDateTimePattern.CreateWithInvariantCulture("uuuuMMdd'T'HHmmss").Parse(value).Value;

    private static int Offset(IcsPart observance, string name)
    {
        var text = observance.One(name);
        var seconds = (int.Parse(text[1..3], CultureInfo.InvariantCulture) * 3600) + (int.Parse(text[3..5], CultureInfo.InvariantCulture) * 60);
        return text[0] == '-' ? -seconds : seconds;
    }

    private static IcsLine Line(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        var head = line[..colon].Split(';');
        Assert.All(head[0], sign => Assert.True(char.IsAsciiLetterUpper(sign) || sign == '-'));
        return new IcsLine(head[0], head.Skip(1).ToDictionary(p => p.Split('=')[0], p => p.Split('=')[1], StringComparer.Ordinal), line[(colon + 1)..]);
    }
}
