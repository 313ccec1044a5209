namespace FabLab.Gateway.Drivers;

/// <summary>The words of <see cref="DeviceReport.UnknownTimeReport.Why"/> that change what follows. The set is open.</summary>
public static class UnknownTimeCauses
{
    /// <summary>Records of the device's journal found no room: a gap in what it knows, not a new start.</summary>
    public const string Lost = "lost";
}
