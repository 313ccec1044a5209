using System.Diagnostics;
using FabLab.Testing;

namespace FabLab.Host.Tests.Conformance;

/// <summary>Compiles the device in C. It needs a compiler; without one its tests are skipped on a laptop and fail in CI.</summary>
internal static class CDevice
{
    private static readonly string Sources = Repository.File("samples", "device-c");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="folder">Where the program goes.</param>
    /// <param name="name">Its name.</param>
    /// <param name="line">Whether it hangs on a serial line; on a broker the line's own code stays out.</param>
    /// <param name="more">Sources and flags beside the device's own.</param>
    /// <returns>The program.</returns>
    public static async Task<string> BuildAsync(TemporaryFolder folder, string name, bool line, params string[] more)
    {
        var compiler = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(path => Path.Combine(path, "cc")).FirstOrDefault(File.Exists);
        if (compiler is null && Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail("There is no C compiler (cc) on this machine, and CI must have one: sudo apt-get install gcc libc6-dev");
        Assert.SkipWhen(compiler is null, "There is no C compiler (cc) on this machine: sudo apt-get install gcc libc6-dev");
        var program = folder.File(name);
        var sources = Directory.GetFiles(Path.Combine(Sources, "src"), "*.c").Where(file => line || Path.GetFileName(file) is not ("fl_serial.c" or "fl_line.c"));
        var start = new ProcessStartInfo(compiler!, ["-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic", "-O1", "-Isrc", "-Ihost", "-o", program, .. sources, .. more])
        {
            WorkingDirectory = Sources, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var (said, complained) = (process.StandardOutput.ReadToEndAsync(Cancel), process.StandardError.ReadToEndAsync(Cancel));
        await process.WaitForExitAsync(Cancel);
        Assert.True(process.ExitCode == 0, await complained + await said);
        return program;
    }
}
