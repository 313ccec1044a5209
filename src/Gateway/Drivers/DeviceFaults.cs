namespace FabLab.Gateway.Drivers;

/// <summary>Stable codes of <see cref="DeviceReport.DeviceFaultReport"/>.</summary>
public static class DeviceFaults
{
    /// <summary>Two devices speak under one id: the boot counter goes back and forth, or the broker throws one out for the other, again and again.</summary>
    public const string DuplicateId = "duplicate-id";

    /// <summary>The message authentication code is wrong or missing.</summary>
    public const string WrongMac = "wrong-mac";

    /// <summary>A counter came a second time or went backwards.</summary>
    public const string Replayed = "replayed";

    /// <summary>Not what the contract says: malformed, wrong type, out of limits.</summary>
    public const string Malformed = "malformed";

    /// <summary>Larger than the contract allows.</summary>
    public const string Oversized = "oversized";

    /// <summary>A record the device can never get past us; set aside so that the rest goes on.</summary>
    public const string PoisonRecord = "poison-record";

    /// <summary>The device's settings are not the ones a lease needs, and it does not take them.</summary>
    public const string NotCommissioned = "not-commissioned";

    /// <summary>The relay moved without us (button, rule, somebody else's command).</summary>
    public const string ForeignSwitch = "foreign-switch";

    /// <summary>The device reports a fault of its own.</summary>
    public const string Device = "device";
}
