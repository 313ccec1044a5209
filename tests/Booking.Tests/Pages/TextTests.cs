using System.Reflection;
using System.Text.RegularExpressions;
using FabLab.Booking.Web;
using FabLab.Kiosk;
using FabLab.Ui.Text;
using NodaTime;

namespace FabLab.Booking.Tests.Pages;

/// <summary>French first, English complete.</summary>
public sealed partial class TextTests
{
    private static readonly Dictionary<string, Phrase> All = new[] { typeof(CommonText).Assembly, typeof(WebText).Assembly, typeof(KioskText).Assembly }
        .SelectMany(assembly => assembly.GetTypes())
        .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)
            .Where(field => field.FieldType == typeof(Phrase))
            .Select(field => ($"{type.Name}.{field.Name}", (Phrase)field.GetValue(null)!)))
        .ToDictionary(StringComparer.Ordinal);

    [Fact]
    public void Every_French_text_has_its_English_twin_with_the_same_places_to_fill_in()
    {
        Assert.True(All.Count > 200);
        foreach ((string name, Phrase phrase) in All)
        {
            Assert.False(string.IsNullOrWhiteSpace(phrase.French), name);
            Assert.False(string.IsNullOrWhiteSpace(phrase.English), name);
            Assert.Equal(
                (name, string.Join(' ', Place().Matches(phrase.French).Select(m => m.Value).Distinct().Order(StringComparer.Ordinal))),
                (name, string.Join(' ', Place().Matches(phrase.English).Select(m => m.Value).Distinct().Order(StringComparer.Ordinal))));
        }
    }

    [Theory]
    [InlineData(0, "0 machine libre", "0 machines free")]
    [InlineData(1, "1 machine libre", "1 machine free")]
    [InlineData(2, "2 machines libres", "2 machines free")]
    [InlineData(1000, "1 000 machines libres", "1,000 machines free")]
    public void What_is_counted_agrees_with_its_number_and_none_is_singular_in_French(int number, string french, string english)
    {
        var phrase = new Phrase("{0:N0} {0:machine libre|machines libres}", "{0:N0} {0:machine|machines} free");

        Assert.Equal(french, phrase.In(Language.French, number).Replace('\u202f', ' '));
        Assert.Equal(english, phrase.In(Language.English, number));
    }

    [Fact]
    public void Texts_are_set_as_printed_ones_with_curly_apostrophes_and_no_shouting()
    {
        foreach ((string name, Phrase phrase) in All)
        {
            Assert.DoesNotContain('\'', phrase.French);
            Assert.DoesNotContain("...", phrase.French, StringComparison.Ordinal);
            Assert.False(phrase.French.Contains('!', StringComparison.Ordinal), name);
        }
    }

    [Fact]
    public void Every_text_is_used_somewhere()
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "FabLab.sln")))
            root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("No solution above the tests.");
        string sources = string.Join('\n', new[] { "src/Ui", "src/Booking", "src/Kiosk" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(root, folder), "*.*", SearchOption.AllDirectories))
            .Where(file => file.EndsWith(".razor", StringComparison.Ordinal) || (file.EndsWith(".cs", StringComparison.Ordinal)))
            .Select(File.ReadAllText));

        Assert.DoesNotContain(All.Keys, name => !sources.Contains(name, StringComparison.Ordinal));
    }

    [Fact]
    public void Times_and_durations_read_as_people_say_them()
    {
        Instant now = Instant.FromUtc(2026, 3, 10, 14, 12);
        var french = new PageText(Language.French, DateTimeZoneProviders.Tzdb["Europe/Paris"], now);
        var english = new PageText(Language.English, DateTimeZoneProviders.Tzdb["Europe/Paris"], now);

        Assert.Equal("15\u00a0h\u00a012", french.Time(now));
        Assert.Equal("15:12", english.Time(now));
        Assert.Equal("hier à 15\u00a0h\u00a012", french.When(now - Duration.FromDays(1)));
        Assert.Equal("tomorrow at 15:12", english.When(now + Duration.FromDays(1)));
        Assert.Equal("vendredi 13 mars", french.Date(new LocalDate(2026, 3, 13)));
        Assert.Equal("13 mars 2025", french.Date(new LocalDate(2025, 3, 13)));
        Assert.Equal("40\u00a0s", french.Duration(Duration.FromSeconds(40)));
        Assert.Equal("2\u00a0h", french.Duration(Duration.FromHours(2)));
        Assert.Equal("1\u00a0h\u00a005\u00a0min", french.Duration(Duration.FromMinutes(65)));
        Assert.Equal("26\u00a0h\u00a000\u00a0min\u00a007\u00a0s", french.Exact(Duration.FromSeconds((26 * 3600) + 7)));
        Assert.Equal("0\u00a0s", french.Exact(Duration.FromSeconds(-5)));
        // Summer time begins in the night of 29 March: the hour that is missing is not counted as a day.
        Assert.Equal("vendredi 27 mars à 3\u00a0h\u00a000", french.When(Instant.FromUtc(2026, 3, 27, 2, 0)));
        Assert.Equal("dimanche 29 mars à 4\u00a0h\u00a000", french.When(Instant.FromUtc(2026, 3, 29, 2, 0)));
    }

    [GeneratedRegex(@"(?<=\{)\d+(?=[:}])")]
    private static partial Regex Place();
}
