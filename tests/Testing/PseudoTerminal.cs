using System.Runtime.InteropServices;
using System.Text;

namespace FabLab.Testing;

/// <summary>
/// A real tty without hardware. <see cref="Path"/> is what the code under test opens; this object is the device on the
/// other end. <see cref="Unplug"/> closes the device's end; <see cref="Plug"/> puts a new one under the same path.
/// </summary>
public sealed class PseudoTerminal : IDisposable
{
    private const int ReadWriteNoTty = 0x2 | 0x100 | 0x80000; // O_RDWR | O_NOCTTY | O_CLOEXEC
    private readonly string _folder;
    // Of a descriptor that is closed the number is soon another file's: whoever polled it looks here before it reads.
    private readonly Lock _gate = new();
    private int _unplugged;
    private int _master = -1;
    private int _slave = -1;

    public PseudoTerminal()
    {
        _folder = Directory.CreateTempSubdirectory("fablab-tty-").FullName;
        Path = System.IO.Path.Combine(_folder, "tty");
        Plug();
    }

    /// <summary>A link that stays the same over unplug and plug, as a name under /dev/serial/by-id does.</summary>
    public string Path { get; }

    public void Plug()
    {
        _master = posix_openpt(ReadWriteNoTty);
        if (_master < 0 || grantpt(_master) != 0 || unlockpt(_master) != 0)
            throw new IOException($"No pseudo-terminal to be had: error {Marshal.GetLastPInvokeError()}.");
        var name = new byte[64];
        if (ptsname_r(_master, name, name.Length) != 0)
            throw new IOException("The pseudo-terminal has no name.");
        var slave = Encoding.ASCII.GetString(name, 0, Array.IndexOf(name, (byte)0));
        // Kept open until the code under test has it: a master whose slave nobody holds reads as hung up.
        _slave = open(slave, ReadWriteNoTty);
        SetRaw(_slave);
        var link = Path + ".new";
        File.CreateSymbolicLink(link, slave);
        File.Move(link, Path, overwrite: true);
    }

    public void Unplug()
    {
        // The path goes first, so that nobody opens a terminal that is about to hang up.
        File.Delete(Path);
        Hang();
    }

    /// <summary>The device speaks.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var written = (int)write(_master, bytes.ToArray(), bytes.Length);
            if (written <= 0)
                throw new IOException($"Write to the terminal failed: error {Marshal.GetLastPInvokeError()}.");
            bytes = bytes[written..];
        }
    }

    /// <summary>What the device hears next, at least one byte; empty when the terminal was unplugged.</summary>
    public async Task<byte[]> ReadAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        int master, unplugged;
        lock (_gate)
            (master, unplugged) = (_master, _unplugged);
        while (true)
        {
            var set = new[] { new PollFd { Descriptor = master, Events = 1 } };
            // Off the pool, in short waits: a blocking read could not be cancelled.
            var ready = await Task.Factory.StartNew(() => poll(set, 1, 50), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            cancellationToken.ThrowIfCancellationRequested();
            lock (_gate)
            {
                if (_unplugged != unplugged)
                    return [];
                if (ready <= 0)
                    continue;
                var count = (int)read(master, buffer, buffer.Length);
                return count > 0 ? buffer[..count] : [];
            }
        }
    }

    /// <summary>Reads until that many bytes have come.</summary>
    public async Task<byte[]> ReadExactlyAsync(int count, CancellationToken cancellationToken)
    {
        var all = new List<byte>();
        while (all.Count < count)
        {
            var some = await ReadAsync(cancellationToken);
            if (some.Length == 0)
                throw new EndOfStreamException();
            all.AddRange(some);
        }
        return [.. all];
    }

    public void Dispose()
    {
        Hang();
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    private void Hang()
    {
        lock (_gate)
        {
            _unplugged++;
            Close(ref _slave);
            Close(ref _master);
        }
    }

    private static void Close(ref int descriptor)
    {
        if (descriptor >= 0)
            _ = close(descriptor);
        descriptor = -1;
    }

    // Without it the kernel echoes what the device says back to it until the code under test has set its own mode.
    private static void SetRaw(int descriptor)
    {
        var settings = new byte[128];
        if (tcgetattr(descriptor, settings) == 0)
        {
            cfmakeraw(settings);
            _ = tcsetattr(descriptor, 0, settings);
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollFd
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

#pragma warning disable SYSLIB1054, CA2101 // DllImport: this project needs no unsafe code for a handful of calls.
    [DllImport("libc", SetLastError = true)]
    private static extern int posix_openpt(int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int grantpt(int descriptor);

    [DllImport("libc", SetLastError = true)]
    private static extern int unlockpt(int descriptor);

    [DllImport("libc", SetLastError = true)]
    private static extern int ptsname_r(int descriptor, byte[] name, nint length);

    [DllImport("libc", SetLastError = true)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern nint read(int descriptor, byte[] buffer, nint count);

    [DllImport("libc", SetLastError = true)]
    private static extern nint write(int descriptor, byte[] buffer, nint count);

    [DllImport("libc", SetLastError = true)]
    private static extern int close(int descriptor);

    [DllImport("libc", SetLastError = true)]
    private static extern int poll([In, Out] PollFd[] set, nuint count, int milliseconds);

    [DllImport("libc", SetLastError = true)]
    private static extern int tcgetattr(int descriptor, byte[] settings);

    [DllImport("libc", SetLastError = true)]
    private static extern int tcsetattr(int descriptor, int when, byte[] settings);

    [DllImport("libc")]
    private static extern void cfmakeraw(byte[] settings);
#pragma warning restore SYSLIB1054, CA2101
}
