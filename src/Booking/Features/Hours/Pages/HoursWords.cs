using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Core.Scheduling;
using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Hours.Pages;

/// <summary>Words for what the rules know.</summary>
public static class HoursWords
{
    private static readonly Words[] Days =
        [new("lun.", "Mon"), new("mar.", "Tue"), new("mer.", "Wed"), new("jeu.", "Thu"), new("ven.", "Fri"), new("sam.", "Sat"), new("dim.", "Sun")];

    private static readonly Words[] LongDays =
    [
        new("Lundi", "Monday"), new("Mardi", "Tuesday"), new("Mercredi", "Wednesday"), new("Jeudi", "Thursday"), new("Vendredi", "Friday"), new("Samedi", "Saturday"),
        new("Dimanche", "Sunday"),
    ];

    public static Phrase Of(OpeningKind kind) => kind switch
    {
        OpeningKind.OpenLab => HoursText.KindOpenLab,
        OpeningKind.Booked => HoursText.KindBooked,
        OpeningKind.Groups => HoursText.KindGroups,
        OpeningKind.StaffOnly => HoursText.KindStaff,
        _ => HoursText.Closed,
    };

    public static Phrase Of(DayCondition on) => on switch
    {
        DayCondition.SchoolHolidays => HoursText.OnSchoolHolidays,
        DayCondition.SchoolTime => HoursText.OnSchoolTime,
        DayCondition.PublicHolidays => HoursText.OnPublicHolidays,
        _ => HoursText.OnAlways,
    };

    public static Phrase Of(BookingEnd end) => end switch
    {
        BookingEnd.LetFinish => BookingRulesText.EndFinish,
        BookingEnd.ExtendIfFree => BookingRulesText.EndExtend,
        _ => BookingRulesText.EndStop,
    };

    /// <summary>A day of the week, from 0 for Monday.</summary>
    public static Words Day(int day) => Days[day];

    public static Words LongDay(int day) => LongDays[day];

    public static Words Of(HolidayRegion region) => region switch
    {
        HolidayRegion.Metropole => new("la métropole et la Corse", "metropolitan France and Corsica"),
        HolidayRegion.AlsaceMoselle => new("l’Alsace et la Moselle", "Alsace and Moselle"),
        HolidayRegion.Guadeloupe => new("la Guadeloupe", "Guadeloupe"),
        HolidayRegion.Martinique => new("la Martinique", "Martinique"),
        HolidayRegion.Guyane => new("la Guyane", "Guyane"),
        HolidayRegion.Reunion => new("La Réunion", "La Réunion"),
        HolidayRegion.Mayotte => new("Mayotte", "Mayotte"),
        HolidayRegion.SaintBarthelemy => new("Saint-Barthélemy", "Saint-Barthélemy"),
        HolidayRegion.SaintMartin => new("Saint-Martin", "Saint-Martin"),
        HolidayRegion.SaintPierreEtMiquelon => new("Saint-Pierre-et-Miquelon", "Saint-Pierre-et-Miquelon"),
        HolidayRegion.NouvelleCaledonie => new("la Nouvelle-Calédonie", "New Caledonia"),
        HolidayRegion.PolynesieFrancaise => new("la Polynésie française", "French Polynesia"),
        _ => new("Wallis-et-Futuna", "Wallis and Futuna"),
    };

    public static string Of(SchoolZone zone) => zone switch
    {
        SchoolZone.Reunion => "La Réunion",
        SchoolZone.SaintPierreEtMiquelon => "Saint-Pierre-et-Miquelon",
        SchoolZone.NouvelleCaledonie => "Nouvelle-Calédonie",
        SchoolZone.PolynesieFrancaise => "Polynésie française",
        SchoolZone.WallisEtFutuna => "Wallis-et-Futuna",
        _ => zone.ToString(),
    };

    public static string Clock(NodaTime.LocalTime time) => time.ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>What a window is for: its kind, its group, its label, and when it counts.</summary>
    public static string Meaning(PageText text, OpeningWindow window, DayCondition on, IReadOnlyList<(string Key, string Name)> groups)
    {
        var meaning = text[Of(window.Kind)];
        if (window.Group is { } group && groups.FirstOrDefault(one => one.Key == group).Name is { } name)
            meaning += $" · {name}";
        if (window.Label is { } label)
            meaning += $" · {label}";
        return on == DayCondition.Always ? meaning : $"{meaning} · {text[Of(on)]}";
    }

    /// <summary>How many bookings a change concerns, and that they are told when it is made.</summary>
    public static Words Hits(int count, bool told)
    {
        Phrase phrase = count == 0 ? HoursText.HitsNone : HoursText.HitsCount;
        Words words = phrase.Words(count);
        return told && count > 0
            ? new($"{words.Fr} {HoursText.HitsTold.French}", $"{words.En} {HoursText.HitsTold.English}")
            : words;
    }
}
