using System.Text;
using System.Threading.Channels;
using FabLab.Core;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Gateway.Drivers.Tasmota;

/// <summary>
/// A Tasmota relay, meter and reader. Its relay is a lease by PulseTime, counted again from each POWER ON; it is only used after
/// the device has confirmed the settings that make it one.
/// </summary>
internal sealed partial class TasmotaDevice : IDevice, IMqttSink
{
    private const int DefaultPulse = 130;
    private const int MaxPayload = 8 * 1024;
    private static readonly Duration ShortestLease = Duration.FromMilliseconds(500);
    private static readonly Duration LongestLease = Duration.FromHours(12);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PulsePatience = TimeSpan.FromSeconds(3);

    private readonly TasmotaTopics _topics;
    private readonly IMqttLink _link;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LogGate _logGate;
    private readonly ReportQueue _reports;
    private readonly Action<TasmotaDevice> _closed;
    private readonly IMqttSubscription[] _subscriptions;

    private readonly Lock _gate = new();
    private readonly TasmotaCommissioning _commissioning;
    private readonly TasmotaReaders _readers;
    private readonly TasmotaRelay[] _relays;
    private readonly Queue<long> _arrivals = [];
    private bool _there;
    private bool _online;
    private bool _isClosed;
    private long _heardAt;
    private long _askedAt;
    private int _asks;
    private bool _unfitTold;
    private uint? _boot;
    private bool _bootSeen;
    private bool _newBoot;
    private string? _firmware;
    private string? _mac;
    private bool _readsBadges;
    private bool _measures;

    public TasmotaDevice(DeviceSettings settings, TasmotaTopics topics, IMqttLink link, TimeProvider time, ILogger logger, Action<TasmotaDevice> closed)
    {
        Id = settings.DeviceId;
        _topics = topics;
        _link = link;
        _time = time;
        _logger = logger;
        _logGate = new LogGate(time);
        _closed = closed;
        _reports = new ReportQueue(Id.Value, time, logger);
        _commissioning = new TasmotaCommissioning(settings.Channels);
        _readers = new TasmotaReaders(time);
        _relays = [.. Enumerable.Range(0, settings.Channels).Select(_ => new TasmotaRelay())];
        _subscriptions =
        [
            link.Subscribe(topics.StatFilter, MqttQos.AtLeastOnce, this),
            link.Subscribe(topics.TeleFilter, MqttQos.AtLeastOnce, this),
            link.Subscribe(topics.CommandFilter, MqttQos.AtLeastOnce, this),
        ];
    }

    public DeviceId Id { get; }

    public DriverAbilities Abilities
    {
        get
        {
            lock (_gate)
            {
                return (_relays.Length > 0 ? DriverAbilities.FailsSafeAlone | DriverAbilities.ConfirmsRelay | DriverAbilities.Switches : 0)
                    | (_readsBadges ? DriverAbilities.ReadsBadges : 0)
                    | (_measures ? DriverAbilities.Measures : 0);
            }
        }
    }

    public ChannelReader<DeviceReport> Reports => _reports.Reader;

    private Instant Now => Instant.FromDateTimeOffset(_time.GetUtcNow());

    public ValueTask<SendOutcome> HoldAsync(int channel, SessionId session, Duration ttl, CancellationToken cancellationToken)
    {
        if (ttl < ShortestLease || ttl > LongestLease)
            throw new ArgumentOutOfRangeException(nameof(ttl), ttl, "A lease is 0.5 s to 12 h.");
        lock (_gate)
        {
            if (_isClosed)
                return Answer(SendOutcome.Closed);
            if (channel < 0 || channel >= _relays.Length)
                return Answer(SendOutcome.NotSupported);
            var relay = _relays[channel];
            if (relay.IsOver(session))
                return Answer(SendOutcome.Over);
            if (!_online)
                return Answer(SendOutcome.LinkDown);
            var now = _time.GetTimestamp();
            var pulse = TasmotaPulse.Of(ttl);
            relay.Hold(session, ttl, now);
            if (_commissioning.Pulse(channel) == pulse)
            {
                relay.WaitsForPulse = null;
                return Answer(Send(Power(channel), "ON"));
            }
            // Never ON before the time after which it opens is confirmed: the two are separate messages and either may be lost.
            (relay.WaitsForPulse, relay.WaitsSince) = (pulse, now);
            return Answer(Send($"PulseTime{channel + 1}", pulse.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        }
    }

    public ValueTask<SendOutcome> OpenAsync(int channel, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_isClosed)
                return Answer(SendOutcome.Closed);
            if (channel < 0 || channel >= _relays.Length)
                return Answer(SendOutcome.NotSupported);
            _told[channel] = _relays[channel].End() ?? _told.GetValueOrDefault(channel);
            // Also to one that seems to be away: opening is never wrong.
            var sent = Send(Power(channel), "OFF");
            return Answer(_there ? sent : SendOutcome.LinkDown);
        }
    }

    public ValueTask<SendOutcome> ShowAsync(DisplayMessage message, CancellationToken cancellationToken) => Answer(SendOutcome.NotSupported);

    public ValueTask<SendOutcome> AcknowledgeAsync(JournalKey record, CancellationToken cancellationToken) => Answer(SendOutcome.NotSupported);

    public ValueTask<SendOutcome> PushOfflineListAsync(OfflineList list, CancellationToken cancellationToken) => Answer(SendOutcome.NotSupported);

    public void OnLinkChanged(bool up)
    {
        lock (_gate)
        {
            if (!up)
                Away("the broker is away");
        }
    }

    /// <summary>Call it every second.</summary>
    public void Tick()
    {
        lock (_gate)
        {
            if (_isClosed || !_there)
                return;
            if (_time.GetElapsedTime(_heardAt) > Silence)
            {
                Away("it has said nothing for a minute");
                return;
            }
            foreach (var relay in _relays)
            {
                // Its answer was lost; the next renewal asks again.
                if (relay.WaitsForPulse is not null && _time.GetElapsedTime(relay.WaitsSince) > PulsePatience)
                    relay.WaitsForPulse = null;
            }
            if (!_online && _time.GetElapsedTime(_askedAt) > Patience())
                Commission();
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_isClosed)
                return ValueTask.CompletedTask;
            _isClosed = true;
        }
        foreach (var subscription in _subscriptions)
            subscription.Dispose();
        _closed(this);
        _reports.Complete();
        return ValueTask.CompletedTask;
    }

    /// <summary>Pushes the settings and asks for everything that is to be known before it counts as there. Needs the gate, as all below.</summary>
    private void Commission()
    {
        _askedAt = _time.GetTimestamp();
        _asks++;
        if (_asks > 3 && !_unfitTold && _relays.Length > 0 && _commissioning.Missing() is { Count: > 0 } missing)
        {
            _unfitTold = true;
            Log.Unfit(_logger, Id, string.Join(", ", missing));
            Fault(DeviceFaults.NotCommissioned, "it does not take the settings a lease needs: " + string.Join(", ", missing), _askedAt);
        }
        if (_relays.Length > 0)
            Send("Backlog", _commissioning.Backlog([.. _relays.Select((relay, channel) => _commissioning.Pulse(channel) is > 0 and var pulse ? pulse : DefaultPulse)]));
        foreach (var status in new[] { "1", "2", "5", "8", "11" })
            Send("STATUS", status);
    }

    private TimeSpan Patience() => _asks switch
    {
        // A backlog of a dozen commands takes the device two to three seconds.
        <= 3 => TimeSpan.FromSeconds(5),
        _ => TimeSpan.FromSeconds(30),
    };

    private void Arrived(long at)
    {
        // A device that comes and comes and comes is two under one name, throwing each other out.
        _arrivals.Enqueue(at);
        while (_arrivals.Count > 0 && _time.GetElapsedTime(_arrivals.Peek(), at) > TimeSpan.FromMinutes(1))
            _arrivals.Dequeue();
        if (_arrivals.Count >= 5)
            Twins("it signed in five times within a minute", at);
        _there = true;
        _online = false;
        _asks = 0;
        _unfitTold = false;
        _bootSeen = false;
        _commissioning.Restart();
        foreach (var relay in _relays)
            relay.Closed = null;
        Commission();
    }

    private void Away(string why)
    {
        if (!_there)
            return;
        _there = false;
        foreach (var relay in _relays)
            relay.WaitsForPulse = null;
        if (!_online)
            return;
        _online = false;
        _reports.Post(new DeviceReport.LinkReport(Id, Now, _time.GetTimestamp(), Online: false));
        Log.Away(_logger, Id, why);
    }

    private void BecomeOnline(long at)
    {
        if (_online || !_there || !_bootSeen || _relays.Any(r => r.Closed is null) || (_relays.Length > 0 && _commissioning.Missing().Count > 0))
            return;
        _online = true;
        var closed = new Dictionary<int, SessionId?>();
        for (var channel = 0; channel < _relays.Length; channel++)
        {
            if (_relays[channel].Closed == true)
                closed[channel] = _relays[channel].Session;
        }
        _reports.Post(new DeviceReport.LinkReport(Id, Now, at, Online: true, _firmware, _boot, _newBoot, closed));
        Log.Online(_logger, Id, _firmware ?? "unknown", _newBoot);
        _newBoot = false;
    }

    private void Twins(string why, long at)
    {
        if (_logGate.Pass(DeviceFaults.DuplicateId, out _))
            Fault(DeviceFaults.DuplicateId, "two devices use this name: " + why, at);
    }

    private void Fault(string code, string detail, long at, int? channel = null) =>
        _reports.Post(new DeviceReport.DeviceFaultReport(Id, Now, at, code, detail, channel));

    private SendOutcome Send(string command, string value)
    {
        // Never retained: a power command in the broker's memory is a machine that starts by itself.
        var sent = _link.Publish(_topics.Command(command), Encoding.ASCII.GetBytes(value), MqttQos.AtLeastOnce, retain: false, TimeSpan.FromSeconds(5));
        if (sent == LinkSend.Sent)
            return SendOutcome.Sent;
        DriverMetrics.Undelivered.Add(1);
        return SendOutcome.LinkDown;
    }

    private static string Power(int channel) => $"POWER{channel + 1}";

    private static ValueTask<SendOutcome> Answer(SendOutcome outcome) => ValueTask.FromResult(outcome);
}
