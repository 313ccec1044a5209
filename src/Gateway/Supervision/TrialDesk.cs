using FabLab.Contracts;
using FabLab.Core;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Flow;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Gateway.Supervision;

/// <summary>
/// Runs the trials that staff asked for, each once; those that need nobody's hand one after the other. A pass is written into the list of devices with the firmware it was made
/// with, so it holds over a restart and without Booking.
/// </summary>
internal sealed partial class TrialDesk(
    FlowParts parts, IDeviceSource source, DeviceRules rules, Func<MachineId, bool> isInUse, Func<string, CancellationToken, Task> follow, ILogger<TrialDesk> logger)
{
    private readonly Dictionary<DeviceId, Instant> _asked = [];
    private readonly List<DeviceTested> _results = [];
    private readonly Lock _gate = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Something is to be told.</summary>
    public bool HasNews
    {
        get { lock (_gate) return _results.Count > 0; }
    }

    /// <summary>What has come out and was not told yet.</summary>
    public IReadOnlyList<DeviceTested>? News
    {
        get { lock (_gate) return _results.Count > 0 ? [.. _results] : null; }
    }

    /// <summary>Booking has heard these.</summary>
    public void Told(IReadOnlyList<DeviceTested> results)
    {
        lock (_gate)
            _results.RemoveAll(results.Contains);
    }

    /// <summary>Takes an order; the same one again changes nothing.</summary>
    public void Take(DeviceToTest order, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_asked.TryGetValue(order.Device, out var before) && before == order.Asked)
                return;
            _asked[order.Device] = order.Asked;
            // One that waits for somebody's hand holds up no other.
            if (order.Kind is TrialKind.Lease)
                _running = RunAsync(_running, order, cancellationToken);
            else
                _ = RunAsync(Task.CompletedTask, order, cancellationToken);
        }
    }

    private async Task RunAsync(Task before, DeviceToTest order, CancellationToken cancellationToken)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        var firmware = parts.Devices.Firmware(order.Device);
        var (outcome, byPower) = (TrialOutcome.Broke, false);
        var trial = DeviceTrial.Of(order, parts.Time);
        try
        {
            if (!parts.Devices.IsOnline(order.Device) || parts.Devices.Find(order.Device) is not { } device)
                outcome = TrialOutcome.Away;
            else if (!parts.Trials.Begin(trial))
                outcome = TrialOutcome.Busy;
            else if (parts.Policy.Current.MachinesOf(order.Device).Any(isInUse))
                outcome = TrialOutcome.Busy;
            else
                (outcome, byPower) = await TryAsync(trial, device, cancellationToken);
            // The firmware as it stands now: what changed meanwhile was not tried.
            if (outcome == TrialOutcome.Passed && parts.Devices.Firmware(order.Device) != firmware)
                outcome = TrialOutcome.Away;
            if (order.Kind is TrialKind.Lease && outcome is not (TrialOutcome.Away or TrialOutcome.Busy) && !await source.ProveAsync(order.Device.Value, outcome == TrialOutcome.Passed ? firmware ?? "" : null, cancellationToken))
                outcome = TrialOutcome.NotStored;
            if (order.Kind is TrialKind.Lease)
                await follow(order.Device.Value, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e)
        {
            Log.Broke(logger, order.Device, e);
            outcome = TrialOutcome.Broke;
        }
        finally
        {
            parts.Trials.End(trial);
        }
        Log.Tested(logger, order.Device, order.Kind, outcome, firmware);
        lock (_gate)
            _results.Add(new DeviceTested(order.Device, order.Asked, outcome, firmware, byPower, order.Kind));
    }

    private async Task<(TrialOutcome Outcome, bool ByPower)> TryAsync(DeviceTrial trial, IDevice device, CancellationToken cancellationToken)
    {
        try
        {
            await rules.OpenWhenLostAsync(device, cancellationToken);
            return await trial.RunAsync(device, SessionId.New(parts.Clock.Now), cancellationToken);
        }
        finally
        {
            await rules.TrialOverAsync(device);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4871, LogLevel.Information, "{Device}: its relay was tried ({Kind}): {Outcome} (firmware {Firmware})")]
        public static partial void Tested(ILogger logger, DeviceId device, TrialKind kind, TrialOutcome outcome, string? firmware);

        [LoggerMessage(4872, LogLevel.Error, "{Device}: its trial broke")]
        public static partial void Broke(ILogger logger, DeviceId device, Exception exception);
    }
}
