using System.Buffers.Binary;

namespace FabLab.Protocol.Serial;

/// <summary>What a serial frame carries.</summary>
public enum FrameType : byte
{
    /// <summary>Presents itself: device id in ASCII from the device; empty from the gateway, which asks for it.</summary>
    Hello = 0x01,

    /// <summary>Acknowledges the frame of the same sequence number. Not acknowledged itself.</summary>
    Ack = 0x02,

    /// <summary>Sealed message of <c>up/state</c>.</summary>
    State = 0x10,

    /// <summary>Sealed message of <c>up/ev</c>.</summary>
    Event = 0x11,

    /// <summary>Sealed message of <c>up/me</c>. Not acknowledged, not repeated.</summary>
    Meter = 0x12,

    /// <summary>Sealed message of <c>up/res</c>.</summary>
    Reply = 0x13,

    /// <summary>Sealed message of <c>dn/cmd</c>.</summary>
    Command = 0x20,

    /// <summary>Sealed message of <c>dn/ack</c>.</summary>
    JournalAck = 0x21,

    /// <summary>Sealed message of <c>dn/list</c>.</summary>
    List = 0x22,

    /// <summary>The JSON of <c>fl/1/gw/state</c>.</summary>
    Gateway = 0x23,

    /// <summary>The JSON of a claim, towards the device, not sealed.</summary>
    Claim = 0x30,

    /// <summary>The JSON of the answer to a claim, not sealed.</summary>
    Claimed = 0x31,
}

/// <summary>A serial frame: <c>01 type seq(2) payload crc(2)</c>, numbers big endian, then COBS, then a zero.</summary>
/// <param name="Type">What it carries.</param>
/// <param name="Seq">Sequence number of this sender: 1 to 65535, then from 1 again.</param>
/// <param name="Payload">The payload, at most <see cref="Limits.MessageBytes"/>.</param>
public readonly record struct Frame(FrameType Type, ushort Seq, ReadOnlyMemory<byte> Payload)
{
    /// <summary>First byte of every frame of this version.</summary>
    public const byte Version = 0x01;

    /// <summary>Whether the receiver acknowledges it.</summary>
    public bool IsAcknowledged => Type is not (FrameType.Ack or FrameType.Meter);

    /// <summary>The frame on the wire, closing zero included.</summary>
    /// <returns>The bytes.</returns>
    /// <exception cref="InvalidOperationException">The payload is too long.</exception>
    public byte[] ToBytes()
    {
        if (Payload.Length > Limits.MessageBytes)
            throw new InvalidOperationException($"A frame carries at most {Limits.MessageBytes} bytes.");
        var raw = new byte[Payload.Length + Limits.FrameOverheadBytes];
        raw[0] = Version;
        raw[1] = (byte)Type;
        BinaryPrimitives.WriteUInt16BigEndian(raw.AsSpan(2), Seq);
        Payload.Span.CopyTo(raw.AsSpan(4));
        BinaryPrimitives.WriteUInt16BigEndian(raw.AsSpan(raw.Length - 2), Crc16.Of(raw.AsSpan(0, raw.Length - 2)));
        return [.. Cobs.Encode(raw), 0];
    }

    /// <summary>Reads what stood between two zeros.</summary>
    /// <param name="encoded">The bytes, no zero among them.</param>
    /// <returns>The frame, or why not.</returns>
    public static Outcome<Frame> Read(ReadOnlySpan<byte> encoded)
    {
        if (encoded.Length > Limits.EncodedFrameBytes)
            return FaultReason.TooLong;
        Span<byte> raw = stackalloc byte[Limits.EncodedFrameBytes];
        if (!Cobs.TryDecode(encoded, raw, out var length) || length < Limits.FrameOverheadBytes)
            return FaultReason.BadFrame;
        if (length > Limits.FrameBytes)
            return FaultReason.TooLong;
        if (Crc16.Of(raw[..(length - 2)]) != BinaryPrimitives.ReadUInt16BigEndian(raw[(length - 2)..]))
            return FaultReason.BadCrc;
        if (raw[0] != Version || !Enum.IsDefined((FrameType)raw[1]))
            return FaultReason.BadFrame;
        return new Frame((FrameType)raw[1], BinaryPrimitives.ReadUInt16BigEndian(raw[2..]), raw[4..(length - 2)].ToArray());
    }

    /// <summary>The frame type of a topic.</summary>
    /// <param name="kind">The topic.</param>
    /// <returns>The type.</returns>
    public static FrameType TypeOf(TopicKind kind) => kind switch
    {
        <= TopicKind.Reply => FrameType.State + (byte)kind,
        _ => FrameType.Command + (byte)(kind - TopicKind.Command),
    };

    /// <summary>The topic of a frame type.</summary>
    /// <param name="type">The type.</param>
    /// <param name="kind">The topic.</param>
    /// <returns>Whether the type is that of a topic.</returns>
    public static bool TryTopic(FrameType type, out TopicKind kind)
    {
        kind = type >= FrameType.Command ? TopicKind.Command + (type - FrameType.Command) : TopicKind.State + (type - FrameType.State);
        return type is >= FrameType.State and <= FrameType.Reply or >= FrameType.Command and <= FrameType.Gateway;
    }
}

/// <summary>Cuts a stream of bytes into frames. Takes bytes in any portions, finds the next frame after any garbage, keeps at most one frame in memory.</summary>
public sealed class FrameDecoder
{
    private readonly byte[] _buffer = new byte[Limits.EncodedFrameBytes];
    private int _length;
    private bool _tooLong;

    /// <summary>Takes bytes.</summary>
    /// <param name="bytes">What was read from the line.</param>
    /// <param name="found">Called for each frame completed, or with the fault of what stood in its place.</param>
    public void Take(ReadOnlySpan<byte> bytes, Action<Outcome<Frame>> found)
    {
        ArgumentNullException.ThrowIfNull(found);
        foreach (var b in bytes)
        {
            if (b != 0)
            {
                if (_length < _buffer.Length)
                    _buffer[_length++] = b;
                else
                    _tooLong = true;
                continue;
            }

            // Zeros in a row are idle line, not empty frames.
            var outcome = _tooLong ? FaultReason.TooLong : _length == 0 ? default : Frame.Read(_buffer.AsSpan(0, _length));
            var any = _tooLong || _length > 0;
            Reset();
            if (any)
                found(outcome);
        }
    }

    /// <summary>Forgets what was begun, after the line was lost.</summary>
    public void Reset()
    {
        _length = 0;
        _tooLong = false;
    }
}
