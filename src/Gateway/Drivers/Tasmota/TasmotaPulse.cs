using NodaTime;

namespace FabLab.Gateway.Drivers.Tasmota;

/// <summary>PulseTime: the time after which a Tasmota relay opens by itself, counted again from each POWER ON. 1 to 111 are tenths of a second, 112 to 64900 are seconds above 100.</summary>
internal static class TasmotaPulse
{
    private const int MostTenths = 111;
    private const int SecondsOffset = 100;
    private const int Most = 64_900;

    /// <summary>The setting for a lease: never longer than it, and by less than a second shorter.</summary>
    public static int Of(Duration lease)
    {
        var tenths = (int)Math.Floor(lease.TotalMilliseconds / 100);
        if (tenths < (MostTenths + 1 - SecondsOffset) * 10)
            return Math.Clamp(tenths, 1, MostTenths);
        return Math.Min(Most, SecondsOffset + (int)Math.Floor(lease.TotalSeconds));
    }

    public static Duration ToDuration(int setting) => setting <= MostTenths
        ? Duration.FromMilliseconds(setting * 100)
        : Duration.FromSeconds(setting - SecondsOffset);
}
