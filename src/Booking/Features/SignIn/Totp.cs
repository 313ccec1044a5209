using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using NodaTime;

namespace FabLab.Booking.Features.SignIn;

/// <summary>
/// One-time passwords after RFC 6238 as the usual apps make them: six digits, thirty seconds, HMAC-SHA-1. Our own and not
/// Identity's, because that one reads the clock of the machine and lets a code count twice.
/// </summary>
internal static class Totp
{
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const int StepSeconds = 30;

    /// <summary>160 bits, as the RFC advises.</summary>
    public static byte[] NewKey() => RandomNumberGenerator.GetBytes(20);

    /// <summary>The half minute a right code stands for; null when it is wrong or was used. One half minute early or late is forgiven.</summary>
    public static long? Match(ReadOnlySpan<byte> key, string? code, Instant now, long lastUsed)
    {
        var digits = string.Concat((code ?? "").Where(char.IsAsciiDigit));
        if (digits.Length != 6)
            return null;
        var present = now.ToUnixTimeSeconds() / StepSeconds;
        long? found = null;
        // All three are computed, whichever fits: the time it takes says nothing.
        foreach (var step in new[] { present - 1, present, present + 1 })
        {
            var fits = CryptographicOperations.FixedTimeEquals(System.Text.Encoding.ASCII.GetBytes(Code(key, step)), System.Text.Encoding.ASCII.GetBytes(digits));
            if (fits && step > lastUsed)
                found = step;
        }
        return found;
    }

    public static string Code(ReadOnlySpan<byte> key, long step)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> mac = stackalloc byte[20];
#pragma warning disable CA5350 // The apps know SHA-1 only; as a keyed hash it has no known weakness.
        HMACSHA1.HashData(key, counter, mac);
#pragma warning restore CA5350
        var number = (BinaryPrimitives.ReadInt32BigEndian(mac[(mac[19] & 0x0F)..]) & 0x7FFFFFFF) % 1_000_000;
        return number.ToString("D6", CultureInfo.InvariantCulture);
    }

    /// <summary>The key as it is typed into an app.</summary>
    public static string Spell(ReadOnlySpan<byte> key)
    {
        var text = new System.Text.StringBuilder();
        int buffer = 0, bits = 0;
        foreach (var one in key)
        {
            buffer = (buffer << 8) | one;
            bits += 8;
            while (bits >= 5)
            {
                text.Append(Base32[(buffer >> (bits - 5)) & 31]);
                bits -= 5;
            }
            buffer &= (1 << bits) - 1;
        }
        if (bits > 0)
            text.Append(Base32[(buffer << (5 - bits)) & 31]);
        return text.ToString();
    }

    /// <summary>What an app reads from the QR code.</summary>
    public static string Address(ReadOnlySpan<byte> key, string place, string loginName) =>
        $"otpauth://totp/{Uri.EscapeDataString(place)}:{Uri.EscapeDataString(loginName)}?secret={Spell(key)}&issuer={Uri.EscapeDataString(place)}";
}
