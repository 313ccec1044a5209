using FabLab.Host.Cli;
using FabLab.Host.Ports;
using FabLab.Host.Settings;

namespace FabLab.Host.Hosting;

/// <summary>What is looked at before a service starts: settings, ports, the data folder. All faults at once.</summary>
internal static class Preparation
{
    /// <param name="configuration">The settings.</param>
    /// <param name="ports">The ports that are needed: key and number.</param>
    /// <param name="error">Where faults are told.</param>
    /// <returns>Whether one can go on.</returns>
    public static bool Passes(ProgramConfiguration configuration, IReadOnlyList<(string Key, int Port)> ports, TextWriter error)
    {
        var faults = new List<string>(configuration.Faults);
        if (configuration.Faults.Count == 0)
        {
            var options = configuration.Options;
            faults.AddRange(ports
                .Where(port => !PortHolder.IsFree(options.Listen, port.Port))
                .Select(port => $"{port.Key}: port {port.Port} is held by {PortHolder.Describe(port.Port) ?? "a process that only root can name"}. Stop it, or choose another port with {OptionOf(port.Key)}."));
            if (FolderFault(options.Data) is { } fault)
                faults.Add(fault);
        }
        return Tell(faults, error);
    }

    /// <returns>Whether there was nothing to tell.</returns>
    public static bool Tell(IReadOnlyList<string> faults, TextWriter error)
    {
        if (faults.Count == 0)
            return true;
        error.WriteLine(faults.Count == 1 ? "fablab cannot start:" : $"fablab cannot start, for {faults.Count} reasons:");
        foreach (var fault in faults)
            error.WriteLine($"  {fault}");
        return false;
    }

    public static string OptionOf(string key) => key switch
    {
        "FabLab:WebPort" => "--web-port",
        "FabLab:KioskPort" => "--kiosk-port",
        "FabLab:MqttPort" => "--mqtt-port",
        "FabLab:GatewayPort" => "--gateway-port",
        _ => $"--{key}",
    };

    private static string? FolderFault(string data)
    {
        try
        {
            if (!OperatingSystem.IsWindows() && !Directory.Exists(data))
                Directory.CreateDirectory(data, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var probe = Path.Combine(data, $".probe-{Environment.ProcessId}");
            File.WriteAllBytes(probe, [0]);
            File.Delete(probe);
            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return $"FabLab:Data: {data} cannot be written ({fault.Message}). Give it to this user, or choose another folder with --data.";
        }
    }
}
