using System.Runtime.InteropServices;

namespace FabLab.Host.Hosting;

/// <summary>
/// A start leaves a lot behind: configuration, models, migrations, compiled code's scaffolding; so does bringing in a lab. It is
/// given back once, then: before the first badge a pause of some tens of milliseconds disturbs nobody.
/// </summary>
internal static partial class MemoryBack
{
    public static void Give()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = malloc_trim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // A C library without it (musl) keeps little anyway.
            return;
        }
    }

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int malloc_trim(nuint keep);
}
