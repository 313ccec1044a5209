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

    /// <summary>Journal records that neither we nor the device have any more.</summary>
    public const string JournalGap = "journal-gap";

    /// <summary>The device's journal starts anew: its memory was erased.</summary>
    public const string JournalReset = "journal-reset";

    /// <summary>Journal records found no room in the device.</summary>
    public const string RecordsLost = "records-lost";

    /// <summary>The device's wall clock is nonsense, 1970 for instance; its times are ignored.</summary>
    public const string DeviceClock = "device-clock";

    /// <summary>Somebody else's message under this device's name, or a name nobody enrolled.</summary>
    public const string UnknownDevice = "unknown-device";

    /// <summary>A message came out of the broker's memory where only fresh ones count.</summary>
    public const string Retained = "retained";

    /// <summary>A badge number in a form no profile describes.</summary>
    public const string BadgeForm = "badge-form";

    /// <summary>The device refused a command.</summary>
    public const string CommandRefused = "command-refused";

    /// <summary>Prefix of the faults a device reports of itself: <c>device-weld</c>, <c>device-relay</c>, <c>device-meter</c>, …</summary>
    public const string DevicePrefix = "device-";

    /// <summary>Current flows while the relay is open, as the device itself noticed.</summary>
    public const string Weld = "device-weld";

    /// <summary>A reader that must speak sealed does not: in plain text, or with another key. It is not listened to.</summary>
    public const string NotSealed = "not-sealed";

    /// <summary>Somebody opens the device, or takes it off the wall.</summary>
    public const string Tamper = "device-tamper";

    /// <summary>A reader gives three bytes of a number, as Wiegand with 26 bits does: two badges of one lab may have the same.</summary>
    public const string ShortNumbers = "short-numbers";
}
