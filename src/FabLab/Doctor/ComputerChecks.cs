using System.Runtime.InteropServices;
using FabLab.Host.Ports;
using FabLab.Host.Running;
using FabLab.Host.Settings;

namespace FabLab.Host.Doctor;

/// <summary>Looks at the computer: ports, the data folder, the disk, the clock.</summary>
internal static partial class ComputerChecks
{
    private const long LittleSpace = 1L << 30;

    private const long NoSpace = 100L << 20;

    /// <param name="options">Where to look.</param>
    /// <param name="running">What runs on the data folder.</param>
    /// <param name="broker">Whether the broker is our own; somebody else's holds its port by right.</param>
    public static IReadOnlyList<Finding> Run(ProgramOptions options, IReadOnlyList<RunningProgram> running, bool broker) =>
    [
        Port("web-port", options, options.WebPort, "--web-port", running.Any(program => program.WebPort is not null)),
        Port("kiosk-port", options, options.KioskPort, "--kiosk-port", running.Any(program => program.KioskPort is not null)),
        .. broker ? [Port("mqtt-port", options, options.MqttPort, "--mqtt-port", running.Any(program => program.MqttPort is not null))] : Array.Empty<Finding>(),
        Folder(options.Data),
        Secrets(options.Data),
        Space(options.Data),
        Clock(),
    ];

    private static Finding Port(string check, ProgramOptions options, int port, string option, bool running)
    {
        if (PortHolder.IsFree(options.Listen, port))
        {
            return running
                ? Finding.Warning(check, $"port {port} on {options.Listen}: nobody listens, though FabLab runs on this data folder", "Was it started with other ports? Give doctor the same options.")
                : Finding.Good(check, $"port {port} on {options.Listen} is free");
        }
        var holder = PortHolder.Describe(port);
        if (running)
            return Finding.Good(check, $"port {port} on {options.Listen}: {holder ?? "somebody"} listens");
        return Finding.Fault(check, $"port {port} on {options.Listen} is held by {holder ?? "another user's process (as root, doctor can name it)"}",
            $"Stop it, or choose another port with {option}.");
    }

    private static Finding Folder(string data)
    {
        var folder = data;
        while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { } parent)
            folder = parent;
        var probe = Path.Combine(folder, $".doctor-{Environment.ProcessId}");
        try
        {
            File.WriteAllBytes(probe, [0]);
            File.Delete(probe);
            return Finding.Good("data-folder", folder == data ? $"{data} can be written" : $"{data} does not exist yet and can be made");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return Finding.Fault("data-folder", $"{folder} cannot be written: {fault.Message}", $"sudo chown -R {Environment.UserName} '{folder}', or choose another folder with --data.");
        }
    }

    private static Finding Secrets(string data)
    {
        if (!OperatingSystem.IsLinux() || !Directory.Exists(data))
            return Finding.Note("secrets", "no secrets yet");
        var open = Directory.EnumerateFiles(data, "*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, MaxRecursionDepth = 3 })
            .Where(file => Path.GetExtension(file) == ".key" || Path.GetFileName(file) == "devices.json")
            .Where(IsOpenToOthers)
            .ToList();
        return open.Count == 0
            ? Finding.Good("secrets", "keys are readable by their owner only")
            : Finding.Fault("secrets", $"others can read {string.Join(", ", open)}", $"chmod 600 {string.Join(' ', open.Select(file => $"'{file}'"))}");
    }

    private static bool IsOpenToOthers(string file)
    {
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        return !OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & others) != 0;
    }

    private static Finding Space(string data)
    {
        var folder = data;
        while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { } parent)
            folder = parent;
        var drive = new DriveInfo(folder);
        var free = $"{drive.AvailableFreeSpace / (1 << 20):N0} MiB free for {folder}";
        const string remedy = "Free some space; with none left every tap is refused, because nothing can be recorded.";
        return drive.AvailableFreeSpace switch
        {
            < NoSpace => Finding.Fault("disk", free, remedy),
            < LittleSpace => Finding.Warning("disk", free, remedy),
            _ => Finding.Good("disk", free),
        };
    }

    private static unsafe Finding Clock()
    {
        if (!OperatingSystem.IsLinux())
            return Finding.Note("clock", "not looked at on this system");
        // struct timex is about 208 bytes; with its first field (modes) 0 the call only reads.
        var state = stackalloc byte[512];
        new Span<byte>(state, 512).Clear();
        const int unsynchronised = 5;
        return adjtimex(state) switch
        {
            unsynchronised => Finding.Warning("clock", "the kernel says that the clock is not synchronised", "sudo timedatectl set-ntp true, or in a container: on its host. Durations stay right, the hour on the ledger may not."),
            -1 => Finding.Note("clock", "whether the clock is synchronised cannot be read here"),
            _ => Finding.Good("clock", "the clock is synchronised"),
        };
    }

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial int adjtimex(byte* state);
}
