using System.Net;
using FabLab.Host.Settings;

namespace FabLab.Host.Tests.Cli;

public sealed class ProgramConfigurationTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("fablab-settings-");

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public void Without_any_setting_the_ports_are_8080_8081_and_1883_on_this_computer_only()
    {
        var options = Build().Options;

        Assert.Equal((8080, 8081, 1883), (options.WebPort, options.KioskPort, options.MqttPort));
        Assert.Equal(IPAddress.Loopback, options.Listen);
    }

    [Fact]
    public void Every_fault_is_told_at_once_and_each_names_its_key()
    {
        var faults = Build(("FabLab:WebPort", "web"), ("FabLab:KioskPort", "70000"), ("FabLab:MqttPort", "-1"), ("FabLab:Listen", "here"), ("FabLab:Prot", "1")).Faults;

        Assert.Equal(5, faults.Count);
        Assert.Contains(faults, fault => fault.StartsWith("FabLab:WebPort:", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.StartsWith("FabLab:KioskPort:", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.StartsWith("FabLab:MqttPort:", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.StartsWith("FabLab:Listen:", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.StartsWith("FabLab:Prot:", StringComparison.Ordinal));
    }

    [Fact]
    public void Two_services_on_one_port_are_a_fault()
    {
        var faults = Build(("FabLab:WebPort", "9000"), ("FabLab:KioskPort", "9000")).Faults;

        Assert.StartsWith("FabLab:KioskPort:", Assert.Single(faults), StringComparison.Ordinal);
    }

    [Fact]
    public void The_command_line_wins_over_the_file_in_the_data_folder()
    {
        WriteSettings("""{ "FabLab": { "WebPort": 9001, "MqttPort": 9002 } }""");

        var options = Build(("FabLab:WebPort", "9003")).Options;

        Assert.Equal((9003, 9002), (options.WebPort, options.MqttPort));
    }

    [Theory]
    [InlineData("{ not json")]
    [InlineData("""{ "FabLab": """)]
    public void A_broken_settings_file_is_named_and_nothing_is_thrown(string content)
    {
        WriteSettings(content);

        Assert.StartsWith(Path.Combine(_data.FullName, "appsettings.json"), Assert.Single(Build().Faults), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("any", "0.0.0.0", "127.0.0.1")]
    [InlineData("::", "::", "::1")]
    [InlineData("192.168.1.4", "192.168.1.4", "192.168.1.4")]
    [InlineData("local", "127.0.0.1", "127.0.0.1")]
    public void Where_it_listens_and_where_it_is_reached_follow_from_one_setting(string said, string listens, string reached)
    {
        var options = Build(("FabLab:Listen", said)).Options;

        Assert.Equal(IPAddress.Parse(listens), options.Listen);
        Assert.Equal(IPAddress.Parse(reached), options.Reachable);
    }

    private void WriteSettings(string content) => File.WriteAllText(Path.Combine(_data.FullName, "appsettings.json"), content);

    private ProgramConfiguration Build(params (string Key, string Value)[] settings) =>
        ProgramConfiguration.Build(
            settings.Append(("FabLab:Data", _data.FullName)).ToDictionary(pair => pair.Item1, pair => (string?)pair.Item2, StringComparer.OrdinalIgnoreCase),
            DataFolders.Lab);
}
