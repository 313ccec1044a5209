using NodaTime;

namespace FabLab.Core.Scheduling;

/// <summary>Where in France a site is, as far as public holidays go.</summary>
public enum HolidayRegion
{
    /// <summary>Metropolitan France with Corsica; the eleven days of the labour code.</summary>
    Metropole,

    /// <summary>Bas-Rhin, Haut-Rhin and Moselle: Good Friday and 26 December besides.</summary>
    AlsaceMoselle,

    /// <summary>Guadeloupe.</summary>
    Guadeloupe,

    /// <summary>Martinique.</summary>
    Martinique,

    /// <summary>Guyane.</summary>
    Guyane,

    /// <summary>La Réunion.</summary>
    Reunion,

    /// <summary>Mayotte.</summary>
    Mayotte,

    /// <summary>Saint-Barthélemy.</summary>
    SaintBarthelemy,

    /// <summary>Saint-Martin.</summary>
    SaintMartin,

    /// <summary>Saint-Pierre-et-Miquelon.</summary>
    SaintPierreEtMiquelon,

    /// <summary>Nouvelle-Calédonie.</summary>
    NouvelleCaledonie,

    /// <summary>Polynésie française.</summary>
    PolynesieFrancaise,

    /// <summary>Wallis-et-Futuna.</summary>
    WallisEtFutuna,
}

/// <summary>A public holiday.</summary>
/// <param name="Date">When it is.</param>
/// <param name="Name">What it is called.</param>
public sealed record PublicHoliday(LocalDate Date, Words Name);

/// <summary>
/// French public holidays (jours fériés), computed. The rules and where they stand are in ADR 0071.
/// A day off that is custom or agreement and not law (the two "ponts", Mi-Carême, the feasts of Mayotte) is not in it: a site writes it as an exception.
/// </summary>
public static class PublicHolidays
{
    /// <summary>The first year there is an answer for: from 2012 every overseas territory has its day of abolition by law.</summary>
    public const int FirstYear = 2012;

    /// <summary>The last year there is an answer for.</summary>
    public const int LastYear = 2299;

    /// <summary>Easter Sunday of the Gregorian calendar.</summary>
    /// <param name="year">1583 to 9999.</param>
    /// <exception cref="ArgumentOutOfRangeException">The year is outside these bounds.</exception>
    public static LocalDate Easter(int year)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(year, 1583);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(year, 9999);

        // The church's table: the full moon of spring from the golden number and the two corrections of the Gregorian reform, then the next Sunday.
        int golden = year % 19;
        int century = year / 100;
        int moonCorrection = ((8 * century) + 13) / 25;
        int solarCorrection = century / 4;
        int epact = (century - solarCorrection - moonCorrection + (19 * golden) + 15) % 30;
        int fullMoon = epact - (epact / 28 * (1 - (29 / (epact + 1) * ((21 - golden) / 11))));
        int weekday = (year + (year / 4) + fullMoon + 2 - century + solarCorrection) % 7;
        int day = fullMoon - weekday;
        int month = 3 + ((day + 40) / 44);
        return new LocalDate(year, month, day + 28 - (31 * (month / 4)));
    }

    /// <summary>The holidays of a year in order; none outside <see cref="FirstYear"/> to <see cref="LastYear"/>.</summary>
    /// <param name="year">The year.</param>
    /// <param name="region">Where.</param>
    public static IReadOnlyList<PublicHoliday> Of(int year, HolidayRegion region)
    {
        if (year is < FirstYear or > LastYear)
        {
            return [];
        }

        LocalDate easter = Easter(year);
        List<PublicHoliday> days =
        [
            new(new LocalDate(year, 1, 1), new("Jour de l'an", "New Year's Day")),
            new(easter.PlusDays(1), new("Lundi de Pâques", "Easter Monday")),
            new(new LocalDate(year, 5, 1), new("Fête du Travail", "Labour Day")),
            new(new LocalDate(year, 5, 8), new("Victoire 1945", "Victory in Europe Day")),
            new(easter.PlusDays(39), new("Ascension", "Ascension Day")),
            new(easter.PlusDays(50), new("Lundi de Pentecôte", "Whit Monday")),
            new(new LocalDate(year, 7, 14), new("Fête nationale", "Bastille Day")),
            new(new LocalDate(year, 8, 15), new("Assomption", "Assumption Day")),
            new(new LocalDate(year, 11, 1), new("Toussaint", "All Saints' Day")),
            new(new LocalDate(year, 11, 11), new("Armistice 1918", "Armistice Day")),
            new(new LocalDate(year, 12, 25), new("Noël", "Christmas Day")),
        ];
        AddLocal(days, year, region, easter);

        // Two feasts can fall on one date (Ascension on 1 or 8 May): it is one day off, and both names are kept.
        return [.. days.OrderBy(static d => d.Date)];
    }

    /// <summary>The holiday on a date, or null. Where two fall on one date, the first of the list of that year.</summary>
    /// <param name="date">The date, in the ISO calendar.</param>
    /// <param name="region">Where.</param>
    public static PublicHoliday? On(LocalDate date, HolidayRegion region) =>
        Of(date.Year, region).FirstOrDefault(d => d.Date == date);

    private static void AddLocal(List<PublicHoliday> days, int year, HolidayRegion region, LocalDate easter)
    {
        Words goodFriday = new("Vendredi saint", "Good Friday");
        switch (region)
        {
            case HolidayRegion.AlsaceMoselle:
                days.Add(new(easter.PlusDays(-2), goodFriday));
                days.Add(new(new LocalDate(year, 12, 26), new("Saint-Étienne", "St Stephen's Day")));
                break;
            case HolidayRegion.Guadeloupe:
                days.Add(Abolition(year, 5, 27));
                break;
            case HolidayRegion.Martinique:
                days.Add(Abolition(year, 5, 22));
                break;
            case HolidayRegion.Guyane:
                days.Add(Abolition(year, 6, 10));
                break;
            case HolidayRegion.Reunion:
                days.Add(Abolition(year, 12, 20));
                break;
            case HolidayRegion.Mayotte:
                days.Add(Abolition(year, 4, 27));
                break;
            case HolidayRegion.SaintBarthelemy:
                days.Add(Abolition(year, 10, 9));
                break;
            case HolidayRegion.SaintMartin:
                days.Add(Abolition(year, 5, year >= 2019 ? 28 : 27));
                break;
            case HolidayRegion.NouvelleCaledonie:
                days.Add(new(new LocalDate(year, 9, 24), new("Fête de la citoyenneté", "Citizenship Day")));
                break;
            case HolidayRegion.PolynesieFrancaise:
                days.Add(new(new LocalDate(year, 3, 5), new("Arrivée de l'Évangile", "Missionary Day")));
                days.Add(new(easter.PlusDays(-2), goodFriday));
                days.Add(year >= 2025
                    ? new(new LocalDate(year, 11, 20), new("Matari'i i ni'a", "Matari'i i ni'a"))
                    : new(new LocalDate(year, 6, 29), new("Fête de l'autonomie", "Autonomy Day")));
                break;
            case HolidayRegion.WallisEtFutuna:
                days.Add(new(new LocalDate(year, 4, 28), new("Saint-Pierre-Chanel", "St Peter Chanel's Day")));
                days.Add(new(new LocalDate(year, 7, 29), new("Fête du territoire", "Territory Day")));
                break;
            case HolidayRegion.Metropole:
            case HolidayRegion.SaintPierreEtMiquelon:
            default:
                break;
        }
    }

    private static PublicHoliday Abolition(int year, int month, int day) =>
        new(new LocalDate(year, month, day), new("Abolition de l'esclavage", "Abolition of Slavery Day"));
}
