using System.Collections.Concurrent;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Gateway.Drivers;
using NodaTime;

namespace FabLab.Gateway.Supervision;

/// <summary>
/// Devices that are being tried: their relays belong to nobody but the trial. What such a relay says goes to no machine, and no
/// machine on it is started. Thread-safe.
/// </summary>
internal sealed class DeviceTrials
{
    private readonly ConcurrentDictionary<DeviceId, DeviceTrial> _running = [];

    public bool IsRunning(DeviceId device) => _running.ContainsKey(device);

    public bool Begin(DeviceTrial trial) => _running.TryAdd(trial.Device, trial);

    public void End(DeviceTrial trial) => _running.TryRemove(KeyValuePair.Create(trial.Device, trial));

    /// <summary>Shows a report to the trial of its device, if there is one.</summary>
    /// <returns>True when it is the trial's alone.</returns>
    public bool Takes(DeviceReport report)
    {
        if (!_running.TryGetValue(report.Device, out var trial))
            return false;
        trial.Saw(report);
        return report is DeviceReport.RelayReport or DeviceReport.PowerReport;
    }
}

/// <summary>
/// Tries whether a relay falls open by itself: a lease of 5 s, renewed at 3 s, so it must still be closed at 6 s; then nobody renews, and
/// it must be open by 10 s. Seen by what the device says of its relay and, when something draws current, by its meter.
/// </summary>
internal sealed class DeviceTrial(DeviceId device, int channel, TimeProvider time)
{
    private static readonly Duration Lease = Duration.FromSeconds(5);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan CloseBy = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RenewAt = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan ClosedAt = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan OpenBy = TimeSpan.FromSeconds(10);

    /// <summary>A meter is heard every few seconds; a device that says its power only when asked is not waited for.</summary>
    private static readonly TimeSpan MeterBy = TimeSpan.FromSeconds(16);

    /// <summary>Below this a reading is noise.</summary>
    private const double LoadWatts = 5;

    private readonly Lock _gate = new();
    private bool? _closed;
    private bool _hasOpened;
    private bool _left;
    private double? _watts;
    private double? _load;

    public DeviceId Device => device;

    /// <summary>What the device says meanwhile.</summary>
    public void Saw(DeviceReport report)
    {
        lock (_gate)
        {
            switch (report)
            {
                case DeviceReport.RelayReport relay when relay.Channel == channel:
                    _hasOpened |= _closed == true && !relay.Closed;
                    _closed = relay.Closed;
                    _watts = null;
                    break;
                case DeviceReport.PowerReport power when power.Channel == channel:
                    _watts = power.Watts;
                    break;
                case DeviceReport.LinkReport { Online: false }:
                    _left = true;
                    break;
            }
        }
    }

    /// <summary>Takes about ten seconds. However it ends, the relay is told to open.</summary>
    public async Task<(TrialOutcome Outcome, bool ByPower)> RunAsync(IDevice at, SessionId session, CancellationToken cancellationToken)
    {
        at.OnTrial(true);
        try
        {
            return await TryAsync(at, session, cancellationToken);
        }
        finally
        {
            at.OnTrial(false);
            await at.OpenAsync(channel, CancellationToken.None);
        }
    }

    private async Task<(TrialOutcome, bool)> TryAsync(IDevice at, SessionId session, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        if (!at.Abilities.HasFlag(DriverAbilities.Switches) || !at.Abilities.HasFlag(DriverAbilities.ConfirmsRelay))
            return (TrialOutcome.CannotTell, false);
        if (await at.HoldAsync(channel, session, Lease, cancellationToken) != SendOutcome.Sent)
            return (TrialOutcome.Away, false);
        await UntilAsync(began, CloseBy, () => _closed == true, cancellationToken);
        if (Said() is not true)
            return (_left ? TrialOutcome.Away : TrialOutcome.NotClosed, false);
        await UntilAsync(began, RenewAt, () => false, cancellationToken);
        if (await at.HoldAsync(channel, session, Lease, cancellationToken) != SendOutcome.Sent)
            return (TrialOutcome.Away, false);
        await UntilAsync(began, ClosedAt, () => false, cancellationToken);
        if (_left)
            return (TrialOutcome.Away, false);
        lock (_gate)
        {
            if (_closed != true || _hasOpened)
                return (TrialOutcome.OpenedEarly, false);
            _load = _watts;
        }
        await UntilAsync(began, OpenBy, () => _closed == false, cancellationToken);
        if (Said() is not false)
            return (_left ? TrialOutcome.Away : TrialOutcome.NotOpened, false);
        if (_load is not > LoadWatts)
            return (TrialOutcome.Passed, false);
        // It says that it is open; the current must say so too. The first reading after the opening counts.
        await UntilAsync(began, MeterBy, () => _watts is not null, cancellationToken);
        lock (_gate)
            return _watts is { } after ? (after > _load.Value / 2 ? TrialOutcome.StillDraws : TrialOutcome.Passed, after <= _load.Value / 2) : (TrialOutcome.Passed, false);
    }

    private bool? Said()
    {
        lock (_gate)
            return _closed;
    }

    private async Task UntilAsync(long began, TimeSpan mark, Func<bool> met, CancellationToken cancellationToken)
    {
        while (time.GetElapsedTime(began) is var passed && passed < mark)
        {
            lock (_gate)
            {
                if (_left || met())
                    return;
            }
            var left = mark - passed;
            await Task.Delay(left < Step ? left : Step, time, cancellationToken);
        }
    }
}
