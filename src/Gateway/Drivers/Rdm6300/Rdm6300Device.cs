using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.Rdm6300;

/// <summary>A 125 kHz reader on a serial port. It only reads; commands are not supported.</summary>
internal sealed partial class Rdm6300Device : ListeningDevice, ISerialSink
{
    private readonly ISerialLink _link;
    private readonly TagFrameParser _parser = new();
    private readonly TagPresence _presence;

    public Rdm6300Device(DeviceId id, ISerialLink link, TimeProvider time, ILogger logger)
        : base(id, DriverAbilities.ReadsBadges, time, logger)
    {
        _link = link;
        _presence = new TagPresence(time);
    }

    public void Start() => _link.Start(this);

    public void OnBytes(ReadOnlySpan<byte> bytes, long receivedTimestamp)
    {
        var bad = _parser.Bad;
        _parser.Take(bytes, frame =>
        {
            if (!_presence.Take(frame, receivedTimestamp))
                return;
            if (ReaderProfile.EmHex.Parse(frame.Hex) is { } number)
                Queue.Post(new DeviceReport.BadgeRead(Id, Now, receivedTimestamp, 0, number, ReaderProfile.EmHex, Live: true));
        });
        if (_parser.Bad == bad)
            return;
        DriverMetrics.Refused.Add(_parser.Bad - bad);
        if (LogGate.Pass("frame", out var heldBack))
            Log.BadFrame(Logger, Id, heldBack);
    }

    public void OnLinkChanged(bool up)
    {
        _parser.Reset();
        _presence.Reset();
        Queue.Post(new DeviceReport.LinkReport(Id, Now, Time.GetTimestamp(), up));
    }

    protected override ValueTask CloseAsync() => _link.DisposeAsync();

    private static partial class Log
    {
        [LoggerMessage(EventId = 3500, Level = LogLevel.Warning, Message = "{Device}: a frame whose check sum is wrong, or bytes that are none. ({HeldBack} like it not shown)")]
        public static partial void BadFrame(ILogger logger, DeviceId device, int heldBack);
    }
}
