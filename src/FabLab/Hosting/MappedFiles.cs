using System.Globalization;
using System.Runtime.InteropServices;

namespace FabLab.Host.Hosting;

/// <summary>
/// Pages of files that are mapped to be read: the runtime, its libraries, our own. A start reads most of them once, to compile and to
/// set up, and they stay in the memory of the process though nobody reads them again. Given back, they lie in the cache of the system,
/// which drops them when it needs room; whoever touches one has it again without the disk in most cases.
/// </summary>
internal static partial class MappedFiles
{
    // Of the system's own header: forget the pages of this range, the file has them.
    private const int DontNeed = 4;

    /// <summary>A stretch of addresses, as /proc/self/smaps tells of it.</summary>
    /// <param name="Start">Its first address.</param>
    /// <param name="Length">Bytes.</param>
    /// <param name="Path">The file; empty for memory of no file.</param>
    /// <param name="Writable">Whether the process may write into it.</param>
    /// <param name="Resident">Bytes of it in memory.</param>
    /// <param name="Own">Bytes that are no longer as the file has them.</param>
    internal sealed record Stretch(nuint Start, nuint Length, string Path, bool Writable, long Resident, long Own)
    {
        /// <summary>Whether the file has every byte of it, and nobody can change that: what is forgotten comes back as it was.</summary>
        public bool ComesBack => Path.StartsWith('/') && !Path.StartsWith("/dev/", StringComparison.Ordinal) && !Writable && Own == 0 && Resident > 0;
    }

    /// <summary>Gives back what comes back. Does nothing where the system does not tell of its memory.</summary>
    public static void Give()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            foreach (var stretch in Read(File.ReadLines("/proc/self/smaps")).Where(stretch => stretch.ComesBack))
                _ = madvise(stretch.Start, stretch.Length, DontNeed);
        }
        catch (IOException)
        {
            // Not mounted, or not ours to read: the pages stay.
        }
        catch (UnauthorizedAccessException)
        {
            // The same.
        }
    }

    /// <summary>The stretches of a process; format: proc_pid_smaps(5). A line that is none of its is passed over.</summary>
    internal static IEnumerable<Stretch> Read(IEnumerable<string> lines)
    {
        Stretch? stretch = null;
        foreach (var line in lines)
        {
            if (Head(line) is { } next)
            {
                if (stretch is not null)
                    yield return stretch;
                stretch = next;
            }
            else if (stretch is not null)
            {
                stretch = line.Split(':') switch
                {
                    ["Rss", var size] => stretch with { Resident = Bytes(size) },
                    ["Private_Dirty" or "Shared_Dirty" or "Anonymous", var size] => stretch with { Own = stretch.Own + Bytes(size) },
                    // Whoever locked it, or made it of huge pages, has a reason.
                    ["VmFlags", var flags] when flags.Split(' ') is var all && (all.Contains("lo") || all.Contains("ht")) => stretch with { Resident = 0 },
                    _ => stretch,
                };
            }
        }
        if (stretch is not null)
            yield return stretch;
    }

    /// <summary>"7f00-7f10 r--p 00000000 103:02 1234   /usr/lib/x.so".</summary>
    private static Stretch? Head(string line)
    {
        var parts = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 5 || parts[1].Length != 4 || parts[0].Split('-') is not [var from, var to])
            return null;
        if (!ulong.TryParse(from, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var start)
            || !ulong.TryParse(to, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var end) || end <= start)
        {
            return null;
        }
        return new Stretch((nuint)start, (nuint)(end - start), parts.Length == 6 ? parts[5].Trim() : "", parts[1].Contains('w', StringComparison.Ordinal), 0, 0);
    }

    /// <summary>"   12 kB".</summary>
    private static long Bytes(string size) =>
        long.TryParse(size.Replace("kB", "", StringComparison.Ordinal).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var kilobytes) ? kilobytes * 1024 : 0;

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int madvise(nuint address, nuint length, int advice);
}
