using System.Security.Cryptography;
using System.Text;

namespace FabLab.Core;

/// <summary>Why a claim code was not taken.</summary>
public enum ClaimCodeFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It is not 56 characters of the alphabet, or its key number is none.</summary>
    Unreadable,

    /// <summary>It is well written and belongs to a device of another name, or one character is another one.</summary>
    OtherDevice,
}

/// <summary>
/// What somebody types to let a device of ours in: its key and the number of the key, with two bytes that say for which name. It is a
/// secret: whoever holds it is the device. 35 bytes as 56 characters of Crockford's base 32 in groups of four, so that it can be read
/// from paper: no letter I, L, O or U.
/// </summary>
public sealed class ClaimCode
{
    /// <summary>Bytes of a device key.</summary>
    public const int KeyBytes = 32;

    /// <summary>Characters without the dashes.</summary>
    public const int Characters = 56;

    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int Bytes = 1 + KeyBytes + 2;

    private readonly byte[] _key;

    private ClaimCode(byte keyId, byte[] key)
    {
        KeyId = keyId;
        _key = key;
    }

    /// <summary>Number of the key, 1 to 255.</summary>
    public byte KeyId { get; }

    /// <summary>The key: <see cref="KeyBytes"/> bytes.</summary>
    public ReadOnlySpan<byte> Key => _key;

    /// <summary>Whether a text can be the name of a device of ours: 3 to 24 of a-z, 0-9 and dash, no dash at either end.</summary>
    /// <param name="name">The text.</param>
    /// <returns>Whether it can.</returns>
    public static bool IsName(string? name) =>
        name is { Length: >= 3 and <= 24 } && name.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') && name[0] != '-' && name[^1] != '-';

    /// <summary>Writes the code of a device.</summary>
    /// <param name="device">Its name.</param>
    /// <param name="keyId">Number of its key, 1 to 255.</param>
    /// <param name="key">Its key.</param>
    /// <returns>14 groups of four characters.</returns>
    /// <exception cref="ArgumentException">The number or the key is none.</exception>
    public static string Write(DeviceId device, byte keyId, ReadOnlySpan<byte> key)
    {
        if (keyId == 0 || key.Length != KeyBytes)
            throw new ArgumentException($"A key has {KeyBytes} bytes and a number from 1 to 255.", nameof(key));
        Span<byte> all = stackalloc byte[Bytes];
        all[0] = keyId;
        key.CopyTo(all[1..]);
        Check(device, all[..(1 + KeyBytes)]).CopyTo(all[(1 + KeyBytes)..]);
        var text = new StringBuilder(Characters + 13);
        // Five bytes are eight characters.
        for (var at = 0; at < Bytes; at += 5)
        {
            var bits = 0UL;
            foreach (var one in all.Slice(at, 5))
                bits = (bits << 8) | one;
            for (var shift = 35; shift >= 0; shift -= 5)
            {
                if (text.Length % 5 == 4)
                    text.Append('-');
                text.Append(Alphabet[(int)(bits >> shift) & 31]);
            }
        }
        return text.ToString();
    }

    /// <summary>Reads a code as somebody typed it: any case, blanks and dashes anywhere, I and L for 1, O for 0.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="device">The name that was typed beside it.</param>
    /// <param name="fault">Why there is no result.</param>
    /// <returns>The key and its number; null when the code is not one of this device.</returns>
    public static ClaimCode? Read(string? text, DeviceId device, out ClaimCodeFault fault)
    {
        fault = ClaimCodeFault.Unreadable;
        Span<byte> all = stackalloc byte[Bytes];
        var (bits, taken) = (0UL, 0);
        foreach (var typed in text ?? "")
        {
            if (char.IsWhiteSpace(typed) || typed is '-' or '\u2010' or '\u2011' or '\u2013')
                continue;
            var value = Alphabet.IndexOf(char.ToUpperInvariant(typed) switch { 'I' or 'L' => '1', 'O' => '0', var other => other }, StringComparison.Ordinal);
            if (value < 0 || taken == Characters)
                return null;
            bits = (bits << 5) | (uint)value;
            if (++taken % 8 != 0)
                continue;
            for (var i = 4; i >= 0; i--, bits >>= 8)
                all[(taken / 8 * 5) - 5 + i] = (byte)bits;
            bits = 0;
        }
        if (taken != Characters || all[0] == 0)
            return null;
        if (!CryptographicOperations.FixedTimeEquals(Check(device, all[..(1 + KeyBytes)]), all[(1 + KeyBytes)..]))
        {
            fault = ClaimCodeFault.OtherDevice;
            return null;
        }
        fault = ClaimCodeFault.None;
        return new ClaimCode(all[0], all.Slice(1, KeyBytes).ToArray());
    }

    /// <summary>Says that it is a code, never which.</summary>
    /// <returns>A fixed text.</returns>
    public override string ToString() => "ClaimCode(secret)";

    private static byte[] Check(DeviceId device, ReadOnlySpan<byte> numberAndKey)
    {
        Span<byte> hash = stackalloc byte[32];
        HMACSHA256.HashData(numberAndKey, Encoding.UTF8.GetBytes("fablab claim code\0" + device.Value), hash);
        return hash[..2].ToArray();
    }
}
