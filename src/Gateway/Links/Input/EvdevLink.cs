using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Links.Input;

/// <summary>
/// An input device of Linux, read and grabbed: what it types reaches nobody else on this computer. Where it is no input device (a pipe
/// with recorded events) there is nothing to grab. Nothing can be written to it.
/// </summary>
public sealed partial class EvdevLink(SerialLinkOptions options, TimeProvider time, ILogger logger) : SerialLink(options, time, logger)
{
    private const int PollMilliseconds = 250;
    private const int OpenFlags = 0x800 | 0x80000; // O_RDONLY | O_NONBLOCK | O_CLOEXEC
    private const nuint Eviocgrab = 0x40044590;
    private const int Enotty = 25;
    private const int Einval = 22;

    private readonly PosixPoll.WakeUp _wake = new();

    public override LinkSend Write(ReadOnlySpan<byte> bytes) => LinkSend.Invalid;

    private protected override void Wake() => _wake.Set();

    private protected override void CleanUp() => _wake.Dispose();

    private protected override Task<SerialEnd> OpenAndServeAsync(CancellationToken stopping) =>
        Task.Factory.StartNew(() => OpenAndServe(stopping), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private SerialEnd OpenAndServe(CancellationToken stopping)
    {
        var descriptor = open(Options.Path, OpenFlags, 0);
        if (descriptor < 0)
            return new SerialEnd(false, LinkFault.Missing, Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()));
        try
        {
            if (ioctl(descriptor, Eviocgrab, 1) < 0 && Marshal.GetLastPInvokeError() is var error and not (Enotty or Einval))
                return new SerialEnd(false, LinkFault.Busy, $"somebody else has grabbed it: {Marshal.GetPInvokeErrorMessage(error)}");
            CameUp();
            return new SerialEnd(true, LinkFault.Lost, Serve(descriptor, stopping));
        }
        finally
        {
            // The kernel gives the grab back with it.
            _ = Termios.TermiosNative.Close(descriptor);
            WentDown();
        }
    }

    private string Serve(int descriptor, CancellationToken stopping)
    {
        Span<byte> buffer = stackalloc byte[4096];
        while (!stopping.IsCancellationRequested)
        {
            var ready = PosixPoll.Wait(descriptor, PosixPoll.In, _wake, PollMilliseconds);
            if (ready == 0)
                continue;
            var count = Termios.TermiosNative.Read(descriptor, buffer, out var error);
            if (count > 0)
                Deliver(buffer[..count]);
            else if (count == 0)
                return "unplugged";
            else if (error is not (Termios.TermiosNative.Eintr or Termios.TermiosNative.Eagain) || (ready & (PosixPoll.HangUp | PosixPoll.Error | PosixPoll.Invalid)) != 0)
                return Marshal.GetPInvokeErrorMessage(error);
        }
        return "closed";
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(int descriptor, nuint request, nint argument);
}
