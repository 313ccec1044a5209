namespace FabLab.Gateway.Drivers;

/// <summary>How much <see cref="DeviceReport.At"/> is worth.</summary>
public enum ReportTime
{
    /// <summary>Seen live, or mapped from the device's uptime by an exchange in the same boot.</summary>
    Exact = 0,

    /// <summary>By the device's own wall clock, which nobody checked.</summary>
    DeviceClock,

    /// <summary>Not known: <see cref="DeviceReport.At"/> is the moment it reached us. Within one boot the milliseconds are still exact.</summary>
    Unknown,
}
