using System.Globalization;

namespace FabLab.Host.Bench;

/// <summary>What the kernel says of a process's memory, in megabytes. Pages of files that other processes share are counted too.</summary>
/// <param name="Resident">Now (VmRSS).</param>
/// <param name="Peak">At most since its start (VmHWM).</param>
internal sealed record ProcessMemory(double Resident, double Peak)
{
    public static ProcessMemory Read(int process) => Parse(File.ReadAllLines($"/proc/{process}/status"));

    internal static ProcessMemory Parse(IReadOnlyList<string> status) => new(Find(status, "VmRSS:"), Find(status, "VmHWM:"));

    private static double Find(IReadOnlyList<string> status, string name)
    {
        var line = status.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))
            ?? throw new BenchException($"The kernel does not say {name[..^1]}: the process has ended.");
        var kilobytes = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1];
        return Math.Round(long.Parse(kilobytes, CultureInfo.InvariantCulture) / 1024.0, 1);
    }
}
