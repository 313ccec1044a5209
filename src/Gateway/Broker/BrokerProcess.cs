using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace FabLab.Gateway.Broker;

/// <summary>
/// One run of Mosquitto. It must not outlive the gateway, also not one that is killed with -9, or it would hold the port with
/// yesterday's rights. Two things see to that: setpriv asks the kernel to kill it when its parent dies, and a file with its
/// process number lets the next start end what was left behind where setpriv is missing. Ctrl-C at a terminal goes to everybody
/// in the foreground: setsid takes the broker out of there, so that the gateway can still say goodbye to its devices.
/// </summary>
internal sealed partial class BrokerProcess : IDisposable
{
    private static readonly string[] Places = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/usr/bin/mosquitto", "/usr/local/bin/mosquitto"];

    private const string SetPriv = "/usr/bin/setpriv", SetSid = "/usr/bin/setsid";
    private const int SigHup = 1;
    private const int SigKill = 9;
    private const int SigTerm = 15;
    private readonly Process _process;
    private readonly BrokerFiles _files;

    private BrokerProcess(Process process, BrokerFiles files)
    {
        _process = process;
        _files = files;
    }

    public int Id => _process.Id;

    /// <summary>The program, or null when it is not installed.</summary>
    public static string? Program(BrokerOptions options) =>
        options.Program is { } named ? (File.Exists(named) ? named : null) : Places.FirstOrDefault(File.Exists);

    /// <summary>What is started: with the death signal of the parent and in a session of its own, each where it can be had.</summary>
    public static (string Program, string[] Arguments) Command(string program, BrokerFiles files)
    {
        string[] line =
        [
            .. File.Exists(SetPriv) ? [SetPriv, "--pdeathsig", "KILL"] : Array.Empty<string>(),
            // Both become the broker by exec and fork nothing, so number and death signal stay those of the child.
            .. File.Exists(SetSid) ? [SetSid] : Array.Empty<string>(),
            program, "-c", files.Configuration,
        ];
        return (line[0], line[1..]);
    }

    /// <summary>
    /// Starts it. The kernel's promise hangs on the thread that starts the child, not on the process: call it from a thread
    /// that stays until <see cref="WaitForEnd"/> has returned.
    /// </summary>
    public static BrokerProcess Start(string program, BrokerFiles files, Action<string> log)
    {
        var (command, arguments) = Command(program, files);
        var process = new Process { StartInfo = new ProcessStartInfo(command) { RedirectStandardError = true, UseShellExecute = false } };
        foreach (var argument in arguments)
            process.StartInfo.ArgumentList.Add(argument);
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is { Length: > 0 } text)
                log(text);
        };
        process.Start();
        process.BeginErrorReadLine();
        File.WriteAllText(files.ProcessFile, string.Create(CultureInfo.InvariantCulture, $"{process.Id} {StartTicks(process.Id)}\n"));
        return new BrokerProcess(process, files);
    }

    /// <summary>Blocks until it has ended and its last words were read.</summary>
    public int WaitForEnd()
    {
        _process.WaitForExit();
        File.Delete(_files.ProcessFile);
        return _process.ExitCode;
    }

    /// <summary>Has it read passwords and rights again.</summary>
    public void Reload() => Signal(_process.Id, SigHup);

    public void Terminate() => Signal(_process.Id, SigTerm);

    public void Kill() => Signal(_process.Id, SigKill);

    public void Dispose() => _process.Dispose();

    /// <summary>Ends a broker of ours that an earlier gateway left behind. Only one with our own process number, start time and settings file.</summary>
    /// <returns>Its process, or null when there was none.</returns>
    public static int? EndLeftover(BrokerFiles files)
    {
        if (!File.Exists(files.ProcessFile))
            return null;
        var words = File.ReadAllText(files.ProcessFile).Split(' ', '\n');
        if (words.Length < 2
            || !int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var process)
            || !long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var started)
            || started == 0 || StartTicks(process) != started
            || !CommandLine(process).Contains(files.Configuration, StringComparison.Ordinal))
        {
            File.Delete(files.ProcessFile);
            return null;
        }
        Signal(process, SigKill);
        File.Delete(files.ProcessFile);
        return process;
    }

    /// <summary>Clock ticks between the machine's start and the process's: with the number it names one process for good. 0 when it is gone.</summary>
    internal static long StartTicks(int process)
    {
        try
        {
            var text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
            // The name in brackets may hold blanks: the columns count from the last bracket. Start time is column 22, state is 3.
            var columns = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return long.Parse(columns[19], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static string CommandLine(int process)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/cmdline")).Replace('\0', ' ');
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static void Signal(int process, int signal) => _ = kill(process, signal);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int process, int signal);
}
