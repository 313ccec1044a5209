using System.IO.Ports;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Links.SystemIoPorts;

/// <summary>
/// The serial link over System.IO.Ports, for computers that are no Linux. Compiled with <c>-p:UseSystemIoPorts=true</c> only.
/// It reads the stream in one loop: the events of that library are not to be relied on. A read that waits when the device is
/// unplugged never ends, so the port is asked every quarter of a second whether it still is one.
/// </summary>
public sealed class SystemIoPortsLink(SerialLinkOptions options, TimeProvider time, ILogger logger) : SerialLink(options, time, logger)
{
    private const int WritePatienceMilliseconds = 200;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan PatienceAtClose = TimeSpan.FromSeconds(2);

    private readonly Lock _writing = new();
    private SerialPort? _port;

    public override LinkSend Write(ReadOnlySpan<byte> bytes)
    {
        lock (_writing)
        {
            if (_port is not { } port)
                return LinkSend.Down;
            try
            {
                port.BaseStream.Write(bytes.ToArray());
                return LinkSend.Sent;
            }
            catch (Exception fault) when (IsGone(fault) || fault is TimeoutException)
            {
                // The reading loop sees it too and cleans up.
                return LinkSend.Down;
            }
        }
    }

    private protected override async Task<SerialEnd> OpenAndServeAsync(CancellationToken stopping)
    {
        var port = new SerialPort(Options.Path, Options.Baud, Parity.None, 8, StopBits.One)
        {
            Handshake = Handshake.None, WriteTimeout = WritePatienceMilliseconds, ReadTimeout = SerialPort.InfiniteTimeout,
        };
        try
        {
            try
            {
                port.Open();
                port.DiscardInBuffer();
            }
            catch (Exception fault) when (IsGone(fault))
            {
                return new SerialEnd(false, fault is UnauthorizedAccessException ? LinkFault.Busy : LinkFault.Missing, fault.Message);
            }
            lock (_writing)
                _port = port;
            CameUp();
            try
            {
                return new SerialEnd(true, LinkFault.Lost, await ServeAsync(port, stopping).ConfigureAwait(false));
            }
            finally
            {
                lock (_writing)
                    _port = null;
                WentDown();
            }
        }
        finally
        {
            await CloseAsync(port).ConfigureAwait(false);
        }
    }

    private async Task<string> ServeAsync(SerialPort port, CancellationToken stopping)
    {
        var buffer = new byte[4096];
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                var reading = port.BaseStream.ReadAsync(buffer, CancellationToken.None).AsTask();
                while (!reading.IsCompleted)
                {
                    await Task.WhenAny(reading, Task.Delay(LookEvery, Time, stopping)).ConfigureAwait(false);
                    if (stopping.IsCancellationRequested)
                        return "closed";
                    // Asks the driver, which fails when the device is gone.
                    _ = port.BytesToRead;
                }
                var count = await reading.ConfigureAwait(false);
                if (count == 0)
                    return "unplugged";
                Deliver(buffer.AsSpan(0, count));
            }
            return "closed";
        }
        catch (Exception fault) when (IsGone(fault))
        {
            return fault.Message;
        }
    }

    /// <summary>Off this thread and with an end: closing a port that was unplugged may hang in the library.</summary>
    private async Task CloseAsync(SerialPort port)
    {
        var closing = Task.Run(port.Dispose, CancellationToken.None);
        await ((Task)Task.WhenAny(closing, Task.Delay(PatienceAtClose, Time, CancellationToken.None))).ConfigureAwait(false);
    }

    private static bool IsGone(Exception fault) =>
        fault is IOException or UnauthorizedAccessException or InvalidOperationException or OperationCanceledException;
}
