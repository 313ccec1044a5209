using System.Runtime.InteropServices;

namespace FabLab.Host.Hosting;

/// <summary>
/// A start leaves a lot behind: configuration, models, migrations, compiled code's scaffolding; so does bringing in a lab, and so
/// does a busy hour: the collector keeps the regions it has emptied. All of it is given back when it is calm, because it takes a
/// pause of some tens of milliseconds, which disturbs nobody then.
/// </summary>
internal static partial class MemoryBack
{
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(2);

    /// <summary>Gives back at once, and then again whenever it has become calm after something that took memory.</summary>
    public static async Task KeepAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        var watch = new MemoryWatch();
        Give();
        using var timer = new PeriodicTimer(Glance, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            if (watch.IsTime(GC.GetTotalAllocatedBytes(), GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes))
                Give();
            else if (watch.HasComeToRest)
                MappedFiles.Give();
            else
                continue;
            watch.Gave(GC.GetTotalAllocatedBytes());
        }
    }

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
        }
        MappedFiles.Give();
    }

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int malloc_trim(nuint keep);
}
