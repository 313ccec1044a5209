using System.Globalization;
using System.Net;
using FabLab.Host.Cli;

namespace FabLab.Host.Settings;

/// <summary>
/// Puts the configuration together: appsettings.json beside the program, appsettings.json in the data folder, the
/// environment, the command line; what comes later wins. Finds every fault at once, each with its key.
/// </summary>
internal sealed class ProgramConfiguration
{
    /// <summary>The folder in which the default data folder is made: the launcher says where the repository is.</summary>
    private const string HomeVariable = "FABLAB_HOME";

    private const int DefaultWebPort = 8080, DefaultKioskPort = 8081, DefaultMqttPort = 1883, DefaultGatewayPort = 8082;

    /// <summary>The keys of the section <see cref="ProgramOptions.Section"/>.</summary>
    internal static readonly string[] KnownKeys = ["WebPort", "KioskPort", "MqttPort", "GatewayPort", "Data", "Listen"];

    private ProgramConfiguration(IConfigurationRoot root, ProgramOptions? options, IReadOnlyList<string> faults)
    {
        Root = root;
        Faults = faults;
        _options = options;
    }

    private readonly ProgramOptions? _options;

    public IConfigurationRoot Root { get; }

    /// <summary>What is wrong, a line each, beginning with the key; empty when nothing is.</summary>
    public IReadOnlyList<string> Faults { get; }

    /// <summary>Only without <see cref="Faults"/>.</summary>
    public ProgramOptions Options => _options ?? throw new InvalidOperationException("The settings have faults: " + string.Join(" ", Faults));

    /// <param name="commandLine">Keys set on the command line.</param>
    /// <param name="dataName">Name of the default data folder: a demonstration never mixes with a real lab.</param>
    public static ProgramConfiguration Build(IReadOnlyDictionary<string, string?> commandLine, string dataName)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "appsettings.json");
        var faults = new List<string>();
        var first = Sources(program, null, commandLine, faults);
        var data = first[$"{ProgramOptions.Section}:Data"] is { Length: > 0 } set ? Path.GetFullPath(set) : DefaultData(dataName);
        var root = Sources(program, Path.Combine(data, "appsettings.json"), commandLine, faults);

        var section = root.GetSection(ProgramOptions.Section);
        foreach (var child in section.GetChildren().Where(child => !KnownKeys.Contains(child.Key, StringComparer.OrdinalIgnoreCase)))
            faults.Add($"{ProgramOptions.Section}:{child.Key}: there is no such setting.{CommandLine.Closest(child.Key, KnownKeys)}");
        var web = Port(section, "WebPort", DefaultWebPort, faults);
        var kiosk = Port(section, "KioskPort", DefaultKioskPort, faults);
        var mqtt = Port(section, "MqttPort", DefaultMqttPort, faults);
        var gateway = Port(section, "GatewayPort", DefaultGatewayPort, faults);
        if (web == kiosk)
            faults.Add($"{ProgramOptions.Section}:KioskPort: {kiosk} is the web port already.");
        if (mqtt == web || mqtt == kiosk)
            faults.Add($"{ProgramOptions.Section}:MqttPort: {mqtt} is the port of the pages already.");
        var listen = Listen(section["Listen"], faults);
        // A port that is none stands as its default here, so that the services' own settings are looked at all the same.
        var options = new ProgramOptions
        {
            WebPort = Usable(web, DefaultWebPort), KioskPort = Usable(kiosk, DefaultKioskPort), MqttPort = Usable(mqtt, DefaultMqttPort),
            GatewayPort = Usable(gateway, DefaultGatewayPort), Data = data, Listen = listen,
        };
        faults.AddRange(ServiceSettings.Faults(root, options));
        return new ProgramConfiguration(root, faults.Count > 0 ? null : options, faults);
    }

    /// <summary>The data folder of somebody who has named none.</summary>
    public static string DefaultData(string name)
    {
        // systemd's StateDirectory= says where a service keeps its state.
        if (Environment.GetEnvironmentVariable("STATE_DIRECTORY") is { Length: > 0 } state)
            return state.Split(':')[0];
        var home = Environment.GetEnvironmentVariable(HomeVariable) is { Length: > 0 } set ? set : Environment.CurrentDirectory;
        return Path.Combine(home, ".data", name);
    }

    private static IConfigurationRoot Sources(string program, string? data, IReadOnlyDictionary<string, string?> commandLine, List<string> faults)
    {
        var builder = new ConfigurationBuilder();
        AddFile(builder, program, faults);
        if (data is not null)
            AddFile(builder, data, faults);
        return builder.AddEnvironmentVariables().AddInMemoryCollection(commandLine).Build();
    }

    private static void AddFile(ConfigurationBuilder builder, string file, List<string> faults)
    {
        if (!File.Exists(file))
            return;
        try
        {
            // Read once and kept: a setting that changes under a running program would be neither old nor new.
            var values = new ConfigurationBuilder().AddJsonFile(file, optional: false, reloadOnChange: false).Build();
            builder.AddInMemoryCollection(values.AsEnumerable());
        }
        catch (Exception fault) when (fault is InvalidDataException or FormatException or IOException or UnauthorizedAccessException)
        {
            var told = $"{file}: {(fault.InnerException ?? fault).Message}";
            if (!faults.Contains(told))
                faults.Add(told);
        }
    }

    private static int Port(IConfigurationSection section, string key, int whenAbsent, List<string> faults)
    {
        if (section[key] is not { Length: > 0 } text)
            return whenAbsent;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65535)
            return port;
        faults.Add($"{ProgramOptions.Section}:{key}: '{text}' is no port, which is a number from 1 to 65535.");
        // Each fault is told once: a port that is none cannot be the same as another one.
        return -1 - faults.Count;
    }

    private static int Usable(int port, int whenNone) => port > 0 ? port : whenNone;

    private static IPAddress Listen(string? text, List<string> faults)
    {
        switch (text)
        {
            case null or "" or "local":
                return IPAddress.Loopback;
            case "any":
                return IPAddress.Any;
            default:
                if (IPAddress.TryParse(text, out var address))
                    return address;
                faults.Add($"{ProgramOptions.Section}:Listen: '{text}' is no address. Say local (this computer), any (the network), or an IP address.");
                return IPAddress.Loopback;
        }
    }
}
