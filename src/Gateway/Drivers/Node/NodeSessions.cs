using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FabLab.Core;

namespace FabLab.Gateway.Drivers.Node;

/// <summary>Session ids on the wire: 22 characters for ours, <c>o</c>, boot, dash and record for those a device made alone.</summary>
internal static class NodeSessions
{
    private const int Characters = 22;

    public static string ToWire(SessionId session) => Base64Url.EncodeToString(session.Value.ToByteArray(bigEndian: true));

    /// <summary>The session of a text a device sent; null when it is none of ours and not of the device's own form either.</summary>
    public static SessionId? FromWire(DeviceId device, string text)
    {
        if (IsOffline(text))
            return Made(device, text);
        Span<byte> bytes = stackalloc byte[24];
        return text.Length == Characters && Base64Url.TryDecodeFromChars(text, bytes, out var written) && written == 16
            ? new SessionId(new Guid(bytes[..16], bigEndian: true))
            : null;
    }

    private static bool IsOffline(string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        return dash > 1 && text[0] == 'o'
            && uint.TryParse(text.AsSpan(1, dash - 1), NumberStyles.None, CultureInfo.InvariantCulture, out _)
            && uint.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _);
    }

    // The same device and text give the same id at each replay; version 8 says that it was made this way.
    private static SessionId Made(DeviceId device, string text)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.ASCII.GetBytes($"fablab offline session\n{device.Value}\n{text}"), hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new SessionId(new Guid(hash[..16], bigEndian: true));
    }
}
