using System.Buffers.Binary;
using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;

namespace FabLab.VirtualLab.Devices;

/// <summary>
/// A 125 kHz reader that types like a keyboard: the last four bytes of a tag as ten digits and Enter, told as the kernel tells of keys. In the
/// place of the kernel's device stands a pipe, which nobody can grab.
/// </summary>
internal sealed partial class VirtualWedge : IAsyncDisposable
{
    private const int OwnerOnly = 0x180;
    private const int RecordBytes = 24;
    private const int KeyEvent = 1, Enter = 28, Zero = 11;
    private const int MicrosecondsAKey = 8_000, MicrosecondsHeld = 3_000;

    private readonly FileStream _pipe;
    private readonly TimeProvider _time;

    /// <summary>Plugged in at once.</summary>
    /// <param name="path">Where its device is to be.</param>
    /// <param name="time">Its clock.</param>
    public VirtualWedge(string path, TimeProvider time)
    {
        _time = time;
        if (mkfifo(path, OwnerOnly) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        // Open at both ends: without a writer a pipe is a reader that was pulled out.
        _pipe = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
    }

    /// <summary>A tag is held there.</summary>
    /// <param name="number">Its ten hex digits.</param>
    public void Tap(string number)
    {
        var digits = uint.Parse(number[^8..], NumberStyles.HexNumber, CultureInfo.InvariantCulture).ToString("0000000000", CultureInfo.InvariantCulture);
        var began = _time.GetUtcNow().ToUnixTimeMilliseconds() * 1000;
        var events = new List<byte>();
        foreach (var (place, key) in digits.Select(digit => digit == '0' ? Zero : digit - '0' + 1).Append(Enter).Index())
        {
            var at = began + (place * MicrosecondsAKey);
            // Pressed, let go, and the report that closes it.
            events.AddRange(Event(at, KeyEvent, key, 1));
            events.AddRange(Event(at + MicrosecondsHeld, KeyEvent, key, 0));
            events.AddRange(Event(at + MicrosecondsHeld, 0, 0, 0));
        }
        _pipe.Write(CollectionsMarshal.AsSpan(events));
    }

    public ValueTask DisposeAsync() => _pipe.DisposeAsync();

    private static byte[] Event(long micros, int type, int code, int value)
    {
        var record = new byte[RecordBytes];
        BinaryPrimitives.WriteInt64LittleEndian(record, micros / 1_000_000);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(8), micros % 1_000_000);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(16), (ushort)type);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(18), (ushort)code);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(20), value);
        return record;
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int mkfifo(string path, int mode);
}
