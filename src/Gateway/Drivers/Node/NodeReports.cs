using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Protocol;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Peer;
using NodaTime;
using DeviceId = FabLab.Core.DeviceId;

namespace FabLab.Gateway.Drivers.Node;

/// <summary>From the protocol's words to the gateway's. One record of a journal is one report, under its key.</summary>
internal static class NodeReports
{
    public static DeviceReport Of(DeviceId device, PeerOutput.Recorded recorded, PeerMemory memory, Instant now, long received)
    {
        var record = recorded.Record;
        var key = new JournalKey(device, record.Boot, record.Seq);
        var (at, time) = TimeOf(recorded.Time, now);
        DeviceReport report = record switch
        {
            BadgeRecord badge when Badge(badge.Tag) is var (number, profile) =>
                new DeviceReport.BadgeRead(device, at, received, badge.Reader, number, profile, recorded.Live, key),
            GrantRecord grant when Badge(grant.Tag) is var (number, profile) =>
                new DeviceReport.OfflineUseReport(device, at, received, grant.Channel, number, profile, Granted: true, null, grant.List, NodeSessions.FromWire(device, grant.Session), key),
            DenyRecord deny when Badge(deny.Tag) is var (number, profile) =>
                new DeviceReport.OfflineUseReport(device, at, received, deny.Channel, number, profile, Granted: false, deny.Why, deny.List, null, key),
            BadgeRecord or GrantRecord or DenyRecord =>
                new DeviceReport.DeviceFaultReport(device, at, received, DeviceFaults.BadgeForm, "a badge in a form no reader profile describes", Key: key),
            OnRecord on =>
                Relay(on.Channel, closed: true, on.Off ? RelayCauses.Offline : RelayCauses.Lease, on.Session, null, on.MilliWattHours),
            OffRecord off =>
                Relay(off.Channel, closed: false, Cause(off.Why), off.Session, off.Ms, off.MilliWattHours),
            KeepRecord keep =>
                Relay(keep.Channel, closed: true, RelayCauses.Keep, keep.Session, keep.Ms, keep.MilliWattHours),
            UseRecord use =>
                Relay(use.Channel, closed: true, RelayCauses.Use, use.Session, use.Ms, use.MilliWattHours),
            BootRecord boot =>
                new DeviceReport.UnknownTimeReport(
                    device, at, received, LastSign(boot, memory, at - Duration.FromMilliseconds(boot.Up)), at - Duration.FromMilliseconds(boot.Up), boot.On, boot.Why, key),
            LostRecord lost =>
                new DeviceReport.UnknownTimeReport(device, at, received, null, at, 0, UnknownTimeCauses.Lost, key),
            FaultRecord fault =>
                new DeviceReport.DeviceFaultReport(device, at, received, DeviceFaults.DevicePrefix + fault.Code, null, fault.Channel, key, fault.Standing),
            _ =>
                new DeviceReport.DeviceFaultReport(device, at, received, DeviceFaults.PoisonRecord, $"a record of the kind {record.Kind}, which this gateway does not know", Key: key),
        };
        return report with { Time = time };

        DeviceReport.RelayReport Relay(int channel, bool closed, string cause, string session, long? ms, long? milliWattHours) =>
            new(device, at, received, channel, closed, cause, NodeSessions.FromWire(device, session), record.Up, key, ms, milliWattHours / 1000.0);
    }

    public static DeviceReport.LinkReport Online(DeviceId device, Birth birth, bool newBoot, Instant now, long received) =>
        new(device, now, received, Online: true, birth.Firmware, birth.Boot, newBoot, Closed(device, birth), birth.Up);

    public static Dictionary<int, SessionId?> Closed(DeviceId device, Birth birth)
    {
        var closed = new Dictionary<int, SessionId?>();
        foreach (var relay in birth.Closed)
        {
            // A session in no form we know is still a closed relay.
            closed[relay.Channel] = NodeSessions.FromWire(device, relay.Session);
        }
        return closed;
    }

    public static DeviceReport.PowerReport? Power(DeviceId device, PeerOutput.Metered metered, Birth? birth, Instant now, long received)
    {
        if (birth is null || metered.Reading.Index >= birth.Meters.Count)
            return null;
        var (at, time) = TimeOf(metered.Time, now);
        return new DeviceReport.PowerReport(
            device, at, received, birth.Meters[metered.Reading.Index], metered.Reading.MilliWatts / 1000.0, metered.Reading.MilliWattHours / 1000.0, null, metered.Reading.Up)
        { Time = time };
    }

    public static DeviceReport.DeviceFaultReport? Alarm(DeviceId device, PeerOutput.Alarm alarm, Instant now, long received)
    {
        var (code, detail) = alarm.Kind switch
        {
            PeerAlarm.DuplicateIdentity => (DeviceFaults.DuplicateId, "two devices with different chips use this name; nothing is granted to either until one is enrolled again"),
            PeerAlarm.JournalGap => (DeviceFaults.JournalGap, $"records {alarm.From} to {alarm.To} are neither here nor there"),
            PeerAlarm.JournalReset => (DeviceFaults.JournalReset, "its journal starts anew: its memory was erased"),
            PeerAlarm.DeviceClock => (DeviceFaults.DeviceClock, "its clock is nonsense and is ignored"),
            PeerAlarm.CounterBehind => (DeviceFaults.Replayed, "authentic messages under numbers used before: a copy of the device, or its memory was set back"),
            // Comes with the record itself, under its key.
            _ => (null, null),
        };
        return code is null ? null : new DeviceReport.DeviceFaultReport(device, now, received, code, detail);
    }

    public static string CodeOf(FaultReason reason) => reason switch
    {
        FaultReason.TooLong => DeviceFaults.Oversized,
        FaultReason.BadTrailer or FaultReason.UnknownKey or FaultReason.BadCode => DeviceFaults.WrongMac,
        FaultReason.OldCounter or FaultReason.OtherBoot => DeviceFaults.Replayed,
        FaultReason.Retained => DeviceFaults.Retained,
        _ => DeviceFaults.Malformed,
    };

    private static (Instant At, ReportTime Time) TimeOf(EventTime time, Instant now) => time switch
    {
        { UtcMs: { } ms, Quality: TimeQuality.Mapped } => (Instant.FromUnixTimeMilliseconds(ms), ReportTime.Exact),
        { UtcMs: { } ms, Quality: TimeQuality.Device } => (Instant.FromUnixTimeMilliseconds(ms), ReportTime.DeviceClock),
        _ => (now, ReportTime.Unknown),
    };

    private static Instant? LastSign(BootRecord boot, PeerMemory memory, Instant start)
    {
        foreach (var clock in memory.Clocks)
        {
            // Two boots are mapped by two exchanges, each right to a round trip: a short gap may come out negative, and is none.
            if (clock.Boot == boot.LastBoot)
                return Instant.Min(start, Instant.FromUnixTimeMilliseconds(clock.ZeroUtcMs + boot.LastUp));
        }
        return null;
    }

    /// <summary>
    /// The number of a tag in its canonical text, and how its reader spells: the text says by its length what the reader left of the number.
    /// </summary>
    internal static (BadgeNumber Number, ReaderProfile Profile)? Badge(string tag)
    {
        if (BadgeNumber.Parse(tag) is not { } number)
            return null;
        var profile = (number.Family, number.Bytes) switch
        {
            (BadgeFamily.Em, 5) => ReaderProfile.EmHex,
            (BadgeFamily.Em, 4) => ReaderProfile.EmHex8,
            (BadgeFamily.Em, 3) => ReaderProfile.EmFacilityAndCard,
            (BadgeFamily.Wiegand, 4) => ReaderProfile.Wiegand34Hex,
            (BadgeFamily.Wiegand, 3) => ReaderProfile.Wiegand26Hex,
            (BadgeFamily.Iso, 4 or 7 or 10) => ReaderProfile.IsoHex,
            _ => null,
        };
        return profile is null ? null : (number, profile);
    }

    private static string Cause(string why) => why switch
    {
        OffWhy.Tap => RelayCauses.Offline,
        _ => why,
    };
}
