using System.Globalization;

namespace FabLab.Gateway.Drivers.Jobs;

/// <summary>What settings of witnesses are made of.</summary>
internal static class WitnessSettings
{
    /// <summary>Whether it is the SHA-256 of a certificate.</summary>
    public static bool IsPin(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigit);

    /// <summary>Host and port out of <c>host</c> or <c>host:port</c>; null when it is neither.</summary>
    /// <param name="address">The address.</param>
    /// <param name="port">The port where it names none.</param>
    public static (string Host, int Port)? HostPort(string address, int port)
    {
        var colon = address.LastIndexOf(':');
        var host = colon < 0 ? address : address[..colon];
        if (colon >= 0 && (!int.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535))
            return null;
        return Uri.CheckHostName(host) is UriHostNameType.Dns or UriHostNameType.IPv4 ? (host, port) : null;
    }
}
