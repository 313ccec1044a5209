using System.Globalization;
using System.Text;

namespace FabLab.Gateway.Links.Termios;

/// <summary>
/// The lock file of a port. The lock is on the open file, so it goes with the process, also with one that was killed;
/// the process number in it only serves to name the holder.
/// </summary>
internal sealed class PortLock : IDisposable
{
    private readonly FileStream _file;

    private PortLock(FileStream file) => _file = file;

    /// <summary>Takes the lock, or says who has it. A folder that cannot be written to means no lock, not no port.</summary>
    /// <param name="path">The port; a link is followed, so that two names of one port meet in one lock.</param>
    /// <param name="folder">Where the lock files are.</param>
    /// <param name="held">The lock; null when there is none to be had.</param>
    /// <param name="holder">Who has it instead.</param>
    /// <returns>False when another holds it.</returns>
    public static bool TryTake(string path, string folder, out PortLock? held, out string? holder)
    {
        held = null;
        holder = null;
        var real = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
        // /dev/ttyUSB0 is LCK..ttyUSB0, as everywhere; /dev/pts/3 is LCK..pts_3.
        var name = "LCK.." + (real.StartsWith("/dev/", StringComparison.Ordinal) ? real[5..] : real.TrimStart('/')).Replace('/', '_');
        if (!Directory.Exists(folder))
            folder = Path.GetTempPath();
        var file = Path.Combine(folder, name);
        try
        {
            var stream = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            stream.SetLength(0);
            stream.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId,10}\n")));
            stream.Flush();
            held = new PortLock(stream);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
        catch (IOException)
        {
            holder = Holder(file);
            return false;
        }
    }

    public void Dispose() => _file.Dispose();

    private static string Holder(string file)
    {
        try
        {
            // FileShare.ReadWrite asks for no lock of its own.
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, Encoding.ASCII);
            return "process " + reader.ReadToEnd().Trim();
        }
        catch (IOException)
        {
            return "another process";
        }
        catch (UnauthorizedAccessException)
        {
            return "another user's process";
        }
    }
}
