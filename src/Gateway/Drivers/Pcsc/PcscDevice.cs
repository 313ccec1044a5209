using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.Pcsc;

/// <summary>A reader of the smart card service. It only reads; the link delivers the number of a card once a presentation.</summary>
internal sealed partial class PcscDevice(DeviceId id, ISerialLink link, ReaderProfile profile, TimeProvider time, ILogger logger)
    : ListeningDevice(id, DriverAbilities.ReadsBadges, time, logger), ISerialSink
{
    public void Start() => link.Start(this);

    public void OnBytes(ReadOnlySpan<byte> bytes, long receivedTimestamp)
    {
        if (profile.Parse(Convert.ToHexString(bytes)) is { } number)
        {
            Queue.Post(new DeviceReport.BadgeRead(Id, Now, receivedTimestamp, 0, number, profile, Live: true));
            return;
        }
        DriverMetrics.Refused.Add(1);
        if (LogGate.Pass("number", out var heldBack))
            Log.NoNumber(Logger, Id, bytes.Length, heldBack);
    }

    public void OnLinkChanged(bool up) => Queue.Post(new DeviceReport.LinkReport(Id, Now, Time.GetTimestamp(), up));

    protected override ValueTask CloseAsync() => link.DisposeAsync();

    private static partial class Log
    {
        [LoggerMessage(EventId = 3550, Level = LogLevel.Warning, Message = "{Device}: a card whose number has {Bytes} bytes, or is nothing but zeros. ({HeldBack} like it not shown)")]
        public static partial void NoNumber(ILogger logger, DeviceId device, int bytes, int heldBack);
    }
}
