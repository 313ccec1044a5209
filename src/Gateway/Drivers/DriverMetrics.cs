using System.Diagnostics.Metrics;

namespace FabLab.Gateway.Drivers;

/// <summary>Counters of the drivers, under the meter <c>FabLab.Gateway.Drivers</c>.</summary>
internal static class DriverMetrics
{
    private static readonly Meter Meter = new("FabLab.Gateway.Drivers");

    public static readonly Counter<long> Dropped = Meter.CreateCounter<long>("fablab_driver_dropped", description: "Reports dropped because their reader was late.");
    public static readonly Counter<long> Refused = Meter.CreateCounter<long>("fablab_driver_refused", description: "Messages of devices that were refused: malformed, forged, replayed, retained, unknown.");
    public static readonly Counter<long> Ghosts = Meter.CreateCounter<long>("fablab_driver_ghosts", description: "Badge frames that came alone and were taken for ghosts.");
    public static readonly Counter<long> Undelivered = Meter.CreateCounter<long>("fablab_driver_undelivered", description: "Commands that could not leave because the device or its link was away.");
}
