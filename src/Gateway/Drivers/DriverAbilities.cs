namespace FabLab.Gateway.Drivers;

/// <summary>What a device can prove. The flow refuses to bind a dangerous machine to one that lacks what the machine needs.</summary>
[Flags]
public enum DriverAbilities
{
    None = 0,

    /// <summary>Its relay opens on the device's own clock when the lease is not renewed.</summary>
    FailsSafeAlone = 1,

    /// <summary>It reports what its relay really is after each command.</summary>
    ConfirmsRelay = 2,

    /// <summary>It measures power.</summary>
    Measures = 4,

    /// <summary>It reads badges.</summary>
    ReadsBadges = 8,

    /// <summary>It shows a message to the person in front of it.</summary>
    HasDisplay = 16,

    /// <summary>It keeps a journal while it is cut off, and forgets a record only after our acknowledgement.</summary>
    Journals = 32,

    /// <summary>It has a relay at all.</summary>
    Switches = 64,

    /// <summary>It keeps an offline list and can decide alone.</summary>
    DecidesOffline = 128,

    /// <summary>It tells of the jobs of a machine. It is asked and never told anything.</summary>
    ReportsJobs = 256,
}
