using System.Collections.Concurrent;
using FabLab.Core;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers;
using NodaTime;

namespace FabLab.Gateway.Flow;

/// <summary>
/// Puts each report on its device's own clock: boot number and milliseconds since. A report that does not say its milliseconds
/// gets them from the last one that did; a device that does not even number its boots is timed by the gateway's own start. An
/// instant that nobody vouches for (a device that believes it is 1970) is found from the milliseconds instead, where they can be
/// placed.
/// </summary>
internal sealed class DeviceClocks(GatewayClock clock, uint gatewayStart)
{
    /// <summary>Keeps the gateway's own starts apart from the boot numbers of devices.</summary>
    private const uint OurBoots = 0x8000_0000;

    /// <summary>Earlier lives of a device whose records may still come.</summary>
    private const int Lives = 4;

    private static readonly Duration OldestRecord = Duration.FromDays(60);
    private static readonly Duration ClockDoubt = Duration.FromMinutes(2);

    private readonly ConcurrentDictionary<DeviceId, Life[]> _known = [];
    private readonly DeviceTime _ours = new(OurBoots | gatewayStart, 0, clock.Now);

    /// <summary>What a machine remembers of its device's clock from before this gateway started.</summary>
    public void Remember(DeviceId device, DeviceTime time)
    {
        if (time.Boot < OurBoots && Find(device, time.Boot) is null)
            Learn(device, time);
    }

    public DeviceTime Of(DeviceReport report)
    {
        var at = clock.FromSystem(report.At);
        var boot = report.Key?.Boot ?? (report as DeviceReport.LinkReport)?.Boot ?? Latest(report.Device)?.Boot;
        if (boot is not { } number)
            return _ours.ShiftTo(at);
        var known = Find(report.Device, number);
        var sure = report.Time == ReportTime.Exact || (report.Time == ReportTime.DeviceClock && IsPlausible(at));
        if (Uptime(report) is not { } up)
            return sure || known is null ? (known ?? Learn(report.Device, new DeviceTime(number, 0, at))).ShiftTo(at) : known.Value;
        if (report.Time == ReportTime.Exact)
            return Learn(report.Device, new DeviceTime(number, up, at));
        // The same life of the device was placed before: its milliseconds say when this was.
        if (known is { } placed)
            return new DeviceTime(number, up, placed.At + Duration.FromMilliseconds(up - placed.UpMs));
        return new DeviceTime(number, up, sure ? at : Instant.Min(at, clock.Now));
    }

    /// <summary>A moment of which only the instant is known.</summary>
    public DeviceTime At(DeviceId device, Instant instant) => (Latest(device) ?? _ours).ShiftTo(instant);

    private bool IsPlausible(Instant at)
    {
        var now = clock.Now;
        return at > now - OldestRecord && at < now + ClockDoubt;
    }

    private static long? Uptime(DeviceReport report) => report switch
    {
        DeviceReport.RelayReport relay => relay.UptimeMs,
        DeviceReport.LinkReport link => link.UptimeMs,
        DeviceReport.PowerReport power => power.UptimeMs,
        _ => null,
    };

    private DeviceTime? Latest(DeviceId device)
    {
        if (!_known.TryGetValue(device, out var lives))
            return null;
        DeviceTime? latest = null;
        foreach (var life in lives)
        {
            if (latest is null || life.Time.Boot > latest.Value.Boot)
                latest = life.Time;
        }
        return latest;
    }

    private DeviceTime? Find(DeviceId device, uint boot)
    {
        foreach (var life in _known.GetValueOrDefault(device, []))
        {
            if (life.Time.Boot == boot)
                return life.Time;
        }
        return null;
    }

    private DeviceTime Learn(DeviceId device, DeviceTime time)
    {
        _known.AddOrUpdate(
            device,
            _ => [new Life(time)],
            (_, lives) => [new Life(time), .. lives.Where(l => l.Time.Boot != time.Boot).OrderByDescending(l => l.Time.Boot).Take(Lives - 1)]);
        return time;
    }

    private sealed record Life(DeviceTime Time);
}
