using System.Text.RegularExpressions;
using FabLab.Host.Cli;
using FabLab.Host.Settings;
using FabLab.Testing;

namespace FabLab.Host.Tests.Cli;

/// <summary>Settings of the services: all faults at once, each with its key; the page that lists them lists all of them and no other.</summary>
public sealed partial class ServiceSettingsTests : IDisposable
{
    private readonly TemporaryFolder _data = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _data.Dispose();

    [Fact]
    public void Faults_of_the_program_and_of_every_service_are_told_at_once_each_with_its_key()
    {
        string[] wrong =
        [
            "FabLab:WebPort=70000", "Gateway:Language=de", "Gateway:TapFreshSeconds=soon", "Gateway:JournalKeepDays=99999999999", "Gateway:Langauge=fr",
            "Gateway:Broker:TlsPort=none", "Gateway:Broker:LanAddress=everywhere", "Booking:TimeZone=Paris", "Booking:Demo=perhaps",
            "Booking:SignInHours=0", "Booking:Gateways=main", "Kiosk:BookingAddress=booking", "Kiosk:Colour=red",
        ];

        var faults = Faults(wrong);

        Assert.Equal(wrong.Select(KeyOf).Order(StringComparer.Ordinal), faults.Select(f => f[..f.IndexOf(": ", StringComparison.Ordinal)]).Order(StringComparer.Ordinal));
        Assert.Contains(faults, f => f.StartsWith("Gateway:Langauge: there is no such setting. Did you mean Language?", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("up")]
    [InlineData("gateway")]
    [InlineData("booking")]
    [InlineData("kiosk")]
    [InlineData("demo")]
    public async Task No_service_starts_with_a_fault_and_what_is_printed_names_every_key(string verb)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();

        var exit = await new CommandLine(Verbs.All, output, error).RunAsync(
            [verb, "--data", _data.File("lab"), "--web-port", "0", "--Gateway:TapFreshSeconds", "soon", "--Booking:SignInHours", "0"], Cancel);

        Assert.Equal(ExitCodes.Usage, exit);
        foreach (var key in new[] { "FabLab:WebPort:", "Gateway:TapFreshSeconds:", "Booking:SignInHours:" })
            Assert.Contains(key, error.ToString(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_data.File("lab")));
    }

    [Fact]
    public void The_example_settings_file_has_no_fault()
    {
        File.Copy(Repository.File("samples", "settings", "appsettings.json"), _data.File("appsettings.json"));

        Assert.Empty(Faults());
    }

    [Fact]
    public void The_page_lists_every_setting_of_the_code_and_no_other()
    {
        var known = ServiceSettings.Sections.SelectMany(s => ServiceSettings.KeysOf(s.Options).Select(key => $"{s.Section}:{key}"))
            .Concat(ProgramConfiguration.KnownKeys.Select(key => $"{ProgramOptions.Section}:{key}"));

        Assert.Equal(known.Order(StringComparer.Ordinal), Documented().Select(row => row.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_defaults_in_the_page_are_those_of_the_code()
    {
        var compared = 0;
        foreach (var (section, type) in ServiceSettings.Sections)
        {
            var fresh = Activator.CreateInstance(type)!;
            foreach (var (key, said) in Documented().Where(row => row.Key[..row.Key.LastIndexOf(':')] == section))
            {
                var value = type.GetProperty(key[(section.Length + 1)..])!.GetValue(fresh);
                if (value is null or "" or System.Collections.IEnumerable and not string)
                    continue;
                // What the program tells its services lies over what they would say themselves: such a default is told in words.
                if (said.Contains('`', StringComparison.Ordinal) || value is not string)
                    Assert.Equal(Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)!.ToLowerInvariant(), said.Trim('`').ToLowerInvariant());
                compared++;
            }
        }
        Assert.True(compared >= 10, $"{compared} defaults: was the page read at all?");
    }

    private static List<(string Key, string Default)> Documented() =>
        [.. Row().Matches(File.ReadAllText(Repository.File("docs", "operations.md"))).Select(row => (row.Groups["key"].Value, row.Groups["default"].Value.Trim()))];

    private static string KeyOf(string setting) => setting[..setting.IndexOf('=', StringComparison.Ordinal)];

    private IReadOnlyList<string> Faults(params string[] settings) => ProgramConfiguration.Build(
        settings.Select(s => (Key: KeyOf(s), Value: (string?)s[(KeyOf(s).Length + 1)..])).Append(("FabLab:Data", _data.Path))
            .ToDictionary(pair => pair.Item1, pair => pair.Item2, StringComparer.OrdinalIgnoreCase),
        DataFolders.Lab).Faults;

    [GeneratedRegex(@"^\| `(?<key>[A-Z]\w+(:\w+)+)`[^|]*\| (?<default>[^|]*)\|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
