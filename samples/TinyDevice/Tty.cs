using System.Runtime.InteropServices;

namespace FabLab.TinyDevice;

/// <summary>A serial line and the keyboard beside it: libc's open, termios, poll, read and write, nothing more.</summary>
internal sealed partial class Tty : IDisposable
{
    private const int OpenFlags = 0x2 | 0x100 | 0x800 | 0x80000; // O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC
    private const short Readable = 1, Writable = 4;
    private const uint B115200 = 0x1002;
    private readonly int _line;
    private bool _keyboard = true;

    private Tty(int line) => _line = line;

    public static Tty? Open(string path)
    {
        var line = open(path, OpenFlags);
        if (line < 0)
            return null;
        // struct termios stays an opaque block: the two calls below set all that matters, 8N1 without flow control.
        var settings = new byte[128];
        if (tcgetattr(line, settings) == 0)
        {
            cfmakeraw(settings);
            _ = cfsetspeed(settings, B115200);
            if (tcsetattr(line, 0, settings) == 0)
                return new Tty(line);
        }

        _ = close(line);
        return null;
    }

    public (bool Line, bool Keyboard) Wait(int milliseconds)
    {
        PollFd[] both = [new PollFd { Descriptor = _line, Events = Readable }, new PollFd { Descriptor = _keyboard ? 0 : -1, Events = Readable }];
        return poll(both, 2, milliseconds) > 0 ? (both[0].Returned != 0, both[1].Returned != 0) : (false, false);
    }

    public int Read(byte[] buffer) => (int)read(_line, buffer, buffer.Length);

    public ReadOnlySpan<byte> ReadKeyboard(byte[] buffer)
    {
        var count = (int)read(0, buffer, buffer.Length);
        _keyboard = count > 0;
        return buffer.AsSpan(0, Math.Max(0, count));
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var written = (int)write(_line, bytes.ToArray(), bytes.Length);
            if (written > 0)
            {
                bytes = bytes[written..];
                continue;
            }

            // Full: wait for room. Gone: the next read says so, and the other end does not acknowledge.
            PollFd[] room = [new PollFd { Descriptor = _line, Events = Writable }];
            if (poll(room, 1, 200) <= 0 || (room[0].Returned & Writable) == 0)
                return;
        }
    }

    public void Dispose() => _ = close(_line);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollFd
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);

    [LibraryImport("libc")]
    private static partial nint read(int descriptor, [Out] byte[] buffer, nint count);

    [LibraryImport("libc")]
    private static partial nint write(int descriptor, byte[] buffer, nint count);

    [LibraryImport("libc")]
    private static partial int poll([In, Out] PollFd[] set, nuint count, int milliseconds);

    [LibraryImport("libc")]
    private static partial int tcgetattr(int descriptor, [Out] byte[] settings);

    [LibraryImport("libc")]
    private static partial int tcsetattr(int descriptor, int when, byte[] settings);

    [LibraryImport("libc")]
    private static partial void cfmakeraw([In, Out] byte[] settings);

    [LibraryImport("libc")]
    private static partial int cfsetspeed([In, Out] byte[] settings, uint speed);
}
