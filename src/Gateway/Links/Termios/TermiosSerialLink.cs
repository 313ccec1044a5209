using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Links.Termios;

/// <summary>The serial link over libc: one supervisor, one thread while the port is open.</summary>
public sealed partial class TermiosSerialLink : ISerialLink
{
    // The thread sleeps in poll and is woken by bytes, by the unplug or by the end; the time is only a safety net.
    private const int PollMilliseconds = 250;
    private const int WritePatienceMilliseconds = 200;

    private readonly SerialLinkOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LogGate _logGate;
    private readonly CancellationTokenSource _stopping = new();
    private readonly PosixPoll.WakeUp _wake = new();
    private readonly PosixPoll.WakeUp _neverWoken = new();

    // Guards the descriptor against being closed, and so perhaps given to somebody else, in the middle of a write.
    private readonly Lock _writing = new();
    private int _descriptor = -1;
    private volatile LinkStatus _status = new(LinkPhase.Stopped, LinkFault.None, null, 0);
    private ISerialSink? _sink;
    private Task? _supervisor;

    public TermiosSerialLink(SerialLinkOptions options, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!SerialLinkOptions.BaudRates.Contains(options.Baud))
            throw new ArgumentException($"{options.Baud} baud is not one of {string.Join(", ", SerialLinkOptions.BaudRates)}.", nameof(options));
        _options = options;
        _time = time;
        _logger = logger;
        _logGate = new LogGate(time);
    }

    public LinkStatus Status => _status;

    public void Start(ISerialSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        if (Interlocked.CompareExchange(ref _sink, sink, null) is not null)
            throw new InvalidOperationException("The link is already started.");
        _supervisor = SuperviseAsync(_stopping.Token);
    }

    public LinkSend Write(ReadOnlySpan<byte> bytes)
    {
        lock (_writing)
        {
            if (_descriptor < 0)
                return LinkSend.Down;
            var started = _time.GetTimestamp();
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
                if (error != TermiosNative.Eagain || _time.GetElapsedTime(started).TotalMilliseconds > WritePatienceMilliseconds)
                    return LinkSend.Down;
                _ = PosixPoll.Wait(_descriptor, PosixPoll.Out, _neverWoken, WritePatienceMilliseconds / 4);
            }
            return LinkSend.Sent;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
            return;
        await _stopping.CancelAsync().ConfigureAwait(false);
        _wake.Set();
        if (_supervisor is { } supervisor)
            await supervisor.ConfigureAwait(false);
        _status = new LinkStatus(LinkPhase.Stopped, LinkFault.None, null, 0);
        _wake.Dispose();
        _neverWoken.Dispose();
        _stopping.Dispose();
    }

    private async Task SuperviseAsync(CancellationToken stopping)
    {
        var backoff = new Backoff(_options.Backoff);
        while (!stopping.IsCancellationRequested)
        {
            _status = _status with { Phase = LinkPhase.Connecting };
            var (stood, fault, detail) = await Task.Factory.StartNew(() => OpenAndServe(stopping), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
            if (stood)
                backoff.Reset();
            if (stopping.IsCancellationRequested)
                return;
            var wait = backoff.Next();
            _status = new LinkStatus(LinkPhase.Waiting, fault, detail, backoff.Attempts);
            LinkMetrics.Reconnects.Add(1);
            if (_logGate.Pass("down " + fault, out var heldBack))
                Log.Down(_logger, _options.ToString(), fault, detail, heldBack);
            try
            {
                await Task.Delay(wait, _time, stopping).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private (bool Stood, LinkFault Fault, string? Detail) OpenAndServe(CancellationToken stopping)
    {
        if (!File.Exists(_options.Path))
            return (false, LinkFault.Missing, "no such port");
        if (!PortLock.TryTake(_options.Path, _options.LockFolder, out var held, out var holder))
            return (false, LinkFault.Busy, $"the port is in use by {holder}");
        using var portLock = held;
        var descriptor = TermiosNative.OpenPort(_options.Path, _options.Baud, out var error);
        if (descriptor < 0)
            return (false, error == TermiosNative.Ebusy ? LinkFault.Busy : LinkFault.Missing, Marshal.GetPInvokeErrorMessage(error));
        try
        {
            lock (_writing)
                _descriptor = descriptor;
            _status = new LinkStatus(LinkPhase.Up, LinkFault.None, null, 0);
            Log.Up(_logger, _options.ToString());
            Guard(() => _sink!.OnLinkChanged(true));
            var detail = Serve(descriptor, stopping);
            return (true, LinkFault.Lost, detail);
        }
        finally
        {
            lock (_writing)
                _descriptor = -1;
            _ = TermiosNative.Close(descriptor);
            Guard(() => _sink!.OnLinkChanged(false));
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

    private void Deliver(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _sink!.OnBytes(bytes, _time.GetTimestamp());
        }
        catch (Exception fault)
        {
            SinkFault(fault);
        }
    }

    private void Guard(Action call)
    {
        try
        {
            call();
        }
        catch (Exception fault)
        {
            SinkFault(fault);
        }
    }

    private void SinkFault(Exception fault)
    {
        LinkMetrics.SinkFaults.Add(1);
        if (_logGate.Pass("sink", out var heldBack))
            Log.SinkFault(_logger, fault, _options.ToString(), heldBack);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 3020, Level = LogLevel.Information, Message = "Serial port {Port} is open.")]
        public static partial void Up(ILogger logger, string port);

        [LoggerMessage(EventId = 3021, Level = LogLevel.Warning, Message = "Serial port {Port} is away: {Fault}, {Detail}. Trying again. ({HeldBack} like it not shown)")]
        public static partial void Down(ILogger logger, string port, LinkFault fault, string? detail, int heldBack);

        [LoggerMessage(EventId = 3022, Level = LogLevel.Error, Message = "The reader of serial port {Port} failed on what came. ({HeldBack} like it not shown)")]
        public static partial void SinkFault(ILogger logger, Exception fault, string port, int heldBack);
    }
}
