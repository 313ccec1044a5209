using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FabLab.Booking.Features;

/// <summary>
/// A worker that does its round again and again: every so often, and when it is called. One round at a time. A round that fails is
/// logged, and the next one does what it could not.
/// </summary>
/// <param name="every">How often.</param>
/// <param name="signal">What calls it besides; null for nothing.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where failures are told.</param>
internal abstract partial class RoundWorker(TimeSpan every, WorkSignal? signal, TimeProvider time, ILogger log) : BackgroundService
{
    private readonly SemaphoreSlim _one = new(1, 1);

    protected TimeProvider Time => time;

    protected ILogger Logger => log;

    /// <summary>Whether there is anything to do for it here at all.</summary>
    protected virtual bool On => true;

    /// <summary>Whether the first round comes at once, not after the first wait.</summary>
    protected virtual bool StartsAtOnce => true;

    /// <summary>One round.</summary>
    protected abstract Task DoAsync(CancellationToken cancellationToken);

    /// <summary>One round, after the one that is being done.</summary>
    internal async Task RoundAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            await DoAsync(cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Does a part of a round that must not keep the others from their work.</summary>
    protected async Task TryAsync(Func<CancellationToken, Task> part, CancellationToken stoppingToken)
    {
        try
        {
            await part(stoppingToken);
        }
        catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
        {
            Log.Failed(log, GetType().Name, fault);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!On)
            return;
        try
        {
            await foreach (var _ in (signal ?? new WorkSignal()).CallsAsync(every, StartsAtOnce, time, stoppingToken))
                await TryAsync(RoundAsync, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            Log.Ended(log, GetType().Name);
        }
    }

    public override void Dispose()
    {
        _one.Dispose();
        base.Dispose();
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 5221, Level = LogLevel.Error, Message = "A round of {Worker} failed; the next one tries again.")]
        public static partial void Failed(ILogger logger, string worker, Exception fault);

        [LoggerMessage(EventId = 5222, Level = LogLevel.Debug, Message = "{Worker} has ended.")]
        public static partial void Ended(ILogger logger, string worker);
    }
}
