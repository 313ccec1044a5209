using FabLab.Contracts;
using FabLab.Kiosk.Door;
using FabLab.Kiosk.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Kiosk.Link;

/// <summary>
/// Hands in what happened at the door: strictly in order, one batch at a time. It may send an item twice and never skips one; the id
/// of the item makes the second time harmless. What Booking can never take is set aside, and the rest goes on.
/// </summary>
internal sealed partial class VisitUploader(KioskStore store, BookingLink link, DoorMemory memory, TimeProvider time, ILogger<VisitUploader> log) : BackgroundService
{
    /// <summary>A batch that is not understood is cut in half; a single item that is not understood so often is set aside.</summary>
    private const int RefusalsBeforeSetAside = 3;

    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(15);

    private int _limit = VisitBatch.MaxItems;
    private int _refusals;
    private bool _lost;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var wait = TimeSpan.Zero;
        try
        {
            while (true)
            {
                if (wait > TimeSpan.Zero)
                    await Task.Delay(wait, time, stoppingToken);
                await store.WaitAsync(stoppingToken);
                wait = await SendAsync(stoppingToken) ? TimeSpan.Zero : wait == TimeSpan.Zero ? FirstWait : wait < LongestWait / 2 ? wait * 2 : LongestWait;
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            Log.Stopped(log, store.Count);
        }
    }

    /// <summary>Sends the first of the line.</summary>
    /// <returns>Whether the line moved; false: wait before the next try.</returns>
    public async Task<bool> SendAsync(CancellationToken cancellationToken)
    {
        var first = store.First(_limit);
        if (first.Count == 0)
            return true;
        var now = Instant.FromDateTimeOffset(time.GetUtcNow());
        // Their times by the clock of this moment: when somebody set the clock in between, what lies before it is still right.
        var batch = new VisitBatch(now, [.. first.Select(waiting => waiting.Item with { At = memory.SaidAt(waiting.Item, now) })]);
        var (receipt, fault, cause) = await link.AskAsync((client, cancel) => client.VisitsAsync(batch, cancel), cancellationToken);
        switch (fault)
        {
            case LinkFault.None when receipt!.Answers.Count == first.Count:
                store.Settle([.. first.Zip(receipt.Answers, (item, answer) => (item, answer.Code))], now);
                foreach (var sent in first)
                    memory.Delivered(sent.Item.Id);
                var refused = receipt.Answers.Count(answer => VisitAnswers.IsRefusal(answer.Code));
                if (refused > 0)
                    Log.SetAside(log, refused);
                if (_lost)
                    Log.Back(log);
                (_lost, _refusals, _limit) = (false, 0, Math.Min(_limit * 2, VisitBatch.MaxItems));
                return true;
            case LinkFault.NotUnderstood when first.Count > 1:
                _limit = Math.Max(1, first.Count / 2);
                return true;
            case LinkFault.NotUnderstood when ++_refusals >= RefusalsBeforeSetAside:
                store.Settle([(first[0], VisitAnswers.Malformed)], now);
                Log.SetAside(log, 1);
                _refusals = 0;
                return true;
            default:
                if (!_lost)
                    Log.Lost(log, cause.Length > 0 ? cause : "an answer of another length");
                _lost = true;
                return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 6011, Level = LogLevel.Warning, Message = "Booking does not take what happened at the door ({Cause}). It is kept here.")]
        public static partial void Lost(ILogger logger, string cause);

        [LoggerMessage(EventId = 6012, Level = LogLevel.Information, Message = "Booking takes what happened at the door again.")]
        public static partial void Back(ILogger logger);

        [LoggerMessage(EventId = 6013, Level = LogLevel.Error, Message = "{Count} items could not be taken by Booking and were set aside in the kiosk's file.")]
        public static partial void SetAside(ILogger logger, int count);

        [LoggerMessage(EventId = 6014, Level = LogLevel.Debug, Message = "The door stops; {Count} items wait in its file.")]
        public static partial void Stopped(ILogger logger, long count);
    }
}
