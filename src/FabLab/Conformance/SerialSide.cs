using FabLab.Protocol;
using FabLab.Protocol.Serial;

namespace FabLab.Host.Conformance;

/// <summary>Our end of a serial line, without the line: bytes in, bytes out, on a clock that is given. Not thread-safe.</summary>
internal sealed class SerialSide(Action<byte[]> write)
{
    /// <summary>Number of a frame that is too long to be one; the line's own numbers do not come that far.</summary>
    private const ushort LongFrame = 65_000;

    private readonly FrameLine _line = new();
    private readonly FrameDecoder _bare = new();
    private readonly Queue<Heard> _heard = new();
    private bool _isBare;

    public bool IsBare
    {
        get => _isBare;
        set
        {
            _isBare = value;
            _line.Reset();
            _bare.Reset();
        }
    }

    public bool IsDeaf { get; set; }

    public bool TryTake(out Heard? heard) => _heard.TryDequeue(out heard);

    public void Send(long now, FrameType type, byte[] payload)
    {
        if (payload.Length <= Limits.MessageBytes)
            Do(now, _line.Send(now, type, payload, out _));
        else if (!IsDeaf)
            write(Coded(Frame.Version, (byte)type, LongFrame, payload));
    }

    /// <summary>A frame as nobody should send it.</summary>
    public static byte[] Coded(byte version, byte type, ushort seq, byte[] payload, ushort bend = 0)
    {
        List<byte> bytes = [version, type, (byte)(seq >> 8), (byte)seq, .. payload];
        var crc = (ushort)(Crc16.Of(bytes.ToArray()) ^ bend);
        bytes.AddRange([(byte)(crc >> 8), (byte)crc]);
        return [.. Cobs.Encode(bytes.ToArray()), 0];
    }

    /// <summary>Asks the device to begin again.</summary>
    public void Greet(long now)
    {
        _line.Reset();
        Send(now, FrameType.Hello, []);
    }

    public void Received(long now, ReadOnlySpan<byte> bytes)
    {
        if (IsDeaf)
            return;
        if (!IsBare)
        {
            Do(now, _line.Received(now, bytes));
            return;
        }
        _bare.Take(bytes, outcome =>
        {
            if (outcome.TryGet(out var frame, out _))
                _heard.Enqueue(new Heard(now, HeardKind.Frame, default, frame.Payload.ToArray()) { Frame = ((byte)frame.Type, frame.Seq) });
        });
    }

    public void Tick(long now)
    {
        if (!IsBare)
            Do(now, _line.Tick(now));
    }

    private void Do(long now, IReadOnlyList<LineOutput> outputs)
    {
        foreach (var output in outputs)
        {
            switch (output)
            {
                case LineOutput.Write bytes when !IsDeaf:
                    write(bytes.Bytes);
                    break;
                case LineOutput.Dead:
                    Greet(now);
                    break;
                case LineOutput.Arrived { Frame: var frame }:
                    if (frame.Type == FrameType.Hello)
                        _heard.Enqueue(new Heard(now, HeardKind.Hello, default, frame.Payload.ToArray()));
                    else if (frame.Type == FrameType.Claimed)
                        _heard.Enqueue(new Heard(now, HeardKind.Claimed, default, frame.Payload.ToArray()));
                    else if (Frame.TryTopic(frame.Type, out var topic))
                        _heard.Enqueue(new Heard(now, HeardKind.Message, topic, frame.Payload.ToArray()));
                    break;
            }
        }
    }
}
