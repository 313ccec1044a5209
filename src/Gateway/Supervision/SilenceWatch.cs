namespace FabLab.Gateway.Supervision;

/// <summary>
/// Knows which devices have gone silent. One that is away may be unplugged; two within a minute have a cause in common (power,
/// switch, radio), and that is what the second alarm says.
/// </summary>
public sealed class SilenceWatch(AlarmBoard alarms, TimeProvider time)
{
    public static readonly TimeSpan Together = TimeSpan.FromMinutes(1);

    private const string Site = "site";
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _silentSince = new(StringComparer.Ordinal);

    /// <summary>A device that is no longer of this gateway is not silent.</summary>
    public void Forget(string device) => Report(device, online: true);

    public void Report(string device, bool online)
    {
        var several = false;
        var allBack = false;
        lock (_gate)
        {
            if (online)
            {
                _silentSince.Remove(device);
                allBack = _silentSince.Count < 2;
            }
            else if (_silentSince.TryAdd(device, time.GetTimestamp()))
            {
                several = _silentSince.Count(d => time.GetElapsedTime(d.Value) <= Together) >= 2;
            }
        }
        if (online)
            alarms.Clear(AlarmCodes.DeviceSilent, device);
        else
            alarms.Raise(AlarmCodes.DeviceSilent, device, "The device no longer answers. Its relay opens by its own clock.");
        if (several)
            alarms.Raise(AlarmCodes.SeveralSilent, Site, "Several devices fell silent within a minute: look at power, switch and radio first.");
        if (allBack)
            alarms.Clear(AlarmCodes.SeveralSilent, Site);
    }
}
