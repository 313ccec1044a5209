using System.Globalization;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Ui.Text;

/// <summary>
/// What a page writes with: the language of this request, the zone of the lab, and how times, durations and amounts read.
/// One per request; <see cref="LanguageMiddleware"/> sets the language before any component renders.
/// </summary>
public sealed class PageText
{
    /// <summary>A blank where a line must not break: between a number and its unit.</summary>
    private const char Nbsp = '\u00a0';

    private static readonly DateTimeZone Paris = DateTimeZoneProviders.Tzdb["Europe/Paris"];

    public PageText(TimeProvider time) => Now = Instant.FromDateTimeOffset(time.GetUtcNow());

    public PageText(Language language, DateTimeZone zone, Instant now)
    {
        Language = language;
        Zone = zone;
        Now = now;
    }

    public Language Language { get; private set; }

    /// <summary>Local times are written in this zone.</summary>
    public DateTimeZone Zone { get; private set; } = Paris;

    /// <summary>The instant this page speaks of: one per request, so that two lines of a page never disagree.</summary>
    public Instant Now { get; }

    /// <summary>The value of the <c>lang</c> attribute.</summary>
    public string Tag => TagOf(Language);

    public CultureInfo Culture => Phrase.CultureOf(Language);

    public string this[Phrase phrase] => phrase.In(Language);

    public string this[Phrase phrase, params object[] values] => phrase.In(Language, values);

    /// <summary>The French or the English text of somebody else's pair; the French one where there is no English.</summary>
    public string Pick(string french, string english) => Language == Language.French || english.Length == 0 ? french : english;

    public static string TagOf(Language language) => language == Language.French ? "fr" : "en";

    public void Use(Language language) => Language = language;

    public void Use(DateTimeZone zone) => Zone = zone;

    /// <summary>14 h 05, or 14:05 in English.</summary>
    public string Time(Instant at)
    {
        LocalDateTime local = at.InZone(Zone).LocalDateTime;
        return Language == Language.French
            ? string.Create(CultureInfo.InvariantCulture, $"{local.Hour}{Nbsp}h{Nbsp}{local.Minute:00}")
            : string.Create(CultureInfo.InvariantCulture, $"{local.Hour:00}:{local.Minute:00}");
    }

    /// <summary>mardi 12 mai; the year is written only when it is another one.</summary>
    public string Date(LocalDate date)
    {
        int year = Now.InZone(Zone).Year;
        return Written(date, date.Year == year ? "dddd {0} MMMM" : "{0} MMMM yyyy");
    }

    public string Date(Instant at) => Date(at.InZone(Zone).Date);

    /// <summary>mardi 12 mai 2026: with its year, for what is kept on paper or in a file.</summary>
    public string WholeDate(LocalDate date) => Written(date, "dddd {0} MMMM yyyy");

    /// <summary>12 mai 2026: with its year and without the day of the week.</summary>
    public string DatedDay(LocalDate date) => Written(date, "{0} MMMM yyyy");

    public string WholeDate(Instant at) => WholeDate(at.InZone(Zone).Date);

    /// <summary>The first of a month is "1er" in French.</summary>
    private string Written(LocalDate date, string pattern) => LocalDatePattern
        .Create(pattern.Replace("{0}", date.Day == 1 && Language == Language.French ? "d'er'" : "d", StringComparison.Ordinal), Culture).Format(date);

    /// <summary>aujourd’hui à 14 h 05, hier à 9 h 00, mardi 12 mai à 14 h 05.</summary>
    public string When(Instant at)
    {
        LocalDate today = Now.InZone(Zone).Date;
        LocalDate day = at.InZone(Zone).Date;
        int apart = Period.Between(today, day, PeriodUnits.Days).Days;
        string name = apart switch
        {
            0 => this[CommonText.Today],
            -1 => this[CommonText.Yesterday],
            1 => this[CommonText.Tomorrow],
            _ => Date(day),
        };
        return this[CommonText.DayAtTime, name, Time(at)];
    }

    /// <summary>14 h 05 for today, with the day for other days.</summary>
    public string ShortWhen(Instant at) => at.InZone(Zone).Date == Now.InZone(Zone).Date ? Time(at) : When(at);

    /// <summary>1 h 05 min, 12 min, 40 s: whole units, never a fraction.</summary>
    public string Duration(Duration length)
    {
        long seconds = Math.Max(0, (long)length.TotalSeconds);
        return seconds switch
        {
            < 60 => string.Create(Culture, $"{seconds}{Nbsp}s"),
            < 3600 => string.Create(Culture, $"{seconds / 60}{Nbsp}min"),
            _ when seconds % 3600 < 60 => string.Create(Culture, $"{seconds / 3600}{Nbsp}h"),
            _ => string.Create(Culture, $"{seconds / 3600}{Nbsp}h{Nbsp}{seconds % 3600 / 60:00}{Nbsp}min"),
        };
    }

    /// <summary>The same with its seconds: 1 h 05 min 09 s. What a counter that ticks shows, and what a total is checked against.</summary>
    public string Exact(Duration length)
    {
        long seconds = Math.Max(0, (long)length.TotalSeconds);
        return seconds switch
        {
            < 60 => string.Create(Culture, $"{seconds}{Nbsp}s"),
            < 3600 => string.Create(Culture, $"{seconds / 60}{Nbsp}min{Nbsp}{seconds % 60:00}{Nbsp}s"),
            _ => string.Create(Culture, $"{seconds / 3600}{Nbsp}h{Nbsp}{seconds % 3600 / 60:00}{Nbsp}min{Nbsp}{seconds % 60:00}{Nbsp}s"),
        };
    }

    public string Number(double value, int decimals = 0) => value.ToString("N" + decimals.ToString(CultureInfo.InvariantCulture), Culture);

    public string Energy(double wattHours) => wattHours < 1000
        ? Number(wattHours) + Nbsp + "Wh"
        : Number(wattHours / 1000, 2) + Nbsp + "kWh";
}
