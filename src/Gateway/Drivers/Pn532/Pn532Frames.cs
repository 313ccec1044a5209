namespace FabLab.Gateway.Drivers.Pn532;

/// <summary>What a PN532 put on the line.</summary>
internal enum Pn532FrameKind
{
    /// <summary>It has heard a command.</summary>
    Ack,

    /// <summary>It has not.</summary>
    Nack,

    /// <summary>An answer: first byte the command's number plus one.</summary>
    Answer,

    /// <summary>It does not know the command, or the frame was wrong.</summary>
    Error,
}

/// <summary>A frame whose check sums were right.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Data">Of an answer, what follows D5; else empty.</param>
internal readonly record struct Pn532Frame(Pn532FrameKind Kind, byte[] Data);

/// <summary>
/// Frames of the PN532 on its high speed UART, both ways: 00 00 FF LEN LCS TFI data DCS 00, the extended form with FF FF and two bytes of
/// length, ACK and NACK. Bytes may come in any portions; after any garbage the next 00 FF begins anew. Keeps at most one frame.
/// </summary>
internal sealed class Pn532FrameParser
{
    /// <summary>The longest the chip sends: TFI and 264 bytes.</summary>
    private const int Longest = 265;

    private const byte FromChip = 0xD5;
    private const byte ErrorCode = 0x7F;

    private readonly List<byte> _bytes = [];

    /// <summary>Frames whose check sums were wrong.</summary>
    public long Bad { get; private set; }

    public void Take(ReadOnlySpan<byte> bytes, Action<Pn532Frame> found)
    {
        foreach (var b in bytes)
        {
            _bytes.Add(b);
            Look(found);
        }
    }

    public void Reset() => _bytes.Clear();

    /// <summary>A command for the chip.</summary>
    /// <param name="data">Command and its parameters, 1 to 254 bytes.</param>
    /// <returns>The frame.</returns>
    public static byte[] Command(params ReadOnlySpan<byte> data)
    {
        var length = (byte)(data.Length + 1);
        byte sum = 0xD4;
        foreach (var b in data)
            sum += b;
        return [0x00, 0x00, 0xFF, length, (byte)-length, 0xD4, .. data, (byte)-sum, 0x00];
    }

    // From what is gathered either nothing yet, or a frame, or its first byte was garbage: then what is behind it is looked at again.
    private void Look(Action<Pn532Frame> found)
    {
        while (_bytes.Count > 0)
        {
            var state = Read(out var frame, out var length);
            if (state == State.Wait)
                return;
            if (state == State.Good)
            {
                _bytes.RemoveRange(0, length);
                found(frame);
            }
            else
            {
                if (state == State.Broken)
                    Bad++;
                _bytes.RemoveAt(0);
            }
        }
    }

    private State Read(out Pn532Frame frame, out int length)
    {
        (frame, length) = (default, 0);
        if (_bytes[0] != 0x00)
            return State.Garbage;
        if (_bytes.Count < 2)
            return State.Wait;
        if (_bytes[1] != 0xFF)
            return State.Garbage;
        if (_bytes.Count < 4)
            return State.Wait;
        var (len, lcs) = (_bytes[2], _bytes[3]);
        if ((len, lcs) is (0x00, 0xFF) or (0xFF, 0x00))
        {
            if (_bytes.Count < 5)
                return State.Wait;
            (frame, length) = (new Pn532Frame(len == 0 ? Pn532FrameKind.Ack : Pn532FrameKind.Nack, []), 5);
            return _bytes[4] == 0x00 ? State.Good : State.Broken;
        }
        if ((len, lcs) is not (0xFF, 0xFF))
            return (byte)(len + lcs) == 0 && len > 0 ? Body(4, len, out frame, out length) : State.Broken;
        if (_bytes.Count < 7)
            return State.Wait;
        var size = (_bytes[4] << 8) | _bytes[5];
        return (byte)(_bytes[4] + _bytes[5] + _bytes[6]) == 0 && size is > 0 and <= Longest ? Body(7, size, out frame, out length) : State.Broken;
    }

    private State Body(int at, int size, out Pn532Frame frame, out int length)
    {
        (frame, length) = (default, at + size + 2);
        if (_bytes.Count < length)
            return State.Wait;
        byte sum = 0;
        for (var i = at; i < at + size + 1; i++)
            sum += _bytes[i];
        if (sum != 0 || _bytes[length - 1] != 0x00)
            return State.Broken;
        if (size == 1 && _bytes[at] == ErrorCode)
            frame = new Pn532Frame(Pn532FrameKind.Error, []);
        else if (_bytes[at] == FromChip && size > 1)
            frame = new Pn532Frame(Pn532FrameKind.Answer, [.. _bytes.GetRange(at + 1, size - 1)]);
        else
            return State.Broken;
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
