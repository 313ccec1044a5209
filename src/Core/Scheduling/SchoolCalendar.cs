using System.Globalization;
using System.Text.Json;
using NodaTime;

namespace FabLab.Core.Scheduling;

/// <summary>Whose school calendar counts.</summary>
public enum SchoolZone
{
    /// <summary>Zone A: Besançon, Bordeaux, Clermont-Ferrand, Dijon, Grenoble, Limoges, Lyon, Poitiers.</summary>
    A,

    /// <summary>Zone B: Aix-Marseille, Amiens, Lille, Nancy-Metz, Nantes, Nice, Normandie, Orléans-Tours, Reims, Rennes, Strasbourg.</summary>
    B,

    /// <summary>Zone C: Créteil, Montpellier, Paris, Toulouse, Versailles.</summary>
    C,

    /// <summary>Corsica.</summary>
    Corse,

    /// <summary>Guadeloupe with Saint-Martin and Saint-Barthélemy.</summary>
    Guadeloupe,

    /// <summary>Martinique.</summary>
    Martinique,

    /// <summary>Guyane.</summary>
    Guyane,

    /// <summary>La Réunion.</summary>
    Reunion,

    /// <summary>Mayotte.</summary>
    Mayotte,

    /// <summary>Saint-Pierre-et-Miquelon.</summary>
    SaintPierreEtMiquelon,

    /// <summary>Nouvelle-Calédonie.</summary>
    NouvelleCaledonie,

    /// <summary>Polynésie française.</summary>
    PolynesieFrancaise,

    /// <summary>Wallis-et-Futuna.</summary>
    WallisEtFutuna,
}

/// <summary>What a school calendar knows of a date.</summary>
public enum SchoolDay
{
    /// <summary>Nothing: no calendar covers the date.</summary>
    Unknown,

    /// <summary>Outside the holidays.</summary>
    School,

    /// <summary>In the holidays.</summary>
    Holiday,
}

/// <summary>One stretch of school holidays.</summary>
/// <param name="First">The first day without school.</param>
/// <param name="Resumes">The day on which school starts again; not in it.</param>
/// <param name="Name">What it is called.</param>
public sealed record SchoolHoliday(LocalDate First, LocalDate Resumes, Words Name);

/// <summary>The school year of one zone, as far as it is known.</summary>
/// <param name="Zone">The zone.</param>
/// <param name="Year">What the year is called, such as "2026-2027".</param>
/// <param name="KnownFrom">The first date it says something about.</param>
/// <param name="KnownUntil">The date from which it says nothing more.</param>
/// <param name="Source">Where the dates stand.</param>
/// <param name="Note">How they were checked and what is missing; may be empty.</param>
/// <param name="Holidays">The holidays, in order, not overlapping, inside the known dates.</param>
public sealed record SchoolYear(
    SchoolZone Zone,
    string Year,
    LocalDate KnownFrom,
    LocalDate KnownUntil,
    string Source,
    string Note,
    ValueList<SchoolHoliday> Holidays);

/// <summary>
/// School holidays by zone, from a data file that a lab may replace by hand. They are decreed and not computable, so a date
/// without data is <see cref="SchoolDay.Unknown"/> and never guessed.
/// </summary>
public sealed class SchoolCalendar
{
    /// <summary>What the first member of the file must say.</summary>
    public const string Format = "fablab-school-holidays/1";

    private const string ShippedFile = "FabLab.Core.Scheduling.school-holidays.json";

    private static readonly Lazy<SchoolCalendar> ShippedCalendar = new(ReadShipped);

    private readonly Dictionary<SchoolZone, SchoolYear[]> _years;

    private SchoolCalendar(IEnumerable<SchoolYear> years) =>
        _years = years.GroupBy(static y => y.Zone)
            .ToDictionary(static g => g.Key, static g => g.OrderBy(static y => y.KnownFrom).ToArray());

    /// <summary>A calendar that knows nothing.</summary>
    public static SchoolCalendar Empty { get; } = new([]);

    /// <summary>The calendar that comes with the product.</summary>
    public static SchoolCalendar Shipped => ShippedCalendar.Value;

    /// <summary>Every school year in it, zone by zone, in order.</summary>
    public IEnumerable<SchoolYear> Years => _years.OrderBy(static z => z.Key).SelectMany(static z => z.Value);

    /// <summary>Reads the data file.</summary>
    /// <param name="json">Its text.</param>
    /// <returns>The calendar, or every fault found, each with the place it is at. Never throws for what the file holds.</returns>
    public static SchoolCalendarReading Read(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        List<string> faults = [];
        List<SchoolYear> years = [];
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            JsonElement root = document.RootElement;
            if (Text(root, "format") != Format)
            {
                faults.Add($"format: must be \"{Format}\".");
            }
            else if (!root.TryGetProperty("calendars", out JsonElement calendars) || calendars.ValueKind != JsonValueKind.Array)
            {
                faults.Add("calendars: must be a list.");
            }
            else
            {
                int index = 0;
                foreach (JsonElement calendar in calendars.EnumerateArray())
                {
                    if (ReadYear(calendar, $"calendars[{index++}]", faults) is { } year)
                    {
                        years.Add(year);
                    }
                }
            }
        }
        catch (JsonException broken)
        {
            faults.Add($"line {broken.LineNumber + 1}: this is not JSON.");
        }

        foreach (IGrouping<SchoolZone, SchoolYear> zone in years.GroupBy(static y => y.Zone))
        {
            SchoolYear[] inOrder = [.. zone.OrderBy(static y => y.KnownFrom)];
            for (int i = 1; i < inOrder.Length; i++)
            {
                if (inOrder[i].KnownFrom < inOrder[i - 1].KnownUntil)
                {
                    faults.Add($"zone {zone.Key}: {inOrder[i - 1].Year} and {inOrder[i].Year} speak about the same dates.");
                }
            }
        }

        return faults.Count == 0 ? new(new SchoolCalendar(years), []) : new(null, [.. faults]);
    }

    /// <summary>This calendar with the school years of another put before its own: where both know a date, the other counts.</summary>
    /// <param name="newer">What a lab has put in by hand.</param>
    public SchoolCalendar With(SchoolCalendar newer)
    {
        ArgumentNullException.ThrowIfNull(newer);
        return new SchoolCalendar(newer.Years.Concat(Years.Where(
            mine => !newer.Years.Any(theirs => theirs.Zone == mine.Zone && theirs.KnownFrom < mine.KnownUntil && mine.KnownFrom < theirs.KnownUntil))));
    }

    /// <summary>What is known of a date.</summary>
    /// <param name="zone">Whose calendar.</param>
    /// <param name="date">The date.</param>
    public SchoolDay On(SchoolZone zone, LocalDate date) =>
        YearOf(zone, date) is not { } year ? SchoolDay.Unknown
        : HolidayOf(year, date) is null ? SchoolDay.School
        : SchoolDay.Holiday;

    /// <summary>The holidays a date lies in, or null.</summary>
    /// <param name="zone">Whose calendar.</param>
    /// <param name="date">The date.</param>
    public SchoolHoliday? HolidayOn(SchoolZone zone, LocalDate date) =>
        YearOf(zone, date) is { } year ? HolidayOf(year, date) : null;

    /// <summary>The first date from <paramref name="from"/> on that nothing is known of: the day by which the file must be renewed.</summary>
    /// <param name="zone">Whose calendar.</param>
    /// <param name="from">Where to begin.</param>
    public LocalDate KnownUntil(SchoolZone zone, LocalDate from)
    {
        LocalDate date = from;
        while (YearOf(zone, date) is { } year)
        {
            date = year.KnownUntil;
        }

        return date;
    }

    private static SchoolHoliday? HolidayOf(SchoolYear year, LocalDate date)
    {
        foreach (SchoolHoliday holiday in year.Holidays.AsSpan())
        {
            if (holiday.First <= date && date < holiday.Resumes)
            {
                return holiday;
            }
        }

        return null;
    }

    private static SchoolCalendar ReadShipped()
    {
        using Stream stream = typeof(SchoolCalendar).Assembly.GetManifestResourceStream(ShippedFile)
            ?? throw new InvalidOperationException($"{ShippedFile} is not in the program.");
        using StreamReader reader = new(stream);
        SchoolCalendarReading reading = Read(reader.ReadToEnd());
        return reading.Calendar ?? throw new InvalidOperationException(string.Join(" ", reading.Faults));
    }

    private static SchoolYear? ReadYear(JsonElement json, string at, List<string> faults)
    {
        int before = faults.Count;
        if (json.ValueKind != JsonValueKind.Object)
        {
            faults.Add($"{at}: must be an object.");
            return null;
        }

        string? zoneName = Text(json, "zone");
        if (!Enum.TryParse(zoneName, ignoreCase: true, out SchoolZone zone) || !Enum.IsDefined(zone) || int.TryParse(zoneName, out _))
        {
            faults.Add($"{at}.zone: must be one of {string.Join(", ", Enum.GetNames<SchoolZone>())}.");
        }

        LocalDate from = Date(json, "knownFrom", at, faults);
        LocalDate until = Date(json, "knownUntil", at, faults);
        List<SchoolHoliday> holidays = [];
        if (!json.TryGetProperty("holidays", out JsonElement list) || list.ValueKind != JsonValueKind.Array)
        {
            faults.Add($"{at}.holidays: must be a list.");
        }
        else
        {
            int index = 0;
            foreach (JsonElement item in list.EnumerateArray())
            {
                string place = $"{at}.holidays[{index++}]";
                if (item.ValueKind != JsonValueKind.Object)
                {
                    faults.Add($"{place}: must be an object.");
                    continue;
                }

                string french = Text(item, "fr") ?? "";
                holidays.Add(new(
                    Date(item, "from", place, faults), Date(item, "until", place, faults), new(french, Text(item, "en") ?? french)));
                if (french.Length == 0)
                {
                    faults.Add($"{place}.fr: a name is missing.");
                }
            }
        }

        if (faults.Count > before)
        {
            return null;
        }

        CheckOrder(from, until, holidays, at, faults);
        return faults.Count > before
            ? null
            : new(zone, Text(json, "year") ?? "", from, until, Text(json, "source") ?? "", Text(json, "note") ?? "", [.. holidays]);
    }

    private static void CheckOrder(LocalDate from, LocalDate until, List<SchoolHoliday> holidays, string at, List<string> faults)
    {
        if (until <= from)
        {
            faults.Add($"{at}.knownUntil: must be after knownFrom.");
        }

        LocalDate last = from;
        for (int i = 0; i < holidays.Count; i++)
        {
            SchoolHoliday holiday = holidays[i];
            if (holiday.Resumes <= holiday.First)
            {
                faults.Add($"{at}.holidays[{i}].until: must be after from.");
            }
            else if (holiday.First < last)
            {
                faults.Add($"{at}.holidays[{i}].from: begins before the holidays above end, or before knownFrom.");
            }
            else if (holiday.Resumes > until)
            {
                faults.Add($"{at}.holidays[{i}].until: lies after knownUntil.");
            }

            last = LocalDate.Max(last, holiday.Resumes);
        }
    }

    private static string? Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static LocalDate Date(JsonElement json, string name, string at, List<string> faults)
    {
        // NodaTime's patterns read the same and take 40 ms when they are first used, which every start would pay for this file.
        bool read = DateOnly.TryParseExact(Text(json, name), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly date);
        if (!read)
        {
            faults.Add($"{at}.{name}: must be a date such as 2026-10-17.");
        }

        return read ? LocalDate.FromDateOnly(date) : default;
    }

    private SchoolYear? YearOf(SchoolZone zone, LocalDate date)
    {
        if (_years.TryGetValue(zone, out SchoolYear[]? years))
        {
            foreach (SchoolYear year in years)
            {
                if (year.KnownFrom <= date && date < year.KnownUntil)
                {
                    return year;
                }
            }
        }

        return null;
    }
}

/// <summary>What came of reading a data file.</summary>
/// <param name="Calendar">The calendar; null when there is a fault.</param>
/// <param name="Faults">What is wrong and where, for the person who edits the file; empty when all is well.</param>
public sealed record SchoolCalendarReading(SchoolCalendar? Calendar, ValueList<string> Faults);
