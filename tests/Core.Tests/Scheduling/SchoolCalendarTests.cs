using FabLab.Core.Scheduling;
using NodaTime;
using static FabLab.Core.Tests.Scheduling.Local;

namespace FabLab.Core.Tests.Scheduling;

public sealed class SchoolCalendarTests
{
    [Theory]
    [InlineData(SchoolZone.A, "2026-02-06", SchoolDay.School)]
    [InlineData(SchoolZone.A, "2026-02-07", SchoolDay.Holiday)]
    [InlineData(SchoolZone.A, "2026-02-22", SchoolDay.Holiday)]
    [InlineData(SchoolZone.A, "2026-02-23", SchoolDay.School)]
    [InlineData(SchoolZone.B, "2027-02-20", SchoolDay.Holiday)]
    [InlineData(SchoolZone.C, "2027-02-20", SchoolDay.Holiday)]
    [InlineData(SchoolZone.C, "2027-02-22", SchoolDay.School)]
    [InlineData(SchoolZone.C, "2026-08-31", SchoolDay.Holiday)]
    [InlineData(SchoolZone.C, "2027-08-31", SchoolDay.Unknown)]
    [InlineData(SchoolZone.Corse, "2026-02-20", SchoolDay.Holiday)]
    [InlineData(SchoolZone.Reunion, "2027-01-20", SchoolDay.Holiday)]
    [InlineData(SchoolZone.Reunion, "2027-07-20", SchoolDay.Unknown)]
    [InlineData(SchoolZone.NouvelleCaledonie, "2026-08-10", SchoolDay.Holiday)]
    [InlineData(SchoolZone.Guyane, "2026-12-25", SchoolDay.Unknown)]
    public void The_calendar_that_comes_with_the_product(SchoolZone zone, string date, SchoolDay expected) =>
        Assert.Equal(expected, SchoolCalendar.Shipped.On(zone, Date(date)));

    [Fact]
    public void Every_shipped_year_names_its_source_and_how_it_was_checked() =>
        Assert.All(SchoolCalendar.Shipped.Years, y =>
        {
            Assert.NotEmpty(y.Source);
            Assert.NotEmpty(y.Note);
            Assert.NotEmpty(y.Year);
        });

    [Fact]
    public void A_page_can_say_by_when_the_file_must_be_renewed()
    {
        Assert.Equal(Date("2027-07-03"), SchoolCalendar.Shipped.KnownUntil(SchoolZone.A, Date("2026-11-22")));
        Assert.Equal(Date("2026-11-22"), SchoolCalendar.Shipped.KnownUntil(SchoolZone.Mayotte, Date("2026-11-22")));
    }

    [Fact]
    public void A_file_of_the_lab_counts_before_the_shipped_one()
    {
        SchoolCalendar own = Read("""{"zone":"A","year":"x","knownFrom":"2026-09-01","knownUntil":"2027-09-01","holidays":[{"fr":"Été","from":"2027-07-03","until":"2027-09-01"}]}""").Calendar!;

        SchoolCalendar both = SchoolCalendar.Shipped.With(own);

        Assert.Equal(SchoolDay.Holiday, both.On(SchoolZone.A, Date("2027-08-01")));
        Assert.Equal(SchoolDay.School, both.On(SchoolZone.A, Date("2026-10-20")));
        Assert.Equal(SchoolDay.Holiday, both.On(SchoolZone.A, Date("2026-02-10")));
        Assert.Equal(SchoolDay.Holiday, both.On(SchoolZone.B, Date("2026-10-20")));
    }

    [Theory]
    [InlineData("", "line 1: this is not JSON.")]
    [InlineData("[]", "format: must be \"fablab-school-holidays/1\".")]
    [InlineData("{\"format\":\"fablab-school-holidays/1\"}", "calendars: must be a list.")]
    public void A_file_that_is_something_else_is_told_apart(string json, string fault)
    {
        SchoolCalendarReading reading = SchoolCalendar.Read(json);

        Assert.Null(reading.Calendar);
        Assert.Equal([fault], reading.Faults);
    }

    [Theory]
    [InlineData("7", "calendars[0]: must be an object.")]
    [InlineData("""{"zone":"D","knownFrom":"2026-09-01","knownUntil":"2027-09-01","holidays":[]}""", "calendars[0].zone: must be one of A, B, C, Corse, Guadeloupe, Martinique, Guyane, Reunion, Mayotte, SaintPierreEtMiquelon, NouvelleCaledonie, PolynesieFrancaise, WallisEtFutuna.")]
    [InlineData("""{"zone":"A","knownFrom":"01/09/2026","knownUntil":"2027-09-01","holidays":[]}""", "calendars[0].knownFrom: must be a date such as 2026-10-17.")]
    [InlineData("""{"zone":"A","knownFrom":"2026-09-01","knownUntil":"2026-09-01","holidays":[]}""", "calendars[0].knownUntil: must be after knownFrom.")]
    [InlineData("""{"zone":"A","knownFrom":"2026-09-01","knownUntil":"2027-09-01"}""", "calendars[0].holidays: must be a list.")]
    [InlineData("""{"zone":"A","knownFrom":"2026-09-01","knownUntil":"2027-09-01","holidays":[1]}""", "calendars[0].holidays[0]: must be an object.")]
    [InlineData("""{"zone":"A","knownFrom":"2026-09-01","knownUntil":"2027-09-01","holidays":[{"from":"2026-10-17","until":"2026-11-02"}]}""", "calendars[0].holidays[0].fr: a name is missing.")]
    [InlineData("""{"zone":"A","knownFrom":"2026-09-01","knownUntil":"2027-09-01","holidays":[{"fr":"x","from":"2026-11-02","until":"2026-10-17"}]}""", "calendars[0].holidays[0].until: must be after from.")]
    [InlineData("""{"zone":"A","knownFrom":"2026-09-01","knownUntil":"2027-09-01","holidays":[{"fr":"x","from":"2026-08-17","until":"2026-10-17"}]}""", "calendars[0].holidays[0].from: begins before the holidays above end, or before knownFrom.")]
    [InlineData("""{"zone":"A","knownFrom":"2026-09-01","knownUntil":"2027-09-01","holidays":[{"fr":"x","from":"2027-08-17","until":"2027-10-17"}]}""", "calendars[0].holidays[0].until: lies after knownUntil.")]
    public void Every_fault_in_a_year_names_its_place(string calendar, string fault)
    {
        SchoolCalendarReading reading = Read(calendar);

        Assert.Null(reading.Calendar);
        Assert.Equal([fault], reading.Faults);
    }

    [Fact]
    public void Two_years_of_a_zone_may_not_speak_about_the_same_dates()
    {
        const string year = """{"zone":"A","year":"x","knownFrom":"2026-09-01","knownUntil":"2027-09-01","holidays":[]}""";

        Assert.Equal(["zone A: x and x speak about the same dates."], Read($"{year},{year}").Faults);
    }

    private static SchoolCalendarReading Read(string calendars) =>
        SchoolCalendar.Read($$"""{"format":"fablab-school-holidays/1","calendars":[{{calendars}}]}""");
}
