using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Core.Sessions;

/// <summary>A relay that is to be held closed.</summary>
/// <param name="Channel">The relay.</param>
/// <param name="Session">Under which session; the device keeps it with its journal.</param>
/// <param name="Lease">How long one renewal holds it; renew at a third of that.</param>
/// <param name="LostLink">What the device does when it no longer hears the gateway.</param>
/// <param name="LostLinkCap">With <see cref="LostLinkRule.Finish"/>: how long it goes on at most after that.</param>
public sealed record HeldRelay(RelayChannel Channel, SessionId Session, Duration Lease, LostLinkRule LostLink, Duration LostLinkCap);

/// <summary>Which relays are to be closed. Nothing else may close one: what is not in this list is told to open.</summary>
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
        if (state.Tracks.NeedsEvidence)
        {
            return [];
        }

        return state switch
        {
            MachineState.Ready ready => Hold(ready.Open, rule, now),
            MachineState.Running running => Hold(running.Open, rule, now),
            MachineState.LockOutPending pending => For(pending.Use, rule, now),
            MachineState.CoolingDown cooling when Left(cooling.Until, rule, now) is { } lease =>
                [new HeldRelay(cooling.Channel, cooling.After, lease, LostLinkRule.Open, Duration.Zero)],
            _ => [],
        };
    }

    private static ValueList<HeldRelay> Hold(OpenSession session, MachineRule rule, Instant now)
    {
        if (Left(session.Until, rule, now) is not { } lease)
        {
            return [];
        }

        HeldRelay main = new(RelayChannel.Main, session.Id, lease, rule.LostLink, rule.LostLinkCap);
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
