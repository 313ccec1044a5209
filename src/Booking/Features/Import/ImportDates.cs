using System.Globalization;
using System.Text.RegularExpressions;
using NodaTime;

namespace FabLab.Booking.Features.Import;

/// <summary>
/// Days as people write them: 12/03/2009, 12.3.2009, 2009-03-12, 12 mars 2009. Day before month, as in France, unless that cannot be.
/// </summary>
internal static partial class ImportDates
{
    private static readonly string[] Months =
        ["janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre", "octobre", "novembre", "decembre"];

    public static LocalDate? Read(string text)
    {
        if (Named().Match(ImportFile.Plain(text)) is { Success: true } named)
        {
            var month = Array.FindIndex(Months, name => name.StartsWith(named.Groups["month"].Value, StringComparison.Ordinal)) + 1;
            return month == 0 ? null : Make(Number(named, "year"), month, Number(named, "day"));
        }
        if (YearFirst().Match(text.Trim()) is { Success: true } iso)
            return Make(Number(iso, "year"), Number(iso, "month"), Number(iso, "day"));
        if (DayFirst().Match(text.Trim()) is not { Success: true } french)
            return null;
        var (one, two, year) = (Number(french, "one"), Number(french, "two"), Number(french, "year"));
        return Make(year, two, one) ?? Make(year, one, two);
    }

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    private static LocalDate? Make(int year, int month, int day) =>
        year is >= 1800 and <= 2300 && month is >= 1 and <= 12 && day >= 1 && day <= CalendarSystem.Iso.GetDaysInMonth(year, month) ? new LocalDate(year, month, day) : null;

    [GeneratedRegex(@"^(?<day>\d{1,2})(?:er)? (?<month>[a-z]{3,9}) (?<year>\d{4})$", RegexOptions.CultureInvariant)]
    private static partial Regex Named();

    [GeneratedRegex(@"^(?<year>\d{4})[-/. ](?<month>\d{1,2})[-/. ](?<day>\d{1,2})(?:[T ]0{1,2}:00(?::00)?)?$", RegexOptions.CultureInvariant)]
    private static partial Regex YearFirst();

    [GeneratedRegex(@"^(?<one>\d{1,2})[-/. ](?<two>\d{1,2})[-/. ](?<year>\d{4})(?: 0{1,2}:00(?::00)?)?$", RegexOptions.CultureInvariant)]
    private static partial Regex DayFirst();
}
