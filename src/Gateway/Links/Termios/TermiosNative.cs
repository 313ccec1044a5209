using System.Runtime.InteropServices;

namespace FabLab.Gateway.Links.Termios;

/// <summary>The part of libc a serial port needs, for Linux on x64 and arm64 (both have the same layout here).</summary>
internal static unsafe partial class TermiosNative
{
    public const int Eintr = 4;
    public const int Eagain = 11;
    public const int Ebusy = 16;

    private const int OpenFlags = 0x2 | 0x100 | 0x800 | 0x80000; // O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC
    private const int TermiosBytes = 128; // the struct has 60; the rest is room
    private const int ControlFlagsOffset = 8;
    private const uint Cread = 0x80;
    private const uint Clocal = 0x800;
    private const uint Crtscts = 0x80000000;
    private const nuint Tiocexcl = 0x540C;
    private const int Tcsanow = 0;
    private const int Tcioflush = 2;

    /// <summary>Opens and sets a port; a negative descriptor means that <paramref name="error"/> holds the errno.</summary>
    public static int OpenPort(string path, int baud, out int error)
    {
        error = 0;
        var descriptor = open(path, OpenFlags, 0);
        if (descriptor < 0)
        {
            error = Marshal.GetLastPInvokeError();
            return -1;
        }
        if (Set(descriptor, baud))
            return descriptor;
        error = Marshal.GetLastPInvokeError();
        _ = Close(descriptor);
        return -1;
    }

    private static bool Set(int descriptor, int baud)
    {
        // Keeps everybody but root away; for root there is the lock file.
        if (ioctl(descriptor, Tiocexcl, 0) < 0)
            return false;
        var settings = stackalloc byte[TermiosBytes];
        new Span<byte>(settings, TermiosBytes).Clear();
        if (tcgetattr(descriptor, settings) < 0)
            return false;
        cfmakeraw(settings);
        ref var flags = ref *(uint*)(settings + ControlFlagsOffset);
        flags = (flags | Cread | Clocal) & ~Crtscts;
        // glibc takes the plain number for the rates it knows.
        if (cfsetspeed(settings, (uint)baud) < 0 || tcsetattr(descriptor, Tcsanow, settings) < 0)
            return false;
        // What was on the line before belongs to nobody.
        _ = tcflush(descriptor, Tcioflush);
        return true;
    }

    /// <summary>Bytes read; 0 for the end; -1 with the errno.</summary>
    public static int Read(int descriptor, Span<byte> buffer, out int error)
    {
        fixed (byte* bytes = buffer)
        {
            var count = (int)read(descriptor, bytes, (nuint)buffer.Length);
            error = count < 0 ? Marshal.GetLastPInvokeError() : 0;
            return count;
        }
    }

    public static int Write(int descriptor, ReadOnlySpan<byte> buffer, out int error)
    {
        fixed (byte* bytes = buffer)
        {
            var count = (int)write(descriptor, bytes, (nuint)buffer.Length);
            error = count < 0 ? Marshal.GetLastPInvokeError() : 0;
            return count;
        }
    }

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(int descriptor, nuint request, nint argument);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int tcgetattr(int descriptor, byte* settings);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int tcsetattr(int descriptor, int when, byte* settings);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int tcflush(int descriptor, int which);

    [LibraryImport("libc")]
    private static partial void cfmakeraw(byte* settings);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int cfsetspeed(byte* settings, uint speed);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, byte* buffer, nuint count);
}
