using System.Buffers.Binary;
using System.Text;

namespace FabLab.Gateway.Drivers.Wedge;

/// <summary>
/// Puts what a keyboard reader typed together, out of whatever pieces of the kernel's <c>struct input_event</c> come (64-bit: seconds,
/// microseconds, type, code, value). It goes by the codes of the keys, which are the same whatever layout the computer has.
/// </summary>
internal sealed class KeyStream
{
    private const int RecordBytes = 24;
    private const int LongestNumber = 40;
    private const int LastType = 0x1F;
    private const int KeyType = 1;
    private const int Pressed = 1;
    private const int Enter = 28;
    private const int KeypadEnter = 96;

    /// <summary>A reader types a whole number in a few milliseconds a key; what comes later is another one, or a person.</summary>
    private const long MostMicrosecondsBetween = 500_000;

    private readonly List<byte> _rest = [];
    private readonly StringBuilder _typed = new();
    private long _lastAt;
    private bool _isTooLong;

    /// <summary>Bytes that were no part of an event, and numbers longer than any.</summary>
    public int Bad { get; private set; }

    /// <summary>Forgets what has begun.</summary>
    public void Reset()
    {
        _rest.Clear();
        Begin();
    }

    /// <summary>Takes what came.</summary>
    /// <param name="bytes">Any piece of the stream.</param>
    /// <param name="typed">Each number that was closed by Enter.</param>
    public void Take(ReadOnlySpan<byte> bytes, Action<string> typed)
    {
        _rest.AddRange(bytes);
        var at = 0;
        var all = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_rest);
        while (all.Length - at >= RecordBytes)
        {
            var record = all.Slice(at, RecordBytes);
            var (micros, type) = (BinaryPrimitives.ReadInt64LittleEndian(record[8..]), BinaryPrimitives.ReadUInt16LittleEndian(record[16..]));
            if (micros is < 0 or >= 1_000_000 || type > LastType)
            {
                // Out of step: byte by byte until it looks like an event again.
                Bad++;
                at++;
                Begin();
                continue;
            }
            at += RecordBytes;
            if (type == KeyType && BinaryPrimitives.ReadInt32LittleEndian(record[20..]) == Pressed)
                Press(BinaryPrimitives.ReadUInt16LittleEndian(record[18..]), unchecked((BinaryPrimitives.ReadInt64LittleEndian(record) * 1_000_000) + micros), typed);
        }
        _rest.RemoveRange(0, at);
    }

    private void Press(int code, long at, Action<string> typed)
    {
        if (_typed.Length > 0 && (at < _lastAt || at - _lastAt > MostMicrosecondsBetween))
            Begin();
        _lastAt = at;
        if (code is Enter or KeypadEnter)
        {
            if (_isTooLong)
                Bad++;
            else if (_typed.Length > 0)
                typed(_typed.ToString());
            Begin();
        }
        else if (_typed.Length >= LongestNumber)
        {
            _isTooLong = true;
        }
        else if (Sign(code) is { } sign)
        {
            _typed.Append(sign);
        }
    }

    private void Begin() => (_, _isTooLong) = (_typed.Clear(), false);

    /// <summary>What the key writes on the US layout that such a reader has; capitals and small letters mean the same here.</summary>
    private static char? Sign(int code) => code switch
    {
        >= 2 and <= 10 => (char)('0' + code - 1),
        11 => '0',
        12 or 74 => '-',
        18 => 'E',
        30 => 'A',
        32 => 'D',
        33 => 'F',
        46 => 'C',
        48 => 'B',
        51 => ',',
        >= 71 and <= 73 => (char)('7' + code - 71),
        >= 75 and <= 77 => (char)('4' + code - 75),
        >= 79 and <= 81 => (char)('1' + code - 79),
        82 => '0',
        _ => null,
    };
}
