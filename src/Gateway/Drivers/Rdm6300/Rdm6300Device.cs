using System.Threading.Channels;
using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Gateway.Drivers.Rdm6300;

/// <summary>A 125 kHz reader on a serial port. It only reads; commands are not supported.</summary>
internal sealed partial class Rdm6300Device : IDevice, ISerialSink
{
    private readonly ISerialLink _link;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LogGate _logGate;
    private readonly ReportQueue _reports;
    private readonly TagFrameParser _parser = new();
    private readonly TagPresence _presence;
    private int _closed;

    public Rdm6300Device(DeviceId id, ISerialLink link, TimeProvider time, ILogger logger)
    {
        Id = id;
        _link = link;
        _time = time;
        _logger = logger;
        _logGate = new LogGate(time);
        _reports = new ReportQueue(id.Value, time, logger);
        _presence = new TagPresence(time);
    }

    public DeviceId Id { get; }

    public DriverAbilities Abilities => DriverAbilities.ReadsBadges;

    public ChannelReader<DeviceReport> Reports => _reports.Reader;

    public void Start() => _link.Start(this);

    public ValueTask<SendOutcome> HoldAsync(int channel, SessionId session, Duration ttl, CancellationToken cancellationToken) => NotSupported();

    public ValueTask<SendOutcome> OpenAsync(int channel, CancellationToken cancellationToken) => NotSupported();

    public ValueTask<SendOutcome> ShowAsync(DisplayMessage message, CancellationToken cancellationToken) => NotSupported();

    public ValueTask<SendOutcome> AcknowledgeAsync(JournalKey record, CancellationToken cancellationToken) => NotSupported();

    public ValueTask<SendOutcome> PushOfflineListAsync(OfflineList list, CancellationToken cancellationToken) => NotSupported();

    public void OnBytes(ReadOnlySpan<byte> bytes, long receivedTimestamp)
    {
        var bad = _parser.Bad;
        _parser.Take(bytes, frame =>
        {
            if (!_presence.Take(frame, receivedTimestamp))
                return;
            if (ReaderProfile.EmHex.Parse(frame.Hex) is { } number)
                _reports.Post(new DeviceReport.BadgeRead(Id, Now, receivedTimestamp, 0, number, ReaderProfile.EmHex, Live: true));
        });
        if (_parser.Bad == bad)
            return;
        DriverMetrics.Refused.Add(_parser.Bad - bad);
        if (_logGate.Pass("frame", out var heldBack))
            Log.BadFrame(_logger, Id, heldBack);
    }

    public void OnLinkChanged(bool up)
    {
        _parser.Reset();
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

    private Instant Now => Instant.FromDateTimeOffset(_time.GetUtcNow());

    private static ValueTask<SendOutcome> NotSupported() => ValueTask.FromResult(SendOutcome.NotSupported);

    private static partial class Log
    {
        [LoggerMessage(EventId = 3500, Level = LogLevel.Warning, Message = "{Device}: a frame whose check sum is wrong, or bytes that are none. ({HeldBack} like it not shown)")]
        public static partial void BadFrame(ILogger logger, DeviceId device, int heldBack);
    }
}
