using System.Collections.Frozen;

namespace FabLab.Core.Scheduling;

/// <summary>What the department (or overseas territory) of a site says about its calendar, so that a new lab answers one question and not three.</summary>
/// <param name="Zone">The IANA zone of the clock on the wall. Polynésie française has three: this is that of Tahiti.</param>
/// <param name="Region">Its public holidays.</param>
/// <param name="School">Its school holidays.</param>
public sealed record FrenchPlace(string Zone, HolidayRegion Region, SchoolZone School)
{
    private const string ZoneA = "01 03 07 15 16 17 19 21 23 24 25 26 33 38 39 40 42 43 47 58 63 64 69 70 71 73 74 79 86 87 89 90";
    private const string ZoneB = "02 04 05 06 08 10 13 14 18 22 27 28 29 35 36 37 41 44 45 49 50 51 52 53 54 55 56 57 59 60 61 62 67 68 72 76 80 83 84 85 88";
    private const string ZoneC = "09 11 12 30 31 32 34 46 48 65 66 75 77 78 81 82 91 92 93 94 95";

    private static readonly FrozenDictionary<string, FrenchPlace> Places = Make();

    /// <summary>Every code known, in order.</summary>
    public static IEnumerable<string> Codes => Places.Keys.Order(StringComparer.Ordinal);

    /// <summary>The place of a department, or null when there is none of that code.</summary>
    /// <param name="code">"38", "2A", "974", "988"; a single digit stands for itself with a zero before it.</param>
    public static FrenchPlace? OfDepartment(string? code)
    {
        string key = (code ?? "").Trim().ToUpperInvariant();
        return Places.GetValueOrDefault(key.Length == 1 ? "0" + key : key);
    }

    private static FrozenDictionary<string, FrenchPlace> Make()
    {
        Dictionary<string, FrenchPlace> places = new()
        {
            ["2A"] = new("Europe/Paris", HolidayRegion.Metropole, SchoolZone.Corse),
            ["2B"] = new("Europe/Paris", HolidayRegion.Metropole, SchoolZone.Corse),
            ["971"] = new("America/Guadeloupe", HolidayRegion.Guadeloupe, SchoolZone.Guadeloupe),
            ["972"] = new("America/Martinique", HolidayRegion.Martinique, SchoolZone.Martinique),
            ["973"] = new("America/Cayenne", HolidayRegion.Guyane, SchoolZone.Guyane),
            ["974"] = new("Indian/Reunion", HolidayRegion.Reunion, SchoolZone.Reunion),
            ["975"] = new("America/Miquelon", HolidayRegion.SaintPierreEtMiquelon, SchoolZone.SaintPierreEtMiquelon),
            ["976"] = new("Indian/Mayotte", HolidayRegion.Mayotte, SchoolZone.Mayotte),
            ["977"] = new("America/St_Barthelemy", HolidayRegion.SaintBarthelemy, SchoolZone.Guadeloupe),
            ["978"] = new("America/Marigot", HolidayRegion.SaintMartin, SchoolZone.Guadeloupe),
            ["986"] = new("Pacific/Wallis", HolidayRegion.WallisEtFutuna, SchoolZone.WallisEtFutuna),
            ["987"] = new("Pacific/Tahiti", HolidayRegion.PolynesieFrancaise, SchoolZone.PolynesieFrancaise),
            ["988"] = new("Pacific/Noumea", HolidayRegion.NouvelleCaledonie, SchoolZone.NouvelleCaledonie),
        };
        Add(ZoneA, SchoolZone.A);
        Add(ZoneB, SchoolZone.B);
        Add(ZoneC, SchoolZone.C);
        return places.ToFrozenDictionary();

        void Add(string codes, SchoolZone school)
        {
            foreach (string code in codes.Split(' '))
            {
                HolidayRegion region = code is "57" or "67" or "68" ? HolidayRegion.AlsaceMoselle : HolidayRegion.Metropole;
                places.Add(code, new("Europe/Paris", region, school));
            }
        }
    }
}
