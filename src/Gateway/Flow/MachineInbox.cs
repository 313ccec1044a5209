using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Supervision;

namespace FabLab.Gateway.Flow;

/// <summary>
/// STEP 1. Everything that a machine is told passes here, in order, to one reader.
/// </summary>
internal sealed class MachineInbox
{
    private static readonly TimeSpan TapWait = TimeSpan.FromMilliseconds(250);

    // Full: the sender waits. Records of a device's journal are never dropped; the device is held back instead.
    private readonly Channel<MachineMessage> _main = Channel.CreateBounded<MachineMessage>(
        new BoundedChannelOptions(256) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    // Full: the oldest reading goes. The next one says more, and energy totals run on in the meter.
    private readonly Channel<MachineMessage.Reported> _telemetry;

    // One bit: somebody should look. Full: it is set already.
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly TimeProvider _time;
    private readonly GatewayMetrics _metrics;

    public MachineInbox(TimeProvider time, GatewayMetrics metrics)
    {
        _time = time;
        _metrics = metrics;
        _telemetry = Channel.CreateBounded<MachineMessage.Reported>(
            new BoundedChannelOptions(16) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            _ => metrics.Dropped.Add("telemetry"));
    }

    /// <summary>Lets the reader look again without a message.</summary>
    public void Wake() => _wake.Writer.TryWrite(true);

    /// <summary>Waits for room as long as it takes.</summary>
    public async ValueTask PostAsync(MachineMessage message, CancellationToken cancellationToken)
    {
        if (message is MachineMessage.Reported { Report: DeviceReport.PowerReport, Key: null } reading)
            _telemetry.Writer.TryWrite(reading);
        else if (!_main.Writer.TryWrite(message))
            await _main.Writer.WriteAsync(message, cancellationToken);
        Wake();
    }

    /// <summary>A live tap waits briefly for room. A person who stands there taps again; a tap that is answered late opens nothing.</summary>
    /// <returns>False when there was no room in time.</returns>
    public async ValueTask<bool> PostTapAsync(MachineMessage message, CancellationToken cancellationToken)
    {
        if (!_main.Writer.TryWrite(message))
        {
            using var limit = new CancellationTokenSource(TapWait, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            try
            {
                await _main.Writer.WriteAsync(message, either.Token);
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                _metrics.Dropped.Add("tap");
                return false;
            }
        }
        Wake();
        return true;
    }

    /// <summary>The next message: of the two queues the one that arrived first, so that a reading stays on its side of a switch.</summary>
    public bool TryTake([NotNullWhen(true)] out MachineMessage? message)
    {
        if (_telemetry.Reader.TryPeek(out var reading)
            && (!_main.Reader.TryPeek(out var other) || other is not MachineMessage.Reported { Report: var report } || reading.Report.ReceivedTimestamp < report.ReceivedTimestamp)
            && _telemetry.Reader.TryRead(out var taken))
        {
            message = taken;
            return true;
        }
        return _main.Reader.TryRead(out message);
    }

    public async ValueTask WaitAsync(CancellationToken cancellationToken) => await _wake.Reader.ReadAsync(cancellationToken);
}
