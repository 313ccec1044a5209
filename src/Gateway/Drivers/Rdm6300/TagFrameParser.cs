namespace FabLab.Gateway.Drivers.Rdm6300;

/// <summary>One frame of a 125 kHz reader whose check sum was right.</summary>
/// <param name="Hex">The five bytes of the tag, ten upper-case hex digits.</param>
/// <param name="Once">The frame is of the form that is sent once a presentation (ID-12LA: CR LF before the end), not over and over (RDM6300).</param>
internal readonly record struct TagFrame(string Hex, bool Once);

/// <summary>
/// Cuts a stream of bytes into tag frames: 02, ten hex digits, two hex digits of XOR, perhaps CR LF, 03. Bytes may come in any
/// portions; after any garbage the next 02 begins anew. Keeps at most one frame.
/// </summary>
internal sealed class TagFrameParser
{
    private const byte Start = 0x02;
    private const byte End = 0x03;
    private const int Digits = 12;

    private readonly char[] _digits = new char[Digits];
    private int _count = -1;
    private bool _once;

    /// <summary>Frames whose check sum was wrong, and starts that became no frame.</summary>
    public long Bad { get; private set; }

    public void Take(ReadOnlySpan<byte> bytes, Action<TagFrame> found)
    {
        foreach (var b in bytes)
        {
            if (b == Start)
            {
                if (_count >= 0)
                    Bad++;
                (_count, _once) = (0, false);
            }
            else if (_count < 0)
            {
                continue;
            }
            else if (b == End)
            {
                if (_count == Digits && Sum() == 0)
                    found(new TagFrame(new string(_digits, 0, 10), _once));
                else
                    Bad++;
                _count = -1;
            }
            else if (b is (byte)'\r' or (byte)'\n' && _count == Digits)
            {
                _once = true;
            }
            else if (_count < Digits && !_once && char.IsAsciiHexDigit((char)b))
            {
                _digits[_count++] = char.ToUpperInvariant((char)b);
            }
            else
            {
                Bad++;
                _count = -1;
            }
        }
    }

    public void Reset() => _count = -1;

    private int Sum()
    {
        var sum = 0;
        for (var i = 0; i < Digits; i += 2)
            sum ^= Convert.ToInt32(new string(_digits, i, 2), 16);
        return sum;
    }
}
