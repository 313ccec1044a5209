using System.Text;
using System.Threading.Channels;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Gateway.Drivers.Plugs;

/// <summary>
/// A bought plug, board or bridge on the broker: what holds for all of them. A relay is closed for a session only, never again
/// for one that is over, never before the device has confirmed what makes it open by itself; a relay that closes without us is
/// told to open; what lies in the broker's memory is no news. How a device is asked and told is its driver's own matter.
/// </summary>
/// <remarks>Everything but the public members needs <see cref="Gate"/>, which is held whenever a driver's own part is called.</remarks>
internal abstract partial class PlugDevice : IDevice, IMqttSink
{
    /// <summary>More than any message of one device.</summary>
    private const int UsualPayload = 8 * 1024;

    private static readonly Duration ShortestLease = Duration.FromMilliseconds(500);
    private static readonly Duration LongestLease = Duration.FromHours(12);
    private static readonly Duration NearTheEnd = Duration.FromSeconds(1);

    /// <summary>How long after the end of its lease a relay may still be said to be closed: the news travels.</summary>
    private static readonly TimeSpan Overdue = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan SettingPatience = TimeSpan.FromSeconds(3);

    private readonly IMqttLink _link;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LogGate _logGate;
    private readonly ReportQueue _reports;
    private readonly Action<PlugDevice> _closed;
    private readonly Queue<long> _arrivals = [];
    private IReadOnlyList<IMqttSubscription> _subscriptions = [];
    private bool _isClosed;
    private bool _unfitTold;
    private bool _overheld;
    private bool _isOnTrial;
    private bool _newBoot;
    private bool _readsBadges;
    private bool _measures;
    private long _heardAt;
    private long _askedAt;
    private int _asks;
    private string? _identity;
    private long? _boot;

    protected PlugDevice(DeviceSettings settings, PlugParts parts)
    {
        Id = settings.DeviceId;
        Settings = settings;
        _link = parts.Link;
        _time = parts.Time;
        _logger = parts.Logger;
        _logGate = new LogGate(_time);
        _closed = parts.Closed;
        _reports = new ReportQueue(Id.Value, _time, _logger);
        Relays = [.. Enumerable.Range(0, settings.Channels).Select(_ => new PlugRelay())];
    }

    public DeviceId Id { get; }

    public DriverAbilities Abilities
    {
        get
        {
            lock (Gate)
            {
                return (Relays.Length > 0 ? DriverAbilities.ConfirmsRelay | DriverAbilities.Switches : 0)
                    | (Relays.Length > 0 && FailsSafeAlone && !_overheld ? DriverAbilities.FailsSafeAlone : 0)
                    | (_readsBadges ? DriverAbilities.ReadsBadges : 0)
                    | (_measures ? DriverAbilities.Measures : 0);
            }
        }
    }

    public IReadOnlyList<DeviceSettingNow>? ReadBack
    {
        get
        {
            lock (Gate)
                return Relays.Length > 0 && Asked() is { Count: > 0 } asked ? asked : null;
        }
    }

    public ChannelReader<DeviceReport> Reports => _reports.Reader;

    protected Lock Gate { get; } = new();

    protected DeviceSettings Settings { get; private set; }

    protected PlugRelay[] Relays { get; }

    /// <summary>It has been heard and did not leave.</summary>
    protected bool IsThere { get; private set; }

    /// <summary>It is there, and all is known that is to be known before a relay is closed.</summary>
    protected bool IsOnline { get; private set; }

    /// <summary>As it says; null before it has.</summary>
    public string? Firmware { get; protected set; }

    /// <summary>Its test of falling open by itself was passed with the firmware that it runs.</summary>
    protected bool IsProven => Settings.ProvenFirmware is { Length: > 0 } proven && proven == Firmware;

    protected TimeProvider Time => _time;

    protected Instant Now => Instant.FromDateTimeOffset(_time.GetUtcNow());

    /// <summary>What it listens to. None may overlap with another device's, but they may be equal.</summary>
    protected abstract IReadOnlyList<string> Filters { get; }

    /// <summary>Whether its relays open by the device's own clock.</summary>
    protected abstract bool FailsSafeAlone { get; }

    /// <summary>Whether, beside the states of its relays, everything is known that must be known.</summary>
    protected abstract bool IsKnown { get; }

    /// <summary>How long it may be silent before it counts as away; null when its last will alone decides.</summary>
    protected virtual TimeSpan? Silence => TimeSpan.FromSeconds(60);

    /// <summary>How often it is asked what it is, while it is online; null when it says so by itself.</summary>
    protected virtual TimeSpan? AskEvery => null;

    /// <summary>What a lease needs and the device has not confirmed; empty when it is fit.</summary>
    protected virtual IReadOnlyList<string> Missing() => [];

    /// <summary>The settings it is asked for and what it has said of them, those that <see cref="Missing"/> names among them.</summary>
    protected virtual IReadOnlyList<DeviceSettingNow> Asked() => [];

    /// <summary>Whether a topic is one of those that commands go to: what is retained there is obeyed at each sign-in, and wiped away.</summary>
    protected abstract bool IsCommand(string topic);

    /// <summary>Whether a message on this topic is meant to stay in the broker's memory.</summary>
    protected virtual bool MayBeRetained(string topic) => false;

    /// <summary>The most bytes on a topic.</summary>
    protected virtual int MostBytes(string topic) => UsualPayload;

    /// <summary>What it says. A text that is no Unicode may be left to throw <see cref="InvalidOperationException"/>.</summary>
    protected abstract void Take(string topic, ReadOnlySpan<byte> payload, bool retained, long at);

    /// <summary>Pushes the settings a lease needs and asks for all that is to be known.</summary>
    protected abstract void Ask();

    /// <summary>Asks for the states again; see <see cref="AskEvery"/>.</summary>
    protected virtual void AskAgain()
    {
    }

    /// <summary>It is away: asks whether it is back, where that is not heard by itself.</summary>
    protected virtual void AskAway()
    {
    }

    /// <summary>Whether the device has confirmed what makes this lease; when not, it has been sent, and <see cref="Settled"/> follows.</summary>
    protected virtual bool Prepare(int channel, Duration lease, out SendOutcome outcome)
    {
        outcome = SendOutcome.Sent;
        return true;
    }

    /// <summary>Closes the relay, or counts its time anew.</summary>
    protected abstract SendOutcome SendOn(int channel, Duration lease);

    protected abstract SendOutcome SendOff(int channel);

    /// <summary>It came: what was confirmed by whoever was here before is worth nothing.</summary>
    protected virtual void Forget()
    {
    }

    public ValueTask<SendOutcome> HoldAsync(int channel, SessionId session, Duration ttl, CancellationToken cancellationToken)
    {
        if (ttl < ShortestLease || ttl > LongestLease)
            throw new ArgumentOutOfRangeException(nameof(ttl), ttl, "A lease is 0.5 s to 12 h.");
        lock (Gate)
        {
            if (_isClosed)
                return Answer(SendOutcome.Closed);
            if (channel < 0 || channel >= Relays.Length)
                return Answer(SendOutcome.NotSupported);
            var relay = Relays[channel];
            if (relay.IsOver(session))
                return Answer(SendOutcome.Over);
            if (!IsOnline)
                return Answer(SendOutcome.LinkDown);
            var now = _time.GetTimestamp();
            relay.Hold(session, ttl, now);
            if (Prepare(channel, ttl, out var outcome))
            {
                relay.Waits = false;
                return Answer(SendOn(channel, ttl));
            }
            // Never ON before the time after which it opens is confirmed: the two are separate messages and either may be lost.
            (relay.Waits, relay.WaitsSince) = (true, now);
            return Answer(outcome);
        }
    }

    public ValueTask<SendOutcome> OpenAsync(int channel, CancellationToken cancellationToken)
    {
        lock (Gate)
        {
            if (_isClosed)
                return Answer(SendOutcome.Closed);
            if (channel < 0 || channel >= Relays.Length)
                return Answer(SendOutcome.NotSupported);
            Tell(Relays[channel]);
            // Also to one that seems to be away: opening is never wrong.
            var sent = SendOff(channel);
            return Answer(IsThere ? sent : SendOutcome.LinkDown);
        }
    }

    public void OnTrial(bool running)
    {
        lock (Gate)
            _isOnTrial = running;
    }

    public void OnProven(string? firmware)
    {
        lock (Gate)
        {
            Settings = Settings with { ProvenFirmware = firmware };
            // It has opened in time, so what it did before is no longer true.
            if (firmware is not null)
                _overheld = false;
        }
    }

    public virtual ValueTask<SendOutcome> ShowAsync(DisplayMessage message, CancellationToken cancellationToken) => Answer(SendOutcome.NotSupported);

    public ValueTask<SendOutcome> AcknowledgeAsync(JournalKey record, CancellationToken cancellationToken) => Answer(SendOutcome.NotSupported);

    public ValueTask<SendOutcome> PushOfflineListAsync(OfflineList list, CancellationToken cancellationToken) => Answer(SendOutcome.NotSupported);

    public void OnMessage(in MqttDelivery message)
    {
        var at = message.ReceivedTimestamp;
        lock (Gate)
        {
            if (_isClosed)
                return;
            var topic = message.Topic;
            if (IsCommand(topic))
            {
                // Our own commands come back here; only what lies in the broker's memory matters.
                if (message.Retained)
                {
                    _link.Publish(topic, [], MqttQos.AtLeastOnce, retain: true);
                    Refused(DeviceFaults.Retained, $"a retained command {topic[(topic.LastIndexOf('/') + 1)..]} lay in the broker and was removed", at);
                }
                return;
            }
            if (message.Payload.Length > MostBytes(topic))
            {
                Refused(DeviceFaults.Oversized, $"a message of {message.Payload.Length} bytes", at);
                return;
            }
            if (message.Retained && !MayBeRetained(topic))
            {
                // A retained state or scan is from another day.
                Refused(DeviceFaults.Retained, "a message came out of the broker's memory", at);
                return;
            }
            try
            {
                Take(topic, message.Payload, message.Retained, at);
            }
            catch (InvalidOperationException)
            {
                // How the JSON reader says that a name or a text is no Unicode, at the moment it is looked at.
                Refused(DeviceFaults.Malformed, "a text that is no Unicode", at);
            }
        }
    }

    public void OnLinkChanged(bool up)
    {
        lock (Gate)
        {
            if (!up)
                Away("the broker is away");
            else if (!_isClosed)
                LinkUp();
        }
    }

    /// <summary>Begins to listen. Called once, when the device is complete.</summary>
    public void Listen() => _subscriptions = [.. Filters.Select(filter => _link.Subscribe(filter, MqttQos.AtLeastOnce, this))];

    /// <summary>Call it every second.</summary>
    public void Tick()
    {
        lock (Gate)
        {
            if (_isClosed)
                return;
            if (!IsThere)
            {
                // One that speaks only when asked would never be found again.
                if (AskEvery is { } each && _time.GetElapsedTime(_askedAt) >= each)
                {
                    _askedAt = _time.GetTimestamp();
                    AskAway();
                }
                return;
            }
            if (Silence is { } silence && _time.GetElapsedTime(_heardAt) > silence)
            {
                Away($"it has said nothing for {silence.TotalSeconds:0} seconds");
                return;
            }
            for (var channel = 0; channel < Relays.Length; channel++)
                WatchLease(channel, Relays[channel]);
            if (!IsOnline && _time.GetElapsedTime(_askedAt) > Patience())
            {
                AskAll();
            }
            else if (IsOnline && AskEvery is { } every && _time.GetElapsedTime(_askedAt) >= every)
            {
                _askedAt = _time.GetTimestamp();
                AskAgain();
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (Gate)
        {
            if (_isClosed)
                return ValueTask.CompletedTask;
            _isClosed = true;
            Closing();
        }
        foreach (var subscription in _subscriptions)
            subscription.Dispose();
        _closed(this);
        _reports.Complete();
        return ValueTask.CompletedTask;
    }

    /// <summary>It is closed: nothing of its own may come due any more.</summary>
    protected virtual void Closing()
    {
    }

    /// <summary>The link has come up: what can be asked may be asked at once.</summary>
    protected virtual void LinkUp()
    {
    }

    /// <summary>It spoke, so it is there; its sign of coming was before we listened, or was lost.</summary>
    protected void Heard(long at)
    {
        _heardAt = at;
        if (!IsThere)
            Arrived(at);
    }

    /// <summary>It says that it has come.</summary>
    protected void Arrived(long at)
    {
        _heardAt = at;
        // A device that comes and comes and comes is two under one name, throwing each other out.
        _arrivals.Enqueue(at);
        while (_arrivals.Count > 0 && _time.GetElapsedTime(_arrivals.Peek(), at) > TimeSpan.FromMinutes(1))
            _arrivals.Dequeue();
        if (_arrivals.Count >= 5)
            Twins("it signed in five times within a minute", at);
        while (_arrivals.Count > 5)
            _arrivals.Dequeue();
        IsThere = true;
        IsOnline = false;
        _asks = 0;
        _unfitTold = false;
        Forget();
        foreach (var relay in Relays)
            relay.Closed = null;
        AskAll();
    }

    protected void Away(string why)
    {
        if (!IsThere)
            return;
        IsThere = false;
        foreach (var relay in Relays)
            relay.Waits = false;
        if (!IsOnline)
            return;
        IsOnline = false;
        _reports.Post(new DeviceReport.LinkReport(Id, Now, _time.GetTimestamp(), Online: false));
        if (_logGate.Pass("away", out var heldBack))
            Log.Away(_logger, Id, why, heldBack);
    }

    /// <summary>Call it when something has become known.</summary>
    protected void BecomeOnline(long at)
    {
        if (IsOnline || !IsThere || !IsKnown || Relays.Any(r => r.Closed is null) || (Relays.Length > 0 && Missing().Count > 0))
            return;
        IsOnline = true;
        var closed = new Dictionary<int, SessionId?>();
        for (var channel = 0; channel < Relays.Length; channel++)
        {
            if (Relays[channel].Closed == true)
                closed[channel] = Relays[channel].Session;
        }
        _reports.Post(new DeviceReport.LinkReport(Id, Now, at, Online: true, Firmware, _boot is >= 0 and <= uint.MaxValue and var boot ? (uint)boot : null, _newBoot, closed));
        if (_logGate.Pass("online", out var heldBack))
            Log.Online(_logger, Id, Firmware ?? "unknown", _newBoot, heldBack);
        _newBoot = false;
        if (Relays.Length > 0 && Settings.ProvenFirmware is { Length: > 0 } proven && Firmware is { } now && proven != now)
            Unfit($"it runs {now}, and its test was passed with {proven}: test it again", at);
    }

    /// <summary>The number of its start, or anything else that is another after each.</summary>
    protected void Booted(long number)
    {
        if (_boot is { } before && before != number)
            StartedAnew();
        _boot = number;
    }

    /// <summary>It started since it was last heard. Nothing starts by itself: what ran before is over.</summary>
    protected void StartedAnew()
    {
        _newBoot = true;
        foreach (var relay in Relays)
            relay.End();
    }

    /// <summary>Its MAC or serial number.</summary>
    protected void Identified(string identity, long at)
    {
        // One message writes a MAC with colons, another without.
        identity = identity.Replace(":", "", StringComparison.Ordinal);
        if (_identity is not null && !_identity.Equals(identity, StringComparison.OrdinalIgnoreCase))
            Twins($"it was {_identity} and is {identity} now", at);
        _identity = identity;
    }

    /// <summary>What a relay is, as the device says.</summary>
    protected void Switched(int channel, bool on, long at)
    {
        if (channel < 0 || channel >= Relays.Length)
            return;
        var relay = Relays[channel];
        var before = relay.Closed;
        relay.Closed = on;
        if (on && relay.Session is not null && !relay.Waits)
            relay.Confirmed = true;
        if (before == on)
            return;
        if (on)
            SwitchedOn(channel, relay, before, at);
        else
            SwitchedOff(channel, relay, before, at);
    }

    /// <summary>The device has confirmed the setting a hold waited for.</summary>
    protected void Settled(int channel)
    {
        if (channel < 0 || channel >= Relays.Length || Relays[channel] is not { Waits: true } relay)
            return;
        relay.Waits = false;
        if (IsOnline && relay.Session is not null)
            SendOn(channel, relay.Lease);
    }

    /// <summary>A reading of the meter.</summary>
    protected void Measured(int channel, double watts, double? wattHours, long at)
    {
        _measures = true;
        if (channel >= 0 && channel < Math.Max(1, Relays.Length))
            _reports.Post(new DeviceReport.PowerReport(Id, Now, at, channel, PlugJson.Bounded(watts), wattHours is { } wh ? PlugJson.Bounded(wh) : null));
    }

    /// <summary>A badge, presented now.</summary>
    protected void Tapped(BadgeNumber number, ReaderProfile profile, long at, int reader = 0)
    {
        _readsBadges = true;
        _reports.Post(new DeviceReport.BadgeRead(Id, Now, at, reader, number, profile, Live: true));
    }

    /// <summary>What the methods here have no words for: uses that the device decided on alone.</summary>
    protected void Report(DeviceReport report) => _reports.Post(report);

    /// <summary>A message that says nothing: counted, and told once a minute.</summary>
    protected void Refused(string code, string detail, long at)
    {
        DriverMetrics.Refused.Add(1);
        if (!_logGate.Pass(code, out var heldBack))
            return;
        Log.Refused(_logger, Id, detail, heldBack);
        Fault(code, detail, at);
    }

    protected void Malformed(string what, long at) => Refused(DeviceFaults.Malformed, what, at);

    /// <summary>It is not what a lease needs; told once a minute.</summary>
    protected void Unfit(string detail, long at)
    {
        if (!_logGate.Pass(DeviceFaults.NotCommissioned, out _))
            return;
        Log.Unfit(_logger, Id, detail);
        Fault(DeviceFaults.NotCommissioned, detail, at);
    }

    protected void Twins(string why, long at)
    {
        if (_logGate.Pass(DeviceFaults.DuplicateId, out _))
            Fault(DeviceFaults.DuplicateId, "two devices use this name: " + why, at);
    }

    protected void Fault(string code, string detail, long at, int? channel = null) =>
        _reports.Post(new DeviceReport.DeviceFaultReport(Id, Now, at, code, detail, channel));

    /// <summary>Sends a command. Never retained: a power command in the broker's memory is a machine that starts by itself.</summary>
    protected SendOutcome Send(string topic, string text)
    {
        if (_link.Publish(topic, Encoding.UTF8.GetBytes(text), MqttQos.AtLeastOnce, retain: false, TimeSpan.FromSeconds(5)) == LinkSend.Sent)
            return SendOutcome.Sent;
        DriverMetrics.Undelivered.Add(1);
        return SendOutcome.LinkDown;
    }

    /// <summary>What stands below a name in a topic; empty for the name alone, which a filter that ends in <c>#</c> matches too.</summary>
    protected static string Below(string topic, string name) =>
        topic.Length > name.Length && topic[name.Length] == '/' && topic.StartsWith(name, StringComparison.Ordinal) ? topic[(name.Length + 1)..] : "";

    private void AskAll()
    {
        _askedAt = _time.GetTimestamp();
        _asks++;
        if (_asks > 3 && !_unfitTold && Relays.Length > 0 && Missing() is { Count: > 0 } missing)
        {
            _unfitTold = true;
            Unfit("it does not take the settings a lease needs: " + string.Join(", ", missing), _askedAt);
        }
        Ask();
    }

    private TimeSpan Patience() => _asks switch
    {
        // A dozen settings take a small device two to three seconds.
        <= 3 => TimeSpan.FromSeconds(5),
        _ => TimeSpan.FromSeconds(30),
    };

    /// <summary>A lease that is over, with the relay still closed: where the device counts, it did not; where it does not, it is our turn.</summary>
    private void WatchLease(int channel, PlugRelay relay)
    {
        // Its answer was lost; the next renewal asks again.
        if (relay.Waits && _time.GetElapsedTime(relay.WaitsSince) > SettingPatience)
            relay.Waits = false;
        // On trial it is left alone: whether it opens by itself is the question.
        if (!IsOnline || _isOnTrial || relay.Closed != true || relay.Session is null)
            return;
        var late = _time.GetElapsedTime(relay.HeldAt) - relay.Lease.ToTimeSpan();
        if (late < (FailsSafeAlone ? Overdue : TimeSpan.Zero))
            return;
        if (FailsSafeAlone)
        {
            _overheld = true;
            Unfit("its relay did not open by itself when its lease was over; it is told to open", _time.GetTimestamp());
        }
        Tell(relay);
        SendOff(channel);
    }

    private static void Tell(PlugRelay relay)
    {
        relay.Told = relay.End() ?? relay.Told;
        relay.IsTold = true;
    }

    private void SwitchedOn(int channel, PlugRelay relay, bool? before, long at)
    {
        if (relay.Session is { } session && !relay.Waits)
        {
            Relay(channel, closed: true, RelayCauses.Lease, session, at);
            return;
        }
        // Found on when it came: it may be the use of before our restart, and if nobody holds it, it opens by itself.
        if (before is null)
            return;
        // It was off and went on without us: a button, a rule, somebody else's command. Permission is ours to give.
        Relay(channel, closed: true, RelayCauses.Unknown, null, at);
        SendOff(channel);
        if (!_logGate.Pass(DeviceFaults.ForeignSwitch, out _))
            return;
        Fault(DeviceFaults.ForeignSwitch, "its relay closed without a lease; it is told to open", at, channel);
        Log.Foreign(_logger, Id, channel);
    }

    private void SwitchedOff(int channel, PlugRelay relay, bool? before, long at)
    {
        if (before is null && !relay.Confirmed)
            return;
        var expired = relay.Session is not null
            && Duration.FromTimeSpan(_time.GetElapsedTime(relay.HeldAt, at)) >= relay.Lease - NearTheEnd;
        // A hold that is on its way has not closed anything yet: what opens now is what was before.
        var waiting = relay.Session is not null && !relay.Confirmed;
        var told = relay.IsTold;
        var previous = relay.Told;
        (relay.IsTold, relay.Told) = (false, null);
        if (waiting)
        {
            Relay(channel, closed: false, RelayCauses.Unknown, previous, at);
            return;
        }
        var session = relay.End();
        var wasTold = session is null && told;
        Relay(channel, closed: false, wasTold ? RelayCauses.Told : expired ? RelayCauses.Lease : RelayCauses.Unknown, session ?? previous, at);
    }

    private void Relay(int channel, bool closed, string cause, SessionId? session, long at) =>
        _reports.Post(new DeviceReport.RelayReport(Id, Now, at, channel, closed, cause, session));

    private static ValueTask<SendOutcome> Answer(SendOutcome outcome) => ValueTask.FromResult(outcome);

    private static partial class Log
    {
        [LoggerMessage(EventId = 3600, Level = LogLevel.Information, Message = "{Device} is there: firmware {Firmware}, new boot {NewBoot}. ({HeldBack} like it not shown)")]
        public static partial void Online(ILogger logger, DeviceId device, string firmware, bool newBoot, int heldBack);

        [LoggerMessage(EventId = 3601, Level = LogLevel.Warning, Message = "{Device} is away: {Why}. ({HeldBack} like it not shown)")]
        public static partial void Away(ILogger logger, DeviceId device, string why, int heldBack);

        [LoggerMessage(EventId = 3602, Level = LogLevel.Warning, Message = "{Device}: {Detail}; refused. ({HeldBack} like it not shown)")]
        public static partial void Refused(ILogger logger, DeviceId device, string detail, int heldBack);

        [LoggerMessage(EventId = 3603, Level = LogLevel.Warning, Message = "{Device}: relay {Channel} closed without a lease; told to open.")]
        public static partial void Foreign(ILogger logger, DeviceId device, int channel);

        [LoggerMessage(EventId = 3604, Level = LogLevel.Warning, Message = "{Device}: {Detail}")]
        public static partial void Unfit(ILogger logger, DeviceId device, string detail);
    }
}
