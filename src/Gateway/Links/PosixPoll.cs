using System.Runtime.InteropServices;

namespace FabLab.Gateway.Links;

/// <summary>poll(2) on one descriptor, and an eventfd that wakes it.</summary>
internal static unsafe partial class PosixPoll
{
    public const short In = 1;
    public const short Out = 4;
    public const short Error = 8;
    public const short HangUp = 16;
    public const short Invalid = 32;

    private const int Eintr = 4;
    private const int EventFdFlags = 0x80000 | 0x800; // EFD_CLOEXEC | EFD_NONBLOCK

    [StructLayout(LayoutKind.Sequential)]
    private struct PollFd
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    /// <summary>Waits for the events on <paramref name="descriptor"/>, for a wake, or for the time.</summary>
    /// <returns>What is true of the descriptor; 0 for a wake, a signal or the time.</returns>
    public static short Wait(int descriptor, short events, WakeUp wake, int milliseconds)
    {
        var set = stackalloc PollFd[2];
        set[0] = new PollFd { Descriptor = descriptor, Events = events };
        set[1] = new PollFd { Descriptor = wake.Descriptor, Events = In };
        var count = poll(set, 2, milliseconds);
        if (count < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            return error == Eintr ? (short)0 : Invalid;
        }
        if (set[1].Returned != 0)
            wake.Drain();
        return set[0].Returned;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(PollFd* set, nuint count, int milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int descriptor, void* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, void* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);

    /// <summary>Wakes a thread that sits in <see cref="Wait"/>.</summary>
    public sealed class WakeUp : IDisposable
    {
        private readonly Lock _gate = new();
        private int _descriptor;

        public WakeUp()
        {
            _descriptor = eventfd(0, EventFdFlags);
            if (_descriptor < 0)
                throw new IOException($"eventfd failed with error {Marshal.GetLastPInvokeError()}.");
        }

        public int Descriptor => _descriptor;

        public void Set()
        {
            lock (_gate)
            {
                if (_descriptor < 0)
                    return;
                ulong one = 1;
                // Fails only when the counter is full, and then the sleeper is awake anyway.
                _ = write(_descriptor, &one, sizeof(ulong));
            }
        }

        public void Drain()
        {
            ulong value = 0;
            _ = read(_descriptor, &value, sizeof(ulong));
        }

        public void Dispose()
        {
            lock (_gate)
            {
                if (_descriptor < 0)
                    return;
                _ = close(_descriptor);
                _descriptor = -1;
            }
        }
    }
}
