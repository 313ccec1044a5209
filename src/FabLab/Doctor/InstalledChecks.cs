using System.Diagnostics;
using System.Runtime.InteropServices;

namespace FabLab.Host.Doctor;

/// <summary>Looks at what must be installed.</summary>
internal static partial class InstalledChecks
{
    private const string MosquittoLibrary = "libmosquitto.so.1";

    /// <summary>Where Mosquitto may be.</summary>
    internal static readonly string[] BrokerPrograms = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/usr/bin/mosquitto"];

    public static async Task<IReadOnlyList<Finding>> RunAsync(bool ownBroker, CancellationToken cancellationToken) =>
    [
        Platform(),
        Finding.Good("dotnet", $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} processors"),
        ownBroker ? await BrokerProgramAsync(BrokerPrograms, cancellationToken) : Finding.Note("mosquitto", "not needed: the broker is somebody else's"),
        ClientLibrary(),
        SerialLines(),
    ];

    private static Finding Platform()
    {
        if (!OperatingSystem.IsLinux())
            return Finding.Fault("platform", $"{RuntimeInformation.OSDescription}: no Linux", "The gateway needs Linux: Mosquitto's client library and Linux serial lines. Pages alone (fablab booking, fablab kiosk) run elsewhere.");
        return RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64
            ? Finding.Good("platform", $"Linux {RuntimeInformation.ProcessArchitecture}")
            : Finding.Warning("platform", $"Linux {RuntimeInformation.ProcessArchitecture} has not been tried", "Use a 64-bit system on x64 or arm64.");
    }

    internal static async Task<Finding> BrokerProgramAsync(IReadOnlyList<string> places, CancellationToken cancellationToken)
    {
        var program = places.FirstOrDefault(File.Exists);
        if (program is null)
            return Finding.Fault("mosquitto", "the broker Mosquitto is not installed", "sudo apt-get install mosquitto, or set an external broker (docs/operations.md).");
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, "-h") { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var help = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return Finding.Good("mosquitto", $"{help.Split('\n')[0].Trim()} ({program})");
        }
        catch (System.ComponentModel.Win32Exception fault)
        {
            return Finding.Fault("mosquitto", $"{program} does not start ({fault.Message})", "sudo apt-get install --reinstall mosquitto");
        }
    }

    private static unsafe Finding ClientLibrary()
    {
        if (!NativeLibrary.TryLoad(MosquittoLibrary, out var library))
            return Finding.Fault("libmosquitto", $"{MosquittoLibrary} is not installed", "sudo apt-get install libmosquitto1");
        if (!NativeLibrary.TryGetExport(library, "mosquitto_lib_version", out var version))
            return Finding.Fault("libmosquitto", $"{MosquittoLibrary} is not Mosquitto's library", "sudo apt-get install --reinstall libmosquitto1");
        int major, minor, revision;
        ((delegate* unmanaged<int*, int*, int*, int>)version)(&major, &minor, &revision);
        return major >= 2
            ? Finding.Good("libmosquitto", $"libmosquitto {major}.{minor}.{revision}")
            : Finding.Fault("libmosquitto", $"libmosquitto {major}.{minor}.{revision} is older than 2.0", "Use a distribution with Mosquitto 2.0 or later (Debian 12, Ubuntu 22.04).");
    }

    private static Finding SerialLines()
    {
        const string folder = "/dev/serial/by-id";
        if (!Directory.Exists(folder))
            return Finding.Note("serial", "no serial device is plugged in");
        var lines = Directory.GetFiles(folder);
        var closed = lines.Where(line => access(line, ReadAndWrite) != 0).ToList();
        return closed.Count == 0
            ? Finding.Good("serial", $"{lines.Length} serial device(s): {string.Join(", ", lines.Select(Path.GetFileName))}")
            : Finding.Fault("serial", $"no right to open {string.Join(", ", closed)}", $"sudo usermod -aG dialout {Environment.UserName}, then sign in again.");
    }

    private const int ReadAndWrite = 6;

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int access(string path, int mode);
}
