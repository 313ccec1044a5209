using FabLab.Contracts;
using FabLab.Core;
using FabLab.Gateway.Drivers;
using NodaTime;

namespace FabLab.Gateway.Supervision;

/// <summary>
/// Tries what a relay does whose device loses its network or its power while it is closed, and gets it back. Somebody's hand cuts it: nothing in
/// the lab can. The relay is renewed until the device is gone; when it is back nobody asks for anything, so its relay must be open and stay open.
/// </summary>
internal sealed class ReturnTrial(DeviceId device, int channel, bool power, TimeProvider time) : DeviceTrial(device, channel, time)
{
    private static readonly TimeSpan CutBy = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan BackBy = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(2);

    /// <summary>Longer than the lease: a network that was away for a moment only leaves a relay closed that is yet to open.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(8);

    private Instant? _back;
    private bool _restarted;
    private bool _closedAnew;
    private bool _wasOpen;

    protected override void See(DeviceReport report)
    {
        switch (report)
        {
            case DeviceReport.LinkReport { Online: false }:
                // One that had opened although it was renewed shows nothing by being open afterwards.
                _wasOpen |= _back is null && Closed == false;
                _back = null;
                Closed = null;
                break;
            case DeviceReport.LinkReport link:
                if (Left)
                    _back = link.At;
                _restarted |= Left && link.NewBoot;
                if (link.Closed is { } closed)
                    Closed = closed.ContainsKey(Channel);
                break;
            case DeviceReport.RelayReport relay when relay.Channel == Channel:
                Closed = relay.Closed;
                // What its journal tells of the time before is no closing after the return.
                _closedAnew |= relay.Closed && relay.At > _back;
                break;
        }
    }

    protected override async Task<(TrialOutcome, bool)> TryAsync(IDevice at, SessionId session, long began, CancellationToken cancellationToken)
    {
        while (!HasLeft())
        {
            if (Time.GetElapsedTime(began) >= CutBy)
                return (TrialOutcome.NotCut, false);
            // One that does not reach it is what is waited for.
            await at.HoldAsync(Channel, session, Lease, cancellationToken);
            await UntilAsync(Time.GetTimestamp(), RenewEvery, () => Left, cancellationToken);
        }
        lock (Gate)
        {
            if (_wasOpen)
                return (TrialOutcome.OpenedEarly, false);
        }
        await UntilAsync(Time.GetTimestamp(), BackBy, () => _back is not null, cancellationToken);
        lock (Gate)
        {
            if (_back is null)
                return (TrialOutcome.NotBack, false);
            if (power && !_restarted)
                return (TrialOutcome.NotRestarted, false);
            if (power && Closed == true)
                return (TrialOutcome.ClosedAtReturn, false);
        }
        await UntilAsync(Time.GetTimestamp(), Settled, () => _closedAnew, cancellationToken);
        lock (Gate)
        {
            return (_closedAnew || Closed == true ? TrialOutcome.ClosedAtReturn
                : _back is null ? TrialOutcome.NotBack
                : Closed == false ? TrialOutcome.Passed : TrialOutcome.CannotTell, false);
        }
    }

    private bool HasLeft()
    {
        lock (Gate)
            return Left;
    }
}
