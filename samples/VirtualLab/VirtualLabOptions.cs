using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using FabLab.Gateway.Drivers;

namespace FabLab.VirtualLab;

/// <summary>The command line of the virtual lab.</summary>
/// <param name="Lab">The lab's description.</param>
/// <param name="Devices">The gateway's own file of devices, with their secrets.</param>
/// <param name="Data">The data folder.</param>
/// <param name="MqttPort">Port of the broker.</param>
/// <param name="QuietDay">Nobody taps unless told to.</param>
/// <param name="Cables">Each device has a cable that can be cut.</param>
/// <param name="FollowInput">End when standard input ends.</param>
/// <param name="Verbose">Log what happens.</param>
/// <param name="Seed">Which day.</param>
internal sealed record VirtualLabOptions(
    string Lab, string Devices, string Data, int MqttPort, bool QuietDay, bool Cables, bool FollowInput, bool Verbose, int Seed)
{
    private static readonly string[] Switches = ["--quiet-day", "--no-cables", "--follow-input", "--verbose"];

    private static readonly string[] Values = ["--lab", "--devices", "--data", "--mqtt-port", "--seed"];

    public static bool TryParse(string[] arguments, [NotNullWhen(true)] out VirtualLabOptions? options, [NotNullWhen(false)] out string? fault)
    {
        options = null;
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < arguments.Length; i++)
        {
            if (Switches.Contains(arguments[i]))
            {
                given[arguments[i]] = "";
            }
            else if (Values.Contains(arguments[i]) && i + 1 < arguments.Length)
            {
                given[arguments[i]] = arguments[++i];
            }
            else
            {
                fault = $"'{arguments[i]}' is no option, or lacks its value. Options: {string.Join(' ', Values)} {string.Join(' ', Switches)}";
                return false;
            }
        }
        fault = Values[..4].Where(name => !given.ContainsKey(name)).Select(name => $"{name} is missing.").FirstOrDefault();
        if (fault is not null)
            return false;
        if (!int.TryParse(given["--mqtt-port"], NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
        {
            fault = $"--mqtt-port: '{given["--mqtt-port"]}' is no port.";
            return false;
        }
        if (!int.TryParse(given.GetValueOrDefault("--seed", "1"), NumberStyles.None, CultureInfo.InvariantCulture, out var seed))
        {
            fault = $"--seed: '{given["--seed"]}' is no number.";
            return false;
        }
        options = new VirtualLabOptions(
            given["--lab"], given["--devices"], Path.GetFullPath(given["--data"]), port,
            given.ContainsKey("--quiet-day"), !given.ContainsKey("--no-cables"), given.ContainsKey("--follow-input"), given.ContainsKey("--verbose"), seed);
        return true;
    }
}
