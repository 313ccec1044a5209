using System.Security.Cryptography;
using System.Text;
using FabLab.Core;

namespace FabLab.Contracts;

/// <summary>What somebody may show at the door instead of a badge, under the lab's badge key, which Booking and its kiosks have.</summary>
public static class DoorCodes
{
    /// <summary>How a QR code for the door begins.</summary>
    public const string QrPrefix = "FLD";

    private const int QrBytes = 15;

    // Letters alone, and those that lie at the same place on a US and on a French keyboard: a scanner types as a keyboard does.
    private const string Letters = "BCDEFGHJKLNPRSTV";

    /// <summary>The hash under which a kiosk keeps a short code.</summary>
    /// <param name="key">The badge key.</param>
    /// <param name="code">The short code; capitals and blanks do not count.</param>
    public static string HashOf(byte[] key, string code)
    {
        ArgumentNullException.ThrowIfNull(code);
        return Convert.ToHexStringLower(Mac(key, "door-code:" + code.Trim().ToUpperInvariant())[..16]);
    }

    /// <summary>The text of somebody's QR code: as hard to guess as a key, and nothing but a way in at the door.</summary>
    /// <param name="key">The badge key.</param>
    /// <param name="person">Whose.</param>
    public static string QrOf(byte[] key, PersonId person)
    {
        var text = new StringBuilder(QrPrefix, QrPrefix.Length + 2 * QrBytes);
        foreach (var part in Mac(key, "door-qr:" + person)[..QrBytes])
            text.Append(Letters[part >> 4]).Append(Letters[part & 15]);
        return text.ToString();
    }

    private static byte[] Mac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
}
