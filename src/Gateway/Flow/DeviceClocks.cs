using System.Collections.Concurrent;
using FabLab.Core;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers;
using NodaTime;

namespace FabLab.Gateway.Flow;

/// <summary>
/// Puts each report on its device's own clock: boot number and milliseconds since. A report that does not say its milliseconds
/// gets them from the last one that did; a device that does not even number its boots is timed by the gateway's own start.
/// </summary>
internal sealed class DeviceClocks(GatewayClock clock, uint gatewayStart)
{
    /// <summary>Keeps the gateway's own starts apart from the boot numbers of devices.</summary>
    private const uint OurBoots = 0x8000_0000;

    private readonly ConcurrentDictionary<DeviceId, DeviceTime> _known = [];
    private readonly DeviceTime _ours = new(OurBoots | gatewayStart, 0, clock.Now);

    /// <summary>What a machine remembers of its device's clock from before this gateway started.</summary>
    public void Remember(DeviceId device, DeviceTime time)
    {
        if (time.Boot < OurBoots && (!_known.TryGetValue(device, out var known) || time.At > known.At))
            _known[device] = time;
    }

    public DeviceTime Of(DeviceReport report)
    {
        var at = clock.FromSystem(report.At);
        _known.TryGetValue(report.Device, out var known);
        var boot = report.Key?.Boot ?? (report as DeviceReport.LinkReport)?.Boot ?? (known.Boot > 0 ? known.Boot : null);
        if (boot is not { } number)
            return _ours.ShiftTo(at);
        var up = report switch
        {
            DeviceReport.RelayReport relay => relay.UptimeMs,
            DeviceReport.LinkReport link => link.UptimeMs,
            DeviceReport.PowerReport power => power.UptimeMs,
            _ => null,
        };
        if (up is not { } ms)
            return known.Boot == number ? known.ShiftTo(at) : Learn(report.Device, known, new DeviceTime(number, 0, at));
        return Learn(report.Device, known, new DeviceTime(number, ms, at));
    }

    /// <summary>A moment of which only the instant is known.</summary>
    public DeviceTime At(DeviceId device, Instant instant) =>
        (_known.TryGetValue(device, out var known) ? known : _ours).ShiftTo(instant);

    private DeviceTime Learn(DeviceId device, DeviceTime known, DeviceTime time)
    {
        // A record out of an earlier life of the device is on its own clock and says nothing about the present one.
        if (time.Boot >= known.Boot)
            _known[device] = time;
        return time;
    }
}
