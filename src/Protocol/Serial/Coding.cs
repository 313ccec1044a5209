namespace FabLab.Protocol.Serial;

/// <summary>CRC-16, polynomial 0x1021, most significant bit first, no final XOR. Ours starts at 0xFFFF; OSDP's at 0x1D0F.</summary>
public static class Crc16
{
    /// <summary>Start value of this protocol's frames.</summary>
    public const ushort Start = 0xFFFF;

    /// <summary>The check sum of bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="start">Start value.</param>
    /// <returns>The check sum.</returns>
    public static ushort Of(ReadOnlySpan<byte> bytes, ushort start = Start)
    {
        var crc = start;
        foreach (var b in bytes)
        {
            crc ^= (ushort)(b << 8);
            for (var bit = 0; bit < 8; bit++)
                crc = (ushort)((crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1);
        }

        return crc;
    }
}

/// <summary>Consistent overhead byte stuffing: a text without zeros, so that a zero can end a frame.</summary>
public static class Cobs
{
    /// <summary>Encodes; the closing zero is not part of the result.</summary>
    /// <param name="bytes">Any bytes.</param>
    /// <returns>The same without zeros, one byte longer for each 254 begun.</returns>
    public static byte[] Encode(ReadOnlySpan<byte> bytes)
    {
        var encoded = new byte[bytes.Length + (bytes.Length / 254) + 1];
        int place = 0, next = 1;
        byte code = 1;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != 0)
            {
                encoded[next++] = bytes[i];
                code++;
            }

            // A full block of 254 needs no zero behind it, and none is begun when the text ends there.
            if (bytes[i] == 0 || (code == 0xFF && i + 1 < bytes.Length))
            {
                encoded[place] = code;
                place = next++;
                code = 1;
            }
        }

        encoded[place] = code;
        return encoded[..next];
    }

    /// <summary>Decodes what stood between two zeros.</summary>
    /// <param name="encoded">Bytes without a zero.</param>
    /// <param name="target">Room for the result, as long as the input.</param>
    /// <param name="length">Length of the result.</param>
    /// <returns>Whether it was such a text.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, Span<byte> target, out int length)
    {
        length = 0;
        var i = 0;
        while (i < encoded.Length)
        {
            var code = encoded[i++];
            if (code == 0 || i + code - 1 > encoded.Length || length + code > target.Length + 1)
                return false;
            var block = encoded.Slice(i, code - 1);
            if (block.Contains((byte)0))
                return false;
            block.CopyTo(target[length..]);
            length += block.Length;
            i += block.Length;
            if (code != 0xFF && i < encoded.Length)
            {
                if (length >= target.Length)
                    return false;
                target[length++] = 0;
            }
        }

        return encoded.Length > 0;
    }
}
