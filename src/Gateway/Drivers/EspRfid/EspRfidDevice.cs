using System.Threading.Channels;
using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Gateway.Drivers.Plugs;
using FabLab.Gateway.Drivers.Rdm6300;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Gateway.Drivers.EspRfid;

/// <summary>
/// A door with esp-rfid. It decides alone, by its own list, and says afterwards what was held before it: here that is a badge at a
/// reader, whatever the door made of it. It is told nothing.
/// </summary>
internal sealed partial class EspRfidDevice : IDevice, IMqttSink
{
    private const int MostBytes = 2048;

    /// <summary>It says that it lives every three minutes, unless it is set otherwise.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(30);

    private readonly IMqttLink _link;
    private readonly string _topic;
    private readonly ReaderProfile _profile;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LogGate _logGate;
    private readonly ReportQueue _reports;
    private readonly TagPresence _presence;
    private readonly Lock _gate = new();
    private IMqttSubscription? _subscription;
    private ITimer? _timer;
    private long _heardAt;
    private bool _isOnline;
    private int _closed;

    public EspRfidDevice(DeviceId id, IMqttLink link, string topic, ReaderProfile profile, TimeProvider time, ILogger logger)
    {
        (Id, _link, _topic, _profile, _time, _logger) = (id, link, topic, profile, time, logger);
        _logGate = new LogGate(time);
        _reports = new ReportQueue(id.Value, time, logger);
        _presence = new TagPresence(time);
    }

    public DeviceId Id { get; }

    public DriverAbilities Abilities => DriverAbilities.ReadsBadges;

    public ChannelReader<DeviceReport> Reports => _reports.Reader;

    private Instant Now => Instant.FromDateTimeOffset(_time.GetUtcNow());

    public void Listen()
    {
        _subscription = _link.Subscribe(_topic, MqttQos.AtLeastOnce, this);
        _timer = _time.CreateTimer(_ => Tick(), null, Look, Look);
    }

    public ValueTask<SendOutcome> HoldAsync(int channel, SessionId session, Duration ttl, CancellationToken cancellationToken) => NotSupported();

    public ValueTask<SendOutcome> OpenAsync(int channel, CancellationToken cancellationToken) => NotSupported();

    public ValueTask<SendOutcome> ShowAsync(DisplayMessage message, CancellationToken cancellationToken) => NotSupported();

    public ValueTask<SendOutcome> AcknowledgeAsync(JournalKey record, CancellationToken cancellationToken) => NotSupported();

    public ValueTask<SendOutcome> PushOfflineListAsync(OfflineList list, CancellationToken cancellationToken) => NotSupported();

    public void OnMessage(in MqttDelivery message)
    {
        lock (_gate)
        {
            if (message.Retained)
                return;
            try
            {
                Take(message.Payload, message.ReceivedTimestamp);
            }
            catch (InvalidOperationException)
            {
                // JSON may hold what is no Unicode; that shows only when the text is read.
                Refused();
            }
        }
    }

    public void OnLinkChanged(bool up)
    {
        lock (_gate)
        {
            if (!up)
                Online(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
            return;
        if (_timer is { } timer)
            await timer.DisposeAsync().ConfigureAwait(false);
        _subscription?.Dispose();
        _reports.Complete();
    }

    private void Take(ReadOnlySpan<byte> payload, long at)
    {
        using var document = payload.Length <= MostBytes ? PlugJson.Parse(payload) : null;
        if (document is null)
        {
            Refused();
            return;
        }
        _heardAt = _time.GetTimestamp();
        Online(true);
        // Later forks say other things too.
        if (PlugJson.Text(document.RootElement, "type") != "access" || PlugJson.Text(document.RootElement, "uid") is not { } uid)
            return;
        if (_profile.Parse(uid) is not { } number)
            Refused();
        else if (_presence.Take(new TagFrame(number.Canonical, Once: true), at))
            _reports.Post(new DeviceReport.BadgeRead(Id, Now, at, 0, number, _profile, Live: true));
    }

    private void Tick()
    {
        lock (_gate)
        {
            if (_isOnline && _time.GetElapsedTime(_heardAt) > Silence)
                Online(false);
        }
    }

    private void Online(bool online)
    {
        if (_isOnline == online)
            return;
        _isOnline = online;
        _reports.Post(new DeviceReport.LinkReport(Id, Now, _time.GetTimestamp(), online));
    }

    private void Refused()
    {
        DriverMetrics.Refused.Add(1);
        if (_logGate.Pass("message", out var heldBack))
            Log.NotUnderstood(_logger, Id, heldBack);
    }

    private static ValueTask<SendOutcome> NotSupported() => ValueTask.FromResult(SendOutcome.NotSupported);

    private static partial class Log
    {
        [LoggerMessage(EventId = 3530, Level = LogLevel.Warning, Message = "{Device}: a message that is none of esp-rfid's, or a number not of its kind. ({HeldBack} like it not shown)")]
        public static partial void NotUnderstood(ILogger logger, DeviceId device, int heldBack);
    }
}
