using System.Globalization;

namespace FabLab.Gateway.Broker;

/// <summary>Who listens on a TCP port of this machine, where that can be known.</summary>
/// <param name="ProcessId">Its process; null when it belongs to somebody we may not look at.</param>
/// <param name="Name">Its name.</param>
public sealed record PortHolder(int? ProcessId, string? Name)
{
    private const string Listening = "0A";

    /// <summary>The listener on a port, or null when there is none.</summary>
    public static PortHolder? Find(int port)
    {
        var sockets = new HashSet<string>(StringComparer.Ordinal);
        foreach (var table in new[] { "/proc/net/tcp", "/proc/net/tcp6" })
        {
            if (!File.Exists(table))
                continue;
            foreach (var line in File.ReadLines(table).Skip(1))
            {
                var columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (columns.Length > 9 && columns[3] == Listening
                    && int.TryParse(columns[1].AsSpan(columns[1].LastIndexOf(':') + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var local)
                    && local == port)
                {
                    sockets.Add($"socket:[{columns[9]}]");
                }
            }
        }
        return sockets.Count == 0 ? null : Owner(sockets);
    }

    public override string ToString() => ProcessId is { } process
        ? string.Create(CultureInfo.InvariantCulture, $"{Name} (process {process})")
        : "a process of another user";

    private static PortHolder Owner(HashSet<string> sockets)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var process))
                continue;
            try
            {
                foreach (var descriptor in Directory.EnumerateFileSystemEntries(Path.Combine(folder, "fd")))
                {
                    if (new FileInfo(descriptor).LinkTarget is { } target && sockets.Contains(target))
                        return new PortHolder(process, File.ReadAllText(Path.Combine(folder, "comm")).Trim());
                }
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                // It ended while we looked, or it is not ours to look at: the next one.
                continue;
            }
        }
        return new PortHolder(null, null);
    }
}
