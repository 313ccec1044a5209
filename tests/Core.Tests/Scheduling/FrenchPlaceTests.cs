using FabLab.Core.Scheduling;

namespace FabLab.Core.Tests.Scheduling;

public sealed class FrenchPlaceTests
{
    [Fact]
    public void Every_department_of_metropolitan_france_is_there_once()
    {
        string[] expected = [.. Enumerable.Range(1, 95).Where(n => n != 20).Select(n => n.ToString("00", null)), "2A", "2B"];

        Assert.Equal(expected.Order(StringComparer.Ordinal), FrenchPlace.Codes.Where(c => c.Length == 2));
    }

    [Fact]
    public void Every_zone_exists() =>
        Assert.All(FrenchPlace.Codes, code => Assert.NotNull(LocalClock.Find(FrenchPlace.OfDepartment(code)!.Zone)));

    [Theory]
    [InlineData("38", "Europe/Paris", HolidayRegion.Metropole, SchoolZone.A)]
    [InlineData("1", "Europe/Paris", HolidayRegion.Metropole, SchoolZone.A)]
    [InlineData("57", "Europe/Paris", HolidayRegion.AlsaceMoselle, SchoolZone.B)]
    [InlineData("31", "Europe/Paris", HolidayRegion.Metropole, SchoolZone.C)]
    [InlineData(" 2a ", "Europe/Paris", HolidayRegion.Metropole, SchoolZone.Corse)]
    [InlineData("978", "America/Marigot", HolidayRegion.SaintMartin, SchoolZone.Guadeloupe)]
    [InlineData("988", "Pacific/Noumea", HolidayRegion.NouvelleCaledonie, SchoolZone.NouvelleCaledonie)]
    public void A_department_says_which_calendar_counts(string code, string zone, HolidayRegion region, SchoolZone school) =>
        Assert.Equal(new FrenchPlace(zone, region, school), FrenchPlace.OfDepartment(code));

    [Theory]
    [InlineData("20")]
    [InlineData("96")]
    [InlineData("")]
    [InlineData(null)]
    public void There_is_no_place_of_another_code(string? code) => Assert.Null(FrenchPlace.OfDepartment(code));
}
