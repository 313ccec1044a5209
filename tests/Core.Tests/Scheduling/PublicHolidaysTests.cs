using FabLab.Core.Scheduling;
using NodaTime;
using static FabLab.Core.Tests.Scheduling.Local;

namespace FabLab.Core.Tests.Scheduling;

public sealed class PublicHolidaysTests
{
    [Theory]
    [InlineData("1818-03-22")]
    [InlineData("1943-04-25")]
    [InlineData("1954-04-18")]
    [InlineData("1981-04-19")]
    [InlineData("2000-04-23")]
    [InlineData("2008-03-23")]
    [InlineData("2011-04-24")]
    [InlineData("2024-03-31")]
    [InlineData("2025-04-20")]
    [InlineData("2026-04-05")]
    [InlineData("2027-03-28")]
    [InlineData("2028-04-16")]
    [InlineData("2038-04-25")]
    [InlineData("2049-04-18")]
    [InlineData("2285-03-22")]
    public void Easter_falls_where_the_church_says(string sunday) =>
        Assert.Equal(Date(sunday), PublicHolidays.Easter(Date(sunday).Year));

    [Fact]
    public void Easter_is_always_a_sunday_from_22_march_to_25_april()
    {
        for (int year = 1583; year <= 9999; year++)
        {
            LocalDate easter = PublicHolidays.Easter(year);
            Assert.Equal(IsoDayOfWeek.Sunday, easter.DayOfWeek);
            Assert.InRange(easter, new LocalDate(year, 3, 22), new LocalDate(year, 4, 25));
        }
    }

    [Fact]
    public void The_eleven_days_of_2026()
    {
        string[] expected =
        [
            "2026-01-01", "2026-04-06", "2026-05-01", "2026-05-08", "2026-05-14", "2026-05-25",
            "2026-07-14", "2026-08-15", "2026-11-01", "2026-11-11", "2026-12-25",
        ];

        Assert.Equal(expected, PublicHolidays.Of(2026, HolidayRegion.Metropole).Select(h => h.Date.ToString("uuuu-MM-dd", null)));
    }

    [Theory]
    [InlineData(HolidayRegion.Metropole, 2027, "")]
    [InlineData(HolidayRegion.SaintPierreEtMiquelon, 2027, "")]
    [InlineData(HolidayRegion.AlsaceMoselle, 2027, "2027-03-26 2027-12-26")]
    [InlineData(HolidayRegion.Mayotte, 2027, "2027-04-27")]
    [InlineData(HolidayRegion.Martinique, 2027, "2027-05-22")]
    [InlineData(HolidayRegion.Guadeloupe, 2027, "2027-05-27")]
    [InlineData(HolidayRegion.SaintMartin, 2027, "2027-05-28")]
    [InlineData(HolidayRegion.SaintMartin, 2018, "2018-05-27")]
    [InlineData(HolidayRegion.Guyane, 2027, "2027-06-10")]
    [InlineData(HolidayRegion.SaintBarthelemy, 2027, "2027-10-09")]
    [InlineData(HolidayRegion.Reunion, 2027, "2027-12-20")]
    [InlineData(HolidayRegion.NouvelleCaledonie, 2027, "2027-09-24")]
    [InlineData(HolidayRegion.PolynesieFrancaise, 2027, "2027-03-05 2027-03-26 2027-11-20")]
    [InlineData(HolidayRegion.PolynesieFrancaise, 2024, "2024-03-05 2024-03-29 2024-06-29")]
    [InlineData(HolidayRegion.WallisEtFutuna, 2027, "2027-04-28 2027-07-29")]
    public void Each_region_adds_its_own_days(HolidayRegion region, int year, string added)
    {
        HashSet<LocalDate> everywhere = [.. PublicHolidays.Of(year, HolidayRegion.Metropole).Select(h => h.Date)];

        string own = string.Join(' ', PublicHolidays.Of(year, region).Where(h => !everywhere.Contains(h.Date)).Select(h => h.Date.ToString("uuuu-MM-dd", null)));

        Assert.Equal(added, own);
    }

    [Fact]
    public void Two_feasts_on_one_date_keep_both_names()
    {
        PublicHoliday[] ninth = [.. PublicHolidays.Of(2024, HolidayRegion.Metropole).Where(h => h.Date == Date("2024-05-09"))];
        PublicHoliday[] first = [.. PublicHolidays.Of(2035, HolidayRegion.Metropole).Where(h => h.Date.Month == 5 && h.Date.Day < 4)];

        Assert.Single(ninth);
        Assert.Equal(["Fête du Travail", "Ascension"], first.Select(h => h.Name.Fr));
    }

    [Fact]
    public void Years_without_an_answer_have_no_holidays()
    {
        Assert.Empty(PublicHolidays.Of(PublicHolidays.FirstYear - 1, HolidayRegion.Metropole));
        Assert.Empty(PublicHolidays.Of(PublicHolidays.LastYear + 1, HolidayRegion.Metropole));
        Assert.Throws<ArgumentOutOfRangeException>(() => PublicHolidays.Easter(1582));
    }
}
