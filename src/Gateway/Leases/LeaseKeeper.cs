using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Supervision;
using NodaTime;

namespace FabLab.Gateway.Leases;

/// <summary>
/// STEP 6. Holds the relays of one machine closed, as long as it is told to and no longer. A lease is renewed every third of its
/// length on the monotonic clock; what is not to be held is told to open at once. Nothing is kept for later: a command that
/// cannot be sent now is not sent. Used by the machine's own loop only.
/// </summary>
internal sealed class LeaseKeeper(
    MachineId machine, Func<DeviceId, IDevice?> devices, LeaseMarks marks, GatewayClock clock, GatewayMetrics metrics, TimeProvider time)
{
    /// <summary>The bounds of <see cref="IDevice.HoldAsync"/>.</summary>
    private static readonly Duration Shortest = Duration.FromMilliseconds(500);

    private static readonly Duration Longest = Duration.FromHours(12);

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan FirstHold = TimeSpan.FromSeconds(3);

    private static readonly RelayChannel[] Channels = [RelayChannel.Main, RelayChannel.Exhaust];

    private readonly Dictionary<RelayChannel, Held> _held = [];

    /// <summary>The last renewal of the machine's own relay that left a gateway, this process or the one before.</summary>
    public Instant? LastRenewal { get; private set; } = marks.Last(machine);

    public bool Holds => _held.Count > 0;

    /// <summary>How long until a lease is to be renewed; null when none is held.</summary>
    public TimeSpan? DueIn
    {
        get
        {
            TimeSpan? soonest = null;
            foreach (var held in _held.Values)
            {
                var left = held.Every - time.GetElapsedTime(held.SentAt);
                if (soonest is null || left < soonest)
                    soonest = left;
            }
            return soonest;
        }
    }

    /// <summary>Makes the relays as they are wanted: closes, hands over, opens. What is unchanged is left to its renewal.</summary>
    public async ValueTask ApplyAsync(ValueList<HeldRelay> wanted, MachineRule rule, CancellationToken cancellationToken)
    {
        foreach (var channel in Channels)
        {
            if (_held.ContainsKey(channel) && Find(wanted, channel) is null)
                await OpenAsync(channel, cancellationToken);
        }
        foreach (var relay in wanted)
        {
            var binding = Binding(rule, relay.Channel);
            if (!relay.Renew)
            {
                // The device must speak first: neither a lease nor an order to open.
                _held.Remove(relay.Channel);
                continue;
            }
            if (_held.TryGetValue(relay.Channel, out var held) && held.Binding == binding && held.Session == relay.Session)
                continue;
            if (held is not null && held.Binding != binding)
                await OpenAsync(relay.Channel, cancellationToken);
            if (binding is not null)
                await HoldAsync(relay, binding, cancellationToken);
        }
    }

    /// <summary>Renews what is due.</summary>
    public async ValueTask RenewAsync(ValueList<HeldRelay> wanted, MachineRule rule, CancellationToken cancellationToken)
    {
        await ApplyAsync(wanted, rule, cancellationToken);
        foreach (var relay in wanted)
        {
            if (relay.Renew && _held.TryGetValue(relay.Channel, out var held) && time.GetElapsedTime(held.SentAt) >= held.Every)
                await HoldAsync(relay, held.Binding, cancellationToken);
        }
    }

    /// <summary>Says again what is to be, so that a command that was lost with the link is not missing.</summary>
    /// <param name="wanted">What is to be held.</param>
    /// <param name="rule">The machine's rule.</param>
    /// <param name="open">Whether what is not to be held is told to open.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async ValueTask RepeatAsync(ValueList<HeldRelay> wanted, MachineRule rule, bool open, CancellationToken cancellationToken)
    {
        foreach (var channel in Channels)
        {
            if (Binding(rule, channel) is not { } binding)
                continue;
            if (Find(wanted, channel) is not { } relay)
            {
                if (open)
                    await SendOpenAsync(binding, cancellationToken);
            }
            else if (relay.Renew)
                await HoldAsync(relay, binding, cancellationToken);
        }
    }

    /// <summary>Stops renewing without a word: the lease runs out by itself, or the device finishes as its own rule says.</summary>
    public void LetGo() => _held.Clear();

    /// <summary>Opens everything, also what this process never held.</summary>
    public async ValueTask OpenAllAsync(MachineRule rule, CancellationToken cancellationToken)
    {
        _held.Clear();
        await RepeatAsync([], rule, true, cancellationToken);
    }

    public static DeviceBinding? Binding(MachineRule rule, RelayChannel channel) =>
        rule.Device(channel == RelayChannel.Main ? DeviceRole.Relay : DeviceRole.Exhaust);

    private async ValueTask HoldAsync(HeldRelay relay, DeviceBinding binding, CancellationToken cancellationToken)
    {
        var before = _held.GetValueOrDefault(relay.Channel) is { } held && held.Session == relay.Session ? held : null;
        var now = time.GetTimestamp();
        // A first hold that could not be sent is not sent long after the tap: nobody may be standing there any more.
        if (before is { Reached: false } && time.GetElapsedTime(before.FirstAt, now) > FirstHold)
        {
            _held[relay.Channel] = before with { SentAt = now };
            return;
        }
        var ttl = Duration.Max(Shortest, Duration.Min(relay.Lease, Longest));
        var outcome = devices(binding.Device) is { } device
            ? await device.HoldAsync(binding.Channel, relay.Session, ttl, cancellationToken)
            : SendOutcome.LinkDown;
        metrics.Leases.Add("hold", Word(outcome));
        var third = ttl.ToTimeSpan() / 3;
        // What did not leave is tried again soon: the lease runs down meanwhile.
        var every = outcome == SendOutcome.Sent || third < Soon ? third : Soon;
        _held[relay.Channel] = new Held(
            binding, relay.Session, now, every, before?.FirstAt ?? now, before is { Reached: true } || outcome == SendOutcome.Sent);
        if (outcome == SendOutcome.Sent && relay.Channel == RelayChannel.Main)
        {
            LastRenewal = clock.Now;
            marks.Renewed(machine, LastRenewal.Value);
        }
    }

    private async ValueTask OpenAsync(RelayChannel channel, CancellationToken cancellationToken)
    {
        if (_held.Remove(channel, out var held))
            await SendOpenAsync(held.Binding, cancellationToken);
    }

    private async ValueTask SendOpenAsync(DeviceBinding binding, CancellationToken cancellationToken)
    {
        var outcome = devices(binding.Device) is { } device
            ? await device.OpenAsync(binding.Channel, cancellationToken)
            : SendOutcome.LinkDown;
        metrics.Leases.Add("open", Word(outcome));
    }

    private static HeldRelay? Find(ValueList<HeldRelay> wanted, RelayChannel channel)
    {
        foreach (var relay in wanted)
        {
            if (relay.Channel == channel)
                return relay;
        }
        return null;
    }

    private static string Word(SendOutcome outcome) => outcome switch
    {
        SendOutcome.Sent => "sent",
        SendOutcome.LinkDown => "link_down",
        SendOutcome.NotSupported => "not_supported",
        _ => "closed",
    };

    private sealed record Held(DeviceBinding Binding, SessionId Session, long SentAt, TimeSpan Every, long FirstAt, bool Reached);
}
