using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Gateway.Drivers.Rdm6300;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.Wedge;

/// <summary>A USB reader that types like a keyboard. It is grabbed, so that its numbers do not land in whatever window is open.</summary>
internal sealed partial class WedgeDevice : ListeningDevice, ISerialSink
{
    private readonly ISerialLink _link;
    private readonly ReaderProfile _profile;
    private readonly KeyStream _keys = new();
    private readonly TagPresence _presence;

    public WedgeDevice(DeviceId id, ISerialLink link, ReaderProfile profile, TimeProvider time, ILogger logger)
        : base(id, DriverAbilities.ReadsBadges, time, logger)
    {
        (_link, _profile) = (link, profile);
        _presence = new TagPresence(time);
    }

    public void Start() => _link.Start(this);

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
        Queue.Post(new DeviceReport.LinkReport(Id, Now, Time.GetTimestamp(), up));
    }

    protected override ValueTask CloseAsync() => _link.DisposeAsync();

    private void Typed(string typed, long at)
    {
        if (_profile.Parse(typed) is not { } number)
            Refused(1);
        else if (_presence.Take(new TagFrame(typed, Once: true), at))
            Queue.Post(new DeviceReport.BadgeRead(Id, Now, at, 0, number, _profile, Live: true));
    }

    private void Refused(int count)
    {
        DriverMetrics.Refused.Add(count);
        if (LogGate.Pass("typed", out var heldBack))
            Log.NoNumber(Logger, Id, _profile.Code, heldBack);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 3520, Level = LogLevel.Warning, Message = "{Device}: it typed what is no number of its kind ({Profile}). ({HeldBack} like it not shown)")]
        public static partial void NoNumber(ILogger logger, DeviceId device, string profile, int heldBack);
    }
}
