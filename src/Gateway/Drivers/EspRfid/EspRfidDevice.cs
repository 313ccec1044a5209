using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Gateway.Drivers.Plugs;
using FabLab.Gateway.Drivers.Rdm6300;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.EspRfid;

/// <summary>
/// A door with esp-rfid. It decides alone, by its own list, and says afterwards what was held before it: here that is a badge at a
/// reader, whatever the door made of it. It is told nothing.
/// </summary>
internal sealed partial class EspRfidDevice : ListeningDevice, IMqttSink
{
    private const int MostBytes = 2048;

    /// <summary>It says that it lives every three minutes, unless it is set otherwise.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(30);

    private readonly IMqttLink _link;
    private readonly string _topic;
    private readonly ReaderProfile _profile;
    private readonly TagPresence _presence;
    private readonly Lock _gate = new();
    private IMqttSubscription? _subscription;
    private ITimer? _timer;
    private long _heardAt;
    private bool _isOnline;

    public EspRfidDevice(DeviceId id, IMqttLink link, string topic, ReaderProfile profile, TimeProvider time, ILogger logger)
        : base(id, DriverAbilities.ReadsBadges, time, logger)
    {
        (_link, _topic, _profile) = (link, topic, profile);
        _presence = new TagPresence(time);
    }

    public void Listen()
    {
        _subscription = _link.Subscribe(_topic, MqttQos.AtLeastOnce, this);
        _timer = Time.CreateTimer(_ => Tick(), null, Look, Look);
    }

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

    protected override async ValueTask CloseAsync()
    {
        if (_timer is { } timer)
            await timer.DisposeAsync().ConfigureAwait(false);
        _subscription?.Dispose();
    }

    private void Take(ReadOnlySpan<byte> payload, long at)
    {
        using var document = payload.Length <= MostBytes ? PlugJson.Parse(payload) : null;
        if (document is null)
        {
            Refused();
            return;
        }
        _heardAt = Time.GetTimestamp();
        Online(true);
        // Later forks say other things too.
        if (PlugJson.Text(document.RootElement, "type") != "access" || PlugJson.Text(document.RootElement, "uid") is not { } uid)
            return;
        if (_profile.Parse(uid) is not { } number)
            Refused();
        else if (_presence.Take(new TagFrame(number.Canonical, Once: true), at))
            Queue.Post(new DeviceReport.BadgeRead(Id, Now, at, 0, number, _profile, Live: true));
    }

    private void Tick()
    {
        lock (_gate)
        {
            if (_isOnline && Time.GetElapsedTime(_heardAt) > Silence)
                Online(false);
        }
    }

    private void Online(bool online)
    {
        if (_isOnline == online)
            return;
        _isOnline = online;
        Queue.Post(new DeviceReport.LinkReport(Id, Now, Time.GetTimestamp(), online));
    }

    private void Refused()
    {
        DriverMetrics.Refused.Add(1);
        if (LogGate.Pass("message", out var heldBack))
            Log.NotUnderstood(Logger, Id, heldBack);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 3530, Level = LogLevel.Warning, Message = "{Device}: a message that is none of esp-rfid's, or a number not of its kind. ({HeldBack} like it not shown)")]
        public static partial void NotUnderstood(ILogger logger, DeviceId device, int heldBack);
    }
}
