using FabLab.Protocol.Serial;

namespace FabLab.Gateway.Drivers.Osdp;

/// <summary>A frame whose check characters were right.</summary>
/// <param name="Address">The reader it is from, or for: 0 to 126, 127 for all.</param>
/// <param name="IsReply">It comes from a reader. On a line that gives back what it is sent the others are our own.</param>
/// <param name="Sequence">0 to 3; a reply carries that of its command.</param>
/// <param name="Security">The security block without its length: its kind, then perhaps its data. Empty in plain text.</param>
/// <param name="Body">Code and data; where it is sealed with four bytes of the seal behind.</param>
/// <param name="Bytes">All but mark and check characters, over which the seal is made.</param>
internal sealed record OsdpFrame(int Address, bool IsReply, int Sequence, byte[] Security, byte[] Body, byte[] Bytes)
{
    /// <summary>What it says.</summary>
    public byte Code => Body[0];

    /// <summary>Kind of the security block; 0 in plain text.</summary>
    public byte Scs => Security.Length > 0 ? Security[0] : (byte)0;
}

/// <summary>
/// Frames of OSDP: perhaps FF, then 53, address, length in two bytes, control, perhaps a security block, code, data, and a CRC or one byte
/// of check sum. Bytes may come in any portions; after any garbage the next 53 begins anew. Keeps at most one frame.
/// </summary>
internal sealed class OsdpFrameParser
{
    public const int Broadcast = 0x7F;

    /// <summary>Start value of the CRC.</summary>
    public const ushort CrcStart = 0x1D0F;

    private const byte Mark = 0xFF;
    private const byte Start = 0x53;
    private const byte ReplyBit = 0x80;
    private const byte HasCrc = 0x04;
    private const byte HasSecurity = 0x08;
    private const int Header = 5;

    /// <summary>Readers answer in at most a few score bytes; a longer length is no length.</summary>
    private const int Longest = 512;

    private readonly List<byte> _bytes = [];

    /// <summary>Frames whose check characters or lengths were wrong.</summary>
    public long Bad { get; private set; }

    public void Take(ReadOnlySpan<byte> bytes, Action<OsdpFrame> found)
    {
        foreach (var b in bytes)
        {
            _bytes.Add(b);
            Look(found);
        }
    }

    public void Reset() => _bytes.Clear();

    /// <summary>A command for a reader, with its mark and its CRC.</summary>
    /// <param name="address">The reader, 0 to 127.</param>
    /// <param name="sequence">0 to 3.</param>
    /// <param name="security">The security block without its length; empty in plain text.</param>
    /// <param name="body">Code and data, and the seal where there is one.</param>
    /// <returns>The frame.</returns>
    public static byte[] Command(int address, int sequence, ReadOnlySpan<byte> security, ReadOnlySpan<byte> body)
    {
        byte[] inner = [.. Head(address, sequence, security, body.Length), .. body];
        var crc = Crc16.Of(inner, CrcStart);
        return [Mark, .. inner, (byte)crc, (byte)(crc >> 8)];
    }

    /// <summary>What comes before the code of a command.</summary>
    internal static byte[] Head(int address, int sequence, ReadOnlySpan<byte> security, int bodyLength)
    {
        byte[] block = security.Length == 0 ? [] : [(byte)(security.Length + 1), .. security];
        var length = Header + block.Length + bodyLength + 2;
        var control = (byte)(sequence | HasCrc | (block.Length > 0 ? HasSecurity : 0));
        return [Start, (byte)address, (byte)length, (byte)(length >> 8), control, .. block];
    }

    private void Look(Action<OsdpFrame> found)
    {
        while (_bytes.Count > 0)
        {
            switch (Read(out var frame, out var length))
            {
                case State.Wait:
                    return;
                case State.Good:
                    _bytes.RemoveRange(0, length);
                    found(frame!);
                    break;
                case State.Broken:
                    Bad++;
                    _bytes.RemoveAt(0);
                    break;
                default:
                    _bytes.RemoveAt(0);
                    break;
            }
        }
    }

    private State Read(out OsdpFrame? frame, out int length)
    {
        (frame, length) = (null, 0);
        if (_bytes[0] != Start)
            return State.Garbage;
        if (_bytes.Count < Header)
            return State.Wait;
        length = _bytes[2] | (_bytes[3] << 8);
        var control = _bytes[4];
        var check = (control & HasCrc) != 0 ? 2 : 1;
        if (length < Header + 1 + check || length > Longest || (control & 0xF0) != 0)
            return State.Broken;
        if (_bytes.Count < length)
            return State.Wait;
        var bytes = _bytes.GetRange(0, length - check).ToArray();
        if (check == 2
            ? Crc16.Of(bytes, CrcStart) != (_bytes[length - 2] | (_bytes[length - 1] << 8))
            : (byte)(bytes.Aggregate(0, (sum, b) => sum + b) + _bytes[length - 1]) != 0)
            return State.Broken;
        var block = (control & HasSecurity) != 0 ? bytes[Header] : 0;
        if ((control & HasSecurity) != 0 && block < 2 || Header + block >= bytes.Length)
            return State.Broken;
        frame = new OsdpFrame(
            bytes[1] & ~ReplyBit, (bytes[1] & ReplyBit) != 0, control & 3,
            block == 0 ? [] : bytes[(Header + 1)..(Header + block)], bytes[(Header + block)..], bytes);
        return State.Good;
    }

    private enum State
    {
        Wait,
        Good,
        Garbage,
        Broken,
    }
}
