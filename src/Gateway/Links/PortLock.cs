using System.Globalization;
using System.Text;

namespace FabLab.Gateway.Links;

/// <summary>
/// Two files guard a port. <c>LCK..ttyUSB0</c> holds a process number, as terminal programs have done it for ever: one that
/// is alive is respected, a stale one is replaced. Between two of ours a lock on the open file beside it decides, because it
/// goes with the process, also with one that was killed; that file says who of ours signed last, whose number another program may
/// have by now.
/// </summary>
internal sealed class PortLock : IDisposable
{
    private readonly FileStream _guard;
    private readonly string _sign;

    private PortLock(FileStream guard, string sign)
    {
        _guard = guard;
        _sign = sign;
    }

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
        var name = "LCK.." + (real.StartsWith("/dev/", StringComparison.Ordinal) ? real[5..] : real.TrimStart('/')).Replace('/', '_');
        if (!Directory.Exists(folder))
            folder = Path.GetTempPath();
        var sign = Path.Combine(folder, name);
        FileStream? guard = null;
        try
        {
            guard = new FileStream(sign + ".fablab", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            // Whoever of ours signed last is gone: we have the guard.
            if (Holder(sign) is { } other && other != Environment.ProcessId && other != LastOfOurs(guard))
            {
                holder = $"process {other}";
                guard.Dispose();
                return false;
            }
            guard.SetLength(0);
            guard.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            guard.Flush();
            File.WriteAllText(sign, string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId,10}\n"), Encoding.ASCII);
            held = new PortLock(guard, sign);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            guard?.Dispose();
            return true;
        }
        catch (IOException)
        {
            guard?.Dispose();
            holder = Holder(sign) is { } other ? $"process {other}" : "another process";
            return false;
        }
    }

    public void Dispose()
    {
        // While the guard is still held, so that nobody else's sign is removed.
        File.Delete(_sign);
        _guard.Dispose();
    }

    private static int? LastOfOurs(FileStream guard)
    {
        var text = new byte[16];
        return int.TryParse(Encoding.ASCII.GetString(text, 0, guard.Read(text)), NumberStyles.None, CultureInfo.InvariantCulture, out var process) ? process : null;
    }

    /// <summary>The process that signed, when it is alive.</summary>
    private static int? Holder(string sign)
    {
        if (!File.Exists(sign))
            return null;
        return int.TryParse(File.ReadAllText(sign, Encoding.ASCII), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var process)
            && IsProcess(process)
            ? process
            : null;
    }

    /// <summary>A folder in /proc is not enough: it answers to the number of any thread as well.</summary>
    private static bool IsProcess(int number)
    {
        try
        {
            return File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{number}/status")).Any(
                line => line.StartsWith("Tgid:", StringComparison.Ordinal) && line.AsSpan(5).Trim().SequenceEqual(number.ToString(CultureInfo.InvariantCulture)));
        }
        catch (IOException)
        {
            // There is none, or it went while it was read.
            return false;
        }
    }
}
