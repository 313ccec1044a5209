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

/// <summary>A relay that is tried: closed for the trial alone, and told to open however the trial ends.</summary>
internal abstract class DeviceTrial(DeviceId device, int channel, TimeProvider time)
{
    protected static readonly Duration Lease = Duration.FromSeconds(5);
    protected static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan CloseBy = TimeSpan.FromSeconds(2);

    public DeviceId Device => device;

    protected int Channel => channel;

    protected TimeProvider Time => time;

    /// <summary>Guards what was seen.</summary>
    protected Lock Gate { get; } = new();

    /// <summary>What the device says of its relay now; null when it has not said. Needs the gate.</summary>
    protected bool? Closed { get; set; }

    /// <summary>The device went away since the beginning. Needs the gate.</summary>
    protected bool Left { get; private set; }

    public static DeviceTrial Of(DeviceToTest order, TimeProvider time) => order.Kind is TrialKind.Lease
        ? new LeaseTrial(order.Device, order.Channel, time)
        : new ReturnTrial(order.Device, order.Channel, order.Kind is TrialKind.Power, time);

    /// <summary>What the device says meanwhile.</summary>
    public void Saw(DeviceReport report)
    {
        lock (Gate)
        {
            Left |= report is DeviceReport.LinkReport { Online: false };
            See(report);
        }
    }

    /// <summary>However it ends, the relay is told to open.</summary>
    public async Task<(TrialOutcome Outcome, bool ByPower)> RunAsync(IDevice at, SessionId session, CancellationToken cancellationToken)
    {
        at.OnTrial(true);
        try
        {
            if (!at.Abilities.HasFlag(DriverAbilities.Switches) || !at.Abilities.HasFlag(DriverAbilities.ConfirmsRelay))
                return (TrialOutcome.CannotTell, false);
            var began = time.GetTimestamp();
            if (await at.HoldAsync(channel, session, Lease, cancellationToken) != SendOutcome.Sent)
                return (TrialOutcome.Away, false);
            await UntilAsync(began, CloseBy, () => Left || Closed == true, cancellationToken);
            lock (Gate)
            {
                if (Closed is not true)
                    return (Left ? TrialOutcome.Away : TrialOutcome.NotClosed, false);
            }
            return await TryAsync(at, session, began, cancellationToken);
        }
        finally
        {
            at.OnTrial(false);
            await at.OpenAsync(channel, CancellationToken.None);
        }
    }

    /// <summary>Takes in one report, with the gate held.</summary>
    protected abstract void See(DeviceReport report);

    /// <summary>From here on the relay is closed.</summary>
    protected abstract Task<(TrialOutcome Outcome, bool ByPower)> TryAsync(IDevice at, SessionId session, long began, CancellationToken cancellationToken);

    /// <summary>Waits until so long after the beginning, or until it is met, which is asked with the gate held.</summary>
    protected async Task UntilAsync(long began, TimeSpan mark, Func<bool> met, CancellationToken cancellationToken)
    {
        while (time.GetElapsedTime(began) is var passed && passed < mark)
        {
            lock (Gate)
            {
                if (met())
                    return;
            }
            var left = mark - passed;
            await Task.Delay(left < Step ? left : Step, time, cancellationToken);
        }
    }
}

/// <summary>
/// Tries whether a relay falls open by itself: a lease of 5 s, renewed at 3 s, so it must still be closed at 6 s; then nobody renews, and
/// it must be open by 10 s. Seen by what the device says of its relay and, when something draws current, by its meter. Takes about ten seconds.
/// </summary>
internal sealed class LeaseTrial(DeviceId device, int channel, TimeProvider time) : DeviceTrial(device, channel, time)
{
    private static readonly TimeSpan RenewAt = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan ClosedAt = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan OpenBy = TimeSpan.FromSeconds(10);

    /// <summary>A meter is heard every few seconds; a device that says its power only when asked is not waited for.</summary>
    private static readonly TimeSpan MeterBy = TimeSpan.FromSeconds(16);

    /// <summary>Below this a reading is noise.</summary>
    private const double LoadWatts = 5;

    private bool _hasOpened;
    private double? _watts;
    private double? _load;

    protected override void See(DeviceReport report)
    {
        switch (report)
        {
            case DeviceReport.RelayReport relay when relay.Channel == Channel:
                _hasOpened |= Closed == true && !relay.Closed;
                Closed = relay.Closed;
                _watts = null;
                break;
            case DeviceReport.PowerReport power when power.Channel == Channel:
                _watts = power.Watts;
                break;
        }
    }

    protected override async Task<(TrialOutcome, bool)> TryAsync(IDevice at, SessionId session, long began, CancellationToken cancellationToken)
    {
        await UntilAsync(began, RenewAt, () => Left, cancellationToken);
        if (await at.HoldAsync(Channel, session, Lease, cancellationToken) != SendOutcome.Sent)
            return (TrialOutcome.Away, false);
        await UntilAsync(began, ClosedAt, () => Left, cancellationToken);
        lock (Gate)
        {
            if (Left)
                return (TrialOutcome.Away, false);
            if (Closed != true || _hasOpened)
                return (TrialOutcome.OpenedEarly, false);
            _load = _watts;
        }
        await UntilAsync(began, OpenBy, () => Left || Closed == false, cancellationToken);
        lock (Gate)
        {
            if (Closed is not false)
                return (Left ? TrialOutcome.Away : TrialOutcome.NotOpened, false);
            if (_load is not > LoadWatts)
                return (TrialOutcome.Passed, false);
        }
        // It says that it is open; the current must say so too. The first reading after the opening counts.
        await UntilAsync(began, MeterBy, () => Left || _watts is not null, cancellationToken);
        lock (Gate)
            return _watts is { } after ? (after > _load.Value / 2 ? TrialOutcome.StillDraws : TrialOutcome.Passed, after <= _load.Value / 2) : (TrialOutcome.Passed, false);
    }
}
