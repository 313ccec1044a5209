using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace FabLab.Protocol;

/// <summary>
/// The number every sealed message carries. Upwards: the device's boot number and the count of messages in that boot.
/// Downwards: the boot number of the device it is meant for, so that nothing recorded in one boot is ever valid in a later one, and the gateway's count.
/// </summary>
/// <param name="Boot">Boot number of the device.</param>
/// <param name="N">Count, starting at 1.</param>
public readonly record struct Counter(uint Boot, uint N) : IComparable<Counter>
{
    /// <summary>Both halves as one number, boot number on top: what has to increase.</summary>
    public ulong Value => ((ulong)Boot << 32) | N;

    /// <inheritdoc/>
    public int CompareTo(Counter other) => Value.CompareTo(other.Value);

    /// <summary>Whether the left counter comes before the right one.</summary>
    public static bool operator <(Counter left, Counter right) => left.Value < right.Value;

    /// <summary>Whether the left counter comes after the right one.</summary>
    public static bool operator >(Counter left, Counter right) => left.Value > right.Value;

    /// <summary>Whether the left counter comes before the right one or is the same.</summary>
    public static bool operator <=(Counter left, Counter right) => left.Value <= right.Value;

    /// <summary>Whether the left counter comes after the right one or is the same.</summary>
    public static bool operator >=(Counter left, Counter right) => left.Value >= right.Value;

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);
}

/// <summary>A message whose authentication code was right. Its counter has still to be judged, its JSON is still unread.</summary>
/// <param name="Counter">The counter.</param>
/// <param name="Json">The JSON bytes, a view of what was received.</param>
public readonly record struct Opened(Counter Counter, ReadOnlyMemory<byte> Json);

/// <summary>Puts the trailer on a message and checks it: <c>json LF kk.cccccccccccccccc.mmmmmmmmmmmmmmmmmmmmmm</c>.</summary>
public static class Envelope
{
    private const int CodeBytes = 16;

    /// <summary>Seals a message.</summary>
    /// <param name="json">The JSON bytes, at most <see cref="Limits.JsonBytes"/>.</param>
    /// <param name="kind">Its topic.</param>
    /// <param name="keys">The device's keys.</param>
    /// <param name="counter">Its counter; never used before with this key and direction.</param>
    /// <returns>The bytes to publish.</returns>
    /// <exception cref="ArgumentException">The JSON is too long.</exception>
    public static byte[] Seal(ReadOnlySpan<byte> json, TopicKind kind, DeviceKeys keys, Counter counter)
    {
        ArgumentNullException.ThrowIfNull(keys);
        if (json.Length > Limits.JsonBytes)
            throw new ArgumentException($"A message has at most {Limits.JsonBytes} bytes of JSON.", nameof(json));
        var message = new byte[json.Length + Limits.TrailerBytes];
        json.CopyTo(message);
        var trailer = message.AsSpan(json.Length);
        trailer[0] = (byte)'\n';
        Encoding.ASCII.GetBytes(keys.KeyId.ToString("x2", CultureInfo.InvariantCulture), trailer[1..]);
        trailer[3] = (byte)'.';
        Encoding.ASCII.GetBytes(counter.ToString(), trailer[4..]);
        trailer[20] = (byte)'.';
        Span<byte> code = stackalloc byte[CodeBytes];
        Code(json, kind, keys, trailer.Slice(4, 16), code);
        Base64Url.EncodeToUtf8(code, trailer[21..]);
        return message;
    }

    /// <summary>Checks length, trailer and authentication code, in this order, and reads nothing else.</summary>
    /// <param name="message">The bytes received.</param>
    /// <param name="kind">The topic they came on.</param>
    /// <param name="keys">The device's keys.</param>
    /// <returns>Counter and JSON, or why not.</returns>
    public static Outcome<Opened> Open(ReadOnlyMemory<byte> message, TopicKind kind, DeviceKeys keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        if (message.Length > Limits.MessageBytes)
            return FaultReason.TooLong;
        var jsonLength = message.Length - Limits.TrailerBytes;
        if (jsonLength < 2)
            return FaultReason.BadTrailer;
        var trailer = message.Span[jsonLength..];
        if (trailer[0] != '\n' || trailer[3] != '.' || trailer[20] != '.'
            || !TryHex(trailer.Slice(1, 2), out var keyId) || !TryHex(trailer.Slice(4, 16), out var counter))
        {
            return FaultReason.BadTrailer;
        }

        if (keyId != keys.KeyId)
            return FaultReason.UnknownKey;

        // The code is compared as text: base64url of 16 bytes has unused bits, and only one spelling is right.
        Span<byte> code = stackalloc byte[CodeBytes];
        Code(message.Span[..jsonLength], kind, keys, trailer.Slice(4, 16), code);
        Span<byte> text = stackalloc byte[22];
        Base64Url.EncodeToUtf8(code, text);
        return CryptographicOperations.FixedTimeEquals(text, trailer[21..])
            ? new Opened(new Counter((uint)(counter >> 32), (uint)counter), message[..jsonLength])
            : FaultReason.BadCode;
    }

    private static void Code(ReadOnlySpan<byte> json, TopicKind kind, DeviceKeys keys, ReadOnlySpan<byte> counterHex, Span<byte> code)
    {
        var direction = Topics.DirectionOf(kind);
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, keys.For(direction));
        hmac.AppendData(direction == Direction.Up ? "fl1u"u8 : "fl1d"u8);
        hmac.AppendData(Encoding.ASCII.GetBytes(Topics.Of(keys.Device, kind)));
        hmac.AppendData([0]);
        hmac.AppendData(counterHex);
        hmac.AppendData([0]);
        hmac.AppendData(json);
        Span<byte> full = stackalloc byte[32];
        hmac.GetHashAndReset(full);
        full[..CodeBytes].CopyTo(code);
    }

    // Lower case only: one spelling of every number.
    private static bool TryHex(ReadOnlySpan<byte> text, out ulong value)
    {
        value = 0;
        foreach (var c in text)
        {
            var digit = c switch
            {
                >= (byte)'0' and <= (byte)'9' => c - '0',
                >= (byte)'a' and <= (byte)'f' => c - 'a' + 10,
                _ => -1,
            };
            if (digit < 0)
                return false;
            value = (value << 4) | (uint)digit;
        }

        return true;
    }
}
