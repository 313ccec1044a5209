using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace FabLab.Host.Ports;

/// <summary>Who listens on a port. Linux tells it in /proc; for another user's process only root may look.</summary>
internal static class PortHolder
{
    private const string Listening = "0A";

    // Linux gives ports from 32768 up to whoever connects.
    private const int FirstChoice = 8_192;
    private const int LastChoice = 32_768;

    /// <summary>Whether this process could listen there now.</summary>
    public static bool IsFree(IPAddress address, int port)
    {
        // A port left a moment ago (TIME_WAIT) is free for a server, which is what SO_REUSEADDR, .NET's default on Linux, says.
        using var probe = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(new IPEndPoint(address, port));
            probe.Listen(1);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>
    /// A port that is free on this address now. Not one of those the kernel gives to whoever connects to somewhere: such a one is
    /// easily taken again before it is listened on.
    /// </summary>
    public static int FindFree(IPAddress address)
    {
        for (var tries = 0; tries < 200; tries++)
        {
            var port = Random.Shared.Next(FirstChoice, LastChoice);
            if (IsFree(address, port))
                return port;
        }
        using var probe = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(address, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    /// <summary>Several ports that are free now, each another one.</summary>
    public static IReadOnlyList<int> FindFree(IPAddress address, int count)
    {
        var ports = new HashSet<int>();
        while (ports.Count < count)
            ports.Add(FindFree(address));
        return [.. ports];
    }

    /// <summary>"mosquitto (process 612)", or null when nobody can be named.</summary>
    public static string? Describe(int port, string proc = "/proc")
    {
        var inodes = Sockets(port, Path.Combine(proc, "net/tcp"))
            .Concat(Sockets(port, Path.Combine(proc, "net/tcp6")))
            .Select(inode => $"socket:[{inode}]")
            .ToHashSet(StringComparer.Ordinal);
        if (inodes.Count == 0)
            return null;
        foreach (var folder in Directory.EnumerateDirectories(proc))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var process))
                continue;
            if (Holds(folder, inodes))
                return $"{Name(folder)} (process {process})";
        }
        return null;
    }

    private static List<string> Sockets(int port, string table)
    {
        if (!File.Exists(table))
            return [];
        var suffix = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        return File.ReadLines(table)
            .Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(columns => columns.Length > 9 && columns[3] == Listening && columns[1].EndsWith(suffix, StringComparison.Ordinal))
            .Select(columns => columns[9])
            .ToList();
    }

    private static bool Holds(string process, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(process, "fd"))
                .Select(descriptor => File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.Name)
                .Any(target => target is not null && sockets.Contains(target));
        }
        catch (Exception fault) when (fault is UnauthorizedAccessException or IOException)
        {
            // Somebody else's process, or one that ended while we looked: nothing to learn from it.
            return false;
        }
    }

    private static string Name(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "comm")).Trim();
        }
        catch (IOException)
        {
            // It ended between the two looks.
            return "a process";
        }
    }
}
