namespace FabLab.Gateway.Drivers;

/// <summary>Stable words of <see cref="DeviceReport.RelayReport.Cause"/>. The set is open: a device may have a reason of its own.</summary>
public static class RelayCauses
{
    /// <summary>Closed under a lease; or opened because the lease ran out.</summary>
    public const string Lease = "lease";

    /// <summary>Opened because we said so.</summary>
    public const string Told = "told";

    /// <summary>The lease ended and the machine finishes by itself, as its policy says.</summary>
    public const string Keep = "keep";

    /// <summary>Still closed: a sign of life, nothing moved.</summary>
    public const string Use = "use";

    /// <summary>Opened at a hard limit.</summary>
    public const string Cap = "cap";

    /// <summary>Finishing by itself, and the machine drew no more current.</summary>
    public const string Idle = "idle";

    /// <summary>Closed or opened by a badge that the device decided on alone.</summary>
    public const string Offline = "offline";

    /// <summary>Opened because of a fault.</summary>
    public const string Fault = "fault";

    /// <summary>Another session took over, the relay did not move.</summary>
    public const string Handover = "handover";

    /// <summary>The device does not say why.</summary>
    public const string Unknown = "unknown";
}
