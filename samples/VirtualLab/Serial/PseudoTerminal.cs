using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace FabLab.VirtualLab.Serial;

/// <summary>
/// A real tty without a wire: what is written here comes out of the tty under <see cref="Link"/>, and the other way round.
/// Disposing it is pulling the plug. One reader, one writer.
/// </summary>
public sealed partial class PseudoTerminal : IDisposable
{
    private const int ReadWrite = 2, NoControllingTerminal = 0x100, NonBlocking = 0x800, CloseOnExec = 0x80000;
    private const short PollIn = 1;
    private const int Interrupted = 4, Again = 11, InputOutput = 5;

    private readonly int _master;
    // The device's side stays open here as well: a master whose last tty user goes away answers EIO until somebody opens it again.
    private readonly int _slave;
    private int _closed;

    private PseudoTerminal(int master, int slave, string tty, string link)
    {
        _master = master;
        _slave = slave;
        Tty = tty;
        Link = link;
    }

    /// <summary>Such as /dev/pts/7; another one after each plugging in.</summary>
    public string Tty { get; }

    /// <summary>The name that stays, as /dev/serial/by-id does for a real device.</summary>
    public string Link { get; }

    /// <summary>Plugs a device in under a name.</summary>
    public static PseudoTerminal Open(string link)
    {
        var master = Check(posix_openpt(ReadWrite | NoControllingTerminal | CloseOnExec | NonBlocking));
        try
        {
            Check(grantpt(master));
            Check(unlockpt(master));
            var name = new byte[128];
            if (ptsname_r(master, name, (nuint)name.Length) is var fault and not 0)
                throw new Win32Exception(fault);
            var tty = Encoding.ASCII.GetString(name, 0, Array.IndexOf(name, (byte)0));
            var slave = Check(open(tty, ReadWrite | NoControllingTerminal | CloseOnExec | NonBlocking));
            MakeRaw(slave);
            Directory.CreateDirectory(Path.GetDirectoryName(link)!);
            if (File.Exists(link) || new FileInfo(link).LinkTarget is not null)
                File.Delete(link);
            File.CreateSymbolicLink(link, tty);
            return new PseudoTerminal(master, slave, tty, link);
        }
        catch
        {
            _ = close(master);
            throw;
        }
    }

    /// <summary>Writes all of it, or as much as the line takes before it is unplugged. What nobody reads is lost, as on a wire.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0 && Volatile.Read(ref _closed) == 0)
        {
            var written = (int)write(_master, bytes, (nuint)bytes.Length);
            if (written > 0)
                bytes = bytes[written..];
            else if (Marshal.GetLastPInvokeError() != Interrupted)
                return;
        }
    }

    /// <summary>Reads what is there, waiting up to a time; 0 when there was nothing.</summary>
    /// <returns>Bytes read, or -1 when it is unplugged.</returns>
    public int Read(Span<byte> into, TimeSpan wait)
    {
        if (Volatile.Read(ref _closed) != 0)
            return -1;
        var asked = new PollEntry { Descriptor = _master, Events = PollIn };
        if (poll(ref asked, 1, (int)wait.TotalMilliseconds) <= 0)
            return 0;
        if (Volatile.Read(ref _closed) != 0)
            return -1;
        var count = (int)read(_master, into, (nuint)into.Length);
        if (count > 0)
            return count;
        return count < 0 && Marshal.GetLastPInvokeError() is Again or Interrupted or InputOutput ? 0 : -1;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
            return;
        if (new FileInfo(Link).LinkTarget == Tty)
            File.Delete(Link);
        _ = close(_slave);
        _ = close(_master);
    }

    // A line that echoes or turns CR into LF would be no wire.
    private static void MakeRaw(int terminal)
    {
        var settings = new byte[128];
        Check(tcgetattr(terminal, settings));
        cfmakeraw(settings);
        Check(tcsetattr(terminal, 0, settings));
    }

    private static int Check(int result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int posix_openpt(int flags);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int grantpt(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int unlockpt(int descriptor);

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ptsname_r(int descriptor, [Out] byte[] name, nuint length);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint read(int descriptor, Span<byte> into, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint write(int descriptor, ReadOnlySpan<byte> from, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int poll(ref PollEntry entries, nuint count, int timeout);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int tcgetattr(int descriptor, [Out] byte[] settings);

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void cfmakeraw([In, Out] byte[] settings);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int tcsetattr(int descriptor, int actions, byte[] settings);
}
