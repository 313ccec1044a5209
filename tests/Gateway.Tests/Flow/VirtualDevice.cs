using System.Threading.Channels;
using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Gateway.Drivers;
using FabLab.Protocol.Messages;
using FabLab.Testing;
using NodaTime;

namespace FabLab.Gateway.Tests.Flow;

/// <summary>
/// A device in memory that behaves as the contract says: its relay is closed only while a lease holds on its own (manual) clock,
/// it keeps a journal with boot and sequence, and forgets a record only after its acknowledgement.
/// </summary>
internal sealed class VirtualDevice : IDevice, ITakesFirmware
{
    private readonly ManualTime _time;
    private readonly ObservedChannel _reports = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<int, Relay> _relays = [];
    private readonly List<DeviceReport> _kept = [];
    private readonly List<Move> _moves = [];
    private readonly List<DisplayMessage> _shown = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private uint _sequence;

    public VirtualDevice(string id, ManualTime time, DriverAbilities abilities = All)
    {
        Id = new DeviceId(id);
        _time = time;
        Abilities = abilities;
    }

    public const DriverAbilities All = DriverAbilities.FailsSafeAlone | DriverAbilities.ConfirmsRelay | DriverAbilities.Measures
        | DriverAbilities.ReadsBadges | DriverAbilities.HasDisplay | DriverAbilities.Journals | DriverAbilities.Switches;

    public const string Firmware = "1.0.0";

    /// <summary>What a relay did, and when.</summary>
    public sealed record Move(Instant At, int Channel, bool Closed, string Cause);

    public DeviceId Id { get; }

    public DriverAbilities Abilities { get; set; }

    /// <summary>Called when a hold command arrives, before it takes effect.</summary>
    public Action? OnHold { get; set; }

    public Action<JournalKey>? OnAcknowledge { get; set; }

    /// <summary>Does not forget what was acknowledged, so that a test can send it again.</summary>
    public bool KeepsEverything { get; set; }

    /// <summary>Its relay opens five seconds later than it should.</summary>
    public bool Holds5More { get; set; }

    /// <summary>While its link is cut it holds on after the lease, as a machine that finishes by itself.</summary>
    public bool Finishes { get; set; }

    public ChannelReader<DeviceReport> Reports => _reports.Reader;

    /// <summary>Everything it said was passed on, and its reader waits for more.</summary>
    public bool AllRead => _reports.AllRead;

    /// <summary>While true, commands do not reach it and it reports nothing live.</summary>
    public bool Away { get; private set; }

    /// <summary>While false, the relay does not say what it does: a device that confirms nothing.</summary>
    public bool Confirms { get; set; } = true;

    public uint Boot { get; private set; } = 1;

    /// <summary>The firmware it says it runs.</summary>
    public string Runs { get; set; } = Firmware;

    public bool Disposed { get; private set; }

    /// <summary>Firmware it was offered, and where the news of it go.</summary>
    public List<(FirmwareFile File, Action<UpdateNews> Told)> Offered { get; } = [];

    /// <summary>Whether the last of them was offered before the gateway was started again.</summary>
    public bool OfferedAgain { get; private set; }

    public void Offer(FirmwareFile file, bool again, Action<UpdateNews> told)
    {
        OfferedAgain = again;
        Offered.Add((file, told));
    }

    public IReadOnlyList<Move> Moves
    {
        get { lock (_gate) return [.. _moves]; }
    }

    public IReadOnlyList<DisplayMessage> Shown
    {
        get { lock (_gate) return [.. _shown]; }
    }

    /// <summary>Records not yet acknowledged.</summary>
    public IReadOnlyList<DeviceReport> Kept
    {
        get { lock (_gate) return [.. _kept]; }
    }

    public int Holds { get; private set; }

    public bool Closed(int channel = 0)
    {
        lock (_gate)
        {
            Expire();
            return _relays.GetValueOrDefault(channel)?.Closed == true;
        }
    }

    public ValueTask<SendOutcome> HoldAsync(int channel, SessionId session, Duration ttl, CancellationToken cancellationToken)
    {
        OnHold?.Invoke();
        lock (_gate)
        {
            if (Disposed)
                return new(SendOutcome.Closed);
            Expire();
            if (Away)
                return new(SendOutcome.LinkDown);
            Holds++;
            var relay = Get(channel);
            // A session that was closed for once is only prolonged: its relay does not close a second time by itself.
            if (!relay.Closed && relay.Session == session)
            {
                Notify();
                return new(SendOutcome.Sent);
            }
            relay.Until = _time.GetTimestamp() + (Holds5More ? ttl + Duration.FromSeconds(5) : ttl).BclCompatibleTicks;
            var handover = relay.Closed && relay.Session != session;
            if (handover && Confirms)
                Emit(new DeviceReport.RelayReport(Id, _time.Now, _time.GetTimestamp(), channel, false, RelayCauses.Handover, relay.Session, null, NextKey()));
            relay.Session = session;
            if (!relay.Closed || handover)
                Set(channel, relay, true, RelayCauses.Lease);
            Notify();
            return new(SendOutcome.Sent);
        }
    }

    public ValueTask<SendOutcome> OpenAsync(int channel, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (Disposed)
                return new(SendOutcome.Closed);
            if (Away)
                return new(SendOutcome.LinkDown);
            Expire();
            var relay = Get(channel);
            if (relay.Closed)
                Set(channel, relay, false, RelayCauses.Told);
            Notify();
            return new(SendOutcome.Sent);
        }
    }

    public ValueTask<SendOutcome> ShowAsync(DisplayMessage message, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (Away)
                return new(SendOutcome.LinkDown);
            _shown.Add(message);
            Notify();
            return new(SendOutcome.Sent);
        }
    }

    public ValueTask<SendOutcome> AcknowledgeAsync(JournalKey upTo, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (Away)
                return new(SendOutcome.LinkDown);
            OnAcknowledge?.Invoke(upTo);
            if (!KeepsEverything)
                _kept.RemoveAll(r => r.Key!.Value.Sequence <= upTo.Sequence);
            Notify();
            return new(SendOutcome.Sent);
        }
    }

    /// <summary>What it was last told to do while nobody answers.</summary>
    public DevicePolicy? Configured { get; private set; }

    public ValueTask<SendOutcome> ConfigureAsync(DevicePolicy policy, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (Away)
                return new(SendOutcome.LinkDown);
            Configured = policy;
            Notify();
            return new(SendOutcome.Sent);
        }
    }

    public ValueTask<SendOutcome> PushOfflineListAsync(OfflineList list, CancellationToken cancellationToken) => new(SendOutcome.NotSupported);

    /// <summary>A live tap, as a record of the device's journal.</summary>
    public DeviceReport.BadgeRead Tap(string badge, int reader = 0, bool live = true)
    {
        lock (_gate)
        {
            var tap = new DeviceReport.BadgeRead(
                Id, _time.Now, _time.GetTimestamp(), reader, ReaderProfile.EmHex.Parse(badge)!, ReaderProfile.EmHex, live, NextKey());
            Emit(tap);
            return tap;
        }
    }

    public void Power(double watts, double? wattHours = null, int channel = 0) =>
        _reports.Writer.TryWrite(new DeviceReport.PowerReport(Id, _time.Now, _time.GetTimestamp(), channel, watts, wattHours));

    public void Fault(string code) => _reports.Writer.TryWrite(new DeviceReport.DeviceFaultReport(Id, _time.Now, _time.GetTimestamp(), code, "a test", 0));

    /// <summary>Any report, as if the device had sent it.</summary>
    public void Send(DeviceReport report) => _reports.Writer.TryWrite(report);

    public void ComeOnline(bool newBoot = false)
    {
        lock (_gate)
        {
            Expire();
            _reports.Writer.TryWrite(new DeviceReport.LinkReport(
                Id, _time.Now, _time.GetTimestamp(), true, Runs, Boot, newBoot,
                _relays.Where(r => r.Value.Closed).ToDictionary(r => r.Key, r => r.Value.Session)));
        }
    }

    /// <summary>The link is cut. The relay goes on by its own clock.</summary>
    public void Leave(bool announced = true)
    {
        lock (_gate)
            Away = true;
        if (announced)
            _reports.Writer.TryWrite(new DeviceReport.LinkReport(Id, _time.Now, _time.GetTimestamp(), false));
    }

    /// <summary>The link is back: birth, then every record not acknowledged, oldest first.</summary>
    public void Return(bool rebooted = false)
    {
        lock (_gate)
        {
            Expire();
            Away = false;
            if (rebooted)
            {
                Boot++;
                foreach (var (channel, relay) in _relays.Where(r => r.Value.Closed))
                {
                    relay.Closed = false;
                    _moves.Add(new Move(_time.Now, channel, false, "boot"));
                }
            }
            ComeOnline(rebooted);
            foreach (var report in _kept)
                _reports.Writer.TryWrite(AsHistory(report));
        }
    }

    /// <summary>The link is back, and neither side says so.</summary>
    public void ComeBackSilently()
    {
        lock (_gate)
            Away = false;
    }

    /// <summary>The device opens its relay for a reason of its own.</summary>
    public void OpenByItself(string cause)
    {
        lock (_gate)
            Set(0, Get(0), false, cause);
    }

    /// <summary>Its driver gives up: there will be no more reports.</summary>
    public void EndReports() => _reports.Writer.TryComplete();

    public void Resend()
    {
        foreach (var report in Kept)
            _reports.Writer.TryWrite(AsHistory(report));
    }

    /// <summary>The same device for a gateway that starts anew: its relays, its clock and its journal go on.</summary>
    public VirtualDevice Again()
    {
        lock (_gate)
        {
            Expire();
            var again = new VirtualDevice(Id.Value, _time, Abilities) { Boot = Boot, _sequence = _sequence, Confirms = Confirms, KeepsEverything = KeepsEverything };
            foreach (var (channel, relay) in _relays)
                again._relays[channel] = relay;
            again._kept.AddRange(_kept);
            again._moves.AddRange(_moves);
            return again;
        }
    }

    /// <summary>Lets the device's own clock be looked at: a lease that ran out opens its relay now.</summary>
    public void Look()
    {
        lock (_gate)
            Expire();
    }

    /// <summary>Completes when the condition holds; it is looked at after each command.</summary>
    public async Task WaitForAsync(Func<VirtualDevice, bool> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                changed = _changed.Task;
                Expire();
                if (condition(this))
                    return;
            }
            await changed.WaitAsync(cancellationToken);
        }
    }

    public ValueTask DisposeAsync()
    {
        Disposed = true;
        _reports.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    private static DeviceReport AsHistory(DeviceReport report) => report is DeviceReport.BadgeRead badge ? badge with { Live = false } : report;

    private JournalKey NextKey() => new(Id, Boot, ++_sequence);

    private Relay Get(int channel) => _relays.TryGetValue(channel, out var relay) ? relay : _relays[channel] = new Relay();

    private void Expire()
    {
        var now = _time.GetTimestamp();
        foreach (var (channel, relay) in _relays)
        {
            if (relay.Closed && !(Finishes && Away) && now >= relay.Until)
                Set(channel, relay, false, RelayCauses.Lease, _time.Now - Duration.FromTicks(now - relay.Until));
        }
    }

    private void Set(int channel, Relay relay, bool closed, string cause, Instant? at = null)
    {
        relay.Closed = closed;
        _moves.Add(new Move(at ?? _time.Now, channel, closed, cause));
        if (Confirms)
            Emit(new DeviceReport.RelayReport(Id, at ?? _time.Now, _time.GetTimestamp(), channel, closed, cause, relay.Session, null, NextKey()));
        Notify();
    }

    private void Emit(DeviceReport report)
    {
        _kept.Add(report);
        if (!Away)
            _reports.Writer.TryWrite(report);
    }

    private void Notify()
    {
        var changed = _changed;
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.TrySetResult();
    }

    private sealed class Relay
    {
        public bool Closed;
        public long Until;
        public SessionId? Session;
    }

    /// <summary>A channel that knows when its reader has come back for more, which it does when it is done with what it had.</summary>
    private sealed class ObservedChannel : Channel<DeviceReport>
    {
        private readonly Channel<DeviceReport> _inner = Channel.CreateUnbounded<DeviceReport>();
        private int _open;

        public ObservedChannel()
        {
            Reader = new ObservedReader(this);
            Writer = new CountingWriter(this);
        }

        public bool AllRead => Volatile.Read(ref _open) == 0;

        private sealed class CountingWriter(ObservedChannel owner) : ChannelWriter<DeviceReport>
        {
            public override bool TryWrite(DeviceReport item)
            {
                Interlocked.Increment(ref owner._open);
                return owner._inner.Writer.TryWrite(item);
            }

            public override bool TryComplete(Exception? error = null) => owner._inner.Writer.TryComplete(error);

            public override ValueTask<bool> WaitToWriteAsync(CancellationToken cancellationToken = default) => owner._inner.Writer.WaitToWriteAsync(cancellationToken);
        }

        private sealed class ObservedReader(ObservedChannel owner) : ChannelReader<DeviceReport>
        {
            private bool _busy;

            public override bool TryRead(out DeviceReport item)
            {
                if (_busy)
                {
                    _busy = false;
                    Interlocked.Decrement(ref owner._open);
                }
                return _busy = owner._inner.Reader.TryRead(out item!);
            }

            public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => owner._inner.Reader.WaitToReadAsync(cancellationToken);
        }
    }
}
