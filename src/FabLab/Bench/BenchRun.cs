using FabLab.Host.Cli;
using Microsoft.Data.Sqlite;

namespace FabLab.Host.Bench;

/// <summary>What every measurement needs around it: a folder that goes away, and one sentence instead of a stack when it cannot be made.</summary>
internal static class BenchRun
{
    /// <param name="invocation">The command line; its <c>--data</c> says on which disk.</param>
    /// <param name="measure">Makes the measurement in the folder; the result is the exit code.</param>
    public static async Task<int> InFolderAsync(Invocation invocation, Func<DirectoryInfo, Task<int>> measure)
    {
        DirectoryInfo? folder = null;
        try
        {
            var parent = invocation.Value("--data");
            folder = parent is null ? Directory.CreateTempSubdirectory("fablab-bench-") : Directory.CreateDirectory(Path.Combine(parent, $"bench-{Environment.ProcessId}"));
            return await measure(folder);
        }
        catch (Exception fault) when (fault is BenchException or TimeoutException or IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            invocation.Error.WriteLine($"fablab {invocation.Verb.Name}: {fault.Message}");
            return ExitCodes.Failure;
        }
        catch (Exception fault) when (fault is DllNotFoundException or TypeInitializationException { InnerException: DllNotFoundException })
        {
            invocation.Error.WriteLine($"fablab {invocation.Verb.Name}: libmosquitto is not installed: sudo apt-get install libmosquitto1");
            return ExitCodes.Failure;
        }
        finally
        {
            SqliteConnection.ClearAllPools();
            if (folder?.Exists is true)
                folder.Delete(recursive: true);
        }
    }
}
