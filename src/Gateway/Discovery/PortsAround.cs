using FabLab.Gateway.Drivers;

namespace FabLab.Gateway.Discovery;

/// <summary>
/// Serial ports and keyboards of this computer, by the names that stay the same whichever socket is plugged first. Nothing is opened:
/// what hangs on a port is not known before somebody says so.
/// </summary>
/// <param name="folder">The folder of devices, <c>/dev</c>.</param>
internal sealed class PortsAround(string folder)
{
    private const string Keyboard = "-event-kbd";

    private static readonly string[] OnSerial = ["rdm6300", "pn532"];

    public IEnumerable<Around> Look()
    {
        foreach (var (path, own) in Ports())
        {
            yield return new Around(new DeviceSettings { Id = Around.Name("reader", Plain(own)), Driver = OnSerial[0], Link = DeviceLinkKind.Serial, Path = path, Channels = 0 }, path, Plain(own)) { Drivers = OnSerial };
        }
        foreach (var path in Entries(Path.Combine(folder, "input", "by-id"), "*" + Keyboard))
        {
            var own = Path.GetFileName(path)[..^Keyboard.Length];
            yield return new Around(new DeviceSettings { Id = Around.Name("reader", Plain(own)), Driver = "wedge", Link = DeviceLinkKind.Serial, Path = path, Channels = 0 }, path, Plain(own));
        }
    }

    /// <summary>Where the system keeps no names by maker, the plain ones: better than none, and the label says that they may change.</summary>
    private IEnumerable<(string Path, string Own)> Ports()
    {
        var named = Entries(Path.Combine(folder, "serial", "by-id"), "*").Select(path => (path, Path.GetFileName(path))).ToList();
        return named.Count > 0 ? named : Entries(folder, "ttyUSB*").Concat(Entries(folder, "ttyACM*")).Select(path => (path, Path.GetFileName(path)));
    }

    private static IEnumerable<string> Entries(string folder, string pattern)
    {
        try
        {
            return Directory.Exists(folder) ? [.. Directory.EnumerateFileSystemEntries(folder, pattern).Order(StringComparer.Ordinal)] : [];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // A folder that goes while it is read, or that this user may not see: there is nothing to offer.
            return [];
        }
    }

    /// <summary>"FTDI FT232R A50285BI" of "usb-FTDI_FT232R_A50285BI-if00-port0": without what udev puts around it.</summary>
    private static string Plain(string own)
    {
        var from = own.StartsWith("usb-", StringComparison.Ordinal) ? 4 : 0;
        var end = own.IndexOf("-if0", StringComparison.Ordinal);
        return own[from..(end > from ? end : own.Length)].Replace('_', ' ');
    }
}
