using FabLab.Kiosk.Door;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FabLab.Kiosk.Link;

/// <summary>Keeps the copy of what the door needs fresh.</summary>
internal sealed partial class DoorFetcher(BookingLink link, DoorMemory memory, TimeProvider time, ILogger<DoorFetcher> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    /// <summary>While Booking does not answer.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _one = new(1, 1);
    private LinkFault _last;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
                await Task.Delay(await FetchAsync(stoppingToken) ? Every : Again, time, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            Log.Stopped(log);
        }
    }

    /// <summary>Asks once, now.</summary>
    /// <returns>Whether there was an answer.</returns>
    public async Task<bool> FetchAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            var (answer, fault, cause) = await link.AskSoonAsync((client, cancel) => client.DoorAsync(memory.Version, cancel), cancellationToken);
            if (fault != _last && fault == LinkFault.None)
                Log.Back(log);
            else if (fault != _last)
                Log.Lost(log, cause);
            _last = fault;
            if (answer is not null)
                memory.Take(answer);
            else
                memory.Miss();
            return answer is not null;
        }
        finally
        {
            _one.Release();
        }
    }

    public override void Dispose()
    {
        _one.Dispose();
        base.Dispose();
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 6021, Level = LogLevel.Warning, Message = "What the door needs could not be fetched ({Cause}). It goes on with what it knows.")]
        public static partial void Lost(ILogger logger, string cause);

        [LoggerMessage(EventId = 6022, Level = LogLevel.Information, Message = "What the door needs is fetched again.")]
        public static partial void Back(ILogger logger);

        [LoggerMessage(EventId = 6023, Level = LogLevel.Debug, Message = "The door asks no more.")]
        public static partial void Stopped(ILogger logger);
    }
}
