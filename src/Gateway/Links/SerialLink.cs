using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Links;

/// <summary>
/// What every serial link does the same way: one supervisor that opens the port under its lock, again and again, and tells the
/// reader. How the bytes travel while the port is open is left to the kinds of link.
/// </summary>
public abstract partial class SerialLink : ISerialLink
{
    private readonly LogGate _logGate;
    private readonly CancellationTokenSource _stopping = new();
    private volatile LinkStatus _status = new(LinkPhase.Stopped, LinkFault.None, null, 0);
    private ISerialSink? _sink;
    private Task? _supervisor;

    private protected SerialLink(SerialLinkOptions options, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!SerialLinkOptions.BaudRates.Contains(options.Baud))
            throw new ArgumentException($"{options.Baud} baud is not one of {string.Join(", ", SerialLinkOptions.BaudRates)}.", nameof(options));
        Options = options;
        Time = time;
        Logger = logger;
        _logGate = new LogGate(time);
    }

    public LinkStatus Status => _status;

    private protected SerialLinkOptions Options { get; }

    private protected TimeProvider Time { get; }

    private protected ILogger Logger { get; }

    /// <summary>What it is called in a log.</summary>
    private protected virtual string Name => Options.ToString();

    public void Start(ISerialSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        if (Interlocked.CompareExchange(ref _sink, sink, null) is not null)
            throw new InvalidOperationException("The link is already started.");
        _supervisor = SuperviseAsync(_stopping.Token);
    }

    public abstract LinkSend Write(ReadOnlySpan<byte> bytes);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_stopping.IsCancellationRequested)
            return;
        await _stopping.CancelAsync().ConfigureAwait(false);
        Wake();
        if (_supervisor is { } supervisor)
            await supervisor.ConfigureAwait(false);
        _status = new LinkStatus(LinkPhase.Stopped, LinkFault.None, null, 0);
        CleanUp();
        _stopping.Dispose();
    }

    /// <summary>
    /// Opens the port, whose lock is held; calls <see cref="CameUp"/>, delivers until the port is gone or <paramref name="stopping"/>
    /// is cancelled, calls <see cref="WentDown"/>.
    /// </summary>
    private protected abstract Task<SerialEnd> OpenAndServeAsync(CancellationToken stopping);

    /// <summary>Ends a wait inside <see cref="OpenAndServeAsync"/> that does not listen to the token.</summary>
    private protected virtual void Wake()
    {
    }

    /// <summary>Once, when nothing runs any more.</summary>
    private protected virtual void CleanUp()
    {
    }

    private protected void CameUp()
    {
        _status = new LinkStatus(LinkPhase.Up, LinkFault.None, null, 0);
        Log.Up(Logger, Name);
        Guard(() => _sink!.OnLinkChanged(true));
    }

    private protected void WentDown() => Guard(() => _sink!.OnLinkChanged(false));

    private async Task SuperviseAsync(CancellationToken stopping)
    {
        var backoff = new Backoff(Options.Backoff);
        while (!stopping.IsCancellationRequested)
        {
            _status = _status with { Phase = LinkPhase.Connecting };
            var (stood, fault, detail) = await OpenUnderLockAsync(stopping).ConfigureAwait(false);
            if (stood)
                backoff.Reset();
            if (stopping.IsCancellationRequested)
                return;
            var wait = backoff.Next();
            _status = new LinkStatus(LinkPhase.Waiting, fault, detail, backoff.Attempts);
            LinkMetrics.Reconnects.Add(1);
            if (_logGate.Pass($"down {fault} {detail}", out var heldBack))
                Log.Down(Logger, Name, fault, detail, heldBack);
            try
            {
                await Task.Delay(wait, Time, stopping).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Takes the port's lock and opens it; why not, when it is not there or somebody else's.</summary>
    private protected virtual async Task<SerialEnd> OpenUnderLockAsync(CancellationToken stopping)
    {
        if (!File.Exists(Options.Path))
            return new SerialEnd(false, LinkFault.Missing, "no such port");
        if (!PortLock.TryTake(Options.Path, Options.LockFolder, out var held, out var holder))
            return new SerialEnd(false, LinkFault.Busy, $"the port is in use by {holder}");
        using var portLock = held;
        return await OpenAndServeAsync(stopping).ConfigureAwait(false);
    }

    private protected void Deliver(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _sink!.OnBytes(bytes, Time.GetTimestamp());
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
            Log.SinkFault(Logger, fault, Name, heldBack);
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

/// <summary>How it ended: whether the port had been open, and why it is not any more.</summary>
internal readonly record struct SerialEnd(bool Stood, LinkFault Fault, string? Detail);
