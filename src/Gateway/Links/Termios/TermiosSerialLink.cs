using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Links.Termios;

/// <summary>The serial link over libc: one thread while the port is open.</summary>
public sealed class TermiosSerialLink(SerialLinkOptions options, TimeProvider time, ILogger logger) : SerialLink(options, time, logger)
{
    // The thread sleeps in poll and is woken by bytes, by the unplug or by the end; the time is only a safety net.
    private const int PollMilliseconds = 250;
    private const int WritePatienceMilliseconds = 200;

    private readonly PosixPoll.WakeUp _wake = new();
    private readonly PosixPoll.WakeUp _neverWoken = new();

    // Guards the descriptor against being closed, and so perhaps given to somebody else, in the middle of a write.
    private readonly Lock _writing = new();
    private int _descriptor = -1;

    public override LinkSend Write(ReadOnlySpan<byte> bytes)
    {
        lock (_writing)
        {
            if (_descriptor < 0)
                return LinkSend.Down;
            var started = Time.GetTimestamp();
            while (bytes.Length > 0)
            {
                var written = TermiosNative.Write(_descriptor, bytes, out var error);
                if (written > 0)
                {
                    bytes = bytes[written..];
                    continue;
                }
                if (written < 0 && error == TermiosNative.Eintr)
                    continue;
                // EIO: unplugged. The reading thread sees it too and cleans up.
                if (error != TermiosNative.Eagain || Time.GetElapsedTime(started).TotalMilliseconds > WritePatienceMilliseconds)
                    return LinkSend.Down;
                _ = PosixPoll.Wait(_descriptor, PosixPoll.Out, _neverWoken, WritePatienceMilliseconds / 4);
            }
            return LinkSend.Sent;
        }
    }

    private protected override void Wake() => _wake.Set();

    private protected override void CleanUp()
    {
        _wake.Dispose();
        _neverWoken.Dispose();
    }

    private protected override Task<SerialEnd> OpenAndServeAsync(CancellationToken stopping) =>
        Task.Factory.StartNew(() => OpenAndServe(stopping), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private SerialEnd OpenAndServe(CancellationToken stopping)
    {
        var descriptor = TermiosNative.OpenPort(Options.Path, Options.Baud, out var error);
        if (descriptor < 0)
            return new SerialEnd(false, error == TermiosNative.Ebusy ? LinkFault.Busy : LinkFault.Missing, Marshal.GetPInvokeErrorMessage(error));
        try
        {
            lock (_writing)
                _descriptor = descriptor;
            CameUp();
            return new SerialEnd(true, LinkFault.Lost, Serve(descriptor, stopping));
        }
        finally
        {
            lock (_writing)
                _descriptor = -1;
            _ = TermiosNative.Close(descriptor);
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
            // Also with HUP: what came before the unplug is still to be read.
            var count = TermiosNative.Read(descriptor, buffer, out var error);
            if (count > 0)
            {
                Deliver(buffer[..count]);
                continue;
            }
            if (count < 0 && error is TermiosNative.Eintr)
                continue;
            if (count < 0 && error is TermiosNative.Eagain && (ready & (PosixPoll.HangUp | PosixPoll.Error | PosixPoll.Invalid)) == 0)
                continue;
            return count == 0 ? "unplugged" : Marshal.GetPInvokeErrorMessage(error);
        }
        return "closed";
    }
}
