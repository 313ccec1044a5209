using System.Threading.Channels;
using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Gateway.Drivers.Rdm6300;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Gateway.Drivers.Wedge;

/// <summary>A USB reader that types like a keyboard. It is grabbed, so that its numbers do not land in whatever window is open.</summary>
internal sealed partial class WedgeDevice : IDevice, ISerialSink
{
    private readonly ISerialLink _link;
    private readonly ReaderProfile _profile;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LogGate _logGate;
    private readonly ReportQueue _reports;
    private readonly KeyStream _keys = new();
    private readonly TagPresence _presence;
    private int _closed;

    public WedgeDevice(DeviceId id, ISerialLink link, ReaderProfile profile, TimeProvider time, ILogger logger)
    {
        (Id, _link, _profile, _time, _logger) = (id, link, profile, time, logger);
        _logGate = new LogGate(time);
        _reports = new ReportQueue(id.Value, time, logger);
        _presence = new TagPresence(time);
    }

    public DeviceId Id { get; }

    public DriverAbilities Abilities => DriverAbilities.ReadsBadges;

    public ChannelReader<DeviceReport> Reports => _reports.Reader;

    private Instant Now => Instant.FromDateTimeOffset(_time.GetUtcNow());

    public void Start() => _link.Start(this);

    public ValueTask<SendOutcome> HoldAsync(int channel, SessionId session, Duration ttl, CancellationToken cancellationToken) => NotSupported();

    public ValueTask<SendOutcome> OpenAsync(int channel, CancellationToken cancellationToken) => NotSupported();

    public ValueTask<SendOutcome> ShowAsync(DisplayMessage message, CancellationToken cancellationToken) => NotSupported();

    public ValueTask<SendOutcome> AcknowledgeAsync(JournalKey record, CancellationToken cancellationToken) => NotSupported();

    public ValueTask<SendOutcome> PushOfflineListAsync(OfflineList list, CancellationToken cancellationToken) => NotSupported();

    public void OnBytes(ReadOnlySpan<byte> bytes, long receivedTimestamp)
    {
        var bad = _keys.Bad;
        _keys.Take(bytes, typed => Typed(typed, receivedTimestamp));
        if (_keys.Bad != bad)
            Refused(_keys.Bad - bad);
    }

    public void OnLinkChanged(bool up)
    {
        _keys.Reset();
        _presence.Reset();
        _reports.Post(new DeviceReport.LinkReport(Id, Now, _time.GetTimestamp(), up));
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
            return;
        await _link.DisposeAsync().ConfigureAwait(false);
        _reports.Complete();
    }

    private void Typed(string typed, long at)
    {
        if (_profile.Parse(typed) is not { } number)
            Refused(1);
        else if (_presence.Take(new TagFrame(typed, Once: true), at))
            _reports.Post(new DeviceReport.BadgeRead(Id, Now, at, 0, number, _profile, Live: true));
    }

    private void Refused(int count)
    {
        DriverMetrics.Refused.Add(count);
        if (_logGate.Pass("typed", out var heldBack))
            Log.NoNumber(_logger, Id, _profile.Code, heldBack);
    }

    private static ValueTask<SendOutcome> NotSupported() => ValueTask.FromResult(SendOutcome.NotSupported);

    private static partial class Log
    {
        [LoggerMessage(EventId = 3520, Level = LogLevel.Warning, Message = "{Device}: it typed what is no number of its kind ({Profile}). ({HeldBack} like it not shown)")]
        public static partial void NoNumber(ILogger logger, DeviceId device, string profile, int heldBack);
    }
}
