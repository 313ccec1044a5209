using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Core.Sessions;

/// <summary>A relay that is to be held closed.</summary>
/// <param name="Channel">The relay.</param>
/// <param name="Session">Under which session; the device keeps it with its journal.</param>
/// <param name="Lease">How long one renewal holds it; renew at a third of that.</param>
/// <param name="LostLink">What the device does when it no longer hears the gateway.</param>
/// <param name="LostLinkCap">With <see cref="LostLinkRule.Finish"/>: how long it goes on at most after that.</param>
/// <param name="Renew">
/// Whether a lease is to be sent. False while the device must first say that its relay is still closed: then neither a lease
/// (it could close a relay that has opened) nor an order to open (it could cut work that rightly goes on) is sent.
/// </param>
public sealed record HeldRelay(
    RelayChannel Channel, SessionId Session, Duration Lease, LostLinkRule LostLink, Duration LostLinkCap, bool Renew = true);

/// <summary>Which relays are to be closed. Nothing else may close one: a relay that is not in this list is told to open.</summary>
public static class Outputs
{
    /// <summary>The relays to hold now.</summary>
    /// <param name="state">The state of the machine.</param>
    /// <param name="rule">Its rule.</param>
    /// <param name="now">The present instant; no lease reaches beyond the end of the session or of the cool-down.</param>
    public static ValueList<HeldRelay> For(MachineState state, MachineRule rule, Instant now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(rule);
        return state switch
        {
            MachineState.Ready ready => Hold(ready.Open, rule, now, !state.Tracks.NeedsEvidence),
            MachineState.Running running => Hold(running.Open, rule, now, !state.Tracks.NeedsEvidence),
            MachineState.LockOutPending pending => For(pending.Use, rule, now),
            MachineState.CoolingDown { Cooling: var cooling } => Hold(cooling, rule, now),
            MachineState.AwaitingSecondBadge { Cooling: { } cooling } => Hold(cooling, rule, now),
            _ => [],
        };
    }

    /// <summary>Whether a relay is to be held now, with or without a renewal.</summary>
    /// <param name="state">The state of the machine.</param>
    /// <param name="rule">Its rule.</param>
    /// <param name="now">The present instant.</param>
    /// <param name="channel">The relay.</param>
    public static bool Holds(MachineState state, MachineRule rule, Instant now, RelayChannel channel)
    {
        foreach (HeldRelay held in For(state, rule, now).AsSpan())
        {
            if (held.Channel == channel)
            {
                return true;
            }
        }

        return false;
    }

    // A cool-down never outlives its lease alone: nobody is there to end it.
    private static ValueList<HeldRelay> Hold(CoolDown cooling, MachineRule rule, Instant now) =>
        Left(cooling.Until, rule, now) is { } lease
            ? [new HeldRelay(cooling.Channel, cooling.After, lease, LostLinkRule.Open, Duration.Zero)]
            : [];

    private static ValueList<HeldRelay> Hold(OpenSession session, MachineRule rule, Instant now, bool renew)
    {
        if (Left(session.Until, rule, now) is not { } lease)
        {
            return [];
        }

        HeldRelay main = new(RelayChannel.Main, session.Id, lease, rule.LostLink, rule.LostLinkCap, renew);
        return rule.Device(DeviceRole.Exhaust) is null ? [main] : [main, main with { Channel = RelayChannel.Exhaust }];
    }

    /// <summary>A whole lease, or less when the end is nearer; null when it has come.</summary>
    private static Duration? Left(Instant? until, MachineRule rule, Instant now)
    {
        if (until is not { } end)
        {
            return rule.Lease;
        }

        return end > now ? Duration.Min(rule.Lease, end - now) : null;
    }
}
