using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers;

/// <summary>
/// What stands between a driver, which must never wait, and the reader of its reports, which may be late. Room for 1024.
/// When that is full: a power reading is dropped; a live badge waits 250 ms and is then dropped (the person taps again, nothing
/// opened); everything else waits in order behind, and when 4096 wait a journal record is refused, which makes the device send it
/// again, and what has no key is dropped. Each drop is counted and logged once a minute. Any thread may post.
/// </summary>
internal sealed partial class ReportQueue(string device, TimeProvider time, ILogger logger, int capacity = 1024)
{
    private const int MostWaiting = 4096;
    private static readonly TimeSpan BadgePatience = TimeSpan.FromMilliseconds(250);

    private readonly Channel<DeviceReport> _channel = Channel.CreateBounded<DeviceReport>(
        new BoundedChannelOptions(capacity) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    private readonly Links.LogGate _logGate = new(time);
    private readonly Lock _gate = new();
    private readonly Queue<DeviceReport> _waiting = [];
    private bool _draining;
    private bool _completed;

    public ChannelReader<DeviceReport> Reader => _channel.Reader;

    /// <summary>Reports dropped so far.</summary>
    public long Dropped { get; private set; }

    /// <summary>Puts a report in.</summary>
    /// <returns>False when it was not taken: it is gone, unless the device keeps it.</returns>
    public bool Post(DeviceReport report)
    {
        lock (_gate)
        {
            if (_completed)
                return false;
            if (!_draining && _channel.Writer.TryWrite(report))
                return true;
            if (report is DeviceReport.PowerReport || _waiting.Count >= MostWaiting)
            {
                Drop(report);
                return false;
            }
            _waiting.Enqueue(report);
            if (!_draining)
            {
                _draining = true;
                _ = DrainAsync();
            }
            return true;
        }
    }

    public void Complete()
    {
        lock (_gate)
        {
            _completed = true;
            _waiting.Clear();
            _channel.Writer.TryComplete();
        }
    }

    private async Task DrainAsync()
    {
        while (await _channel.Writer.WaitToWriteAsync().ConfigureAwait(false))
        {
            lock (_gate)
            {
                while (_waiting.TryPeek(out var next))
                {
                    if (next is DeviceReport.BadgeRead { Live: true, Key: null } && time.GetElapsedTime(next.ReceivedTimestamp) > BadgePatience)
                        Drop(next);
                    else if (!_channel.Writer.TryWrite(next))
                        break;
                    _waiting.Dequeue();
                }
                if (_waiting.Count == 0)
                {
                    _draining = false;
                    return;
                }
            }
        }
    }

    private void Drop(DeviceReport report)
    {
        Dropped++;
        DriverMetrics.Dropped.Add(1);
        if (_logGate.Pass(report.GetType().Name, out var heldBack))
            Log.Dropped(logger, device, report.GetType().Name, heldBack);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 3300, Level = LogLevel.Warning, Message = "{Device}: a {Kind} was dropped, its reader is late. ({HeldBack} like it not shown)")]
        public static partial void Dropped(ILogger logger, string device, string kind, int heldBack);
    }
}
