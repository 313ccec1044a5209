using System.Diagnostics;

namespace FabLab.Gateway.Tests.Broker;

internal static class Signals
{
    /// <summary>SIGHUP by process number.</summary>
    public static void Hup(this Process process)
    {
        using var kill = Process.Start("/bin/kill", ["-HUP", $"{process.Id}"]);
        kill.WaitForExit();
    }
}
